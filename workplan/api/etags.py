"""Which version of an answer this is."""

import hashlib
import re

# One entity tag of a list, strong or weak; what is not quoted is forgiven.
VERSION = re.compile(r'\s*(?:W/)?"?([0-9]{1,9})(?:-[^",]*)?"?\s*')

QUESTION = re.compile(r'\s*(?:W/)?"?([0-9]{1,9}-[0-9a-f]{0,16}-[0-9]{1,9})(?:-[^",]*)?"?\s*')


def etag_of(content: bytes, version: int | str | None = None) -> str:
    """The entity tag of ``content``: another one whenever the content is another.

    Args:
        version: the version of the record, or the tag of a question, which then stands first; writes are judged by it
            alone.
    """
    digest = hashlib.sha256(content).hexdigest()[:24]
    return f'"{digest}"' if version is None else f'"{version}-{digest}"'


def tag_named(header: str, current: str) -> str | None:
    """The tag of a question that an ``If-Match`` header names, ``current`` if that is among several.

    ``None`` where it names none. A tag that apta never gave out comes back as no question has it: empty.
    """
    tags = [tag for tag in header.split(",") if tag.strip() and tag.strip() != "*"]
    if not tags:
        return None
    named = [found[1] if (found := QUESTION.fullmatch(tag)) else "" for tag in tags]
    return current if current in named else named[0]


def version_named(header: str, current: int) -> int | None:
    """The version that an ``If-Match`` header names, ``current`` if that is among several.

    ``None`` where it names none: the header is missing, or ``*``. A tag that apta never gave
    out names a version that never was, 0.
    """
    tags = [tag for tag in header.split(",") if tag.strip() and tag.strip() != "*"]
    if not tags:
        return None
    versions = [int(found[1]) if (found := VERSION.fullmatch(tag)) else 0 for tag in tags]
    return current if current in versions else versions[0]
