"""What a report has to meet, and which action is possible when."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workplan.rules.vocabulary import (
    APPROVED,
    CANCELLED,
    CLOSED,
    COMPLETED,
    CORRECTION,
    DEFERRED,
    DRAFT,
    KINDS_WITHOUT_NARRATIVE,
    NO_CHANGE,
    NOT_REPORTED,
    OPEN,
    PLANNED,
    PUBLISHED,
    RETURNED,
    STATUSES,
    SUBMITTED,
    UPDATE_KINDS,
)

# From which state which action is possible. Who may do it is for ``workplan.permissions`` to say.
REPORT_ACTIONS: dict[str, tuple[str, ...]] = {
    "edit": (DRAFT, RETURNED),
    "submit": (DRAFT, RETURNED),
    "discard": (DRAFT,),
    "approve": (SUBMITTED,),
    "return": (SUBMITTED,),
    "concur": (SUBMITTED,),
    "comment": (DRAFT, SUBMITTED, RETURNED, APPROVED),
    "correct": (APPROVED,),
}
ROUND_ACTIONS: dict[str, tuple[str, ...]] = {
    "edit": (PLANNED, OPEN),
    "delete": (PLANNED,),
    "open": (PLANNED,),
    "close": (OPEN,),
    "reopen": (CLOSED,),
    "publish": (CLOSED,),
    "schedule": (OPEN, CLOSED),
    "unschedule": (OPEN, CLOSED),
    "withdraw": (PUBLISHED,),
    "except": (OPEN, CLOSED),
}

# What was asked for stays as it was once a round has been opened: bodies, links and calendars go by it.
FIXED_ONCE_OPEN = ("code", "kind", "period_start", "period_end", "opens_on", "asks_for_all")


def is_under_way(state: str, *, leads: bool) -> bool:
    """Whether a report keeps other bodies from reporting on the same activity in the same round.

    Args:
        state: the state of the report, a value of ``REPORT_STATES``.
        leads: whether the body that reports leads the activity. What was returned to one that leads it no longer is
            not asked for again.
    """
    return state == SUBMITTED or (state == RETURNED and leads)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a rule refuses: the field at fault and a sentence for the person who filled it in."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a report is looked at for before it is submitted.

    Attributes:
        field: the field that it is about.
        asks: what is asked, as a line of a checklist.
        problem: a sentence for whoever has not met it yet; empty when it is met.
        advice: whether it only deserves a second look and keeps nobody from submitting.
    """

    field: str
    asks: str
    problem: str = ""
    advice: bool = False

    @property
    def is_met(self) -> bool:
        return not self.problem


def checklist(
    *,
    kind: str,
    status: str,
    as_of: datetime.date | None,
    narrative: str,
    outputs_delivered: str,
    reason: str,
    evidence: int,
    current_status: str,
    current_as_of: datetime.date | None,
    plan_starts: datetime.date,
    today: datetime.date,
    deferred_until: datetime.date | None = None,
    period: tuple[datetime.date, datetime.date] | None = None,
) -> list[Check]:
    """What a status update has to meet, in the order of the form, each with what is missing.

    Args:
        kind: a value of ``UPDATE_KINDS``.
        status: the status it reports; empty while none is chosen.
        as_of: the day on which that status was true.
        narrative: the progress made, in words.
        outputs_delivered: what was delivered, in words.
        reason: why it is reversed, deferred or cancelled.
        evidence: the number of links and files.
        current_status: the status the activity has now.
        current_as_of: the day of that status, if it has been reported.
        plan_starts: first day of the plan's period.
        today: the day it is being recorded.
        deferred_until: the day from which a deferred activity is reported on again, if one is named.
        period: first and last day of the reporting period; ``None`` between rounds and for a correction.
    """
    found = [_status_check(kind, status, current_status)]
    found.append(Check("as_of", "The date of the status is given.", _day_problem(as_of, plan_starts, today)))
    outside = advice_on_period(as_of, period)
    if outside and not found[-1].problem:
        found.append(Check("as_of", "The date is in the reporting period.", outside, advice=True))
    older = "" if kind in KINDS_WITHOUT_NARRATIVE else advice_on_day(as_of, current_as_of)
    if older:
        found.append(Check("as_of", "The date is not before that of the current status.", older, advice=True))
    if deferred_until is not None:
        problem = _deferral_problem(kind, status, as_of, deferred_until)
        found.append(Check("deferred_until", "“Deferred until” is given only for a deferred activity.", problem))
    if kind in KINDS_WITHOUT_NARRATIVE:
        return found
    missing = "" if narrative.strip() else "Enter in one or more sentences what was done."
    found.append(Check("narrative", "Progress is described.", missing))
    if status == COMPLETED:
        missing = (
            "" if outputs_delivered.strip() else "Enter the outputs delivered: a completed activity has an output."
        )
        found.append(Check("outputs_delivered", "Completed: the outputs delivered are described.", missing))
        missing = "" if evidence else "Add at least one link or file that shows the outputs delivered."
        found.append(Check("evidence", "Completed: at least one piece of evidence is added.", missing))
    why = _reason_wanted(status, current_status)
    if why:
        missing = "" if reason.strip() else f"Enter the reason: {why}."
        found.append(Check("reason", f"The reason is given: {why}.", missing))
    return found


