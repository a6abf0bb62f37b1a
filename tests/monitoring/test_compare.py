"""Two dates compared: the changes of status are the differences between them, on the page, in files and in the API."""

import copy
import csv
import datetime
import io
import random
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.test import Client

from tests.conftest import Cast
from tests.larger_plans import opened
from tests.random_history import RandomHistory, play
from tests.workbooks import cells
from workplan import actions, rules
from workplan.actions import Actor
from workplan.models import Activity, CollaborationArea, ReportingRound, SectoralBody, WorkPlan

Page = Callable[..., Client]
CODE = "tip-2016-2020"
COMPARE, FILE, API = f"/plans/{CODE}/compare/", f"/plans/{CODE}/compare.csv", "/api/v1/compare/"


@pytest.fixture(scope="module")
def played(module_database: Cast) -> RandomHistory:
    return play(WorkPlan.objects.get(code=CODE), module_database, seed=2018, steps=60)


@pytest.fixture
def history(played: RandomHistory, db: None) -> RandomHistory:
    return copy.deepcopy(played)


def iso(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def lines_of(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(response).decode("utf-8-sig"))))


# The rule


def test_every_pair_of_statuses_is_one_kind_of_move() -> None:
    statuses = rules.STATUSES.values
    for before in (None, *statuses):
        for after in statuses:
            kinds = [kind.value for kind in rules.STATUS_CHANGES if (before, after) in rules.status_pairs([kind.value])]
            assert kinds == [rules.status_change(before, after)]
    assert len(rules.status_pairs([rules.ALL])) == 7 * 6
    assert {pair for pair in rules.status_pairs([rules.ALL]) if pair[0] != pair[1]} == set(
        rules.status_pairs([rules.CHANGED])
    )


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("not_reported", "completed", "first_report"),
        ("not_reported", "cancelled", "first_report"),
        ("not_started", "ongoing", "forward"),
        ("ongoing", "completed", "forward"),
        ("completed", "ongoing", "back"),
        ("ongoing", "not_started", "back"),
        ("ongoing", "deferred", "back"),
        ("not_started", "cancelled", "back"),
        ("deferred", "cancelled", "back"),
        ("deferred", "not_started", "forward"),
        ("cancelled", "deferred", "forward"),
        ("cancelled", "completed", "forward"),
        ("ongoing", "not_reported", "back"),
        ("ongoing", "ongoing", "unmoved"),
        (None, "ongoing", "entered"),
    ],
)
def test_what_counts_as_forward_and_back(before: str | None, after: str, kind: str) -> None:
    assert rules.status_change(before, after) == kind


def test_the_way_there_and_the_way_back_are_opposite() -> None:
    reported = rules.STATUSES.values[1:]
    for before in reported:
        for after in reported:
            if before != after:
                assert {rules.status_change(before, after), rules.status_change(after, before)} == {"forward", "back"}


# Changes of status, in a random history


def test_random_pairs_of_moments_differ_as_the_random_history_says(history: RandomHistory) -> None:
    moments = sorted(history.moments(random.Random(11), 40))
    random.Random(3).shuffle(moments)
    moved = 0
    for earlier, later in (sorted(pair) for pair in pairwise(moments)):
        before, after = history.at(earlier), history.at(later)
        seen = list(Activity.objects.compared(earlier, later).for_display())
        assert {
            row.pk: (row.earlier_status, row.earlier_status_as_of, row.earlier_update)  # type: ignore[attr-defined]
            for row in seen
        } == before
        assert {row.pk: (row.status, row.status_as_of, row.latest_update_id) for row in seen} == after
        kinds = {pk: rules.status_change(before[pk][0], after[pk][0]) for pk in before}
        assert {row.pk: row.moved for row in seen} == kinds  # type: ignore[attr-defined]
        for kind in rules.STATUS_CHANGES.values:
            asked = Activity.objects.compared(earlier, later).with_status_change([kind])
            assert set(asked.values_list("pk", flat=True)) == {pk for pk, found in kinds.items() if found == kind}
        moved += sum(kind != rules.UNCHANGED for kind in kinds.values())
    assert moved > 60


