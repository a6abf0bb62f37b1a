"""Documents as Word reads them, with real styles, so that whoever gets one can change its look in Word."""

import io
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any

from docx import Document as new_document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph as TextParagraph

from workplan.exports import pdf
from workplan.exports.document import (
    Block,
    Cell,
    Document,
    Facts,
    Heading,
    Line,
    PageBreak,
    Paragraph,
    StatusChart,
    Table,
)
from workplan.exports.scripts import Script, parts_by_script
from workplan.exports.word_fonts import embed

TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FONT, SIGNS = "Arial", "Segoe UI Symbol"
LANGUAGE = "en-GB"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
DARK, LIGHT = "0F3D4C", "DCE8EC"
WIDTH = Mm(297 - 2 * 15)
# Styles of paragraphs, with size and weight.
PARAGRAPHS = (
    ("Plan cell", 8, False),
    ("Plan heading", 8, True),
    ("Plan band", 9, True),
    ("Plan total", 8, True),
    ("Plan fact", 10, False),
)
# What a look is called among the styles of characters.
LOOKS = {"strong": "Plan strong", "muted": "Plan note", "sign": "Plan sign", "reference": "Plan reference"}


def write(document: Document) -> bytes:
    """The file."""
    word = new_document()
    _Writer(word, document).write()
    file = io.BytesIO()
    word.save(file)
    return file.getvalue()


def _element(name: str, **attributes: str) -> Any:
    made = OxmlElement(name)
    for attribute, value in attributes.items():
        made.set(qn(f"w:{attribute}"), value)
    return made


