"""Before a mail leaves it is asked whether what it says is still so."""

import datetime
from typing import Any

import pytest
import time_machine

from tests.conftest import Cast, make_person
from tests.larger_plans import opened, saved
from tests.notifications.mails import IN_TIME, SHARED, submitted
from workplan import actions, rules
from workplan.actions import Actor, following, messages, reminders
from workplan.models import Activity, Digest, Membership, Notice, Obligation, ReportingRound, SectoralBody, WorkPlan

OVERDUE = datetime.datetime(2018, 8, 2, 4, tzinfo=datetime.UTC)


def by(user: Any) -> Actor:
    return Actor(user, "page", "r")


@pytest.fixture
def late_round(plan: WorkPlan, cast: Cast) -> Any:
    """A round whose date has passed; nobody has reported, and what came with its opening is out."""
    with time_machine.travel(OVERDUE, tick=False):
        found = opened(plan, by(cast.secretariat))
        Notice.objects.all().delete()
        reminders.remind()
        messages.collect()
        yield found


def mail_to(user: Any) -> Digest:
    return Digest.objects.get(user=user)


def claimed(user: Any) -> list[str] | None:
    digest = messages.claim(mail_to(user).pk, worker="w")
    return None if digest is None else [notice.text for notice in digest.notices.all()]


def report_all_but(number: int, late_round: ReportingRound, cast: Cast) -> int:
    body = SectoralBody.objects.get(acronym="ACWC")
    due = Obligation.objects.filter(round=late_round, body=body, state=rules.DUE)
    refs = list(due.order_by("pk").values_list("activity", flat=True))
    chosen = refs[: len(refs) - number]
    actions.submit_bulk_report(
        reporting_round=late_round, body=body, activities=chosen, kind=rules.NIL_RETURN, by=by(cast.acwc)
    )
    assert Activity.objects.filter(pk__in=chosen).count() == len(chosen)
    return len(refs)


def test_reports_submitted_since_are_not_named_as_due(late_round: ReportingRound, cast: Cast) -> None:
    written = mail_to(cast.acwc).notices.get().text
    number = report_all_but(1, late_round, cast)

    assert f"{number} reports of ACWC are overdue" in written
    assert claimed(cast.acwc) == [f"1 report of ACWC is overdue in “{late_round}”, due on 31 July 2018."]


def test_a_mail_of_which_nothing_holds_does_not_leave(late_round: ReportingRound, cast: Cast) -> None:
    report_all_but(0, late_round, cast)

    assert claimed(cast.acwc) is None
    assert not Digest.objects.filter(user=cast.acwc).exists()
    assert claimed(cast.somtc) is not None


def test_nobody_hears_of_a_body_that_they_have_left(late_round: ReportingRound, cast: Cast) -> None:
    membership = Membership.objects.get(user=cast.somtc)
    actions.delete_record(record=membership, by=by(cast.administrator))

    assert claimed(cast.somtc) is None
    assert not Notice.objects.filter(user=cast.somtc).exists()


@pytest.fixture
def round_in_time(plan: WorkPlan, cast: Cast) -> Any:
    """An open round whose date is weeks away, with nothing waiting to be mailed."""
    with time_machine.travel(IN_TIME, tick=False):
        found = opened(plan, by(cast.secretariat))
        Notice.objects.all().delete()
        yield found


def collected(user: Any) -> list[str]:
    """What a mail to ``user`` would say if it left now."""
    messages.collect()
    return (claimed(user) or []) if Digest.objects.filter(user=user, sent_at=None).exists() else []


def approve(update: Any, cast: Cast) -> None:
    update.refresh_from_db()
    actions.approve_report(update=update, version=update.version, by=by(cast.colleague))


def return_to_body(update: Any, cast: Cast, reason: str = "Name the places.") -> None:
    update.refresh_from_db()
    actions.return_report(update=update, version=update.version, reason=reason, by=by(cast.secretariat))


def test_a_report_that_has_been_reviewed_is_not_handed_out_for_review(
    round_in_time: ReportingRound, cast: Cast
) -> None:
    sent = submitted(round_in_time, cast)
    messages.collect()
    approve(sent, cast)

    assert collected(cast.secretariat) == []
    assert collected(cast.somtc) == [f"The report on {SHARED} is approved."]


def test_a_return_that_was_answered_is_not_told(round_in_time: ReportingRound, cast: Cast) -> None:
    sent = submitted(round_in_time, cast)
    return_to_body(sent, cast)
    messages.collect()
    sent.refresh_from_db()
    actions.submit_report(update=sent, version=sent.version, by=by(cast.somtc))

    assert claimed(cast.somtc) is None
    assert collected(cast.secretariat) == [f"SOMTC has submitted a report on {SHARED}: Ongoing."], "once, not twice"


def test_the_last_of_two_returns_is_told(round_in_time: ReportingRound, cast: Cast) -> None:
    sent = submitted(round_in_time, cast)
    return_to_body(sent, cast, "First.")
    sent.refresh_from_db()
    actions.submit_report(update=sent, version=sent.version, by=by(cast.somtc))
    return_to_body(sent, cast, "Second.")

    assert collected(cast.somtc) == [f"The report on {SHARED} is returned: Second."]


