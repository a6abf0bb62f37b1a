"""Drafts: saved as they are typed, by several people, by the right ones, in a round that takes them."""

import datetime
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.answer_text import text
from tests.conftest import Cast, make_person
from tests.larger_plans import opened
from tests.views.reporting.reports import BEGIN, GOOD, NO_ROWS, ONGOING, PDF, Page, address, by, draft_of, row, rows
from workplan import actions
from workplan.actions import EvidenceItem, Report
from workplan.models import Evidence, ReportingRound, SectoralBody, StatusUpdate, User, WorkPlan

AUTO = {"X-Autosave": "1"}


@pytest.fixture
def partner(plan: WorkPlan) -> User:
    """Pia, another focal point of SOMTC."""
    return make_person("pia", name="Pia Focal", body="SOMTC")


def test_a_draft_saves_as_it_is_typed(reporting_round: ReportingRound, cast: Cast, page: Page) -> None:
    client = page(cast.somtc)

    begun = client.post(BEGIN, {**NO_ROWS, "narrative": "Half"}, headers=AUTO).json()
    draft = StatusUpdate.objects.get()
    assert (begun["version"], begun["address"]) == (1, address(draft))
    assert "Select a status." in begun["checklist"]
    answer = client.post(
        address(draft), {**GOOD, "version": "1", **rows(1), **row(title="Still without a link")}, headers=AUTO
    )
    assert answer.json()["version"] == 2
    draft.refresh_from_db()
    assert (draft.narrative, draft.state) == ("The module is drafted.", "draft")

    unreadable = client.post(address(draft), {**GOOD, "version": "2", "as_of": "2018-02-30"}, headers=AUTO).json()
    draft.refresh_from_db()
    assert unreadable["left_out"] == ["Status as at"]
    assert draft.as_of == datetime.date(2018, 6, 30)


def test_saving_as_one_types_takes_no_file_and_removes_nothing(
    reporting_round: ReportingRound, cast: Cast, page: Page
) -> None:
    report = Report(
        status="ongoing", as_of=ONGOING.as_of, narrative="x", evidence=(EvidenceItem("A", "https://a.org/"),)
    )
    draft = draft_of(cast.somtc, reporting_round, report)
    kept = draft.evidence.get()
    file = SimpleUploadedFile("b.pdf", PDF)
    typed = row(kept=kept.pk, title="", url="htt", remove="on") | row(1, title="B", file=file)

    answer = page(cast.somtc).post(address(draft), {**GOOD, "version": "1", **rows(2), **typed}, headers=AUTO)

    assert answer.status_code == 200
    assert [(one.title, one.url) for one in draft.evidence.all()] == [("A", "https://a.org/")]
    broken = page(cast.somtc).post(address(draft), {"version": "2", "narrative": "y"}, headers=AUTO)
    assert broken.status_code == 400
    assert draft.evidence.count() == 1


def test_two_people_on_one_draft_do_not_overwrite_each_other(
    reporting_round: ReportingRound, cast: Cast, partner: User, page: Page
) -> None:
    report = Report(
        status="ongoing", as_of=ONGOING.as_of, narrative="Begun.", evidence=(EvidenceItem("A", "https://a.org/"),)
    )
    draft = draft_of(cast.somtc, reporting_round, report)
    page(partner).post(
        address(draft),
        {**GOOD, "version": "1", "narrative": "Pia’s words.", **rows(1), **row(title="P", url="https://p.org/")},
    )

    late = page(cast.somtc).post(address(draft), {**GOOD, "version": "1", "narrative": "Somchai’s."}, headers=AUTO)
    assert (late.status_code, late.json()["error"]["code"]) == (409, "stale_version")
    assert late.json()["current"]["narrative"] == "Pia’s words."
    response = page(cast.somtc).post(address(draft), {**GOOD, "version": "1", "narrative": "Somchai’s."})

    content = text(response)
    assert response.status_code == 409
    assert content.count("Pia’s words.") == 1
    assert "Pia Focal" in content
    assert content.count("Somchai’s.") == 2  # in the comparison, and in the form
    assert 'value="https://p.org/"' in content  # saving on top does not drop what was added meanwhile
    assert 'name="version" value="2"' in content
    draft.refresh_from_db()
    assert draft.narrative == "Pia’s words."


def test_two_people_who_begin_at_once_meet_on_one_draft(
    reporting_round: ReportingRound, cast: Cast, partner: User, page: Page
) -> None:
    draft = draft_of(partner, reporting_round, Report(status="ongoing", as_of=None, narrative="Pia was first."))

    response = page(cast.somtc).post(BEGIN, {**GOOD, "narrative": "Somchai, too."})

    content = text(response)
    assert response.status_code == 409
    assert "Pia was first." in content
    assert "Somchai, too." in content
    assert f'action="{address(draft)}"' in content


