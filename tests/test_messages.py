"""Mails: who is told what, once, and what becomes of it."""

import datetime
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from tests.building import opened
from tests.conftest import Cast, make_person
from workplan import actions, rules
from workplan.actions import Actor, Report
from workplan.actions import messages as sending
from workplan.exceptions import Invalid, NotAllowed
from workplan.models import (
    Activity,
    AuditEntry,
    Digest,
    MessagePreferences,
    Notice,
    ReportingRound,
    SectoralBody,
    User,
    WorkPlan,
)
from workplan.tasks import message_id, send_digest

SHARED = "A.1.1.4"  # led by SLOM and SOMTC
ONGOING = Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="Nobody else may read these words.")
IN_TIME = datetime.datetime(2018, 7, 3, 4, tzinfo=datetime.UTC)
DUE_SOON = datetime.datetime(2018, 7, 20, 4, tzinfo=datetime.UTC)
TOO_LATE = datetime.datetime(2018, 8, 2, 4, tzinfo=datetime.UTC)


def by(user: Any) -> Actor:
    return Actor(user, "page", "r")


def send() -> None:
    call_command("send_messages", verbosity=0)


def told(event: str) -> list[str]:
    """Who has been told of ``event``, once for each time."""
    return sorted(Notice.objects.filter(event=event).values_list("user__username", flat=True))


def bodies_of_mails() -> str:
    return "\n".join(str(one.body) for one in mail.outbox)


def notice(user: User, event: str = "opened", key: str = "1", text: str = "Something happened.") -> Notice:
    return Notice.objects.create(user=user, event=event, key=key, text=text, path="/my/")


class BrokenServer:
    """A mail server that cannot be reached."""

    def __init__(self, **_: Any) -> None:
        pass

    def send_messages(self, mails: Any) -> int:
        raise ConnectionRefusedError("nobody answers")


BROKEN = override_settings(EMAIL_BACKEND="tests.test_messages.BrokenServer")


@pytest.fixture
def slom(cast: Cast) -> User:
    return make_person("linh", name="Linh Lead", body="SLOM")


@pytest.fixture
def the_round(plan: WorkPlan, cast: Cast, slom: User) -> Iterator[ReportingRound]:
    with time_machine.travel(IN_TIME, tick=False):
        yield opened(plan, by(cast.secretariat))


def submitted(the_round: ReportingRound, cast: Cast, ref: str = SHARED) -> Any:
    draft = actions.begin_report(
        activity=Activity.objects.get(ref=ref),
        report=ONGOING,
        by=by(cast.somtc),
        the_round=the_round,
        body=SectoralBody.objects.get(acronym="SOMTC"),
    )
    return actions.submit_report(update=draft, version=draft.version, by=by(cast.somtc))


def test_each_event_reaches_the_right_people_once(the_round: ReportingRound, cast: Cast, slom: User) -> None:
    everybody = ["aisyah", "linh", "somchai"]
    assert told("opened") == everybody
    send()
    assert told("due_soon") == told("overdue") == []

    sent = submitted(the_round, cast)
    assert told("submitted") == ["ben", "linh", "sari"]
    sent = actions.return_report(update=sent, version=sent.version, reason="Name it.", by=by(cast.secretariat))
    assert told("returned") == ["somchai"]
    actions.submit_report(update=sent, version=sent.version, by=by(cast.somtc))
    sent.refresh_from_db()
    actions.approve_report(update=sent, version=sent.version, by=by(cast.colleague))
    assert told("approved") == ["somchai"]

    with time_machine.travel(DUE_SOON, tick=False):
        send()
        send()
    assert [name for name in told("due_soon") if name in everybody] == everybody
    with time_machine.travel(TOO_LATE, tick=False):
        send()
        send()
        assert [name for name in told("overdue") if name in everybody] == everybody
        actions.give_exception(
            the_round=the_round,
            body=SectoralBody.objects.get(acronym="ACWC"),
            until=datetime.date(2018, 8, 10),
            reason="A holiday.",
            by=by(cast.secretariat),
        )
        assert told("exception") == ["aisyah"]
        send()
        send()
    assert told("due_soon").count("aisyah") == 2, "Another date is another reminder."
    assert len(Notice.objects.values("user", "key").distinct()) == Notice.objects.count()
    assert not Notice.objects.filter(digest=None).exists()
    text = bodies_of_mails()
    assert all(text.count(one.text) >= 1 for one in Notice.objects.all())


def test_a_reminder_counts_what_is_still_owed(the_round: ReportingRound, cast: Cast) -> None:
    owed = the_round.obligations.filter(body__acronym="SOMTC").count()
    submitted(the_round, cast)

    with time_machine.travel(TOO_LATE, tick=False):
        send()

    text = Notice.objects.get(user=cast.somtc, event="overdue").text
    assert text == f"SOMTC still owes {owed - 1} reports in “{the_round}”. They were due on 31 July 2018."


