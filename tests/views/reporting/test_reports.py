"""Reports are written on pages: begun, with evidence, and submitted."""

import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.answer_text import text
from tests.conftest import Cast
from tests.views.reporting.reports import BEGIN, GOOD, NO_ROWS, PDF, Page, address, by, draft_of, row, rows
from workplan import actions, rules
from workplan.actions import Report
from workplan.models import Activity, Evidence, ReportingRound, StatusUpdate, User


def test_a_report_is_begun_saved_and_submitted(reporting_round: ReportingRound, cast: Cast, page: Page) -> None:
    client = page(cast.somtc)
    form = client.get(BEGIN)
    assert form.status_code == 200
    assert "Nothing has been reported on this activity before." in text(form)

    begun = client.post(BEGIN, {**NO_ROWS, "narrative": "Half a sentence"})

    draft = StatusUpdate.objects.get()
    assert begun["Location"] == address(draft)
    assert (draft.state, draft.status, draft.round, draft.body.acronym) == ("draft", "", reporting_round, "SOMTC")  # type: ignore[union-attr]
    assert client.get(BEGIN)["Location"] == address(draft)
    sent = client.post(address(draft), {**GOOD, "version": "1", "submit": "1"}, follow=True)
    draft.refresh_from_db()
    assert sent.redirect_chain == [("/my/", 302)]
    assert "Your report on A.1.1.4 is submitted for review." in text(sent)
    assert (draft.state, draft.narrative) == ("submitted", "The module is drafted.")
    assert client.get(address(draft))["Location"] == f"/reports/{draft.pk}/"


def test_a_report_can_be_begun_and_submitted_in_one_go(reporting_round: ReportingRound, cast: Cast, page: Page) -> None:
    page(cast.somtc).post(BEGIN, {**GOOD, "submit": "1"})

    assert StatusUpdate.objects.get().state == "submitted"


def test_the_form_starts_from_the_last_report_and_shows_it(
    reporting_round: ReportingRound, cast: Cast, page: Page
) -> None:
    activity = Activity.objects.get(ref="A.1.1.4")
    last = Report(
        status="ongoing",
        as_of=datetime.date(2017, 12, 31),
        narrative="A year of talks.",
        next_steps="Draft the module.",
    )
    actions.record_status(activity=activity, version=activity.version, report=last, by=by(cast.secretariat))

    response = page(cast.somtc).get(BEGIN)

    assert "status" not in response.context["form"].initial  # for the author to say
    assert response.context["form"].initial["as_of"] == reporting_round.period_end
    assert response.context["form"].initial["next_steps"] == "Draft the module."
    assert "A year of talks." in text(response)


def test_what_a_rule_and_a_field_refuse_stand_there_together(
    reporting_round: ReportingRound, cast: Cast, page: Page
) -> None:
    draft = draft_of(cast.somtc, reporting_round)

    response = page(cast.somtc).post(
        address(draft), {**GOOD, "version": "1", "status": "completed", "challenges": "a\x08b", "submit": "1"}
    )

    content = text(response)
    assert response.status_code == 400
    for message in ("no readable text", "Enter the outputs delivered", "Add at least one link or file"):
        assert message in content
    draft.refresh_from_db()
    assert (draft.state, draft.version, draft.status) == ("draft", 1, "ongoing")


