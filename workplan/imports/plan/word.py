"""A Word document as its tables, cell by cell, by walking its own elements.

python-docx loses tracked insertions and moves, content controls, tables in cells and symbols, reads what was deleted
or hidden, shifts cells of rows that begin late, and stops at a cell that continues nothing. Elements are those of
WordprocessingML (ECMA-376, part 1, 17).
"""

from collections.abc import Callable, Iterator
from typing import Any

from workplan.imports.plan.numbering import VALUE, Numbering, W, child, number, value
from workplan.imports.plan.package import Package
from workplan.imports.plan.source import Cell, Line, Place, Row, Source, Table
from workplan.imports.plan.word_text import OFF, Gathered, Paragraphs, Styles, remarks_of

OWN_TABLE = "Plan table"
WHITE = ("", "auto", "ffffff", "clear")
LONGEST_QUOTE = 300


def read_word(package: Package, is_plan: Callable[[Table], bool]) -> Source:
    """What stands in a Word document.

    Args:
        package: its parts.
        is_plan: whether a table has the headings of a plan; one in a cell that has them is a table of its own.
    """
    main = next(iter(package.related("officeDocument")), "word/document.xml")
    return _Reader(package, main, is_plan).read()


class _Reader:
    def __init__(self, package: Package, main: str, is_plan: Callable[[Table], bool]) -> None:
        self.package, self.main, self.is_plan = package, main, is_plan
        self.styles = Styles(self._part("styles"))
        roots = {kind: self._part(f"{kind}s") for kind in ("comment", "footnote", "endnote")}
        numbering = Numbering(self._part("numbering"), self.styles.by_id)
        self.paragraphs = Paragraphs(self.styles, numbering, remarks_of(roots))
        self.source = Source("docx", title=package.title())
        self.nested: list[Table] = []

    def _part(self, kind: str) -> Any:
        names = self.package.related(kind, self.main)
        return self.package.xml(names[0]) if names else None

    def read(self) -> Source:
        """The tables of the body, and the text before, between and after them."""
        before: list[Line] = []
        body = child(self.package.xml(self.main), "body")
        for element in _blocks(body if body is not None else ()):
            if element.tag == f"{W}p":
                before += self._between(element)
                continue
            table = self._table(element, len(self.source.tables) + 1)
            # A table that only holds others side by side is no table of the plan.
            inner, self.nested = self.nested, []
            if table.rows and (not inner or any(cell.is_filled for cell in table.cells())):
                table.before, before = before, []
                self.source.tables.append(table)
            for one in inner:
                one.renumber(len(self.source.tables) + 1)
                one.name = f"Table {one.number}"
                one.before, before = before, []
                self.source.tables.append(one)
        self._around(body, before)
        return self.source

    def _between(self, paragraph: Any) -> list[Line]:
        gathered = Gathered()
        lines = self.paragraphs.lines(paragraph, gathered)
        for box in gathered.boxes:
            lines += self.paragraphs.lines(box, Gathered())
        style_id = value(paragraph, "pPr", "pStyle")
        own = value(paragraph, "pPr", "outlineLvl")
        level = int(own) + 1 if own.isdigit() and len(own) == 1 else self.styles.outline(style_id)
        for line in lines:
            line.level = level if not line.marker else line.level
            if level and not line.style.lower().startswith("heading"):
                line.style = f"heading {level}"
        self.source.around += [("body", f"{line.marker} {line.text}".strip()) for line in lines]
        self._tell(gathered, "between the tables")
        return lines

    def _around(self, body: Any, after: list[Line]) -> None:
        """Headers and footers: the edition and its date often stand only there."""
        for kind in ("header", "footer"):
            seen: set[str] = set()
            for name in self.package.related(kind, self.main):
                root = self.package.xml(name)
                for paragraph in root.iter(f"{W}p") if root is not None else ():
                    for line in self.paragraphs.lines(paragraph, Gathered()):
                        if line.text not in seen:
                            seen.add(line.text)
                            self.source.around.append((kind, line.text))

    def _table(self, element: Any, table_number: int) -> Table:
        widths = [max(1, number(column.get(f"{W}w", ""), 1)) for column in element.findall(f"{W}tblGrid/{W}gridCol")]
        style = self.styles.name(value(element, "tblPr", "tblStyle"))
        self.source.is_ours = self.source.is_ours or style == OWN_TABLE
        table = Table(table_number, f"Table {table_number}", [])
        above: dict[int, Cell] = {}
        for count, row in enumerate(_inner(element, "tr"), start=1):
            if child(row, "trPr", "del") is not None:
                text = self._quote(row)
                self.source.notices.append(f"Table {table_number}, row {count} was deleted by a tracked change: {text}")
                continue
            table.rows.append(self._row(row, Place(table_number, count, 0), widths, above))
        return table

    def _row(self, row: Any, at: Place, widths: list[int], above: dict[int, Cell]) -> Row:
        """A row. ``above`` has, by the column in which they begin, the cells that a cell of it may continue."""
        heading = child(row, "trPr", "tblHeader")
        made = Row(at.row, [], is_heading=heading is not None and heading.get(VALUE, "1") not in OFF)
        column = number(value(row, "trPr", "gridBefore"))
        reached: dict[int, Cell] = {}
        for count, element in enumerate(_inner(row, "tc"), start=1):
            span = max(1, number(value(element, "tcPr", "gridSpan"), 1))
            place = Place(at.table, at.row, count)
            cell = Cell(place, _across(widths, column), _across(widths, column + span))
            if child(element, "tcPr", "cellDel") is not None:
                text = self._quote(element)
                where = str(place).capitalize()
                self.source.notices.append(f"{where} was deleted by a tracked change: {text}")
                column += span
                continue
            merged = child(element, "tcPr", "vMerge")
            self._fill(cell, element)
            sideways = child(element, "tcPr", "hMerge")
            if sideways is not None and sideways.get(VALUE, "continue") == "continue" and made.cells:
                made.cells[-1].right = cell.right
                made.cells[-1].lines += cell.lines
                column += span
                continue
            if merged is not None and merged.get(VALUE, "continue") == "continue":
                self._continue(cell, above.get(column))
            if merged is not None:
                reached[column] = cell.origin or cell
            made.cells.append(cell)
            column += span
        above.clear()
        above.update(reached)
        return made

    def _continue(self, cell: Cell, origin: Cell | None) -> None:
        if origin is None:
            # Other programs write this; with nothing to continue it is a cell of its own.
            self.source.notices.append(f"{cell.place} continues no cell above it; it is read as its own.".capitalize())
            return
        cell.origin = origin
        if any(line.text for line in cell.lines):
            # Word does not show it, and other programs do: nothing of it is lost.
            origin.lines += cell.lines
            self.source.notices.append(f"{cell.place} has words of its own although it is merged.".capitalize())
            cell.lines = []

    def _fill(self, cell: Cell, element: Any) -> None:
        gathered = Gathered()
        shading = child(element, "tcPr", "shd")
        fill = shading.get(f"{W}fill", "").lower() if shading is not None else ""
        for block in _blocks(element):
            if block.tag == f"{W}p":
                cell.lines += self.paragraphs.lines(block, gathered)
            else:
                self._inner_table(cell, block)
        for box in gathered.boxes:
            cell.lines += self.paragraphs.lines(box, gathered)
        if gathered.boxes:
            self.source.notices.append(f"{cell.place}: the words of a text box were read with it.".capitalize())
        if fill not in WHITE:
            cell.mark = "shaded"
        cell.hidden += [text.strip() for text in gathered.hidden if text.strip()]
        self._tell(gathered, str(cell.place))

    def _inner_table(self, cell: Cell, element: Any) -> None:
        """A table in a cell: one of its own where it has the headings of a plan, else lines of the cell."""
        table = self._table(element, cell.place.table)
        if self.is_plan(table):
            self.nested.append(table)
            return
        lines = [line for row in table.rows for inner in row.cells for line in inner.lines]
        cell.hidden += [text for inner in table.cells() for text in inner.hidden]
        cell.lines += lines
        if lines:
            text = f"{cell.place}: a table stands in it, whose cells were read as lines of the cell."
            self.source.notices.append(text.capitalize())

    def _tell(self, gathered: Gathered, where: str) -> None:
        for what, texts in (("Deleted by a tracked change", gathered.deleted), ("A prompt", gathered.placeholders)):
            for text in texts:
                if text.strip():
                    self.source.notices.append(f"{what}, not read ({where}): “{text.strip()[:LONGEST_QUOTE]}”")

    def _quote(self, element: Any) -> str:
        texts = ("".join(run.text or "" for run in each.iter(f"{W}t", f"{W}delText")) for each in element.iter(f"{W}p"))
        return f"“{' '.join(' '.join(texts).split())[:LONGEST_QUOTE]}”"


def _across(widths: list[int], column: int) -> int:
    """Where a column begins across the table. Columns that the grid does not name are as wide as the last."""
    known = sum(widths[:column])
    return known + max(0, column - len(widths)) * (widths[-1] if widths else 1)


def _blocks(element: Any) -> Iterator[Any]:
    """Paragraphs and tables of ``element``, those in content controls and custom markup included."""
    for inner in element:
        if inner.tag in (f"{W}p", f"{W}tbl"):
            yield inner
        elif inner.tag == f"{W}sdt":
            content = child(inner, "sdtContent")
            yield from _blocks(content if content is not None else ())
        elif inner.tag in (f"{W}customXml", f"{W}ins", f"{W}moveTo"):
            yield from _blocks(inner)


def _inner(element: Any, name: str) -> Iterator[Any]:
    """Rows of a table or cells of a row, those in content controls and custom markup included."""
    for inner in element:
        if inner.tag == f"{W}{name}":
            yield inner
        elif inner.tag == f"{W}sdt":
            content = child(inner, "sdtContent")
            yield from _inner(content if content is not None else (), name)
        elif inner.tag in (f"{W}customXml", f"{W}ins", f"{W}moveTo"):
            yield from _inner(inner, name)
