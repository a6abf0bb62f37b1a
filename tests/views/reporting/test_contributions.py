"""Cooperating bodies add to a report."""

from tests.answer_text import text
from tests.conftest import Cast
from tests.views.reporting.reports import BEGIN, CODE, Page
from workplan import rules
from workplan.models import Activity, Contribution, ReportingRound, SectoralBody, User, WorkPlan


def contribution_of(user: User, plan: WorkPlan) -> str:
    body = user.bodies.get()
    ref = Activity.objects.filter(plan=plan).involving([body], rules.COOPERATING).earliest("position").ref
    return f"/plans/{CODE}/activities/{ref}/contribution/"


def test_a_cooperating_body_adds_to_the_report(
    reporting_round: ReportingRound, plan: WorkPlan, cast: Cast, page: Page
) -> None:
    form = contribution_of(cast.acwc, plan)
    client = page(cast.acwc)
    assert client.get(form).status_code == 200

    assert client.post(form, {"version": "", "text": "We trained forty officers."})["Location"] == "/my/"
    assert client.post(form, {"version": "", "text": "Anew."}).status_code == 409
    stale = client.post(form, {"version": "7", "text": "Typed with care."})
    assert stale.status_code == 409
    assert "We trained forty officers." in text(stale)
    assert text(stale).count("Typed with care.") == 2
    assert client.post(form, {"version": "1", "text": " "}).status_code == 400
    assert client.post(form, {"version": "1", "text": "a\x08"}).status_code == 400
    assert client.post(form, {"version": "1", "text": "We trained fifty."}).status_code == 302
    assert Contribution.objects.get().text == "We trained fifty."
    assert "We trained fifty." in text(client.get("/my/"))


def test_a_contribution_is_seen_with_the_report_by_its_leads_alone(
    reporting_round: ReportingRound, plan: WorkPlan, cast: Cast, page: Page
) -> None:
    activity = Activity.objects.for_display().get(ref="A.1.1.4")
    other = SectoralBody.objects.exclude(pk__in=[body.pk for body in activity.lead_bodies]).earliest("pk")
    Contribution.objects.create(
        round=reporting_round,
        activity=activity,
        body=other,
        text="Forty officers trained.",
        author=cast.acwc,
        author_name="Aisyah",
    )

    assert "Forty officers trained." in text(page(cast.somtc).get(BEGIN))
    assert page(cast.newcomer).get(f"/plans/{CODE}/activities/A.1.1.4/contribution/").status_code == 403
    assert page(cast.somtc).get(f"/plans/{CODE}/activities/A.1.1.4/contribution/").status_code == 403
