"""Comma-separated values, as spreadsheets read them."""

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from workplan.columns import COLUMNS, Column
from workplan.models import Activity

# Cells that begin so are run as formulas by spreadsheet programs
# (OWASP, "CSV Injection": https://owasp.org/www-community/attacks/CSV_Injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

# Marks the file as UTF-8 for Excel.
BYTE_ORDER_MARK = "\ufeff"


# Also what looks as if it had been made safe, so that the way back is never in doubt.
_UNSAFE = re.compile(r"'*[=+\-@\t\r]")


def safe_cell(text: str) -> str:
    """``text`` so that no spreadsheet program runs it."""
    return f"'{text}" if _UNSAFE.match(text) else text


def original_text(cell: str) -> str:
    """The text of which ``safe_cell`` made ``cell``."""
    return cell[1:] if cell.startswith("'") and _UNSAFE.match(cell) else cell


class _Line:
    """A file for ``csv.writer`` that hands each line back."""

    def write(self, line: str) -> str:
        """Give the line back: the response sends it on."""
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
