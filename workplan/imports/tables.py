"""Tables in sheets: which column is which, by its heading and never by its place."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import regex

from workplan import rules
from workplan.exceptions import BadFile
from workplan.imports.cells import EMPTY, Cell, Row, Sheet, column_letters

# Further down than this no heading is looked for: titles and remarks stand above tables, pages of text do not.
HEADING_WITHIN = 30
_SIGNS = regex.compile(r"[^\p{L}\p{M}\p{N}]+")


def folded(text: str) -> str:
    """``text`` as headings and words of vocabularies are compared: letters and digits, without their case."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _SIGNS.sub(" ", plain).strip()


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is looked for.

    Attributes:
        name: what the reader calls it.
        label: its heading in what we write.
        aliases: other headings that people and programs give it.
        required: whether a table without it is no table of this kind.
    """

    name: str
    label: str
    aliases: tuple[str, ...] = ()
    required: bool = False

    @property
    def spellings(self) -> set[str]:
        """Each heading that means this column, folded."""
        return {folded(one) for one in (self.name, self.label, *self.aliases)}


@dataclass(slots=True)
class Table:
    """A table that was found on a sheet.

    Attributes:
        sheet: the name of the sheet.
        heading: the number of the row with the headings.
        places: the place of each column that was found, by its name.
        extra: the headings of other columns, by their place.
        rows: the rows below the heading.
        headings: what the heading of each place says.
        notes: what a person should know of how it was read.
        mended: texts in place of cells, by the number of the row and the name of the column, as ``7:status``.
    """

    sheet: str
    heading: int
    places: dict[str, int]
    extra: dict[int, str]
    rows: list[Row]
    headings: dict[int, str]
    notes: list[str] = field(default_factory=list)
    mended: dict[str, str] = field(default_factory=dict)

    def cell(self, row: Row, name: str) -> Cell:
        """The cell of ``row`` in the column called ``name``; an empty one where there is no such column."""
        text = self.mended.get(f"{row.number}:{name}")
        if text is not None:
            return Cell(rules.normalised(text))
        place = self.places.get(name)
        return EMPTY if place is None else row.cell(place)

    def address(self, row: Row, name: str) -> str:
        """Where a cell is, as programs say it, such as C7; where there is no such column, the row alone."""
        place = self.places.get(name)
        return str(row.number) if place is None else f"{column_letters(place)}{row.number}"


def find_table(sheets: Iterable[Sheet], columns: Sequence[Column], *, ignored: Iterable[str] = ()) -> Table:
    """The first table with all columns that are required, or else with the most; hidden sheets come last.

    Args:
        ignored: headings of columns that are not read, and of which nobody need hear.

    Raises:
        BadFile: no sheet has it, or two of its columns have headings that mean the same.
    """
    spellings = {spelling: column.name for column in columns for spelling in column.spellings}
    required = [column for column in columns if column.required]
    nearest: tuple[int, list[Column]] = (0, required)
    for sheet in sorted(sheets, key=lambda sheet: sheet.is_hidden):
        for place, row in enumerate(sheet.rows[:HEADING_WITHIN]):
            names = [name for cell in row.cells.values() if (name := spellings.get(folded(cell.text)))]
            missing = [column for column in required if column.name not in names]
            if missing:
                nearest = max(nearest, (len(set(names)), missing), key=lambda found: found[0])
                continue
            return _table(sheet, place, spellings, columns, {folded(one) for one in ignored})
    wanted = ", ".join(f"“{column.label}”" for column in nearest[1])
    raise BadFile(
        f"No sheet has a table with the column{'' if len(nearest[1]) == 1 else 's'} {wanted}. "
        "Restore the heading row, or start from a new download."
    )


def _table(sheet: Sheet, at: int, spellings: dict[str, str], columns: Sequence[Column], ignored: set[str]) -> Table:
    heading = sheet.rows[at]
    places: dict[str, int] = {}
    extra: dict[int, str] = {}
    labels = {column.name: column.label for column in columns}
    for place, cell in sorted(heading.cells.items()):
        name = spellings.get(folded(cell.text))
        if name is None:
            extra[place] = cell.text
        elif name in places:
            raise BadFile(
                f"Columns {column_letters(places[name])} and {column_letters(place)} are both “{labels[name]}”. "
                "Keep one of them."
            )
        else:
            places[name] = place
    said = {place: cell.text for place, cell in heading.cells.items()}
    table = Table(sheet.name, heading.number, places, extra, sheet.rows[at + 1 :], said)
    unknown = [text for text in extra.values() if folded(text) not in ignored]
    if unknown:
        named = ", ".join(f"“{text[:60]}”" for text in unknown[:10])
        table.notes.append(f"Unknown columns were ignored: {named}.")
    hidden = sum(row.is_hidden for row in table.rows)
    if hidden:
        table.notes.append(
            f"{hidden} row{' is' if hidden == 1 else 's are'} hidden in the file, and "
            f"{'was' if hidden == 1 else 'were'} read as well."
        )
    return table
