"""Mails on their way: what fails is kept, shown and tried again, and nothing is sent twice."""

import datetime
import threading
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from tests.conftest import Cast
from tests.notifications.mails import TOO_LATE, notice, send
from workplan.actions import messages as sending
from workplan.actions import reminders
from workplan.models import AuditEntry, Digest, Notice, ReportingRound, User
from workplan.notifications.tasks import message_id, send_digest


class BrokenServer:
    """A mail server that cannot be reached."""

    def __init__(self, **_: Any) -> None:
        pass

    def send_messages(self, mails: Any) -> int:
        raise ConnectionRefusedError("nobody answers")


BROKEN = override_settings(EMAIL_BACKEND="tests.notifications.test_sending.BrokenServer")


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_the_same_moment_make_one_mail(cast: Cast) -> None:
    for attempt in range(5):
        for person in (cast.somtc, cast.acwc, cast.secretariat):
            notice(person, key=f"turn {attempt}")
        ready = threading.Barrier(3)
        failed: list[BaseException] = []

        def run(ready: threading.Barrier = ready, failed: list[BaseException] = failed) -> None:
            try:
                ready.wait(timeout=60)
                send()
            except BaseException as problem:
                failed.append(problem)
            finally:
                connection.close()

        threads = [threading.Thread(target=run) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)

        assert failed == []
        assert len(mail.outbox) == Digest.objects.count() == 3 * (attempt + 1)
    assert not Notice.objects.filter(digest=None).exists()


def test_a_mail_that_fails_is_kept_shown_and_tried_again(cast: Cast, page: Callable[..., Client]) -> None:
    notice(cast.somtc, text="The round is open.")
    start = timezone.now()
    with time_machine.travel(start, tick=False), BROKEN:
        send()
        send()  # rests, so it is not tried a second time
    failed = Digest.objects.get()
    assert (failed.attempts, failed.sent_at, failed.claimed_at) == (1, None, None)
    first_id = message_id(failed)

    text = page(cast.secretariat).get("/messages/?state=failed").content.decode()
    assert "nobody answers" in text
    assert "1 attempt" in text

    notice(cast.somtc, key="2", text="Another thing.")
    with time_machine.travel(start + datetime.timedelta(minutes=1), tick=False), BROKEN:
        send()
    failed.refresh_from_db()
    assert (failed.attempts, failed.notices.count()) == (2, 1)
    assert failed.retry_at == start + datetime.timedelta(minutes=3)

    answer = page(cast.secretariat).post("/messages/?state=failed", {"mail": str(failed.pk)}, follow=True)
    assert "leaves with the next run" in answer.content.decode()
    assert AuditEntry.objects.filter(action="digest.tried_again", actor=cast.secretariat).count() == 1
    send()
    failed.refresh_from_db()
    assert failed.state == "sent"
    send()
    assert next(one.extra_headers["Message-ID"] for one in mail.outbox) == first_id
    assert ["The round is open." in str(one.body) for one in mail.outbox] == [True, False]


def test_a_run_that_dies_before_it_sends_is_made_good_by_the_next(reporting_round: ReportingRound, cast: Cast) -> None:
    with time_machine.travel(TOO_LATE, tick=False):
        reminders.remind()
        sending.collect()
        made = Digest.objects.count()
        assert mail.outbox == []

        send()
        send()

    assert len(mail.outbox) == made == Digest.objects.filter(attempts=1).count()


def test_a_mail_in_the_hands_of_a_worker_is_left_to_it_until_it_must_be_dead(cast: Cast) -> None:
    notice(cast.somtc)
    sending.collect()
    digest = Digest.objects.get()
    assert sending.claim(digest.pk, worker="one") is not None

    send()
    assert sending.claim(digest.pk, worker="other") is None
    assert mail.outbox == []
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=11), tick=False):
        send()
    assert len(mail.outbox) == 1


def test_whoever_cannot_be_mailed_is_shown_and_told_later(cast: Cast, page: Callable[..., Client]) -> None:
    User.objects.filter(pk=cast.somtc.pk).update(email="")
    User.objects.filter(pk=cast.acwc.pk).update(is_active=False)
    User.objects.filter(pk=cast.newcomer.pk).update(is_demo=True)
    for person in (cast.somtc, cast.acwc, cast.newcomer):
        notice(person)

    send()

    assert mail.outbox == []
    text = page(cast.secretariat).get("/messages/?state=unreachable").content.decode()
    for reason in ("no email address", "is deactivated", "Demo accounts receive no email"):
        assert reason in text
    User.objects.filter(pk=cast.somtc.pk).update(email="new@example.org")
    send()
    assert [one.to for one in mail.outbox] == [["new@example.org"]]


def test_a_mended_address_is_used_for_what_failed(cast: Cast) -> None:
    notice(cast.somtc)
    with BROKEN:
        send()
    User.objects.filter(pk=cast.somtc.pk).update(email="right@example.org")
    Digest.objects.update(retry_at=None)

    send()

    assert mail.outbox[0].to == ["right@example.org"]
    assert Digest.objects.get().address == "right@example.org"


def test_the_secretariat_sees_that_nothing_leaves(cast: Cast, page: Callable[..., Client]) -> None:
    client, words = page(cast.secretariat), "the worker is not running"
    notice(cast.somtc)
    assert words not in client.get("/messages/").content.decode()

    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=11), tick=False):
        assert words in client.get("/messages/").content.decode()
        with BROKEN:
            send()
        assert words not in client.get("/messages/").content.decode()


def test_tasks_are_forgotten_after_a_while_and_mails_are_not(cast: Cast) -> None:
    notice(cast.somtc)
    send()
    _, waiting = (
        DBTaskResult.objects.create(
            status=status, task_path=send_digest.module_path, args_kwargs={"args": [0], "kwargs": {}}, backend_name="x"
        )
        for status in ("SUCCESSFUL", "READY")
    )

    with time_machine.travel(timezone.now() + datetime.timedelta(days=15), tick=False):
        send()

    assert list(DBTaskResult.objects.values_list("pk", flat=True)) == [waiting.pk]
    assert Digest.objects.count() == 1
