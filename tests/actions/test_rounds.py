"""A round from planning to publication, through the actions."""

import datetime
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, transaction

from tests.conftest import Cast
from tests.larger_plans import opened
from workplan import actions, permissions, rules
from workplan.actions import Actor, EvidenceItem, Report
from workplan.exceptions import Invalid, NotAllowed, Stale, WrongState
from workplan.models import (
    Activity,
    AuditEntry,
    Concurrence,
    Notice,
    Obligation,
    ReportingRound,
    Responsibility,
    SectoralBody,
    StatusUpdate,
    WorkPlan,
)

ONGOING = Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="The module is drafted.")


def by(user: Any) -> Actor:
    return Actor(user, "page", "r")


def body(acronym: str) -> SectoralBody:
    return SectoralBody.objects.get(acronym=acronym)


def test_rounds_are_proposed_for_each_half_year_and_only_once(plan: WorkPlan, cast: Cast) -> None:
    made = actions.plan_rounds(plan=plan, by=by(cast.secretariat))

    assert [reporting_round.code for reporting_round in made][:2] == ["2016-1", "2016-2"]
    assert len(made) == 10
    kinds = {reporting_round.kind for reporting_round in made}
    assert kinds == {rules.HALF_YEAR, rules.MID_TERM, rules.FINAL}
    assert made[-1].kind == rules.FINAL
    assert actions.plan_rounds(plan=plan, by=by(cast.secretariat)) == []
    with pytest.raises(NotAllowed):
        actions.plan_rounds(plan=plan, by=by(cast.somtc))


def test_opening_stores_the_reports_due_from_each_lead(plan: WorkPlan, cast: Cast) -> None:
    reporting_round = opened(plan, by(cast.secretariat))

    due = Obligation.objects.filter(round=reporting_round)
    assert due.values("activity").distinct().count() == Activity.objects.filter(plan=plan).count()
    for obligation in due.select_related("activity", "body"):
        if obligation.body is None:
            assert obligation.activity.lead_bodies == []
        else:
            assert obligation.body in obligation.activity.lead_bodies
    assert Notice.objects.filter(user=cast.somtc, event="opened").count() == 1
    with pytest.raises(WrongState):
        second = ReportingRound.objects.filter(plan=plan, state=rules.PLANNED).first()
        assert second is not None
        actions.open_round(reporting_round=second, version=second.version, by=by(cast.secretariat))


def test_a_report_is_drafted_submitted_returned_mended_and_approved(plan: WorkPlan, cast: Cast) -> None:
    reporting_round = opened(plan, by(cast.secretariat), silence_days=14)
    activity = Activity.objects.get(ref="A.1.1.4")  # led by SLOM and SOMTC
    somtc = body("SOMTC")
    empty = Report(status="", as_of=None)

    draft = actions.begin_report(
        activity=activity, report=empty, by=by(cast.somtc), reporting_round=reporting_round, body=somtc
    )
    own = Obligation.objects.get(round=reporting_round, activity=activity, body=somtc)
    other = Obligation.objects.get(round=reporting_round, activity=activity, body__acronym="SLOM")
    assert (own.state, other.state) == (rules.DRAFT, rules.DUE)
    assert not StatusUpdate.objects.visible_to(cast.acwc).filter(pk=draft.pk).exists()
    with pytest.raises(Invalid):
        actions.submit_report(update=draft, version=1, by=by(cast.somtc))
    actions.save_report(update=draft, version=1, report=ONGOING, by=by(cast.somtc))
    with pytest.raises(Stale):
        actions.save_report(update=draft, version=1, report=ONGOING, by=by(cast.somtc))
    with pytest.raises(NotAllowed):
        actions.save_report(update=draft, version=2, report=ONGOING, by=by(cast.secretariat))

    sent = actions.submit_report(update=draft, version=2, by=by(cast.somtc))
    other.refresh_from_db()
    assert (sent.state, other.state) == (rules.SUBMITTED, rules.SUBMITTED)
    with pytest.raises(DatabaseError, match="decision"), transaction.atomic():
        StatusUpdate.objects.filter(pk=sent.pk).update(narrative="Changed behind their back.")
    with pytest.raises(NotAllowed):
        actions.approve_report(update=sent, version=3, by=by(cast.somtc))
    with pytest.raises(Invalid):
        actions.return_report(update=sent, version=3, reason=" ", by=by(cast.secretariat))

    returned = actions.return_report(update=sent, version=3, reason="Name the module.", by=by(cast.secretariat))
    assert returned.state == rules.RETURNED
    mended = Report(status="ongoing", as_of=ONGOING.as_of, narrative="The module on identification is drafted.")
    actions.save_report(update=draft, version=4, report=mended, by=by(cast.somtc))
    again = actions.submit_report(update=draft, version=5, by=by(cast.somtc))
    approved = actions.approve_report(update=again, version=6, by=by(cast.colleague))

    activity.refresh_from_db()
    assert (activity.status, activity.latest_update_id) == ("ongoing", approved.pk)
    assert Concurrence.objects.get(update=approved).way == rules.NON_RESPONSE
    audit_entries = AuditEntry.objects.filter(record_type="statusupdate", record_id=str(draft.pk)).order_by("id")
    assert list(audit_entries.values_list("action", flat=True)) == [
        "report.begun",
        "report.submitted",
        "report.returned",
        "report.submitted",
        "report.approved",
    ]
    with pytest.raises(DatabaseError), transaction.atomic():
        StatusUpdate.objects.filter(pk=draft.pk).update(author_name="x")


