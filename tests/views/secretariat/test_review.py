"""The page of a report: who sees what of it, and what can be done."""

import datetime
from typing import Any

import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.answer_text import text
from tests.conftest import Cast, make_person
from tests.larger_plans import opened
from tests.views.secretariat.reports import ONGOING, Page, body, by, drafted, sent
from workplan import actions, rules
from workplan.actions import EvidenceItem, Report
from workplan.models import Activity, Comment, Concurrence, ReportingRound, StatusUpdate, User, WorkPlan


def slom() -> User:
    return make_person("lina", name="Lina Focal", body="SLOM")


# Who sees what


def test_reports_in_the_making_are_for_those_who_have_a_part_in_them(
    cast: Cast, reporting_round: ReportingRound, page: Page
) -> None:
    draft = drafted(cast.somtc, reporting_round)
    address = draft.get_absolute_url()
    strangers = (cast.visitor, cast.newcomer, cast.acwc)

    def statuses(people: Any) -> set[int]:
        return {page(person).get(address).status_code for person in people}

    assert statuses((*strangers, slom())) == {404}  # not even the joint lead sees a draft
    assert statuses((cast.somtc, cast.secretariat)) == {200}
    update = actions.submit_report(update=draft, version=1, by=by(cast.somtc))
    assert statuses(strangers) == {404}
    assert statuses((cast.somtc, cast.secretariat, slom())) == {200}
    actions.return_report(update=update, version=2, reason="Name the module.", by=by(cast.secretariat))
    assert statuses(strangers) == {404}
    for action in ("submit", "approve", "return", "concur", "comment", "discard"):
        for person in (cast.newcomer, cast.acwc):
            response = page(person).post(f"{address}{action}/", {"version": "3"})
            assert response.status_code == 404
    assert StatusUpdate.objects.get().state == rules.RETURNED


def test_readers_without_a_part_in_a_published_report_see_words_and_evidence_only(
    cast: Cast, reporting_round: ReportingRound, page: Page
) -> None:
    update = sent(cast.somtc, reporting_round)
    returned = actions.return_report(update=update, version=2, reason="Secret reason", by=by(cast.secretariat))
    actions.save_report(update=returned, version=3, report=ONGOING, by=by(cast.somtc))
    again = actions.submit_report(update=returned, version=4, by=by(cast.somtc))
    actions.concur(update=again, version=5, by=by(slom()))
    actions.comment(update=again, text="A private word", by=by(cast.secretariat))
    helper = Activity.objects.get(ref="A.1.1.4").cooperating_bodies[0]
    actions.contribute(
        activity=again.activity,
        reporting_round=reporting_round,
        body=helper,
        text="What the helper added",
        by=by(make_person("coop", name="Coop Focal", body=helper.acronym)),
    )
    actions.approve_report(update=again, version=5, by=by(cast.colleague))
    private = (
        *("Secret reason", "A private word", "What the helper added"),
        *("Somchai", "Sari", "Ben Staff", "Lina", "Coop Focal", "Audit trail", "Joint leads"),
    )

    for stranger in (cast.visitor, cast.newcomer, cast.acwc):
        content = text(page(stranger).get(update.get_absolute_url()))
        assert "The module is drafted." in content
        assert "https://example.org/minutes" in content
        assert [words for words in private if words in content.partition("<main")[2]] == []
    inside = text(page(cast.secretariat).get(update.get_absolute_url()))
    assert [words for words in private if words not in inside] == []


def test_evidence_stands_with_its_date_and_a_file_with_its_name_and_size(
    cast: Cast, reporting_round: ReportingRound, page: Page
) -> None:
    file = SimpleUploadedFile("minutes of june.pdf", b"%PDF-" + b"x" * 2_043)
    evidence_item = EvidenceItem("The minutes", file=file, dated_on=datetime.date(2018, 6, 3))
    report = Report(
        status="ongoing", as_of=ONGOING.as_of, narrative="Begun.", evidence=(*ONGOING.evidence, evidence_item)
    )
    update = sent(cast.somtc, reporting_round, report=report)

    content = text(page(cast.secretariat).get(update.get_absolute_url())).replace("\xa0", " ")

    stored = update.evidence.get(title="The minutes")
    assert f'<a href="/evidence/{stored.pk}/" rel="nofollow noopener external">The minutes</a>' in content
    assert "minutes of june.pdf, 2.0 KB" in content
    assert "of 3 June 2018" in content
    assert "of 1 June 2018" in content


def test_a_report_that_waits_for_the_publication_of_its_round_says_so(plan: WorkPlan, cast: Cast, page: Page) -> None:
    reporting_round = opened(plan, by(cast.secretariat), publication=rules.WITH_ROUND)
    update = sent(cast.somtc, reporting_round)

    approved = page(cast.secretariat).post(f"{update.get_absolute_url()}approve/", {"version": "2"}, follow=True)

    assert "takes effect when “First half of 2018” is published" in text(approved)
    assert "It takes effect when the round is published." in text(approved)
    assert page().get(update.get_absolute_url()).status_code == 404


