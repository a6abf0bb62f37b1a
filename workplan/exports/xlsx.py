"""Workbooks, as spreadsheet programs read them."""

import datetime
import io
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from workplan.exports.csv import FORMULA_STARTS

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

MOST_NAME, MOST_TEXT = 31, 32_767  # limits of the format
LINE, MOST_LINES = 15, 20  # height of a line of text in points; a row as high as a page cannot be read
A4 = 9  # its number among the paper sizes of the format


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: a heading that stays in view, and rows of texts, whole numbers and days.

    Attributes:
        name: what its tab says.
        columns: each heading with its width in characters.
        rows: the values, in the order of ``columns``.
        last_is_total: whether the last row adds up the others, and is set apart.
    """

    name: str
    columns: Sequence[tuple[str, int]]
    rows: Sequence[Sequence[object]]
    last_is_total: bool = False


def workbook(sheets: Iterable[Sheet], *, title: str) -> bytes:
    """The file. Texts are written as texts, whatever they begin with: nothing in it is a formula or a link."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"title": title})
        writer = _Writer(book)
        for sheet in sheets:
            writer.write(sheet)
    return file.getvalue()


class _Writer:
    """Writes sheets into one workbook, with one format for each look of a cell."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self._formats: dict[tuple[Any, ...], Any] = {}

    def look(self, **look: Any) -> Any:
        key = tuple(sorted(look.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(look)
        return self._formats[key]

    def write(self, sheet: Sheet) -> None:
        page = self.book.add_worksheet(_sheet_name(sheet.name))
        heading = {"bold": True, "bg_color": "#0F3D4C", "font_color": "#FFFFFF", "text_wrap": True, "valign": "bottom"}
        for place, (label, width) in enumerate(sheet.columns):
            over_numbers = any(isinstance(row[place], int) for row in sheet.rows)
            page.write_string(0, place, label, self.look(**heading, align="right" if over_numbers else "left"))
            page.set_column(place, place, width)
        for number, row in enumerate([[label for label, _ in sheet.columns], *sheet.rows]):
            # Not every program makes room for wrapped text by itself.
            needed = (len(str(value)) / (width * 0.9) for value, (_, width) in zip(row, sheet.columns, strict=True))
            page.set_row(number, LINE * min(MOST_LINES, max(1, *(math.ceil(lines) for lines in needed))))
        for number, row in enumerate(sheet.rows, start=1):
            is_total = sheet.last_is_total and number == len(sheet.rows)
            for place, value in enumerate(row):
                self.write_cell(page, number, place, value, {"bold": True, "top": 1} if is_total else {})
        page.freeze_panes(1, 1)
        if sheet.rows:
            page.autofilter(0, 0, len(sheet.rows) - int(sheet.last_is_total), len(sheet.columns) - 1)
        page.set_landscape()
        page.set_paper(A4)
        page.fit_to_pages(1, 0)
        page.repeat_rows(0)

    def write_cell(self, page: Any, row: int, place: int, value: object, look: dict[str, Any]) -> None:
        if value is None:
            page.write_blank(row, place, None, self.look(valign="top", **look))
        elif isinstance(value, datetime.date):
            style = self.look(valign="top", align="left", num_format="yyyy-mm-dd", **look)
            page.write_datetime(row, place, value, style)
        elif isinstance(value, int):
            page.write_number(row, place, value, self.look(valign="top", num_format="#,##0", **look))
        else:
            text = str(value)[:MOST_TEXT]
            # The mark keeps it a text when somebody edits the cell.
            marked = {"quote_prefix": True} if text.startswith(FORMULA_STARTS) else {}
            page.write_string(row, place, text, self.look(valign="top", text_wrap=True, **marked, **look))


def _sheet_name(name: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", " ", name)[:MOST_NAME].strip()
