"""Mails: who is told what, once."""

import datetime

import time_machine
from django.core import mail
from django.test import override_settings

from tests.conftest import Cast, make_person
from tests.larger_plans import opened
from tests.notifications.mails import ONGOING, TOO_LATE, by, notice, notified, send, submitted
from workplan import actions
from workplan.models import Activity, Digest, Notice, ReportingRound, SectoralBody, User, WorkPlan
from workplan.notifications.tasks import message_id

DUE_SOON = datetime.datetime(2018, 7, 20, 4, tzinfo=datetime.UTC)


def bodies_of_mails() -> str:
    return "\n".join(str(one.body) for one in mail.outbox)


def test_each_event_reaches_the_right_people_once(reporting_round: ReportingRound, cast: Cast, slom: User) -> None:
    everybody = ["aisyah", "linh", "somchai"]
    assert notified("opened") == everybody
    send()
    assert notified("due_soon") == notified("overdue") == []

    sent = submitted(reporting_round, cast)
    assert notified("submitted") == ["ben", "linh", "sari"]
    sent = actions.return_report(update=sent, version=sent.version, reason="Name it.", by=by(cast.secretariat))
    assert notified("returned") == ["somchai"]
    actions.submit_report(update=sent, version=sent.version, by=by(cast.somtc))
    sent.refresh_from_db()
    actions.approve_report(update=sent, version=sent.version, by=by(cast.colleague))
    assert notified("approved") == ["somchai"]

    with time_machine.travel(DUE_SOON, tick=False):
        send()
        send()
    assert [name for name in notified("due_soon") if name in everybody] == everybody
    with time_machine.travel(TOO_LATE, tick=False):
        send()
        send()
        assert [name for name in notified("overdue") if name in everybody] == everybody
        actions.extend_deadline(
            reporting_round=reporting_round,
            body=SectoralBody.objects.get(acronym="ACWC"),
            until=datetime.date(2018, 8, 10),
            reason="A holiday.",
            by=by(cast.secretariat),
        )
        assert notified("exception") == ["aisyah"]
        send()
        send()
    assert notified("due_soon").count("aisyah") == 2, "Another date is another reminder."
    assert len(Notice.objects.values("user", "key").distinct()) == Notice.objects.count()
    assert not Notice.objects.filter(digest=None).exists()
    text = bodies_of_mails()
    assert all(text.count(one.text) >= 1 for one in Notice.objects.all())


def test_a_reminder_counts_the_reports_still_due(reporting_round: ReportingRound, cast: Cast) -> None:
    due = reporting_round.obligations.filter(body__acronym="SOMTC").count()
    submitted(reporting_round, cast)

    with time_machine.travel(TOO_LATE, tick=False):
        send()

    text = Notice.objects.get(user=cast.somtc, event="overdue").text
    assert text == f"{due - 1} reports of SOMTC are overdue in “{reporting_round}”, due on 31 July 2018."


def test_after_the_round_only_a_late_exception_reminds(reporting_round: ReportingRound, cast: Cast) -> None:
    reporting_round.refresh_from_db()
    acwc = SectoralBody.objects.get(acronym="ACWC")
    with time_machine.travel(TOO_LATE, tick=False):
        actions.close_round(reporting_round=reporting_round, version=reporting_round.version, by=by(cast.secretariat))
        send()
        assert notified("due_soon") == notified("overdue") == []
        until = datetime.date(2018, 8, 10)
        actions.extend_deadline(
            reporting_round=reporting_round, body=acwc, until=until, reason="A holiday.", by=by(cast.secretariat)
        )
        send()

    assert (notified("due_soon"), notified("overdue")) == (["aisyah"], [])


def test_a_focal_point_of_two_bodies_is_notified_for_each(plan: WorkPlan, cast: Cast) -> None:
    make_person("somchai", body="ACWC")

    opened(plan, by(cast.secretariat))

    assert notified("opened") == ["aisyah", "somchai", "somchai"]


def test_whoever_does_it_is_not_told(reporting_round: ReportingRound, cast: Cast) -> None:
    cast.somtc.groups.add(*cast.secretariat.groups.all())

    submitted(reporting_round, cast)

    assert "somchai" not in notified("submitted")


@override_settings(BASE_URL="https://plan.example.org/")
def test_one_mail_has_all_notices_with_links_and_the_way_to_the_preferences(cast: Cast) -> None:
    notice(cast.somtc, "opened", "1", "A round is open.")
    notice(cast.somtc, "returned", "2", "A report came back: “it’s” & more.")
    notice(cast.somtc, "returned", "3", "Another came back.")

    send()

    (sent,) = mail.outbox
    assert sent.to == ["somchai@example.org"]
    assert sent.subject == "3 notifications in apta: round opened, returned"
    assert "A report came back: “it’s” & more.\nhttps://plan.example.org/my/\n" in sent.body
    assert sent.body.rstrip().endswith("https://plan.example.org/my/messages/")
    digest = Digest.objects.get()
    assert sent.extra_headers["Message-ID"] == message_id(digest)
    assert message_id(digest).endswith("@plan.example.org>")
    assert (digest.sent_at is not None, digest.attempts) == (True, 1)


def test_run_again_and_again_it_sends_nothing_twice(reporting_round: ReportingRound, cast: Cast) -> None:
    send()
    first = len(mail.outbox)
    send()
    send()

    assert first == len(mail.outbox) == 3
    assert "1 notification in apta: round opened" in {one.subject for one in mail.outbox}


def test_what_others_draft_stands_in_no_mail(reporting_round: ReportingRound, cast: Cast) -> None:
    actions.begin_report(
        activity=Activity.objects.get(ref="A.1.1.1"),
        report=ONGOING,
        by=by(cast.somtc),
        reporting_round=reporting_round,
        body=SectoralBody.objects.get(acronym="SOMTC"),
    )
    sent = submitted(reporting_round, cast)
    actions.return_report(update=sent, version=sent.version, reason="Between you and us.", by=by(cast.secretariat))
    with time_machine.travel(TOO_LATE, tick=False):
        send()

    assert ONGOING.narrative not in bodies_of_mails()
    heard = {one.to[0] for one in mail.outbox if "Between you and us." in str(one.body)}
    assert heard <= {"somchai@example.org"}
