"""What becomes of a report that was returned to a body when another one takes over the lead."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from rest_framework.test import APIClient

from tests.answer_text import text
from tests.conftest import Cast
from tests.larger_plans import opened
from workplan import actions, permissions, rules
from workplan.actions import Actor, Report
from workplan.exceptions import WrongState
from workplan.models import Activity, Obligation, Responsibility, SectoralBody, StatusUpdate, WorkPlan
from workplan.querysets.reporting_windows import ReportingWindows

REPORT = Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="The module is drafted.")


def by(user: Any) -> Actor:
    return Actor(user, "page", "r")


def give_the_lead(cast: Cast, ref: str, before: str, after: str) -> None:
    """The secretariat gives the lead that ``before`` has in an activity to ``after``, whatever part that had."""
    Responsibility.objects.filter(activity__ref=ref, body__acronym=after).delete()
    part = Responsibility.objects.get(activity__ref=ref, body__acronym=before)
    part.body = SectoralBody.objects.get(acronym=after)
    actions.save_record(record=part, by=by(cast.secretariat))


@pytest.fixture
def returned(plan: WorkPlan, cast: Cast) -> StatusUpdate:
    """A report of SOMTC on A.1.1.1, which it led alone, returned before ACWC took over the lead."""
    reporting_round, somtc = opened(plan, by(cast.secretariat)), SectoralBody.objects.get(acronym="SOMTC")
    activity = Activity.objects.get(ref="A.1.1.1")
    update = actions.begin_report(
        activity=activity, report=REPORT, by=by(cast.somtc), reporting_round=reporting_round, body=somtc
    )
    update = actions.submit_report(update=update, version=update.version, by=by(cast.somtc))
    update = actions.return_report(update=update, version=update.version, reason="More.", by=by(cast.secretariat))
    give_the_lead(cast, "A.1.1.1", "SOMTC", "ACWC")
    return update


def reported(cast: Cast, returned: StatusUpdate) -> StatusUpdate:
    """The report of ACWC, submitted."""
    acwc = SectoralBody.objects.get(acronym="ACWC")
    update = actions.begin_report(
        activity=returned.activity, report=REPORT, by=by(cast.acwc), reporting_round=returned.round, body=acwc
    )
    return actions.submit_report(update=update, version=update.version, by=by(cast.acwc))


def owed(returned: StatusUpdate) -> list[tuple[str, str]]:
    rows = Obligation.objects.filter(activity=returned.activity).select_related("body")
    return [(row.due_from, row.state) for row in rows]


def test_the_new_lead_reports_and_its_report_counts(cast: Cast, returned: StatusUpdate) -> None:
    assert owed(returned) == [("ACWC", rules.DUE)]

    update = reported(cast, returned)
    assert owed(returned) == [("ACWC", rules.SUBMITTED)]
    actions.approve_report(update=update, version=update.version, by=by(cast.secretariat))

    assert owed(returned) == [("ACWC", rules.APPROVED)]
    assert Activity.objects.get(pk=returned.activity_id).latest_update_id == update.pk
    returned.refresh_from_db()
    assert (returned.state, returned.narrative) == (rules.RETURNED, REPORT.narrative), "it is kept as it was"


def test_the_new_lead_is_offered_to_report(
    cast: Cast, returned: StatusUpdate, page: Callable[..., Client], api: Callable[..., APIClient]
) -> None:
    activity = Activity.objects.get(pk=returned.activity_id)

    assert api(cast.acwc).get(f"/api/v1/activities/{activity.pk}/").json()["allowed_actions"] == ["report"]
    form = f"{activity.get_absolute_url()}report/?body=ACWC&round=2018-1"
    assert form.replace("&", "&amp;").split("?")[0] in text(page(cast.acwc).get("/my/"))
    assert page(cast.acwc).get(form).status_code == 200
    said = {"status": "ongoing", "as_of": "2018-06-30", "narrative": "Begun."}
    sent = api(cast.acwc).post(
        f"/api/v1/activities/{activity.pk}/updates/", said, headers={"If-Match": f'"{activity.version}"'}
    )
    assert (sent.status_code, sent.json()["state"]) == (201, "submitted")


def test_the_body_that_led_before_is_told_that_it_does_not_report_any_more(
    cast: Cast, returned: StatusUpdate, page: Callable[..., Client], api: Callable[..., APIClient]
) -> None:
    with pytest.raises(WrongState, match="SOMTC does not lead"):
        actions.submit_report(update=returned, version=returned.version, by=by(cast.somtc))

    shown = api(cast.somtc).get(f"/api/v1/updates/{returned.pk}/").json()
    assert "submit" not in shown["allowed_actions"]
    assert "SOMTC does not lead A.1.1.1 any more" in text(page(cast.somtc).get(f"/reports/{returned.pk}/"))


def test_with_the_lead_the_report_comes_back(cast: Cast, returned: StatusUpdate) -> None:
    give_the_lead(cast, "A.1.1.1", "ACWC", "SOMTC")

    assert owed(returned) == [("SOMTC", rules.RETURNED)]
    again = actions.submit_report(update=returned, version=returned.version, by=by(cast.somtc))
    assert again.state == rules.SUBMITTED
    assert owed(returned) == [("SOMTC", rules.SUBMITTED)]


def test_of_joint_leads_the_one_that_stays_reports_itself(plan: WorkPlan, cast: Cast) -> None:
    """SLOM and SOMTC lead A.1.1.4 together; SOMTC's report was returned when it gives up its lead."""
    reporting_round, somtc = opened(plan, by(cast.secretariat)), SectoralBody.objects.get(acronym="SOMTC")
    activity = Activity.objects.get(ref="A.1.1.4")
    update = actions.begin_report(
        activity=activity, report=REPORT, by=by(cast.somtc), reporting_round=reporting_round, body=somtc
    )
    update = actions.submit_report(update=update, version=update.version, by=by(cast.somtc))
    update = actions.return_report(update=update, version=update.version, reason="More.", by=by(cast.secretariat))
    cast.acwc.memberships.update(body=SectoralBody.objects.get(acronym="SLOM"))
    slom = SectoralBody.objects.get(acronym="SLOM")

    def begin() -> StatusUpdate:
        return actions.begin_report(
            activity=activity, report=REPORT, by=by(cast.acwc), reporting_round=reporting_round, body=slom
        )

    with pytest.raises(WrongState, match="SOMTC has already reported"):
        begin()
    actions.delete_record(record=Responsibility.objects.get(activity=activity, body=somtc), by=by(cast.secretariat))
    assert begin().state == rules.DRAFT
    assert owed(update) == [("SLOM", rules.DRAFT)]


def test_the_database_takes_one_submitted_report_and_one_of_each_body(cast: Cast, returned: StatusUpdate) -> None:
    update = reported(cast, returned)

    def another(state: str, body: SectoralBody | None) -> None:
        said = {one.attname: getattr(update, one.attname) for one in StatusUpdate._meta.concrete_fields}
        with pytest.raises(IntegrityError), transaction.atomic():
            StatusUpdate.objects.bulk_create([StatusUpdate(**{**said, "id": None, "state": state, "body": body})])

    another(rules.SUBMITTED, returned.body)
    another(rules.RETURNED, returned.body)
    another(rules.RETURNED, update.body)


def test_what_was_returned_blocks_nobody_who_leads_whatever_they_see(cast: Cast, returned: StatusUpdate) -> None:
    update = reported(cast, returned)

    found = StatusUpdate.objects.for_display().get(pk=update.pk)
    assert permissions.allowed_actions(cast.secretariat, found) == ["approve", "return", "comment"]
    rows = Activity.objects.for_display()
    windows = ReportingWindows(cast.acwc)
    activity = windows.with_reports(rows).get(pk=returned.activity_id)
    assert permissions.allowed_activity_actions(cast.acwc, activity, windows) == []
