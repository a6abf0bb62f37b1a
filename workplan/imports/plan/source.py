"""What stands in a file: its tables cell by cell, and the text around them, before anything is made of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

# A word, for counting that none is lost: letters and digits with their marks.
WORD = re.compile(r"\w+", re.UNICODE)


def words(text: str) -> list[str]:
    """The words of ``text``, in lower case and in order."""
    return WORD.findall(text.casefold().replace("_", " "))


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a cell stands: table, row and cell, each counted from 1.

    In a workbook the row and the cell are the row and the column of the sheet.
    """

    table: int
    row: int
    cell: int

    def __str__(self) -> str:
        return f"table {self.table}, row {self.row}, cell {self.cell}"

    @property
    def key(self) -> str:
        """The place as forms and answers name it."""
        return f"{self.table}.{self.row}.{self.cell}"


@dataclass(slots=True)
class Line:
    """A line of a cell, or a paragraph between tables.

    Attributes:
        text: its words, as somebody sees them who accepts all tracked changes.
        marker: its automatic number or bullet, which is no part of the text.
        level: how deep it stands in a list, from 0.
        is_strong: whether all of it is bold.
        is_remark: whether all of it is set as a remark, as in documents of ours.
        ref: the reference that a document of ours sets before the words.
        remarks: comments and footnotes at it.
        style: the name of its style.
    """

    text: str
    marker: str = ""
    level: int = 0
    is_strong: bool = False
    is_remark: bool = False
    ref: str = ""
    remarks: list[str] = field(default_factory=list)
    style: str = ""


@dataclass(slots=True, eq=False)
class Cell:
    """A cell of a table.

    Attributes:
        place: where it stands.
        left, right: where it begins and ends across the table, in the unit of its table.
        lines: what it says.
        origin: the cell above that it continues; ``None`` for a cell of its own.
        mark: what its formatting says, such as that it is shaded; empty for nothing.
        hidden: text in it that is not shown.
        is_number: whether a workbook has a number in it.
    """

    place: Place
    left: int
    right: int
    lines: list[Line] = field(default_factory=list)
    origin: "Cell | None" = None
    mark: str = ""
    hidden: list[str] = field(default_factory=list)
    is_number: bool = False

    @property
    def text(self) -> str:
        """All its lines, one below the other."""
        return "\n".join(line.text for line in self.lines)

    @property
    def remarks(self) -> list[str]:
        """The comments and footnotes of all its lines."""
        return [remark for line in self.lines for remark in line.remarks]

    @property
    def is_filled(self) -> bool:
        """Whether it says something itself."""
        return self.origin is None and any(line.text.strip() or line.marker for line in self.lines)


@dataclass(slots=True, eq=False)
class Row:
    """A row; a heading where the document repeats it on every page."""

    number: int
    cells: list[Cell]
    is_heading: bool = False

    @property
    def filled(self) -> list[Cell]:
        """The cells that say something."""
        return [cell for cell in self.cells if cell.is_filled]


@dataclass(slots=True, eq=False)
class Table:
    """A table, or a part of a sheet with a heading of its own.

    Attributes:
        number: which table of the file, from 1.
        name: what people find it by.
        before: the paragraphs since the table before it.
        sheet: the name of its sheet, in a workbook.
    """

    number: int
    name: str
    rows: list[Row]
    before: list[Line] = field(default_factory=list)
    sheet: str = ""

    @property
    def right(self) -> int:
        """Where its widest row ends."""
        return max((cell.right for row in self.rows for cell in row.cells), default=0)

    def renumber(self, number: int) -> None:
        """Make it table ``number`` of the file."""
        self.number = number
        for cell in self.cells():
            cell.place = Place(number, cell.place.row, cell.place.cell)

    def cells(self) -> Iterator[Cell]:
        """Its cells, row by row."""
        for row in self.rows:
            yield from row.cells


@dataclass(slots=True)
class Source:
    """A file as it was read.

    Attributes:
        kind: ``docx`` or ``xlsx``.
        title: the title in the properties of the file.
        tables: its tables, in order.
        around: text outside of tables, each with where it stands: body, header, footer.
        notices: what a person should know of the reading of the file.
        is_ours: whether it is a matrix that this program wrote.
    """

    kind: str
    title: str = ""
    tables: list[Table] = field(default_factory=list)
    around: list[tuple[str, str]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    is_ours: bool = False
