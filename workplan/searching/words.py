"""What somebody typed to search for, read: words, quoted phrases, what is to be left out, references and bodies.

Whatever is typed can be read; what has no word in it finds nothing.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from workplan.searching.stems import stem

# The words beyond these do not narrow the search any more, so that no search is heavier than another.
MOST_TERMS = 16

HELP = (
    "Words that all occur: in the text of the activity, its expected output or notes, or in its area of collaboration "
    "or provision. A word is found in its other forms too (victim, victims), whatever its case and accents, and the "
    "last word may be unfinished. “Two words” in quotes stand together; a minus leaves out (-workshop). A reference "
    "(A.1.1.4, a114, or A.1.1 for all under it), a marker as printed (1.2.3) and a body’s acronym, other spelling or "
    "full name (SOMED) find what they name."
)
HELP_UPDATES = (
    "Words that all occur in the report: its progress, outputs delivered, challenges, next steps or reason. A word is "
    "found in its other forms too, and the last one may be unfinished; “two words” in quotes stand together; a minus "
    "leaves out. A reference finds the reports on it, a body’s acronym those of the body."
)
HELP_TEXT = (
    "Words that all occur in its text or notes, in any form; the last may be unfinished. “Two words” in quotes stand "
    "together; a minus leaves out. A reference or a marker as printed finds what it names."
)
HELP_BODIES = "Words of its acronym, another spelling or the full name; the last may be unfinished."

# Typeset quotes are quotes; what PostgreSQL takes in no text is no part of a word.
_PLAINER = {**dict.fromkeys((0x201C, 0x201D, 0x201E), '"'), 0: " "}
_PARTS = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"|(?P<chunk>[^\s"]+))')
# A word as it is written, with the accents that are signs of their own.
WORD = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")
_TOKEN = re.compile(r"[^\W_]+")
_DOTTED = re.compile(r"([a-z])((?:\.[1-9][0-9]{0,3}){1,7})\.?\Z")
_COMPACT = re.compile(r"([a-z])([1-9][0-9]{0,6})\Z")
_MARKER = re.compile(r"(?=.*[0-9.)]).{2,20}\Z")


def fold(text: str) -> str:
    """``text`` without accents and in small letters, as both databases compare it."""
    bare = "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
    return bare.lower()


def tokens(text: str) -> tuple[str, ...]:
    """The words of ``text`` in the form in which they are compared."""
    return tuple(_TOKEN.findall(fold(text)))


def spelling(text: str) -> str:
    """The form in which spellings of a body are compared here: "SOM- ED", "som-ed" and "SOMED" are one."""
    return "".join(tokens(text))


@dataclass(frozen=True, slots=True)
class Named:
    """A body, as far as a search needs to know it: its key, and the spellings by which documents name it."""

    key: int
    spellings: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Term:
    """One of the things that must all occur.

    Attributes:
        typed: as it was typed.
        tokens: the words of it, which stand together in this order.
        unfinished: the last word may be the beginning of one.
        excluded: it must not occur.
        refs: references that it may mean.
        bodies: the key of the body that it means.
        also: other ways to spell those bodies, any of which will do.
    """

    typed: str
    tokens: tuple[str, ...]
    unfinished: bool = False
    excluded: bool = False
    refs: tuple[str, ...] = ()
    bodies: tuple[int, ...] = ()
    also: tuple[tuple[str, ...], ...] = ()

    @property
    def phrases(self) -> tuple[tuple[str, ...], ...]:
        """The words that stand together, each way in which they may be spelt."""
        return (self.tokens, *self.also)

    @property
    def markers(self) -> tuple[str, ...]:
        """Printed markers that it may mean: "1.2.3", "a.1)" or, without its end, "a.1"."""
        marker = self.typed.lower()
        return (marker, f"{marker})", f"{marker}.") if _MARKER.match(marker) else ()

    def stands_at(self, words: tuple[str, ...] | list[str], place: int) -> int:
        """How many of ``words`` from ``place`` on are this term; none where it does not stand there."""
        return max((len(phrase) for phrase in self.phrases if self._is_at(phrase, words, place)), default=0)

    def _is_at(self, phrase: tuple[str, ...], words: tuple[str, ...] | list[str], place: int) -> bool:
        there = words[place : place + len(phrase)]
        last = len(phrase) - 1
        return len(there) == len(phrase) and all(
            stem(word) == stem(token) or (step == last and self.unfinished and word.startswith(token))
            for step, (token, word) in enumerate(zip(phrase, there, strict=True))
        )


@dataclass(frozen=True)
class Words:
    """All that was typed, read.

    Attributes:
        typed: as it was typed.
        terms: what must occur, or must not.
    """

    typed: str
    terms: tuple[Term, ...]

    @cached_property
    def wanted(self) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if not term.excluded)

    @cached_property
    def unwanted(self) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if term.excluded)

    @cached_property
    def together(self) -> Term | None:
        """The wanted words as they would stand side by side, where there are several."""
        if len(self.wanted) < 2:
            return None
        side_by_side = tuple(token for term in self.wanted for token in term.tokens)
        return Term(self.typed, side_by_side, unfinished=self.wanted[-1].unfinished)

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __str__(self) -> str:
        return self.typed


def refs_meant(typed: str) -> tuple[str, ...]:
    """References that ``typed`` may mean: A.1.1.4 for "a.1.1.4", and for "a114" also A.11.4, A.1.14 and A.114."""
    if dotted := _DOTTED.match(typed.lower()):
        return (dotted[1].upper() + dotted[2],)
    if compact := _COMPACT.match(typed.lower()):
        return tuple(f"{compact[1].upper()}.{'.'.join(numbers)}" for numbers in _split(compact[2]))
    return ()


def _split(digits: str) -> Iterator[tuple[str, ...]]:
    """All ways to read ``digits`` as numbers of up to four digits that begin with none."""
    if not digits:
        yield ()
    for length in range(1, min(len(digits), 4) + 1):
        if digits[0] != "0":
            yield from ((digits[:length], *rest) for rest in _split(digits[length:]))


def read(typed: str, bodies: Mapping[str, Named]) -> Words:
    """What ``typed`` asks for.

    Args:
        bodies: the bodies by ``spelling`` of their acronyms, other spellings and names.
    """
    parts = list(_PARTS.finditer(typed.translate(_PLAINER)))
    found: list[Term] = []
    place = 0
    while place < len(parts):
        part = parts[place]
        text = part["phrase"] if part["phrase"] is not None else part["chunk"]
        span = 1
        if part["phrase"] is None and part["minus"] is None:
            text, span = _body_of_several(parts, place, bodies)
        term = Term(text, tokens(text), excluded=part["minus"] is not None)
        if term.tokens:
            unfinished = part["phrase"] is None and not term.excluded and place + span == len(parts)
            term = replace(term, refs=refs_meant(text), unfinished=unfinished)
            if body := bodies.get(spelling(text)):
                also = tuple(one for one in body.spellings if one != term.tokens)
                term = replace(term, bodies=(body.key,), also=also, unfinished=False)
            found.append(term)
        place += span
    return Words(typed, tuple(dict.fromkeys(found))[:MOST_TERMS])


def _body_of_several(parts: list[re.Match[str]], place: int, bodies: Mapping[str, Named]) -> tuple[str, int]:
    """The longest run of plain words from ``place`` on that spells a body ("SOM- ED"), else the one word there."""
    text, best = "", (parts[place]["chunk"], 1)
    for span, part in enumerate(parts[place:], start=1):
        if part["chunk"] is None or part["minus"] is not None:
            break
        text = f"{text} {part['chunk']}".strip()
        if span > 1 and spelling(text) in bodies:
            best = (text, span)
    return best
