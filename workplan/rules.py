"""What is allowed: the vocabulary of the plan and the rules of reporting, as tables and pure functions.

Constraint, form, filter, badge, API and documentation all read these tables.
"""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """One value of a vocabulary.

    Attributes:
        value: what is stored and what the API says.
        label: what a page says.
        meaning: one sentence for whoever has to choose it.
        iati: the IATI activity status code it corresponds to, empty where IATI has none
            (code list ActivityStatus of the IATI Standard 2.03).
    """

    value: str
    label: str
    meaning: str
    iati: str = ""


class Vocabulary:
    """An ordered, closed set of terms."""

    def __init__(self, *terms: Term) -> None:
        self._terms = {term.value: term for term in terms}

    def __iter__(self) -> Iterator[Term]:
        return iter(self._terms.values())

    def __contains__(self, value: object) -> bool:
        return value in self._terms

    def __getitem__(self, value: str) -> Term:
        return self._terms[value]

    @property
    def values(self) -> list[str]:
        return list(self._terms)

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(term.value, term.label) for term in self]

    def label(self, value: str) -> str:
        return self._terms[value].label


NOT_REPORTED = "not_reported"

STATUSES = Vocabulary(
    Term(NOT_REPORTED, "Not reported", "Nobody has reported on this activity yet."),
    Term("not_started", "Not started", "The work has not begun.", iati="1"),
    Term("ongoing", "Ongoing", "The work has begun and goes on.", iati="2"),
    Term("completed", "Completed", "The work is done and its output delivered.", iati="4"),
    Term("deferred", "Deferred", "The work is put off to a later time.", iati="6"),
    Term("cancelled", "Cancelled", "The work will not be done.", iati="5"),
)

DRAFT, SUBMITTED, RETURNED, APPROVED = "draft", "submitted", "returned", "approved"

REPORT_STATES = Vocabulary(
    Term(DRAFT, "Draft", "Being written; only its author's side and the secretariat see it."),
    Term(SUBMITTED, "Submitted", "Handed in; the secretariat has to review it."),
    Term(RETURNED, "Returned", "Sent back to its author with a reason."),
    Term(APPROVED, "Approved", "Accepted by the secretariat; it counts and never changes."),
)

TIMELINESS = Vocabulary(
    Term("not_due", "Not due", "No report is asked for at present."),
    Term("due_soon", "Due soon", "A report is asked for and its date is near."),
    Term("overdue", "Overdue", "A report was asked for and its date has passed."),
    Term("on_time", "On time", "The report came by its date."),
    Term("late", "Late", "The report came after its date."),
)

PROGRESS, NO_CHANGE, NIL_RETURN, CORRECTION = "progress", "no_change", "nil_return", "correction"

UPDATE_KINDS = Vocabulary(
    Term(PROGRESS, "Progress", "Says how far the activity is."),
    Term(
        CORRECTION,
        "Correction",
        "Puts right what an earlier update said; the earlier one stays in the history.",
    ),
    Term(NO_CHANGE, "No change", "Nothing has changed since the last update."),
    Term(NIL_RETURN, "Nil return", "The body has nothing to report."),
)
KINDS_WITHOUT_NARRATIVE = (NO_CHANGE, NIL_RETURN)

LEAD, COOPERATING = "lead", "cooperating"

ROLES = Vocabulary(
    Term(LEAD, "Lead", "Accountable for the activity and for reporting on it."),
    Term(COOPERATING, "Cooperating", "Takes part in the activity."),
)

ACTIVITY, AREA = "activity", "area"

ACTIVITY_KINDS = Vocabulary(
    Term(ACTIVITY, "Activity", "A programme, project or activity that the plan proposes."),
    Term(AREA, "Area", "An area of collaboration that has a lead body but no proposed activity."),
)

PILLARS = Vocabulary(
    Term("political_security", "Political-Security", "ASEAN Political-Security Community"),
    Term("economic", "Economic", "ASEAN Economic Community"),
    Term("socio_cultural", "Socio-Cultural", "ASEAN Socio-Cultural Community"),
)

CHANNELS = Vocabulary(
    Term("page", "Page", "By the form of one activity."),
    Term("bulk", "Bulk form", "By the form for several activities at once."),
    Term("admin", "Admin", "In the administration site."),
    Term("api", "API", "By another program."),
    Term("import", "Import", "From a spreadsheet."),
    Term("command", "Command", "By a command on the server."),
)


# Control characters but tab and line ends, and the sign that stands where text could not be read.
UNREADABLE = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\ufffd]")
UNREADABLE_TEXT = "This holds characters that are no readable text. Type it again, or paste it as plain text."


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a rule refuses: the field at fault and a sentence for the person who filled it in."""

    field: str
    message: str


def problems_with_update(
    *,
    kind: str,
    status: str,
    as_of: datetime.date | None,
    narrative: str,
    current_status: str,
    plan_starts: datetime.date,
    today: datetime.date,
) -> list[Problem]:
    """What keeps a status update from being recorded; empty when nothing does.

    Args:
        kind: a value of ``UPDATE_KINDS``.
        status: the status it reports.
        as_of: the day on which that status was true.
        narrative: the progress made, in words.
        current_status: the status the activity has now.
        plan_starts: first day of the plan's period.
        today: the day it is being recorded.
    """
    found = []
    if kind in KINDS_WITHOUT_NARRATIVE:
        if status != current_status:
            found.append(
                Problem(
                    "status",
                    f"A “{UPDATE_KINDS.label(kind).lower()}” update keeps the status as it is "
                    f"(“{STATUSES.label(current_status)}”). To change it, send a progress update.",
                )
            )
    else:
        if not narrative.strip():
            found.append(Problem("narrative", "Say in a sentence or more what was done, so that readers can follow."))
        if status == NOT_REPORTED and kind != CORRECTION:
            found.append(
                Problem("status", "“Not reported” is how an activity begins; only a correction can go back to it.")
            )
    if as_of is None:
        found.append(Problem("as_of", "Give the day on which this status was true."))
    elif as_of > today:
        found.append(Problem("as_of", f"This day has not come yet. Give {today:%d %B %Y} or an earlier day."))
    elif as_of < plan_starts:
        found.append(Problem("as_of", f"The plan begins on {plan_starts:%d %B %Y}. Give that day or a later one."))
    return found