def test_after_the_round_only_a_late_exception_reminds(the_round: ReportingRound, cast: Cast) -> None:
    the_round.refresh_from_db()
    acwc = SectoralBody.objects.get(acronym="ACWC")
    with time_machine.travel(TOO_LATE, tick=False):
        actions.close_round(the_round=the_round, version=the_round.version, by=by(cast.secretariat))
        send()
        assert told("due_soon") == told("overdue") == []
        until = datetime.date(2018, 8, 10)
        actions.give_exception(
            the_round=the_round, body=acwc, until=until, reason="A holiday.", by=by(cast.secretariat)
        )
        send()

    assert (told("due_soon"), told("overdue")) == (["aisyah"], [])


def test_a_focal_point_of_two_bodies_is_told_for_each(plan: WorkPlan, cast: Cast) -> None:
    make_person("somchai", body="ACWC")

    opened(plan, by(cast.secretariat))

    assert told("opened") == ["aisyah", "somchai", "somchai"]


def test_whoever_does_it_is_not_told(the_round: ReportingRound, cast: Cast) -> None:
    cast.somtc.groups.add(*cast.secretariat.groups.all())

    submitted(the_round, cast)

    assert "somchai" not in told("submitted")


@override_settings(BASE_URL="https://plan.example.org/")
def test_one_mail_tells_all_with_links_and_the_way_to_the_preferences(cast: Cast) -> None:
    notice(cast.somtc, "opened", "1", "A round is open.")
    notice(cast.somtc, "returned", "2", "A report came back: “it’s” & more.")
    notice(cast.somtc, "returned", "3", "Another came back.")

    send()

    (sent,) = mail.outbox
    assert sent.to == ["somchai@example.org"]
    assert sent.subject == "3 things in apta: round opened, returned"
    assert "A report came back: “it’s” & more.\nhttps://plan.example.org/my/\n" in sent.body
    assert sent.body.rstrip().endswith("https://plan.example.org/my/messages/")
    digest = Digest.objects.get()
    assert sent.extra_headers["Message-ID"] == message_id(digest)
    assert message_id(digest).endswith("@plan.example.org>")
    assert (digest.sent_at is not None, digest.attempts) == (True, 1)


def test_run_again_and_again_it_sends_nothing_twice(the_round: ReportingRound, cast: Cast) -> None:
    send()
    first = len(mail.outbox)
    send()
    send()

    assert first == len(mail.outbox) == 3
    assert "1 thing in apta: round opened" in {one.subject for one in mail.outbox}


def test_what_others_draft_stands_in_no_mail(the_round: ReportingRound, cast: Cast) -> None:
    actions.begin_report(
        activity=Activity.objects.get(ref="A.1.1.1"),
        report=ONGOING,
        by=by(cast.somtc),
        the_round=the_round,
        body=SectoralBody.objects.get(acronym="SOMTC"),
    )
    sent = submitted(the_round, cast)
    actions.return_report(update=sent, version=sent.version, reason="Between you and us.", by=by(cast.secretariat))
    with time_machine.travel(TOO_LATE, tick=False):
        send()

    assert ONGOING.narrative not in bodies_of_mails()
    heard = {one.to[0] for one in mail.outbox if "Between you and us." in str(one.body)}
    assert heard <= {"somchai@example.org"}


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_the_same_moment_make_one_mail(cast: Cast) -> None:
    for turn in range(5):
        for person in (cast.somtc, cast.acwc, cast.secretariat):
            notice(person, key=f"turn {turn}")
        ready = threading.Barrier(3)
        failed: list[BaseException] = []

        def run(ready: threading.Barrier = ready, failed: list[BaseException] = failed) -> None:
            try:
                ready.wait(timeout=10)
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
        assert len(mail.outbox) == Digest.objects.count() == 3 * (turn + 1)
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


def test_a_run_that_dies_before_it_sends_is_made_good_by_the_next(the_round: ReportingRound, cast: Cast) -> None:
    with time_machine.travel(TOO_LATE, tick=False):
        sending.remind()
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
    for reason in ("no mail address", "switched off", "demo account is never mailed"):
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


def test_once_a_day_is_once_a_day(cast: Cast) -> None:
    sending.save_preferences(user=cast.somtc, frequency=rules.DAILY, events=rules.EVENTS.values, by=by(cast.somtc))
    morning = datetime.datetime(2018, 7, 3, 1, tzinfo=datetime.UTC)
    for number, hours in enumerate((0, 3, 10, 24, 25)):
        with time_machine.travel(morning + datetime.timedelta(hours=hours), tick=False):
            notice(cast.somtc, key=str(number))
            send()

    assert [one.subject for one in mail.outbox] == ["1 thing in apta: round opened", "3 things in apta: round opened"]