def test_a_draft_is_discarded(reporting_round: ReportingRound, cast: Cast, page: Page) -> None:
    draft = draft_of(cast.somtc, reporting_round)
    client = page(cast.somtc)
    client.post(address(draft), {**GOOD, "version": "1", "narrative": "Newer."})

    assert client.post(address(draft), {**GOOD, "version": "1", "discard": "1"}).status_code == 409
    assert client.post(address(draft), {**GOOD, "version": "2", "discard": "1"})["Location"] == "/my/"
    assert not StatusUpdate.objects.exists()


def test_a_returned_report_shows_why_and_can_be_mended(reporting_round: ReportingRound, cast: Cast, page: Page) -> None:
    sent = actions.submit_report(update=draft_of(cast.somtc, reporting_round), version=1, by=by(cast.somtc))
    actions.return_report(update=sent, version=2, reason="Name the module.", by=by(cast.secretariat))

    shown = page(cast.somtc).get(address(sent))
    assert "Name the module." in text(shown)
    assert 'name="discard"' not in text(shown)
    page(cast.somtc).post(
        address(sent), {**GOOD, "version": "3", "narrative": "Module on identification.", "submit": "1"}
    )

    sent.refresh_from_db()
    assert (sent.state, sent.narrative) == ("submitted", "Module on identification.")


def test_when_the_joint_lead_has_reported_the_way_leads_there(
    reporting_round: ReportingRound, cast: Cast, slom: User, page: Page
) -> None:
    own = draft_of(cast.somtc, reporting_round)
    sent = actions.submit_report(update=draft_of(slom, reporting_round, acronym="SLOM"), version=1, by=by(slom))

    refused = page(cast.somtc).post(address(own), {**GOOD, "version": "1", "submit": "1"})
    assert refused.status_code == 409
    assert "SLOM has already reported on A.1.1.4" in text(refused)
    actions.discard_report(update=own, version=1, by=by(cast.somtc))
    assert page(cast.somtc).get(BEGIN)["Location"] == f"/reports/{sent.pk}/"


def test_another_bodys_people_cannot_reach_a_draft(
    reporting_round: ReportingRound, cast: Cast, slom: User, page: Page
) -> None:
    draft = draft_of(cast.somtc, reporting_round)
    page(cast.somtc).post(
        address(draft), {**GOOD, "version": "1", **rows(1), **row(title="M", file=SimpleUploadedFile("m.pdf", PDF))}
    )
    file = f"/evidence/{draft.evidence.get().pk}/"

    for person in (cast.acwc, slom, cast.newcomer):
        assert page(person).get(address(draft)).status_code == 404
        assert page(person).post(address(draft), {**GOOD, "version": "2"}).status_code == 404
        assert page(person).post(address(draft), {**GOOD, "version": "2"}, headers=AUTO).status_code == 404
        assert page(person).get(file).status_code == 404
    assert page().get(file).status_code == 404
    assert page().get(address(draft))["Location"].startswith("/accounts/login/")
    assert page(cast.secretariat).get(address(draft)).status_code == 403
    assert page(cast.secretariat).post(address(draft), {**GOOD, "version": "2"}).status_code == 403
    for person in (cast.acwc, cast.newcomer):
        assert page(person).get(BEGIN).status_code == 403
        assert page(person).post(BEGIN, GOOD).status_code == 403
    assert page(slom).post(BEGIN, {**GOOD, "body": "SOMTC"}).status_code == 404
    draft.refresh_from_db()
    assert draft.version == 2


def test_a_file_is_given_to_be_kept_and_never_to_be_run(
    reporting_round: ReportingRound, cast: Cast, page: Page
) -> None:
    page(cast.somtc).post(
        BEGIN,
        {**GOOD, **rows(1), **row(title="M", file=SimpleUploadedFile('Minutes "of" May.pdf', PDF)), "submit": "1"},
    )
    update = StatusUpdate.objects.get()
    file = f"/evidence/{update.evidence.get().pk}/"
    assert page().get(file).status_code == 404
    actions.approve_report(update=update, version=update.version, by=by(cast.secretariat))

    response = page().get(file)

    assert b"".join(response.streaming_content) == PDF  # type: ignore[attr-defined]
    assert response["Content-Disposition"] == 'attachment; filename="Minutes _of_ May.pdf"'
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox"
    assert response["Cache-Control"] == "private, no-store"
    kept = Evidence.objects.get().file
    kept.storage.delete(str(kept.name))
    assert page().get(file).status_code == 404


