"""The words that were found, in the text they were found in: marked for a page, cut out for a list."""

from collections.abc import Iterator, Sequence

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from workplan.searching.words import WORD, Term, Words, tokens

LONGEST = 280
BEFORE = 80


def places(text: str, terms: Sequence[Term]) -> Iterator[tuple[int, int]]:
    """Where in ``text`` one of ``terms`` stands, from first to last."""
    spans: list[tuple[int, int]] = []
    folded: list[str] = []
    for found in WORD.finditer(text):
        for token in tokens(found[0]):
            spans.append(found.span())
            folded.append(token)
    place = 0
    while place < len(folded):
        length = max((term.stands_at(folded, place) for term in terms), default=0)
        if length:
            yield spans[place][0], spans[place + length - 1][1]
        place += length or 1


def holds(text: str, term: Term) -> bool:
    return next(places(text, (term,)), None) is not None


def marked(text: str, words: Words) -> SafeString:
    """``text`` as HTML, with what was looked for marked."""
    parts: list[str] = []
    end = 0
    for start, stop in places(text, words.wanted):
        parts += [conditional_escape(text[end:start]), format_html("<mark>{}</mark>", text[start:stop])]
        end = stop
    return mark_safe("".join([*parts, conditional_escape(text[end:])]))


def excerpt(text: str, terms: Sequence[Term]) -> str:
    """So much of ``text`` as a list shows, about the first place where one of ``terms`` stands."""
    if len(text) <= LONGEST:
        return text
    first = next(places(text, terms), (0, 0))[0]
    start = max(0, min(first - BEFORE, len(text) - LONGEST))
    if start:
        start = text.find(" ", start, first) + 1 or start
    stop = start + LONGEST
    if stop < len(text):
        stop = max(text.rfind(" ", start + BEFORE, stop), start + BEFORE)
    return f"{'… ' if start else ''}{text[start:stop].strip()}{' …' if stop < len(text) else ''}"
