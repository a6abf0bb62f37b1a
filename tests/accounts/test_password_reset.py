"""A forgotten password: the mail leaves by the queue, and asking for one tells nobody who has an account."""

import datetime
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from tests.conftest import Cast
from workplan.management.commands.worker import quiet_worker
from workplan.models import User

Page = Callable[..., Client]
QUEUED = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


@pytest.fixture
def queue(settings: Any) -> None:
    """Mails wait for the worker, as they do in production."""
    settings.TASKS = QUEUED


def ask(address: str) -> Any:
    return Client().post("/accounts/password/reset/", {"email": address})


def work() -> None:
    """What the worker does with what may be done now."""
    worker = quiet_worker("of-this-test")
    while task := DBTaskResult.objects.ready().first():
        task.claim("of-this-test")
        worker.run_task(task)


def test_no_mail_server_is_asked_while_somebody_waits(cast: Cast, queue: None) -> None:
    assert ask("somchai@example.org").status_code == 302
    assert mail.outbox == []
    work()
    [sent] = mail.outbox
    assert sent.to == ["somchai@example.org"]
    assert sent.subject.endswith("A new password for apta")
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"


def test_the_database_is_asked_the_same_whether_or_not_there_is_an_account(cast: Cast, queue: None) -> None:
    def statements(address: str) -> list[str]:
        with CaptureQueriesContext(connection) as asked:
            assert ask(address).status_code == 302
        # What differs by chance or by what was typed is taken out.
        return [
            re.sub(r"'[^']*'|\"s\d+_x\d+\"|\b\d+\b|[0-9a-f]{16,}", "?", one["sql"]) for one in asked.captured_queries
        ]

    statements("first@example.org")
    assert statements("somchai@example.org") == statements("nobody@example.org")
    assert statements("AISYAH@example.org") == statements("stranger@elsewhere.example")


@pytest.mark.engine_independent
def test_every_mail_leaves_by_the_queue() -> None:
    root = Path(__file__).resolve().parents[2]
    senders_of_mail = re.compile(r"EmailM\w+\(|(?<!def )send_(?:mass_)?mail\(|mail_admins\(")
    senders = {
        str(path.relative_to(root))
        for folder in ("apta", "workplan")
        for path in (root / folder).rglob("*.py")
        if senders_of_mail.search(path.read_text())
    }
    assert all(name.startswith("workplan/notifications/") for name in senders), senders


def test_the_queue_holds_no_link_and_no_secret(cast: Cast, queue: None) -> None:
    ask("somchai@example.org")
    task = DBTaskResult.objects.get()
    assert "key" not in str(task.args_kwargs)
    work()
    link = re.search(r"/accounts/password/reset/key/(\S+)/", str(mail.outbox[0].body))
    assert link
    assert not any(link[1] in str(one.args_kwargs) for one in DBTaskResult.objects.all())


@pytest.mark.parametrize("field", ["is_active", "is_demo"])
def test_an_account_that_cannot_be_mailed_gets_no_link(field: str, cast: Cast) -> None:
    User.objects.filter(pk=cast.somtc.pk).update(**{field: field == "is_demo"})
    ask("somchai@example.org")
    assert mail.outbox == []


def test_accounts_that_share_an_address_each_get_their_link(cast: Cast) -> None:
    User.objects.filter(pk=cast.newcomer.pk).update(email="Somchai@example.org")
    ask("somchai@example.org")
    assert sorted(re.findall(r"account “(\w+)”", " ".join(str(one.body) for one in mail.outbox))) == ["nora", "somchai"]


def test_a_mail_server_that_fails_is_asked_again_later_and_not_for_ever(
    cast: Cast, queue: None, monkeypatch: Any
) -> None:
    tries: list[datetime.datetime] = []

    def fail(*_: Any, **__: Any) -> None:
        tries.append(timezone.now())
        raise SMTPServerDisconnected("Connection unexpectedly closed")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        ask("somchai@example.org")
        work()
        work()
        assert len(tries) == 1, "it rests before it tries again"
        for _ in range(200):
            clock.shift(datetime.timedelta(minutes=15))
            work()
        assert 3 <= len(tries) <= 10
        gaps = [later - earlier for earlier, later in pairwise(tries)]
        assert gaps == sorted(gaps)


def test_a_mail_server_that_failed_once_delivers_later(cast: Cast, queue: None, monkeypatch: Any) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        with monkeypatch.context() as patch:

            def fail(*_: Any, **__: Any) -> None:
                raise OSError("no route")

            patch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)
            ask("somchai@example.org")
            work()
        clock.shift(datetime.timedelta(hours=1))
        work()
    assert [one.to for one in mail.outbox] == [["somchai@example.org"]]


def test_the_secretariat_sees_that_nobody_sends_what_waits(cast: Cast, page: Page, queue: None) -> None:
    def is_told() -> bool:
        return "the worker is not running" in page(cast.secretariat).get("/messages/").content.decode()

    with time_machine.travel(timezone.now(), tick=False) as clock:
        ask("somchai@example.org")
        assert not is_told()
        clock.shift(datetime.timedelta(hours=1))
        assert is_told()
        work()
        assert not is_told()
