"""What a form begins with: the end of the period as its date, and words carried over that somebody has to decide on."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.conftest import Cast
from tests.larger_plans import opened
from workplan import actions, rules
from workplan.actions import Actor, Report
from workplan.models import Activity, ReportingRound, StatusUpdate, WorkPlan

Page = Callable[..., Client]
REF = "A.1.1.1"
BEGIN = f"/plans/tip-2016-2020/activities/{REF}/report/"
LAST = Report(status="ongoing", as_of=datetime.date(2017, 12, 31), narrative="Talks.", next_steps="Draft the  module.")
ROWS = {"evidence-TOTAL_FORMS": 0, "evidence-INITIAL_FORMS": 0}


@pytest.fixture
def reporting_round(plan: WorkPlan, cast: Cast) -> ReportingRound:
    by = Actor(cast.secretariat, "page", "r")
    activity = Activity.objects.get(ref=REF)
    actions.record_status(activity=activity, version=activity.version, report=LAST, by=by)
    return opened(plan, by)


@pytest.mark.parametrize(
    ("decided", "next_steps", "status_code", "saved"),
    [
        ("", "Draft the module.", 400, "Draft the module."),
        ("keep", "Draft the module.", 302, "Draft the module."),
        ("clear", "Draft the module.", 302, ""),
        ("clear", "Print it.", 302, "Print it."),
        ("", "Print it.", 302, "Print it."),
    ],
)
def test_next_steps_carried_over_are_kept_or_cleared_before_they_are_submitted(
    reporting_round: ReportingRound, cast: Cast, page: Page, decided: str, next_steps: str, status_code: int, saved: str
) -> None:
    shown = page(cast.somtc).get(BEGIN)
    assert shown.context["form"].initial["as_of"] == datetime.date(2018, 6, 30) == reporting_round.period_end
    assert "Next steps carried over from the last report" in shown.content.decode()
    typed = {**ROWS, "status": "ongoing", "as_of": "2018-06-30", "narrative": "Drafted.", "kind": "progress"}
    typed |= {"next_steps": next_steps, "carried": decided, "submit": "1"}

    response = page(cast.somtc).post(BEGIN, typed)

    assert response.status_code == status_code
    update = StatusUpdate.objects.latest("pk")
    assert (update.next_steps, update.state) == (saved, "submitted" if status_code == 302 else "draft")
    if status_code == 400:
        assert rules.CARRIED_OVER_UNNOTICED in response.content.decode()
        # The other way of submitting it asks as well; a program sends what it means.
        elsewhere = page(cast.somtc).post(f"/reports/{update.pk}/submit/", {"version": update.version})
        assert elsewhere.status_code == 400 and rules.CARRIED_OVER_UNNOTICED in elsewhere.content.decode()
        by = Actor(cast.somtc, "api", "r")
        assert actions.submit_report(update=update, version=update.version, by=by).state == rules.SUBMITTED


def test_a_day_outside_the_period_is_advised_against_and_taken(
    reporting_round: ReportingRound, cast: Cast, page: Page
) -> None:
    address = f"/plans/tip-2016-2020/activities/{REF}/update/"
    assert page(cast.secretariat).get(address).context["form"].initial == {"as_of": reporting_round.period_end}
    typed: dict[str, Any] = {**ROWS, "status": "ongoing", "as_of": "2018-07-01", "narrative": "On.", "kind": "progress"}
    typed |= {"version": Activity.objects.get(ref=REF).version, "counts": reporting_round.pk}
    first = page(cast.secretariat).post(address, typed)
    assert first.status_code == 400
    assert "01 July 2018 is outside the reporting period, 01 January 2018 to 30 June 2018." in first.content.decode()
    assert page(cast.secretariat).post(address, typed | {"advised": "1"}).status_code == 302


def test_bulk_reports_are_of_the_end_of_the_period(reporting_round: ReportingRound, cast: Cast) -> None:
    activity = Activity.objects.get(ref=REF)
    [body] = cast.somtc.bodies.all()
    by = Actor(cast.somtc, "bulk", "r")
    [update] = actions.submit_bulk_report(
        reporting_round=reporting_round, body=body, activities=[activity.pk], kind=rules.NO_CHANGE, by=by
    )
    assert update.as_of == reporting_round.period_end
