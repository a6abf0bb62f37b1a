"""Lists as files for other programs: comma-separated values, workbook, and JSON line by line.

They have the names and the values of the JSON, in columns that are read off the serializer: ``section.ref`` is the
member ``ref`` of the object ``section``. They are written as all data files are (``workplan.exports.data``), row by
row, so that few rows are in memory however many there are.
"""

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from django.http import HttpResponseBase
from django.utils import timezone
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer

from apta.addresses import absolute_url
from workplan.api.renderers import JSONRenderer, to_json
from workplan.columns import Column
from workplan.exports import data, xlsx
from workplan.exports.attachments import attachment
from workplan.exports.rows import CHUNK
from workplan.querysets.days import secretariat_day

BETWEEN = "; "


class FileRenderer(BaseRenderer):
    """A form in which lists are given out besides JSON. They are streamed, so that nothing is rendered here."""

    charset = None


class CsvRenderer(FileRenderer):
    media_type, format = "text/csv", "csv"


class XlsxRenderer(FileRenderer):
    media_type, format = xlsx.TYPE, "xlsx"


class NdjsonRenderer(FileRenderer):
    media_type, format = "application/x-ndjson", "ndjson"


RENDERERS: tuple[type[BaseRenderer], ...] = (JSONRenderer, CsvRenderer, XlsxRenderer, NdjsonRenderer)
# What stands in the description of the API of each of these forms.
DESCRIBED: dict[str, dict[str, Any]] = {
    CsvRenderer.media_type: {"schema": {"type": "string"}},
    XlsxRenderer.media_type: {"schema": {"type": "string", "format": "binary"}},
    NdjsonRenderer.media_type: {"schema": {"type": "string"}},
}
FORMAT_PARAMETER = {
    "name": "format",
    "in": "query",
    "description": "The form of the answer, before what `Accept` says. Files (`csv`, `xlsx`, `ndjson`) have the names "
    "and values of the JSON, nested ones as `section.ref`, with the parts of a list joined by `; `, and hold all rows "
    "unless there is a `limit` or a `cursor`. A text that a spreadsheet program would take for a formula has an "
    "apostrophe before it in CSV.",
    "schema": {"type": "string", "enum": [one.format for one in RENDERERS]},
}


def columns_of(serializer: serializers.BaseSerializer[Any]) -> list[Column]:
    """The columns of what ``serializer`` writes of one record."""
    return [_column(path, field) for path, field in _leaves(serializer, ())]


def _leaves(serializer: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, field in serializer.fields.items():
        inner = _object(field, serializer)
        if inner is None:
            yield (*path, name), field
        else:
            yield from _leaves(inner, (*path, name))


def _object(field: Any, serializer: Any) -> Any:
    """What writes the members of an object; ``None`` for a value or a list."""
    if isinstance(field, serializers.Serializer):
        return field
    if isinstance(field, serializers.SerializerMethodField):
        # What a method writes is described by a serializer where it is an object.
        method = getattr(serializer, field.method_name or f"get_{field.field_name}")
        described = getattr(method, "_spectacular_annotation", {}).get("field")
        if isinstance(described, type) and issubclass(described, serializers.Serializer):
            return described()
    return None


def _column(path: tuple[str, ...], field: Any) -> Column:
    is_day = isinstance(field, serializers.DateField)

    def value(row: Any) -> object:
        for name in path:
            row = row.get(name) if row is not None else None
        if is_day and isinstance(row, str):
            return datetime.date.fromisoformat(row)
        if isinstance(row, list) and any(isinstance(one, list | Mapping) for one in row):
            return to_json(row).decode()
        return row

    label = str(field.help_text or field.label or path[-1])
    return Column(".".join(path), label, lambda row: str(value(row)), data=value)


def written(rows: Iterable[Any], write: Callable[[list[Any]], Iterable[Any]]) -> Iterator[Any]:
    """What ``write`` makes of ``rows``, a few at a time.

    Args:
        rows: a queryset, whose rows are fetched as they are needed, or any other rows.
    """
    if hasattr(rows, "iterator"):
        rows = rows.iterator(chunk_size=CHUNK)
    found = iter(rows)
    while part := list(islice(found, CHUNK)):
        yield from write(part)


def file_response(
    request: Any, form: str, serializer: serializers.BaseSerializer[Any], rows: Iterable[Any]
) -> HttpResponseBase:
    """The file of ``rows``, which are what ``serializer`` writes.

    Args:
        form: the ``format`` of one of the file renderers.
    """
    columns, name = columns_of(serializer), _name(request)
    content: Iterator[Any]
    match form:
        case "csv":
            content = data.lines(columns, rows, between=BETWEEN)
        case "xlsx":
            facts = [
                ("Source", absolute_url(request.get_full_path(), request)),
                ("Made", timezone.now().astimezone(datetime.UTC).isoformat(timespec="seconds")),
            ]
            content = data.workbook(name.capitalize(), columns, rows, facts, title=name, between=BETWEEN)
        case _:
            content = (to_json(row) + b"\n" for row in rows)
    return attachment(content, f"{name}-{secretariat_day():%Y-%m-%d}.{form}")


def _name(request: Any) -> str:
    """What the list is called: the words of its address."""
    return re.sub(r"[^A-Za-z0-9_]+", "-", request.path.partition("/api/v1/")[2]).strip("-")
