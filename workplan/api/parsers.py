"""How what programs send is read: strictly, and never more of it than fits."""

import codecs
import json
import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework import parsers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, DataAndFiles

from workplan import rules
from workplan.filters.fields import shown
from workplan.forms.characters import readable_values

# A thousand reports that are approved together are about 5,000 names and values; nothing that is read needs more.
MOST_VALUES = 10_000
DEEPEST = 20

# A text of JSON, or what stands where one was not ended. It matches at every quote, so nothing is read twice.
_TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


class JSONParser(BaseParser):
    """One JSON value in UTF-8 (RFC 8259), in which no name occurs twice.

    How much it holds is counted before it is read, in time and memory that grow with its length alone.
    """

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
        return read_json(body)


def read_json(body: bytes) -> Any:
    """The value that ``body`` is, each text normalised, with U+FFFD in place of characters that no text can have.

    Raises:
        ParseError: it is no JSON in UTF-8, a name stands twice in one object, or it holds more than ``MOST_VALUES``
            values and names or lists and objects more than ``DEEPEST`` deep.
    """
    # Some editors write one first; RFC 8259 (8.1) lets a reader ignore it.
    body = body.removeprefix(codecs.BOM_UTF8)
    _measure(body)
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_refuse_constant)
    except UnicodeDecodeError as problem:
        raise ParseError(f"The body is not UTF-8: byte {problem.start + 1} cannot be read.") from problem
    except json.JSONDecodeError as problem:
        raise ParseError(
            f"The body is not JSON: {problem.msg} (line {problem.lineno}, column {problem.colno})."
        ) from problem
    except ValueError as problem:
        # Python reads no whole number of more than 4,300 digits.
        raise ParseError("The body holds a number that is too long.") from problem
    # Only escapes, and bytes beyond ASCII, can be characters of another form than texts are kept in.
    has_other_forms = b"\\" in body or b"\x7f" in body or not body.isascii()
    return _readable(value) if has_other_forms else value


def _measure(body: bytes) -> None:
    """Refuse what holds too much, before anything is made of it."""
    bare = _TEXT.sub(b"", body)
    if sum(bare.count(sign) for sign in (b",", b":", b"[", b"{")) > MOST_VALUES:
        raise ParseError(f"The body holds too much. Send at most {MOST_VALUES:,} names and values at once.")
    depth = 0
    for bracket in _BRACKET.finditer(bare):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > DEEPEST:
            raise ParseError(f"The body is nested too deeply: at most {DEEPEST} lists and objects within each other.")
        if depth < 0:
            break  # no JSON; what reads it says where


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ParseError(f"The name “{shown(name)}” occurs twice in one object.")
        found[name] = value
    return found


def _refuse_constant(name: str) -> None:
    raise ParseError(f"The body is not JSON: {name} is no value in it.")


def _readable(value: Any) -> Any:
    if isinstance(value, str):
        return rules.normalised(value)
    if isinstance(value, list):
        return [_readable(one) for one in value]
    if isinstance(value, dict):
        return {
            rules.readable(name): rules.readable(one)
            if isinstance(one, str) and rules.is_secret(name)
            else _readable(one)
            for name, one in value.items()
        }
    return value


class MultiPartParser(parsers.MultiPartParser):
    """A form with files, each text normalised as JSON's are."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        found = super().parse(*args, **kwargs)
        return DataAndFiles(readable_values(found.data), found.files)
