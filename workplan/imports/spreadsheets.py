"""The parts of a workbook: sheets, shared texts, number formats, and the system its dates are counted in."""

import datetime
import functools
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from xml.parsers import expat

from workplan.exceptions import BadFile

_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})", re.IGNORECASE)
# The number formats that every program knows as dates or times without being told (ECMA-376, 18.8.30).
DATE_FORMATS = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
# What is no letter of a date in the code of a format: quoted words, colours and conditions, escaped characters.
_NOT_LETTERS = re.compile(r'"[^"]*"|\[(?!h+\]|m+\]|s+\])[^\]]*\]|\\.|_.|\*.', re.IGNORECASE)
# Serial numbers from which a number that is formatted as none may be one: 1954 to 2118 in the system of 1900.
LIKELY_DAYS = range(20_000, 80_000)
MOST_TEXTS, MOST_CHARACTERS = 1_000_000, 30_000_000
PIECE = 64 * 1024  # bytes

RawCell = tuple[int, str, "str | float", bool]
NOT_PLAIN = "The workbook holds more text than is read. Send it in parts."


@dataclass(frozen=True, slots=True)
class Part:
    """Where a sheet is."""

    name: str
    path: str
    is_hidden: bool


# Whether an element begins or ends; its name, without its namespace, of which strict documents have others; its
# attributes where it begins; and where one without others in it ends, what stands in it.
Event = tuple[bool, str, dict[str, str], str]
NOTHING: dict[str, str] = {}


def events(package: zipfile.ZipFile, path: str) -> Iterator[Event]:
    """The elements of a part, one after the other: no tree of them is ever kept."""
    waiting: list[Event] = []
    text: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def _start(name: str, attributes: dict[str, str]) -> None:
        text.clear()
        own = {_local(key): value for key, value in attributes.items()} if attributes else NOTHING
        waiting.append((True, _local(name), own, ""))

    def _end(name: str) -> None:
        waiting.append((False, _local(name), NOTHING, "".join(text)))
        text.clear()

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = _start, _end, text.append
    with package.open(path) as file:
        while piece := file.read(PIECE):
            parser.Parse(piece)
            yield from waiting
            waiting.clear()