def test_page_file_and_api_say_the_same_and_their_sums_agree(history: RandomHistory, page: Page, api: Any) -> None:
    chance = random.Random(5)
    for _ in range(3):
        earlier, later = sorted(history.moments(chance, 2))
        before, after = history.at(earlier), history.at(later)
        ends = {"from": iso(earlier), "to": iso(later)}
        transitions = Counter((before[pk][0], after[pk][0]) for pk in before)

        found = page().get(COMPARE, ends).context["found"]
        assert found.transitions == transitions
        answer = api().get(API, {**ends, "limit": 1000}).json()
        assert {(one["before"], one["after"]): one["count"] for one in answer["flow"]} == transitions
        for end, known in (("from", before), ("to", after)):
            truth = Counter(status for status, _, _ in known.values())
            assert +Counter(answer[end]["by_status"]) == truth and answer[end]["count"] == truth.total()
            counted = api().get(f"/api/v1/summary/?as_of={ends[end]}").json()
            assert counted["by_status"] == answer[end]["by_status"]
        assert Counter(answer["moved"])["unmoved"] == sum(transitions[one, one] for one in rules.STATUSES.values)
        assert sum(answer["moved"].values()) == len(before)

        for kind in ("", rules.ALL, rules.FORWARD, rules.BACKWARD):
            query = {**ends, **({"moved": kind} if kind else {})}
            asked = rules.status_pairs([kind or "moved"])
            expected = [
                (row.ref, *(rules.STATUSES.label(known[row.pk][0]) for known in (before, after)))
                for row in Activity.objects.order_by("position")
                if (before[row.pk][0], after[row.pk][0]) in asked
            ]
            shown = page().get(COMPARE, query).context["page"].paginator.object_list
            assert [row.ref for row in shown] == [ref for ref, _, _ in expected]
            lines = lines_of(page().get(FILE, query))
            assert [(line["Ref"], line["Status before"], line["Status after"]) for line in lines] == expected
            rows = api().get(API, {**query, "limit": 1000}).json()
            assert rows["count"] == len(expected)
            assert [
                (row["ref"], *(rules.STATUSES.label(row[end]["status"]) for end in ("before", "after")))
                for row in rows["results"]
            ] == expected
            assert [line["As at, after"] for line in lines] == [row["after"]["as_of"] or "" for row in rows["results"]]


def test_each_number_of_the_transitions_leads_to_its_activities(history: RandomHistory, page: Page) -> None:
    ends = {"from": "2018-06-30", "to": iso(history.now)}
    shown = page().get(COMPARE, {**ends, "section": "A"})
    followed = 0
    for _, numbers, sum_of_row in shown.context["transitions"]:
        assert sum(cell.number for cell in numbers) == sum_of_row
        for cell in numbers:
            if cell.number:
                rows = page().get(COMPARE + cell.href.removesuffix("#rows")).context
                assert rows["page"].paginator.count == cell.number
                assert rows["found"].transitions == shown.context["found"].transitions
                followed += 1
    assert followed > 3
    for line, before, after in shown.context["lines"]:
        for number, address in ((line.before, before), (line.after, after)):
            rows = page().get(COMPARE + address.removesuffix("#rows")).context["page"]
            assert rows.paginator.count == number


def test_the_other_filters_narrow_both_ends(history: RandomHistory, page: Page, api: Any) -> None:
    query = {"from": "2018-06-25", "to": iso(history.now), "body": "SOMTC", "role": "lead", "section": "A"}
    somtc = SectoralBody.objects.get(acronym="SOMTC")
    led = Activity.objects.led_by([somtc]).filter(area__provision__section__ref="A")
    answer = api().get(API, query).json()
    assert answer["from"]["count"] == answer["to"]["count"] == led.count() > 0
    assert page().get(COMPARE, query).context["found"].after.total == led.count()


def test_the_workbook_has_the_figures_and_the_rows(history: RandomHistory, page: Page) -> None:
    query = {"from": "2018-06-30", "to": iso(history.now)}
    found = page().get(COMPARE, query).context
    book = cells(page().get(f"/plans/{CODE}/compare.xlsx", query).content)
    assert list(book) == ["Totals", "From and to", "Activities"]
    lines = [[line.term.label, line.before, line.after, line.difference] for line in found["found"].lines]
    assert book["Totals"][1:] == [*lines, ["All", 73, 73, 0]]
    assert [sum(row[1:-1]) for row in book["From and to"][1:]] == [row[-1] for row in book["From and to"][1:]]
    assert [row[0] for row in book["Activities"][1:]] == [row.ref for row in found["page"].paginator.object_list]


