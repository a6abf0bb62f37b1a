"""The plan as of a day: the same on every page, in every file and in the API, and what it really was."""

import copy
import csv
import datetime
import io
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from tests.conftest import Cast
from tests.random_history import BEGINNING, RandomHistory, play
from workplan import actions, rules
from workplan.actions import Actor
from workplan.models import Activity, CollaborationArea, ReportingRound, SectoralBody, StatusUpdate, WorkPlan
from workplan.monitoring import summary

Page = Callable[..., Client]
CODE = "tip-2016-2020"


@pytest.fixture(scope="module")
def played(module_database: Cast) -> RandomHistory:
    return play(WorkPlan.objects.get(code=CODE), module_database, seed=2018)


@pytest.fixture
def history(played: RandomHistory, db: None) -> RandomHistory:
    return copy.deepcopy(played)


def replayed(moment: datetime.datetime) -> dict[int, tuple[str, int]]:
    """The status of every activity that had one, from the updates alone, one by one in the order of approval."""
    found: dict[int, tuple[str, int]] = {}
    updates = StatusUpdate.objects.filter(state=rules.APPROVED).select_related("round").order_by("approved_at", "pk")
    for update in updates:
        assert update.approved_at is not None
        counted_from: datetime.datetime | None = update.approved_at
        if update.round is not None and update.round.publication == rules.WITH_ROUND:
            counted_from = update.round.published_at
        if counted_from is not None and counted_from <= moment and update.approved_at <= moment:
            found[update.activity_id] = (update.status, update.pk)
    return found


def test_200_moments_of_a_random_history_are_seen_as_they_were(history: RandomHistory) -> None:
    assert len(history.pages) > 30
    assert {state for _, current in history.pages for state, _, _ in current.values()} >= {"ongoing", "completed"}
    for moment in history.moments(random.Random(7), 200):
        rows = Activity.objects.as_of(moment).for_display()
        seen = {row.pk: (row.status, row.status_as_of, row.latest_update_id) for row in rows}
        assert seen == history.at(moment)
        replay = replayed(moment)
        assert {pk: (status, update) for pk, (status, _, update) in seen.items() if update} == replay
        assert all(row.latest_update is None or row.latest_update.pk == row.latest_update_id for row in rows)


def test_a_report_that_waits_for_its_round_is_not_known_before_the_round(history: RandomHistory) -> None:
    reporting_round = ReportingRound.objects.get(code="2018-2")
    assert reporting_round.published_at is not None
    just_before = reporting_round.published_at - datetime.timedelta(microseconds=1)
    waiting = StatusUpdate.objects.filter(round=reporting_round, state=rules.APPROVED)
    assert waiting.filter(approved_at__lte=just_before).exists()
    known = set(Activity.objects.as_of(just_before).values_list("known_update", flat=True))
    assert known.isdisjoint(waiting.values_list("pk", flat=True))
    assert not known.isdisjoint(StatusUpdate.objects.filter(round__code="2018-1").values_list("pk", flat=True))
    after = set(Activity.objects.as_of(reporting_round.published_at).values_list("known_update", flat=True))
    assert not after.isdisjoint(waiting.values_list("pk", flat=True))


def test_page_file_and_api_show_the_same_day(history: RandomHistory, page: Page, api: Any) -> None:
    for day in (BEGINNING.date(), datetime.date(2018, 7, 20), datetime.date(2018, 8, 15), history.now.date()):
        end = timezone.make_aware(datetime.datetime.combine(day, datetime.time.max))
        truth = Counter(status for status, _, _ in history.at(end).values())

        listed = api().get(f"/api/v1/activities/?limit=1000&as_of={day}").json()["results"]
        assert Counter(row["status"] for row in listed) == truth
        assert {row["timeliness"] for row in listed} == {None}
        counted = api().get(f"/api/v1/summary/?as_of={day}").json()
        assert {status: number for status, number in counted["by_status"].items() if number} == truth
        by_section = Counter[str]()
        for section in counted["by_section"]:
            by_section.update(section["by_status"])
        assert +by_section == truth

        file = b"".join(page().get(f"/plans/{CODE}/activities.csv?as_of={day}")).decode("utf-8-sig")  # type: ignore[arg-type]
        lines = list(csv.DictReader(io.StringIO(file)))
        assert [line["Ref"] for line in lines] == [row["ref"] for row in listed]
        assert [line["Status"] for line in lines] == [row["status_label"] for row in listed]
        assert [line["Status as at"] for line in lines] == [row["status_as_of"] or "" for row in listed]

        for status, number in truth.items():
            chosen = api().get(f"/api/v1/activities/?as_of={day}&status={status}").json()
            assert chosen["count"] == number
            shown = page().get(f"/plans/{CODE}/activities/?as_of={day}&status={status}")
            assert shown.context["listing"].number == number
            matrix = page().get(f"/plans/{CODE}/?as_of={day}&status={status}")
            assert matrix.context["number"] == number


