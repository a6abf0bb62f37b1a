"""A focal point's worklist: the reports due, and bulk reports."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.answer_text import text
from tests.conftest import Cast, make_person
from tests.larger_plans import grow, opened
from workplan import actions, rules
from workplan.actions import Actor, Report
from workplan.models import Activity, Obligation, ReportingRound, SectoralBody, StatusUpdate, User, WorkPlan

Page = Callable[..., Client]
BULK_REPORT_URL = "/my/alike/"
ONGOING = Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="The module is drafted.")


def by(user: Any) -> Actor:
    return Actor(user, "page", "r")


def body(acronym: str) -> SectoralBody:
    return SectoralBody.objects.get(acronym=acronym)


def draft(user: User, reporting_round: ReportingRound, ref: str, acronym: str = "SOMTC") -> StatusUpdate:
    return actions.begin_report(
        activity=Activity.objects.get(ref=ref),
        report=ONGOING,
        by=by(user),
        reporting_round=reporting_round,
        body=body(acronym),
    )


def reported_before(cast: Cast, *refs: str) -> None:
    for ref in refs:
        activity = Activity.objects.get(ref=ref)
        actions.record_status(activity=activity, version=activity.version, report=ONGOING, by=by(cast.secretariat))


def owed(reporting_round: ReportingRound, *refs: str, acronym: str = "SOMTC") -> list[str]:
    rows = Obligation.objects.filter(round=reporting_round, body__acronym=acronym, activity__ref__in=refs)
    return [str(pk) for pk in rows.values_list("pk", flat=True)]


@pytest.fixture
def reporting_round(plan: WorkPlan, cast: Cast) -> ReportingRound:
    with time_machine.travel("2018-07-20T05:00:00Z", tick=False):
        return opened(plan, by(cast.secretariat))


@pytest.fixture
def slom(plan: WorkPlan) -> User:
    return make_person("sopha", name="Sopha Focal", body="SLOM")


def led(acronym: str, number: int) -> list[str]:
    """Some activities that the body leads alone."""
    rows = [
        activity.ref
        for activity in Activity.objects.for_display()
        if [one.acronym for one in activity.lead_bodies] == [acronym]
    ]
    assert len(rows) >= number
    return rows[:number]


def test_reports_due_are_listed_by_urgency_with_what_to_do(
    reporting_round: ReportingRound, cast: Cast, page: Page
) -> None:
    first, second, third, fourth = led("SOMTC", 4)
    with time_machine.travel("2018-07-20T06:00:00Z", tick=False):
        draft(cast.somtc, reporting_round, first)
        sent = actions.submit_report(update=draft(cast.somtc, reporting_round, second), version=1, by=by(cast.somtc))
        mended = actions.submit_report(update=draft(cast.somtc, reporting_round, third), version=1, by=by(cast.somtc))
        actions.return_report(update=mended, version=2, reason="Name the module.", by=by(cast.secretariat))
        approved = actions.submit_report(
            update=draft(cast.somtc, reporting_round, fourth), version=1, by=by(cast.somtc)
        )
        actions.approve_report(update=approved, version=2, by=by(cast.secretariat))

        response = page(cast.somtc).get("/my/")

        work = response.context["work"]
        assert [group.key for group in work.groups] == ["returned", "due_soon", "submitted", "approved"]
        labels = {row.obligation.activity.ref: (row.label, row.address) for group in work.groups for row in group.rows}
        assert labels[first][0] == "Continue"
        assert labels[second] == ("View", f"/reports/{sent.pk}/")
        assert labels[third] == ("Revise and resubmit", f"/reports/{mended.pk}/edit/")
        assert "Name the module." in text(response)
        counts = dict(work.counts)
        assert (counts["Draft"], counts["Submitted"], counts["Returned"], counts["Approved"]) == (1, 1, 1, 1)
        assert sum(counts.values()) == Obligation.objects.filter(round=reporting_round, body__acronym="SOMTC").count()
    with time_machine.travel("2018-08-02T06:00:00Z", tick=False):
        groups = page(cast.somtc).get("/my/").context["work"].groups
        assert [group.key for group in groups] == ["overdue", "submitted", "approved"]


def test_every_action_of_the_worklist_leads_to_a_page(reporting_round: ReportingRound, cast: Cast, page: Page) -> None:
    draft(cast.somtc, reporting_round, led("SOMTC", 1)[0])
    client = page(cast.somtc)

    for group in client.get("/my/").context["work"].groups:
        for row in group.rows[:3]:
            assert client.get(row.address).status_code == 200, row.address


def test_nothing_of_another_body_is_in_the_worklist(
    reporting_round: ReportingRound, cast: Cast, slom: User, page: Page
) -> None:
    update = draft(cast.somtc, reporting_round, "A.1.1.4")

    response = page(slom).get("/my/")

    assert f"/reports/{update.pk}/" not in text(response)
    rows = [row for group in response.context["work"].groups for row in group.rows]
    assert {row.obligation.body.acronym for row in rows} == {"SLOM"}
    assert {row.obligation.state for row in rows} == {"owed"}


def test_the_joint_lead_is_asked_to_concur_until_it_has(
    reporting_round: ReportingRound, cast: Cast, slom: User, page: Page
) -> None:
    sent = actions.submit_report(update=draft(slom, reporting_round, "A.1.1.4", "SLOM"), version=1, by=by(slom))

    asked = page(cast.somtc).get("/my/").context["work"].to_concur
    assert [(row.other, row.address) for row in asked] == [("SLOM", f"/reports/{sent.pk}/")]
    assert page(slom).get("/my/").context["work"].to_concur == []
    actions.concur(update=sent, version=sent.version, body=body("SOMTC"), by=by(cast.somtc))
    assert page(cast.somtc).get("/my/").context["work"].to_concur == []


def test_no_change_is_said_of_all_that_are_ticked_or_of_none(
    reporting_round: ReportingRound, cast: Cast, page: Page
) -> None:
    first, second, third = led("SOMTC", 3)
    reported_before(cast, first, second)
    client = page(cast.somtc)
    before = StatusUpdate.objects.count()

    refused = client.post(BULK_REPORT_URL, {"kind": "no_change", "owed": owed(reporting_round, first, second, third)})
    assert refused.status_code == 400
    assert f"{third}: There is no earlier report" in text(refused)
    assert refused.context["ticked"] == set(owed(reporting_round, first, second, third))
    assert StatusUpdate.objects.count() == before

    sent = client.post(
        BULK_REPORT_URL, {"kind": "no_change", "owed": owed(reporting_round, first, second)}, follow=True
    )
    assert "2 reports are submitted for review: no change." in text(sent)
    assert StatusUpdate.objects.filter(state="submitted", kind="no_change").count() == 2
    again = client.post(BULK_REPORT_URL, {"kind": "no_change", "owed": owed(reporting_round, first)})
    assert again.status_code == 400
    assert "Not all of them are still due" in text(again)


@pytest.mark.parametrize("ticked", [[], ["x"], ["0"], ["9" * 30], ["\x00"]])
def test_ticks_that_cannot_be_read_are_refused(
    reporting_round: ReportingRound, cast: Cast, page: Page, ticked: list[str]
) -> None:
    response = page(cast.somtc).post(BULK_REPORT_URL, {"kind": "no_change", "owed": ticked})

    assert response.status_code == 400
    assert not StatusUpdate.objects.exists()


def test_reports_due_from_another_body_cannot_be_ticked(
    reporting_round: ReportingRound, cast: Cast, page: Page
) -> None:
    (theirs,) = led("ACWC", 1)
    reported_before(cast, theirs)

    response = page(cast.somtc).post(
        BULK_REPORT_URL, {"kind": "no_change", "owed": owed(reporting_round, theirs, acronym="ACWC")}
    )

    assert response.status_code == 400
    assert "no longer due from your body" in text(response)
    assert not StatusUpdate.objects.filter(kind="no_change").exists()
    values = {"kind": "nil_return", "round": reporting_round.code, "body": "ACWC", "confirmed": "1"}
    assert page(cast.somtc).post(BULK_REPORT_URL, values).status_code == 404
    assert page(cast.secretariat).post(BULK_REPORT_URL, values).status_code == 404
    assert page().post(BULK_REPORT_URL, values).status_code == 302
    assert page(cast.somtc).get(BULK_REPORT_URL)["Location"] == "/my/"


def test_a_nil_return_is_shown_before_it_is_sent(reporting_round: ReportingRound, cast: Cast, page: Page) -> None:
    (begun,) = led("ACWC", 1)
    draft(cast.acwc, reporting_round, begun, "ACWC")
    client = page(cast.acwc)
    values = {"kind": "nil_return", "round": reporting_round.code, "body": "ACWC"}

    shown = client.post(BULK_REPORT_URL, values)
    assert not StatusUpdate.objects.filter(kind="nil_return").exists()
    listed = [one.activity_id for one in shown.context["owed"]]
    assert len(listed) == Obligation.objects.filter(round=reporting_round, body__acronym="ACWC").count() - 1
    sent = client.post(BULK_REPORT_URL, {**values, "confirmed": "1", "activity": listed})
    assert sent["Location"] == "/my/"
    assert StatusUpdate.objects.filter(kind="nil_return", state="submitted", body__acronym="ACWC").count() == len(
        listed
    )
    assert StatusUpdate.objects.get(activity__ref=begun).state == "draft"
    late = client.post(BULK_REPORT_URL, {**values, "confirmed": "1", "activity": listed})
    assert late.status_code == 400
    assert client.post(BULK_REPORT_URL, {**values, "confirmed": "1"}).status_code == 400
    assert client.post(BULK_REPORT_URL, {**values, "round": "1999-1"}).status_code == 404


def test_without_an_open_round_the_page_says_when_the_next_one_opens(plan: WorkPlan, cast: Cast, page: Page) -> None:
    assert "No reporting round is open" in text(page(cast.somtc).get("/my/"))
    with time_machine.travel("2018-02-01T05:00:00Z", tick=False):
        actions.plan_rounds(plan=plan, by=by(cast.secretariat))

        assert "“First half of 2018”, opens on 1 July 2018." in text(page(cast.somtc).get("/my/"))


def test_a_late_exception_keeps_the_worklist_of_its_body(plan: WorkPlan, cast: Cast, page: Page) -> None:
    with time_machine.travel("2018-07-15T05:00:00Z", tick=False):
        reporting_round = opened(plan, by(cast.secretariat))
        actions.extend_deadline(
            reporting_round=reporting_round,
            body=body("SOMTC"),
            until=datetime.date(2018, 9, 1),
            reason="The focal point has changed.",
            by=by(cast.secretariat),
        )
        actions.close_round(reporting_round=reporting_round, version=reporting_round.version, by=by(cast.secretariat))
    with time_machine.travel("2018-08-20T05:00:00Z", tick=False):
        work = page(cast.somtc).get("/my/").context["work"]
        assert [group.key for group in work.groups] == ["due_soon"]
        assert "your body has a deadline extension" in text(page(cast.somtc).get("/my/"))
        assert page(cast.acwc).get("/my/").context["work"].groups == []


def test_links_to_mails_calendar_and_contributions_are_there(
    reporting_round: ReportingRound, cast: Cast, page: Page
) -> None:
    content = text(page(cast.acwc).get("/my/"))

    assert 'href="/my/messages/"' in content
    assert '/plans/tip-2016-2020/bodies/ACWC/deadlines.ics"' in content
    together = Activity.objects.involving([body("ACWC")], rules.COOPERATING)
    assert content.count("Add a contribution") == together.count()


def test_the_worklist_takes_the_same_queries_whatever_is_due(plan: WorkPlan, cast: Cast, page: Page) -> None:
    def questions() -> int:
        client = page(cast.somtc)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get("/my/").status_code == 200
        return len(asked)

    reporting_round = opened(plan, by(cast.secretariat))
    first, second = led("SOMTC", 2)
    draft(cast.somtc, reporting_round, first)
    sent = actions.submit_report(update=draft(cast.somtc, reporting_round, second), version=1, by=by(cast.somtc))
    actions.return_report(update=sent, version=2, reason="Mend it.", by=by(cast.secretariat))
    few = questions()
    closed = actions.close_round(
        reporting_round=reporting_round, version=reporting_round.version, by=by(cast.secretariat)
    )
    grow(plan, 60)
    reporting_round = opened(plan, by(cast.secretariat), code="2018-2")
    for ref in led("SOMTC", 6):
        draft(cast.somtc, reporting_round, ref)

    assert closed.state == rules.CLOSED
    assert questions() <= few <= 45
