"""The one door for files that people send to be read: what cannot be read safely is refused in a sentence.

``opened`` is all that a reader needs::

    file = opened(upload.name, upload.read(), ("xlsx", "csv"))
    file.kind                   # "xlsx", by its content and not by its name alone
    file.sha256, file.content   # to be kept; python-docx reads ``io.BytesIO(file.content)``
    file.notes                  # what a person should know, such as a guessed encoding
    file.text                   # of a csv, decoded
    with file.package() as package: ...   # of xlsx and docx: a ZIP archive in which each part was checked

Afterwards a file has been read once as a whole: its parts are no more than the limits allow, each is well-formed XML
without a document type (so no entity is ever defined), nothing in it is a macro, encrypted, or kept in another file
that would have to be fetched. Whatever is refused raises ``workplan.exceptions.BadFile``. Limits are settings
(``IMPORT_…``; ``docs/operating.md``).
"""

import codecs
import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import IO

from django.conf import settings

from workplan.exceptions import BadFile
from workplan.imports.parts import check_parts

# How compound files begin: Word and Excel of before 2007, and every Office file that is protected by a password
# (MS-OFFCRYPTO, 2.3: the stream "EncryptedPackage").
COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
ZIP_FILE = b"PK\x03\x04"

KINDS = {"xlsx": "an Excel workbook (.xlsx)", "docx": "a Word document (.docx)", "csv": "comma-separated values (.csv)"}
# What to do with a file in another format.
OTHER_KINDS = {
    "xlsm": "Workbooks with macros are not accepted. Save it as “Excel Workbook (.xlsx)”, which leaves the macros out.",
    "xltm": "Templates with macros are not accepted. Save it as “Excel Workbook (.xlsx)”.",
    "xltx": "This is a template. Save it as “Excel Workbook (.xlsx)”.",
    "xlsb": "Binary workbooks are not accepted. Save it as “Excel Workbook (.xlsx)”.",
    "xls": "This is the Excel format used before 2007. Save it as “Excel Workbook (.xlsx)”.",
    "ods": "This is an OpenDocument spreadsheet. Save it as “Excel 2007–365 (.xlsx)”.",
    "numbers": "This is a document of Numbers. Export it to Excel (.xlsx).",
    "docm": "Documents with macros are not accepted. Save it as “Word Document (.docx)”, which leaves the macros out.",
    "dotx": "This is a template. Save it as “Word Document (.docx)”.",
    "dotm": "Templates with macros are not accepted. Save it as “Word Document (.docx)”.",
    "doc": "This is the Word format used before 2007. Save it as “Word Document (.docx)”.",
    "odt": "This is an OpenDocument text. Save it as “Word 2007–365 (.docx)”.",
    "pdf": "A PDF has no tables that could be read. Send the file that it was made from.",
}
# A byte order mark says how the rest is encoded (Unicode Standard, 23.8).
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file that was looked through and can be read.

    Attributes:
        name: what it is called by who sent it.
        kind: one of ``KINDS``.
        content: its bytes.
        text: of a csv, its characters; empty for other kinds.
        notes: sentences for the person who sent it.
    """

    name: str
    kind: str
    content: bytes
    text: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def sha256(self) -> str:
        """The checksum of its content, in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()

    def package(self) -> zipfile.ZipFile:
        """The archive that a workbook or document is."""
        return zipfile.ZipFile(io.BytesIO(self.content))


def read_upload(name: str, file: IO[bytes], size: int, kinds: Collection[str]) -> OpenedFile:
    """Like ``opened``, of an uploaded file of ``size`` bytes: one that is too large is not read.

    Raises:
        BadFile: as ``opened`` says.
    """
    return opened(name, file.read() if size <= settings.IMPORT_FILE_BYTES else b"", kinds, size=size)


def opened(name: str, content: bytes, kinds: Collection[str], *, size: int | None = None) -> OpenedFile:
    """The file, if it is one of ``kinds`` and can be read safely.

    Args:
        name: what it is called by who sent it; its ending has to be that of its content.
        kinds: which of ``KINDS`` are taken here.
        size: its size in bytes, where its content was not read.

    Raises:
        BadFile: it is too large, empty, of another kind than its name says, damaged, protected by a password, holds
            macros or parts of other files, defines entities, or unpacks to more than the limits allow.
    """
    size = len(content) if size is None else size
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    wanted = " or ".join(KINDS[kind] for kind in kinds)
    if size == 0:
        raise BadFile("The file is empty. Select the file again; it may not have been saved.")
    if ending not in kinds:
        known = OTHER_KINDS.get(ending, "") if ending not in KINDS else ""
        raise BadFile(known or f"“{_shown(name)}” is not of an accepted type. Upload {wanted}.")
    if size > settings.IMPORT_FILE_BYTES:
        raise BadFile(f"The file has {_megabytes(size)}; at most {_megabytes(settings.IMPORT_FILE_BYTES)} are read.")
    if content.startswith(COMPOUND_FILE):
        if ENCRYPTED in content:
            raise BadFile("The file is protected by a password. Remove the password in its program and save it again.")
        raise BadFile(f"The file is called .{ending} but has the format used before 2007. Save it again as .{ending}.")
    if ending == "csv":
        text, note = _decoded(content)
        return OpenedFile(name, ending, content, text, [note] if note else [])
    if not content.startswith(ZIP_FILE):
        raise BadFile(f"The file is called .{ending} but is none. Save it again as {KINDS[ending]}, and upload that.")
    try:
        found = check_parts(content)
    except _DAMAGED as problem:
        raise BadFile(
            "The file is damaged or not complete, so that it cannot be read. Copy or download it again, or open it "
            "in its program and save it again."
        ) from problem
    if found != ending:
        what = f"holds {KINDS[found]}" if found in KINDS else "is none"
        raise BadFile(f"The file is called .{ending} but {what}. Upload {wanted}.")
    return OpenedFile(name, ending, content)


_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError)


def _decoded(content: bytes) -> tuple[str, str]:
    """The characters of a text file, and what to say where its encoding had to be guessed."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, errors="replace"), ""
    if b"\0" in content:
        raise BadFile("The file is called .csv but is not a text file. Save it again as “CSV UTF-8”, and upload that.")
    try:
        return content.decode("utf-8"), ""
    except UnicodeDecodeError:
        note = (
            "The file does not say how its letters are encoded; it was read as Windows-1252. Check names with accents, "
            "or save it as “CSV UTF-8”."
        )
        return content.decode("cp1252", errors="replace"), note


def _shown(name: str) -> str:
    return re.sub(r"\s+", " ", name)[:100] or "The file"


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:,.1f} MB"