def test_four_eyes_are_two_peoples(plan: WorkPlan, cast: Cast) -> None:
    cast.somtc.groups.add(*cast.secretariat.groups.all())
    person = type(cast.somtc).objects.get(pk=cast.somtc.pk)
    reporting_round = opened(plan, by(cast.secretariat))
    activity = Activity.objects.get(ref="A.1.1.1")
    draft = actions.begin_report(
        activity=activity, report=ONGOING, by=by(person), reporting_round=reporting_round, body=body("SOMTC")
    )
    sent = actions.submit_report(update=draft, version=1, by=by(person))

    with pytest.raises(NotAllowed):
        actions.approve_report(update=sent, version=2, by=by(person))
    assert "approve" not in permissions.allowed_actions(person, sent)
    assert "approve" in permissions.allowed_actions(cast.colleague, sent)


def test_reports_published_with_the_round_wait_for_it(plan: WorkPlan, cast: Cast) -> None:
    reporting_round = opened(plan, by(cast.secretariat), publication=rules.WITH_ROUND)
    activity = Activity.objects.get(ref="A.1.1.1")
    draft = actions.begin_report(
        activity=activity, report=ONGOING, by=by(cast.somtc), reporting_round=reporting_round, body=body("SOMTC")
    )
    sent = actions.submit_report(update=draft, version=1, by=by(cast.somtc))
    actions.approve_report(update=sent, version=2, by=by(cast.secretariat))

    activity.refresh_from_db()
    assert activity.status == rules.NOT_REPORTED
    assert not StatusUpdate.objects.visible_to(cast.visitor).exists()
    reporting_round.refresh_from_db()
    closed = actions.close_round(
        reporting_round=reporting_round, version=reporting_round.version, by=by(cast.secretariat)
    )
    actions.publish_round(reporting_round=closed, version=closed.version, by=by(cast.secretariat))

    activity.refresh_from_db()
    assert activity.status == "ongoing"
    assert StatusUpdate.objects.visible_to(cast.visitor).count() == 1


def test_no_change_and_nil_return_for_many_at_once(plan: WorkPlan, cast: Cast) -> None:
    reporting_round = opened(plan, by(cast.secretariat))
    due = list(
        Obligation.objects.filter(round=reporting_round, body__acronym="SOMTC").values_list("activity", flat=True)
    )

    with pytest.raises(Invalid):
        actions.submit_bulk_report(
            reporting_round=reporting_round, body=body("SOMTC"), activities=due, kind=rules.NO_CHANGE, by=by(cast.somtc)
        )
    sent = actions.submit_bulk_report(
        reporting_round=reporting_round, body=body("SOMTC"), activities=due, kind=rules.NIL_RETURN, by=by(cast.somtc)
    )
    assert len(sent) == len(due)
    versions = {update.pk: update.version for update in sent}
    actions.approve_reports(versions=versions, by=by(cast.secretariat))
    states = Obligation.objects.filter(round=reporting_round, body__acronym="SOMTC").values_list("state", flat=True)
    assert set(states) == {rules.APPROVED}


@pytest.mark.parametrize(
    ("today", "expected"),
    [("2018-07-02", "not_due"), ("2018-07-20", "due_soon"), ("2018-07-31", "due_soon"), ("2018-08-01", "overdue")],
)
def test_timeliness_moves_with_the_calendar(plan: WorkPlan, cast: Cast, today: str, expected: str) -> None:
    opened(plan, by(cast.secretariat))
    with time_machine.travel(f"{today}T05:00:00Z", tick=False):
        activity = Activity.objects.for_display().get(ref="A.1.1.1")
        assert activity.timeliness == expected
        assert Activity.objects.timely([expected]).filter(ref="A.1.1.1").exists()
        assert not Activity.objects.timely(["late"]).exists()


