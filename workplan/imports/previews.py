"""What a file would change: cells that cannot be read, changes from old to new, and rows that need a choice."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workplan import rules
from workplan.actions import Report
from workplan.exceptions import Refusal
from workplan.exports.round_rows import FIELDS, TEXTS, Values, compared, evidence_lines
from workplan.exports.round_workbook import DAYS
from workplan.imports.cells import Cell, Row, column_letters
from workplan.imports.tables import Table
from workplan.imports.values import Unreadable, day_in, evidence_in, text_in, word_in
from workplan.models import Activity, SectoralBody, StatusUpdate

MINE, THEIRS = "mine", "theirs"
CHOICES = {MINE: "Use the version in the file", THEIRS: "Keep the current version"}


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that cannot be read.

    Attributes:
        sheet: the name of the sheet; empty for a csv file.
        row: the number of the row.
        name: the column; empty where the row as a whole is meant.
        address: where it is, such as C7.
        heading: the heading of its column.
        found: what stands there.
        right: what would be right.
    """

    sheet: str
    row: int
    name: str
    address: str
    heading: str
    found: str
    right: str

    @property
    def key(self) -> str:
        """By which a text in its place is kept."""
        return f"{self.row}:{self.name}"

    @property
    def column(self) -> str:
        """The letters of its column; empty where the row as a whole is meant."""
        return self.address.rstrip("0123456789")

    @property
    def can_be_mended(self) -> bool:
        """Whether it is a cell that people fill in."""
        return self.name in FIELDS or self.name == "ref"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field, from old to new, as people read it."""

    name: str
    label: str
    before: str
    after: str


@dataclass(slots=True)
class RowPreview:
    """A row of the file that changes something.

    Attributes:
        report: what it says, for the action.
        changes: from what is there now to what the file says.
        update: the draft or returned report that it goes on with, if there is one.
        conflict: why the choice of the person is needed; empty where it is not.
        choice: ``MINE`` or ``THEIRS``, once it is made.
        body: on whose behalf it is recorded, where the file says so.
        missing: what it lacks to be submitted for review.
        advice: what deserves a second look.
    """

    number: int
    activity: Activity
    report: Report
    changes: list[FieldChange]
    update: StatusUpdate | None = None
    conflict: str = ""
    choice: str = ""
    body: SectoralBody | None = None
    missing: list[str] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)

    @property
    def is_applied(self) -> bool:
        """Whether it is written when the person confirms."""
        return not self.conflict or self.choice == MINE


@dataclass(slots=True)
class Preview:
    """What a file would change, and what keeps it from being confirmed.

    Attributes:
        unchanged: rows that say what is there already.
        blank: rows in which nothing is filled in.
        notes: what a person should know of how it was read.
    """

    rows: list[RowPreview] = field(default_factory=list)
    bad: list[BadCell] = field(default_factory=list)
    unchanged: int = 0
    blank: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def conflicts(self) -> list[RowPreview]:
        """The rows that somebody else has changed meanwhile."""
        return [row for row in self.rows if row.conflict]

    @property
    def open_choices(self) -> int:
        """How many of them still need a choice."""
        return sum(1 for row in self.conflicts if not row.choice)

    @property
    def applied(self) -> list[RowPreview]:
        """The rows that are written when the person confirms."""
        return [row for row in self.rows if row.is_applied]

    @property
    def changed_cells(self) -> int:
        """How many cells differ from what is there, in all rows."""
        return sum(len(row.changes) for row in self.rows)

    @property
    def incomplete(self) -> list[RowPreview]:
        """The rows that can be kept as drafts but not be submitted."""
        return [row for row in self.applied if row.missing]

    @property
    def fingerprint(self) -> str:
        """A checksum of all that is shown: what is confirmed is exactly that, or nothing."""
        shown = [
            (
                *(row.activity.pk, row.activity.version, row.conflict),
                *((row.update.pk, row.update.version) if row.update else ()),
                *((change.name, change.before, change.after) for change in row.changes),
            )
            for row in self.rows
        ]
        return hashlib.sha256(json.dumps(shown, default=str).encode()).hexdigest()[:32]


class RowRefused(Refusal):
    """An action has refused one row, so that nothing of the file was written."""

    code = "row_refused"

    def __init__(self, ref: str, refusal: Refusal) -> None:
        texts = [text for texts in refusal.fields.values() for text in texts] or [refusal.message]
        super().__init__(f"{ref}: {' '.join(texts)}")


@dataclass(slots=True)
class RowReader:
    """Reads the cells of rows as values, and notes each one that cannot be read."""

    table: Table
    preview: Preview
    labels: Mapping[str, str]

    def bad(self, row: Row, name: str, right: str) -> None:
        """Note a cell that cannot be used."""
        place = self.table.places.get(name)
        self.preview.bad.append(
            BadCell(
                sheet=self.table.sheet,
                row=row.number,
                name=name,
                address=str(row.number) if place is None else f"{column_letters(place)}{row.number}",
                heading=self.labels.get(name, ""),
                found=self.table.cell(row, name).text if name else "",
                right=right,
            )
        )

    def values(self, row: Row, names: tuple[str, ...] = FIELDS) -> Values | None:
        """The values of a row; ``None`` where a cell of it cannot be read."""
        found: Values = {}
        readable = True
        for name in names:
            cell = self.table.cell(row, name)
            try:
                found[name] = _value(cell, name)
            except Unreadable as problem:
                self.bad(row, name, str(problem))
                readable = False
                continue
            if cell.is_formula:
                address = self.table.address(row, name)
                self.preview.notes.append(f"{address} holds a formula; its last value, “{cell.text[:60]}”, was read.")
        return found if readable else None


def _value(cell: Cell, name: str) -> Any:
    if name in TEXTS:
        return text_in(cell, name)
    if name in DAYS:
        return day_in(cell)
    if name == "evidence":
        return evidence_in(cell)
    return word_in(cell, name)


def changes_between(before: Values, after: Values, labels: Mapping[str, str]) -> list[FieldChange]:
    """The fields in which two rows differ, in the order of the sheet; fields that ``after`` lacks stay as they are."""
    earlier, later = compared({**before}), compared({**before, **after})
    return [
        FieldChange(name, labels[name], shown(name, before[name]), shown(name, after[name]))
        for name in FIELDS
        if name in after and earlier[name] != later[name]
    ]


def shown(name: str, value: Any) -> str:
    """A value as people read it."""
    if not value:
        return ""
    if name == "status":
        return rules.STATUSES.label(value)
    if name == "kind":
        return rules.UPDATE_KINDS.label(value)
    if name in DAYS:
        return f"{value:%Y-%m-%d}"
    return evidence_lines(value) if name == "evidence" else str(value)