# What stands at the ends


def test_a_round_means_the_moment_that_its_results_stand(history: RandomHistory, api: Any) -> None:
    first, second = ReportingRound.objects.filter(state=rules.PUBLISHED).order_by("period_start")
    answer = api().get(API, {"from": "2018-1", "to": "2018-2"}).json()
    for end, reporting_round in (("from", first), ("to", second)):
        assert answer[end]["round"] == reporting_round.code
        assert datetime.datetime.fromisoformat(answer[end]["moment"]) == reporting_round.published_at
        truth = Counter(status for status, _, _ in history.at(reporting_round.published_at).values())  # type: ignore[arg-type]
        assert +Counter(answer[end]["by_status"]) == truth


def test_without_ends_it_is_from_the_last_round_that_ended_to_today(
    history: RandomHistory, page: Page, api: Any, plan: WorkPlan
) -> None:
    answer = api().get(API).json()
    assert answer["from"]["round"] == "2018-2" and answer["to"]["round"] is None
    assert api().get(API, {"to": "2018-2"}).json()["from"]["round"] == "2018-1"
    start = api().get(API, {"to": "2018-1"}).json()["from"]
    assert (start["round"], start["day"]) == (None, plan.period_start.isoformat())
    assert "Changes in status in this round" in page().get(f"/plans/{CODE}/rounds/2018-2/").content.decode()


def test_an_open_round_means_today(plan: WorkPlan, cast: Cast, api: Any) -> None:
    reporting_round = opened(plan, Actor(cast.secretariat, "page", "r"))
    answer = api().get(API, {"to": reporting_round.code}).json()
    assert answer["to"]["round"] == "2018-1"
    assert answer["to"]["day"] == api().get(API).json()["to"]["day"]
    assert answer["moved"]["unmoved"] == 73


def test_a_closed_round_means_the_moment_it_was_closed(plan: WorkPlan, cast: Cast, api: Any) -> None:
    by = Actor(cast.secretariat, "page", "r")
    reporting_round = opened(plan, by)
    reporting_round = actions.close_round(reporting_round=reporting_round, version=reporting_round.version, by=by)
    moment = api().get(API, {"from": "2018-1"}).json()["from"]["moment"]
    assert datetime.datetime.fromisoformat(moment) == reporting_round.closed_at


def test_what_entered_the_plan_meanwhile_is_new_and_not_a_change_of_status(
    plan: WorkPlan, cast: Cast, page: Page, api: Any
) -> None:
    area = CollaborationArea.objects.filter(plan=plan).earliest("position")
    added = Activity(plan=plan, area=area, ref=f"{area.ref}.99", position=999, text="Added at the mid-term review.")
    with time_machine.travel(datetime.datetime(2018, 7, 1, 12, tzinfo=datetime.UTC), tick=False):
        actions.save_record(record=added, by=Actor(cast.secretariat, "admin", "r"))
    answer = api().get(API, {"from": "2018-06-01", "to": "2018-08-01"}).json()
    assert (answer["from"]["count"], answer["to"]["count"]) == (73, 74)
    assert answer["moved"] == {"first_report": 0, "forward": 0, "back": 0, "entered": 1, "unmoved": 73}
    [row] = answer["results"]
    assert row["ref"] == added.ref and row["moved"] == "entered"
    assert row["before"] == {"status": None, "as_of": None, "latest_update": None}
    shown = page().get(COMPARE, {"from": "2018-06-01", "to": "2018-08-01"}).content.decode()
    assert "Not in the plan yet" in shown and "New in the plan" in shown
    [line] = lines_of(page().get(FILE, {"from": "2018-06-01", "to": "2018-08-01"}))
    assert (line["Ref"], line["Status before"], line["Status after"]) == (added.ref, "", "Not reported")


