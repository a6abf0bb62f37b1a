"""The records that a file is read as, before any of them is written, and all that is asked before they can be."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from workplan.imports.plan.bodies import Named
from workplan.imports.plan.roles import ACTIVITY, AREA, PROVISION, SECTION, Layout
from workplan.imports.plan.source import Place, Source, words

UNNAMED = {SECTION: "The whole plan", PROVISION: "No provision is named.", AREA: "No area is named."}
MOST_SECTIONS = 26
REFERENCE = re.compile(r"[A-Z](?:\.[1-9][0-9]{0,3}){0,7}")


@dataclass(slots=True, eq=False)
class Draft:
    """A record as it will be written.

    Attributes:
        kind: ``section``, ``provision``, ``area`` or ``activity``.
        text, printed, marker, notes: as ``workplan.models.DocumentRecord`` has them.
        parts: its number taken apart.
        why: what was chosen in the reading; it becomes the reading note.
        places: the cells it was read from; body_places those of its bodies, and related those of everything else.
        given: the reference that the file gives it.
        ref: its reference.
        below: the records below it.
        tracks_area: of an activity, whether it stands for its area.
        proposed_by: of an area, the acronyms of the bodies that proposed it.
    """

    kind: str
    text: str
    printed: str = ""
    marker: str = ""
    parts: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    body_places: list[Place] = field(default_factory=list)
    related: list[Place] = field(default_factory=list)
    given: str = ""
    ref: str = ""
    below: list["Draft"] = field(default_factory=list)
    above: "Draft | None" = None
    tracks_area: bool = False
    proposed_by: list[str] = field(default_factory=list)
    expected_output: str = ""
    leads: list[Named] = field(default_factory=list)
    cooperating: list[Named] = field(default_factory=list)
    all_others: bool = False
    bodies_as_printed: str = ""
    attributes: dict[str, str] = field(default_factory=dict)

    @property
    def reading_note(self) -> str:
        """What was chosen in the reading, as sentences."""
        return " ".join(dict.fromkeys(self.why))

    def add(self, below: "Draft") -> "Draft":
        """Put ``below`` under it. Returns ``below``."""
        below.above = self
        self.below.append(below)
        return below

    def choose(self, why: str) -> None:
        """Say what was chosen in the reading of it."""
        if why not in self.why:
            self.why.append(why)

    def note(self, text: str) -> None:
        """Keep a remark at it."""
        if text and text not in self.notes:
            self.notes.append(text)

    @property
    def all_texts(self) -> list[str]:
        """Everything that it keeps of the file."""
        texts = [self.text, self.printed, self.marker, self.given, self.expected_output, self.bodies_as_printed]
        return [*texts, *self.notes, *self.attributes, *self.attributes.values()]

    def activities(self) -> list["Draft"]:
        """The activities directly below it."""
        return [one for one in self.below if one.kind == ACTIVITY]


@dataclass(slots=True)
class Leftover:
    """Something that became part of no record: it is assigned to one, or waived with a reason.

    Attributes:
        key: what answers call it: the place of a cell, or ``t3`` for a table and ``t3c2`` for a column.
        where: the same in words.
        text: what stands there.
        hint: why it is left, which may be a reason to waive it.
        is_whole: whether it is a column or table of which nothing is used.
        note_of: the reference of the record that it was assigned to as a note.
        reason: why it is waived.
    """

    key: str
    where: str
    text: str
    hint: str = ""
    is_whole: bool = False
    note_of: str = ""
    reason: str = ""

    @property
    def is_settled(self) -> bool:
        """Whether somebody said what becomes of it."""
        return bool(self.note_of or self.reason)


@dataclass(slots=True)
class Answers:
    """What people said of a file, as a form or a program sends it.

    Attributes:
        tables: by the number of a table, under ``use`` whether it is a ``plan``, and by the number of a column its
            role.
        bodies: for a name that is no known body the acronym that it stands for; empty where it is none.
        cells: by the key of a leftover, ``note_of`` with the reference of a record, or ``waive`` with the reason.
        waive: why everything else that is left is waived; empty where it is not.
    """

    tables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    bodies: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    waive: str = ""


@dataclass(slots=True)
class Reading:
    """What a file is read as.

    Attributes:
        layouts: its tables, with the role of each column.
        sections: the records, the outermost with the others below them.
        facts: what the file says of itself: rows above headings.
        unknown: names among the bodies that are none, with the places where they stand.
        leftovers: what became part of no record.
        notices: what a person should know.
        problems: why it cannot be imported, besides what is left or unknown.
    """

    source: Source
    layouts: list[Layout] = field(default_factory=list)
    sections: list[Draft] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    unknown: dict[str, list[Place]] = field(default_factory=dict)
    leftovers: list[Leftover] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def records(self) -> Iterator[Draft]:
        """All records, each before those below it."""
        yield from _walk(self.sections)

    def of_kind(self, kind: str) -> list[Draft]:
        """The records of one kind, in order."""
        return [one for one in self.records() if one.kind == kind]

    @property
    def open_leftovers(self) -> list[Leftover]:
        """What is left and of which nobody said what becomes of it."""
        return [one for one in self.leftovers if not one.is_settled]

    @property
    def is_ready(self) -> bool:
        """Whether it can be imported."""
        return not (self.problems or self.unknown or self.open_leftovers)


def _walk(drafts: Iterable[Draft]) -> Iterator[Draft]:
    for draft in drafts:
        yield draft
        yield from _walk(draft.below)


def number_records(reading: Reading) -> None:
    """Give each record its reference: that of the file where all of them are good, else by position."""
    found = list(reading.records())
    activities = [one for one in found if one.kind == ACTIVITY]
    if not any(one.given for one in activities):
        _by_position(reading.sections)
        return
    for section in reading.sections:
        section.given = next((one.given.split(".")[0] for one in _walk(section.below) if one.given), section.marker[:1])
    if _are_good(found):
        for one in found:
            one.ref = one.given
        return
    _by_position(reading.sections)
    for one in activities:
        one.note(f"Reference in the file: {one.given}" if one.given else "")
    reading.notices.append(
        "The references in the file are not each there once, or do not fit their places; records are numbered by "
        "position instead."
    )


def _are_good(found: list[Draft]) -> bool:
    """Whether the references of the file are each there once, and begin with that of the record above."""
    given = [one.given for one in found]
    fitting = all(one.above is None or one.given.startswith(f"{one.above.given}.") for one in found)
    return fitting and len(set(given)) == len(given) and all(REFERENCE.fullmatch(ref) for ref in given)


def _by_position(sections: list[Draft]) -> None:
    for place, section in enumerate(sections):
        section.ref = chr(ord("A") + place) if place < MOST_SECTIONS else "Z"
        _number_below(section)


def _number_below(above: Draft) -> None:
    # Areas before activities, so that the number of an area does not hang on how many activities stand before it.
    in_order = sorted(above.below, key=lambda one: one.kind == ACTIVITY)
    above.below = in_order
    for place, one in enumerate(in_order, start=1):
        one.ref = f"{above.ref}.{place}"
        _number_below(one)


def word_count(texts: Iterable[str]) -> dict[str, int]:
    """How often each word stands in ``texts``."""
    found: dict[str, int] = {}
    for text in texts:
        for word in words(text):
            found[word] = found.get(word, 0) + 1
    return found
