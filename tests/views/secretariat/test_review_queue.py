"""What the secretariat reviews: what has changed since the last report, and the queue."""

import datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.answer_text import text
from tests.conftest import Cast
from tests.larger_plans import grow
from tests.views.secretariat.reports import ONGOING, Page, body, by, drafted, sent
from workplan import actions, rules
from workplan.actions import EvidenceItem, Report
from workplan.history import differences
from workplan.models import Activity, ReportingRound, StatusUpdate, WorkPlan

# What changed


def test_what_changed_since_the_last_approved_report_stands_on_the_page(
    cast: Cast, reporting_round: ReportingRound, page: Page
) -> None:
    first = sent(cast.somtc, reporting_round)
    assert "This is the first report" in text(page(cast.secretariat).get(first.get_absolute_url()))
    actions.approve_report(update=first, version=2, by=by(cast.secretariat))
    said = Report(
        status="completed",
        as_of=datetime.date(2018, 7, 2),
        narrative="The module is printed.",
        outputs_delivered="One module",
        kind=rules.CORRECTION,
        evidence=(EvidenceItem("Module", "https://example.org/module"),),
    )
    second = sent(cast.somtc, reporting_round, report=said)

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
    assert [(piece.text, piece.sign) for piece in differences.words(before, after)] == expected


def test_who_reports_no_change_takes_back_nothing_of_what_was_said(
    cast: Cast, reporting_round: ReportingRound, page: Page
) -> None:
    activity = Activity.objects.get(ref="A.1.1.4")
    actions.record_status(activity=activity, version=activity.version, report=ONGOING, by=by(cast.secretariat))
    (update,) = actions.submit_bulk_report(
        reporting_round=reporting_round,
        body=body("SOMTC"),
        activities=[activity.pk],
        kind=rules.NO_CHANGE,
        by=by(cast.somtc),
    )

    shown = page(cast.secretariat).get(update.get_absolute_url())

    assert shown.context["changes"] == []
    assert "Nothing has changed since the last report." in shown.content.decode()


# The queue


def test_the_queue_is_the_secretariats(cast: Cast, reporting_round: ReportingRound, page: Page) -> None:
    assert page().get("/review/")["Location"].startswith("/accounts/login/")
    for person in (cast.newcomer, cast.somtc):
        assert page(person).get("/review/").status_code == 403
        assert page(person).post("/review/", {"report": ["1:1"]}).status_code == 403
    for person in (cast.secretariat, cast.administrator):
        assert page(person).get("/review/").status_code == 200


def test_the_queue_shows_the_longest_waiting_first_and_finds_everything_else(
    cast: Cast, reporting_round: ReportingRound, page: Page
) -> None:
    with time_machine.travel("2018-07-30T05:00:00Z", tick=False):
        on_time = sent(cast.somtc, reporting_round, "A.1.1.4")
        returned = sent(cast.somtc, reporting_round, "A.1.1.1")
        actions.return_report(update=returned, version=2, reason="Name it.", by=by(cast.secretariat))
    with time_machine.travel("2018-08-05T05:00:00Z", tick=False):
        others = Activity.objects.led_by([body("SOMTC")]).exclude(ref__in=["A.1.1.1", "A.1.1.4"]).order_by("position")
        late, approved, draft = (activity.ref for activity in others[:3])
        late_one = sent(cast.somtc, reporting_round, late)
        actions.approve_report(update=sent(cast.somtc, reporting_round, approved), version=2, by=by(cast.secretariat))
        drafted(cast.somtc, reporting_round, draft)

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
    for query, name in (("state=lost", "state"), ("body=UNODC", "body"), ("page=x", "page")):
        bad = page(cast.secretariat).get(f"/review/?{query}")
        assert bad.status_code == 400
        assert f"<strong>{name}</strong>" in text(bad)


def test_each_count_beside_a_choice_is_what_choosing_it_shows(
    cast: Cast, reporting_round: ReportingRound, page: Page
) -> None:
    sent(cast.somtc, reporting_round, "A.1.1.4")
    sent(cast.somtc, reporting_round, "A.1.1.1")
    led = Activity.objects.led_by([body("ACWC")]).exclude(ref__startswith="A").earliest("position")
    sent(cast.acwc, reporting_round, led.ref, acronym="ACWC")

    listing = page(cast.secretariat).get("/review/").context["listing"]

    assert listing.number == 3
    for facet in listing.facets:
        for choice in facet.choices:
            found = page(cast.secretariat).get("/review/", {facet.name: choice.value}).context["listing"].number
            assert choice.number == found, (facet.name, choice.value)


def test_many_are_approved_all_or_none(cast: Cast, reporting_round: ReportingRound, page: Page) -> None:
    one, two = sent(cast.somtc, reporting_round, "A.1.1.4"), sent(cast.somtc, reporting_round, "A.1.1.1")
    pairs = [f"{one.pk}:2", f"{two.pk}:2"]
    actions.return_report(update=two, version=2, reason="Name it.", by=by(cast.colleague))

    refused = page(cast.secretariat).post("/review/", {"report": pairs})

    assert refused.status_code == 409
    assert "A.1.1.1 (SOMTC) is now returned, by Ben Staff" in text(refused)
    assert not StatusUpdate.objects.approved().exists()
    assert [(row.update.pk, row.chosen) for row in refused.context["rows"]] == [(one.pk, True)]
    actions.submit_report(update=two, version=3, by=by(cast.somtc))
    stale = page(cast.secretariat).post("/review/", {"report": pairs})
    assert stale.status_code == 409
    assert "A.1.1.1 (SOMTC) has been resubmitted since you read it." in text(stale)
    pairs[1] = f"{two.pk}:4"
    done = page(cast.secretariat).post("/review/?body=SOMTC", {"report": pairs}, follow=True)
    assert done.redirect_chain == [("/review/?body=SOMTC", 302)]
    assert "2 reports are approved" in text(done)
    assert StatusUpdate.objects.approved().count() == 2


@pytest.mark.parametrize("pairs", [[], ["x"], ["1:0"], [f"{10**30}:1"], ["\x00"]])
def test_a_list_of_reports_that_cannot_be_read_is_refused(
    cast: Cast, reporting_round: ReportingRound, page: Page, pairs: list[str]
) -> None:
    update = sent(cast.somtc, reporting_round)

    response = page(cast.secretariat).post("/review/", {"report": pairs})

    assert response.status_code == 400
    assert "Select the reports" in text(response)
    update.refresh_from_db()
    assert update.state == rules.SUBMITTED


def test_the_queue_takes_the_same_queries_for_5_and_60_reports(
    plan: WorkPlan, cast: Cast, reporting_round: ReportingRound, page: Page
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
        sent(cast.somtc, reporting_round, ref)
    few = count()
    for ref in refs[5:60]:
        sent(cast.somtc, reporting_round, ref)
    assert StatusUpdate.objects.count() == 60
    assert count() == few
    assert few <= 25


def test_the_drafts_take_the_same_queries_for_1_and_20(cast: Cast, reporting_round: ReportingRound, page: Page) -> None:
    client = page(cast.secretariat)
    refs = [activity.ref for activity in Activity.objects.led_by([body("SOMTC")]).order_by("position")]

    def count() -> int:
        client.get("/review/?state=draft")
        with CaptureQueriesContext(connection) as asked:
            response = client.get("/review/?state=draft")
        assert len(response.context["rows"]) == StatusUpdate.objects.count()
        return len(asked)

    drafted(cast.secretariat, reporting_round, refs[0])
    few = count()
    for ref in refs[1:20]:
        drafted(cast.secretariat, reporting_round, ref)
    assert count() == few
