"""A focal point writes a report in the browser."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.building import opened
from tests.conftest import Cast, make_person
from tests.reading import text
from workplan import actions, rules
from workplan.actions import Actor, Proof, Report
from workplan.models import (
    Activity,
    Contribution,
    Evidence,
    ReportingRound,
    SectoralBody,
    StatusUpdate,
    User,
    WorkPlan,
)

Page = Callable[..., Client]
CODE = "tip-2016-2020"
BEGIN = f"/plans/{CODE}/activities/A.1.1.4/report/"  # led by SLOM and SOMTC
NO_ROWS = {"evidence-TOTAL_FORMS": "0", "evidence-INITIAL_FORMS": "0"}
GOOD = {
    "status": "ongoing",
    "as_of": "2018-06-30",
    "narrative": "The module is drafted.",
    "kind": "progress",
    **NO_ROWS,
}
AUTO = {"X-Autosave": "1"}
ONGOING = Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="The module is drafted.")
PDF = b"%PDF-1.7\nA report."


def by(user: Any) -> Actor:
    return Actor(user, "page", "r")


def row(place: int = 0, **values: Any) -> dict[str, Any]:
    return {f"evidence-{place}-{name}": value for name, value in values.items()}


def rows(number: int) -> dict[str, str]:
    return {"evidence-TOTAL_FORMS": str(number), "evidence-INITIAL_FORMS": "0"}


@pytest.fixture
def the_round(plan: WorkPlan, cast: Cast) -> ReportingRound:
    return opened(plan, by(cast.secretariat))


@pytest.fixture
def slom(plan: WorkPlan) -> User:
    """Sopha, focal point of the other lead body."""
    return make_person("sopha", name="Sopha Focal", body="SLOM")


@pytest.fixture
def partner(plan: WorkPlan) -> User:
    """Pia, another focal point of SOMTC."""
    return make_person("pia", name="Pia Focal", body="SOMTC")


def draft_of(user: User, the_round: ReportingRound, report: Report = ONGOING, acronym: str = "SOMTC") -> StatusUpdate:
    return actions.begin_report(
        activity=Activity.objects.get(ref="A.1.1.4"),
        report=report,
        by=by(user),
        the_round=the_round,
        body=SectoralBody.objects.get(acronym=acronym),
    )


def address(update: StatusUpdate) -> str:
    return f"/reports/{update.pk}/edit/"


def test_a_report_is_begun_saved_and_submitted(the_round: ReportingRound, cast: Cast, page: Page) -> None:
    client = page(cast.somtc)
    form = client.get(BEGIN)
    assert form.status_code == 200
    assert "Nothing has been reported on this activity before." in text(form)

    begun = client.post(BEGIN, {**NO_ROWS, "narrative": "Half a sentence"})

    draft = StatusUpdate.objects.get()
    assert begun["Location"] == address(draft)
    assert (draft.state, draft.status, draft.round, draft.body.acronym) == ("draft", "", the_round, "SOMTC")  # type: ignore[union-attr]
    assert client.get(BEGIN)["Location"] == address(draft)
    sent = client.post(address(draft), {**GOOD, "version": "1", "submit": "1"}, follow=True)
    draft.refresh_from_db()
    assert sent.redirect_chain == [("/my/", 302)]
    assert "Your report on A.1.1.4 is submitted for review." in text(sent)
    assert (draft.state, draft.narrative) == ("submitted", "The module is drafted.")
    assert client.get(address(draft))["Location"] == f"/reports/{draft.pk}/"


def test_a_report_can_be_begun_and_submitted_in_one_go(the_round: ReportingRound, cast: Cast, page: Page) -> None:
    page(cast.somtc).post(BEGIN, {**GOOD, "submit": "1"})

    assert StatusUpdate.objects.get().state == "submitted"


def test_the_form_starts_from_the_last_report_and_shows_it(the_round: ReportingRound, cast: Cast, page: Page) -> None:
    activity = Activity.objects.get(ref="A.1.1.4")
    last = Report(
        status="ongoing",
        as_of=datetime.date(2017, 12, 31),
        narrative="A year of talks.",
        next_steps="Draft the module.",
    )
    actions.record_status(activity=activity, version=activity.version, report=last, by=by(cast.secretariat))

    response = page(cast.somtc).get(BEGIN)

    assert response.context["form"].initial["status"] == "ongoing"
    assert response.context["form"].initial["next_steps"] == "Draft the module."
    assert "A year of talks." in text(response)


def test_what_a_rule_and_a_field_refuse_stand_there_together(the_round: ReportingRound, cast: Cast, page: Page) -> None:
    draft = draft_of(cast.somtc, the_round)

    response = page(cast.somtc).post(
        address(draft), {**GOOD, "version": "1", "status": "completed", "challenges": "a\x08b", "submit": "1"}
    )

    content = text(response)
    assert response.status_code == 400
    for message in ("no readable text", "Say what was delivered", "Add at least one link or file"):
        assert message in content
    draft.refresh_from_db()
    assert (draft.state, draft.version, draft.status) == ("draft", 1, "ongoing")


def test_what_cannot_be_submitted_yet_is_saved_with_its_file(the_round: ReportingRound, cast: Cast, page: Page) -> None:
    draft = draft_of(cast.somtc, the_round)
    file = SimpleUploadedFile("minutes.pdf", PDF)
    typed = {**GOOD, "version": "1", "status": "completed", "submit": "1", **rows(1)}

    response = page(cast.somtc).post(address(draft), {**typed, **row(title="Minutes", file=file)})

    content = text(response)
    assert response.status_code == 400
    assert "Your words are saved as a draft, but not submitted." in content
    assert "Say what was delivered" in content
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
        ("page.html", b"<script>alert(1)</script>", "Files of this kind are not taken"),
        ("image.svg", b"<svg/>", "Files of this kind are not taken"),
        ("no-ending", b"x", "Files of this kind are not taken"),
        ("report.pdf", b"<html><script>", "is called .pdf but is none"),
        ("report.pdf", b"", "The file is empty"),
        ("report.pdf", PDF + b"x" * rules.MOST_FILE_BYTES, "at most 10 MB"),
    ],
)
def test_a_file_that_cannot_be_evidence_is_refused(
    the_round: ReportingRound, cast: Cast, page: Page, name: str, content: bytes, message: str
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
        ({"file": True}, "Say what this file shows."),
        ({"title": "A", "url": "https://a.org/", "dated_on": "2018-02-30"}, "This is no day of the calendar"),
        ({"title": "A", "url": "https://a.org/", "dated_on": "2999-01-01"}, "of a day that has not come yet"),
        ({"title": "A\x07", "url": "https://a.org/"}, "no readable text"),
    ],
)
def test_a_row_of_evidence_is_a_link_or_a_file_with_its_title(
    the_round: ReportingRound, cast: Cast, page: Page, values: dict[str, Any], message: str
) -> None:
    if "file" in values:
        values = {**values, "file": SimpleUploadedFile("a.pdf", PDF)}

    response = page(cast.somtc).post(BEGIN, {**GOOD, **rows(1), **row(**values)})

    assert response.status_code == 400
    assert message in text(response)


def test_evidence_that_is_there_stays_until_it_is_removed(the_round: ReportingRound, cast: Cast, page: Page) -> None:
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
    the_round: ReportingRound, cast: Cast, slom: User, page: Page
) -> None:
    theirs = draft_of(slom, the_round, acronym="SLOM")
    page(slom).post(
        address(theirs),
        {**GOOD, "version": "1", **rows(1), **row(title="Secret", file=SimpleUploadedFile("s.pdf", PDF))},
    )
    own = draft_of(cast.somtc, the_round)

    response = page(cast.somtc).post(
        address(own), {**GOOD, "version": "1", **rows(1), **row(kept=theirs.evidence.get().pk, title="Mine")}
    )

    assert response.status_code == 400
    assert "s.pdf" not in text(response)
    assert not own.evidence.exists()


def test_a_draft_saves_as_it_is_typed(the_round: ReportingRound, cast: Cast, page: Page) -> None:
    client = page(cast.somtc)

    begun = client.post(BEGIN, {**NO_ROWS, "narrative": "Half"}, headers=AUTO).json()
    draft = StatusUpdate.objects.get()
    assert (begun["version"], begun["address"]) == (1, address(draft))
    assert "Choose a status." in begun["checklist"]
    answer = client.post(
        address(draft), {**GOOD, "version": "1", **rows(1), **row(title="Still without a link")}, headers=AUTO
    )
    assert answer.json()["version"] == 2
    draft.refresh_from_db()
    assert (draft.narrative, draft.state) == ("The module is drafted.", "draft")

    unreadable = client.post(address(draft), {**GOOD, "version": "2", "as_of": "2018-02-30"}, headers=AUTO).json()
    draft.refresh_from_db()
    assert unreadable["left_out"] == ["As-of date"]
    assert draft.as_of == datetime.date(2018, 6, 30)


def test_saving_as_one_types_takes_no_file_and_removes_nothing(
    the_round: ReportingRound, cast: Cast, page: Page
) -> None:
    report = Report(status="ongoing", as_of=ONGOING.as_of, narrative="x", evidence=(Proof("A", "https://a.org/"),))
    draft = draft_of(cast.somtc, the_round, report)
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
    the_round: ReportingRound, cast: Cast, partner: User, page: Page
) -> None:
    report = Report(status="ongoing", as_of=ONGOING.as_of, narrative="Begun.", evidence=(Proof("A", "https://a.org/"),))
    draft = draft_of(cast.somtc, the_round, report)
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
    the_round: ReportingRound, cast: Cast, partner: User, page: Page
) -> None:
    draft = draft_of(partner, the_round, Report(status="ongoing", as_of=None, narrative="Pia was first."))

    response = page(cast.somtc).post(BEGIN, {**GOOD, "narrative": "Somchai, too."})

    content = text(response)
    assert response.status_code == 409
    assert "Pia was first." in content
    assert "Somchai, too." in content
    assert f'action="{address(draft)}"' in content


def test_a_draft_is_discarded(the_round: ReportingRound, cast: Cast, page: Page) -> None:
    draft = draft_of(cast.somtc, the_round)
    client = page(cast.somtc)
    client.post(address(draft), {**GOOD, "version": "1", "narrative": "Newer."})

    assert client.post(address(draft), {**GOOD, "version": "1", "discard": "1"}).status_code == 409
    assert client.post(address(draft), {**GOOD, "version": "2", "discard": "1"})["Location"] == "/my/"
    assert not StatusUpdate.objects.exists()


def test_a_returned_report_shows_why_and_can_be_mended(the_round: ReportingRound, cast: Cast, page: Page) -> None:
    sent = actions.submit_report(update=draft_of(cast.somtc, the_round), version=1, by=by(cast.somtc))
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
    the_round: ReportingRound, cast: Cast, slom: User, page: Page
) -> None:
    own = draft_of(cast.somtc, the_round)
    sent = actions.submit_report(update=draft_of(slom, the_round, acronym="SLOM"), version=1, by=by(slom))

    refused = page(cast.somtc).post(address(own), {**GOOD, "version": "1", "submit": "1"})
    assert refused.status_code == 409
    assert "SLOM has already reported on A.1.1.4" in text(refused)
    actions.discard_report(update=own, version=2, by=by(cast.somtc))
    assert page(cast.somtc).get(BEGIN)["Location"] == f"/reports/{sent.pk}/"


def test_another_bodys_people_cannot_reach_a_draft(
    the_round: ReportingRound, cast: Cast, slom: User, page: Page
) -> None:
    draft = draft_of(cast.somtc, the_round)
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


def test_a_file_is_given_to_be_kept_and_never_to_be_run(the_round: ReportingRound, cast: Cast, page: Page) -> None:
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


def test_a_link_leads_on_only_for_those_who_see_the_report(the_round: ReportingRound, cast: Cast, page: Page) -> None:
    report = Report(status="ongoing", as_of=ONGOING.as_of, narrative="x", evidence=(Proof("A", "https://a.org/"),))
    link = f"/evidence/{draft_of(cast.somtc, the_round, report).evidence.get().pk}/"

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
        the_round = opened(plan, by(cast.secretariat))
        actions.give_exception(
            the_round=the_round,
            body=SectoralBody.objects.get(acronym="SOMTC"),
            until=datetime.date(2018, 9, 1),
            reason="The focal point has changed.",
            by=by(cast.secretariat),
        )
        actions.close_round(the_round=the_round, version=the_round.version, by=by(cast.secretariat))
    with time_machine.travel("2018-08-20T05:00:00Z", tick=False):
        assert page(slom).get(BEGIN).status_code == 302
        assert page(slom).post(BEGIN, {**GOOD, "round": the_round.code}).status_code == 409
        assert page(cast.somtc).post(BEGIN, GOOD).status_code == 302
        draft = StatusUpdate.objects.get()
    with time_machine.travel("2018-09-02T05:00:00Z", tick=False):
        late = page(cast.somtc).post(address(draft), {**GOOD, "version": "1", "narrative": "Too late."})
        assert late.status_code == 409
        assert "takes no reports" in text(late)
        assert "Too late." in text(late)


@pytest.mark.parametrize("version", ["", "x", "-1", "0", "9" * 30])
def test_a_form_without_its_version_saves_nothing(
    the_round: ReportingRound, cast: Cast, page: Page, version: str
) -> None:
    draft = draft_of(cast.somtc, the_round)

    response = page(cast.somtc).post(address(draft), {**GOOD, "version": version, "narrative": "Kept here."})

    assert response.status_code == 400
    assert "without the version" in text(response)
    assert "Kept here." in text(response)
    assert draft.evidence.count() == 0
    draft.refresh_from_db()
    assert draft.version == 1


def test_further_rows_come_without_javascript_too(the_round: ReportingRound, cast: Cast, page: Page) -> None:
    draft = draft_of(cast.somtc, the_round)

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
    the_round: ReportingRound, cast: Cast, page: Page, django_assert_max_num_queries: Any
) -> None:
    proofs = tuple(Proof(f"A{place}", f"https://a.org/{place}") for place in range(12))
    draft = draft_of(cast.somtc, the_round, Report("ongoing", ONGOING.as_of, "x", evidence=proofs))
    client = page(cast.somtc)

    with django_assert_max_num_queries(20):
        assert client.get(address(draft)).status_code == 200


def test_who_speaks_for_two_lead_bodies_chooses(the_round: ReportingRound, plan: WorkPlan, page: Page) -> None:
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


# What cooperating bodies add


def contribution_of(user: User, plan: WorkPlan) -> str:
    body = user.bodies.get()
    ref = Activity.objects.filter(plan=plan).involving([body], rules.COOPERATING).earliest("position").ref
    return f"/plans/{CODE}/activities/{ref}/contribution/"


def test_a_cooperating_body_adds_to_the_report(
    the_round: ReportingRound, plan: WorkPlan, cast: Cast, page: Page
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


def test_a_contribution_is_seen_beside_the_report_by_its_leads_alone(
    the_round: ReportingRound, plan: WorkPlan, cast: Cast, page: Page
) -> None:
    activity = Activity.objects.for_display().get(ref="A.1.1.4")
    other = SectoralBody.objects.exclude(pk__in=[body.pk for body in activity.lead_bodies]).earliest("pk")
    Contribution.objects.create(
        round=the_round,
        activity=activity,
        body=other,
        text="Forty officers trained.",
        author=cast.acwc,
        author_name="Aisyah",
    )

    assert "Forty officers trained." in text(page(cast.somtc).get(BEGIN))
    assert page(cast.newcomer).get(f"/plans/{CODE}/activities/A.1.1.4/contribution/").status_code == 403
    assert page(cast.somtc).get(f"/plans/{CODE}/activities/A.1.1.4/contribution/").status_code == 403
