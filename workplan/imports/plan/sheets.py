"""A workbook as its sheets, cell by cell. Only cells that are there are read, however large a sheet says it is."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from workplan.exceptions import BadFile
from workplan.imports.plan.package import Package
from workplan.imports.plan.sheet_values import Formats, S
from workplan.imports.plan.source import Cell, Line, Place, Row, Source, Table

RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
SHADED = "shaded"


def column_of(letters: str) -> int:
    """The number of a column, from 1."""
    count = 0
    for letter in letters:
        count = count * 26 + ord(letter) - ord("A") + 1
    return count


def read_sheets(package: Package, *, most_rows: int, most_columns: int) -> Source:
    """What stands in a workbook, each sheet a table.

    Args:
        package: its parts.
        most_rows, most_columns: how many are read of a sheet.

    Raises:
        BadFile: a sheet has more.
    """
    main = next(iter(package.related("officeDocument")), "xl/workbook.xml")
    return _Reader(package, main, most_rows, most_columns).read()


class _Reader:
    def __init__(self, package: Package, main: str, most_rows: int, most_columns: int) -> None:
        self.package, self.main = package, main
        self.most_rows, self.most_columns = most_rows, most_columns
        self.book = package.xml(main)
        self.source = Source("xlsx", title=package.title())
        properties = self.book.find(f"{S}workbookPr") if self.book is not None else None
        from_1904 = properties is not None and properties.get("date1904", "0") in ("1", "true")
        self.formats = Formats(self._part("styles"), counts_from_1904=from_1904)
        strings = self._part("sharedStrings")
        self.strings = [_rich(item) for item in strings.iter(f"{S}si")] if strings is not None else []

    def _part(self, kind: str) -> Any:
        names = self.package.related(kind, self.main)
        return self.package.xml(names[0]) if names else None

    def read(self) -> Source:
        """All sheets in their order, hidden ones too."""
        parts = {found: name for found, _, name in self.package.relations(self.main)}
        for sheet in self.book.iter(f"{S}sheet") if self.book is not None else ():
            name = sheet.get("name", "")
            part = parts.get(sheet.get(RELATION_ID, ""), "")
            root = self.package.xml(part) if part else None
            if root is None or root.tag != f"{S}worksheet":
                continue
            if sheet.get("state", "visible") != "visible":
                self.source.notices.append(f"Sheet “{name}” is hidden; it is read like any other.")
            table = self._sheet(name, root, self._comments(part))
            if table.rows:
                self.source.tables.append(table)
        return self.source

    def _comments(self, part: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in self.package.related("comments", part):
            root = self.package.xml(name)
            authors = [author.text or "" for author in root.iter(f"{S}author")] if root is not None else []
            for comment in root.iter(f"{S}comment") if root is not None else ():
                text = " ".join(_rich(comment)[0].split())
                number = comment.get("authorId", "")
                by = authors[int(number)] if number.isdigit() and int(number) < len(authors) else ""
                found[comment.get("ref", "")] = f"Comment by {by}: {text}" if by else f"Comment: {text}"
        return found

    def _sheet(self, name: str, root: Any, comments: dict[str, str]) -> Table:
        number = len(self.source.tables) + 1
        table = Table(number, f"Sheet “{name}”", [], sheet=name)
        hidden: list[int] = []
        cells: dict[tuple[int, int], Cell] = {}
        count = 0
        for element in root.iter(f"{S}row"):
            count = _whole(element.get("r"), count + 1)
            row = Row(count, [])
            column = 0
            for one in element.iter(f"{S}c"):
                match = REFERENCE.fullmatch(one.get("r", ""))
                column = column_of(match[1]) if match else column + 1
                cell = self._cell(one, Place(number, count, column), comments.get(one.get("r", ""), ""))
                if cell.lines or cell.mark:
                    row.cells.append(cell)
                    cells[count, column] = cell
            if any(cell.lines for cell in row.cells):
                table.rows.append(row)
                if element.get("hidden", "0") in ("1", "true"):
                    hidden.append(count)
            self._refuse_too_much(name, table, column if row.cells else 0)
        if hidden:
            text = ", ".join(map(str, hidden[:20])) + (" …" if len(hidden) > 20 else "")
            self.source.notices.append(f"{table.name} hides rows that are read like any other: {text}.")
        self._merge(table, root, cells)
        return table

    def _refuse_too_much(self, name: str, table: Table, columns: int) -> None:
        if len(table.rows) > self.most_rows or columns > self.most_columns:
            most = f"{self.most_rows:,} rows and {self.most_columns:,} columns"
            raise BadFile(
                f"Sheet “{name}” has more than {most}. Delete what is no part of the plan, and save it again."
            )

    def _cell(self, element: Any, place: Place, comment: str) -> Cell:
        cell = Cell(place, place.cell, place.cell + 1)
        kind, style = element.get("t", "n"), element.get("s")
        text, bold = self._text(element, kind, style)
        _, _, is_filled, is_bold = self.formats.of(style)
        cell.mark = SHADED if is_filled else ""
        cell.is_number = kind == "n" and bool(text)
        pieces = text.replace("\xa0", " ").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        cell.lines = [Line(piece.strip(), is_strong=bold or is_bold) for piece in pieces if piece.strip()]
        if comment:
            cell.lines = cell.lines or [Line("")]
            cell.lines[-1].remarks = [comment]
        if element.find(f"{S}f") is not None:
            what = "its last result is read" if text else "it has no result, and nothing is read"
            self.source.notices.append(f"{place}: a formula; {what}.".capitalize())
        return cell

    def _text(self, element: Any, kind: str, style: str | None) -> tuple[str, bool]:
        if kind == "inlineStr":
            inner = element.find(f"{S}is")
            return _rich(inner) if inner is not None else ("", False)
        found = element.find(f"{S}v")
        raw = (found.text or "") if found is not None else ""
        if kind == "s":
            known = raw.isdigit() and int(raw) < len(self.strings)
            return self.strings[int(raw)] if known else ("", False)
        if kind == "b":
            return ("TRUE" if raw == "1" else "FALSE"), False
        if kind == "n" and raw:
            return self.formats.shown(raw, style), False
        return _unescaped(raw), False

    def _merge(self, table: Table, root: Any, cells: dict[tuple[int, int], Cell]) -> None:
        """Cells that are merged are one, from its first row to its last and over its columns."""
        rows = {row.number: row for row in table.rows}
        for element in root.iter(f"{S}mergeCell"):
            ends = [REFERENCE.fullmatch(end) for end in element.get("ref", "").split(":")]
            if len(ends) != 2 or ends[0] is None or ends[1] is None:
                continue
            (left, top), (right, bottom) = ((column_of(end[1]), int(end[2])) for end in ends)  # type: ignore[index]
            first = cells.get((top, left))
            if first is None:
                continue
            first.right = right + 1
            for number in sorted(found for found in rows if top <= found <= bottom):
                row = rows[number]
                covered = [cell for cell in row.cells if cell is not first and left <= cell.left <= right]
                # Nobody sees what stands under a merged cell; it is asked about, not lost.
                first.hidden += [cell.text for cell in covered if cell.lines]
                row.cells = [cell for cell in row.cells if cell is first or not left <= cell.left <= right]
                if number > top:
                    place = Place(first.place.table, number, left)
                    row.cells.append(Cell(place, left, right + 1, origin=first))
                    row.cells.sort(key=lambda cell: cell.left)


def _whole(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() and len(text) < 9 else default


def _rich(element: Any) -> tuple[str, bool]:
    """The text of an item, without the small print that says how it is pronounced, and whether all of it is bold."""
    texts, bold = [], []
    for text, is_bold in _runs(element):
        texts.append(_unescaped(text))
        if text.strip():
            bold.append(is_bold)
    return "".join(texts), bool(bold) and all(bold)


def _runs(element: Any) -> Iterator[tuple[str, bool]]:
    for inner in element:
        if inner.tag == f"{S}t":
            yield inner.text or "", False
        elif inner.tag == f"{S}r":
            found = inner.find(f"{S}rPr/{S}b")
            for text in inner.findall(f"{S}t"):
                yield text.text or "", found is not None and found.get("val", "1") not in ("0", "false")
        elif inner.tag == f"{S}text":
            yield from _runs(inner)


def _unescaped(text: str) -> str:
    """Characters that XML cannot hold are written by number (ECMA-376, part 1, 22.9.2.19)."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


def parts_at_headings(tables: list[Table], new_headings: Callable[[Table], list[int]]) -> list[Table]:
    """The tables, each divided where a further heading row begins another table below it."""
    found: list[Table] = []
    for table in tables:
        starts = [0, *new_headings(table)]
        for start, end in zip(starts, [*starts[1:], len(table.rows)], strict=True):
            part = Table(0, table.name, table.rows[start:end], table.before if not start else [], table.sheet)
            if len(starts) > 1:
                part.name = f"{table.name}, rows {part.rows[0].number}–{part.rows[-1].number}"
            part.renumber(len(found) + 1)
            found.append(part)
    return found