class _Writer:
    def __init__(self, word: WordDocument, document: Document) -> None:
        self.word, self.document = word, document
        self.ids: dict[str, str] = {}
        self.scripts: set[Script] = set()
        self.begins_page = False

    def write(self) -> None:
        """Write the whole document."""
        self.properties()
        self.styles()
        self.page()
        self.footer()
        self.cover()
        for block, following in zip_longest(self.document.blocks, self.document.blocks[1:]):
            self.block(block, following)
        embed(self.word, self.scripts)

    def properties(self) -> None:
        """What the program shows of the file without opening it."""
        about, known = self.document.about, self.word.core_properties
        known.title = f"{self.document.title}: {self.document.subtitle}"
        known.subject = f"{about.scope}; status as at {about.shown_in_words}"
        known.author = "Secretariat"
        known.comments = about.source
        known.keywords = about.plan.code
        known.language = LANGUAGE
        known.created = known.modified = about.made_at.replace(tzinfo=None)

    def styles(self) -> None:
        """Set the styles of text and tables, which the reader can change in Word in one place."""
        styles = self.word.styles
        normal = styles["Normal"]
        self.font(normal, 10)
        normal.paragraph_format.space_after = Pt(4)
        for name, size in (("Title", 19), ("Subtitle", 14), ("Heading 1", 15), ("Heading 2", 12), ("Heading 3", 10.5)):
            self.font(styles[name], size, bold=name != "Subtitle", colour=DARK)
        for name, size, bold in PARAGRAPHS:
            style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            style.base_style = normal
            self.font(style, size, bold=bold, colour="FFFFFF" if name == "Plan band" else "")
            style.paragraph_format.space_after = style.paragraph_format.space_before = Pt(1)
        for name in ("Plan band", "Plan heading"):
            styles[name].paragraph_format.keep_with_next = True
        for name, colour in (("strong", ""), ("muted", "4A5A61"), ("sign", ""), ("reference", "1F5A73")):
            style = styles.add_style(LOOKS[name], WD_STYLE_TYPE.CHARACTER)
            style.font.bold = name in ("strong", "reference") or None
            if colour:
                style.font.color.rgb = RGBColor.from_string(colour)
        signs = styles[LOOKS["sign"]].element.get_or_add_rPr()
        signs.append(_element("w:rFonts", **dict.fromkeys(("ascii", "hAnsi", "eastAsia", "cs"), SIGNS)))
        self.table_style()

    def font(self, style: Any, size: float, *, bold: bool = False, colour: str = "") -> None:
        """One font for all scripts, in the same size: Word keeps a second size for complex scripts."""
        properties = style.element.get_or_add_rPr()
        for name in ("w:rFonts", "w:sz", "w:szCs", "w:color", "w:b", "w:bCs", "w:lang", "w:spacing", "w:kern"):
            for there in properties.findall(qn(name)):
                properties.remove(there)
        fonts = _element("w:rFonts", **dict.fromkeys(("ascii", "hAnsi", "eastAsia", "cs"), FONT))
        found = [fonts]
        if bold:
            found += [_element("w:b"), _element("w:bCs")]
        if colour:
            found.append(_element("w:color", val=colour))
        half_points = str(int(size * 2))
        found += [_element("w:sz", val=half_points), _element("w:szCs", val=half_points)]
        found.append(_element("w:lang", val=LANGUAGE))
        for child in list(properties):
            properties.remove(child)
        properties.extend(found)

    def table_style(self) -> None:
        """The look of tables, under a name of its own among the styles."""
        style = self.word.styles.add_style("Plan table", WD_STYLE_TYPE.TABLE)
        borders = _element("w:tblBorders")
        for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
            borders.append(_element(f"w:{side}", val="single", sz="4", space="0", color="8FA3AB"))
        margins = _element("w:tblCellMar")
        for side in ("left", "right"):
            margins.append(_element(f"w:{side}", w="70", type="dxa"))
        properties = _element("w:tblPr")
        properties.extend([_element("w:tblStyleRowBandSize", val="1"), borders, margins])
        style.element.append(properties)

    def page(self) -> None:
        """Set landscape A4 with its margins."""
        section = self.word.sections[0]
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Mm(297), Mm(210)
        section.left_margin = section.right_margin = Mm(15)
        section.top_margin, section.bottom_margin = Mm(15), Mm(16)
        section.footer_distance = Mm(7)
        settings = self.word.settings.element
        settings.append(_element("w:themeFontLang", val=LANGUAGE, bidi="th-TH"))

    def footer(self) -> None:
        """Write what stands at the foot of each page, with its number and how many there are."""
        foot = self.word.sections[0].footer.paragraphs[0]
        foot.style = self.word.styles["Plan cell"]
        foot.paragraph_format.tab_stops.clear_all()
        foot.paragraph_format.tab_stops.add_tab_stop(WIDTH, WD_ALIGN_PARAGRAPH.RIGHT)  # type: ignore[arg-type]
        self.texts(foot, ())
        foot.add_run(f"{self.document.footer}\tPage ")
        self.field(foot, "PAGE")
        foot.add_run(" of ")
        self.field(foot, "NUMPAGES")

    def field(self, paragraph: Any, instruction: str) -> None:
        """A number that Word works out."""
        made = _element("w:fldSimple", instr=instruction)
        run, text = _element("w:r"), _element("w:t")
        text.text = "1"
        run.append(text)
        made.append(run)
        paragraph._p.append(made)

    def cover(self) -> None:
        """Write the first page: title, scope and facts."""
        for text, style in ((self.document.title, "Title"), (self.document.subtitle, "Subtitle")):
            self.texts(self.paragraph(style), ((text, ""),))
        self.block(Facts(self.document.cover))

    def block(self, block: Block, following: Block | None = None) -> None:
        """Write one block; a heading stays with ``following``, the block after it."""
        match block:
            case Heading():
                heading = self.paragraph(f"Heading {block.level}")
                heading.paragraph_format.page_break_before = self.begins_page or None
                self.begins_page = False
                self.texts(heading, ((block.text, ""),))
            case Paragraph():
                paragraph = self.paragraph("Normal")
                paragraph.paragraph_format.keep_with_next = isinstance(following, Table) or None
                self.line(paragraph, block.line)
            case Facts():
                for name, value in block.facts:
                    self.texts(self.paragraph("Plan fact"), ((f"{name}: ", "strong"), (value, "")))
            case StatusChart():
                self.chart(block)
            case PageBreak():
                self.begins_page = True
            case Table():
                self.table(block)
                if following is None or isinstance(following, Table):
                    self.paragraph("Plan cell")  # tables that touch would become one; and the last thing is no table

    def paragraph(self, style: str) -> Any:
        """An empty paragraph at the end."""
        made = self.word.add_paragraph()
        self.set_style(made._p, style)
        return made

    def set_style(self, paragraph: Any, style: str) -> None:
        """By the id of the style, which is looked up once: documents have thousands of paragraphs."""
        if style != "Normal":
            paragraph.get_or_add_pPr().append(_element("w:pStyle", val=self.style_id(style)))

    def style_id(self, name: str) -> str:
        """The identifier by which the file refers to the style ``name``."""
        if name not in self.ids:
            self.ids[name] = self.word.styles[name].style_id
        return self.ids[name]

    def chart(self, chart: StatusChart) -> None:
        """Write the chart as a picture, with its figures as the alternative text."""
        paragraph = self.paragraph("Normal")
        paragraph.paragraph_format.space_before = Pt(8)
        shape = paragraph.add_run().add_picture(io.BytesIO(pdf.picture(chart)), width=Mm(125))
        known = shape._inline.docPr
        known.set("descr", chart.in_words)
        known.set("title", "Activities by implementation status")

    def line(self, paragraph: Any, line: Line) -> None:
        """Write ``line`` at the end of ``paragraph``."""
        self.texts(paragraph, self.pairs(line))

    def pairs(self, line: Line) -> list[tuple[str, str]]:
        """The parts of ``line``: each text with its look, empty for plain text."""
        return [(part.text, "" if part.look == "plain" else part.look) for part in line]

    def texts(self, paragraph: Any, texts: Iterable[tuple[str, str]]) -> None:
        """Runs of text, a new one where the script changes, so that each is set in a font that has it."""
        for text, look in texts:
            for part, script in parts_by_script(text):
                run, properties = _element("w:r"), _element("w:rPr")
                if look:
                    properties.append(_element("w:rStyle", val=self.style_id(LOOKS[look])))
                if script is not None:
                    self.scripts.add(script)
                    properties.append(_element("w:rFonts", **dict.fromkeys(("ascii", "hAnsi", "cs"), script.font)))
                    properties.append(_element("w:lang", val=LANGUAGE, bidi=script.language))
                run.append(properties)
                for number, piece in enumerate(part.split("\n")):
                    if number:
                        run.append(_element("w:br"))
                    written = OxmlElement("w:t")
                    written.text = piece
                    written.set(SPACE, "preserve")
                    run.append(written)
                paragraph._p.append(run)

    def table(self, table: Table) -> None:
        """Write ``table``, its heading rows repeated on every page."""
        made = _element("w:tbl")
        properties = _element("w:tblPr")
        style = self.word.styles["Plan table"].style_id
        properties.extend(
            [
                _element("w:tblStyle", val=style),
                _element("w:tblW", w="5000", type="pct"),
                _element("w:tblLayout", type="fixed"),
                _element("w:tblLook", val="0020", firstRow="1", noVBand="1"),
                _element("w:tblCaption", val=table.name),
            ]
        )
        grid = _element("w:tblGrid")
        whole = sum(share for _, share in table.columns)
        twips = [int(WIDTH.twips * share / whole) for _, share in table.columns]
        grid.extend([_element("w:gridCol", w=str(width)) for width in twips])
        made.extend([properties, grid])
        body = self.word.element.body
        body.insert(len(body) - 1, made)  # before the properties of the section, which are last
        if table.band:
            band = self.row(made, is_heading=True)
            self.cell(band, Cell((), colspan=len(twips)), sum(twips), text=(table.band, "Plan band"), fill=DARK)
        heading = self.row(made, is_heading=True)
        for place, ((label, _), width) in enumerate(zip(table.columns, twips, strict=True)):
            over_numbers = table.numbers_from is not None and place >= table.numbers_from
            self.cell(heading, Cell((), is_number=over_numbers), width, text=(label, "Plan heading"), fill=LIGHT)
        self.rows(made, table, twips)

    def rows(self, made: Any, table: Table, twips: Sequence[int]) -> None:
        """Write the rows of ``table`` into the element ``made``; a cell of several rows is merged down."""
        # For each column how many rows a cell from above still reaches down.
        reaching = [0] * len(twips)
        for place, cells in enumerate(table.rows):
            row = self.row(made)
            is_total = table.last_is_total and place == len(table.rows) - 1
            coming = iter(cells)
            column = 0
            while column < len(twips):
                if reaching[column]:
                    reaching[column] -= 1
                    self.cell(row, Cell(()), twips[column], merged="continue")
                    column += 1
                    continue
                one = next(coming)
                width = sum(twips[column : column + one.colspan])
                if one.rowspan > 1:
                    reaching[column] = one.rowspan - 1
                self.cell(
                    row,
                    one,
                    width,
                    merged="restart" if one.rowspan > 1 else "",
                    fill=LIGHT if is_total else "",
                    style="Plan total" if is_total or one.is_heading else "Plan cell",
                )
                column += one.colspan

    def row(self, table: Any, *, is_heading: bool = False) -> Any:
        """A new row at the end of ``table``, kept whole on one page."""
        made = _element("w:tr")
        properties = _element("w:trPr")
        properties.append(_element("w:cantSplit"))
        if is_heading:
            properties.append(_element("w:tblHeader"))
        made.append(properties)
        table.append(made)
        return made

    def cell(
        self,
        row: Any,
        cell: Cell,
        width: int,
        *,
        text: tuple[str, str] | None = None,
        merged: str = "",
        fill: str = "",
        style: str = "Plan cell",
    ) -> None:
        """Write one cell of a row."""
        made, properties = _element("w:tc"), _element("w:tcPr")
        properties.append(_element("w:tcW", w=str(width), type="dxa"))
        if cell.colspan > 1:
            properties.append(_element("w:gridSpan", val=str(cell.colspan)))
        if merged:
            properties.append(_element("w:vMerge", val=merged))
        if fill:
            properties.append(_element("w:shd", val="clear", color="auto", fill=fill))
        made.append(properties)
        row.append(made)
        lines: Sequence[Any] = [((text[0], ""),)] if text else [self.pairs(one) for one in cell.lines] or [()]
        for pairs in lines:
            paragraph = TextParagraph(OxmlElement("w:p"), self.word._body)
            self.set_style(paragraph._p, text[1] if text else style)
            if cell.is_number:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            self.texts(paragraph, pairs)
            made.append(paragraph._p)
