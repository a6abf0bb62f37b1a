"""Workbooks, as spreadsheet programs read them."""

import datetime
import io
import math
import re
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from workplan.exports.csv import FORMULA_STARTS

MOST_NAME, MOST_TEXT = 31, 32_767  # limits of the format
LINE, MOST_LINES = 15, 20  # height of a line of text in points; a row as high as a page cannot be read
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEXTS_STAY_TEXTS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
GREY = "#5F6A6F"
PIECE = 64 * 1024  # bytes
A3, A4 = 8, 9  # their numbers among the paper sizes of the format


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: a heading that stays in view, and rows of texts, whole numbers and days.

    Attributes:
        name: what its tab says.
        columns: each heading with its width in characters.
        rows: the values, in the order of ``columns``.
        last_is_total: whether the last row adds up the others, and is set apart.
        wraps: whether long texts are broken into lines, and rows are as high as they need.
        repeats: columns whose text stands back where it is that of the row above.
        chart: what a chart of the total shows, in words; empty for none.
    """

    name: str
    columns: Sequence[tuple[str, int]]
    rows: Sequence[Sequence[object]] | Iterator[Sequence[object]]
    last_is_total: bool = False
    wraps: bool = True
    repeats: Collection[int] = ()
    chart: str = ""


def workbook(sheets: Iterable[Sheet], *, title: str) -> bytes:
    """The file. Texts are written as texts, whatever they begin with: nothing in it is a formula or a link."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, **TEXTS_STAY_TEXTS}) as book:
        _fill(book, sheets, title)
    return file.getvalue()


def written(sheets: Iterable[Sheet], *, title: str) -> Iterator[bytes]:
    """The file, in pieces: however many rows there are, few are in memory at a time."""
    with tempfile.TemporaryFile() as file:
        with xlsxwriter.Workbook(file, {"constant_memory": True, **TEXTS_STAY_TEXTS}) as book:
            _fill(book, sheets, title)
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def _fill(book: Any, sheets: Iterable[Sheet], title: str) -> None:
    book.set_properties({"title": title})
    writer = _Writer(book)
    for sheet in sheets:
        writer.write(sheet)


class _Writer:
    """Writes sheets into one workbook, with one format for each look of a cell."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self._formats: dict[tuple[Any, ...], Any] = {}

    def look(self, **look: Any) -> Any:
        """The format with these properties, made once for each file."""
        key = tuple(sorted(look.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(look)
        return self._formats[key]

    def write(self, sheet: Sheet) -> None:
        """Write a sheet: its heading row, its rows, the filter and the frozen heading."""
        page = self.book.add_worksheet(sheet_name(sheet.name))
        widths = [width for _, width in sheet.columns]
        labels = [label for label, _ in sheet.columns]
        heading = {"bold": True, "bg_color": "#0F3D4C", "font_color": "#FFFFFF", "text_wrap": True, "valign": "bottom"}
        known = sheet.rows if isinstance(sheet.rows, Sequence) else ()
        page.set_row(0, _height(labels, widths))
        for place, (label, width) in enumerate(sheet.columns):
            over_numbers = any(isinstance(row[place], int) for row in known)
            page.write_string(0, place, label, self.look(**heading, align="right" if over_numbers else "left"))
            page.set_column(place, place, width)
        last = 0
        above: Sequence[object] = labels
        for last, row in enumerate(sheet.rows, start=1):
            is_total = sheet.last_is_total and last == len(known)
            if sheet.wraps:
                # Not every program makes room for wrapped text by itself.
                new = [None if self.repeats(sheet, place, value, above) else value for place, value in enumerate(row)]
                page.set_row(last, _height(new, widths))
            look: dict[str, Any] = {"bold": True, "top": 1} if is_total else {}
            for place, value in enumerate(row):
                stands_back = {"font_color": GREY} if self.repeats(sheet, place, value, above) else {}
                wrapped = {"text_wrap": True} if sheet.wraps else {}
                ruled = {"bottom": 1, "bottom_color": "#C8D3D7"} if sheet.repeats else {}
                self.write_cell(page, last, place, value, look | wrapped | stands_back | ruled)
            above = row
        page.freeze_panes(1, 1)
        if last:
            page.autofilter(0, 0, last - int(sheet.last_is_total), len(sheet.columns) - 1)
        page.set_landscape()
        page.set_paper(A4)
        page.fit_to_pages(1, 0)
        page.repeat_rows(0)
        if sheet.chart:
            self.chart(page, sheet, last)

    def repeats(self, sheet: Sheet, place: int, value: object, above: Sequence[object]) -> bool:
        """Whether ``value`` is left blank because the row ``above`` has it in the same column."""
        return place in sheet.repeats and value == above[place]

    def chart(self, page: Any, sheet: Sheet, last: int) -> None:
        """Bars of the last row, which adds up the others, below it."""
        bars = self.book.add_chart({"type": "bar"})
        name = sheet_name(sheet.name)
        numbers = len(sheet.columns) - 2  # without the heading of the row, and without the sum
        bars.add_series(
            {
                "name": sheet.name,
                "categories": [name, 0, 1, 0, numbers],
                "values": [name, last, 1, last, numbers],
                "fill": {"color": "#1F6FB2"},
                "data_labels": {"value": True},
            }
        )
        bars.set_legend({"none": True})
        bars.set_title({"none": True})
        bars.set_y_axis({"reverse": True})
        bars.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
        page.insert_chart(last + 2, 0, bars, {"description": sheet.chart})

    def write_cell(self, page: Any, row: int, place: int, value: object, look: dict[str, Any]) -> None:
        """Write a value by its type: dates and numbers as such, text never as a formula."""
        if value is None:
            page.write_blank(row, place, None, self.look(valign="top", **look))
        elif isinstance(value, datetime.date):
            style = self.look(**{"valign": "top", "align": "left", "num_format": "yyyy-mm-dd"} | look)
            page.write_datetime(row, place, value, style)
        elif isinstance(value, int):
            page.write_number(row, place, value, self.look(valign="top", num_format="#,##0", **look))
        else:
            text = str(value)[:MOST_TEXT]
            # The mark keeps it a text when somebody edits the cell.
            marked = {"quote_prefix": True} if text.startswith(FORMULA_STARTS) else {}
            page.write_string(row, place, text, self.look(valign="top", **marked, **look))


def _height(row: Sequence[object], widths: Sequence[int]) -> int:
    """How high a row is in which texts are broken into lines, in points."""
    lines = [
        sum(max(1, math.ceil(len(line) / (width * 0.9))) for line in str(value).split("\n"))
        for value, width in zip(row, widths, strict=True)
    ]
    return LINE * min(MOST_LINES, max([1, *lines]))


def sheet_name(name: str) -> str:
    """``name`` as the tab of a sheet can have it."""
    return re.sub(r"[\[\]:*?/\\']", " ", name)[:MOST_NAME].strip()
