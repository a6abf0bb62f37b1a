"""Workbooks filled in as people do, cell by cell, without a program that would write the rest of the file anew."""

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree

from workplan.imports.cells import column_letters

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
ElementTree.register_namespace("", MAIN[1:-1])


def with_part(book: bytes, path: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as before, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            content = before.read(name)
            after.writestr(name, change(content) if name == path else content)
    return file.getvalue()


def reports_path(book: bytes) -> str:
    """The part of the sheet with the reports, which is the second one."""
    with zipfile.ZipFile(io.BytesIO(book)) as package:
        return next(name for name in package.namelist() if name.endswith("sheet2.xml"))


def texts_of(package: zipfile.ZipFile) -> list[str]:
    root = ElementTree.fromstring(package.read("xl/sharedStrings.xml"))
    return ["".join(node.itertext()) for node in root.iter(f"{MAIN}si")]


def grid(book: bytes) -> dict[str, str]:
    """The cells of the reports by their address, as they are kept."""
    with zipfile.ZipFile(io.BytesIO(book)) as package:
        texts = texts_of(package)
        sheet = ElementTree.fromstring(package.read(reports_path(book)))
    found = {}
    for cell in sheet.iter(f"{MAIN}c"):
        value = cell.findtext(f"{MAIN}v")
        if cell.get("t") == "s":
            found[str(cell.get("r"))] = texts[int(value or 0)]
        elif cell.get("t") == "inlineStr":
            found[str(cell.get("r"))] = "".join(cell.itertext())
        elif value is not None:
            found[str(cell.get("r"))] = value
    return found


def headings(book: bytes) -> dict[str, str]:
    """The letters of each column by its heading."""
    return {text: address[:-1] for address, text in grid(book).items() if address[1:] == "1" or address[2:] == "1"}


def rows_by_ref(book: bytes) -> dict[str, int]:
    """The number of each row by its reference."""
    column = headings(book)["Ref"]
    cells = grid(book).items()
    return {
        text: int(address[len(column) :])
        for address, text in cells
        if address.startswith(column) and address[len(column) :].isdigit() and address != f"{column}1"
    }


def filled(book: bytes, cells: Mapping[tuple[str, str], object]) -> bytes:
    """The workbook with other values, by reference of the row and heading of the column. Numbers stay numbers."""
    columns, rows = headings(book), rows_by_ref(book)
    return with_cells(book, {f"{columns[label]}{rows[ref]}": value for (ref, label), value in cells.items()})


def with_cells(book: bytes, cells: Mapping[str, object]) -> bytes:
    """The workbook with other values in cells of the sheet of reports, by their address."""

    def change(content: bytes) -> bytes:
        sheet = ElementTree.fromstring(content)
        found = {str(cell.get("r")): cell for cell in sheet.iter(f"{MAIN}c")}
        for address, value in cells.items():
            put(found.get(address) if address in found else added(sheet, address), value)
        return ElementTree.tostring(sheet)

    return with_part(book, reports_path(book), change)


def added(sheet: Any, address: str) -> Any:
    """A new cell at the end of its row, or in a row at the end of the sheet."""
    number = address.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    data: Any = sheet.find(f"{MAIN}sheetData")
    row: Any = next((row for row in data if row.get("r") == number), None)
    if row is None:
        row = ElementTree.SubElement(data, f"{MAIN}row", {"r": number})
    return ElementTree.SubElement(row, f"{MAIN}c", {"r": address})


def put(cell: Any, value: object) -> None:
    for node in list(cell):
        cell.remove(node)
    cell.attrib.pop("t", None)
    if isinstance(value, (int, float)):
        ElementTree.SubElement(cell, f"{MAIN}v").text = str(value)
    elif value is not None and value != "":
        cell.set("t", "inlineStr")
        text = ElementTree.SubElement(ElementTree.SubElement(cell, f"{MAIN}is"), f"{MAIN}t", {SPACE: "preserve"})
        text.text = str(value)


def moved(book: bytes, order: list[int]) -> bytes:
    """The workbook with the columns of the reports in another order: for each new place, the old one."""

    def change(content: bytes) -> bytes:
        sheet = ElementTree.fromstring(content)
        for row in sheet.iter(f"{MAIN}row"):
            number = row.get("r")
            cells = {str(cell.get("r")): cell for cell in row}
            for cell in list(row):
                row.remove(cell)
            for place, old in enumerate(order):
                here = cells.get(f"{column_letters(old)}{number}")
                if here is not None:
                    here.set("r", f"{column_letters(place)}{number}")
                    row.append(here)
        return ElementTree.tostring(sheet)

    return with_part(book, reports_path(book), change)
