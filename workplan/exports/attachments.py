"""Answers that are files, for pages and for the API."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from workplan import rules

TYPES = {"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson", "json": "application/json"}


def attachment(content: bytes | Iterable[Any], name: str) -> HttpResponseBase:
    """An answer that browsers save as a file.

    Args:
        content: the whole file, or the parts of it one by one, which are sent as they are made.
        name: the name of the file; its ending says of which type it is.
    """
    content_type = TYPES.get(name.rpartition(".")[2]) or rules.file_type(name)
    answer = HttpResponse if isinstance(content, bytes) else StreamingHttpResponse
    headers = {"Content-Disposition": str(content_disposition_header(as_attachment=True, filename=name))}
    return answer(content, content_type=content_type, headers=headers)