def test_what_cannot_be_submitted_yet_is_saved_with_its_file(
    reporting_round: ReportingRound, cast: Cast, page: Page
) -> None:
    draft = draft_of(cast.somtc, reporting_round)
    file = SimpleUploadedFile("minutes.pdf", PDF)
    typed = {**GOOD, "version": "1", "status": "completed", "submit": "1", **rows(1)}

    response = page(cast.somtc).post(address(draft), {**typed, **row(title="Minutes", file=file)})

    content = text(response)
    assert response.status_code == 400
    assert "your text is saved as a draft and has not been submitted" in content
    assert "Enter the outputs delivered" in content
    assert "minutes.pdf" in content
    draft.refresh_from_db()
    assert (draft.state, draft.status, draft.version) == ("draft", "completed", 2)
    assert 'name="version" value="2"' in content
    kept = draft.evidence.get()
    again = {**typed, "version": "2", "outputs_delivered": "The module.", **row(kept=kept.pk, title="Minutes")}
    page(cast.somtc).post(address(draft), again)
    draft.refresh_from_db()
    assert draft.state == "submitted"
    assert draft.evidence.get().file_name == "minutes.pdf"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("page.html", b"<script>alert(1)</script>", "Files of this type are not accepted"),
        ("image.svg", b"<svg/>", "Files of this type are not accepted"),
        ("no-ending", b"x", "Files of this type are not accepted"),
        ("report.pdf", b"<html><script>", "is called .pdf but has another format"),
        ("report.pdf", b"", "The file is empty"),
        ("report.pdf", PDF + b"x" * rules.MOST_FILE_BYTES, "at most 10 MB"),
    ],
)
def test_a_file_that_cannot_be_evidence_is_refused(
    reporting_round: ReportingRound, cast: Cast, page: Page, name: str, content: bytes, message: str
) -> None:
    file = SimpleUploadedFile(name, content, content_type="application/pdf")

    response = page(cast.somtc).post(BEGIN, {**GOOD, **rows(1), **row(title="Minutes", file=file)})

    assert response.status_code == 400
    assert message in text(response)
    assert "The module is drafted." in text(response)
    assert not StatusUpdate.objects.exists()
    assert not Evidence.objects.exists()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"title": "A", "url": "https://a.org/", "file": True}, "Give a link or a file, one of the two."),
        ({"title": "A"}, "Give the link or a file, or clear the title."),
        ({"file": True}, "Enter what this file shows."),
        ({"title": "A", "url": "https://a.org/", "dated_on": "2018-02-30"}, "This is no day of the calendar"),
        ({"title": "A", "url": "https://a.org/", "dated_on": "2999-01-01"}, "is in the future"),
        ({"title": "A\x07", "url": "https://a.org/"}, "no readable text"),
    ],
)
def test_a_row_of_evidence_is_a_link_or_a_file_with_its_title(
    reporting_round: ReportingRound, cast: Cast, page: Page, values: dict[str, Any], message: str
) -> None:
    if "file" in values:
        values = {**values, "file": SimpleUploadedFile("a.pdf", PDF)}

    response = page(cast.somtc).post(BEGIN, {**GOOD, **rows(1), **row(**values)})

    assert response.status_code == 400
    assert message in text(response)


def test_evidence_that_is_there_stays_until_it_is_removed(
    reporting_round: ReportingRound, cast: Cast, page: Page
) -> None:
    client = page(cast.somtc)
    both = {**row(title="Minutes", file=SimpleUploadedFile("m.pdf", PDF), dated_on="2018-05-01")}
    both |= row(1, title="Page", url="https://a.org/")
    client.post(BEGIN, {**GOOD, **rows(2), **both})
    draft = StatusUpdate.objects.get()
    file, link = draft.evidence.all()
    assert (file.dated_on, link.dated_on) == (datetime.date(2018, 5, 1), datetime.date.today())
    content = text(client.get(address(draft)))
    assert f'href="/evidence/{file.pk}/">m.pdf</a>' in content
    assert "No personal data of victims or suspects" in content

    kept = row(kept=file.pk, title="Minutes of May") | row(
        1, kept=link.pk, title="Page", url="https://a.org/", remove="on"
    )
    client.post(address(draft), {**GOOD, "version": "1", **rows(2), **kept})

    assert [(one.pk, one.title) for one in draft.evidence.all()] == [(file.pk, "Minutes of May")]


def test_evidence_of_another_report_cannot_be_claimed(
    reporting_round: ReportingRound, cast: Cast, slom: User, page: Page
) -> None:
    theirs = draft_of(slom, reporting_round, acronym="SLOM")
    page(slom).post(
        address(theirs),
        {**GOOD, "version": "1", **rows(1), **row(title="Secret", file=SimpleUploadedFile("s.pdf", PDF))},
    )
    own = draft_of(cast.somtc, reporting_round)

    response = page(cast.somtc).post(
        address(own), {**GOOD, "version": "1", **rows(1), **row(kept=theirs.evidence.get().pk, title="Mine")}
    )

    assert response.status_code == 400
    assert "s.pdf" not in text(response)
    assert not own.evidence.exists()
