"""How what programs send is read: strictly, and never more of it than fits."""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from workplan.filters.fields import shown


class JSONParser(BaseParser):
    """One JSON value in UTF-8 (RFC 8259), in which no name stands twice."""

    media_type = "application/json"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
        body = stream.read(limit + 1)  # whatever Content-Length says
        if len(body) > limit:
            raise RequestDataTooBig
        try:
            return json.loads(body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_refuse_constant)
        except UnicodeDecodeError as problem:
            raise ParseError(f"The body is not UTF-8: byte {problem.start + 1} cannot be read.") from problem
        except json.JSONDecodeError as problem:
            raise ParseError(
                f"The body is not JSON: {problem.msg} (line {problem.lineno}, column {problem.colno})."
            ) from problem
        except RecursionError as problem:
            raise ParseError("The body is nested too deeply.") from problem
        except ValueError as problem:
            # Python reads no whole number of more than 4,300 digits.
            raise ParseError("The body holds a number that is too long.") from problem


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ParseError(f"The name “{shown(twice)}” stands twice in one object.")
    return found


def _refuse_constant(name: str) -> None:
    raise ParseError(f"The body is not JSON: {name} is no value in it.")
