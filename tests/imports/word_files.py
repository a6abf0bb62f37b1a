"""Word files of plans, written element by element: they hold what other programs write and python-docx does not."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STYLES = """
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/>
<w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/></w:style>
<w:style w:type="paragraph" w:styleId="Numbered"><w:name w:val="Numbered"/>
<w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr></w:style>
<w:style w:type="character" w:styleId="Strong"><w:name w:val="Strong"/><w:rPr><w:b/></w:rPr></w:style>
"""


def run(text: str, properties: str = "") -> str:
    """A run; a line feed in it is a line break, a tab a tab."""
    inside = ""
    for place, part in enumerate(text.split("\n")):
        inside += "<w:br/>" if place else ""
        for number, piece in enumerate(part.split("\t")):
            inside += "<w:tab/>" if number else ""
            inside += f'<w:t xml:space="preserve">{escape(piece)}</w:t>' if piece else ""
    return f"<w:r>{f'<w:rPr>{properties}</w:rPr>' if properties else ''}{inside}</w:r>"


def paragraph(*content: str, bold: bool = False, style: str = "", number: tuple[int, int] | None = None) -> str:
    """A paragraph of texts and of elements, which begin with ``<w:``."""
    properties = f'<w:pStyle w:val="{style}"/>' if style else ""
    if number:
        properties += f'<w:numPr><w:ilvl w:val="{number[1]}"/><w:numId w:val="{number[0]}"/></w:numPr>'
    inside = "".join(one if one.startswith(("<w:", "<mc:")) else run(one, "<w:b/>" if bold else "") for one in content)
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{inside}</w:p>"


@dataclass
class C:
    """A cell: text whose lines are paragraphs, or elements."""

    text: str = ""
    span: int = 1
    merge: str = ""
    fill: str = ""
    bold: bool = False
    more: str = ""

    def xml(self, width: int) -> str:
        properties = f'<w:tcW w:w="{width}" w:type="dxa"/>'
        properties += f'<w:gridSpan w:val="{self.span}"/>' if self.span > 1 else ""
        properties += f'<w:vMerge w:val="{self.merge}"/>' if self.merge else ""
        properties += f'<w:shd w:val="clear" w:color="auto" w:fill="{self.fill}"/>' if self.fill else ""
        properties += self.more
        inside = self.text
        if not inside.startswith("<w:"):
            inside = "".join(paragraph(line, bold=self.bold) if line else "<w:p/>" for line in inside.split("\n"))
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inside}</w:tc>"


DOWN = C(merge="continue")


@dataclass
class R:
    """A row with properties of its own."""

    cells: list["str | C"]
    properties: str = ""


def heading(*texts: str) -> R:
    """A heading row, repeated on every page."""
    return R([C(text, bold=True) for text in texts], "<w:tblHeader/>")


def table(rows: Sequence[Any], widths: list[int]) -> str:
    """A table; a row that is a text is XML."""
    found = ""
    for row in rows:
        if isinstance(row, str):
            found += row
            continue
        cells, properties = (row.cells, row.properties) if isinstance(row, R) else (row, "")
        inside = f"<w:trPr>{properties}</w:trPr>" if properties else ""
        for one in cells:
            if isinstance(one, str) and one.startswith("<w:"):
                inside += one
            else:
                inside += (one if isinstance(one, C) else C(one)).xml(2000)
        found += f"<w:tr>{inside}</w:tr>"
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return f'<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{found}</w:tbl>'


@dataclass
class Word:
    """A Word file in the making."""

    body: list[str] = field(default_factory=list)
    numbering: str = ""
    footnotes: dict[str, str] = field(default_factory=dict)
    comments: dict[str, tuple[str, str]] = field(default_factory=dict)
    footer: str = ""
    styles: str = STYLES

    def add(self, *elements: str) -> "Word":
        """Put elements at the end; a text is a paragraph."""
        self.body += [one if one.startswith("<w:") else paragraph(one) for one in elements]
        return self

    def content(self) -> bytes:
        """The file."""
        parts = {"styles": f"<w:styles {NAMES}>{self.styles}</w:styles>"}
        if self.numbering:
            parts["numbering"] = f"<w:numbering {NAMES}>{self.numbering}</w:numbering>"
        if self.footnotes:
            notes = "".join(f'<w:footnote w:id="{i}">{paragraph(t)}</w:footnote>' for i, t in self.footnotes.items())
            parts["footnotes"] = f"<w:footnotes {NAMES}>{notes}</w:footnotes>"
        if self.comments:
            notes = "".join(
                f'<w:comment w:id="{i}" w:author="{by}">{paragraph(text)}</w:comment>'
                for i, (by, text) in self.comments.items()
            )
            parts["comments"] = f"<w:comments {NAMES}>{notes}</w:comments>"
        if self.footer:
            parts["footer1"] = f"<w:ftr {NAMES}>{paragraph(self.footer)}</w:ftr>"
        kinds = {name: name.rstrip("1") for name in parts}
        overrides = "".join(
            f'<Override PartName="/word/{name}.xml" ContentType="{TYPES}.{kind}+xml"/>' for name, kind in kinds.items()
        )
        relations = "".join(
            f'<Relationship Id="r{name}" Type="{RELATIONS}/{kind}" Target="{name}.xml"/>'
            for name, kind in kinds.items()
        )
        document = f"<w:document {NAMES}><w:body>{''.join(self.body)}<w:sectPr/></w:body></w:document>"
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr(
                "[Content_Types].xml",
                f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
                '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                '<Default Extension="xml" ContentType="application/xml"/>'
                f'<Override PartName="/word/document.xml" ContentType="{TYPES}.document.main+xml"/>{overrides}</Types>',
            )
            package = "http://schemas.openxmlformats.org/package/2006/relationships"
            target = f'<Relationship Id="r1" Type="{RELATIONS}/officeDocument" Target="word/document.xml"/>'
            file.writestr("_rels/.rels", f'{HEAD}<Relationships xmlns="{package}">{target}</Relationships>')
            file.writestr(
                "word/_rels/document.xml.rels", f'{HEAD}<Relationships xmlns="{package}">{relations}</Relationships>'
            )
            file.writestr("word/document.xml", HEAD + document)
            for name, xml in parts.items():
                file.writestr(f"word/{name}.xml", HEAD + xml)
        return packed.getvalue()
