"""The dashboard: every number is a count of rows, and its link leads to exactly these."""

import copy
import csv
import dataclasses
import datetime
import html
import io
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from tests.conftest import Cast
from tests.larger_plans import make_scenario, opened, saved, strew
from tests.random_history import RandomHistory, play
from workplan import actions, rules
from workplan.actions import Actor, EvidenceItem, Report
from workplan.filters import ActivityFilterSet
from workplan.models import Activity, Obligation, ReportingRound, SectoralBody, StatusUpdate, WorkPlan
from workplan.monitoring import dashboard
from workplan.monitoring.dashboard import Counted

Page = Callable[..., Client]
CODE = "tip-2016-2020"
HERE = f"/plans/{CODE}/dashboard/"

# What people may have chosen, alone or together.
FILTERS = (
    "",
    "section=A",
    "section=B&section=D",
    "provision=A.1&provision=C.2",
    "area=A.1.1",
    "body=SOMTC",
    "body=ACWC&role=lead",
    "body=SOM ED&body=SLOM&role=cooperating",
    "role=cooperating",
    "role=lead&role=cooperating",
    "status=ongoing",
    "status=completed&status=not_reported",
    "kind=area",
    "q=training",
    "round=2018-1",
    "silent=1",
    "silent=2&section=A",
    "updated_since=2018-07-10",
)
NOW_ONLY = ("timeliness=overdue", "timeliness=on_time&round=2018-1", "report_state=approved", "report_state=submitted")


class Reader:
    """Somebody who is not there but in a request: what a filter set asks of one."""

    def __init__(self, user: Any) -> None:
        self.user = user


def filterset(query: str, user: Any) -> ActivityFilterSet:
    rows = Activity.objects.visible_to(user).filter(plan__code=CODE)
    found = ActivityFilterSet(QueryDict(query), queryset=rows, request=Reader(user))
    assert found.problems() == {}
    return found


def figures_in(part: Any) -> Iterator[Counted]:
    """Every figure in a dashboard, wherever it stands."""
    if isinstance(part, Counted):
        yield part
    elif isinstance(part, list | tuple):
        for one in part:
            yield from figures_in(one)
    elif dataclasses.is_dataclass(part):
        for one in dataclasses.fields(part):
            yield from figures_in(getattr(part, one.name))


def dashboard_of(plan: WorkPlan, query: str, user: Any) -> dashboard.Dashboard:
    return dashboard.of_plan(plan, filterset(query, user), user)


def assert_true(found: dashboard.Dashboard, user: Any, api: Any, chance: random.Random, *, asked: int) -> None:
    """Every figure is what its filters leave: ``asked`` of them by the API, as another program would ask."""
    figures = list(dict.fromkeys(figures_in(found)))
    chance.shuffle(figures)
    for figure in figures[asked:]:
        assert filterset(figure.query, user).qs.count() == figure.number, figure
    for figure in figures[:asked]:
        answer = api(user).get(f"/api/v1/activities/?plan={CODE}&{figure.query}&limit=1")
        assert answer.json()["count"] == figure.number, figure


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_every_number_is_a_count_of_the_rows_that_its_link_leads_to(
    plan: WorkPlan, cast: Cast, api: Any, seed: int
) -> None:
    chance = random.Random(seed)
    strew(plan, 40, chance)
    history = play(plan, cast, seed=seed, steps=60)
    people = (cast.visitor, cast.somtc, cast.secretariat)
    for query in FILTERS[seed::3]:
        day = f"as_of={timezone.localdate(chance.choice(history.moments(chance, 1))):%Y-%m-%d}"
        asked = "&".join(part for part in (query, chance.choice(("", day, day))) if part)
        user = chance.choice(people)
        assert_true(dashboard_of(plan, asked, user), user, api, chance, asked=8)
    for query in NOW_ONLY[seed::3]:
        user = chance.choice(people)
        found = dashboard_of(plan, query, user)
        assert found.points == [] and found.rounds is None
        assert_true(found, user, api, chance, asked=8)


