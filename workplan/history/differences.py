"""What changed between two reports, as data: which field, which words went and which came."""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import regex
from rapidfuzz.distance import LCSseq

from workplan import rules
from workplan.models import StatusUpdate
from workplan.search.words import IGNORED, UNSPACED

SAME, GONE, NEW = "same", "gone", "new"
# Longer texts are compared by longer pieces: time and memory grow with the product of the two lengths.
MOST_WORDS = 2_500
# Where a script puts no space between words, each letter with its marks, as the search does; elsewhere each word.
_WORD = regex.compile(rf"{UNSPACED}[\p{{M}}{IGNORED}]*\s*|(?:(?!{UNSPACED})\S)+\s*", regex.V1)
_UNSPACED = regex.compile(UNSPACED, regex.V1)
# What is read piece by piece: words, what stands between spaces, sentences.
_WAYS_TO_SPLIT = (_WORD, regex.compile(r"\S+\s*"), regex.compile(r".+?(?:[.!?]\s+|\n+|\Z)", regex.DOTALL))
# Fewer letters that stayed by chance between two changes do not help a reader.
FEWEST_LETTERS = 3
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
        _replaced("Status as at", _day(before.as_of), _day(after.as_of)),
    ]
    if after.kind not in rules.KINDS_WITHOUT_NARRATIVE:  # who reports no change takes nothing back
        found += [Change(label, words(getattr(before, name), getattr(after, name))) for name, label in TEXTS.items()]
        found.append(_evidence(before, after))
    return [change for change in found if any(piece.sign != SAME for piece in change.pieces)]


def words(before: str, after: str) -> list[Piece]:
    """Two texts as one: what both say, what only the first said, what only the second says."""
    for way in _WAYS_TO_SPLIT:
        old, new = way.findall(before), way.findall(after)
        if max(len(old), len(new)) <= MOST_WORDS:
            break
    else:
        return _joined(_replaced("", before, after).pieces)
    pieces: list[Piece] = []
    old_at = new_at = 0
    # Compared without the space behind them: a new line is no new word.
    for old_from, new_from, size in _matches(old, new):
        same = new[new_from : new_from + size]
        for sign, piece_words in ((GONE, old[old_at:old_from]), (NEW, new[new_at:new_from]), (SAME, same)):
            text = "".join(piece_words)
            if text:
                # The space behind is neither struck nor marked, and never missing between two words.
                is_last = piece_words[-1] in (old[-1:] + new[-1:]) and not _UNSPACED.match(piece_words[-1])
                pieces += [Piece(text.rstrip(), sign), Piece(text[len(text.rstrip()) :] or (" " if is_last else ""))]
        old_at, new_at = old_from + size, new_from + size
    return _joined(piece for piece in pieces if piece.text)


def _matches(old: list[str], new: list[str]) -> Iterator[tuple[int, int, int]]:
    """What stayed, as places in both and the number of words; at last the two ends."""
    matched = LCSseq.opcodes([word.strip() for word in old], [word.strip() for word in new])
    for block in matched.as_matching_blocks():
        is_between = (block.a or block.b) and (block.a + block.size < len(old) or block.b + block.size < len(new))
        kept = old[block.a : block.a + block.size]
        if not kept or not is_between or len(kept) >= FEWEST_LETTERS or not all(map(_is_within_words, kept)):
            yield block.a, block.b, block.size


def _is_within_words(piece: str) -> bool:
    """Whether it is a letter of a script without spaces, and no space follows."""
    return bool(_UNSPACED.match(piece)) and piece == piece.rstrip()


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Neighbours of one sign as one piece; no space at the end."""
    found = [
        Piece("".join(piece.text for piece in alike), sign)
        for sign, alike in groupby(pieces, key=lambda piece: piece.sign)
    ]
    if found and not found[-1].text.strip():
        found.pop()
    elif found:
        found[-1] = Piece(found[-1].text.rstrip(), found[-1].sign)
    return found


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