@pytest.mark.parametrize(
    ("query", "name", "sentence"),
    [
        ("from=2018-02-30", "from", "is not a day of the calendar"),
        ("from=zebra", "from", "is neither a day such as 2018-06-30"),
        ("from=zebra", "from", "Its rounds are 2018-1."),
        ("to=2150-01-01", "to", "has not come yet"),
        ("to=2020-2", "to", "has not been opened yet"),
        ("from=2018-07-01&to=2018-06-30", "from", "1 July 2018 comes after 30 June 2018. Give the earlier one as from"),
        ("from=2018-01-01&from=2018-02-01", "from", "once only"),
        ("timeliness=overdue", "timeliness", "cannot be compared"),
        ("report_state=draft", "report_state", "cannot be compared"),
        ("moved=sideways", "moved", "is not known here"),
        ("before=done", "before", "is not known here"),
        ("section=Z", "section", "There is no section Z."),
    ],
)
def test_what_cannot_be_compared_is_refused_everywhere(
    plan: WorkPlan, cast: Cast, page: Page, api: Any, query: str, name: str, sentence: str
) -> None:
    opened(plan, Actor(cast.secretariat, "page", "r"))
    answer = api().get(f"{API}?{query}")
    assert answer.status_code == 400 and sentence in answer.json()["error"]["fields"][name][0]
    for address in (COMPARE, FILE, f"/plans/{CODE}/compare.xlsx"):
        shown = page().get(f"{address}?{query}")
        assert shown.status_code == 400 and sentence in shown.content.decode()


def test_programs_and_files_refuse_parameters_that_are_not_theirs(plan: WorkPlan, page: Page, api: Any) -> None:
    for query, name, sentence in (
        ("as_of=2018-01-01", "as_of", "Give them as from and to instead of as_of."),
        ("form=2018-1", "form", "There is no parameter “form”."),
    ):
        assert sentence in api().get(f"{API}?{query}").json()["error"]["fields"][name][0]
        refused = page().get(f"{FILE}?{query}")
        assert refused.status_code == 400 and sentence in refused.content.decode()
        assert page().get(f"{COMPARE}?{query}").status_code == 200


def test_a_page_that_cannot_be_meant_is_refused_and_nothing_typed_is_lost(plan: WorkPlan, page: Page) -> None:
    assert page().get(f"{COMPARE}?page=0").status_code == 400
    shown = page().get(f"{COMPARE}?from=zebra&to=2018-06-30&section=B").content.decode()
    assert (
        'name="from" list="ends" maxlength="40" autocomplete="off" aria-describedby="help-ends" value="zebra"' in shown
    )
    assert 'value="2018-06-30"' in shown and '<option value="B" selected>' in shown


def test_a_comparison_is_of_one_plan(plan: WorkPlan, api: Any) -> None:
    other = WorkPlan.objects.create(
        code="other", title="Another plan", period_start=plan.period_start, period_end=plan.period_end
    )
    assert api().get(API).json()["to"]["count"] == 73
    assert api().get(API, {"plan": "other"}).json()["to"]["count"] == 0
    answer = api().get(f"{API}?plan={CODE}&plan={other.code}")
    assert answer.status_code == 400 and "Name it once." in answer.json()["error"]["fields"]["plan"][0]


def test_as_of_a_day_the_comparison_with_today_is_offered(history: RandomHistory, page: Page) -> None:
    shown = page().get(f"/plans/{CODE}/activities/?section=A&status=ongoing&as_of=2018-08-01").content.decode()
    assert f'href="{COMPARE}?from=2018-08-01&amp;section=A">Compare with today' in shown
    assert "Compare with today" not in page().get(f"/plans/{CODE}/activities/").content.decode()


def test_what_waits_for_its_round_has_not_changed_status_before(history: RandomHistory, api: Any) -> None:
    reporting_round = ReportingRound.objects.get(code="2018-2")
    assert reporting_round.published_at is not None
    just_before = reporting_round.published_at - datetime.timedelta(microseconds=1)
    answer = api().get(API, {"from": iso(just_before), "to": "2018-2", "limit": 1000}).json()
    behind = {row["after"]["latest_update"].rstrip("/").rsplit("/")[-1] for row in answer["results"]}
    published = {str(pk) for pk in reporting_round.updates.filter(state=rules.APPROVED).values_list("pk", flat=True)}
    assert behind and behind <= published