def test_an_entry_of_the_secretariat_says_so(cast: Cast, reporting_round: ReportingRound, page: Page) -> None:
    activity = Activity.objects.get(ref="A.1.1.4")
    update = actions.record_status(
        activity=activity,
        version=1,
        report=ONGOING,
        by=by(cast.secretariat),
        reporting_round=reporting_round,
        body=body("SOMTC"),
    )

    content = text(page().get(update.get_absolute_url()))

    assert "Recorded directly by the secretariat, on behalf of SOMTC." in content
    assert "Sari" not in content


# What can be done


def test_the_page_offers_exactly_what_the_person_can_do(
    cast: Cast, reporting_round: ReportingRound, page: Page
) -> None:
    draft = drafted(cast.somtc, reporting_round)
    address = draft.get_absolute_url()

    def offered(person: User) -> set[str]:
        content = page(person).get(address).content.decode()
        shown = {action for action in rules.REPORT_ACTIONS if f'action="{address}{action}/' in content}
        return shown | ({"edit"} if f'href="{address}edit/"' in content else set())

    assert offered(cast.somtc) == {"edit", "submit", "discard", "comment"}
    assert offered(cast.secretariat) == {"comment"}
    actions.submit_report(update=draft, version=1, by=by(cast.somtc))
    assert offered(cast.somtc) == {"comment"}
    assert offered(cast.secretariat) == {"approve", "return", "comment"}
    assert offered(slom()) == {"concur", "comment"}
    page(slom()).post(f"{address}concur/", {"version": "2", "body": "SLOM"})
    assert offered(slom()) == {"comment"}
    assert "SLOM" in text(page(cast.secretariat).get(address))
    assert Concurrence.objects.get().way == rules.GIVEN


def test_a_draft_shows_its_checklist_and_is_submitted_or_discarded(
    cast: Cast, reporting_round: ReportingRound, page: Page
) -> None:
    empty = drafted(cast.somtc, reporting_round, report=Report(status="", as_of=None))
    address = empty.get_absolute_url()

    assert "Select a status." in text(page(cast.somtc).get(address))
    refused = page(cast.somtc).post(f"{address}submit/", {"version": "1"})
    assert refused.status_code == 400
    assert "Enter the date of this status." in text(refused)
    discarded = page(cast.somtc).post(f"{address}discard/", {"version": "1"})
    assert discarded["Location"] == empty.activity.get_absolute_url()
    assert not StatusUpdate.objects.exists()

    full = drafted(cast.somtc, reporting_round)
    response = page(cast.somtc).post(f"{full.get_absolute_url()}submit/", {"version": "1"}, follow=True)
    assert "is to be reviewed" in text(response)


def test_who_cannot_go_on_is_told_why(cast: Cast, reporting_round: ReportingRound, page: Page) -> None:
    draft = drafted(cast.somtc, reporting_round)
    actions.close_round(reporting_round=reporting_round, version=reporting_round.version, by=by(cast.secretariat))

    content = text(page(cast.somtc).get(draft.get_absolute_url()))

    assert "“First half of 2018” takes no reports any more." in content
    assert "Continue writing" not in content
    refused = page(cast.somtc).post(f"{draft.get_absolute_url()}submit/", {"version": "1"})
    assert refused.status_code == 409


def test_returning_needs_a_reason(cast: Cast, reporting_round: ReportingRound, page: Page) -> None:
    update = sent(cast.somtc, reporting_round)
    address = f"{update.get_absolute_url()}return/"

    for reason in ("", "   ", "a\x00b"):
        response = page(cast.secretariat).post(address, {"version": "2", "reason": reason})
        assert response.status_code == 400
    too_long = page(cast.secretariat).post(address, {"version": "2", "reason": "Too long. " * 1_000})
    assert too_long.status_code == 400
    assert "Too long. Too long." in text(too_long)
    assert StatusUpdate.objects.get().state == rules.SUBMITTED
    response = page(cast.secretariat).post(address, {"version": "2", "reason": "Name the module."})
    assert response.status_code == 302
    content = text(page(cast.somtc).get(update.get_absolute_url()))
    assert "Name the module." in content
    assert "Sari Staff" in content
    assert "Revise and resubmit" in content


def test_of_two_reviewers_the_second_is_told_and_keeps_what_they_typed(
    cast: Cast, reporting_round: ReportingRound, page: Page
) -> None:
    update = sent(cast.somtc, reporting_round)
    page(cast.colleague).post(f"{update.get_absolute_url()}approve/", {"version": "2"})

    response = page(cast.secretariat).post(
        f"{update.get_absolute_url()}return/", {"version": "2", "reason": "I would rather not."}
    )

    content = text(response)
    assert response.status_code == 409
    assert "The report is <strong>approved</strong> now: Ben Staff" in content
    assert "I would rather not." in content
    assert StatusUpdate.objects.get().state == rules.APPROVED


