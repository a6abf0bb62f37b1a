"""Sheets as rows of cells, whatever program wrote them. Workbooks are read element by element, never as a whole.

The format is SpreadsheetML (ECMA-376, part 1, clause 18). Formulas are not calculated: their last value is read, and
the cell says that it holds one.
"""

import csv
import datetime
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.conf import settings

from workplan import rules
from workplan.exceptions import BadFile
from workplan.exports.csv import original_text
from workplan.imports.files import OpenedFile
from workplan.imports.spreadsheets import Part, Workbook

MOST_CELLS = 400_000  # in one sheet
TEXT, NUMBER, DAY, ERROR = "text", "number", "day", "error"


class Cell(NamedTuple):
    """What stands in a cell.

    Attributes:
        text: as a person reads it, in the form in which texts are kept (``rules.normalised``).
        kind: ``TEXT``, ``NUMBER``, ``DAY``, or ``ERROR`` such as ``#N/A``.
        day: the day, where it is one, or where a number could stand for one.
        is_formula: whether ``text`` is the last value of a formula.
    """

    text: str
    kind: str = TEXT
    day: datetime.date | None = None
    is_formula: bool = False


EMPTY = Cell("")


@dataclass(frozen=True, slots=True)
class Row:
    """One row that holds something.

    Attributes:
        number: its place on the sheet, from 1, as programs show it.
        cells: by the place of their column, from 0.
        is_hidden: whether a filter or a person has hidden it.
    """

    number: int
    cells: dict[int, Cell]
    is_hidden: bool = False

    def cell(self, place: int) -> Cell:
        """The cell in a column, an empty one where nothing stands there."""
        return self.cells.get(place, EMPTY)


@dataclass(slots=True)
class Sheet:
    """A sheet of a workbook, or a csv file.

    Attributes:
        name: what its tab says; empty for a csv file.
        rows: its rows that hold something, in order.
        is_hidden: whether people see it.
    """

    name: str
    rows: list[Row]
    is_hidden: bool = False


def sheets(file: OpenedFile) -> list[Sheet]:
    """The sheets of an opened workbook, or the one of a csv file; blank rows are left out.

    Raises:
        BadFile: a sheet has more rows or columns than the limits allow, or the workbook cannot be read.
    """
    if file.kind == "csv":
        return [Sheet("", _bounded(_csv_rows(file.text)))]
    with file.package() as package:
        book = Workbook(package)
        return [Sheet(part.name, _bounded(_rows(book, part)), part.is_hidden) for part in book.sheets]


def column_letters(place: int) -> str:
    """What programs call the column at ``place``, from 0: A, B, …, Z, AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _rows(book: Workbook, part: Part) -> Iterator[Row]:
    for seen, (number, is_hidden, raw) in enumerate(book.rows(part), start=1):
        if seen > settings.IMPORT_ROWS:
            raise BadFile(
                f"Sheet “{part.name}” has more than {settings.IMPORT_ROWS:,} rows. Delete the empty rows below the "
                "last one with text, and save it again."
            )
        furthest = max((place for place, *_ in raw), default=0)
        if furthest >= settings.IMPORT_COLUMNS:
            raise BadFile(
                f"Sheet “{part.name}” has columns up to {column_letters(furthest)}; at most "
                f"{settings.IMPORT_COLUMNS:,} columns are read. Delete the others, and save it again."
            )
        cells = {place: _cell(book, kind, value, is_formula) for place, kind, value, is_formula in raw}
        cells = {place: cell for place, cell in cells.items() if cell.text or cell.is_formula}
        if cells:
            yield Row(number, cells, is_hidden)


def _bounded(rows: Iterator[Row]) -> list[Row]:
    """The rows, as long as their cells are not too many to be kept."""
    found, cells = [], 0
    for row in rows:
        cells += len(row.cells)
        if cells > MOST_CELLS:
            raise BadFile(f"The file has more than {MOST_CELLS:,} cells with something in them. Send it in parts.")
        found.append(row)
    return found


def _cell(book: Workbook, kind: str, value: str | float, is_formula: bool) -> Cell:
    if kind == "n" and isinstance(value, float):
        return Cell(_number_text(value), NUMBER, book.day(value), is_formula)
    if kind == "d" and isinstance(value, float):
        moment = book.moment(value)
        if moment is not None:
            shown = moment.date().isoformat() if moment.time() == datetime.time() else moment.isoformat(" ", "minutes")
            return Cell(shown, DAY, moment.date(), is_formula)
        return Cell(_number_text(value), NUMBER, None, is_formula)
    return Cell(rules.normalised(str(value)), ERROR if kind == "e" else TEXT, None, is_formula)


def _number_text(value: float) -> str:
    """A number as people type it, without the digits that only its binary form has."""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.15g}"


def _csv_rows(text: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        for seen, values in enumerate(reader, start=1):
            if seen > settings.IMPORT_ROWS:
                raise BadFile(f"The file has more than {settings.IMPORT_ROWS:,} rows. Send it in parts.")
            if len(values) > settings.IMPORT_COLUMNS:
                raise BadFile(
                    f"Line {reader.line_num:,} has {len(values):,} columns; at most {settings.IMPORT_COLUMNS:,} are "
                    "read. Delete the others."
                )
            found = ((place, rules.normalised(original_text(value))) for place, value in enumerate(values))
            cells = {place: Cell(value) for place, value in found if value}
            if cells:
                yield Row(seen, cells)
    except csv.Error as problem:
        raise BadFile(
            f"Line {reader.line_num:,} cannot be read as comma-separated values: {problem}. Look for a quotation mark "
            "that is not closed, or save the file again as “CSV UTF-8”."
        ) from problem


def _delimiter(text: str) -> str:
    """What divides the columns: programs write what the language of the machine asks for."""
    line = text.lstrip().partition("\n")[0][:10_000]
    return max(",;\t", key=line.count)
