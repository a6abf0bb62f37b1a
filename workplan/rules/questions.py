"""What is left open in a plan: which questions there are, what can be decided on them, and when reports contradict."""

import datetime
import hashlib
import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from workplan.rules.vocabulary import CANCELLED, COMPLETED, CORRECTION, OPEN, STATUSES, Term, Vocabulary

READING, MISSING_LEAD, EMPTY_AREA = "reading", "missing_lead", "area_without_activity"
CONTRADICTION, TRANSFER = "contradictory_reports", "transfer_note"

QUESTION_KINDS = Vocabulary(
    Term(READING, "Transcription", "The source is ambiguous here, and its transcription is a choice."),
    Term(MISSING_LEAD, "Missing lead", "No body leads this activity, so no report on it is due."),
    Term(EMPTY_AREA, "Area without activity", "Neither the area nor one under it has an activity that is tracked."),
    Term(CONTRADICTION, "Contradictory reports", "Two published reports on one activity cannot both be right."),
    Term(TRANSFER, "Transfer requested", "A drafting remark requests a transfer to another part of the plan."),
)

SETTLED = "settled"

QUESTION_STATES = Vocabulary(
    Term(OPEN, "Open", "Not decided yet, or the matter has changed since the decision."),
    Term(SETTLED, "Resolved", "The secretariat has decided, with a reason."),
)

KEEP, AMEND, PASS_ON, REOPEN = "keep", "amend", "pass_on", "reopen"

QUESTION_DECISIONS = Vocabulary(
    Term(KEEP, "Plan unchanged", "The plan is not changed."),
    Term(AMEND, "Plan changed", "The plan is changed together with the decision."),
    Term(PASS_ON, "Referred", "Others have been asked to decide; the plan is not changed for now."),
    Term(REOPEN, "Reopened", "The earlier decision no longer applies; the question is open again."),
)

# What can be decided on which kind of question. What is settled can be opened again besides.
DECISIONS_ON: dict[str, tuple[str, ...]] = {
    READING: (KEEP, AMEND),
    MISSING_LEAD: (KEEP, AMEND),
    EMPTY_AREA: (KEEP, AMEND),
    # A report is corrected by a correction, which is a report of its own.
    CONTRADICTION: (KEEP,),
    TRANSFER: (KEEP, AMEND, PASS_ON),
}
# What a change of the plan consists of, by kind of question.
AMENDS: dict[str, tuple[str, ...]] = {
    READING: ("text", "expected_output", "clear_note"),
    MISSING_LEAD: ("lead",),
    EMPTY_AREA: ("lead",),
    CONTRADICTION: (),
    TRANSFER: ("to",),
}

SAME_DAY, OUT_OF_ORDER, REGRESSION = "same_day", "out_of_order", "goes_back"

CONTRADICTIONS = Vocabulary(
    Term(SAME_DAY, "Two statuses on one date", "Both reports are about the same date and state different statuses."),
    Term(
        OUT_OF_ORDER,
        "Earlier date reported later",
        "The later report is about an earlier date and states another status.",
    ),
    Term(
        REGRESSION,
        "Regression",
        "A completed, cancelled or ongoing activity returns to an earlier status only by a correction.",
    ),
)

# What cannot come after a status unless one of the two is wrong.
CANNOT_FOLLOW: dict[str, tuple[str, ...]] = {
    COMPLETED: tuple(status for status in STATUSES.values if status != COMPLETED),
    CANCELLED: tuple(status for status in STATUSES.values if status != CANCELLED),
    "ongoing": ("not_started",),
}


@dataclass(frozen=True, slots=True)
class Statement:
    """What a published report says, as far as another can contradict it: kind, status, and the day of that status."""

    kind: str
    status: str
    as_of: datetime.date


def contradiction(before: Statement, after: Statement) -> str:
    """In which way ``after`` contradicts ``before``, the report that counted until then; empty where it does not.

    A correction contradicts nothing: it says itself that what was said before is wrong.
    """
    if after.kind == CORRECTION or after.status == before.status:
        return ""
    if after.as_of == before.as_of:
        return SAME_DAY
    if after.as_of < before.as_of:
        return OUT_OF_ORDER
    return REGRESSION if after.status in CANNOT_FOLLOW.get(before.status, ()) else ""


def contradictions(reports: Sequence[Statement]) -> list[tuple[Statement, Statement, str]]:
    """Which of the reports on one activity contradict the one before, in the order in which they came to count.

    A correction corrects all that was said before it.
    """
    found: list[tuple[Statement, Statement, str]] = []
    for before, after in pairwise(reports):
        if after.kind == CORRECTION:
            found = []
        elif way := contradiction(before, after):
            found.append((before, after, way))
    return found


_MOVES = re.compile(r"\btransfer|\bmoved? to\b|\brelocat", re.IGNORECASE)


def asks_for_transfer(note: str, elsewhere: Collection[str]) -> bool:
    """Whether a drafting remark asks for a transfer: in so many words, or because it is "for" another section.

    Args:
        note: the remark.
        elsewhere: the titles of the other sections of the plan.
    """
    if _MOVES.search(note):
        return True
    words = " ".join(note.split()).casefold()
    return any(re.search(rf"\b(?:for|to) {re.escape(title.casefold())}", words) for title in elsewhere if title)


def fingerprint(kind: str, matter: Sequence[Any]) -> str:
    """A short mark of what a question is about; another one whenever that is another."""
    stated = json.dumps([kind, *matter], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(stated.encode()).hexdigest()[:16]
