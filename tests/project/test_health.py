"""What watches over apta is told how it is; what people wrote, and what lets them in, is told to nobody."""

import datetime
import io
import json
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from apta.health import errors, metrics, state
from apta.logs import JSONFormatter, LineFormatter, RequestIdFilter
from tests.conftest import PASSWORD, Cast
from workplan.actions import integrity, make_token
from workplan.actions.actor import Actor
from workplan.models import Activity, AuditSeal, Digest, WorkPlan
from workplan.notifications.password_reset import link_for

TOKEN = "a-token-of-the-tests-0123456789"


def ready() -> tuple[int, dict[str, Any]]:
    answer = Client(headers={"host": "10.0.0.7"}).get("/readyz")
    return answer.status_code, answer.json()


# Whether it answers


def test_a_process_is_alive_whatever_host_is_asked_and_without_the_database() -> None:
    answer = Client(headers={"host": "10.0.0.7"}).get("/livez")
    assert (answer.status_code, answer.content, answer["Cache-Control"]) == (200, b"ok\n", "no-store")


@pytest.mark.django_db
def test_nothing_is_posted_to_it(cast: Cast) -> None:
    assert Client().post("/livez").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_it_is_ready_where_everything_is_there(cast: Cast) -> None:
    status, stated = ready()
    assert (status, stated["ready"]) == (200, True), stated
    assert {name: check["ok"] for name, check in stated["checks"].items()} == {
        **{"database": True, "migrations": True},
        **{"queue": True, "disk": True},
    }


def test_it_is_not_ready_where_the_database_fails_and_says_nothing_of_where_that_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> str:
        raise OperationalError("connection to server at 10.0.0.9 failed for user apta")

    monkeypatch.setattr(state, "database_obstacle", fail)
    monkeypatch.setattr(state, "migrations_obstacle", lambda: "3 migrations have not been applied")
    monkeypatch.setattr(state, "queue_obstacle", lambda: "")
    status, stated = ready()
    assert (status, stated["ready"]) == (503, False)
    assert stated["checks"]["database"]["message"] == "failed with OperationalError"
    assert stated["checks"]["migrations"]["message"] == "3 migrations have not been applied"


def test_a_check_that_does_not_answer_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    is_enough = threading.Event()
    monkeypatch.setattr(state, "SECONDS_FOR_A_CHECK", 0.05)
    monkeypatch.setattr(state, "database_obstacle", lambda: str(is_enough.wait(60)))
    for name in ("migrations_obstacle", "queue_obstacle"):
        monkeypatch.setattr(state, name, lambda: "")
    status, stated = ready()
    is_enough.set()
    assert (status, stated["checks"]["database"]["message"]) == (503, "no answer in time")


