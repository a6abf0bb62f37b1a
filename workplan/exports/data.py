"""Rows for other programs: comma-separated values, workbook, JSON, and JSON line by line; never more than a few rows
in memory at a time."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from workplan.columns import Column, moment, text_of
from workplan.exports import csv, xlsx
from workplan.exports.provenance import Provenance

WIDE = {"text", "narrative", "changes", "provision.text", "area.text", "latest_update.narrative"}


@dataclass(frozen=True, slots=True)
class Extract:
    """Rows of one kind.

    Attributes:
        kind: one of ``columns.DATA``.
        columns: what is said of each row.
        rows: the rows; they are read once.
        about: where they come from.
    """

    kind: str
    columns: Sequence[Column]
    rows: Iterable[Any]
    about: Provenance


OWN_COLUMNS = ("file.source", "file.as_of")


def own_columns(about: Provenance) -> dict[str, Column]:
    """What a file of plain rows says of itself, in every row, so that rows that were copied still say it."""
    source, shown = about.source, moment(about.shown)
    return {
        "file.source": Column("file.source", "Source", lambda row: source),
        "file.as_of": Column("file.as_of", "Status as at", lambda row: shown or ""),
    }


def as_csv(extract: Extract) -> Iterator[str]:
    """A heading with the names of the columns, then a line for each row."""
    return csv.table(
        [column.name for column in extract.columns],
        ([text_of(column.datum(row)) for column in extract.columns] for row in extract.rows),
    )


def as_ndjson(extract: Extract) -> Iterator[bytes]:
    """A line of JSON for each row."""
    for row in extract.rows:
        yield orjson.dumps(_nested(extract.columns, row), option=orjson.OPT_APPEND_NEWLINE)


def as_json(extract: Extract) -> Iterator[bytes]:
    """One object: what the file says of itself, and its rows as ``results``."""
    about = extract.about
    head = {
        "plan": about.plan.code,
        "type": extract.kind,
        "filters": about.filters,
        "as_of": moment(about.shown),
        "made_at": moment(about.made_at),
        "source": about.source,
        "columns": [{"name": column.name, "label": column.label} for column in extract.columns],
    }
    yield orjson.dumps(head)[:-1] + b',"results":['
    for number, row in enumerate(extract.rows):
        yield (b",\n" if number else b"\n") + orjson.dumps(_nested(extract.columns, row))
    yield b"]}\n"


def as_xlsx(extract: Extract) -> Iterator[bytes]:
    """A sheet with the rows, and one with what the file says of itself and what the columns mean."""
    columns = [(column.name, 50 if column.name in WIDE else 18) for column in extract.columns]
    rows = ([_cell(column.datum(row)) for column in extract.columns] for row in extract.rows)
    sheets = [
        xlsx.Sheet(extract.kind.capitalize(), columns, rows, wraps=False),
        about_sheet(extract.about, [(column.name, column.label) for column in extract.columns]),
    ]
    return xlsx.written(sheets, title=f"{extract.about.plan.title}: {extract.kind}")


def about_sheet(about: Provenance, columns: Sequence[tuple[str, str]] = ()) -> xlsx.Sheet:
    """What the file says of itself, then the columns with their labels."""
    rows: list[Sequence[object]] = [list(fact) for fact in about.facts]
    rows += [[f"Column {name}", label] for name, label in columns]
    return xlsx.Sheet("About", [("What", 40), ("Value", 90)], rows)


def _cell(value: object) -> object:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if value is None or is_number or isinstance(value, datetime.date) else text_of(value)


def _nested(columns: Sequence[Column], row: Any) -> dict[str, Any]:
    """The row as an object; a dot in the name of a column is a step down, as in the API."""
    found: dict[str, Any] = {}
    for column in columns:
        inner = found
        *steps, last = column.name.split(".")
        for step in steps:
            inner = inner.setdefault(step, {})
        inner[last] = column.datum(row)
    return found