def test_a_late_exception_gives_one_body_more_time(plan: WorkPlan, cast: Cast) -> None:
    with time_machine.travel("2018-07-15T05:00:00Z", tick=False):
        reporting_round = opened(plan, by(cast.secretariat))
        actions.extend_deadline(
            reporting_round=reporting_round,
            body=body("SOMTC"),
            until=datetime.date(2018, 9, 1),
            reason="The focal point has changed.",
            by=by(cast.secretariat),
        )
        closed = actions.close_round(
            reporting_round=reporting_round, version=reporting_round.version, by=by(cast.secretariat)
        )
    activity = Activity.objects.get(ref="A.1.1.1")
    with time_machine.travel("2018-08-20T05:00:00Z", tick=False):
        draft = actions.begin_report(
            activity=activity, report=ONGOING, by=by(cast.somtc), reporting_round=closed, body=body("SOMTC")
        )
        actions.submit_report(update=draft, version=1, by=by(cast.somtc))
        obligation: Any = Obligation.objects.with_timeliness().get(round=closed, activity=activity, body=body("SOMTC"))
        assert obligation.timeliness == "on_time"
        with pytest.raises(WrongState):
            actions.begin_report(
                activity=Activity.objects.led_by([body("ACWC")]).earliest("pk"),
                report=ONGOING,
                by=by(cast.acwc),
                reporting_round=closed,
                body=body("ACWC"),
            )


def test_evidence_stays_with_its_draft(plan: WorkPlan, cast: Cast) -> None:
    reporting_round = opened(plan, by(cast.secretariat))
    activity = Activity.objects.get(ref="A.1.1.1")
    report = Report(
        status="ongoing", as_of=ONGOING.as_of, narrative="Begun.", evidence=(EvidenceItem("A", "https://a.org/"),)
    )
    draft = actions.begin_report(
        activity=activity, report=report, by=by(cast.somtc), reporting_round=reporting_round, body=body("SOMTC")
    )
    kept = draft.evidence.get()
    changed = Report(
        status="ongoing",
        as_of=ONGOING.as_of,
        narrative="Begun.",
        evidence=(EvidenceItem("B", "https://b.org/"), EvidenceItem("A2", "https://a.org/", kept=kept.pk)),
    )
    actions.save_report(update=draft, version=1, report=changed, by=by(cast.somtc))

    assert [one.title for one in draft.evidence.all()] == ["B", "A2"]
    actions.submit_report(update=draft, version=2, by=by(cast.somtc))
    with pytest.raises(DatabaseError), transaction.atomic():
        draft.evidence.all().update(title="C")


def test_what_the_secretariat_writes_on_a_bodys_behalf_leaves_the_body_free_to_report(
    plan: WorkPlan, cast: Cast
) -> None:
    reporting_round, activity = opened(plan, by(cast.secretariat)), Activity.objects.get(ref="A.1.1.1")
    theirs = actions.begin_report(
        activity=activity, report=ONGOING, by=by(cast.secretariat), reporting_round=reporting_round, body=body("SOMTC")
    )
    due = Obligation.objects.get(round=reporting_round, activity=activity)

    assert due.state == rules.DUE, "nothing of the body's own is there yet"
    assert theirs not in StatusUpdate.objects.visible_to(cast.somtc)
    own = actions.begin_report(
        activity=activity, report=ONGOING, by=by(cast.somtc), reporting_round=reporting_round, body=body("SOMTC")
    )
    due.refresh_from_db()
    assert (due.state, due.report) == (rules.DRAFT, own)
    actions.submit_report(update=own, version=own.version, by=by(cast.somtc))
    with pytest.raises(WrongState):
        actions.submit_report(update=theirs, version=theirs.version, by=by(cast.secretariat))
    with pytest.raises(WrongState):
        actions.begin_report(
            activity=activity,
            report=ONGOING,
            by=by(cast.colleague),
            reporting_round=reporting_round,
            body=body("SOMTC"),
        )


def test_a_body_that_leads_an_activity_no_longer_hands_in_nothing_new_on_it(plan: WorkPlan, cast: Cast) -> None:
    reporting_round, activity = opened(plan, by(cast.secretariat)), Activity.objects.get(ref="A.1.1.1")
    draft = actions.begin_report(
        activity=activity, report=ONGOING, by=by(cast.somtc), reporting_round=reporting_round, body=body("SOMTC")
    )
    for part in Responsibility.objects.filter(activity=activity, body=body("SOMTC")):
        actions.delete_record(record=part, by=by(cast.secretariat))

    with pytest.raises(WrongState, match="does not lead"):
        actions.submit_report(update=draft, version=draft.version, by=by(cast.somtc))
    shown = StatusUpdate.objects.for_display().get(pk=draft.pk)
    assert "submit" not in permissions.allowed_actions(cast.somtc, shown)
    assert "discard" in permissions.allowed_actions(cast.somtc, shown)


def test_more_time_ends_in_a_year_that_people_may_mean(plan: WorkPlan, cast: Cast) -> None:
    reporting_round = opened(plan, by(cast.secretariat))

    for until in (datetime.date(2201, 1, 1), datetime.date.max):
        with pytest.raises(Invalid) as problem:
            actions.extend_deadline(
                reporting_round=reporting_round, body=body("SOMTC"), until=until, reason="Ill.", by=by(cast.secretariat)
            )
        assert problem.value.fields["until"] == ["Give a year from 1970 to 2200."]
