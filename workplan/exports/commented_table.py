"""A table that somebody sent, with comments on what could not be read in it."""

import datetime
import io
from collections.abc import Iterable, Mapping, Sequence

import xlsxwriter  # type: ignore[import-untyped]

from workplan.exports.csv import FORMULA_STARTS
from workplan.exports.xlsx import MOST_TEXT, TEXTS_STAY_TEXTS, sheet_name

WIDTH = 24


def commented_table(
    name: str, headings: Sequence[str], rows: Iterable[tuple[Sequence[object], Mapping[int, str]]]
) -> bytes:
    """The file: one sheet, each row with its values and, by their place, the comments on them."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, **TEXTS_STAY_TEXTS}) as book:
        page = book.add_worksheet(sheet_name(name))
        head = book.add_format({"bold": True, "text_wrap": True})
        base = {"valign": "top", "text_wrap": True}
        plain, marked = book.add_format(base), book.add_format(base | {"quote_prefix": True})
        day, wrong = (
            book.add_format(base | {"num_format": "yyyy-mm-dd"}),
            book.add_format(base | {"bg_color": "#FBE3E4"}),
        )
        page.set_column(0, len(headings) - 1, WIDTH)
        for place, heading in enumerate(headings):
            page.write_string(0, place, heading[:MOST_TEXT], head)
        for number, (values, comments) in enumerate(rows, start=1):
            for place, value in enumerate(values):
                look = wrong if place in comments else None
                if isinstance(value, datetime.date):
                    page.write_datetime(number, place, value, look or day)
                else:
                    text = str(value or "")[:MOST_TEXT]
                    usual = marked if text.startswith(FORMULA_STARTS) else plain
                    page.write_string(number, place, text, look or usual)
                if place in comments:
                    page.write_comment(number, place, comments[place], {"author": "apta", "x_scale": 2})
        page.freeze_panes(1, 1)
    return file.getvalue()