def test_what_is_not_wanted_is_not_told(the_round: ReportingRound, cast: Cast) -> None:
    mine: dict[str, Any] = {"user": cast.somtc, "by": by(cast.somtc)}
    sending.save_preferences(frequency=rules.SOON, events=["approved"], **mine)
    assert not Notice.objects.filter(user=cast.somtc).exists(), "What waited and is not wanted is not told."
    sent = submitted(the_round, cast)
    actions.return_report(update=sent, version=sent.version, reason="Name it.", by=by(cast.secretariat))
    assert told("returned") == []

    sending.save_preferences(frequency=rules.NEVER, events=rules.EVENTS.values, **mine)
    with time_machine.travel(TOO_LATE, tick=False):
        send()
    assert "somchai@example.org" not in {one.to[0] for one in mail.outbox}


def test_everybody_chooses_for_themselves_on_a_page(cast: Cast, page: Callable[..., Client]) -> None:
    client = page(cast.somtc)
    text = client.get("/my/messages/").content.decode()
    assert all(term.meaning in text for term in rules.EVENTS)
    assert page().get("/my/messages/").status_code == 302

    saved = client.post("/my/messages/", {"frequency": "daily", "events": ["approved", "returned"]}, follow=True)
    assert "Saved" in saved.content.decode()
    chosen = MessagePreferences.objects.get(user=cast.somtc)
    assert chosen.frequency == "daily"
    assert set(rules.EVENTS.values) - set(chosen.muted) == {"approved", "returned"}
    entry = AuditEntry.objects.get(action="preferences.changed")
    assert (entry.actor, entry.changes["frequency"]) == (cast.somtc, ["soon", "daily"])

    wrong = client.post("/my/messages/", {"frequency": "hourly", "events": ["approved", "gossip"]})
    assert wrong.status_code == 400
    assert "Use one of: soon, daily, never." in wrong.content.decode()
    assert 'value="approved" id="event-approved" checked' in wrong.content.decode()
    with pytest.raises(NotAllowed):
        sending.save_preferences(user=cast.somtc, frequency="never", events=[], by=by(cast.acwc))
    with pytest.raises(Invalid):
        sending.save_preferences(user=cast.somtc, frequency="never", events=["gossip"], by=by(cast.somtc))


def test_the_secretariat_chooses_among_what_concerns_it(cast: Cast, page: Callable[..., Client]) -> None:
    text = page(cast.secretariat).get("/my/messages/").content.decode()
    assert 'value="submitted"' in text
    assert 'value="returned"' not in text
    of_all = page(cast.newcomer).get("/my/messages/").content.decode()
    assert of_all.count('name="events"') == 1 and 'value="followed"' in of_all


def test_the_outbox_is_the_secretariats(cast: Cast, page: Callable[..., Client]) -> None:
    for person in (cast.visitor, cast.newcomer, cast.somtc):
        assert page(person).get("/messages/").status_code in (302, 403)
        assert page(person).post("/messages/", {"mail": "1"}).status_code in (302, 403)
    assert page(cast.secretariat).get("/messages/").status_code == 200
    assert page(cast.administrator).get("/messages/").status_code == 200


@pytest.mark.parametrize("wrong", ["state=gone", "page=0", "page=x", "colour=red", "state=sent&state=failed"])
def test_a_filter_of_the_outbox_that_cannot_be_meant_is_refused(
    cast: Cast, page: Callable[..., Client], wrong: str
) -> None:
    answer = page(cast.secretariat).get(f"/messages/?{wrong}")

    assert answer.status_code == 400
    assert "cannot be used" in answer.content.decode()


def test_the_outbox_finds_by_state_and_person_in_pages_and_few_queries(cast: Cast, page: Callable[..., Client]) -> None:
    client = page(cast.secretariat)
    notice(cast.somtc)
    send()

    def asked(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    addresses = ("/messages/", "/messages/?state=sent", "/messages/?state=unreachable")
    few = [asked(address) for address in addresses]
    people = User.objects.bulk_create(
        User(username=f"p{number}", first_name="Person", last_name=str(number), email=f"p{number}@example.org")
        for number in range(120)
    )
    for person in people:
        notice(person)
    send()
    silent = User.objects.bulk_create(User(username=f"silent{number}") for number in range(60))
    for person in silent:
        notice(person)

    many = [asked(address) for address in addresses]
    assert max(many) <= max(few) + 2, (few, many)  # the notices of the rows, once there are rows
    text = client.get("/messages/?page=2").content.decode()
    assert "Page 2 of 3" in text
    text = client.get("/messages/?person=somchai&state=sent").content.decode()
    assert "somchai@example.org" in text
    assert "p17@example.org" not in text
    assert client.post("/messages/", {"mail": "none"}).status_code == 404
