"""What is too large is refused before it is read, by its address and by who asks."""

import asyncio
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.asgi import get_asgi_application
from django.core.signals import request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client, override_settings
from django.urls import resolve
from rest_framework.test import APIClient

from apta.servers import with_counted_body, with_text_charset
from tests.answer_text import text
from tests.conftest import Cast
from workplan.models import Activity, ApiToken, StatusUpdate, WorkPlan

Page = Callable[..., Client]
KB, MB = 1024, 1024 * 1024
PLAN = "/plans/tip-2016-2020/"
RECORD = f"{PLAN}activities/A.1.1.1/update/"
FORM = "application/x-www-form-urlencoded"


class Unread(io.BytesIO):
    """A body that says how much of it was read, however long its header says it is."""

    amount = 0

    def read(self, size: int | None = -1) -> bytes:
        found = super().read(size)
        self.amount += len(found)
        return found


def send(client: Client, address: str, length: int, *, body: bytes = b"", kind: str = FORM, **more: Any) -> Any:
    """Post ``body`` to ``address`` as if it had ``length`` bytes; the answer tells the ``amount_read`` of it."""
    stream = Unread(body or b"x" * min(length, MB))
    head: dict[str, Any] = {"wsgi.input": stream, "CONTENT_LENGTH": str(length), "CONTENT_TYPE": kind}
    answer: Any = client.generic("POST", address, **head | more)
    answer.amount_read = stream.amount
    return answer


# Who, where, how much is taken, and the length of what is refused.
LIMITS = [
    ("visitor", "/accounts/login/", 64 * KB),
    ("visitor", "/accounts/password/reset/", 64 * KB),
    ("secretariat", "/accounts/password/change/", 64 * KB),
    ("visitor", "/api/v1/token/", 64 * KB),
    ("visitor", f"{PLAN}questions/", MB),
    ("visitor", "/my/alike/", MB),
    ("visitor", "/admin/workplan/activity/add/", MB),
    ("secretariat", f"{PLAN}questions/", 2 * MB),
    ("secretariat", "/admin/workplan/activity/add/", 2 * MB),
    ("secretariat", RECORD, 120 * MB),
    ("somtc", f"{PLAN}activities/A.1.1.1/report/", 120 * MB),
    ("secretariat", "/api/v1/activities/1/updates/", 2 * MB),
    ("secretariat", "/api/v1/updates/1/evidence/", 11 * MB),
    ("visitor", "/api/v1/activities/1/updates/", 2 * MB),
]


@pytest.mark.parametrize(("who", "address", "most"), LIMITS, ids=[f"{who} {way}" for who, way, _ in LIMITS])
def test_more_than_its_limit_is_refused_before_a_byte_is_read(
    cast: Cast, page: Page, who: str, address: str, most: int
) -> None:
    client = page(getattr(cast, who))

    for kind in (FORM, "multipart/form-data; boundary=x", "application/json"):
        answer = send(client, address, most + 1, kind=kind)
        assert answer.status_code == 413
        assert answer.amount_read == 0 or (most == 120 * MB and answer.amount_read < MB)  # for the words of the form
        if address.startswith("/api/"):
            error = answer.json()["error"]
            assert error["code"] == "too_large" and "at most" in error["message"] and error["fields"] == {}
        else:
            assert "<h1>Too large</h1>" in text(answer) and "at most" in text(answer)
    assert send(client, address, most, kind="text/plain", body=b"x").status_code != 413


def test_nothing_of_a_visitor_is_read_where_only_known_people_write(cast: Cast) -> None:
    answer = send(Client(), "/api/v1/activities/1/updates/", MB, kind="application/json")

    assert (answer.status_code, answer.amount_read) == (401, 0)