def test_every_number_of_a_round_that_is_open_is_true_for_whoever_reads_it(
    plan: WorkPlan, cast: Cast, api: Any
) -> None:
    strew(plan, 30, random.Random(5))
    make_scenario(secretariat=cast.secretariat, lead=cast.somtc)
    for user in (cast.visitor, cast.newcomer, cast.acwc, cast.somtc, cast.secretariat):
        for query in ("", "body=SOMTC", "section=A"):
            found = dashboard_of(plan, query, user)
            assert found.current is not None and found.current.asked.number
            assert_true(found, user, api, random.Random(1), asked=6)
    for user, late in ((cast.visitor, 1), (cast.secretariat, 2)):
        current = dashboard_of(plan, "", user).current
        assert current is not None and current.late.number == late  # what is only submitted is nobody else's business


def test_a_saved_view_is_narrowed_by_every_number(plan: WorkPlan, cast: Cast, api: Any) -> None:
    make_scenario(secretariat=cast.secretariat, lead=cast.somtc)
    for query in ("section=A&body=SOMTC&role=lead", "timeliness=overdue&round=2018-1", "silent=1&status=not_reported"):
        view = saved(plan, cast.secretariat, name=query, query=query)
        found = dashboard_of(plan, f"view={view.slug}&kind=activity", cast.visitor)
        assert bool(found.points) is ("timeliness" not in query)
        assert_true(found, cast.visitor, api, random.Random(1), asked=8)


def test_the_links_on_the_page_lead_to_as_many_rows_as_they_say(plan: WorkPlan, cast: Cast, page: Page) -> None:
    play(plan, cast, seed=4, steps=60)
    for query in ("", "?section=A&body=SOMTC", "?as_of=2018-08-01&role=lead"):
        text = page().get(HERE + query).content.decode()
        numbers = {
            html.unescape(address): int(number)
            for address, number in re.findall(rf'<a href="(/plans/{CODE}/activities/[^"]*)">(\d+)</a>', text)
        }
        assert len(numbers) > 30
        if query.startswith("?as_of"):
            assert all("as_of=2018" in address for address in numbers)
        for address in random.Random(2).sample(sorted(numbers), 8):
            shown = page().get(address)
            assert shown.context["listing"].number == numbers[address], address
        address = sorted(numbers)[-1]
        file = b"".join(page().get(address.replace("/activities/", "/activities.csv")))  # type: ignore[arg-type]
        assert len(list(csv.reader(io.StringIO(file.decode("utf-8-sig"))))) == 1 + numbers[address]


@pytest.fixture(scope="module")
def played(module_database: Cast) -> RandomHistory:
    return play(WorkPlan.objects.get(code=CODE), module_database, seed=2018, steps=60)


@pytest.fixture
def history(played: RandomHistory, db: None) -> RandomHistory:
    return copy.deepcopy(played)


def test_the_trend_shows_what_was_true_at_the_end_of_each_round(history: RandomHistory, api: Any) -> None:
    points = dashboard_of(history.plan, "", None).points
    ends = [one.published_at for one in ReportingRound.objects.exclude(state=rules.PLANNED).order_by("published_at")]
    assert [point.at for point in points] == [*ends, None] and len(points) == 3
    for point in points:
        truth = Counter(status for status, _, _ in history.at(point.at or history.now).values())
        assert +point.line.tally.by_status == truth
    stated = api().get("/api/v1/summary/").json()["trend"]
    assert [datetime.datetime.fromisoformat(point["at"]) for point in stated] == ends
    for point, one in zip(stated, points, strict=False):
        assert Counter(point["by_status"]) == one.line.tally.by_status
        same = api().get(f"/api/v1/summary/?as_of={point['at']}").json()
        assert (same["by_status"], same["count"]) == (point["by_status"], point["count"])


