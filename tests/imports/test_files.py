"""Files that cannot be read, or not safely, are refused in a sentence, in bounded time and memory."""

import io
import tracemalloc
import zipfile
from typing import Any

import pytest

from tests.imports.packages import EXTERNAL, WORD_TYPE, book, document, packed, relations, sheet, types
from workplan.exceptions import BadFile
from workplan.imports.files import COMPOUND_FILE, ENCRYPTED, opened, read_upload

RELS = "xl/worksheets/_rels/sheet1.xml.rels"
LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {chr(98 + at)} "{f"&{chr(97 + at)};" * 10}">' for at in range(9))
    + "]>"
)
STRANGER = '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'


def with_external(kind: str, target: str) -> bytes:
    return packed(book() | {RELS: relations((kind, target, EXTERNAL))})


BAD: dict[str, tuple[str, bytes, str]] = {
    "empty": ("a.xlsx", b"", "empty"),
    "another kind": ("a.txt", b"words", "not of an accepted type"),
    "no ending": ("report", packed(book()), "not of an accepted type"),
    "macros by name": ("a.xlsm", packed(book()), "macros are not accepted"),
    "macros by type": (
        "a.xlsx",
        packed(book() | {"[Content_Types].xml": types("application/vnd.ms-excel.sheet.macroEnabled.main+xml")}),
        "holds macros",
    ),
    "macros by part": ("a.xlsx", packed(book() | {"xl/vbaProject.bin": b"\0" * 9}), "holds macros"),
    "old format": ("a.xls", COMPOUND_FILE + b"\0" * 600, "before 2007"),
    "old format renamed": ("a.xlsx", COMPOUND_FILE + b"\0" * 600, "before 2007"),
    "password": ("a.xlsx", COMPOUND_FILE + b"\0" * 600 + ENCRYPTED, "password"),
    "renamed picture": ("a.xlsx", b"\x89PNG\r\n\x1a\n" + b"\0" * 90, "called .xlsx but is none"),
    "renamed document": ("a.xlsx", packed(document()), "holds a Word document"),
    "renamed archive": ("a.xlsx", packed({"a.txt": "words"}), "called .xlsx but is none"),
    "truncated": ("a.xlsx", packed(book())[:-400], "damaged or not complete"),
    "broken inside": ("a.xlsx", packed(book() | {"xl/workbook.xml": "<workbook>"}), "damaged"),
    "two parts of one name": ("a.xlsx", b"", "damaged"),
    "billion laughs": ("a.xlsx", packed(book() | {"xl/sharedStrings.xml": LAUGHS + "<sst>&j;</sst>"}), "entities"),
    "external entity": (
        "a.xlsx",
        packed(book() | {"xl/sharedStrings.xml": STRANGER + "<sst>&secret;</sst>"}),
        "entities",
    ),
    "entity in UTF-16": (
        "a.xlsx",
        packed(book() | {"xl/styles.xml": f'<?xml version="1.0" encoding="UTF-16"?>{LAUGHS}<a/>'.encode("utf-16")}),
        "entities",
    ),
    "another workbook": ("a.xlsx", with_external("externalLinkPath", "file:///C:/Other.xlsx"), "another place"),
    "a picture elsewhere": ("a.xlsx", with_external("image", "https://example.org/a.png"), "another place"),
    "a template elsewhere": ("a.xlsx", with_external("attachedTemplate", "https://example.org/a.dotm"), "not fetched"),
    "elements without end": ("a.xlsx", packed(book() | {"xl/a.xml": "<a>" * 100_000 + "</a>" * 100_000}), "damaged"),
    "csv that is none": ("a.csv", b"a\0b", "is not a text file"),
}


def two_of_one_name() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package, pytest.warns(UserWarning, match="Duplicate"):
        package.writestr("xl/workbook.xml", "<a/>")
        package.writestr("xl/workbook.xml", "<b/>")
    return file.getvalue()


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_in_a_sentence(name: str) -> None:
    called, content, message = BAD[name]
    with pytest.raises(BadFile, match=message):
        opened(called, content or (two_of_one_name() if message == "damaged" else b""), ("xlsx", "csv"))


def test_a_file_that_is_too_large_is_not_read(settings: Any) -> None:
    settings.IMPORT_FILE_BYTES = 1024 * 1024

    class Unread(io.BytesIO):
        def read(self, *args: Any) -> bytes:
            raise AssertionError("it was read")

    with pytest.raises(BadFile, match=r"200\.0 MB; at most 1\.0 MB"):
        read_upload("a.xlsx", Unread(), 200 * 1024 * 1024, ("xlsx",))


@pytest.mark.parametrize("rows", [b"\0" * 300 * 1024 * 1024, b"<row/>" * (20 * 1024 * 1024)])
def test_an_archive_made_to_fill_memory_is_refused_before_it_is_unpacked(rows: bytes) -> None:
    bomb = packed(book() | {"xl/worksheets/sheet1.xml": rows})
    del rows

    tracemalloc.start()
    with pytest.raises(BadFile, match="unpacks to"):
        opened("a.xlsx", bomb, ("xlsx",))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 4 * 1024 * 1024


def test_an_archive_that_lies_about_its_sizes_is_refused() -> None:
    content = bytearray(packed(book() | {"xl/a.bin": b"\0" * 50_000_000}))
    # The directory at the end says what each part unpacks to.
    place = content.rindex((50_000_000).to_bytes(4, "little"))
    content[place : place + 4] = (10).to_bytes(4, "little")

    with pytest.raises(BadFile, match="damaged"):
        opened("a.xlsx", bytes(content), ("xlsx",))


def test_too_many_parts_are_refused(settings: Any) -> None:
    settings.IMPORT_PARTS = 50
    with pytest.raises(BadFile, match="made of 65 parts"):
        opened("a.xlsx", packed(book() | {f"xl/a{place}.bin": b"" for place in range(60)}), ("xlsx",))


def test_a_token_that_never_ends_is_refused() -> None:
    part = b"<a b='" + bytes(range(97, 122)) * 1_200_000
    with pytest.raises(BadFile, match=r"damaged|unpacks"):
        opened("a.xlsx", packed(book() | {"xl/a.xml": part}), ("xlsx",))


def test_good_files_are_opened_by_their_content() -> None:
    link = relations(("hyperlink", "https://example.org/", EXTERNAL))
    template = relations(("attachedTemplate", "file:///C:/Report.dotx", EXTERNAL))

    workbook = opened("Round 1.XLSX", packed(book() | {RELS: link}), ("xlsx", "csv"))
    word = opened("plan.docx", packed(document() | {"word/_rels/settings.xml.rels": template}), ("docx", "xlsx"))

    assert (workbook.kind, word.kind, len(workbook.sha256)) == ("xlsx", "docx", 64)
    with workbook.package() as package:
        assert package.read("xl/worksheets/sheet1.xml").decode() == sheet("")
    assert WORD_TYPE in str(document()["[Content_Types].xml"])


@pytest.mark.parametrize(
    ("content", "text", "is_guessed"),
    [
        (b"ref,narrative\n", "ref,narrative\n", False),
        ("\ufeffréf\n".encode(), "réf\n", False),
        ("réf\n".encode("utf-16"), "réf\n", False),
        ("réf – “done”\n".encode("cp1252"), "réf – “done”\n", True),
    ],
)
def test_a_text_file_is_read_in_the_encoding_that_it_has(content: bytes, text: str, is_guessed: bool) -> None:
    file = opened("a.csv", content, ("csv",))
    assert (file.text, bool(file.notes)) == (text, is_guessed)
