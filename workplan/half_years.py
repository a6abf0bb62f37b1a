"""What happened in which half-year, as far as days are known: from published updates, by their as-of dates."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils import timezone

from workplan import rules
from workplan.axis import HalfYear
from workplan.models import ReportingRound, StatusUpdate, WorkPlan
from workplan.querysets import ActivityQuerySet

# Activities that a half-year names; the rest are a link away.
MOST_NAMED = 12


class Step(NamedTuple):
    """A status that an activity came to.

    Attributes:
        status: the new one.
        day: the day of which it is known.
        update: the id of the update that says so.
        before: the status before it; ``NOT_REPORTED`` for the first.
    """

    status: str
    day: datetime.date
    update: int
    before: str = rules.NOT_REPORTED

    @property
    def happened(self) -> list[str]:
        """What it counts as, of ``rules.HAPPENED``."""
        return [rules.FIRST_REPORT, self.status] if self.before == rules.NOT_REPORTED else [self.status]


@dataclass(slots=True)
class Story:
    """How one activity came to its status."""

    activity: int
    ref: str
    steps: list[Step]


def story_of(updates: Iterable[tuple[str, datetime.date, int]]) -> list[Step]:
    """The steps that updates tell of, each (status, as-of date, id), in the order of their approval.

    The later word stands: what was said before of the same day, or of a later one, no longer counts. So the last
    step is the status that the activity has. An update that repeats the status is no step.
    """
    told: list[tuple[str, datetime.date, int]] = []
    for status, day, update in updates:
        while told and told[-1][1] >= day:
            told.pop()
        told.append((status, day, update))
    steps: list[Step] = []
    before = rules.NOT_REPORTED
    for status, day, update in told:
        if status != before:
            steps.append(Step(status, day, update, before))
        before = status
    return steps


def stories(rows: ActivityQuerySet) -> list[Story]:
    """The story of each of ``rows`` that has one, in document order, in one query.

    Args:
        rows: activities; what they are seen as of is where their stories end.
    """
    known = StatusUpdate.objects.published() if rows.moment is None else StatusUpdate.objects.known_at(rows.moment)
    told = known.filter(activity__in=rows.order_by().values("pk")).order_by("activity__position", "approved_at", "pk")
    found: list[tuple[int, str, list[tuple[str, datetime.date, int]]]] = []
    for activity, ref, status, day, update in told.values_list("activity", "activity__ref", "status", "as_of", "pk"):
        if not found or found[-1][0] != activity:
            found.append((activity, ref, []))
        assert day is not None, "an approved update has its day"
        found[-1][2].append((status, day, update))
    whole = (Story(activity, ref, story_of(updates)) for activity, ref, updates in found)
    return [story for story in whole if story.steps]


@dataclass(slots=True)
class Chapter:
    """One half-year.

    Attributes:
        rounds: the rounds that reported on it.
        happened: the activities (ids) for each of ``rules.HAPPENED``; each once, however often it came to it.
        moved: each activity that moved with the status it had come to at the end, by id.
    """

    half: HalfYear
    rounds: list[ReportingRound] = field(default_factory=list)
    happened: dict[str, set[int]] = field(default_factory=dict)
    moved: dict[int, tuple[str, str]] = field(default_factory=dict)

    @property
    def named(self) -> list[tuple[str, str]]:
        """The first of the activities that moved, in document order: reference and status."""
        return list(self.moved.values())[:MOST_NAMED]

    @property
    def unnamed(self) -> int:
        return max(0, len(self.moved) - MOST_NAMED)

    def of(self, what: str) -> int:
        return len(self.happened.get(what, ()))

    @property
    def is_empty(self) -> bool:
        return not self.rounds and not self.moved


def chapters(plan: WorkPlan, told: Iterable[Story], rounds: Iterable[ReportingRound]) -> list[Chapter]:
    """Each half-year of the plan’s period, and each other one in which something is known to have happened."""
    period = HalfYear.of(plan.period_start), HalfYear.of(plan.period_end)
    found = {half: Chapter(half) for half in period[0].until(period[1])}
    for the_round in rounds:
        half = HalfYear.of(the_round.period_end)
        found.setdefault(half, Chapter(half)).rounds.append(the_round)
    for story in told:
        for step in story.steps:
            half = HalfYear.of(step.day)
            chapter = found.setdefault(half, Chapter(half))
            chapter.moved[story.activity] = (story.ref, step.status)
            for what in step.happened:
                chapter.happened.setdefault(what, set()).add(story.activity)
    return [found[half] for half in sorted(found)]


def chosen(told: Iterable[Story], half: HalfYear | None, what: str) -> list[Story]:
    """The stories in which ``what`` (of ``rules.HAPPENED``, or empty for anything) happened in ``half``, or ever."""
    return [
        story
        for story in told
        if any(
            (half is None or HalfYear.of(step.day) == half) and (not what or what in step.happened)
            for step in story.steps
        )
    ]


def rounds_known(rounds: Iterable[ReportingRound], moment: datetime.datetime | None) -> list[ReportingRound]:
    """All rounds; looking back, those that had been opened by ``moment``."""
    if moment is None:
        return list(rounds)
    return [one for one in rounds if one.opened_at is not None and one.opened_at <= moment]


def state_at(the_round: ReportingRound, moment: datetime.datetime | None) -> str:
    """The state that a round had at ``moment``, as far as its own dates tell."""
    if moment is None:
        return the_round.state
    if the_round.state == rules.PUBLISHED and the_round.published_at and the_round.published_at <= moment:
        return rules.PUBLISHED
    was_closed = the_round.state in (rules.CLOSED, rules.PUBLISHED) and the_round.closed_at is not None
    if was_closed and the_round.closed_at is not None and the_round.closed_at <= moment:
        return rules.CLOSED
    return rules.OPEN


def last_day(plan: WorkPlan, told: Iterable[Story], today: datetime.date) -> datetime.date:
    """Where a chart of the stories ends: with the plan, with the last step, or today."""
    return max([plan.period_end, today, *(story.steps[-1].day for story in told)])


def first_day(plan: WorkPlan, told: Iterable[Story]) -> datetime.date:
    return min([plan.period_start, *(story.steps[0].day for story in told)])


def day_of(moment: datetime.datetime | None) -> datetime.date:
    """The day on which the plan is seen."""
    return timezone.localdate(moment) if moment else timezone.localdate()
