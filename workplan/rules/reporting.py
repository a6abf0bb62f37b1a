"""What a report has to meet, and which deed is possible when."""

import datetime
import re
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
    RETURNED,
    STATUSES,
    SUBMITTED,
    UPDATE_KINDS,
)

# Control characters but tab and line ends, and the sign that stands where text could not be read.
UNREADABLE = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\ufffd]")
UNREADABLE_TEXT = "This holds characters that are no readable text. Type it again, or paste it as plain text."


# From which state which deed is possible. Who may do it is for ``workplan.permissions`` to say.
REPORT_MOVES: dict[str, tuple[str, ...]] = {
    "edit": (DRAFT, RETURNED),
    "submit": (DRAFT, RETURNED),
    "discard": (DRAFT,),
    "approve": (SUBMITTED,),
    "return": (SUBMITTED,),
    "concur": (SUBMITTED,),
    "comment": (DRAFT, SUBMITTED, RETURNED, APPROVED),
}
ROUND_MOVES: dict[str, tuple[str, ...]] = {
    "edit": (PLANNED, OPEN),
    "delete": (PLANNED,),
    "open": (PLANNED,),
    "close": (OPEN,),
    "reopen": (CLOSED,),
    "publish": (CLOSED,),
    "except": (OPEN, CLOSED),
}

# What was asked for stays as it was once a round has been opened: bodies, links and calendars go by it.
FIXED_ONCE_OPEN = ("code", "kind", "period_start", "period_end", "opens_on")


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
) -> list[Check]:
    """What a status update has to meet, in the order of the form, each with what is missing.

    Args:
        kind: a value of ``UPDATE_KINDS``.
        status: the status it reports; empty while none is chosen.
        as_of: the day on which that status was true.
        narrative: the progress made, in words.
        outputs_delivered: what was delivered, in words.
        reason: why it goes back, is put off or given up.
        evidence: the number of links and files.
        current_status: the status the activity has now.
        current_as_of: the day of that status, if it has been reported.
        plan_starts: first day of the plan's period.
        today: the day it is being recorded.
    """
    found = [_status_check(kind, status, current_status)]
    found.append(Check("as_of", "The day of the status is given.", _day_problem(as_of, plan_starts, today)))
    if as_of is not None and current_as_of is not None and as_of < current_as_of:
        older = f"The present status is of {current_as_of:%d %B %Y}; this one is older and will take its place."
        found.append(Check("as_of", "It is not older than the present status.", older, advice=True))
    if kind in KINDS_WITHOUT_NARRATIVE:
        return found
    missing = "" if narrative.strip() else "Say in a sentence or more what was done, so that readers can follow."
    found.append(Check("narrative", "Progress is told in words.", missing))
    if status == COMPLETED:
        missing = "" if outputs_delivered.strip() else "Say what was delivered: a completed activity has an output."
        found.append(Check("outputs_delivered", "Completed: what was delivered is named.", missing))
        missing = "" if evidence else "Add at least one link or file that shows what was delivered."
        found.append(Check("evidence", "Completed: one piece of evidence is there.", missing))
    why = _reason_wanted(status, current_status)
    if why:
        missing = "" if reason.strip() else f"Give the reason: {why}."
        found.append(Check("reason", f"The reason is given: {why}.", missing))
    return found


def problems_with_update(**said: Any) -> list[Problem]:
    """What keeps a status update from being recorded; empty when nothing does. Takes what ``checklist`` takes."""
    return [Problem(check.field, check.problem) for check in checklist(**said) if check.problem and not check.advice]


def _status_check(kind: str, status: str, current: str) -> Check:
    problem = ""
    if kind in KINDS_WITHOUT_NARRATIVE:
        asks = "The status stays as it is."
        if status != current:
            problem = (
                f"A “{UPDATE_KINDS.label(kind).lower()}” update keeps the status as it is "
                f"(“{STATUSES.label(current)}”). To change it, send a progress update."
            )
        elif kind == NO_CHANGE and current == NOT_REPORTED:
            problem = "Nothing was reported before, so nothing can be unchanged. Report a status."
    else:
        asks = "A status is chosen."
        if not status:
            problem = "Choose a status."
        elif status == NOT_REPORTED and kind != CORRECTION:
            problem = "“Not reported” is how an activity begins; only a correction can go back to it."
    return Check("status", asks, problem)


def _day_problem(as_of: datetime.date | None, plan_starts: datetime.date, today: datetime.date) -> str:
    if as_of is None:
        return "Give the day on which this status was true."
    if as_of > today:
        return f"This day has not come yet. Give {today:%d %B %Y} or an earlier day."
    if as_of < plan_starts:
        return f"The plan begins on {plan_starts:%d %B %Y}. Give that day or a later one."
    return ""


def _reason_wanted(status: str, current: str) -> str:
    """Why a move from ``current`` to ``status`` has to be explained; empty where it has not."""
    if status == current:
        return ""
    if status == DEFERRED:
        return "the activity is deferred"
    if status == CANCELLED:
        return "the activity is cancelled"
    if current == COMPLETED:
        return "the activity was reported as completed before"
    return ""