def problems_with_update(**message: Any) -> list[Problem]:
    """What keeps a status update from being recorded; empty when nothing does. Takes what ``checklist`` takes."""
    return [Problem(check.field, check.problem) for check in checklist(**message) if check.problem and not check.advice]


# What a new report begins with, in the words of the last one.
CARRIED_OVER = ("next_steps",)


def carried_over(words: Mapping[str, str], last: Mapping[str, str]) -> list[str]:
    """The fields of a report that hold what the last report said, word for word, of ``CARRIED_OVER``.

    Args:
        words: the texts of the report.
        last: the texts of the last report; empty where there is none.
    """

    def plain(text: str | None) -> str:
        return " ".join((text or "").split())

    return [name for name in CARRIED_OVER if plain(words.get(name)) and plain(words[name]) == plain(last.get(name))]


CARRIED_OVER_UNNOTICED = "This is carried over from the last report. Keep it, clear it or enter new text."


def default_as_of(period_end: datetime.date | None, today: datetime.date) -> datetime.date:
    """The as-of date that a report begins with: the end of its round's period, or today where that is still to come.

    Args:
        period_end: the last day of the period; ``None`` between rounds.
    """
    return today if period_end is None else min(period_end, today)


def advice_on_period(as_of: datetime.date | None, period: tuple[datetime.date, datetime.date] | None) -> str:
    """Why an as-of date deserves a second look in a report of a round; empty where it does not.

    Args:
        period: first and last day of the round's period; ``None`` between rounds.
    """
    if as_of is None or period is None or period[0] <= as_of <= period[1]:
        return ""
    return (
        f"{as_of:%d %B %Y} is outside the reporting period, {period[0]:%d %B %Y} to {period[1]:%d %B %Y}. Enter a date "
        f"in the period, unless the status has another date."
    )


def keeps_its_day(as_of: datetime.date | None) -> str:
    """Why a correction does not name another as-of date than ``as_of``, that of the report that it corrects."""
    return (
        f"A correction keeps the date of the report that it corrects, {as_of:%d %B %Y}. "
        "To state the status as at another date, submit a report with that date."
    )


def confirmed_on(day: datetime.date | None, status_as_of: datetime.date | None) -> datetime.date | None:
    """The day on which a status was confirmed without change; ``None`` where nothing says so.

    Args:
        day: the day of which the last report says that nothing has changed, if it says so.
        status_as_of: the day of the status, if one was stated. Confirmed it can be only for that day or a later one.
    """
    return day if day is not None and status_as_of is not None and day >= status_as_of else None


def advice_on_day(as_of: datetime.date | None, current_as_of: datetime.date | None) -> str:
    """Why a status deserves a second look before it takes the place of the present one; empty where it does not.

    Args:
        as_of: the day of which it is.
        current_as_of: the day of the status that the activity has now, if it has been reported.
    """
    if as_of is None or current_as_of is None or as_of >= current_as_of:
        return ""
    return (
        f"The current status is as at {current_as_of:%d %B %Y}; this one, as at {as_of:%d %B %Y}, is older and will "
        f"replace it."
    )


def _status_check(kind: str, status: str, current: str) -> Check:
    problem = ""
    if kind in KINDS_WITHOUT_NARRATIVE:
        asks = "The status is unchanged."
        if status != current:
            problem = (
                f"A “{UPDATE_KINDS.label(kind).lower()}” report keeps the current status "
                f"(“{STATUSES.label(current)}”). To change it, submit a progress report."
            )
        elif kind == NO_CHANGE and current == NOT_REPORTED:
            problem = "There is no earlier report, so “no change” cannot be reported. Report a status."
    else:
        asks = "A status is selected."
        if not status:
            problem = "Select a status."
        elif status == NOT_REPORTED and kind != CORRECTION:
            problem = "“Not reported” is the initial status; only a correction can return to it."
    return Check("status", asks, problem)


def _day_problem(as_of: datetime.date | None, plan_starts: datetime.date, today: datetime.date) -> str:
    if as_of is None:
        return "Enter the date of this status."
    if as_of > today:
        return f"This date is in the future. Enter {today:%d %B %Y} or an earlier date."
    if as_of < plan_starts:
        return f"The plan begins on {plan_starts:%d %B %Y}. Enter that date or a later one."
    return ""


def _deferral_problem(kind: str, status: str, as_of: datetime.date | None, until: datetime.date) -> str:
    if status != DEFERRED or kind in KINDS_WITHOUT_NARRATIVE:
        return "“Deferred until” applies only to a deferred activity. Leave it empty."
    if as_of is not None and until <= as_of:
        return f"The activity was deferred on {as_of:%d %B %Y}. Enter a later date, or leave it empty."
    return ""


def _reason_wanted(status: str, current: str) -> str:
    """Why a change from ``current`` to ``status`` has to be explained; empty where it need not be."""
    if status == current:
        return ""
    if status == DEFERRED:
        return "the activity is deferred"
    if status == CANCELLED:
        return "the activity is cancelled"
    if current == COMPLETED:
        return "the activity was reported as completed before"
    return ""