def test_as_of_a_day_the_trend_ends_on_that_day(history: RandomHistory, api: Any) -> None:
    first, second = ReportingRound.objects.exclude(state=rules.PLANNED).order_by("opened_at")
    assert first.closed_at is not None and second.opened_at is not None and second.closed_at is not None
    between = f"as_of={second.closed_at - datetime.timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
    points = dashboard_of(history.plan, between, None).points
    assert [(point.round, point.at) for point in points] == [(first, first.published_at), (second, None)]
    stated = api().get(f"/api/v1/summary/?{between}").json()["trend"]
    assert [(point["code"], point["at"] is None) for point in stated] == [("2018-1", False), ("2018-2", True)]
    assert [(one.round, one.at) for one in dashboard_of(history.plan, "as_of=2018-01-01", None).points] == [
        (None, None)
    ]
    assert api().get("/api/v1/summary/?timeliness=overdue").json()["trend"] == []


def non_reporting_by_hand(number: int, moment: datetime.datetime) -> set[int]:
    """One activity after the other, one round after the other."""
    day = timezone.localdate(moment)
    rounds = [
        one for one in ReportingRound.objects.all() if one.opened_at and one.opened_at <= moment and one.due_on < day
    ]
    latest = sorted(rounds, key=lambda one: one.due_on)[-number:]
    known = set()
    for update in StatusUpdate.objects.filter(state=rules.APPROVED).select_related("round"):
        assert update.approved_at is not None
        counts = update.round and (update.round.publication == rules.AT_ONCE or update.round.published_at)
        since = update.approved_at
        if update.round and update.round.publication == rules.WITH_ROUND and update.round.published_at:
            since = max(since, update.round.published_at)
        if counts and since <= moment:
            known.add((update.activity_id, update.round_id))
    owed = Obligation.objects.filter(body__isnull=False)
    due = {(one.activity_id, one.round_id): one.due_on for one in owed.order_by("due_on")}
    return {
        pk
        for pk in Activity.objects.values_list("pk", flat=True)
        if len(latest) == number
        and all((pk, one.pk) in due and due[pk, one.pk] < day and (pk, one.pk) not in known for one in latest)
    }


def test_non_reporting_is_due_in_each_of_the_last_rounds_and_nothing_published(
    history: RandomHistory, api: Any
) -> None:
    end = timezone.now()
    seen = set()
    for moment in (end, *history.moments(random.Random(3), 8), datetime.datetime(2019, 2, 2, tzinfo=datetime.UTC)):
        for number in (1, 2, 3):
            truth = non_reporting_by_hand(number, moment)
            seen.add((number, bool(truth)))
            assert set(Activity.objects.as_of(moment).non_reporting_for(number).values_list("pk", flat=True)) == truth
            query = f"silent={number}&as_of={moment:%Y-%m-%dT%H:%M:%S.%fZ}"
            assert api().get(f"/api/v1/activities/?{query}&limit=1").json()["count"] == len(truth)
    assert set(Activity.objects.all().non_reporting_for(2)) == set(Activity.objects.as_of(end).non_reporting_for(2))
    assert {(1, True), (2, True), (2, False), (3, False)} <= seen


def test_a_lead_body_with_more_time_is_not_non_reporting_yet(plan: WorkPlan, cast: Cast) -> None:
    keeper = Actor(cast.secretariat, "page", "r")
    reporting_round = opened(plan, keeper)
    non_reporting = Activity.objects.all().non_reporting_for(1)
    led = Activity.objects.involving(None, rules.LEAD)
    assert set(non_reporting) == set(led) != set(Activity.objects.all())
    somtc = SectoralBody.objects.get(acronym="SOMTC")
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    actions.extend_deadline(reporting_round=reporting_round, body=somtc, until=tomorrow, reason="New staff.", by=keeper)
    assert set(Activity.objects.all().non_reporting_for(1)) == set(led) - set(Activity.objects.led_by([somtc]))


@pytest.mark.parametrize("value", ["0", "41", "-1", "two", "1.0", "2&silent=3"])
def test_a_number_of_rounds_that_cannot_be_meant_is_refused_everywhere(
    plan: WorkPlan, page: Page, api: Any, value: str
) -> None:
    for address in (HERE, f"/plans/{CODE}/activities/", f"/plans/{CODE}/activities.csv"):
        assert page().get(f"{address}?silent={value}").status_code == 400
    for address in ("activities/", "summary/"):
        answer = api().get(f"/api/v1/{address}?silent={value}")
        assert answer.status_code == 400 and list(answer.json()["error"]["fields"]) == ["silent"]