def test_a_link_leads_on_only_for_those_who_see_the_report(
    reporting_round: ReportingRound, cast: Cast, page: Page
) -> None:
    report = Report(
        status="ongoing", as_of=ONGOING.as_of, narrative="x", evidence=(EvidenceItem("A", "https://a.org/"),)
    )
    link = f"/evidence/{draft_of(cast.somtc, reporting_round, report).evidence.get().pk}/"

    assert page(cast.somtc).get(link)["Location"] == "https://a.org/"
    assert page(cast.acwc).get(link).status_code == 404


def test_without_a_round_there_is_nothing_to_report(plan: WorkPlan, cast: Cast, page: Page) -> None:
    assert "No reporting round is open" in text(page(cast.somtc).get(BEGIN, follow=True))

    response = page(cast.somtc).post(BEGIN, GOOD)

    assert response.status_code == 409
    assert "No reporting round is open" in text(response)
    assert "The module is drafted." in text(response)


def test_a_late_exception_keeps_the_form_open_for_its_body_alone(
    plan: WorkPlan, cast: Cast, slom: User, page: Page
) -> None:
    with time_machine.travel("2018-07-15T05:00:00Z", tick=False):
        reporting_round = opened(plan, by(cast.secretariat))
        actions.extend_deadline(
            reporting_round=reporting_round,
            body=SectoralBody.objects.get(acronym="SOMTC"),
            until=datetime.date(2018, 9, 1),
            reason="The focal point has changed.",
            by=by(cast.secretariat),
        )
        actions.close_round(reporting_round=reporting_round, version=reporting_round.version, by=by(cast.secretariat))
    with time_machine.travel("2018-08-20T05:00:00Z", tick=False):
        assert page(slom).get(BEGIN).status_code == 302
        assert page(slom).post(BEGIN, {**GOOD, "round": reporting_round.code}).status_code == 409
        assert page(cast.somtc).post(BEGIN, GOOD).status_code == 302
        draft = StatusUpdate.objects.get()
    with time_machine.travel("2018-09-02T05:00:00Z", tick=False):
        late = page(cast.somtc).post(address(draft), {**GOOD, "version": "1", "narrative": "Too late."})
        assert late.status_code == 409
        assert "takes no reports" in text(late)
        assert "Too late." in text(late)


@pytest.mark.parametrize("version", ["", "x", "-1", "0", "9" * 30])
def test_a_form_without_its_version_saves_nothing(
    reporting_round: ReportingRound, cast: Cast, page: Page, version: str
) -> None:
    draft = draft_of(cast.somtc, reporting_round)

    response = page(cast.somtc).post(address(draft), {**GOOD, "version": version, "narrative": "Kept here."})

    assert response.status_code == 400
    assert "without the version" in text(response)
    assert "Kept here." in text(response)
    assert draft.evidence.count() == 0
    draft.refresh_from_db()
    assert draft.version == 1


def test_further_rows_come_without_javascript_too(reporting_round: ReportingRound, cast: Cast, page: Page) -> None:
    draft = draft_of(cast.somtc, reporting_round)

    response = page(cast.somtc).post(
        address(draft), {**GOOD, "version": "1", "narrative": "Half", **rows(1), **row(title="Minutes"), "more": "1"}
    )

    content = text(response)
    assert response.status_code == 200
    assert 'name="evidence-2-title"' in content
    assert 'name="version" value="1"' in content
    assert "Half" in content
    draft.refresh_from_db()
    assert draft.version == 1


def test_the_form_asks_the_same_number_of_questions_whatever_there_is(
    reporting_round: ReportingRound, cast: Cast, page: Page, django_assert_max_num_queries: Any
) -> None:
    evidence_items = tuple(EvidenceItem(f"A{place}", f"https://a.org/{place}") for place in range(12))
    draft = draft_of(cast.somtc, reporting_round, Report("ongoing", ONGOING.as_of, "x", evidence=evidence_items))
    client = page(cast.somtc)

    with django_assert_max_num_queries(20):
        assert client.get(address(draft)).status_code == 200


def test_who_speaks_for_two_lead_bodies_chooses(reporting_round: ReportingRound, plan: WorkPlan, page: Page) -> None:
    both = make_person("bo", name="Bo Both", body="SOMTC")
    make_person("bo", body="SLOM")
    client = page(User.objects.get(pk=both.pk))

    content = text(client.get(BEGIN))
    for acronym in ("SLOM", "SOMTC"):
        assert f'name="body" value="{acronym}"' in content
    client.post(BEGIN, {**GOOD, "body": "SLOM"})
    assert StatusUpdate.objects.get().body.acronym == "SLOM"  # type: ignore[union-attr]
    assert client.get(f"{BEGIN}?body=SOMTC").status_code == 200
    assert client.get(f"{BEGIN}?body=ACWC").status_code == 404
