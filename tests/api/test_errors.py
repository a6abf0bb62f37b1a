"""Whatever goes wrong, the answer has one shape, and is neither a page nor a failure of apta."""

import json
from typing import Any

import pytest
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.test import Client, override_settings

from workplan.accounts.authentication import CHALLENGE
from workplan.models import Activity, ApiToken, StatusUpdate


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The error of ``answer``, which must have the one shape."""
    assert answer.status_code == status, answer.content[:300]
    assert answer["Content-Type"] == "application/json"
    error: dict[str, Any] = answer.json()["error"]
    assert list(error) == ["code", "message", "fields"]
    assert error["code"] == code
    assert error["message"].strip()
    return error


UNKNOWN = [
    *("/api/v1/nothing/", "/api/v1/activities/abc/", "/api/v1/activities/-1/", "/api/v1/activities/1/x/"),
    *("/api/v1/activities", "/api/v1/activities/1/updates", "/api/v1/%00/", "/api/v1/%0A", "/api/v1/%ED%A0%80/"),
    *("/api/v1/activities/%D9%A1/", f"/api/v1/activities/{'9' * 5000}/", "/api/v1/updates/1/praise/"),
    *("/api/", "/api/v2/plans/"),
]


@pytest.mark.parametrize("address", UNKNOWN, ids=lambda address: address[:40])
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_there_is_nothing_at_an_unknown_address(plan: Any, cast: Any, api: Any, address: str, method: str) -> None:
    for user in (cast.visitor, cast.secretariat):
        refused(getattr(api(user), method)(address), 404, "not_found")


@pytest.mark.parametrize(
    "name", ["plans", "sections", "provisions", "areas", "bodies", "activities", "updates", "rounds", "contributions"]
)
def test_a_record_that_is_not_there_is_not_found(plan: Any, api: Any, name: str) -> None:
    for key in (0, 10**9, 10**30):
        refused(api().get(f"/api/v1/{name}/{key}/"), 404, "not_found")
    refused(api().get("/api/v1/bodies/%00/"), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("post", "/api/v1/activities/"),
        ("put", "/api/v1/activities/1/"),
        ("patch", "/api/v1/activities/1/"),
        ("put", "/api/v1/updates/1/"),
        ("get", "/api/v1/updates/1/submit/"),
        ("get", "/api/v1/updates/1/evidence/"),
        ("delete", "/api/v1/contributions/1/"),
        ("get", "/api/v1/rounds/1/open/"),
        ("post", "/api/v1/rounds/1/completion/"),
        ("delete", "/api/v1/activities/1/updates/"),
        ("post", "/api/v1/summary/"),
        ("post", "/api/v1/schema/"),
        ("get", "/api/v1/token/"),
    ],
)
def test_a_method_that_is_not_meant_is_answered_with_those_that_are(
    plan: Any, cast: Any, api: Any, method: str, address: str
) -> None:
    for user in (cast.visitor, cast.somtc, cast.secretariat):
        answer = getattr(api(user), method)(address)
        refused(answer, 405, "method_not_allowed")
        assert method.upper() not in answer["Allow"]


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "BREW"])
def test_a_strange_method_is_refused(plan: Any, method: str) -> None:
    answer = Client().generic(method, "/api/v1/activities/")
    refused(answer, 405, "method_not_allowed")
    assert {"GET", "HEAD", "OPTIONS"} == set(answer["Allow"].split(", "))


def test_a_method_in_small_letters_is_understood(plan: Any) -> None:
    assert Client().generic("get", "/api/v1/activities/").json()["count"] == plan.activitys.count()


def test_options_say_what_may_be_done(plan: Any, api: Any) -> None:
    answer = api().options("/api/v1/activities/1/updates/")
    assert (answer.status_code, answer.content) == (204, b"")
    assert {"GET", "POST"} <= set(answer["Allow"].split(", "))


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/*", "nonsense"])
def test_only_json_is_given_out(plan: Any, api: Any, accept: str) -> None:
    refused(api().get("/api/v1/plans/", headers={"Accept": accept}), 406, "not_acceptable")


@pytest.mark.parametrize("accept", ["application/json", "application/*", "*/*", "text/html, */*;q=0.1"])
def test_json_is_given_to_whoever_takes_it(plan: Any, api: Any, accept: str) -> None:
    assert api().get("/api/v1/plans/", headers={"Accept": accept}).status_code == 200


TOKENS = [
    *("Bearer", "Bearer x", "Bearer " + "0" * 64 + " x", "Token", "Token x", "Token a b", "Token " + "0" * 64),
    *("Token \xff\xfe", "Token " + "ü" * 64, "Token \x00"),
]


@pytest.mark.parametrize("header", TOKENS)
def test_a_token_that_is_none_is_refused(plan: Any, header: str) -> None:
    answer = Client().get("/api/v1/plans/", HTTP_AUTHORIZATION=header)
    refused(answer, 401, "authentication_failed")
    assert answer["WWW-Authenticate"] == CHALLENGE


@pytest.mark.parametrize("header", ["Basic c2FyaTpwdw==", "Digest a=b", "0" * 64, "", " ", "Bearer, Token", "Tökén x"])
@pytest.mark.parametrize("public", [True, False])
def test_another_kind_of_sign_in_is_refused(plan: Any, header: str, public: bool) -> None:
    """Answered as a visitor, a program would take the fewer rows that a visitor sees for all that there are."""
    with override_settings(PUBLIC_READ=public):
        answer = Client().get("/api/v1/plans/", HTTP_AUTHORIZATION=header)
    refused(answer, 401, "authentication_failed")
    assert answer["WWW-Authenticate"] == CHALLENGE


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Token", "TOKEN"])
def test_a_token_is_sent_by_either_name(plan: Any, cast: Any, scheme: str) -> None:
    _, token = ApiToken.objects.create(user=cast.secretariat)
    with override_settings(PUBLIC_READ=False):
        assert Client().get("/api/v1/plans/", headers={"Authorization": f"{scheme} {token}"}).status_code == 200


BODIES: list[tuple[bytes, int, str]] = [
    (b"", 400, "invalid"),
    (b"{", 400, "parse_error"),
    (b"nonsense", 400, "parse_error"),
    (b'{"status": NaN}', 400, "parse_error"),
    (b'{"status": -Infinity}', 400, "parse_error"),
    (b'{"status": "\xff"}', 400, "parse_error"),
    (b'\xef\xbb\xbf\xef\xbb\xbf{"status": "ongoing"}', 400, "parse_error"),
    (b"[" * 200_000, 400, "parse_error"),
    (b'{"a":' * 100_000, 400, "parse_error"),
    (b'{"status": "ongoing", "status": "completed"}', 400, "parse_error"),
    (b'{"status": ' + b"9" * 10_000 + b"}", 400, "parse_error"),
    (b'{"status": 1e999}', 400, "invalid"),
    (b"[]", 400, "invalid"),
    (b"null", 400, "invalid"),
    (b'"text"', 400, "invalid"),
    (b"17", 400, "invalid"),
    (b"{}" + b" " * (13 * 1024 * 1024), 413, "too_large"),
    (b'{"narrative": "' + b"x" * (13 * 1024 * 1024) + b'"}', 413, "too_large"),
]


@pytest.mark.parametrize(
    ("body", "status", "code"), BODIES, ids=[f"{place} {row[0]!r:.40}" for place, row in enumerate(BODIES)]
)
def test_a_body_that_cannot_be_read_is_refused(
    plan: Any, cast: Any, api: Any, body: bytes, status: int, code: str
) -> None:
    activity = Activity.objects.get(plan=plan, ref="A.1.1.1")
    answer = api(cast.secretariat).post(
        f"/api/v1/activities/{activity.pk}/updates/",
        body,
        content_type="application/json",
        headers={"If-Match": '"1"'},
    )
    refused(answer, status, code)
    assert not StatusUpdate.objects.exists()


def test_what_stands_twice_is_named(plan: Any, api: Any) -> None:
    body = b'{"username": "sari", "username": "ben", "password": "x"}'
    answer = api().post("/api/v1/token/", body, content_type="application/json")
    assert "“username”" in refused(answer, 400, "parse_error")["message"]


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/merge-patch+json", "", "x" * 999]
)
def test_only_json_is_read(plan: Any, cast: Any, content_type: str) -> None:
    activity = Activity.objects.get(plan=plan, ref="A.1.1.1")
    browser = Client()
    browser.force_login(cast.secretariat)
    answer = browser.post(
        f"/api/v1/activities/{activity.pk}/updates/",
        b'{"status": "ongoing"}',
        content_type=content_type,
        headers={"If-Match": '"1"'},
    )
    refused(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "hex", "rot13", "nonsense"])
def test_a_charset_changes_nothing(plan: Any, charset: str) -> None:
    answer = Client().generic(
        "GET", "/api/v1/plans/?plan=tip-2016-2020", content_type=f"application/json; charset={charset}"
    )
    assert answer.status_code == 200


def test_a_body_in_chunks_is_refused_instead_of_taken_for_none(plan: Any, cast: Any, api: Any) -> None:
    answer = Client().generic("POST", "/api/v1/token/", headers={"Transfer-Encoding": "chunked"})
    assert "Content-Length" in refused(answer, 411, "length_required")["message"]


def test_more_parameters_than_anyone_means_are_refused(plan: Any, api: Any) -> None:
    refused(api().get("/api/v1/plans/?" + "&".join(f"a{n}=1" for n in range(6_000))), 400, "bad_request")


@pytest.mark.parametrize(
    ("problem", "status", "code"),
    [
        (OperationalError("database is locked"), 503, "busy"),
        (InterfaceError("connection already closed"), 503, "busy"),
        (IntegrityError("UNIQUE constraint failed"), 409, "conflict"),
        (DataError("value too long"), 400, "invalid"),
    ],
)
def test_what_the_database_refuses_is_told_in_the_same_shape(
    plan: Any, cast: Any, api: Any, monkeypatch: Any, problem: Exception, status: int, code: str
) -> None:
    def fail(**_: Any) -> None:
        raise problem

    monkeypatch.setattr("workplan.api.views.activities.record_status", fail)
    activity = Activity.objects.get(plan=plan, ref="A.1.1.1")
    answer = api(cast.secretariat).post(
        f"/api/v1/activities/{activity.pk}/updates/",
        {"status": "ongoing", "as_of": "2018-01-01", "narrative": "x"},
        headers={"If-Match": '"1"'},
    )
    error = refused(answer, status, code)
    assert str(problem) not in error["message"]
    assert ("Retry-After" in answer) == (status == 503)


def test_a_fault_of_apta_is_told_in_the_same_shape(plan: Any, monkeypatch: Any) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("workplan.monitoring.summary.tally", fail)
    answer = Client(raise_request_exception=False).get("/api/v1/summary/")
    refused(answer, 500, "server_error")


# Tokens


CREDENTIALS: list[tuple[Any, int, str]] = [
    ({"username": "sari", "password": "wrong"}, 401, "authentication_failed"),
    ({"username": "nobody", "password": "wrong"}, 401, "authentication_failed"),
    ({"username": "sari"}, 400, "invalid"),
    ({"username": "sari", "password": ""}, 400, "invalid"),
    ({"username": "sa\x00ri", "password": "x"}, 400, "invalid"),
    ({"username": "\ud800", "password": "\ud800"}, 400, "invalid"),
    ({"username": "x" * 50_000, "password": "x"}, 400, "invalid"),
    ({"username": "sari", "password": "x" * 50_000}, 400, "invalid"),
    ({"username": ["sari"], "password": {}}, 400, "invalid"),
    ({"username": "sari", "password": "x", "ttl": 5}, 400, "invalid"),
    ([], 400, "invalid"),
]


@pytest.mark.parametrize(
    ("body", "status", "code"), CREDENTIALS, ids=[f"{place} {row[0]!r:.40}" for place, row in enumerate(CREDENTIALS)]
)
def test_no_token_without_the_right_password(cast: Any, body: Any, status: int, code: str) -> None:
    answer = Client().post("/api/v1/token/", json.dumps(body), content_type="application/json")
    refused(answer, status, code)
    assert not ApiToken.objects.exists()
    if status == 401:
        assert answer["WWW-Authenticate"] == CHALLENGE


def test_guessing_passwords_is_slow(cast: Any, api: Any) -> None:
    answers = [
        api().post(
            "/api/v1/token/",
            {"username": f"nobody{number}", "password": "123456"},
            headers={"X-Forwarded-For": f"10.0.0.{number}"},
        )
        for number in range(21)
    ]
    assert {answer.status_code for answer in answers[:20]} == {401}
    refused(answers[20], 429, "throttled")
    assert int(answers[20]["Retry-After"]) > 0


def test_asking_for_tokens_with_the_right_password_is_not_guessing(cast: Any, api: Any) -> None:
    from tests.conftest import PASSWORD

    asked = [api().post("/api/v1/token/", {"username": "sari", "password": PASSWORD}) for _ in range(25)]

    assert {answer.status_code for answer in asked} == {201}


def test_an_account_has_no_more_tokens_than_it_may(cast: Any, api: Any) -> None:
    from tests.conftest import PASSWORD

    for _ in range(100):
        ApiToken.objects.create(user=cast.secretariat)
    answer = api().post("/api/v1/token/", {"username": "sari", "password": PASSWORD})
    refused(answer, 409, "too_many_tokens")


def test_a_closed_account_has_no_sign_in(cast: Any, api: Any) -> None:
    from tests.conftest import PASSWORD

    _, token = ApiToken.objects.create(user=cast.secretariat)
    cast.secretariat.is_active = False
    cast.secretariat.save()
    refused(api().get("/api/v1/plans/", headers={"Authorization": f"Token {token}"}), 401, "authentication_failed")
    answer = api().post("/api/v1/token/", {"username": "sari", "password": PASSWORD})
    refused(answer, 401, "authentication_failed")


def test_only_a_token_can_be_given_back(cast: Any) -> None:
    browser = Client()
    browser.force_login(cast.secretariat)
    refused(browser.delete("/api/v1/token/"), 401, "authentication_failed")
