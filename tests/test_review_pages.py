"""Reading, reviewing and discussing reports in the browser."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.building import grow, opened
from tests.conftest import Cast, make_person
from tests.reading import text
from workplan import actions, comparing, rules
from workplan.actions import Actor, Proof, Report
from workplan.models import Activity, Comment, Concurrence, ReportingRound, SectoralBody, StatusUpdate, User, WorkPlan

Page = Callable[..., Client]
ONGOING = Report(
    status="ongoing",
    as_of=datetime.date(2018, 6, 30),
    narrative="The module is drafted.",
    evidence=(Proof("Minutes", "https://example.org/minutes", dated_on=datetime.date(2018, 6, 1)),),
)


def by(user: Any) -> Actor:
    return Actor(user, "page", "r")


def body(acronym: str) -> SectoralBody:
    return SectoralBody.objects.get(acronym=acronym)


@pytest.fixture
def the_round(plan: WorkPlan, cast: Cast) -> ReportingRound:
    return opened(plan, by(cast.secretariat), silence_days=14)


def drafted(
    author: User, the_round: ReportingRound, ref: str = "A.1.1.4", acronym: str = "SOMTC", report: Report = ONGOING
) -> StatusUpdate:
    activity = Activity.objects.get(ref=ref)
    return actions.begin_report(
        activity=activity, report=report, by=by(author), the_round=the_round, body=body(acronym)
    )


def sent(author: User, the_round: ReportingRound, ref: str = "A.1.1.4", **values: Any) -> StatusUpdate:
    draft = drafted(author, the_round, ref, **values)
    return actions.submit_report(update=draft, version=draft.version, by=by(author))


def slom() -> User:
    return make_person("lina", name="Lina Focal", body="SLOM")


# Who sees what


def test_reports_in_the_making_are_for_those_who_have_a_part_in_them(
    cast: Cast, the_round: ReportingRound, page: Page
) -> None:
    draft = drafted(cast.somtc, the_round)
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
    for deed in ("submit", "approve", "return", "concur", "comment", "discard"):
        for person in (cast.newcomer, cast.acwc):
            response = page(person).post(f"{address}{deed}/", {"version": "3"})
            assert response.status_code == 404
    assert StatusUpdate.objects.get().state == rules.RETURNED


def test_readers_without_a_part_in_a_published_report_see_words_and_evidence_only(
    cast: Cast, the_round: ReportingRound, page: Page
) -> None:
    update = sent(cast.somtc, the_round)
    returned = actions.return_report(update=update, version=2, reason="Secret reason", by=by(cast.secretariat))
    actions.save_report(update=returned, version=3, report=ONGOING, by=by(cast.somtc))
    again = actions.submit_report(update=returned, version=4, by=by(cast.somtc))
    actions.concur(update=again, version=5, by=by(slom()))
    actions.comment(update=again, text="A private word", by=by(cast.secretariat))
    helper = Activity.objects.get(ref="A.1.1.4").cooperating_bodies[0]
    actions.contribute(
        activity=again.activity,
        the_round=the_round,
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
    cast: Cast, the_round: ReportingRound, page: Page
) -> None:
    file = SimpleUploadedFile("minutes of june.pdf", b"%PDF-" + b"x" * 2_043)
    proof = Proof("The minutes", file=file, dated_on=datetime.date(2018, 6, 3))
    report = Report(status="ongoing", as_of=ONGOING.as_of, narrative="Begun.", evidence=(*ONGOING.evidence, proof))
    update = sent(cast.somtc, the_round, report=report)

    content = text(page(cast.secretariat).get(update.get_absolute_url())).replace("\xa0", " ")

    stored = update.evidence.get(title="The minutes")
    assert f'<a href="/evidence/{stored.pk}/" rel="nofollow noopener external">The minutes</a>' in content
    assert "minutes of june.pdf, 2.0 KB" in content
    assert "of 3 June 2018" in content
    assert "of 1 June 2018" in content


def test_a_report_that_waits_for_the_publication_of_its_round_says_so(plan: WorkPlan, cast: Cast, page: Page) -> None:
    the_round = opened(plan, by(cast.secretariat), publication=rules.WITH_ROUND)
    update = sent(cast.somtc, the_round)

    approved = page(cast.secretariat).post(f"{update.get_absolute_url()}approve/", {"version": "2"}, follow=True)

    assert "counts when “First half of 2018” is published" in text(approved)
    assert "It counts when the round is published." in text(approved)
    assert page().get(update.get_absolute_url()).status_code == 404


def test_an_entry_of_the_secretariat_says_so(cast: Cast, the_round: ReportingRound, page: Page) -> None:
    activity = Activity.objects.get(ref="A.1.1.4")
    update = actions.record_status(
        activity=activity,
        version=1,
        report=ONGOING,
        by=by(cast.secretariat),
        the_round=the_round,
        body=body("SOMTC"),
    )

    content = text(page().get(update.get_absolute_url()))

    assert "Recorded directly by the secretariat, on behalf of SOMTC." in content
    assert "Sari" not in content


# What can be done


def test_the_page_offers_exactly_what_the_person_can_do(cast: Cast, the_round: ReportingRound, page: Page) -> None:
    draft = drafted(cast.somtc, the_round)
    address = draft.get_absolute_url()

    def offered(person: User) -> set[str]:
        content = page(person).get(address).content.decode()
        deeds = {deed for deed in rules.REPORT_MOVES if f'action="{address}{deed}/' in content}
        return deeds | ({"edit"} if f'href="{address}edit/"' in content else set())

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
    cast: Cast, the_round: ReportingRound, page: Page
) -> None:
    empty = drafted(cast.somtc, the_round, report=Report(status="", as_of=None))
    address = empty.get_absolute_url()

    assert "Choose a status." in text(page(cast.somtc).get(address))
    refused = page(cast.somtc).post(f"{address}submit/", {"version": "1"})
    assert refused.status_code == 400
    assert "Give the day on which this status was true." in text(refused)
    discarded = page(cast.somtc).post(f"{address}discard/", {"version": "1"})
    assert discarded["Location"] == empty.activity.get_absolute_url()
    assert not StatusUpdate.objects.exists()

    full = drafted(cast.somtc, the_round)
    response = page(cast.somtc).post(f"{full.get_absolute_url()}submit/", {"version": "1"}, follow=True)
    assert "waits for its review" in text(response)


def test_who_cannot_go_on_is_told_why(cast: Cast, the_round: ReportingRound, page: Page) -> None:
    draft = drafted(cast.somtc, the_round)
    actions.close_round(the_round=the_round, version=the_round.version, by=by(cast.secretariat))

    content = text(page(cast.somtc).get(draft.get_absolute_url()))

    assert "“First half of 2018” takes no reports any more." in content
    assert "Go on writing" not in content
    refused = page(cast.somtc).post(f"{draft.get_absolute_url()}submit/", {"version": "1"})
    assert refused.status_code == 409


def test_returning_needs_a_reason(cast: Cast, the_round: ReportingRound, page: Page) -> None:
    update = sent(cast.somtc, the_round)
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
    assert "Mend the report" in content


def test_of_two_reviewers_the_second_is_told_and_keeps_what_they_typed(
    cast: Cast, the_round: ReportingRound, page: Page
) -> None:
    update = sent(cast.somtc, the_round)
    page(cast.colleague).post(f"{update.get_absolute_url()}approve/", {"version": "2"})

    response = page(cast.secretariat).post(
        f"{update.get_absolute_url()}return/", {"version": "2", "reason": "I would rather not."}
    )

    content = text(response)
    assert response.status_code == 409
    assert "The report is <strong>approved</strong> now: Ben Staff" in content
    assert "I would rather not." in content
    assert StatusUpdate.objects.get().state == rules.APPROVED


def test_a_reviewer_decides_on_the_words_that_they_have_read(cast: Cast, the_round: ReportingRound, page: Page) -> None:
    update = sent(cast.somtc, the_round)
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
    cast: Cast, the_round: ReportingRound, page: Page
) -> None:
    cast.somtc.groups.add(*cast.secretariat.groups.all())
    update = sent(User.objects.get(pk=cast.somtc.pk), the_round)
    address = update.get_absolute_url()

    content = text(page(cast.somtc).get(address))
    assert f"{address}approve/" not in content
    assert "nobody one that they wrote or submitted themselves" in content
    assert page(cast.somtc).post(f"{address}approve/", {"version": "2"}).status_code == 403
    queued = page(cast.somtc).get("/review/")
    assert "Four eyes" in text(queued)
    assert 'type="checkbox" name="report"' not in text(queued)
    forced = page(cast.somtc).post("/review/", {"report": [f"{update.pk}:2"]})
    assert forced.status_code == 409
    assert "a colleague has to approve it" in text(forced)
    assert StatusUpdate.objects.get().state == rules.SUBMITTED


def test_comments_stand_beside_the_report_and_are_never_lost(cast: Cast, the_round: ReportingRound, page: Page) -> None:
    update = sent(cast.somtc, the_round)
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


def test_silence_is_told_by_the_rule_of_the_round(cast: Cast, the_round: ReportingRound, page: Page) -> None:
    with time_machine.travel("2018-07-10T05:00:00Z", tick=False):
        update = sent(cast.somtc, the_round)
        assert "taken to concur from 24 July 2018 on" in text(page(cast.secretariat).get(update.get_absolute_url()))
    with time_machine.travel("2018-07-30T05:00:00Z", tick=False):
        actions.approve_report(update=update, version=2, by=by(cast.secretariat))
        content = text(page(cast.secretariat).get(update.get_absolute_url()))
    assert "is taken to concur: it said nothing" in content
    assert "says nothing for 14 days" in content


def test_a_report_takes_the_same_queries_however_much_is_said_about_it(
    cast: Cast, the_round: ReportingRound, page: Page
) -> None:
    update = sent(cast.somtc, the_round)
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


# What changed


def test_what_changed_since_the_last_approved_report_stands_on_the_page(
    cast: Cast, the_round: ReportingRound, page: Page
) -> None:
    first = sent(cast.somtc, the_round)
    assert "This is the first report" in text(page(cast.secretariat).get(first.get_absolute_url()))
    actions.approve_report(update=first, version=2, by=by(cast.secretariat))
    said = Report(
        status="completed",
        as_of=datetime.date(2018, 7, 2),
        narrative="The module is printed.",
        outputs_delivered="One module",
        kind=rules.CORRECTION,
        evidence=(Proof("Module", "https://example.org/module"),),
    )
    second = sent(cast.somtc, the_round, report=said)

    content = page(cast.secretariat).get(second.get_absolute_url()).content.decode()

    for piece in (
        '<del><span class="hidden">taken out: </span>drafted.</del>',
        '<ins><span class="hidden">added: </span>printed.</ins>',
        '<ins><span class="hidden">added: </span>2 July 2018</ins>',
        "Module (https://example.org/module)",
    ):
        assert piece in content, piece


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", []),
        ("same words", "same  words", [("same  words", "same")]),
        ("", "new", [("new", "new")]),
        (
            "a b c",
            "a x c",
            [("a ", "same"), ("b", "gone"), (" ", "same"), ("x", "new"), (" c", "same")],
        ),
        ("a. b c", "a.", [("a. ", "same"), ("b c", "gone")]),
        ("one. two. " * 2_000, "one. two. " * 2_000, [(("one. two. " * 2_000).strip(), "same")]),
    ],
)
def test_two_texts_are_compared_word_by_word(before: str, after: str, expected: list[tuple[str, str]]) -> None:
    assert [(piece.text, piece.sign) for piece in comparing.words(before, after)] == expected


def test_who_reports_no_change_takes_back_nothing_of_what_was_said(
    cast: Cast, the_round: ReportingRound, page: Page
) -> None:
    activity = Activity.objects.get(ref="A.1.1.4")
    actions.record_status(activity=activity, version=activity.version, report=ONGOING, by=by(cast.secretariat))
    (update,) = actions.report_alike(
        the_round=the_round, body=body("SOMTC"), activities=[activity.pk], kind=rules.NO_CHANGE, by=by(cast.somtc)
    )

    shown = page(cast.secretariat).get(update.get_absolute_url())

    assert [change.label for change in shown.context["changes"]] == ["As-of date"]
    assert "Nothing has changed since the last report." in shown.content.decode()


# The queue


def test_the_queue_is_the_secretariats(cast: Cast, the_round: ReportingRound, page: Page) -> None:
    assert page().get("/review/")["Location"].startswith("/accounts/login/")
    for person in (cast.newcomer, cast.somtc):
        assert page(person).get("/review/").status_code == 403
        assert page(person).post("/review/", {"report": ["1:1"]}).status_code == 403
    for person in (cast.secretariat, cast.administrator):
        assert page(person).get("/review/").status_code == 200


def test_the_queue_shows_the_longest_waiting_first_and_finds_everything_else(
    cast: Cast, the_round: ReportingRound, page: Page
) -> None:
    with time_machine.travel("2018-07-30T05:00:00Z", tick=False):
        on_time = sent(cast.somtc, the_round, "A.1.1.4")
        returned = sent(cast.somtc, the_round, "A.1.1.1")
        actions.return_report(update=returned, version=2, reason="Name it.", by=by(cast.secretariat))
    with time_machine.travel("2018-08-05T05:00:00Z", tick=False):
        others = Activity.objects.led_by([body("SOMTC")]).exclude(ref__in=["A.1.1.1", "A.1.1.4"]).order_by("position")
        late, approved, draft = (activity.ref for activity in others[:3])
        late_one = sent(cast.somtc, the_round, late)
        actions.approve_report(update=sent(cast.somtc, the_round, approved), version=2, by=by(cast.secretariat))
        drafted(cast.somtc, the_round, draft)

        response = page(cast.secretariat).get("/review/")

    assert [row.update.pk for row in response.context["rows"]] == [on_time.pk, late_one.pk]
    assert [(row.waited, row.timeliness) for row in response.context["rows"]] == [(6, ""), (0, "late")]
    assert "The module is drafted." in text(response)
    assert [(tab.term.value, tab.number) for tab in response.context["tabs"]] == [
        ("submitted", 2),
        ("returned", 1),
        ("draft", 1),
        ("approved", 1),
    ]
    for tab, ref in (("returned", "A.1.1.1"), ("draft", draft), ("approved", approved)):
        rows = page(cast.secretariat).get(f"/review/?state={tab}").context["rows"]
        assert [row.update.activity.ref for row in rows] == [ref]
    part = page(cast.secretariat).get("/review/?state=returned", headers={"HX-Request": "true"})
    assert "<html" not in text(part)
    assert 'id="results"' in text(part)
    decided = page(cast.secretariat).get(returned.get_absolute_url())
    assert f'<a href="{on_time.get_absolute_url()}">A.1.1.4 by SOMTC</a>' in text(decided)
    nothing = page(cast.secretariat).get("/review/?body=ACWC")
    assert nothing.context["rows"] == []
    for query, name in (("state=lost", "state"), ("body=UNODC", "body"), ("colour=red", "colour"), ("page=x", "page")):
        bad = page(cast.secretariat).get(f"/review/?{query}")
        assert bad.status_code == 400
        assert f"<strong>{name}</strong>" in text(bad)


def test_each_count_beside_a_choice_is_what_choosing_it_shows(
    cast: Cast, the_round: ReportingRound, page: Page
) -> None:
    sent(cast.somtc, the_round, "A.1.1.4")
    sent(cast.somtc, the_round, "A.1.1.1")
    led = Activity.objects.led_by([body("ACWC")]).exclude(ref__startswith="A").earliest("position")
    sent(cast.acwc, the_round, led.ref, acronym="ACWC")

    listing = page(cast.secretariat).get("/review/").context["listing"]

    assert listing.number == 3
    for facet in listing.facets:
        for choice in facet.choices:
            found = page(cast.secretariat).get("/review/", {facet.name: choice.value}).context["listing"].number
            assert choice.number == found, (facet.name, choice.value)


def test_many_are_approved_all_or_none(cast: Cast, the_round: ReportingRound, page: Page) -> None:
    one, two = sent(cast.somtc, the_round, "A.1.1.4"), sent(cast.somtc, the_round, "A.1.1.1")
    pairs = [f"{one.pk}:2", f"{two.pk}:2"]
    actions.return_report(update=two, version=2, reason="Name it.", by=by(cast.colleague))

    refused = page(cast.secretariat).post("/review/", {"report": pairs})

    assert refused.status_code == 409
    assert "A.1.1.1 (SOMTC) is returned meanwhile by Ben Staff" in text(refused)
    assert not StatusUpdate.objects.approved().exists()
    assert [(row.update.pk, row.chosen) for row in refused.context["rows"]] == [(one.pk, True)]
    actions.submit_report(update=two, version=3, by=by(cast.somtc))
    stale = page(cast.secretariat).post("/review/", {"report": pairs})
    assert stale.status_code == 409
    assert "A.1.1.1 (SOMTC) has been submitted anew since you read it." in text(stale)
    pairs[1] = f"{two.pk}:4"
    done = page(cast.secretariat).post("/review/?body=SOMTC", {"report": pairs}, follow=True)
    assert done.redirect_chain == [("/review/?body=SOMTC", 302)]
    assert "2 reports are approved" in text(done)
    assert StatusUpdate.objects.approved().count() == 2


@pytest.mark.parametrize("pairs", [[], ["x"], ["1:0"], [f"{10**30}:1"], ["\x00"]])
def test_a_list_of_reports_that_cannot_be_read_is_refused(
    cast: Cast, the_round: ReportingRound, page: Page, pairs: list[str]
) -> None:
    update = sent(cast.somtc, the_round)

    response = page(cast.secretariat).post("/review/", {"report": pairs})

    assert response.status_code == 400
    assert "Tick the ones" in text(response)
    update.refresh_from_db()
    assert update.state == rules.SUBMITTED


def test_the_queue_takes_the_same_queries_for_5_and_60_reports(
    plan: WorkPlan, cast: Cast, the_round: ReportingRound, page: Page
) -> None:
    client = page(cast.secretariat)
    refs = [activity.ref for activity in Activity.objects.led_by([body("SOMTC")]).order_by("position")]
    extra = grow(plan, 300)
    refs += [activity.ref for activity in extra if body("SOMTC") in Activity.objects.get(pk=activity.pk).lead_bodies]

    def count() -> int:
        client.get("/review/?page_size=100")
        with CaptureQueriesContext(connection) as asked:
            response = client.get("/review/?page_size=100")
        assert len(response.context["rows"]) == StatusUpdate.objects.count()
        return len(asked)

    for ref in refs[:5]:
        sent(cast.somtc, the_round, ref)
    few = count()
    for ref in refs[5:60]:
        sent(cast.somtc, the_round, ref)
    assert StatusUpdate.objects.count() == 60
    assert count() == few
    assert few <= 25


def test_the_drafts_take_the_same_queries_for_1_and_20(cast: Cast, the_round: ReportingRound, page: Page) -> None:
    client = page(cast.secretariat)
    refs = [activity.ref for activity in Activity.objects.led_by([body("SOMTC")]).order_by("position")]

    def count() -> int:
        client.get("/review/?state=draft")
        with CaptureQueriesContext(connection) as asked:
            response = client.get("/review/?state=draft")
        assert len(response.context["rows"]) == StatusUpdate.objects.count()
        return len(asked)

    drafted(cast.secretariat, the_round, refs[0])
    few = count()
    for ref in refs[1:20]:
        drafted(cast.secretariat, the_round, ref)
    assert count() == few
