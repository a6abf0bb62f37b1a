"""The query language of the search: words, quoted phrases, excluded words, references, markers and bodies.

Every text is a query; one without a word in it matches nothing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from workplan.search.words import tokens

# Further terms are ignored, so that the cost of a search is bounded.
MAX_TERMS = 16

HELP = (
    "Words that all occur: in the text of the activity, its expected output or notes, or in its area of collaboration "
    "or provision. A word is found in its other forms too (victim, victims), whatever its case and accents, and the "
    "last word may be unfinished. “Two words” in quotes are found together; a minus leaves out (-workshop). A "
    "reference "
    "(A.1.1.4, a114, or A.1.1 for all under it), a marker as in the source (1.2.3) and a body’s acronym, other "
    "spelling or "
    "full name (SOMED) find what they name."
)
HELP_UPDATES = (
    "Words that all occur in the report: its progress, outputs delivered, challenges, next steps or reason. A word is "
    "found in its other forms too, and the last one may be unfinished; “two words” in quotes are found together; a "
    "minus "
    "leaves out. A reference finds the reports on it, a body’s acronym those of the body."
)
HELP_TEXT = (
    "Words that all occur in its text or notes, in any form; the last may be unfinished. “Two words” in quotes are "
    "found together; a minus leaves out. A reference or a marker as in the source finds what it names."
)
HELP_BODIES = "Words of its acronym, another spelling or the full name; the last may be unfinished."

# Typeset quotation marks count as plain ones; NUL, which PostgreSQL accepts in no text, separates words.
_NORMALISED = {**dict.fromkeys((0x201C, 0x201D, 0x201E), '"'), 0: " "}
_QUERY_PARTS = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"|(?P<chunk>[^\s"]+))')
_DOTTED = re.compile(r"([a-z])((?:\.[1-9][0-9]{0,3}){1,7})\.?\Z")
_COMPACT = re.compile(r"([a-z])([1-9][0-9]{0,6})\Z")
_MARKER = re.compile(r"(?=.*[0-9.)]).{2,20}\Z")


def spelling(text: str) -> str:
    """The form in which spellings of a body are compared: "SOM- ED", "som-ed" and "SOMED" are the same."""
    return "".join(tokens(text))


@dataclass(frozen=True, slots=True)
class BodySpellings:
    """The key of a body, and its acronym and other spellings, each as words."""

    key: int
    spellings: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Term:
    """One part of a query: a word, a phrase, a reference, a marker or a body.

    Attributes:
        typed: the part as it was typed.
        tokens: its words, which have to be adjacent and in this order.
        unfinished: whether the last word may be the beginning of a longer one.
        excluded: whether a record that holds it is left out.
        refs: the references that it may stand for.
        bodies: the key of the body that it names.
        alternatives: the other spellings of that body, each of which matches as well.
    """

    typed: str
    tokens: tuple[str, ...]
    unfinished: bool = False
    excluded: bool = False
    refs: tuple[str, ...] = ()
    bodies: tuple[int, ...] = ()
    alternatives: tuple[tuple[str, ...], ...] = ()

    @property
    def phrases(self) -> tuple[tuple[str, ...], ...]:
        """The adjacent words, in each of their spellings."""
        return (self.tokens, *self.alternatives)

    @property
    def markers(self) -> tuple[str, ...]:
        """The printed markers that it may stand for: "1.2.3", "a.1)" or, without its end, "a.1"."""
        marker = self.typed.lower()
        return (marker, f"{marker})", f"{marker}.") if _MARKER.match(marker) else ()


@dataclass(frozen=True)
class Query:
    """A query.

    Attributes:
        typed: the query as it was typed.
        terms: its parts, at most ``MAX_TERMS``.
    """

    typed: str
    terms: tuple[Term, ...]

    @cached_property
    def required_terms(self) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if not term.excluded)

    @cached_property
    def excluded_terms(self) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if term.excluded)

    @cached_property
    def adjacent(self) -> Term | None:
        """All required words as one phrase, where there are several terms."""
        if len(self.required_terms) < 2:
            return None
        words = tuple(token for term in self.required_terms for token in term.tokens)
        return Term(self.typed, words, unfinished=self.required_terms[-1].unfinished)

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __str__(self) -> str:
        return self.typed


def possible_refs(typed: str) -> tuple[str, ...]:
    """The references that ``typed`` may stand for: for "a.1.1.4" A.1.1.4, for "a114" also A.11.4, A.1.14 and A.114."""
    if dotted := _DOTTED.match(typed.lower()):
        return (dotted[1].upper() + dotted[2],)
    if compact := _COMPACT.match(typed.lower()):
        return tuple(f"{compact[1].upper()}.{'.'.join(numbers)}" for numbers in _split(compact[2]))
    return ()


def _split(digits: str) -> Iterator[tuple[str, ...]]:
    """All ways to split ``digits`` into numbers of up to four digits without a leading zero."""
    if not digits:
        yield ()
    for length in range(1, min(len(digits), 4) + 1):
        if digits[0] != "0":
            yield from ((digits[:length], *rest) for rest in _split(digits[length:]))


def parse(typed: str, bodies: Mapping[str, BodySpellings]) -> Query:
    """The query in ``typed``.

    Args:
        bodies: the bodies by the ``spelling`` of each acronym, alias and name.
    """
    parts = list(_QUERY_PARTS.finditer(typed.translate(_NORMALISED)))
    longest = max(map(len, bodies), default=0)
    terms: list[Term] = []
    place = 0
    while place < len(parts):
        part = parts[place]
        text = part["phrase"] if part["phrase"] is not None else part["chunk"]
        words = tokens(text)
        span = 1
        if words and part["phrase"] is None and part["minus"] is None:
            text, span = _body_of_several(parts[place:], bodies, longest)
            words = tokens(text) if span > 1 else words
        if words:
            excluded = part["minus"] is not None
            unfinished = part["phrase"] is None and not excluded and place + span == len(parts)
            term = Term(text, words, unfinished, excluded, possible_refs(text))
            if body := bodies.get(spelling(text)):
                alternatives = tuple(one for one in body.spellings if one != words)
                term = replace(term, bodies=(body.key,), alternatives=alternatives, unfinished=False)
            terms.append(term)
        place += span
    return Query(typed, tuple(dict.fromkeys(terms))[:MAX_TERMS])


def _body_of_several(
    parts: Sequence[re.Match[str]], bodies: Mapping[str, BodySpellings], longest: int
) -> tuple[str, int]:
    """The longest run of plain words at the start that names a body ("SOM- ED"), or the first word; and its length.

    Args:
        longest: the length of the longest spelling of a body, in letters.
    """
    best, spelt = 1, ""
    for span, part in enumerate(parts, start=1):
        if part["chunk"] is None or part["minus"] is not None:
            break
        spelt += spelling(part["chunk"])
        if len(spelt) > longest:
            break
        if span > 1 and spelt in bodies:
            best = span
    return " ".join(part["chunk"] for part in parts[:best]), best
