"""Fonts inside a Word document, so that scripts are shown right where no font of theirs is installed.

As ECMA-376, part 4, section 2.8.1 asks: each font is a part of its own, whose first 32 bytes are combined with a key.
"""

import uuid
from collections.abc import Iterable
from typing import Any

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import serialize_for_reading

from workplan.exports.scripts import FONTS, Script

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.obfuscatedFont"
# What the font table calls the faces, and our files.
FACES = {"w:embedRegular": "Regular", "w:embedBold": "Bold"}
COVERED = 32


def embed(word: Document, scripts: Iterable[Script]) -> None:
    """Put the fonts of ``scripts`` into ``word``."""
    scripts = sorted(scripts, key=lambda script: script.name)
    if not scripts:
        return
    table = word.part.part_related_by(RELATIONSHIP_TYPE.FONT_TABLE)
    fonts = parse_xml(table.blob)
    for script in scripts:
        font = OxmlElement("w:font")
        font.set(qn("w:name"), script.font)
        for name, face in FACES.items():
            font.append(_embedded(table, script, name, face))
        fonts.append(font)
    table._blob = serialize_for_reading(fonts).encode()
    settings = word.settings.element
    asked = OxmlElement("w:embedTrueTypeFonts")
    settings.insert(_place(settings), asked)


def _embedded(table: Any, script: Script, name: str, face: str) -> Any:
    key = uuid.uuid5(uuid.NAMESPACE_URL, f"{script.font} {face}")
    content = (FONTS / f"NotoSans{script.name}-{face}.ttf").read_bytes()
    address = PackURI(f"/word/fonts/{script.name}-{face}.odttf")
    part = Part(address, CONTENT_TYPE, _obfuscated(content, key), table.package)
    made = OxmlElement(name)
    made.set(qn("r:id"), table.relate_to(part, RELATIONSHIP_TYPE.FONT))
    made.set(qn("w:fontKey"), f"{{{str(key).upper()}}}")
    return made


def _obfuscated(content: bytes, key: uuid.UUID) -> bytes:
    """The first bytes combined with those of the key, read from its end."""
    backwards = key.bytes[::-1]
    first = bytes(byte ^ backwards[place % 16] for place, byte in enumerate(content[:COVERED]))
    return first + content[COVERED:]


def _place(settings: Any) -> int:
    """Where the setting stands among the others, whose order is fixed: after those of the view."""
    before = {qn(f"w:{name}") for name in ("writeProtection", "view", "zoom", "removePersonalInformation")}
    return sum(child.tag in before for child in settings)