def test_a_queue_that_waits_or_a_disk_that_fills_is_said_and_sends_nobody_away(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("database_obstacle", "migrations_obstacle"):
        monkeypatch.setattr(state, name, lambda: "")
    monkeypatch.setattr(state, "queue", lambda: state.Queue(3, 3_600.0, 0))
    monkeypatch.setattr(state, "disk_free", lambda: 5 * 1024**2)
    status, stated = ready()
    assert (status, stated["ready"]) == (200, True)
    assert stated["checks"]["queue"]["message"] == "a task has waited for 60 minutes; see whether the worker runs"
    assert stated["checks"]["disk"]["message"] == "5 MB are left for data"


def task(**values: Any) -> None:
    described: dict[str, Any] = {"args": [], "kwargs": {}}
    DBTaskResult.objects.create(args_kwargs=described, task_path="x.y", backend_name="default", **values)


def test_the_queue_is_as_old_as_what_could_have_been_done(cast: Cast) -> None:
    now = timezone.now()
    assert state.queue() == state.Queue(0, 0.0, 0)
    task(run_after=now + datetime.timedelta(hours=1), status="READY")
    assert state.queue().waiting == 0
    task(run_after=now - datetime.timedelta(minutes=20), status="READY")
    task(run_after=now, status="FAILED", finished_at=now)
    found = state.queue()
    assert (found.waiting, round(found.oldest / 60), found.failed) == (1, 20, 1)
    assert "20 minutes" in state.queue_obstacle()


def test_migrations_that_lack_are_counted(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    assert state.migrations_obstacle() == ""
    monkeypatch.setattr(state, "_migrations_of_this_version", lambda: frozenset({("workplan", "9999_x")}))
    assert state.migrations_obstacle() == "1 migrations have not been applied"


# Figures


@pytest.fixture
def with_token(settings: Any) -> dict[str, str]:
    settings.METRICS_TOKEN = TOKEN
    return {"Authorization": f"Bearer {TOKEN}"}


@pytest.mark.django_db
def test_figures_are_for_whoever_has_the_token(settings: Any) -> None:
    assert Client().get("/metrics").status_code == 404
    settings.METRICS_TOKEN = TOKEN
    for given in ("", "Bearer wrong", f"Token {TOKEN}", "Bearer ÿ"):
        assert Client().get("/metrics", headers={"Authorization": given}).status_code == 401


def figures(headers: dict[str, str]) -> dict[str, float]:
    answer = Client().get("/metrics", headers=headers)
    assert answer.status_code == 200
    lines = [line.rpartition(" ") for line in answer.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


def test_figures_tell_of_requests_by_pattern_and_of_the_installation(
    cast: Cast, plan: WorkPlan, with_token: dict[str, str]
) -> None:
    integrity.record_backup(path="x", size=77, is_encrypted=True, fingerprint="0" * 64, position=0, digest="")
    Digest.objects.create(user=cast.somtc, address="a@example.org", last_error="refused")
    name = 'apta_requests_total{method="GET",route="plans/<slug:code>/activities/<ref:ref>/",status="200"}'
    before = figures(with_token).get(name, 0)
    assert Client().get("/plans/tip-2016-2020/activities/A.1.1.1/").status_code == 200
    Client().get("/made-up-by-a-visitor/")
    found = figures(with_token)
    assert found[name] == before + 1
    assert not any("made-up" in label for label in found)
    assert found['apta_mails{state="failed"}'] == 1 and found["apta_backup_size_bytes"] == 77
    assert found["apta_database_up"] == 1 and found["apta_disk_free_bytes"] > 0


def test_figures_say_that_the_database_is_away(with_token: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OperationalError

    monkeypatch.setattr(state, "queue", fail)
    assert figures(with_token)["apta_database_up"] == 0


def test_processes_of_one_server_add_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(metrics.SHARED, str(tmp_path))
    monkeypatch.setattr(metrics.Installation, "collect", lambda self: [])
    assert metrics.exposition() == b""


# The page


def test_administrators_see_how_the_installation_is(
    cast: Cast, page: Callable[..., Client], settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    handler = errors.LatestErrors(tmp_path)
    handler.handle(logging.LogRecord("apta.x", logging.ERROR, "", 0, "The disk <b>is</b> full.", None, None))
    integrity.record_backup(
        path="/backups/one", size=2_048, is_encrypted=True, fingerprint="0" * 64, position=0, digest=""
    )
    integrity.seal_entries()
    text = page(cast.administrator).get("/system/").content.decode()
    head = AuditSeal.objects.last()
    assert "The disk &lt;b&gt;is&lt;/b&gt; full." in text and "/backups/one" in text
    assert head is None or head.digest in text
    assert connection.display_name in text
    assert 'href="/system/"' in page(cast.administrator).get("/").content.decode()
    assert 'href="/system/"' not in page(cast.secretariat).get("/").content.decode()


def test_the_file_of_errors_stays_small_and_a_broken_line_harms_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errors, "LARGEST", 1_000)
    handler = errors.LatestErrors(tmp_path)
    for number in range(100):
        handler.handle(logging.LogRecord("apta.x", logging.ERROR, "", 0, f"Number {number}.", None, None))
    with (tmp_path / errors.FILE).open("a") as file:
        file.write('{"at": "20')
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 3_000
    assert errors.latest_errors(tmp_path)[0]["message"] == "Number 99."


# What no line of a log has


@pytest.fixture
def logged(settings: Any) -> Iterator[Callable[[], str]]:
    """Everything that is logged, down to DEBUG, in both forms."""
    settings.LOG_FORMAT = "json"
    stream = io.StringIO()
    root = logging.getLogger()
    level, handlers = root.level, []
    for formatter in (JSONFormatter(), LineFormatter()):
        handler = logging.StreamHandler(stream)
        handler.setFormatter(formatter)
        handler.addFilter(RequestIdFilter())
        handlers.append(handler)
        root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    # The queries, with their values, are logged by Django where DEBUG is on, which production never is.
    logging.getLogger("django.db.backends").setLevel(logging.INFO)
    yield stream.getvalue
    root.setLevel(level)
    logging.getLogger("django.db.backends").setLevel(logging.NOTSET)
    for handler in handlers:
        root.removeHandler(handler)


def test_no_secret_and_no_word_of_a_report_is_logged(
    cast: Cast, plan: WorkPlan, logged: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = "canary-7f3a-of-a-report"
    activity = Activity.objects.get(ref="A.1.1.1")
    _, key = make_token(user=cast.secretariat, by=Actor(cast.secretariat, "page"))
    link = link_for(cast.somtc).partition("example")[2] or link_for(cast.somtc)
    secret = link.rstrip("/").rpartition("/")[2]
    client = Client(raise_request_exception=False)

    client.post("/accounts/login/", {"login": "sari", "password": f"wrong-{canary}"})
    client.post("/accounts/login/", {"login": f"{canary}", "password": PASSWORD})
    session = client.cookies["sessionid"].value if "sessionid" in client.cookies else "none-yet-of-session"
    client.get(f"/accounts/password/reset/key/{secret}/nowhere/")
    client.get(f"/nowhere/?token={canary}&q={canary}")
    body = {"status": "ongoing", "as_of": "2020-06-30", "narrative": canary, "evidence": []}
    address = f"/api/v1/activities/{activity.pk}/updates/"
    headers = {"Authorization": f"Token {key}", "If-Match": f'"{activity.version}-x"'}
    client.post(address, json.dumps(body), content_type="application/json", headers=headers)

    def fail(*_: Any, **__: Any) -> None:
        raise IntegrityError(f'null value in column "x"\nDETAIL:  Failing row contains (1, {canary}).')

    monkeypatch.setattr("workplan.monitoring.summary.tally", fail)
    client.get("/api/v1/summary/", headers={"Authorization": f"Token {key}"})
    try:
        with transaction.atomic():
            Activity.objects.filter(pk=activity.pk).update(status=canary[:20])
    except IntegrityError:
        logging.getLogger("apta.x").exception("Refused.")

    text = logged()
    assert "apta.requests" in text and "IntegrityError" in text
    for word in (canary, PASSWORD, key, secret, session):
        assert word not in text, word


def test_a_line_of_json_has_the_request_and_what_it_cost(
    cast: Cast, page: Callable[..., Client], logged: Callable[[], str]
) -> None:
    answer = page(cast.secretariat).get("/plans/tip-2016-2020/?q=nothing", headers={"X-Request-ID": "run-of-a-program"})
    lines = [json.loads(line) for line in logged().splitlines() if line.startswith("{")]
    (line,) = [line for line in lines if line["logger"] == "apta.requests"]
    assert line["request_id"] == answer["X-Request-ID"] and line["client_request_id"] == "run-of-a-program"
    assert (line["method"], line["route"], line["status"]) == ("GET", "plans/<slug:code>/", 200)
    assert line["user_id"] == cast.secretariat.pk and line["queries"] > 0 and line["milliseconds"] > 0
