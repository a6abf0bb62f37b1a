"""Reminders repeat every so many days as long as they hold, and reach reviewers whose queue waits."""

import datetime
from collections.abc import Iterator

import pytest
import time_machine
from django.core import mail
from django.test import override_settings

from tests.conftest import Cast
from tests.notifications.mails import by, notified, send, submitted
from workplan import actions, rules
from workplan.models import Notice, Obligation, ReportingRound, SectoralBody

# The round of these tests opens on 3 July 2018; its reports are due on 31 July, and due soon from 17 July on.
FIRST, LAST = datetime.date(2018, 7, 9), datetime.date(2018, 8, 16)

REVIEWED = datetime.date(2018, 7, 26)


def days(first: datetime.date = FIRST, last: datetime.date = LAST) -> Iterator[datetime.date]:
    """The days, each with the clock at noon in Jakarta."""
    for number in range((last - first).days + 1):
        day = first + datetime.timedelta(days=number)
        with time_machine.travel(datetime.datetime.combine(day, datetime.time(5), datetime.UTC), tick=False):
            yield day


def sent_days(address: str, words: str, last: datetime.date = LAST) -> list[str]:
    """On which days mails with these words went to an address, as month and day."""
    found = []
    for day in days(last=last):
        mail.outbox.clear()
        send()
        if any(words in str(one.body) for one in mail.outbox if one.to == [address]):
            found.append(f"{day:%m-%d}")
    return found


@pytest.mark.parametrize(
    ("every", "soon", "late"),
    [
        (7, ["07-17", "07-24", "07-31"], ["08-01", "08-08", "08-15"]),
        (10, ["07-17", "07-27"], ["08-01", "08-11"]),
        (0, ["07-17"], ["08-01"]),
    ],
)
def test_reminders_repeat_as_configured(
    reporting_round: ReportingRound, cast: Cast, every: int, soon: list[str], late: list[str]
) -> None:
    with override_settings(REMINDER_DAYS=every):
        found = sent_days(cast.acwc.email, "ACWC ")

    assert found == soon + late


def test_a_reminder_that_is_settled_repeats_no_more(reporting_round: ReportingRound, cast: Cast) -> None:
    acwc = SectoralBody.objects.get(acronym="ACWC")
    for day in days(last=datetime.date(2018, 7, 25)):
        send()
        if f"{day}" == "2018-07-20":
            due = Obligation.objects.filter(round=reporting_round, body=acwc)
            actions.submit_bulk_report(
                reporting_round=reporting_round,
                body=acwc,
                activities=list(due.values_list("activity", flat=True)),
                kind=rules.NIL_RETURN,
                by=by(cast.acwc),
            )
    assert notified("due_soon").count("aisyah") == 1


def test_a_round_that_opens_late_counts_from_its_opening(reporting_round: ReportingRound, cast: Cast) -> None:
    opened_at = datetime.datetime(2018, 7, 22, 4, tzinfo=datetime.UTC)
    ReportingRound.objects.filter(pk=reporting_round.pk).update(opened_at=opened_at)
    found = []
    for day in days(datetime.date(2018, 7, 22), datetime.date(2018, 7, 31)):
        before = len(notified("due_soon"))
        send()
        if len(notified("due_soon")) > before:
            found.append(day.day)
    assert found == [22, 29]


def test_reviewers_are_reminded_of_what_waits_for_them(reporting_round: ReportingRound, cast: Cast) -> None:
    sent = submitted(reporting_round, cast)  # on 3 July
    found = sent_days(cast.secretariat.email, "1 report to review, submitted on 3 July 2018.", REVIEWED)

    assert found == ["07-10", "07-17", "07-24"]
    assert set(notified("to_review")) == {"ben", "sari"}
    with time_machine.travel(datetime.datetime(2018, 9, 20, 4, tzinfo=datetime.UTC), tick=False):
        actions.approve_report(update=sent, version=sent.version, by=by(cast.colleague))
        before = Notice.objects.filter(event="to_review").count()
        send()
    assert Notice.objects.filter(event="to_review").count() == before


def test_whoever_may_not_approve_a_report_is_not_reminded_of_it(reporting_round: ReportingRound, cast: Cast) -> None:
    cast.somtc.groups.add(*cast.secretariat.groups.all())
    submitted(reporting_round, cast)

    assert sent_days(cast.somtc.email, "to review", REVIEWED) == []


def test_without_repetition_nobody_is_reminded_of_the_queue(reporting_round: ReportingRound, cast: Cast) -> None:
    submitted(reporting_round, cast)

    with override_settings(REMINDER_DAYS=0):
        assert sent_days(cast.secretariat.email, "to review", REVIEWED) == []


def test_a_mail_that_was_held_up_says_each_thing_once(reporting_round: ReportingRound, cast: Cast) -> None:
    cast.acwc.email = ""
    cast.acwc.save(update_fields=["email"])
    for day in days():
        if day.weekday() == 1:
            send()
    cast.acwc.email = "aisyah@example.org"
    cast.acwc.save(update_fields=["email"])
    mail.outbox.clear()

    with time_machine.travel(datetime.datetime.combine(LAST, datetime.time(6), datetime.UTC), tick=False):
        send()

    (sent,) = [one for one in mail.outbox if one.to == [cast.acwc.email]]
    assert str(sent.body).count("of ACWC are overdue") == 1
    assert "by 31 July" not in str(sent.body) and "is open" not in str(sent.body)