def test_a_reviewer_decides_on_the_words_that_they_have_read(
    cast: Cast, reporting_round: ReportingRound, page: Page
) -> None:
    update = sent(cast.somtc, reporting_round)
    actions.return_report(update=update, version=2, reason="Name it.", by=by(cast.colleague))
    changed = Report(status="ongoing", as_of=ONGOING.as_of, narrative="Other words.")
    actions.save_report(update=update, version=3, report=changed, by=by(cast.somtc))
    actions.submit_report(update=update, version=4, by=by(cast.somtc))

    late = page(cast.secretariat).post(f"{update.get_absolute_url()}approve/", {"version": "2"})
    returning = {"version": "2", "reason": "Typed long ago"}
    kept = page(cast.secretariat).post(f"{update.get_absolute_url()}return/", returning)

    assert (late.status_code, kept.status_code) == (409, 409)
    assert "Other words." in text(late)
    assert "Typed long ago</textarea>" in text(kept)
    assert 'name="version" value="5"' in text(kept)
    for nonsense in ({}, {"version": "x"}, {"version": "-1"}, {"version": "9" * 30}):
        refused = page(cast.secretariat).post(f"{update.get_absolute_url()}approve/", nonsense)
        assert refused.status_code == 400
    assert StatusUpdate.objects.get().state == rules.SUBMITTED


def test_nobody_approves_their_own_report_and_the_page_says_why(
    cast: Cast, reporting_round: ReportingRound, page: Page
) -> None:
    cast.somtc.groups.add(*cast.secretariat.groups.all())
    update = sent(User.objects.get(pk=cast.somtc.pk), reporting_round)
    address = update.get_absolute_url()

    content = text(page(cast.somtc).get(address))
    assert f"{address}approve/" not in content
    assert "You took part in this report" in content
    assert page(cast.somtc).post(f"{address}approve/", {"version": "2"}).status_code == 403
    queued = page(cast.somtc).get("/review/")
    assert "By the four-eyes principle" in text(queued)
    assert 'type="checkbox" name="report"' not in text(queued)
    forced = page(cast.somtc).post("/review/", {"report": [f"{update.pk}:2"]})
    assert forced.status_code == 409
    assert "a colleague has to approve it" in text(forced)
    assert StatusUpdate.objects.get().state == rules.SUBMITTED


def test_comments_are_shown_with_the_report_and_are_never_lost(
    cast: Cast, reporting_round: ReportingRound, page: Page
) -> None:
    update = sent(cast.somtc, reporting_round)
    address = f"{update.get_absolute_url()}comment/"

    assert page(cast.somtc).post(address, {"text": " "}).status_code == 400
    assert page(slom()).post(address, {"text": "We <b>agree</b>."}).status_code == 302
    content = text(page(cast.secretariat).get(update.get_absolute_url()))
    assert "We &lt;b&gt;agree&lt;/b&gt;." in content
    assert "Lina Focal" in content
    assert Comment.objects.get().body == body("SLOM")
    signed_out = page().post(address, {"text": "Typed before the session ended"})
    assert signed_out.status_code == 403
    assert "Typed before the session ended" in text(signed_out)
    assert f"?next={address}" in text(signed_out)
    gone = page(cast.acwc).post(address, {"text": "Typed by a stranger"})
    assert gone.status_code == 404
    assert page(cast.somtc).get(address)["Location"] == update.get_absolute_url()
    assert page(cast.somtc).post(f"{update.get_absolute_url()}praise/").status_code == 404
    assert Comment.objects.count() == 1


def test_silence_is_told_by_the_rule_of_the_round(cast: Cast, reporting_round: ReportingRound, page: Page) -> None:
    with time_machine.travel("2018-07-10T05:00:00Z", tick=False):
        update = sent(cast.somtc, reporting_round)
        assert "deemed to concur from 24 July 2018" in text(page(cast.secretariat).get(update.get_absolute_url()))
    with time_machine.travel("2018-07-30T05:00:00Z", tick=False):
        actions.approve_report(update=update, version=2, by=by(cast.secretariat))
        content = text(page(cast.secretariat).get(update.get_absolute_url()))
    assert "deemed to concur: it did not respond" in content
    assert "does not respond within 14 days" in content


def test_a_report_takes_the_same_queries_however_much_is_said_about_it(
    cast: Cast, reporting_round: ReportingRound, page: Page
) -> None:
    update = sent(cast.somtc, reporting_round)
    client = page(cast.secretariat)

    def count() -> int:
        client.get(update.get_absolute_url())
        with CaptureQueriesContext(connection) as asked:
            assert client.get(update.get_absolute_url()).status_code == 200
        return len(asked)

    few = count()
    for number in range(10):
        actions.comment(update=update, text=f"Comment {number}", by=by((cast.somtc, slom())[number % 2]))
    for reason in ("One", "Two", "Three"):
        update = StatusUpdate.objects.get()
        update = actions.return_report(update=update, version=update.version, reason=reason, by=by(cast.colleague))
        actions.submit_report(update=update, version=update.version, by=by(cast.somtc))
    assert count() == few
    assert few <= 20
