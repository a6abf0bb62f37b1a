"""Automatic numbers and bullets of Word documents, as Word would print them."""

import re
from collections.abc import Mapping
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
VALUE = f"{W}val"
LEVELS = 9
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"))
ROMAN = (*_ROMAN, (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


def child(element: Any, *names: str) -> Any:
    """The element that ``names`` lead to, step by step; ``None`` where there is none."""
    for name in names:
        if element is None:
            return None
        element = element.find(f"{W}{name}")
    return element


def value(element: Any, *names: str, default: str = "") -> str:
    """The value of the element that ``names`` lead to."""
    found = child(element, *names)
    return default if found is None else str(found.get(VALUE, default))


def number(text: str, default: int = 0) -> int:
    """A whole number of a file; ``default`` where it is none."""
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else default


class Numbering:
    """Counts the paragraphs of every list of one document, in the order in which they are asked for.

    Args:
        numbering: the root of the part with the lists; ``None`` where a document has none.
        styles: the styles of the document by id.
    """

    def __init__(self, numbering: Any, styles: Mapping[str, Any]) -> None:
        self.styles = styles
        self.abstract: dict[str, Any] = {}
        self.lists: dict[str, Any] = {}
        self.counts: dict[str, list[int | None]] = {}
        self.begun: set[str] = set()
        for element in numbering if numbering is not None else ():
            if element.tag == f"{W}abstractNum":
                self.abstract[element.get(f"{W}abstractNumId", "")] = element
            elif element.tag == f"{W}num":
                self.lists[element.get(f"{W}numId", "")] = element

    def of(self, paragraph: Any) -> tuple[str, int]:
        """The number or bullet of ``paragraph`` and its level; an empty text where it has none."""
        list_id, level = self._list_of(paragraph)
        found = self.lists.get(list_id)
        if found is None or not 0 <= level < LEVELS:
            return "", 0
        abstract_id = self._abstract_of(found)
        definition = self._level(found, abstract_id, level)
        if definition is None:
            return "", 0
        counts = self.counts.setdefault(abstract_id, [None] * LEVELS)
        self._begin(list_id, found, counts)
        start = number(value(definition, "start", default="1"), 1)
        current = counts[level]
        counts[level] = start if current is None else current + 1
        for deeper in range(level + 1, LEVELS):
            restart = value(self._level(found, abstract_id, deeper), "lvlRestart")
            if restart != "0":
                counts[deeper] = None
        return self._printed(found, abstract_id, level, definition, counts), level

    def _list_of(self, paragraph: Any) -> tuple[str, int]:
        own = child(paragraph, "pPr", "numPr")
        style_id = value(paragraph, "pPr", "pStyle")
        list_id, level = value(own, "numId"), value(own, "ilvl")
        seen: set[str] = set()
        while not list_id and style_id in self.styles and style_id not in seen:
            seen.add(style_id)
            style = self.styles[style_id]
            inherited = child(style, "pPr", "numPr")
            list_id = value(inherited, "numId")
            level = level or value(inherited, "ilvl") or (self._level_of_style(list_id, style_id) if list_id else "")
            style_id = value(style, "basedOn")
        return list_id, number(level)

    def _level_of_style(self, list_id: str, style_id: str) -> str:
        found = self.lists.get(list_id)
        abstract = self.abstract.get(self._abstract_of(found)) if found is not None else None
        for definition in abstract if abstract is not None else ():
            if definition.tag == f"{W}lvl" and value(definition, "pStyle") == style_id:
                return str(definition.get(f"{W}ilvl", ""))
        return ""

    def _abstract_of(self, found: Any) -> str:
        """The definition behind a list, through a style of lists where it names one."""
        abstract_id = value(found, "abstractNumId")
        linked = value(self.abstract.get(abstract_id), "numStyleLink")
        if linked in self.styles:
            other = self.lists.get(value(self.styles[linked], "pPr", "numPr", "numId"))
            if other is not None and value(other, "abstractNumId") in self.abstract:
                return value(other, "abstractNumId")
        return abstract_id

    def _level(self, found: Any, abstract_id: str, level: int) -> Any:
        for override in found.findall(f"{W}lvlOverride"):
            if override.get(f"{W}ilvl") == str(level) and child(override, "lvl") is not None:
                return child(override, "lvl")
        abstract = self.abstract.get(abstract_id)
        for definition in abstract.findall(f"{W}lvl") if abstract is not None else ():
            if definition.get(f"{W}ilvl") == str(level):
                return definition
        return None

    def _begin(self, list_id: str, found: Any, counts: list[int | None]) -> None:
        """Where a list of its own begins anew, its numbers do."""
        if list_id in self.begun:
            return
        self.begun.add(list_id)
        for override in found.findall(f"{W}lvlOverride"):
            start = value(override, "startOverride")
            level = number(override.get(f"{W}ilvl", ""), -1)
            if start and 0 <= level < LEVELS:
                counts[level] = number(start, 1) - 1

    def _printed(self, found: Any, abstract_id: str, level: int, definition: Any, counts: list[int | None]) -> str:
        if value(definition, "numFmt") == "bullet":
            bullet = value(definition, "lvlText").strip()
            return bullet if bullet in ("-", "–", "—", "_") else "•"
        legal = child(definition, "isLgl") is not None

        def of_level(match: re.Match[str]) -> str:
            """The number of one level."""
            wanted = int(match[1]) - 1
            one = self._level(found, abstract_id, wanted)
            counted = counts[wanted]
            if counted is None:
                counted = number(value(one, "start", default="1"), 1)
            style = value(one, "numFmt", default="decimal")
            return formatted(counted, "decimal" if legal and wanted < level else style)

        return re.sub(r"%([1-9])", of_level, value(definition, "lvlText")).strip()


def formatted(count: int, style: str) -> str:
    """``count`` as a list of this style prints it."""
    if style == "none":
        return ""
    if count < 1:
        return str(count)
    if style in ("lowerLetter", "upperLetter"):
        # Word goes on with aa, bb, cc after z.
        letters = chr(ord("a") + (count - 1) % 26) * (1 + (count - 1) // 26)
        return letters.upper() if style == "upperLetter" else letters
    if style in ("lowerRoman", "upperRoman") and count < 4000:
        roman, left = "", count
        for worth, letters in ROMAN:
            roman, left = roman + letters * (left // worth), left % worth
        return roman.upper() if style == "upperRoman" else roman
    return f"{count:02}" if style == "decimalZero" else str(count)
