"""When reports are asked for, before anybody has decided otherwise."""

import datetime
from dataclasses import dataclass

from workplan.rules.vocabulary import FINAL, HALF_YEAR, MID_TERM


@dataclass(frozen=True, slots=True)
class Schedule:
    """The dates of one round, before anybody has decided on them.

    Attributes:
        code: what addresses and programs call it, such as ``2018-1``.
        name: what people call it.
        kind: a value of ``ROUND_KINDS``.
        period_start, period_end: the half-year that is reported on.
        opens_on, due_on, closes_on: when reports are asked for, due, and no longer taken.
        asks_for_all: whether completed and cancelled activities are reported on, too: in a final evaluation.
    """

    code: str
    name: str
    kind: str
    period_start: datetime.date
    period_end: datetime.date
    opens_on: datetime.date
    due_on: datetime.date
    closes_on: datetime.date
    asks_for_all: bool


DUE_AFTER, CLOSES_AFTER = datetime.timedelta(days=30), datetime.timedelta(days=45)


def asks_for_all_by_default(kind: str) -> bool:
    """Whether a round of ``kind`` (of ``ROUND_KINDS``) asks about completed and cancelled activities, too."""
    return kind == FINAL


def half_years(plan_starts: datetime.date, plan_ends: datetime.date) -> list[Schedule]:
    """The rounds that a plan asks for: one after each half-year of its period.

    The half-year in which the middle of the period falls is the mid-term review, the last one the final
    evaluation. Reports may be sent from the day after the half-year on, are due 30 days later and taken for 45.
    """
    halves: list[tuple[datetime.date, datetime.date, int]] = []
    year, half = plan_starts.year, 1 if plan_starts.month <= 6 else 2
    while True:
        first = datetime.date(year, 1 if half == 1 else 7, 1)
        if first > plan_ends:
            break
        last = datetime.date(year, 6, 30) if half == 1 else datetime.date(year, 12, 31)
        halves.append((max(first, plan_starts), min(last, plan_ends), half))
        year, half = (year, 2) if half == 1 else (year + 1, 1)
    middle = plan_starts + (plan_ends - plan_starts) / 2
    found = []
    for place, (first, last, half) in enumerate(halves):
        is_last = place == len(halves) - 1
        kind = FINAL if is_last else MID_TERM if first <= middle <= last else HALF_YEAR
        name = f"{'First' if half == 1 else 'Second'} half of {first.year}"
        opens = last + datetime.timedelta(days=1)
        found.append(
            Schedule(
                *(f"{first.year}-{half}", name, kind, first, last),
                *(opens, opens + DUE_AFTER, opens + CLOSES_AFTER, asks_for_all_by_default(kind)),
            )
        )
    return found