def test_the_counts_of_bodies_are_of_the_day(history: RandomHistory, page: Page) -> None:
    day = datetime.date(2018, 8, 1)
    end = timezone.make_aware(datetime.datetime.combine(day, datetime.time.max))
    known = history.at(end)
    for entry, counts in page().get(f"/plans/{CODE}/bodies/?as_of={day}").context["bodies"]:
        led = Activity.objects.led_by([entry.body]).values_list("pk", flat=True)
        assert entry.lead.by_status == Counter(known[pk][0] for pk in led)
        assert counts is None
    shown = page().get(f"/plans/{CODE}/bodies/SOMTC/?as_of={day}")
    somtc = SectoralBody.objects.get(acronym="SOMTC")
    for role, rows in shown.context["roles"]:
        assert {row.pk: row.status for row in rows} == {
            pk: known[pk][0] for pk in Activity.objects.involving([somtc], role.value).values_list("pk", flat=True)
        }
    assert shown.context["tally"].both.by_status.total() == sum(len(rows) for _, rows in shown.context["roles"])


def test_rows_are_sorted_by_what_was_known(history: RandomHistory, api: Any) -> None:
    rows = api().get("/api/v1/activities/?limit=1000&as_of=2018-08-01&ordering=status").json()["results"]
    places = [rules.STATUSES.values.index(row["status"]) for row in rows]
    assert places == sorted(places) and len(set(places)) > 2
    rows = api().get("/api/v1/activities/?limit=1000&as_of=2018-08-01&ordering=-status_as_of").json()["results"]
    days = [row["status_as_of"] or "" for row in rows]
    assert days == sorted(days, reverse=True)


def test_facets_count_what_was_known(history: RandomHistory, page: Page) -> None:
    shown = page().get(f"/plans/{CODE}/activities/?as_of=2018-08-01")
    facet = next(facet for facet in shown.context["listing"].facets if facet.name == "status")
    end = timezone.make_aware(datetime.datetime(2018, 8, 1, 23, 59, 59))
    truth = Counter(status for status, _, _ in history.at(end).values())
    assert {choice.value: choice.number for choice in facet.choices if choice.number} == truth


def test_what_entered_the_plan_later_is_left_out(plan: WorkPlan, cast: Cast) -> None:
    area = CollaborationArea.objects.filter(plan=plan).earliest("position")
    added = Activity(plan=plan, area=area, ref=f"{area.ref}.99", position=999, text="Added at the mid-term review.")
    with time_machine.travel(datetime.datetime(2018, 7, 1, 12, tzinfo=datetime.UTC), tick=False):
        actions.save_record(record=added, by=Actor(cast.secretariat, "admin", "r"))
    number = Activity.objects.count()
    before = datetime.datetime(2018, 7, 1, 11, tzinfo=datetime.UTC)
    assert Activity.objects.as_of(before).count() == number - 1
    assert Activity.objects.as_of(before + datetime.timedelta(hours=2)).count() == number


def test_a_day_in_words_on_every_page_and_the_way_back(history: RandomHistory, page: Page) -> None:
    for address in ("", "activities/", "bodies/", "bodies/SOMTC/", "coverage/"):
        shown = page().get(f"/plans/{CODE}/{address}?section=A&as_of=2018-08-01").content.decode()
        assert "Status as at 1 August 2018." in shown
        assert 'href="?section=A">Back to today' in shown
        assert 'name="section" value="A"' in shown
        assert "Status as at 1" not in page().get(f"/plans/{CODE}/{address}").content.decode()


def test_links_of_a_day_lead_to_rows_of_that_day(history: RandomHistory, page: Page) -> None:
    shown = page().get(f"/plans/{CODE}/bodies/?as_of=2018-08-01").content.decode()
    assert "?body=SOMTC&amp;role=lead&amp;as_of=2018-08-01" in shown
    assert f"/plans/{CODE}/bodies/SOMTC/?as_of=2018-08-01" in shown


@pytest.mark.parametrize(
    ("query", "name", "sentence"),
    [
        ("as_of=2999-01-01", "as_of", "“2999-01-01” has not come yet. Give today or an earlier day."),
        ("as_of=2150-01-01", "as_of", "has not come yet"),
        ("as_of=2018-02-30", "as_of", "is not a day of the calendar"),
        ("as_of=yesterday", "as_of", "is not a day such as"),
        ("as_of=2018-01-01&as_of=2018-01-02", "as_of", "once only"),
        ("as_of=2018-01-01&timeliness=overdue", "timeliness", "known for today only"),
        ("as_of=2018-01-01&report_state=draft", "report_state", "known for today only"),
    ],
)
def test_a_day_that_cannot_be_meant_is_refused_everywhere(
    plan: WorkPlan, page: Page, api: Any, query: str, name: str, sentence: str
) -> None:
    if "2999" in query:
        sentence = "Give a year from 1970 to 2200."
    answer = api().get(f"/api/v1/activities/?{query}")
    assert answer.status_code == 400 and sentence in answer.json()["error"]["fields"][name][0]
    for address in ("", "activities/", "activities.csv", "bodies/", "bodies/SOMTC/", "coverage/", "coverage.csv"):
        shown = page().get(f"/plans/{CODE}/{address}?{query}")
        assert shown.status_code == 400 and sentence in shown.content.decode()


def test_today_is_what_stands_now(history: RandomHistory) -> None:
    with time_machine.travel(history.now, tick=False):
        rows = Activity.objects.as_of(timezone.now())
        assert summary.tally(rows).by_status == summary.tally(Activity.objects.all()).by_status