def form_with_file(size: int, **words: str) -> bytes:
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in words.items()
    ]
    name = "evidence-0-file"
    parts.append(f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="a.pdf"\r\n\r\n')
    return "".join(parts).encode() + b"%PDF-" + b"0" * size + b"\r\n--x--\r\n"


def test_who_was_signed_out_gets_the_words_back_and_leaves_no_file(
    cast: Cast, tmp_path: Path, settings: Any, monkeypatch: Any
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR, settings.FILE_UPLOAD_MAX_MEMORY_SIZE = str(tmp_path), 0
    made: list[Any] = []
    monkeypatch.setattr("django.core.files.uploadhandler.TemporaryUploadedFile", lambda *args: made.append(args))
    body = form_with_file(8 * MB, narrative="Typed with care", version="1")

    answer = send(Client(), RECORD, len(body), body=body, kind="multipart/form-data; boundary=x")

    assert answer.status_code == 403 and "Typed with care" in text(answer)
    assert answer.amount_read < 2 * MB and made == [] and list(tmp_path.iterdir()) == []


def test_who_sends_too_many_files_gets_the_words_back(cast: Cast, page: Page, settings: Any, monkeypatch: Any) -> None:
    """What was typed is not kept by the browser: pages of who is signed in are not stored."""
    monkeypatch.setattr(resolve(RECORD).func, "largest_body", 11 * MB)
    body = form_with_file(12 * MB, narrative="Typed with care", version="1")

    answer = send(page(cast.secretariat), RECORD, len(body), body=body, kind="multipart/form-data; boundary=x")

    assert answer.status_code == 413 and answer.amount_read < 2 * MB
    assert "at most 11 MB" in text(answer) and "Typed with care" in text(answer)


def test_a_body_without_length_is_refused_unread_on_pages_too(cast: Cast) -> None:
    answer = Client().generic(
        "POST", "/accounts/login/", b"", FORM, HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH=""
    )

    assert answer.status_code == 400 and "Content-Length" in text(answer)


def test_the_limits_are_settings(cast: Cast, page: Page) -> None:
    with override_settings(BODY_LIMIT=3 * MB, ANONYMOUS_BODY_LIMIT=100 * KB):
        assert send(page(cast.secretariat), f"{PLAN}questions/", 3 * MB + 1).status_code == 413
        assert send(page(), f"{PLAN}questions/", 100 * KB + 1).status_code == 413


def test_a_report_as_long_as_a_report_can_be_is_taken_however_it_is_written(
    cast: Cast, page: Page, plan: WorkPlan
) -> None:
    """Four texts of 20,000 characters in Khmer, and fifty links, as a form and as JSON that is escaped throughout."""
    activity = Activity.objects.get(ref="A.1.1.1")
    words = dict.fromkeys(("narrative", "outputs_delivered", "challenges", "next_steps"), "ក" * 20_000)
    report = {"status": "ongoing", "as_of": "2018-06-30", **words}
    links = [{"title": "ក" * 300, "url": f"https://example.org/{place}"} for place in range(50)]
    rows = {f"evidence-{place}-{name}": value for place, link in enumerate(links) for name, value in link.items()}
    counted = {"evidence-TOTAL_FORMS": "50", "evidence-INITIAL_FORMS": "0"}

    form = page(cast.secretariat).post(RECORD, {**report, **rows, **counted, "kind": "progress", "version": "1"})
    program = APIClient()
    program.credentials(HTTP_AUTHORIZATION=f"Token {ApiToken.objects.create(user=cast.secretariat)[1]}")
    sent = json.dumps({**report, "as_of": "2018-07-01", "evidence": links})
    answer = program.post(
        f"/api/v1/activities/{activity.pk}/updates/", sent, content_type="application/json", HTTP_IF_MATCH='"2"'
    )

    assert len(sent) > 480_000
    assert (form.status_code, answer.status_code) == (302, 201)
    assert StatusUpdate.objects.count() == 2


def asked_by_asgi(length: int, said: int | None, chunk: int = 256 * KB) -> tuple[int, bytes, int]:
    """The status and body of the answer to a body of ``length`` bytes, and how many of them were asked for."""
    sent: list[dict[str, Any]] = []
    given = 0

    async def receive() -> dict[str, Any]:
        nonlocal given
        if given >= length:
            await asyncio.sleep(3600)
        given += chunk
        return {"type": "http.request", "body": b" " * chunk, "more_body": given < length}

    async def answer(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"content-type", b"application/json; charset=hex")]
    if said is not None:
        headers.append((b"content-length", str(said).encode()))
    scope = {"type": "http", "method": "POST", "path": "/api/v1/token/", "query_string": b"a=1", "headers": headers}
    asyncio.run(
        with_counted_body(get_asgi_application())({**scope, "http_version": "1.1", "scheme": "http"}, receive, answer)
    )
    return sent[0]["status"], b"".join(one.get("body", b"") for one in sent), given


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("said", [None, 200 * MB])
def test_a_body_is_counted_while_it_is_read_where_a_server_stores_it_first(settings: Any, said: int | None) -> None:
    settings.UPLOAD_LIMIT = MB

    status, body, _ = asked_by_asgi(8 * MB, said)

    assert status == 413 and json.loads(body)["error"]["code"] == "too_large"


def asked_by_wsgi(address: str, content_type: str) -> str:
    """The status of the answer to the server that asks ``address`` with a parameter."""
    started: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": address,
        "QUERY_STRING": "plan=tip-2016-2020",
        "CONTENT_TYPE": content_type,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.input": io.BytesIO(),
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
    }
    list(
        with_text_charset(get_wsgi_application())(
            environ, lambda status, headers, exc_info=None: started.append(status)
        )
    )
    return started[0][:3]


@pytest.mark.parametrize("charset", ["hex", "rot13", "nonsense", "utf-16", "utf-8"])
def test_a_charset_of_no_text_fails_nowhere(cast: Cast, charset: str) -> None:
    """Django reads the address by it before any code of ours: the server hands it over without."""
    request_started.disconnect(close_old_connections)
    try:
        found = [asked_by_wsgi(address, f"text/plain; charset={charset}") for address in ("/plans/", "/api/v1/plans/")]
    finally:
        request_started.connect(close_old_connections)

    assert found == ["200", "200"]
