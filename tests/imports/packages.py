"""Office files made by hand, part by part, good and bad."""

import io
import zipfile
from typing import Any

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
OFFICE = "application/vnd.openxmlformats-officedocument"
SHEET_TYPE, BOOK_TYPE = f"{OFFICE}.spreadsheetml.worksheet+xml", f"{OFFICE}.spreadsheetml.sheet.main+xml"
WORD_TYPE = f"{OFFICE}.wordprocessingml.document.main+xml"


def types(main: str = BOOK_TYPE, part: str = "/xl/workbook.xml") -> str:
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="{part}" ContentType="{main}"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{SHEET_TYPE}"/></Types>'
    )


def relations(*targets: tuple[str, str, str]) -> str:
    made = "".join(
        f'<Relationship Id="r{place}" Type="{RELATIONS}/{kind}" Target="{target}"{mode}/>'
        for place, (kind, target, mode) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{made}</Relationships>'


EXTERNAL = ' TargetMode="External"'


def sheet(rows: str, before: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}" xmlns:r="{RELATIONS}">{before}<sheetData>{rows}</sheetData></worksheet>'


def book(rows: str = "", *, properties: str = "", **parts: Any) -> dict[str, str | bytes]:
    """The parts of a workbook with one sheet; ``parts`` takes the place of parts or adds some."""
    return {
        "[Content_Types].xml": types(),
        "_rels/.rels": relations(("officeDocument", "xl/workbook.xml", "")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">{properties}'
        '<sheets><sheet name="Reports" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(("worksheet", "worksheets/sheet1.xml", "")),
        "xl/worksheets/sheet1.xml": sheet(rows),
        **parts,
    }


def packed(parts: dict[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return file.getvalue()


def document(**parts: Any) -> dict[str, str | bytes]:
    """The parts of a small Word document."""
    return {
        "[Content_Types].xml": types(WORD_TYPE, "/word/document.xml"),
        "_rels/.rels": relations(("officeDocument", "word/document.xml", "")),
        "word/document.xml": '<w:document xmlns:w="w"><w:body/></w:document>',
        **parts,
    }
