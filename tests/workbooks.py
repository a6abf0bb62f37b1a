"""Reads workbooks as they were written, without a program that would repair them."""

import io
import zipfile
from typing import Any
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def cells(book: bytes) -> dict[str, list[list[Any]]]:
    """The sheets of a workbook by name; texts and numbers as they are kept."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        # Where texts stand in the cells themselves, there are no shared ones.
        shared = "xl/sharedStrings.xml"
        nodes = ElementTree.fromstring(archive.read(shared)).iter(f"{MAIN}si") if shared in archive.namelist() else ()
        texts = ["".join(node.itertext()) for node in nodes]
        names = [
            str(node.get("name"))
            for node in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter(f"{MAIN}sheet")
        ]
        found = {}
        for number, name in enumerate(names, start=1):
            sheet = ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))
            assert not list(sheet.iter(f"{MAIN}f")), "no cell is a formula"
            rows = []
            for row in sheet.iter(f"{MAIN}row"):
                values: list[Any] = []
                for cell in row.iter(f"{MAIN}c"):
                    value = cell.findtext(f"{MAIN}v")
                    is_text = cell.get("t") == "s"
                    if cell.get("t") == "inlineStr":
                        values.append("".join(cell.itertext()))
                    else:
                        values.append(None if value is None else texts[int(value)] if is_text else int(float(value)))
                rows.append(values)
            found[name] = rows
    return found


def texts(book: bytes) -> dict[str, list[list[str]]]:
    """The same, every cell as a text, an empty one too."""
    return {
        name: [["" if value is None else str(value) for value in row] for row in rows]
        for name, rows in cells(book).items()
    }
