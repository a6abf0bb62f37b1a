"""Status histories, the events of each half-year, and their positions on the axis."""

import copy
import datetime
import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Cast
from tests.larger_plans import make_scenario, opened
from tests.random_history import RandomHistory, play
from workplan import rules
from workplan.actions import Actor, EvidenceItem, Report, record_status
from workplan.models import Activity, WorkPlan
from workplan.monitoring import timeline
from workplan.monitoring.half_years import Axis, HalfYear
from workplan.monitoring.timeline import status_entries

Page = Callable[..., Client]
CODE = "tip-2016-2020"
TIMELINE = f"/plans/{CODE}/timeline/"
D = datetime.date
DAYS = st.dates(D(2016, 1, 1), D(2020, 12, 31))


@pytest.fixture(scope="module")
def played(module_database: Cast) -> RandomHistory:
    return play(WorkPlan.objects.get(code=CODE), module_database, seed=2018, steps=60)


@pytest.fixture
def history(played: RandomHistory, db: None) -> RandomHistory:
    return copy.deepcopy(played)


# The axis


def axis() -> Axis:
    return Axis.over(D(2016, 1, 1), D(2020, 12, 31), length=1_000, least=50)


def test_half_years_follow_one_another() -> None:
    halves = axis().halves
    assert [half.code for half in halves[:3]] == ["2016-1", "2016-2", "2017-1"] and halves[-1].code == "2020-2"
    for half, after in pairwise(halves):
        assert half.last + datetime.timedelta(days=1) == after.first and half.next == after
        assert HalfYear.of(half.first) == HalfYear.of(half.last) == half
    assert halves[1].name == "Second half of 2016"


def test_an_axis_is_as_long_as_asked_but_gives_every_half_year_room() -> None:
    assert axis().width == 1_000
    assert Axis.over(D(2016, 1, 1), D(2036, 12, 31), length=1_000, least=50).width == 42 * 50


@given(DAYS, DAYS)
def test_later_days_stand_further_along_the_axis(one: datetime.date, other: datetime.date) -> None:
    line = axis()
    assert (line.at(one) <= line.at(other)) if one <= other else (line.at(one) >= line.at(other))
    first, last = sorted((one, other))
    x, width = line.span(first, last, least=3)
    assert x >= 0 and width >= 3 and x + width <= line.width + 0.1


def test_what_lies_beyond_an_end_stands_at_that_end() -> None:
    line = axis()
    assert (line.at(D(2010, 1, 1)), line.at(D(2030, 1, 1))) == (0, line.width)
    assert line.span(D(2030, 1, 1), D(2031, 1, 1), least=3) == (line.width - 3, 3)
    assert line.at(D(2016, 7, 1)) == 100 and line.span(D(2016, 1, 1), D(2016, 6, 30)) == (0, 100)


# The status history of an activity


def test_an_update_that_repeats_the_status_is_no_step() -> None:
    first, again, then = D(2017, 6, 30), D(2017, 12, 31), D(2018, 6, 30)
    entries = status_entries([("ongoing", first, 1), ("ongoing", again, 2), ("completed", then, 3)])
    assert [(entry.before, entry.status, entry.day, entry.update) for entry in entries] == [
        ("not_reported", "ongoing", first, 1),
        ("ongoing", "completed", then, 3),
    ]


def test_a_later_word_about_the_same_or_an_earlier_day_replaces_what_was_said() -> None:
    corrected = status_entries([("completed", D(2017, 6, 30), 1), ("ongoing", D(2017, 6, 30), 2)])
    assert [(entry.status, entry.update) for entry in corrected] == [("ongoing", 2)]
    earlier = status_entries(
        [("ongoing", D(2017, 6, 30), 1), ("completed", D(2017, 12, 1), 2), ("deferred", D(2017, 9, 1), 3)]
    )
    assert [entry.status for entry in earlier] == ["ongoing", "deferred"]


@given(st.lists(st.tuples(st.sampled_from(rules.STATUSES.values[1:]), DAYS, st.integers(1, 9)), min_size=1))
def test_a_status_history_goes_forward_in_time_and_ends_with_the_current_status(updates: list[Any]) -> None:
    entries = status_entries(updates)
    assert entries[-1].status == updates[-1][0]
    assert all(entry.day < after.day for entry, after in pairwise(entries))
    assert all(entry.status != entry.before for entry in entries)


# What the page tells


def test_status_histories_end_with_the_status_as_of_any_moment(history: RandomHistory) -> None:
    for moment in history.moments(random.Random(9), 30):
        stated = timeline.status_histories(Activity.objects.as_of(moment))
        known = {pk: status for pk, (status, _, update) in history.at(moment).items() if update}
        assert {one.activity: one.entries[-1].status for one in stated} == known
    now = {one.activity: one.entries[-1].status for one in timeline.status_histories(Activity.objects.all())}
    assert now == {pk: status for pk, (status, _, update) in history.pages[-1][1].items() if update}


