"""What can be evidence."""

import datetime

import regex

from workplan.rules.text import composed, shortened

# What can be uploaded as evidence: endings, the type it is served as, and how such a file begins (the
# signatures that the formats themselves define; Office files are ZIP archives). Nothing that a browser runs.
_ZIP = (b"PK\x03\x04",)
FILE_TYPES: dict[str, tuple[str, tuple[bytes, ...]]] = {
    "pdf": ("application/pdf", (b"%PDF-",)),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _ZIP),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _ZIP),
    "pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", _ZIP),
    "odt": ("application/vnd.oasis.opendocument.text", _ZIP),
    "ods": ("application/vnd.oasis.opendocument.spreadsheet", _ZIP),
    "odp": ("application/vnd.oasis.opendocument.presentation", _ZIP),
    "png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
}
FILE_START = 8  # bytes that are looked at
MOST_FILE_BYTES = 10 * 1024 * 1024
MOST_EVIDENCE = 50  # links and files behind one update


# Letters with their marks, digits, and the two joiners that some scripts write words with.
_NOT_IN_FILE_NAMES = regex.compile(r"[^\p{L}\p{M}\p{N}\p{Pc}\u200C\u200D. -]")


def plain_file_name(name: str) -> str:
    """``name`` without folders and without characters that a header or a file system trips over.

    Letters keep their marks, in the composed form: some systems send an accent as a character of its own.
    """
    plain = _NOT_IN_FILE_NAMES.sub("_", composed(name).replace("\\", "/").rsplit("/", 1)[-1]).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    return f"{shortened(stem, 150)}{dot}{shortened(ending, 10)}" if dot else shortened(plain, 160)


def file_type(name: str) -> str:
    """The type that a file is served as, by its ending."""
    return FILE_TYPES.get(name.rpartition(".")[2].lower(), ("application/octet-stream", ()))[0]


def problem_with_day(dated_on: datetime.date, today: datetime.date) -> str:
    """Why the day of a document cannot be; empty where it can.

    Args:
        dated_on: the day of the document.
        today: the day on which it is given.
    """
    if dated_on > today:
        return f"The date of the document is in the future. Enter {today:%d %B %Y} or an earlier date."
    return ""


def problem_with_file(name: str, size: int, start: bytes) -> str:
    """Why a file cannot be evidence; empty where it can.

    Args:
        name: what it is called.
        size: in bytes.
        start: its first ``FILE_START`` bytes.
    """
    known = ", ".join(FILE_TYPES)
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending not in FILE_TYPES:
        return f"Files of this type are not accepted. Upload one of: {known}; or add a link."
    if size > MOST_FILE_BYTES:
        return f"The file has {size / 1024 / 1024:.1f} MB; at most {MOST_FILE_BYTES // 1024 // 1024} MB are accepted."
    if size == 0:
        return "The file is empty."
    if not start.startswith(FILE_TYPES[ending][1]):
        return f"The file is called .{ending} but has another format. Save it in that format and upload it again."
    return ""
