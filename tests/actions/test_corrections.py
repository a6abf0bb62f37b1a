"""Corrections of approved reports: in the place of what they correct, by whom may, with what they leave behind."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client

from tests.conftest import Cast
from tests.larger_plans import opened
from workplan import actions, permissions, rules
from workplan.actions import Actor, EvidenceItem, Report
from workplan.exceptions import Invalid, NotAllowed, WrongState
from workplan.models import Activity, AuditEntry, Obligation, ReportingRound, SectoralBody, StatusUpdate, WorkPlan
from workplan.monitoring import achievements

Page = Callable[..., Client]
DONE = datetime.date(2018, 3, 31)
LATER = datetime.date(2018, 6, 30)
REF = "A.1.1.1"  # led by SOMTC
WRONG = Report(
    status="completed",
    as_of=DONE,
    narrative="Teh module is printed.",
    outputs_delivered="A module",
    evidence=(
        EvidenceItem("Minutes", "https://example.org/minutes"),
        EvidenceItem("Module", file=None, url="https://a.org"),
    ),
)
RIGHT = {"narrative": "The module is printed.", "outputs_delivered": "A module", "status": "completed"}


def by(user: Any, request: str = "r") -> Actor:
    return Actor(user, "page", request)


def activity() -> Activity:
    return Activity.objects.get(ref=REF)


@pytest.fixture
def reporting_round(plan: WorkPlan, cast: Cast) -> ReportingRound:
    return opened(plan, by(cast.secretariat))


@pytest.fixture
def approved(reporting_round: ReportingRound, cast: Cast) -> StatusUpdate:
    """The report of SOMTC, approved; its round is closed and published, and "no change" came after it."""
    somtc = SectoralBody.objects.get(acronym="SOMTC")
    draft = actions.begin_report(
        activity=activity(), report=WRONG, by=by(cast.somtc), reporting_round=reporting_round, body=somtc
    )
    sent = actions.submit_report(update=draft, version=1, by=by(cast.somtc))
    update = actions.approve_report(update=sent, version=sent.version, by=by(cast.colleague))
    reporting_round.refresh_from_db()
    closed = actions.close_round(
        reporting_round=reporting_round, version=reporting_round.version, by=by(cast.secretariat)
    )
    actions.publish_round(reporting_round=closed, version=closed.version, by=by(cast.secretariat))
    unchanged = Report(status="completed", as_of=LATER, kind=rules.NO_CHANGE)
    row = activity()
    actions.record_status(activity=row, version=row.version, report=unchanged, by=by(cast.secretariat))
    return StatusUpdate.objects.get(pk=update.pk)


def form_of_the_right_words(approved: StatusUpdate) -> dict[str, Any]:
    """What the form of a correction sends, with the first evidence of the report."""
    kept = approved.evidence.order_by("position")[0]
    return {
        **RIGHT,
        "version": approved.version,
        "evidence-TOTAL_FORMS": 1,
        "evidence-INITIAL_FORMS": 1,
        "evidence-0-kept": kept.pk,
        "evidence-0-title": kept.title,
        "evidence-0-url": kept.url,
    }


def correct(update: StatusUpdate, user: Any, request: str = "r", **changes: Any) -> StatusUpdate:
    submit = changes.pop("submit", True)
    kept = tuple(EvidenceItem(one.title, one.url, kept=one.pk) for one in update.evidence.all())
    report = Report(**{**RIGHT, "as_of": None, "evidence": kept, **changes})
    return actions.correct_report(
        update=update, version=update.version, report=report, by=by(user, request), submit=submit
    )


def test_a_body_corrects_its_report_after_the_round_and_the_secretariat_reviews_it(
    approved: StatusUpdate, cast: Cast
) -> None:
    sent = correct(approved, cast.somtc)

    assert (sent.state, sent.kind, sent.corrects) == (rules.SUBMITTED, rules.CORRECTION, approved)
    assert (sent.as_of, sent.body, sent.round) == (DONE, approved.body, approved.round)
    assert activity().latest_update == approved  # until it is approved
    made = actions.approve_report(update=sent, version=sent.version, by=by(cast.colleague), confirmed=False)
    row = activity()
    assert (row.status, row.status_as_of, row.confirmed_on, row.latest_update) == ("completed", DONE, LATER, made)
    assert [one.url for one in made.evidence.all()] == ["https://example.org/minutes", "https://a.org"]
    assert Obligation.objects.get(round=approved.round, activity=row).state == rules.APPROVED
    [achievement] = achievements.latest_of(Activity.objects.all(), 5)
    assert (achievement.day, achievement.update) == (DONE, made)
    # Before that, everybody knew the original.
    assert made.approved_at is not None
    before = Activity.objects.as_of(made.approved_at - datetime.timedelta(microseconds=1)).get(ref=REF)
    assert (before.latest_update, before.status_as_of) == (approved, DONE)


def test_the_secretariat_corrects_at_once_for_the_body_and_undoes_it(approved: StatusUpdate, cast: Cast) -> None:
    made = correct(
        approved,
        cast.secretariat,
        "correcting",
        narrative="The module is drafted.",
        status="ongoing",
        reason="Not printed.",
    )

    assert (made.state, made.is_direct, made.body, made.written_by) == (
        "approved",
        True,
        approved.body,
        "the secretariat",
    )
    assert (activity().status, activity().status_as_of, activity().confirmed_on) == ("ongoing", DONE, LATER)
    entry = AuditEntry.objects.get(action="report.corrected")
    assert (entry.record_id, entry.changes["corrects"]) == (str(made.pk), [approved.pk, made.pk])
    assert entry.changes["narrative"] == [WRONG.narrative, "The module is drafted."]
    assert entry.changes["status"] == ["completed", "ongoing"]

    actions.undo_request(request_id="correcting", reason="It was printed.", by=by(cast.colleague, "undo"))

    again = activity().latest_update
    assert again is not None and again.corrects == approved
    assert (again.status, again.narrative, again.as_of) == ("completed", WRONG.narrative, DONE)
    assert (activity().status_as_of, activity().confirmed_on) == (DONE, LATER)
    assert [one.day for one in achievements.latest_of(Activity.objects.all(), 5)] == [DONE]
    assert actions.obstacles_to_undoing("correcting") != []


def test_the_correction_of_an_older_report_changes_nothing_of_today(approved: StatusUpdate, cast: Cast) -> None:
    row = activity()
    words: dict[str, Any] = {**RIGHT, "narrative": "In its second edition."}
    later = Report(**words, as_of=LATER, evidence=WRONG.evidence)
    newest = actions.record_status(activity=row, version=row.version, report=later, by=by(cast.secretariat))
    version = activity().version

    correct(approved, cast.secretariat, "correcting")

    assert (activity().latest_update, activity().status_as_of, activity().version) == (newest, LATER, version)
    [achievement] = achievements.latest_of(Activity.objects.all(), 5)
    assert (achievement.day, achievement.update.narrative) == (DONE, RIGHT["narrative"])
    actions.undo_request(request_id="correcting", reason="No.", by=by(cast.colleague, "undo"))
    assert achievements.latest_of(Activity.objects.all(), 5)[0].update.narrative == WRONG.narrative


def test_what_cannot_be_corrected_says_why(approved: StatusUpdate, cast: Cast) -> None:
    for person in (cast.newcomer, cast.acwc):
        with pytest.raises(NotAllowed, match="Only the body that reported"):
            correct(approved, person)
    with pytest.raises(Invalid) as refused:
        correct(approved, cast.somtc, as_of=LATER)
    assert "keeps the date of the report that it corrects, 31 March 2018" in str(refused.value.fields["as_of"])
    with pytest.raises(Invalid) as unexplained:
        correct(approved, cast.secretariat, status="ongoing")
    assert "reported as completed before" in str(unexplained.value.fields["reason"])
    draft = correct(approved, cast.somtc, submit=False, narrative="")
    with pytest.raises(WrongState, match="has begun a correction of this report"):
        correct(approved, cast.somtc)
    with pytest.raises(Invalid):
        actions.submit_report(update=draft, version=1, by=by(cast.somtc))
    made = correct(approved, cast.secretariat)
    with pytest.raises(WrongState, match="was corrected already"):
        correct(approved, cast.secretariat)
    with pytest.raises(WrongState, match="corrected meanwhile"):
        actions.submit_report(update=draft, version=1, by=by(cast.somtc))
    # The correction itself can be corrected; all of them stand in the place of the first.
    last = correct(made, cast.secretariat, narrative="The module is printed and sent.")
    assert (last.corrects, activity().latest_update) == (approved, last)
    shown = StatusUpdate.objects.for_display().get(pk=approved.pk)
    assert (shown.correction_id, "correct" in permissions.allowed_actions(cast.secretariat, shown)) == (last.pk, False)  # type: ignore[attr-defined]


def test_a_file_behind_the_original_is_copied(approved: StatusUpdate, cast: Cast) -> None:
    file = SimpleUploadedFile("module.pdf", b"%PDF-1.7 module")
    made = correct(approved, cast.secretariat, evidence=(EvidenceItem("Module", file=file),))
    draft = correct(made, cast.somtc, submit=False)
    kept, copied = made.evidence.get().file, draft.evidence.get().file
    with copied.open("rb") as content:
        assert kept.name != copied.name and content.read() == b"%PDF-1.7 module"
    actions.discard_report(update=draft, version=1, by=by(cast.somtc))
    assert kept.storage.exists(kept.name or "")


def test_the_database_keeps_what_a_correction_corrects(approved: StatusUpdate, cast: Cast) -> None:
    draft = correct(approved, cast.somtc, submit=False)
    for change in ("corrects_id = NULL", "kind = 'progress'"):
        with pytest.raises(DatabaseError, match="correct"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE workplan_statusupdate SET {change} WHERE id = %s", [draft.pk])


def test_pages_show_the_correction_with_the_original_folded_away(
    approved: StatusUpdate, cast: Cast, page: Page
) -> None:
    address = f"/reports/{approved.pk}/correct/"
    assert page(cast.newcomer).get(address).status_code == 403
    form = page(cast.somtc).get(address)
    assert form.context["form"].initial["narrative"] == WRONG.narrative
    assert 'name="as_of"' not in form.content.decode() and 'name="kind"' not in form.content.decode()
    typed = form_of_the_right_words(approved)
    assert page(cast.somtc).post(address, {**typed, "version": ""}).status_code == 400
    assert page(cast.somtc).post(address, {**typed, "narrative": ""}).status_code == 400
    assert page(cast.secretariat).post(address, typed).status_code == 302
    made = activity().latest_update
    assert made is not None and made.corrects == approved

    public = page().get(activity().get_absolute_url()).content.decode()
    assert "by the secretariat. Show the original" in public and '<details class="corrected">' in public
    assert "Sari" not in public and "confirmed without change on" in public and WRONG.narrative in public
    assert public.index(str(RIGHT["narrative"])) < public.index(WRONG.narrative)
    original = page().get(approved.get_absolute_url()).content.decode()
    assert f'href="{made.get_absolute_url()}">see the correction</a>' in original
    assert page(cast.secretariat).get(address)["Location"] == approved.get_absolute_url()
    assert page(cast.secretariat).post(address, typed).status_code == 409


def test_the_form_leads_to_the_correction_that_somebody_has_begun_or_sent(
    approved: StatusUpdate, reporting_round: ReportingRound, cast: Cast, page: Page
) -> None:
    address = f"/reports/{approved.pk}/correct/"
    author = page(cast.somtc)
    typed = {**RIGHT, "version": approved.version, "evidence-TOTAL_FORMS": 0, "evidence-INITIAL_FORMS": 0}
    typed["outputs_delivered"] = "A module"

    longer = author.post(address, {**typed, "more": "1"})
    assert longer.status_code == 200 and RIGHT["narrative"] in longer.content.decode()
    assert 'name="evidence-1-title"' in longer.content.decode()
    assert author.post(address, {**typed, "version": approved.version + 7}).status_code == 409

    kept = {
        f"evidence-{place}-{name}": value
        for place, one in enumerate(approved.evidence.order_by("position"))
        for name, value in (("kept", one.pk), ("title", one.title), ("url", one.url))
    }
    saved = author.post(address, {**typed, **kept, "evidence-TOTAL_FORMS": 2, "save": "1"}, follow=True)
    draft = StatusUpdate.objects.get(corrects=approved)
    assert saved.redirect_chain == [(f"/reports/{draft.pk}/edit/", 302)]
    assert "It is not submitted yet." in saved.content.decode()
    assert author.get(address)["Location"] == f"/reports/{draft.pk}/edit/"

    sent = actions.submit_report(update=draft, version=draft.version, by=by(cast.somtc))
    again = author.get(address, follow=True)
    assert again.redirect_chain == [(sent.get_absolute_url(), 302)]
    assert "A correction of this report is submitted already." in again.content.decode()
    of_the_correction = author.get(f"/reports/{sent.pk}/correct/", follow=True)
    assert of_the_correction.redirect_chain == [(sent.get_absolute_url(), 302)]
    assert "Only an approved report is corrected" in of_the_correction.content.decode()


def test_a_correction_that_is_sent_at_once_waits_for_its_review(approved: StatusUpdate, cast: Cast, page: Page) -> None:
    typed = form_of_the_right_words(approved)
    sent = page(cast.somtc).post(f"/reports/{approved.pk}/correct/", typed, follow=True)
    assert "waits for its review" in sent.content.decode()
    assert StatusUpdate.objects.get(corrects=approved).state == rules.SUBMITTED


def test_the_api_corrects_and_names_both(approved: StatusUpdate, cast: Cast, api: Any) -> None:
    address = f"/api/v1/updates/{approved.pk}/correct/"
    tag = f'"{approved.version}-x"'
    send = {"data": {"narrative": RIGHT["narrative"]}, "format": "json", "HTTP_IF_MATCH": tag}
    assert api(cast.newcomer).post(address, **send).status_code == 403
    assert api(cast.somtc).post(address, **{**send, "data": {"as_of": "2018-06-30"}}).status_code == 400
    assert api(cast.somtc).post(address, data={}, format="json").status_code == 428
    answer = api(cast.secretariat).post(address, **send)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["corrects"], made["kind"], made["as_of"]) == (approved.pk, "correction", "2018-03-31")
    assert [one["title"] for one in made["evidence"]] == ["Minutes", "Module"]
    before = api().get(f"/api/v1/updates/{approved.pk}/").json()
    assert (before["correction"], before["corrects"]) == (made["id"], None) and before["corrected_at"]
    shown = api().get(f"/api/v1/activities/{activity().pk}/").json()
    assert (shown["status_as_of"], shown["confirmed_on"]) == ("2018-03-31", "2018-06-30")
    assert (shown["latest_update"]["id"], shown["latest_update"]["corrects"]) == (made["id"], approved.pk)
    assert api(cast.secretariat).post(address, **send).status_code == 409