class Workbook:
    """A workbook whose parts were checked (``workplan.imports.files``)."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self.package = package
        self._names = {name.lower(): name for name in package.namelist()}
        self.path = self._main_part()
        self._targets = self._relations(self.path)
        book = [(name, attributes) for begins, name, attributes, _ in events(package, self.path) if begins]
        counts_from_1904 = any(
            name == "workbookPr" and attributes.get("date1904") in ("1", "true", "on") for name, attributes in book
        )
        # Excel counts 29 February 1900, which never was, so its days after that are one ahead.
        self._zero = datetime.datetime(1904, 1, 1) if counts_from_1904 else datetime.datetime(1899, 12, 30)
        self.sheets = list(self._sheets(book))
        self._texts = self._shared_texts()
        self._dates = self._date_styles()

    def day(self, serial: float) -> datetime.date | None:
        """The day that a plain number may stand for: a whole one, of a time in which plans are made."""
        if not serial.is_integer() or int(serial) not in LIKELY_DAYS:
            return None
        moment = self.moment(serial)
        return moment.date() if moment else None

    def moment(self, serial: float) -> datetime.datetime | None:
        """The moment that a serial number stands for; ``None`` where it is beyond the calendar."""
        try:
            # Times are fractions of a day, and come out some microseconds beside the minute.
            exact = self._zero + datetime.timedelta(seconds=round(serial * 86_400))
        except (OverflowError, ValueError):
            return None
        return exact if exact.year >= 1900 else None

    def rows(self, part: Part) -> Iterator[tuple[int, bool, list[RawCell]]]:
        """The rows of a sheet: number, whether it is hidden, and its cells with column, type, value and formula."""
        number, place, is_hidden, cells = 0, -1, False, list[RawCell]()
        kind, style, value, has_formula = "n", 0, "", False
        for begins, name, attributes, text in events(self.package, part.path) if part.path else ():
            if name == "c":
                if begins:
                    found = _REFERENCE.fullmatch(attributes.get("r", ""))
                    place = _place(found[1].upper()) if found else place + 1
                    kind, style = attributes.get("t", "n"), _number(attributes.get("s"))
                    value, has_formula = "", False
                elif value or has_formula:
                    cells.append(self._value(place, kind, value, style, has_formula))
            elif name == "row":
                if begins:
                    given = _number(attributes.get("r"))
                    number, place, cells = given or number + 1, -1, []
                    is_hidden = attributes.get("hidden") in ("1", "true")
                else:
                    yield number, is_hidden, cells
            elif begins:
                continue
            elif name == "v":
                value = text
            elif name == "f":
                has_formula = True
            elif name == "t" and kind == "inlineStr":
                value += text
            elif name == "sheetData":
                return

    def _value(self, place: int, kind: str, value: str, style: int, has_formula: bool) -> RawCell:
        match kind:
            case "s":
                number = int(value) if value.isdigit() else -1
                return place, "t", self._texts[number] if 0 <= number < len(self._texts) else "", has_formula
            case "b":
                return place, "t", ("TRUE" if value == "1" else "FALSE") if value else "", has_formula
            case "d":
                return place, "t", value.partition("T")[0], has_formula
            case "e":
                return place, "e", value, has_formula
            case "n" if value:
                try:
                    return place, "d" if style in self._dates else "n", float(value), has_formula
                except (ValueError, OverflowError):
                    return place, "t", value, has_formula
        return place, "t", _unescaped(value), has_formula

    def _sheets(self, book: list[tuple[str, dict[str, str]]]) -> Iterator[Part]:
        for name, attributes in book:
            kind, path = self._targets.get(attributes.get("id", ""), ("", ""))
            if name == "sheet" and kind == "worksheet":
                is_hidden = attributes.get("state", "visible") != "visible"
                yield Part(attributes.get("name", ""), self._names.get(path.lower(), ""), is_hidden)

    def _main_part(self) -> str:
        for kind, path in self._relations("").values():
            if kind == "officeDocument" and path.lower() in self._names:
                return self._names[path.lower()]
        raise BadFile("The list of sheets is missing in the workbook. Open it in its program and save it again.")

    def _relations(self, of: str) -> dict[str, tuple[str, str]]:
        """What a part refers to: by id, the kind and the path."""
        folder, own = posixpath.split(of)
        path = self._names.get(posixpath.join(folder, "_rels", f"{own}.rels").lower())
        if path is None:
            return {}
        found = {}
        for begins, name, attributes, _ in events(self.package, path):
            if begins and name == "Relationship":
                target = attributes.get("Target", "")
                joined = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
                kind = posixpath.basename(attributes.get("Type", ""))
                found[attributes.get("Id", "")] = (kind, posixpath.normpath(joined))
        return found

    def _related(self, kind: str) -> str:
        path = next((path for one, path in self._targets.values() if one == kind), "")
        return self._names.get(path.lower(), "")

    def _shared_texts(self) -> list[str]:
        path = self._related("sharedStrings")
        texts: list[str] = []
        pieces: list[str] = []
        characters, is_spoken = 0, False
        for begins, name, _, text in events(self.package, path) if path else ():
            if name == "si":
                if begins:
                    pieces = []
                else:
                    texts.append(_unescaped("".join(pieces)))
            elif name == "rPh":  # how it is to be pronounced is no part of the text
                is_spoken = begins
            elif name == "t" and not begins and not is_spoken:
                pieces.append(text)
                characters += len(text)
            if len(texts) > MOST_TEXTS or characters > MOST_CHARACTERS:
                raise BadFile(NOT_PLAIN)
        return texts

    def _date_styles(self) -> frozenset[int]:
        """The styles of cells whose numbers are shown as dates or times."""
        path = self._related("styles")
        codes: dict[int, str] = {}
        found = set()
        style, is_inside = 0, False
        for begins, name, attributes, _ in events(self.package, path) if path else ():
            if name == "cellXfs":
                is_inside = begins
            elif not begins:
                continue
            elif name == "numFmt":
                codes[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
            elif name == "xf" and is_inside:
                number = _number(attributes.get("numFmtId"))
                code = _NOT_LETTERS.sub("", codes.get(number, ""))
                if number in DATE_FORMATS or re.search("[ymdhs]", code, re.IGNORECASE):
                    found.add(style)
                style += 1
        return frozenset(found)


def _unescaped(text: str) -> str:
    """The characters that the format writes by their numbers (ST_Xstring)."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


@functools.lru_cache(maxsize=1_000)
def _local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition(" ")[2]


@functools.lru_cache(maxsize=20_000)
def _place(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
