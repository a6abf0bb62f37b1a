"""Highlighting the words of a query in a text, and excerpts of a text around them."""

import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from workplan.search.query import Query, Term
from workplan.search.words import iter_words, stem, tokens

MAX_EXCERPT = 280
CONTEXT_BEFORE = 80


@dataclass(frozen=True, slots=True)
class TokenizedText:
    """A text split into words.

    Attributes:
        spans: start and end of each word in the text.
        plain: the folded words in one line, with a space before each and after the last.
        plain_starts: the position in ``plain`` of the space before each word.
        stems: the stems of the words in such a line.
        stem_starts: the position in ``stems`` of the space before each stem.
    """

    spans: tuple[tuple[int, int], ...]
    plain: str
    plain_starts: tuple[int, ...]
    stems: str
    stem_starts: tuple[int, ...]


# The texts of a record are searched for one term after the other.
@lru_cache(maxsize=16)
def tokenize(text: str) -> TokenizedText:
    """``text`` split into words."""
    found = [(word, one.span()) for one in iter_words(text) for word in tokens(one[0])]
    words = [word for word, _ in found]
    return TokenizedText(tuple(span for _, span in found), *_line(words), *_line(list(map(stem, words))))


def _line(words: list[str]) -> tuple[str, tuple[int, ...]]:
    starts = accumulate((len(word) + 1 for word in words[:-1]), initial=0) if words else ()
    return f" {' '.join(words)} ", tuple(starts)


def _phrases_in(text: str, term: Term) -> Iterator[tuple[int, int]]:
    """For each occurrence of ``term`` the index of its first word, and the number of its words.

    By a search in the line of words, which grows with the length of the text alone: comparing word by word would grow
    with the product of text and phrase.
    """
    tokenized = tokenize(text)
    for phrase in term.phrases:
        for place in _find(f" {' '.join(map(stem, phrase))} ", tokenized.stems, tokenized.stem_starts):
            yield place, len(phrase)
        if term.unfinished:
            for place in _find(f" {' '.join(phrase)}", tokenized.plain, tokenized.plain_starts):
                yield place, len(phrase)


def _find(phrase: str, line: str, starts: Sequence[int]) -> Iterator[int]:
    """The index of the first word of each occurrence of ``phrase`` in ``line``."""
    found = line.find(phrase)
    while found >= 0:
        yield bisect_left(starts, found)
        found = line.find(phrase, found + 1)


def occurrences(text: str, terms: Sequence[Term]) -> Iterator[tuple[int, int]]:
    """Start and end of each occurrence of ``terms`` in ``text``, in order; the longest where several begin."""
    spans = tokenize(text).spans
    end = 0
    for place, minus_length in sorted(
        {(place, -length) for term in terms for place, length in _phrases_in(text, term)}
    ):
        if place >= end:
            end = place - minus_length
            yield spans[place][0], spans[end - 1][1]


def occurs(text: str, term: Term) -> bool:
    return next(_phrases_in(text, term), None) is not None


def highlighted(text: str, query: Query) -> SafeString:
    """``text`` as HTML, with the required terms of ``query`` in ``mark`` elements."""
    parts: list[str] = []
    end = 0
    for start, stop in occurrences(text, query.required_terms):
        parts += [conditional_escape(text[end:start]), format_html("<mark>{}</mark>", text[start:stop])]
        end = stop
    return mark_safe("".join([*parts, conditional_escape(text[end:])]))


def excerpt(text: str, terms: Sequence[Term]) -> str:
    """At most ``MAX_EXCERPT`` characters of ``text`` around the first occurrence of ``terms``."""
    if len(text) <= MAX_EXCERPT:
        return text
    first, last = next(occurrences(text, terms), (0, 0))
    start = max(0, min(first - CONTEXT_BEFORE, len(text) - MAX_EXCERPT))
    stop = start + MAX_EXCERPT
    if start:
        space = text.find(" ", start, first)
        start = _between_letters(text, start, 1) if space < 0 else space + 1
    if stop < len(text):
        space = text.rfind(" ", max(last, start + CONTEXT_BEFORE), stop)
        stop = _between_letters(text, stop, -1) if space < 0 else space
    return f"{'… ' if start else ''}{text[start:stop].strip()}{' …' if stop < len(text) else ''}"


def _between_letters(text: str, place: int, step: int) -> int:
    """The nearest place, from ``place`` in the direction of ``step``, that does not part a mark from its letter."""
    while 0 < place < len(text) and unicodedata.category(text[place]).startswith("M"):
        place += step
    return place
