"""Which version of an answer this is."""

import hashlib
import re
from typing import Any

from django.db.models import Model
from django.utils.http import parse_etags, quote_etag

from workplan.models import Activity, Contribution, LateException, ReportingRound, SavedView, StatusUpdate
from workplan.monitoring.open_questions import Question

# What tags call a record, with its id. Whatever else comes after the version, a hash, has no point in it.
NAMES: dict[type[Model], str] = {
    Activity: "activity",
    Contribution: "contribution",
    LateException: "extension",
    ReportingRound: "round",
    SavedView: "view",
    StatusUpdate: "update",
}
NAME = re.compile(r"[a-z]+\.[^\s\"]+")
VERSION = re.compile(r"([0-9]{1,9})(?:-(.*))?", re.DOTALL)
QUESTION = re.compile(r"([0-9]{1,9}-[0-9a-f]{0,16}-[0-9]{1,9})(?:-(.*))?", re.DOTALL)


def name_of(record: Any) -> str:
    """The record, of whatever kind, in one word: ``activity.17``, or the key of a question."""
    return f"question.{record.key}" if isinstance(record, Question) else f"{NAMES[type(record)]}.{record.pk}"


def identity(record: Any) -> str:
    """The version of a record, or the tag of a question, and which record it is of: what its entity tags begin with."""
    return f"{record.tag if isinstance(record, Question) else record.version}-{name_of(record)}"


def etag_of(content: bytes, identity: str | None = None) -> str:
    """The entity tag of ``content``: another one whenever the content is another.

    Args:
        identity: of which record, in which version; it comes first, and writes are judged by it alone.
    """
    digest = hashlib.sha256(content).hexdigest()[:24]
    return quote_etag(digest if identity is None else f"{identity}-{digest}")


def tag_named(header: str, current: str, name: str = "") -> str | None:
    """The tag of a question that an ``If-Match`` header names, ``current`` if that is among several.

    ``None`` where it names none. A tag that apta never gave out for it comes back as no question has it: empty.
    """
    named = [_of(name, QUESTION.fullmatch(tag)) for tag in _tags(header)]
    if not named:
        return None
    return current if current in named else named[0]


def version_named(header: str, current: int, name: str = "") -> int | None:
    """The version of the record ``name`` that an ``If-Match`` header names, ``current`` if that is among several.

    ``None`` where it names none: the header is missing, or ``*``. A tag that apta never gave out, or gave out for
    another record, names a version that never was, 0.
    """
    versions = [int(_of(name, VERSION.fullmatch(tag)) or 0) for tag in _tags(header)]
    if not versions:
        return None
    return current if current in versions else versions[0]


def other_record(header: str, name: str) -> str:
    """The record other than ``name`` that an ``If-Match`` header names; empty where it names none."""
    for tag in _tags(header):
        found = VERSION.fullmatch(tag)
        # A question's version has three parts, of which the first is taken for a version here.
        rest = re.sub(r"^[0-9a-f]{0,16}-[0-9]{1,9}-(?=[a-z]+\.)", "", found[2] or "") if found else ""
        if NAME.match(rest) and not _is_named(rest, name):
            return re.sub(r"-[0-9a-f]{24}.*$", "", rest[:200])
    return ""


def _of(name: str, found: re.Match[str] | None) -> str:
    """The version in a tag; empty where it is of another record. Tags of before 0.4.0 name no record."""
    if found is None or (NAME.match(found[2] or "") and not _is_named(found[2], name)):
        return ""
    return found[1]


def _is_named(rest: str, name: str) -> bool:
    return rest == name or rest.startswith(f"{name}-")


def _tags(header: str) -> list[str]:
    """The tags that a header names, strong or weak, without their quotes; a tag without quotes is forgiven."""
    named = parse_etags(header) or [
        quote_etag(tag.strip()) for tag in header.split(",") if tag.strip() not in {"", "*"}
    ]
    return [tag.removeprefix("W/").strip('"').removeprefix("W/") for tag in named if tag != "*"]
