"""What changed between two reports, as data: which field, which words went and which came."""

import datetime
import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from workplan import rules
from workplan.models import StatusUpdate

SAME, GONE, NEW = "same", "gone", "new"
# Longer texts are compared by sentences: comparing words would take too long for a page.
MOST_WORDS = 2_500
TEXTS = {
    "narrative": "Progress",
    "outputs_delivered": "Outputs delivered",
    "challenges": "Challenges",
    "next_steps": "Next steps",
    "reason": "Reason",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that stayed, went or came.

    Attributes:
        text: the words.
        sign: ``SAME``, ``GONE`` or ``NEW``.
    """

    text: str
    sign: str = SAME


@dataclass(frozen=True, slots=True)
class Change:
    """One field that the later report says differently, as the pieces of both, in reading order."""

    label: str
    pieces: list[Piece]


def changes(before: StatusUpdate, after: StatusUpdate) -> list[Change]:
    """The fields in which ``after`` differs from ``before``, in the order of the form."""
    found = [
        _replaced("Status", _status(before), _status(after)),
        _replaced("As-of date", _day(before.as_of), _day(after.as_of)),
    ]
    if after.kind not in rules.KINDS_WITHOUT_NARRATIVE:  # who reports no change takes nothing back
        found += [Change(label, words(getattr(before, name), getattr(after, name))) for name, label in TEXTS.items()]
        found.append(_evidence(before, after))
    return [change for change in found if any(piece.sign != SAME for piece in change.pieces)]


def words(before: str, after: str) -> list[Piece]:
    """Two texts as one: what both say, what only the first said, what only the second says."""
    old, new = _split(before), _split(after)
    if max(len(old), len(new)) > MOST_WORDS:
        old, new = (re.findall(r".+?(?:[.!?]\s+|\n+|\Z)", text, re.DOTALL) for text in (before, after))
        if max(len(old), len(new)) > MOST_WORDS:
            return _joined(_replaced("", before, after).pieces)
    pieces: list[Piece] = []
    # Compared without the space behind them: a new line is no new word.
    matched = SequenceMatcher(None, [word.strip() for word in old], [word.strip() for word in new])
    for deed, old_from, old_to, new_from, new_to in matched.get_opcodes():
        kept = deed == "equal"
        for sign, said in ((GONE, old[old_from:old_to]), (SAME if kept else NEW, new[new_from:new_to])):
            text = "".join(said)
            if text and not (kept and sign == GONE):
                # The space behind is neither struck nor marked, and never missing between two pieces.
                pieces += [Piece(text.rstrip(), sign), Piece(text[len(text.rstrip()) :] or " ")]
    return _joined(pieces)


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Neighbours of one sign as one piece; no space at the end."""
    found: list[Piece] = []
    for piece in pieces:
        if found and found[-1].sign == piece.sign:
            piece = Piece(found.pop().text + piece.text, piece.sign)
        found.append(piece)
    if found and not found[-1].text.strip():
        found.pop()
    elif found:
        found[-1] = Piece(found[-1].text.rstrip(), found[-1].sign)
    return found


def _split(text: str) -> list[str]:
    """The words of ``text``, each with the space after it."""
    return re.findall(r"\S+\s*", text)


def _replaced(label: str, before: str, after: str) -> Change:
    if before == after:
        return Change(label, [Piece(after)])
    return Change(label, [Piece(text, sign) for text, sign in ((f"{before} ", GONE), (after, NEW)) if text.strip()])


def _evidence(before: StatusUpdate, after: StatusUpdate) -> Change:
    old, new = ([_named(one) for one in update.evidence.all()] for update in (before, after))
    gone = [Piece(f"{name}\n", GONE) for name in old if name not in new]
    return Change("Evidence", [*gone, *(Piece(f"{name}\n", SAME if name in old else NEW) for name in new)])


def _named(evidence: Any) -> str:
    return f"{evidence.title} ({evidence.url or evidence.file_name})"


def _status(update: StatusUpdate) -> str:
    return rules.STATUSES.label(update.status) if update.status else ""


def _day(day: datetime.date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else ""