def test_each_number_leads_to_exactly_the_activities_it_counts(history: RandomHistory, page: Page) -> None:
    shown = page().get(TIMELINE).context
    followed = 0
    for row in shown["reporting_periods"]:
        for (number, address), term in zip(row["cells"], rules.TIMELINE_EVENTS, strict=True):
            if number:
                there = page().get(TIMELINE + address.removesuffix("#lanes")).context
                assert there["page"].paginator.count == number
                assert {one.activity for one in there["page"]} == row["reporting_period"].events[term.value]
                followed += 1
        there = page().get(TIMELINE + row["href"].removesuffix("#lanes")).context
        assert there["page"].paginator.count == len(row["reporting_period"].changed)
    assert followed > 4
    first = sum(row["reporting_period"].of(rules.FIRST_REPORT) for row in shown["reporting_periods"])
    assert first == shown["number"] == len([pk for pk, known in history.pages[-1][1].items() if known[2]])


def test_a_half_year_tells_what_was_first_reported_begun_and_completed_in_it(
    plan: WorkPlan, cast: Cast, page: Page
) -> None:
    by = Actor(cast.secretariat, "page", "r")
    for status, day in (("ongoing", D(2017, 3, 1)), ("completed", D(2018, 11, 5))):
        activity = Activity.objects.get(ref="A.1.1.1")
        evidence_item = (EvidenceItem("Minutes", "https://example.org/minutes"),)
        report = Report(
            status=status, as_of=day, narrative="Done.", outputs_delivered="A module.", evidence=evidence_item
        )
        record_status(activity=activity, version=activity.version, report=report, by=by)
    shown = page().get(TIMELINE)
    counted = {
        row["reporting_period"].half.code: [number for number, _ in row["cells"]]
        for row in shown.context["reporting_periods"]
    }
    assert list(counted) == [f"{year}-{half}" for year in range(2016, 2021) for half in (1, 2)]
    assert counted["2017-1"] == [1, 0, 1, 0, 0, 0] and counted["2018-2"] == [0, 0, 0, 1, 0, 0]
    assert sum(map(sum, counted.values())) == 3
    text = shown.content.decode()
    assert 'aria-label="Ongoing from 1 Mar 2017, Completed from 5 Nov 2018"' in text
    completed = page().get(f"{TIMELINE}?half=2018-2&became=completed").content.decode()
    assert "Completed in the second half of 2018" in completed


def test_as_of_a_moment_the_timeline_ends_there(plan: WorkPlan, cast: Cast, page: Page) -> None:
    by = Actor(cast.secretariat, "page", "r")
    with time_machine.travel(datetime.datetime(2018, 7, 2, 3, tzinfo=datetime.UTC), tick=False):
        opened(plan, by)
    evidence_item = (EvidenceItem("Minutes", "https://example.org/minutes"),)
    for ref, month in (("A.1.1.1", 7), ("A.1.1.2", 9)):
        with time_machine.travel(datetime.datetime(2018, month, 10, 3, tzinfo=datetime.UTC), tick=False):
            activity = Activity.objects.get(ref=ref)
            report = Report(status="ongoing", as_of=D(2018, 6, 30), narrative="Begun.", evidence=evidence_item)
            record_status(activity=activity, version=activity.version, report=report, by=by)
    before, between, now = (
        page().get(TIMELINE, {"as_of": day} if day else {}).context for day in ("2018-07-01", "2018-08-01", "")
    )
    assert [one["number"] for one in (before, between, now)] == [0, 1, 2]
    assert [len(one["bands"]) for one in (before, between)] == [0, 1] and len(now["bands"]) == 10
    assert between["today"] == D(2018, 8, 1) and between["bands"][0].state.value == rules.OPEN
    [(_, [lane])] = between["groups"]
    assert lane.segments[-1].x + lane.segments[-1].width == pytest.approx(between["axis"].at(D(2018, 8, 2)), abs=0.2)


def test_the_list_s_filters_choose_the_activities(history: RandomHistory, page: Page) -> None:
    everything = page().get(TIMELINE).context["number"]
    counts = [page().get(TIMELINE, {"section": ref}).context["number"] for ref in "ABCD"]
    assert sum(counts) == everything > max(counts) - 1
    status = page().get(TIMELINE, {"status": "completed"}).context
    assert status["number"] == Activity.objects.filter(status="completed").count()


def test_nobody_reads_of_what_is_not_published(plan: WorkPlan, cast: Cast, page: Page) -> None:
    scenario = make_scenario(secretariat=cast.secretariat, lead=cast.somtc)
    shown = page().get(TIMELINE).context
    assert {one.activity for one in shown["page"]} == {scenario.reports["approved"].activity_id}


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("half=2018-3", "half"),
        ("half=2018", "half"),
        ("half=0000-1", "half"),
        ("half=2018-1&half=2018-2", "half"),
        ("became=done", "became"),
        ("page=0", "page"),
        ("page=one", "page"),
        ("as_of=2150-01-01", "as_of"),
        ("section=Z", "section"),
    ],
)
def test_what_cannot_be_meant_is_refused(plan: WorkPlan, page: Page, query: str, name: str) -> None:
    shown = page().get(f"{TIMELINE}?{query}")
    assert shown.status_code == 400 and f"<strong>{name}</strong>" in shown.content.decode()


def test_a_plan_without_reports_has_a_timeline_that_says_so(plan: WorkPlan, page: Page) -> None:
    shown = page().get(TIMELINE)
    assert shown.status_code == 200 and "Nothing has been reported yet." in shown.content.decode()
