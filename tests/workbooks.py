"""Read a workbook back, with nothing but what the format says."""

import io
import zipfile
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheets_of(file: bytes) -> dict[str, list[list[str]]]:
    """Each sheet by its name: its rows as texts, empty cells too."""
    book = zipfile.ZipFile(io.BytesIO(file))
    strings = [
        "".join(piece.text or "" for piece in entry.iter(f"{MAIN}t"))
        for entry in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
    ]
    names = [one.attrib["name"] for one in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{MAIN}sheet")]
    found = {}
    for number, name in enumerate(names, start=1):
        page = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
        rows: list[list[str]] = []
        for row in page.iter(f"{MAIN}row"):
            rows.append([_value(cell, strings) for cell in row.iter(f"{MAIN}c")])
        found[name] = rows
    return found


def _value(cell: ElementTree.Element, strings: list[str]) -> str:
    value = cell.find(f"{MAIN}v")
    text = "" if value is None else value.text or ""
    return strings[int(text)] if cell.get("t") == "s" else text
