"""Activities and rounds on a time axis, and what happened in which half-year."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import urlencode

from workplan import half_years, rules
from workplan.axis import Axis, HalfYear
from workplan.half_years import Chapter, Story
from workplan.models import Activity, ReportingRound, Section, SectoralBody, WorkPlan
from workplan.views.browsing import chips, filtered
from workplan.views.looking_back import LookingBack

LANES = 100
MOST_PAGES = 1_000_000
# How long the whole axis is drawn, a half-year at least, and a status at least to be seen.
LENGTH, STEP, LEAST = 1_240, 50, 3.0
HALF, BECAME = "half", "became"


@dataclass(frozen=True, slots=True)
class Segment:
    """A time in which an activity had one status, on the chart and in words."""

    term: rules.Term
    day: datetime.date
    update: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Lane:
    """One activity on the chart."""

    activity: Activity
    segments: list[Segment]


@dataclass(frozen=True, slots=True)
class Band:
    """A round on the chart: the period that it reports on, and the time in which reports are taken."""

    round: ReportingRound
    state: rules.Term
    x: float
    width: float
    taking_x: float
    taking_width: float
    due: float


def browse(request: HttpRequest, code: str) -> HttpResponse:
    """What happened in each half-year, and a lane for each activity of which a status is known."""
    plan = get_object_or_404(WorkPlan, code=code)
    visible = Activity.objects.visible_to(request.user).select_related("plan", "area__provision__section")
    filterset = filtered(request, visible.filter(plan=plan), besides=("page", HALF, BECAME))
    problems = filterset.problems()
    half, became, page = _choices(request, problems)
    looking_back = LookingBack.of(filterset)
    rows = filterset.qs.order_by("position") if not problems else visible.none()
    told = half_years.stories(rows)
    shown = ReportingRound.objects.visible_to(request.user).for_display().filter(plan=plan)
    rounds = half_years.rounds_known(shown, looking_back.moment)
    today = half_years.day_of(looking_back.moment)
    axis = Axis.over(
        half_years.first_day(plan, told), half_years.last_day(plan, told, today), length=LENGTH, least=STEP
    )
    kept = filterset.data.copy()
    for name in (HALF, BECAME, "page"):
        kept.pop(name, None)
    query = filterset.data.copy()
    query.pop("page", None)
    pages = Paginator(half_years.chosen(told, half, became), LANES).get_page(page)
    context = {
        "plan": plan,
        "problems": problems,
        "looking_back": looking_back,
        "chosen": {name: filterset.data.getlist(name) for name in ("section", "body", "role", "q")},
        "carried": [(name, values) for name, values in kept.lists() if name not in CONTROLS],
        "sections": plan.sections.order_by("position"),
        "bodies": SectoralBody.objects.all(),
        "roles": rules.ROLES,
        "chips": chips(filterset),
        "query": query.urlencode(),
        "everything": f"?{kept.urlencode()}#lanes",
        "happened": rules.HAPPENED,
        "chapters": [_row(chapter, kept.urlencode()) for chapter in half_years.chapters(plan, told, rounds)],
        "number": len(told),
        "half": half,
        "became": rules.HAPPENED[became] if became else None,
        "axis": axis,
        "years": [(one.year, axis.at(one.first)) for one in axis.halves if one.half == 1 or one == axis.first],
        "ticks": [axis.at(one.first) for one in axis.halves],
        "today": today,
        "today_x": axis.at(today),
        "bands": [_band(one, axis, looking_back.moment) for one in rounds],
        "page": pages,
        "groups": _lanes(list(pages), rows, axis, today),
        "statuses": [term for term in rules.STATUSES if term.value != rules.NOT_REPORTED],
    }
    return render(request, "workplan/timeline.html", context, status=400 if problems else 200)


# What the form has a control for; it hands on the rest.
CONTROLS = ("section", "body", "role", "q")


def _choices(request: HttpRequest, problems: dict[str, list[str]]) -> tuple[HalfYear | None, str, str]:
    """Which half-year, what happened in it, and which page of lanes; what cannot be meant goes to ``problems``."""
    half: HalfYear | None = None
    asked, became, page = (request.GET.get(name, "").strip() for name in (HALF, BECAME, "page"))
    for name in (HALF, BECAME, "page"):
        if len(request.GET.getlist(name)) > 1:
            problems[name] = [f"Give {name} once only."]
    if asked:
        year, _, part = asked.partition("-")
        if len(year) == 4 and year.isascii() and year.isdigit() and year > "0000" and part in ("1", "2"):
            half = HalfYear(int(year), int(part))
        else:
            problems.setdefault(HALF, ["Give a half-year such as 2018-1, the first half of 2018."])
    if became and became not in rules.HAPPENED:
        problems.setdefault(BECAME, [f"Use one of {', '.join(rules.HAPPENED.values)}."])
        became = ""
    if page and (not page.isascii() or not page.isdigit() or not 1 <= int(page[:9]) <= MOST_PAGES):
        problems.setdefault("page", ["Give the number of a page, from 1."])
        page = ""
    return half, became, page or "1"


def _row(chapter: Chapter, kept: str) -> dict[str, Any]:
    """A half-year with the address of the activities behind each of its numbers."""

    def address(what: str = "") -> str:
        wanted = {HALF: chapter.half.code, **({BECAME: what} if what else {})}
        return f"?{'&'.join(part for part in (kept, urlencode(wanted)) if part)}#lanes"

    cells = [(chapter.of(term.value), address(term.value)) for term in rules.HAPPENED]
    return {"chapter": chapter, "cells": cells, "href": address()}


def _band(the_round: ReportingRound, axis: Axis, moment: datetime.datetime | None) -> Band:
    x, width = axis.span(the_round.period_start, the_round.period_end, least=LEAST)
    taking_x, taking_width = axis.span(the_round.opens_on, the_round.closes_on, least=LEAST)
    state = rules.ROUND_STATES[half_years.state_at(the_round, moment)]
    return Band(the_round, state, x, width, taking_x, taking_width, axis.at(the_round.due_on))


def _lanes(page: list[Story], rows: Any, axis: Axis, today: datetime.date) -> list[tuple[Section, list[Lane]]]:
    """The stories of a page as lanes, by section, in document order."""
    steps = {story.activity: story.steps for story in page}
    groups: list[tuple[Section, list[Lane]]] = []
    for activity in rows.filter(pk__in=list(steps)) if steps else ():
        section = activity.area.provision.section
        if not groups or groups[-1][0] != section:
            groups.append((section, []))
        groups[-1][1].append(Lane(activity, _segments(steps[activity.pk], axis, today)))
    return groups


def _segments(steps: list[half_years.Step], axis: Axis, today: datetime.date) -> list[Segment]:
    found = []
    for place, step in enumerate(steps):
        is_last = place + 1 == len(steps)
        until = max(step.day, today) if is_last else steps[place + 1].day - datetime.timedelta(days=1)
        x, width = axis.span(step.day, until, least=LEAST)
        found.append(Segment(rules.STATUSES[step.status], step.day, step.update, x, width))
    return found
