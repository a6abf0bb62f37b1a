"""The timeline of statuses by half-year: from published updates, by their as-of dates."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from workplan import rules
from workplan.models import ReportingRound, StatusUpdate, WorkPlan
from workplan.monitoring.half_years import HalfYear
from workplan.querysets import ActivityQuerySet
from workplan.querysets.days import secretariat_day

# Activities that a half-year names; the rest are a link away.
MOST_NAMED = 12


class StatusEntry(NamedTuple):
    """A status that an activity came to.

    Attributes:
        status: the new one.
        day: its as-of date.
        update: the id of the update that says so.
        before: the status before it; ``NOT_REPORTED`` for the first.
    """

    status: str
    day: datetime.date
    update: int
    before: str = rules.NOT_REPORTED

    @property
    def events(self) -> list[str]:
        """What it counts as, of ``rules.TIMELINE_EVENTS``."""
        return [rules.FIRST_REPORT, self.status] if self.before == rules.NOT_REPORTED else [self.status]


@dataclass(slots=True)
class StatusHistory:
    """How one activity came to its status."""

    activity: int
    ref: str
    entries: list[StatusEntry]


def status_entries(updates: Iterable[tuple[str, datetime.date, int]]) -> list[StatusEntry]:
    """The status entries of reports that state one, each (status, as-of date, id), in their places.

    A later update counts: earlier ones of the same as-of date, or of a later one, no longer count. So the last
    entry is the current status. An update that repeats the status makes no entry.
    """
    counted: list[tuple[str, datetime.date, int]] = []
    for status, day, update in updates:
        while counted and counted[-1][1] >= day:
            counted.pop()
        counted.append((status, day, update))
    entries: list[StatusEntry] = []
    before = rules.NOT_REPORTED
    for status, day, update in counted:
        if status != before:
            entries.append(StatusEntry(status, day, update, before))
        before = status
    return entries


def status_histories(rows: ActivityQuerySet) -> list[StatusHistory]:
    """The status history of each of ``rows`` that has one, in document order, in one query.

    Args:
        rows: activities; the moment as of which they are shown is where their histories end.
    """
    published = StatusUpdate.objects.published() if rows.moment is None else StatusUpdate.objects.as_of(rows.moment)
    of_rows = published.filter(activity__in=rows.order_by().values("pk"))
    in_order = of_rows.stating().not_corrected().in_their_places()
    found: list[tuple[int, str, list[tuple[str, datetime.date, int]]]] = []
    for activity, ref, status, day, update in in_order.values_list(
        "activity", "activity__ref", "status", "as_of", "pk"
    ):
        if not found or found[-1][0] != activity:
            found.append((activity, ref, []))
        assert day is not None, "an approved update has its day"
        found[-1][2].append((status, day, update))
    whole = (StatusHistory(activity, ref, status_entries(stated)) for activity, ref, stated in found)
    return [history for history in whole if history.entries]


@dataclass(slots=True)
class ReportingPeriod:
    """One half-year.

    Attributes:
        rounds: the rounds that reported on it.
        events: the activities (ids) for each of ``rules.TIMELINE_EVENTS``; each once, however often it came to it.
        changed: each activity that changed status, with its last status in the period, by id.
    """

    half: HalfYear
    rounds: list[ReportingRound] = field(default_factory=list)
    events: dict[str, set[int]] = field(default_factory=dict)
    changed: dict[int, tuple[str, str]] = field(default_factory=dict)

    @property
    def named(self) -> list[tuple[str, str]]:
        """The first of the activities that changed status, in document order: reference and status."""
        return list(self.changed.values())[:MOST_NAMED]

    @property
    def unnamed(self) -> int:
        """How many more changed than the ``MOST_NAMED`` that are named."""
        return max(0, len(self.changed) - MOST_NAMED)

    def of(self, what: str) -> int:
        """How many events there were of one kind."""
        return len(self.events.get(what, ()))

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened in it."""
        return not self.rounds and not self.changed


def reporting_periods(
    plan: WorkPlan, histories: Iterable[StatusHistory], rounds: Iterable[ReportingRound]
) -> list[ReportingPeriod]:
    """Each half-year of the plan’s period, and each other one in which there is a status entry or a round."""
    period = HalfYear.of(plan.period_start), HalfYear.of(plan.period_end)
    found = {half: ReportingPeriod(half) for half in period[0].until(period[1])}
    for reporting_round in rounds:
        half = HalfYear.of(reporting_round.period_end)
        found.setdefault(half, ReportingPeriod(half)).rounds.append(reporting_round)
    for history in histories:
        for entry in history.entries:
            half = HalfYear.of(entry.day)
            reporting_period = found.setdefault(half, ReportingPeriod(half))
            reporting_period.changed[history.activity] = (history.ref, entry.status)
            for what in entry.events:
                reporting_period.events.setdefault(what, set()).add(history.activity)
    return [found[half] for half in sorted(found)]


def chosen(histories: Iterable[StatusHistory], half: HalfYear | None, what: str) -> list[StatusHistory]:
    """The histories in which ``what`` (of ``rules.TIMELINE_EVENTS``; empty for any) happened in ``half``, or ever."""
    return [
        history
        for history in histories
        if any(
            (half is None or HalfYear.of(entry.day) == half) and (not what or what in entry.events)
            for entry in history.entries
        )
    ]


def rounds_as_of(rounds: Iterable[ReportingRound], moment: datetime.datetime | None) -> list[ReportingRound]:
    """All rounds; as of a moment, those that had been opened by then."""
    if moment is None:
        return list(rounds)
    return [one for one in rounds if one.opened_at is not None and one.opened_at <= moment]


def state_at(reporting_round: ReportingRound, moment: datetime.datetime | None) -> str:
    """The state of a round as of ``moment``, as far as its own dates show."""
    if moment is None:
        return reporting_round.state
    if (
        reporting_round.state == rules.PUBLISHED
        and reporting_round.published_at
        and reporting_round.published_at <= moment
    ):
        return rules.PUBLISHED
    was_closed = reporting_round.state in (rules.CLOSED, rules.PUBLISHED) and reporting_round.closed_at is not None
    if was_closed and reporting_round.closed_at is not None and reporting_round.closed_at <= moment:
        return rules.CLOSED
    return rules.OPEN


def last_day(plan: WorkPlan, histories: Iterable[StatusHistory]) -> datetime.date:
    """The last day of the chart: the end of the plan, or a later last status entry."""
    return max([plan.period_end, *(history.entries[-1].day for history in histories)])


def first_day(plan: WorkPlan, histories: Iterable[StatusHistory]) -> datetime.date:
    """The day that a timeline begins with: the plan's first, or that of an earlier status."""
    return min([plan.period_start, *(history.entries[0].day for history in histories)])


def day_of(moment: datetime.datetime | None) -> datetime.date:
    """The day on which the plan is seen."""
    return secretariat_day(moment) if moment else secretariat_day()