def test_time_that_was_taken_back_is_not_promised(round_in_time: ReportingRound, cast: Cast) -> None:
    acwc = SectoralBody.objects.get(acronym="ACWC")
    given = actions.extend_deadline(
        reporting_round=round_in_time,
        body=acwc,
        until=datetime.date(2018, 8, 10),
        reason="A holiday.",
        by=by(cast.secretariat),
    )
    messages.collect()
    actions.withdraw_extension(
        reporting_round=round_in_time, body=acwc, version=given.version, reason="By mistake.", by=by(cast.secretariat)
    )
    Notice.objects.filter(digest=None).delete()

    (text,) = claimed(cast.acwc) or []
    assert "has been withdrawn" in text and "By mistake." in text and "10 August" not in text


def test_a_round_that_has_closed_is_not_told_as_open(plan: WorkPlan, cast: Cast) -> None:
    with time_machine.travel(IN_TIME, tick=False):
        found = opened(plan, by(cast.secretariat))
        messages.collect()
        found.refresh_from_db()
        actions.close_round(reporting_round=found, version=found.version, by=by(cast.secretariat))

        assert claimed(cast.acwc) is None


def test_a_body_is_called_by_its_name_of_today(round_in_time: ReportingRound, cast: Cast) -> None:
    submitted(round_in_time, cast)
    messages.collect()
    somtc = SectoralBody.objects.get(acronym="SOMTC")
    somtc.acronym, somtc.name = "SOMTIP", "Senior Officials on Trafficking in Persons"
    actions.save_record(record=somtc, by=by(cast.secretariat))
    round_in_time.refresh_from_db()
    round_in_time.name = "Round of the year"
    actions.save_round(reporting_round=round_in_time, version=round_in_time.version, by=by(cast.secretariat))

    assert claimed(cast.secretariat) == [f"SOMTIP has submitted a report on {SHARED}: Ongoing."]


def test_whoever_has_left_the_secretariat_reviews_no_more(round_in_time: ReportingRound, cast: Cast) -> None:
    submitted(round_in_time, cast)
    messages.collect()
    cast.secretariat.groups.clear()

    assert claimed(cast.secretariat) is None
    assert claimed(cast.colleague) is not None


def test_a_joint_lead_that_has_concurred_is_not_asked_to(round_in_time: ReportingRound, cast: Cast) -> None:
    linh = make_person("linh", name="Linh Lead", body="SLOM")
    sent = submitted(round_in_time, cast)
    messages.collect()
    assert mail_to(linh).notices.get().text.startswith("SOMTC has reported on activities that you lead jointly")
    actions.concur(update=sent, version=sent.version, by=by(linh))

    assert claimed(linh) is None


@pytest.mark.parametrize(("days", "is_told"), [(13, True), (15, False)])
def test_news_older_than_it_is_useful_is_dropped(
    round_in_time: ReportingRound, cast: Cast, days: int, is_told: bool
) -> None:
    sent = submitted(round_in_time, cast)
    approve(sent, cast)
    messages.collect()

    with time_machine.travel(IN_TIME + datetime.timedelta(days=days), tick=False):
        assert bool(claimed(cast.somtc)) is is_told


def test_a_return_is_told_however_late_as_long_as_it_waits(round_in_time: ReportingRound, cast: Cast) -> None:
    return_to_body(submitted(round_in_time, cast), cast)
    messages.collect()

    with time_machine.travel(IN_TIME + datetime.timedelta(days=40), tick=False):
        assert claimed(cast.somtc) == [f"The report on {SHARED} is returned: Name the places."]


def test_a_status_that_another_has_replaced_is_not_told_to_followers(plan: WorkPlan, cast: Cast) -> None:
    view = saved(plan, cast.newcomer, "Prevention", "section=A")
    actions.follow_view(view=view, by=by(cast.newcomer))
    with time_machine.travel(datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=1), tick=False):
        activity = Activity.objects.get(ref="A.1.1.1")
        record(activity, "ongoing", cast)
        following.notify_followers()
        messages.collect()
        assert "is “Ongoing”" in mail_to(cast.newcomer).notices.get().text
        record(activity, "deferred", cast)

        assert claimed(cast.newcomer) is None


@pytest.mark.parametrize("how", ["unfollowed", "deleted", "other filters", "nothing"])
def test_whoever_follows_no_more_hears_no_more(plan: WorkPlan, cast: Cast, how: str) -> None:
    view = saved(plan, cast.newcomer, "Prevention", "section=A")
    actions.follow_view(view=view, by=by(cast.newcomer))
    with time_machine.travel(datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=1), tick=False):
        record(Activity.objects.get(ref="A.1.1.1"), "ongoing", cast)
        following.notify_followers()
        messages.collect()
        if how == "unfollowed":
            actions.unfollow_view(view=view, by=by(cast.newcomer))
        elif how == "deleted":
            actions.delete_view(view=view, version=view.version, by=by(cast.newcomer))
        elif how == "other filters":
            actions.change_view(view=view, version=view.version, query="section=B", by=by(cast.newcomer))

        assert bool(claimed(cast.newcomer)) is (how == "nothing")


def record(activity: Activity, status: str, cast: Cast) -> None:
    activity.refresh_from_db()
    report = actions.Report(status=status, as_of=datetime.date(2018, 6, 30), narrative="Words.", reason="It rests.")
    actions.record_status(activity=activity, version=activity.version, report=report, by=by(cast.secretariat))
