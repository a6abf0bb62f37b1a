"""Rounds and reports in the administration site."""

import datetime

import pytest

from tests.admin.forms import Page, errors_of, last_entry, page_of, typed
from tests.conftest import Cast
from tests.larger_plans import opened
from workplan import actions
from workplan.actions import Actor, EvidenceItem, Report
from workplan.models import Activity, AuditEntry, SectoralBody, WorkPlan


def test_four_eyes_is_a_choice_of_the_plan_and_leaves_an_audit_entry(cast: Cast, page: Page, plan: WorkPlan) -> None:
    client = page(cast.secretariat)
    data = typed(client.get(page_of(plan)))
    assert data.pop("four_eyes") == ["on"]
    response = client.post(page_of(plan), {**data, "reason": "Two people are here"})
    assert response.status_code == 302, errors_of(response)
    stored = WorkPlan.objects.get(pk=plan.pk)
    assert (stored.four_eyes, stored.version) == (False, plan.version + 1)
    entry = last_entry()
    assert (entry.action, entry.changes, entry.reason) == (
        "workplan.changed",
        {"four_eyes": [True, False]},
        "Two people are here",
    )
    stale = client.post(page_of(plan), {**data, "four_eyes": "on"})
    assert "Somebody else has changed this" in errors_of(stale)


@pytest.mark.parametrize("unreadable", ["a\x08b", "a\x7fb", "a\ufffdb"])
@pytest.mark.parametrize("name", ["expected_output", "notes", "reading_note"])
def test_text_that_nobody_can_read_is_refused_and_shown_again(
    name: str, unreadable: str, cast: Cast, page: Page, activity: Activity
) -> None:
    client = page(cast.secretariat)
    before = AuditEntry.objects.count()
    response = client.post(page_of(activity), typed(client.get(page_of(activity)), **{name: unreadable}))
    assert "no readable text" in errors_of(response)
    assert AuditEntry.objects.count() == before
    stored = Activity.objects.get(pk=activity.pk)
    assert getattr(stored, name) == getattr(activity, name)


def test_reports_reviews_and_rounds_are_read_with_all_that_belongs_to_them(
    cast: Cast, page: Page, plan: WorkPlan
) -> None:
    by = Actor(cast.secretariat, "page", "r")
    reporting_round = opened(plan, by, silence_days=14)
    joint = Activity.objects.get(ref="A.1.1.4")
    report = Report(
        status="ongoing",
        as_of=datetime.date(2018, 6, 30),
        narrative="The module is drafted.",
        evidence=(EvidenceItem("Minutes", "https://asean.org/minutes"),),
    )
    somtc = Actor(cast.somtc, "page", "r")
    body = SectoralBody.objects.get(acronym="SOMTC")
    draft = actions.begin_report(activity=joint, report=report, by=somtc, reporting_round=reporting_round, body=body)
    sent = actions.submit_report(update=draft, version=1, by=somtc)
    actions.comment(update=sent, text="A word beside it.", by=by)
    approved = actions.approve_report(update=sent, version=2, by=by)
    actions.extend_deadline(
        reporting_round=reporting_round, body=body, until=datetime.date(2099, 1, 31), reason="New staff.", by=by
    )
    client = page(cast.secretariat)

    shown = client.get(page_of(approved)).content.decode()
    for words in (
        "First half of 2018",
        "The module is drafted.",
        "Minutes",
        "A word beside it.",
        "No response",
        "SLOM",
    ):
        assert words in shown, words
    assert "New staff." in client.get(page_of(reporting_round)).content.decode()
    review = approved.reviews.get()
    due = reporting_round.obligations.get(activity=joint, body=body)
    for record in (approved, reporting_round, review, due, reporting_round.exceptions.get(), approved.evidence.get()):
        before = type(record).objects.filter(pk=record.pk).values().get()
        assert client.get(page_of(record)).status_code == 200, record
        for part in ("change", "delete"):
            refused = client.post(page_of(record).replace("change", part), {"post": "yes", "reason": "x"})
            assert refused.status_code == 403, (record, part)
        listed = page_of(record).removesuffix(f"{record.pk}/change/")
        client.post(listed, {"action": "delete_selected", "_selected_action": [record.pk], "post": "yes"})
        assert type(record).objects.filter(pk=record.pk).values().get() == before
        assert client.get(f"{listed}add/").status_code == 403
