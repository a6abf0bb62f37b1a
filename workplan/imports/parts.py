"""The parts of an Office file: each is unpacked and parsed once, under limits, before anybody reads it.

Packages are described in ECMA-376, part 2 (Open Packaging Conventions). An XML part with a document type is refused
whatever it declares, so that no entity is expanded and no address is asked: Office files have none.
"""

import io
import posixpath
import zipfile
from typing import Any
from xml.parsers import expat

from django.conf import settings

from workplan.exceptions import BadFile

PIECE = 1024 * 1024  # bytes that are unpacked at a time
# Expat begins a token anew with each piece, so one that never ends would cost the square of its length.
LONGEST_TOKEN = 8 * PIECE
DEEPEST = 256  # elements within one another; a document with tables in tables has some thirty
SMALL = 1024 * 1024  # bytes; what is smaller may be packed as tightly as it likes

CONTENT_TYPES = "[Content_Types].xml"
CONTENT_TYPE_NAMES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATION_NAMES = "http://schemas.openxmlformats.org/package/2006/relationships"
MAIN_PARTS = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": "xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": "docx",
}
WITH_MACROS = ("macroenabled", "vbaproject", "macrosheet", "ms-office.activex")


def check_parts(content: bytes) -> str:
    """Look through every part of an Office file, and say what it is: ``xlsx``, ``docx``, or empty for neither.

    Raises:
        BadFile: it is protected by a password, holds macros or what is kept elsewhere, declares a document type, or
            is more than the limits allow.
        zipfile.BadZipFile, zlib.error, EOFError, ValueError: it is damaged.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        entries = package.infolist()
        _check_sizes(entries)
        kind = ""
        for entry in entries:
            if entry.is_dir():
                continue
            name = entry.filename
            lower = name.lower()
            if lower == CONTENT_TYPES.lower():
                look: Any = _ContentTypes(name)
            elif lower.endswith(".rels"):
                look = _Relations(name)
            elif lower.endswith((".xml", ".vml")):
                look = _Part(name)
            else:
                look = None
            with package.open(entry) as part:
                while piece := part.read(PIECE):
                    if look is not None:
                        look.feed(piece)
            if look is not None:
                look.close()
                kind = getattr(look, "kind", "") or kind
        return kind


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    """Judge the archive by what its directory says; what is unpacked is never more than that."""
    if len(entries) > settings.IMPORT_PARTS:
        raise BadFile(f"The file is made of {len(entries):,} parts; at most {settings.IMPORT_PARTS:,} are read.")
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        raise zipfile.BadZipFile("two parts have one name")
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadFile("The file is protected by a password. Remove the password in its program and save it again.")
    unpacked = sum(entry.file_size for entry in entries)
    most = settings.IMPORT_UNPACKED_BYTES
    too_tight = [
        entry
        for entry in entries
        if entry.file_size > SMALL and entry.file_size > settings.IMPORT_RATIO * max(1, entry.compress_size)
    ]
    if unpacked > most or too_tight:
        raise BadFile(
            f"The file unpacks to {unpacked / 1024**2:,.0f} MB, which is more than is read: at most "
            f"{most // 1024**2:,} MB, and {settings.IMPORT_RATIO} times what is packed. Delete empty rows, columns and "
            "pictures, and save it again."
        )
    if any("vbaproject" in name.lower() or "/activex/" in name.lower() for name in names):
        raise _with_macros()


def _with_macros() -> Exception:
    return BadFile(
        "The file contains macros, which are not accepted. Save it as .xlsx or .docx, which leaves them out."
    )


class _Part:
    """One part, read from its beginning to its end without being kept."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.depth = self.read = 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartDoctypeDeclHandler = self.refuse_document_type
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end

    def feed(self, piece: bytes, last: bool = False) -> None:
        """Read on."""
        self.read += len(piece)
        try:
            self.parser.Parse(piece, last)
        except expat.ExpatError as problem:
            raise ValueError(f"{self.name}: {problem}") from problem
        if self.read - max(0, self.parser.CurrentByteIndex) > LONGEST_TOKEN:
            raise ValueError(f"{self.name}: a token without end")

    def close(self) -> None:
        """Say that nothing follows."""
        self.feed(b"", last=True)

    def refuse_document_type(self, *_: Any) -> None:
        """Refuse what could define entities, before it does."""
        raise BadFile(
            "The file declares a document type or entities, which no Office program writes. Open it in its program, "
            "save it again, and upload that."
        )

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise ValueError(f"{self.name}: more than {DEEPEST} elements within one another")

    def end(self, tag: str) -> None:
        """An element ends."""
        self.depth -= 1


class _ContentTypes(_Part):
    """The part that says what each other part is."""

    kind = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """See what a part is."""
        super().start(tag, attributes)
        kind = attributes.get("ContentType", "").strip().lower()
        if any(word in kind for word in WITH_MACROS):
            raise _with_macros()
        if tag == f"{CONTENT_TYPE_NAMES} Override" and kind in MAIN_PARTS:
            self.kind = MAIN_PARTS[kind]


class _Relations(_Part):
    """Which other parts, and what outside of the file, a part refers to."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """See where a part is kept."""
        super().start(tag, attributes)
        if tag != f"{RELATION_NAMES} Relationship" or attributes.get("TargetMode", "").lower() != "external":
            return
        kind, target = posixpath.basename(attributes.get("Type", "")), attributes.get("Target", "")
        # A link is followed by whoever clicks on it; a template on the same machine is what Word notes by itself.
        if kind == "hyperlink" or (kind == "attachedTemplate" and target.lower().startswith("file:///")):
            return
        raise BadFile(
            f"The file takes a part of itself from another place ({kind}: “{target[:120]}”), which is not fetched. "
            "Break the link in its program, so that everything is in the file, and save it again."
        )
