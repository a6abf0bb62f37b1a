"""Comma-separated values, as spreadsheets read them."""

import csv
from collections.abc import Collection, Iterable, Iterator, Sequence

from workplan.columns import COLUMNS, Column
from workplan.models import Activity

# Cells that begin so are run as formulas by spreadsheet programs
# (OWASP, "CSV Injection": https://owasp.org/www-community/attacks/CSV_Injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

# Tells Excel that the file is UTF-8.
BYTE_ORDER_MARK = "\ufeff"


def safe_cell(text: str) -> str:
    """``text`` so that no spreadsheet program runs it."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


class _Line:
    """A file for ``csv.writer`` that hands each line back."""

    def write(self, line: str) -> str:
        return line


def table(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The file, line by line: the heading, then one line for each row. Numbers and days stay as they are."""
    writer = csv.writer(_Line())
    yield BYTE_ORDER_MARK + writer.writerow([safe_cell(label) for label in heading])
    for row in rows:
        yield writer.writerow([safe_cell(value) if isinstance(value, str) else value for value in row])


def lines(activities: Iterable[Activity], columns: Collection[Column] = tuple(COLUMNS.values())) -> Iterator[str]:
    """The activities as a file, line by line."""
    yield from table(
        [column.label for column in columns],
        ([column.value(activity) for column in columns] for activity in activities),
    )
