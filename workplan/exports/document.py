"""A document as what it consists of, whatever file it becomes: headings, paragraphs, tables and charts."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from workplan import rules
from workplan.exports.provenance import Provenance
from workplan.monitoring.summary import Tally

# How a piece of text looks. What a look is in Word or in a PDF, its writer says in one place.
Look = Literal["plain", "strong", "muted", "sign", "reference"]


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of text with one look."""

    text: str
    look: Look = "plain"


# A line of texts side by side.
Line = tuple[Text, ...]


def line(*parts: str | Text) -> Line:
    """A line of texts; empty ones are left out."""
    texts = (Text(part) if isinstance(part, str) else part for part in parts)
    return tuple(part for part in texts if part.text)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table.

    Attributes:
        lines: its lines, one below the other.
        rowspan, colspan: how many rows and columns it takes.
        is_number: whether it is aligned as numbers are.
        is_heading: whether it names its row.
    """

    lines: tuple[Line, ...]
    rowspan: int = 1
    colspan: int = 1
    is_number: bool = False
    is_heading: bool = False


def cell(*lines: str | Text | Line, rowspan: int = 1, colspan: int = 1) -> Cell:
    """A cell of lines; empty ones are left out."""
    found = (one if isinstance(one, tuple) else line(one) for one in lines)
    return Cell(tuple(one for one in found if one), rowspan, colspan)


def number(value: int) -> Cell:
    """A cell with a number, its thousands apart, set to the right."""
    return Cell((line(f"{value:,}"),), is_number=True)


def signed(value: int) -> Cell:
    """A difference."""
    return Cell((line(f"{value:+,}" if value else "0"),), is_number=True)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 3."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of text."""

    line: Line


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with their values, one below the other."""

    facts: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose heading is repeated on every page.

    Attributes:
        name: what it holds, for whoever does not see it.
        columns: the headings, each with its share of the width.
        rows: each the cells that begin in it; one that a cell above reaches into has fewer.
        band: a line over all columns, repeated with the heading; empty for none.
        last_is_total: whether the last row adds up the others.
        numbers_from: the first column that holds numbers; ``None`` where none does.
    """

    name: str
    columns: Sequence[tuple[str, float]]
    rows: Sequence[Sequence[Cell]]
    band: str = ""
    last_is_total: bool = False
    numbers_from: int | None = None


@dataclass(frozen=True, slots=True)
class StatusChart:
    """How many activities have each status, as bars with words, signs and numbers."""

    tally: Tally

    @property
    def in_words(self) -> str:
        """The chart for whoever does not see it."""
        counted = ", ".join(f"{count:,} {term.label.lower()}" for term, count, _ in self.tally.shares)
        return f"Bar chart of {self.tally.total:,} activities by implementation status: {counted}."


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows begins on a new page."""


Block = Heading | Paragraph | Facts | Table | StatusChart | PageBreak


@dataclass(slots=True)
class Document:
    """What a file for a meeting says.

    Attributes:
        title: what the cover says first.
        subtitle: what kind of document it is.
        about: where its rows come from.
        facts: what the cover says besides what every file says of itself.
        blocks: what follows.
    """

    title: str
    subtitle: str
    about: Provenance
    facts: Sequence[tuple[str, str]] = ()
    blocks: list[Block] = field(default_factory=list)

    def add(self, *blocks: Block) -> None:
        """Put ``blocks`` at the end of the document."""
        self.blocks.extend(blocks)

    @property
    def cover(self) -> list[tuple[str, str]]:
        """The facts of the cover."""
        return [fact for fact in (*self.about.facts[1:-2], *self.facts, *self.about.facts[-2:]) if fact[1]]

    @property
    def footer(self) -> str:
        """What stands at the foot of every page, before its number."""
        edition = f", {self.about.plan.edition}" if self.about.plan.edition else ""
        return (
            f"{self.about.plan.title}{edition} · Status as at {self.about.shown_in_words} · Produced "
            f"{self.about.made_in_words}"
        )


def status_line(status: str) -> Line:
    """A status as sign and word."""
    term = rules.STATUSES[status]
    return line(Text(f"{term.sign} ", "sign"), Text(term.label, "strong"))


def in_words(day: datetime.date) -> str:
    """``day`` as documents write it: 28 December 2018."""
    return f"{day.day} {day:%B %Y}"


def first_sentence(text: str, most: int = 240) -> str:
    """The first sentence of a report, cut at a word where it is longer than ``most`` letters."""
    opening = " ".join(text.split())
    for end in _sentence_ends(opening):
        opening = opening[:end]
        break
    if len(opening) <= most:
        return opening
    shortened = opening[:most].rsplit(" ", 1)[0]
    return f"{shortened.rstrip(',;:')} …"


def _sentence_ends(text: str) -> Iterable[int]:
    for place, letter in enumerate(text[:-1]):
        is_end = letter in "?!។။" or (letter == "." and place > 2 and text[place - 2] not in " .(")
        if is_end and text[place + 1] == " " and (letter in "។။" or text[place + 2 : place + 3].isupper()):
            yield place + 1
