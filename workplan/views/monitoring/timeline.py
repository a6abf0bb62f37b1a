"""Activities and rounds on a time axis, and changes of status by half-year."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import urlencode

from workplan import rules
from workplan.models import Activity, ReportingRound, Section, SectoralBody, WorkPlan
from workplan.monitoring import timeline
from workplan.monitoring.half_years import Axis, HalfYear
from workplan.monitoring.timeline import ReportingPeriod, StatusHistory
from workplan.views.browsing import chips, filtered
from workplan.views.monitoring.as_of import AsOfSelection

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
    """The events of each half-year, and a lane for each activity that has a status."""
    plan = get_object_or_404(WorkPlan, code=code)
    visible = Activity.objects.visible_to(request.user).select_related("plan", "area__provision__section")
    filterset = filtered(request, visible.filter(plan=plan), also_allowed=("page", HALF, BECAME))
    problems = filterset.problems()
    half, became, page = _choices(request, problems)
    as_of_selection = AsOfSelection.of(filterset)
    rows = filterset.qs.order_by("position") if not problems else visible.none()
    histories = timeline.status_histories(rows)
    shown = ReportingRound.objects.visible_to(request.user).for_display().filter(plan=plan)
    rounds = timeline.rounds_as_of(shown, as_of_selection.moment)
    today = timeline.day_of(as_of_selection.moment)
    axis = Axis.over(timeline.first_day(plan, histories), timeline.last_day(plan, histories), length=LENGTH, least=STEP)
    kept = filterset.data.copy()
    for name in (HALF, BECAME, "page"):
        kept.pop(name, None)
    query = filterset.data.copy()
    query.pop("page", None)
    pages = Paginator(timeline.chosen(histories, half, became), LANES).get_page(page)
    context = {
        "plan": plan,
        "problems": problems,
        "as_of_selection": as_of_selection,
        "chosen": {name: filterset.data.getlist(name) for name in ("section", "body", "role", "q")},
        "carried": [(name, values) for name, values in kept.lists() if name not in CONTROLS],
        "sections": plan.sections.order_by("position"),
        "bodies": SectoralBody.objects.all(),
        "roles": rules.ROLES,
        "chips": chips(filterset),
        "query": query.urlencode(),
        "everything": f"?{kept.urlencode()}#lanes",
        "timeline_events": rules.TIMELINE_EVENTS,
        "reporting_periods": [
            _row(reporting_period, kept.urlencode())
            for reporting_period in timeline.reporting_periods(plan, histories, rounds)
        ],
        "number": len(histories),
        "half": half,
        "became": rules.TIMELINE_EVENTS[became] if became else None,
        "axis": axis,
        "years": [(one.year, axis.at(one.first)) for one in axis.halves if one.half == 1 or one == axis.first],
        "ticks": [axis.at(one.first) for one in axis.halves],
        "today": today,
        "today_x": axis.at(today) if today <= axis.last.last else None,
        "bands": [_band(one, axis, as_of_selection.moment) for one in rounds],
        "page": pages,
        "groups": _lanes(list(pages), rows, axis, min(today, plan.period_end)),
        "statuses": [term for term in rules.STATUSES if term.value != rules.NOT_REPORTED],
    }
    return render(request, "workplan/monitoring/timeline.html", context, status=400 if problems else 200)


# What the form has a control for; it hands on the rest.
CONTROLS = ("section", "body", "role", "q")


def _choices(request: HttpRequest, problems: dict[str, list[str]]) -> tuple[HalfYear | None, str, str]:
    """The half-year, the event and the page of lanes that are asked for; what cannot be read goes to ``problems``."""
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
    if became and became not in rules.TIMELINE_EVENTS:
        problems.setdefault(BECAME, [f"Use one of {', '.join(rules.TIMELINE_EVENTS.values)}."])
        became = ""
    if page and (not page.isascii() or not page.isdigit() or not 1 <= int(page[:9]) <= MOST_PAGES):
        problems.setdefault("page", ["Give the number of a page, from 1."])
        page = ""
    return half, became, page or "1"


def _row(reporting_period: ReportingPeriod, kept: str) -> dict[str, Any]:
    """A half-year with the address of the activities behind each of its numbers."""

    def address(what: str = "") -> str:
        wanted = {HALF: reporting_period.half.code, **({BECAME: what} if what else {})}
        return f"?{'&'.join(part for part in (kept, urlencode(wanted)) if part)}#lanes"

    cells = [(reporting_period.of(term.value), address(term.value)) for term in rules.TIMELINE_EVENTS]
    return {"reporting_period": reporting_period, "cells": cells, "href": address()}


def _band(reporting_round: ReportingRound, axis: Axis, moment: datetime.datetime | None) -> Band:
    x, width = axis.span(reporting_round.period_start, reporting_round.period_end, least=LEAST)
    taking_x, taking_width = axis.span(reporting_round.opens_on, reporting_round.closes_on, least=LEAST)
    state = rules.ROUND_STATES[timeline.state_at(reporting_round, moment)]
    return Band(reporting_round, state, x, width, taking_x, taking_width, axis.at(reporting_round.due_on))


def _lanes(page: list[StatusHistory], rows: Any, axis: Axis, last: datetime.date) -> list[tuple[Section, list[Lane]]]:
    """The status histories of a page as lanes, by section, in document order."""
    entries = {history.activity: history.entries for history in page}
    groups: list[tuple[Section, list[Lane]]] = []
    for activity in rows.filter(pk__in=list(entries)) if entries else ():
        section = activity.area.provision.section
        if not groups or groups[-1][0] != section:
            groups.append((section, []))
        groups[-1][1].append(Lane(activity, _segments(entries[activity.pk], axis, last)))
    return groups


def _segments(entries: list[timeline.StatusEntry], axis: Axis, last: datetime.date) -> list[Segment]:
    """The statuses of one activity. The last one goes to ``last``; what is completed or cancelled ends on its day."""
    found = []
    for place, entry in enumerate(entries):
        is_last = place + 1 == len(entries)
        if not is_last:
            until = entries[place + 1].day - datetime.timedelta(days=1)
        else:
            until = entry.day if entry.status in rules.ENDS_WORK else max(entry.day, last)
        x, width = axis.span(entry.day, until, least=LEAST)
        found.append(Segment(rules.STATUSES[entry.status], entry.day, entry.update, x, width))
    return found