def test_a_plan_that_nobody_reports_on_yet_has_a_dashboard_too(plan: WorkPlan, page: Page) -> None:
    text = page().get(HERE).content.decode()
    assert "No round has been opened yet" in text and "Nothing has been reported as completed yet." in text
    assert "There are no upcoming dates." in text


def test_what_is_known_for_today_only_is_left_out_of_another_day_and_said_so(
    history: RandomHistory, page: Page
) -> None:
    now = page().get(HERE).content.decode()
    assert "Not received" in now and "Overdue now" not in now, "both rounds are published"
    assert "Upcoming deadlines" in now
    then = page().get(f"{HERE}?as_of=2018-08-01").content.decode()
    assert "Status as at 1 August 2018." in then and "are known for today only and are not shown here" in then
    assert "Not received" not in then and "Upcoming deadlines" not in then and "Timeliness of reports" not in then


def test_what_was_completed_last_stands_with_what_was_delivered(plan: WorkPlan, cast: Cast, page: Page) -> None:
    for day, ref in ((3, "A.1.1.1"), (9, "B.1.1.1"), (5, "A.1.1.2")):
        activity = Activity.objects.get(ref=ref)
        report = Report(
            status="completed",
            as_of=datetime.date(2018, 6, day),
            narrative="Done.",
            outputs_delivered=f"Manual number {day}.",
            evidence=(EvidenceItem("Manual", "https://example.org/manual"),),
        )
        actions.record_status(activity=activity, version=1, report=report, by=Actor(cast.secretariat, "page"))
    shown = page().get(HERE)
    assert [one.activity.ref for one in shown.context["dashboard"].completed] == ["B.1.1.1", "A.1.1.2", "A.1.1.1"]
    text = shown.content.decode()
    assert "Manual number 9." in text and "9 Jun 2018" in text and "Sari" not in text
    listed = page().get(f"/plans/{CODE}/activities/?status=completed&ordering=-status_as_of")
    assert [one.ref for one in listed.context["listing"].page] == ["B.1.1.1", "A.1.1.2", "A.1.1.1"]


def test_coming_days_are_in_order_and_more_time_is_for_those_who_take_part(plan: WorkPlan, cast: Cast) -> None:
    today = timezone.localdate()
    keeper = Actor(cast.secretariat, "page", "r")
    due, closes = (today + datetime.timedelta(days=ahead) for ahead in (3, 20))
    reporting_round = opened(plan, keeper, due_on=due, closes_on=closes)
    until = today + datetime.timedelta(days=9)
    acwc = SectoralBody.objects.get(acronym="ACWC")
    actions.extend_deadline(reporting_round=reporting_round, body=acwc, until=until, reason="New staff.", by=keeper)
    for user, expected in ((cast.visitor, [3, 20]), (cast.somtc, [3, 9, 20]), (cast.secretariat, [3, 9, 20])):
        found = dashboard_of(plan, "", user).deadlines
        assert found is not None and [(one.day - today).days for one in found] == expected
    only_theirs = dashboard_of(plan, "body=SOMTC", cast.somtc).deadlines
    assert only_theirs is not None and [one.body for one in only_theirs] == [None, None]


def test_the_filter_of_the_page_keeps_what_else_was_asked_for(history: RandomHistory, page: Page) -> None:
    text = page().get(f"{HERE}?section=A&body=SOMED&kind=activity&as_of=2018-08-01").content.decode()
    form = text.split('<details class="dash-filter">')[1].split("</form>")[0]
    assert re.findall(r'value="([^"]*)" checked', form) == ["A", "SOM-ED"]
    assert re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form) == [
        ("kind", "activity"),
        ("as_of", "2018-08-01"),
    ]
    assert "Section: A" in text and f'{HERE}?as_of=2018-08-01">Clear all' in text
