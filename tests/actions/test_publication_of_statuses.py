"""What publishing a round, and withdrawing that, does to statuses that were confirmed, corrected or deferred."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.conftest import Cast, make_person
from tests.larger_plans import opened
from workplan import actions, rules
from workplan.actions import Actor, EvidenceItem, Report, following
from workplan.models import Activity, AuditEntry, ReportingRound, SectoralBody, StatusUpdate, WorkPlan

Page = Callable[..., Client]
REF = "A.1.1.1"  # led by SOMTC
EARLIER, LATER = datetime.date(2018, 3, 31), datetime.date(2018, 6, 30)
REASON = "The wrong round."


def by(user: Any, request: str = "r") -> Actor:
    return Actor(user, "page", request)


@pytest.fixture
def keeper(cast: Cast) -> Actor:
    return by(cast.secretariat)


def activity() -> Activity:
    return Activity.objects.get(ref=REF)


def known() -> tuple[Any, ...]:
    row = activity()
    return row.status, row.status_as_of, row.latest_update_id, row.confirmed_on


def said(status: str, day: datetime.date, **values: Any) -> Report:
    return Report(
        status=status,
        as_of=day,
        **{
            "narrative": "So it is.",
            "outputs_delivered": "A module.",
            "reason": "The meeting decided so.",
            "evidence": (EvidenceItem("Module", "https://example.org/module"),),
            **values,
        },
    )


def no_change(status: str) -> Report:
    return Report(status=status, as_of=LATER, kind=rules.NO_CHANGE)


def record(report: Report, who: Actor, **values: Any) -> StatusUpdate:
    row = activity()
    return actions.record_status(activity=row, version=row.version, report=report, by=who, **values)


def closed_with(report: Report, plan: WorkPlan, cast: Cast, keeper: Actor) -> ReportingRound:
    """A closed round that publishes its reports together, with ``report`` of SOMTC, which is approved."""
    reporting_round = opened(plan, keeper, publication=rules.WITH_ROUND)
    somtc = SectoralBody.objects.get(acronym="SOMTC")
    draft = actions.begin_report(
        activity=activity(), report=report, by=by(cast.somtc), reporting_round=reporting_round, body=somtc
    )
    sent = actions.submit_report(update=draft, version=draft.version, by=by(cast.somtc))
    actions.approve_report(update=sent, version=sent.version, by=by(cast.colleague))
    reporting_round.refresh_from_db()
    return actions.close_round(reporting_round=reporting_round, version=reporting_round.version, by=keeper)


def published(reporting_round: ReportingRound, keeper: Actor) -> ReportingRound:
    names = [body.acronym for body in SectoralBody.objects.all()]
    return actions.publish_round(
        reporting_round=reporting_round, version=reporting_round.version, by=keeper, confirmed_bodies=names
    )


def withdrawn(reporting_round: ReportingRound, keeper: Actor) -> ReportingRound:
    return actions.withdraw_publication(
        reporting_round=reporting_round, version=reporting_round.version, reason=REASON, by=keeper
    )


def test_no_change_is_confirmed_with_its_round_and_goes_with_its_publication(
    plan: WorkPlan, cast: Cast, keeper: Actor
) -> None:
    first = record(said("ongoing", EARLIER), keeper)
    reporting_round = closed_with(no_change("ongoing"), plan, cast, keeper)
    assert known() == ("ongoing", EARLIER, first.pk, None)

    reporting_round = published(reporting_round, keeper)
    assert known() == ("ongoing", EARLIER, first.pk, LATER)
    reporting_round = withdrawn(reporting_round, keeper)
    assert known() == ("ongoing", EARLIER, first.pk, None)
    entry = AuditEntry.objects.filter(activity=activity(), record_type="activity").latest("id")
    assert (entry.action, entry.reason) == ("status.restated", REASON)
    assert entry.changes["confirmed_on"] == ["2018-06-30", None] and "latest_update" not in entry.changes
    published(reporting_round, keeper)
    assert known() == ("ongoing", EARLIER, first.pk, LATER)


@pytest.mark.parametrize("reported_before", [True, False])
def test_the_page_of_an_activity_and_its_followers_after_a_publication_was_withdrawn(
    plan: WorkPlan, cast: Cast, keeper: Actor, page: Page, *, reported_before: bool
) -> None:
    first = record(said("not_started", EARLIER), keeper) if reported_before else None
    before = known()
    view = actions.save_view(
        plan=plan, name="Everything", query="", page=rules.IN_LIST, is_shared=True, by=by(cast.somtc)
    )
    actions.follow_view(view=view, by=by(cast.newcomer))
    reporting_round = published(closed_with(said("ongoing", LATER), plan, cast, keeper), keeper)
    withdrawn(reporting_round, keeper)

    assert known() == before
    following.notify_followers()
    for user, shown in ((None, 0), (cast.somtc, 1), (cast.secretariat, 1)):
        answer = page(user).get(activity().get_absolute_url())
        text = answer.content.decode()
        assert (answer.status_code, text.count(REASON)) == (200, shown), "of the round, not of an older report"
        assert ("The secretariat recorded: Not started." in text) is (first is not None)


def test_a_report_becomes_the_status_though_an_older_one_was_corrected_before_its_round_was_published(
    plan: WorkPlan, cast: Cast, keeper: Actor, page: Page
) -> None:
    first = record(said("not_started", LATER), keeper)
    reporting_round = closed_with(said("ongoing", EARLIER), plan, cast, keeper)
    report = StatusUpdate.objects.get(round=reporting_round)
    right = said("not_started", LATER, narrative="Nothing was begun.")
    correction = actions.correct_report(update=first, version=first.version, report=right, by=keeper)
    assert correction.approved_at > report.approved_at > first.approved_at  # type: ignore[operator]
    assert known() == ("not_started", LATER, correction.pk, None)

    shown = page(cast.secretariat).get(f"{reporting_round.get_absolute_url()}publish/").content.decode()
    assert "this one, as at 31 March 2018, is older and will replace it." in shown
    reporting_round = published(reporting_round, keeper)
    assert known() == ("ongoing", EARLIER, report.pk, None)
    withdrawn(reporting_round, keeper)
    assert known() == ("not_started", LATER, correction.pk, None)


def test_a_round_of_no_change_takes_no_place_of_a_status(plan: WorkPlan, cast: Cast, keeper: Actor, page: Page) -> None:
    record(said("ongoing", datetime.date(2018, 7, 2)), keeper)
    reporting_round = closed_with(no_change("ongoing"), plan, cast, keeper)
    shown = page(cast.secretariat).get(f"{reporting_round.get_absolute_url()}publish/").content.decode()
    assert "is older and will replace it" not in shown
    published(reporting_round, keeper)
    assert known()[1:4:2] == (datetime.date(2018, 7, 2), None), "what is confirmed for an earlier day says nothing"


def is_due() -> bool:
    return ReportingRound.objects.open().get().obligations.filter(activity__ref=REF).exists()


def test_what_is_due_follows_a_correction_and_its_undoing(plan: WorkPlan, cast: Cast, keeper: Actor) -> None:
    first = record(said("completed", EARLIER), keeper)
    opened(plan, keeper, code="2018-2")
    assert not is_due()
    right = said("ongoing", EARLIER)
    actions.correct_report(update=first, version=first.version, report=right, by=by(cast.secretariat, "correcting"))
    assert is_due()
    actions.undo_request(request_id="correcting", reason="It was right.", by=keeper)
    assert activity().status == "completed" and not is_due()


def test_a_deferral_holds_through_no_change_corrections_and_undoing(
    plan: WorkPlan, cast: Cast, keeper: Actor, page: Page
) -> None:
    until = datetime.date(2019, 2, 1)
    first = record(said("deferred", EARLIER, deferred_until=until), keeper)
    record(no_change("deferred"), keeper)
    assert activity().confirmed_on == LATER
    opened(plan, keeper, code="2018-2")
    assert not is_due(), "no change neither ends nor renews it"

    form = page(cast.secretariat).get(f"/reports/{first.pk}/correct/").context["form"]
    assert form.initial["deferred_until"] == until
    sooner = said("deferred", EARLIER, deferred_until=datetime.date(2018, 11, 1))
    actions.correct_report(update=first, version=first.version, report=sooner, by=by(cast.secretariat, "correcting"))
    assert is_due()
    actions.undo_request(request_id="correcting", reason="It was right.", by=keeper)
    found = activity().latest_update
    assert found is not None and (found.deferred_until, found.as_of) == (until, EARLIER)
    assert not is_due()


def test_approving_a_correction_takes_nothing_from_drafts_of_joint_leads(
    plan: WorkPlan, cast: Cast, keeper: Actor, page: Page
) -> None:
    row = Activity.objects.get(ref="A.1.1.4")
    somtc = SectoralBody.objects.get(acronym="SOMTC")
    joint = next(body for body in row.lead_bodies if body != somtc)
    reporting_round = opened(plan, keeper)

    def begin(user: Any, body: SectoralBody) -> StatusUpdate:
        return actions.begin_report(
            activity=row, report=said("ongoing", LATER), by=by(user), reporting_round=reporting_round, body=body
        )

    begin(make_person("lina", name="Lina Focal", body=joint.acronym), joint)
    update = begin(cast.somtc, somtc)
    update = actions.submit_report(update=update, version=update.version, by=by(cast.somtc))
    said_before = page(cast.colleague).get(update.get_absolute_url()).content.decode()
    assert "has a draft of its own" in said_before
    update = actions.approve_report(update=update, version=update.version, by=by(cast.colleague))
    sent = actions.correct_report(
        update=update, version=update.version, report=said("ongoing", LATER, narrative="Rightly."), by=by(cast.somtc)
    )
    shown = page(cast.colleague).get(sent.get_absolute_url()).content.decode()
    assert "An approved report cannot be changed" in shown and "has a draft of its own" not in shown
