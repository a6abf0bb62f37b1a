"""Paragraphs of a Word document as lines: what somebody reads who accepts all tracked changes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from workplan.imports.plan.numbering import VALUE, Numbering, W, child, value
from workplan.imports.plan.source import Line

CHOICE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Choice"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
ALTERNATE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
MATH = [f"{{http://schemas.openxmlformats.org/officeDocument/2006/math}}{name}" for name in ("oMath", "oMathPara")]
# What was taken away by a tracked change, or moved to another place.
GONE = {f"{W}del", f"{W}moveFrom"}
# What stands round the text and says nothing of its own.
AROUND = {
    f"{W}{name}" for name in ("hyperlink ins moveTo smartTag fldSimple customXml dir bdo ruby rubyBase rt").split()
}
# Pictures of characters by font and code, as Unicode has them (Wingdings, Wingdings 2, Symbol).
SYMBOLS = {
    ("wingdings", 0xFC): "✓", ("wingdings", 0xFE): "☑", ("wingdings", 0xFB): "✗", ("wingdings", 0xFD): "☒",
    ("wingdings", 0xA8): "☐", ("wingdings", 0x6F): "☐", ("wingdings", 0x78): "☒", ("wingdings", 0xA7): "▪",
    ("wingdings", 0xD8): "➢", ("wingdings", 0xE0): "→", ("wingdings", 0xF0): "⇨", ("wingdings", 0x9F): "•",
    ("wingdings 2", 0x50): "✓", ("wingdings 2", 0x52): "☑", ("wingdings 2", 0x4F): "✗", ("wingdings 2", 0xA3): "☐",
    ("wingdings 2", 0x53): "☒", ("symbol", 0xB7): "•", ("symbol", 0xD6): "√", ("symbol", 0xAE): "→",
}  # fmt: skip
OWN_REFERENCE, OWN_REMARK = "Plan reference", "Plan note"
OFF = ("0", "false", "off", "none")


@dataclass(slots=True)
class Piece:
    """Text with one look."""

    text: str
    is_strong: bool
    style: str


@dataclass(slots=True)
class Gathered:
    """What a paragraph holds besides its text.

    Attributes:
        hidden: text that is not shown.
        deleted: text that a tracked change took away.
        boxes: paragraphs of text boxes in it.
        remarks: comments and footnotes at it.
    """

    hidden: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    boxes: list[Any] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    placeholders: list[str] = field(default_factory=list)


class Styles:
    """The styles of a document, by id."""

    def __init__(self, root: Any) -> None:
        found = root.findall(f"{W}style") if root is not None else []
        self.by_id: dict[str, Any] = {style.get(f"{W}styleId", ""): style for style in found}

    def name(self, style_id: str) -> str:
        """What people call it."""
        return value(self.by_id.get(style_id), "name")

    def says(self, style_id: str, name: str) -> bool:
        """Whether the style, or one that it is based on, sets the property ``name`` of its text."""
        seen: set[str] = set()
        while style_id in self.by_id and style_id not in seen:
            seen.add(style_id)
            found = child(self.by_id[style_id], "rPr", name)
            if found is not None:
                return found.get(VALUE, "1") not in OFF
            style_id = value(self.by_id[style_id], "basedOn")
        return False

    def outline(self, style_id: str) -> int:
        """The level of a heading, from 1; 0 for other text."""
        seen: set[str] = set()
        while style_id in self.by_id and style_id not in seen:
            seen.add(style_id)
            level = value(self.by_id[style_id], "pPr", "outlineLvl")
            if level.isdigit() and len(level) < 3 and int(level) < 9:
                return int(level) + 1
            style_id = value(self.by_id[style_id], "basedOn")
        return 0


class Paragraphs:
    """Reads paragraphs, in the order of the document.

    Args:
        styles: the styles of the document.
        numbering: counts its lists.
        remark: gives the text of a comment or note by kind and id.
    """

    def __init__(self, styles: Styles, numbering: Numbering, remark: Callable[[str, str], str]) -> None:
        self.styles, self.numbering, self.remark = styles, numbering, remark

    def lines(self, paragraph: Any, gathered: Gathered) -> list[Line]:
        """The lines of a paragraph: more than one where it is broken by hand."""
        style_id = value(paragraph, "pPr", "pStyle")
        rows: list[list[Piece]] = [[]]
        remarks_before = len(gathered.remarks)
        for piece in self._pieces(paragraph, style_id, gathered):
            first, *others = piece.text.split("\n")
            rows[-1].append(Piece(first, piece.is_strong, piece.style))
            rows.extend([Piece(text, piece.is_strong, piece.style)] for text in others)
        remarks, gathered.remarks[remarks_before:] = gathered.remarks[remarks_before:], []
        found = [line for pieces in rows if (line := self._line(pieces)).text or line.ref]
        if found or not _is_deleted(paragraph):
            marker, level = self.numbering.of(paragraph) if found else ("", 0)
            if found:
                found[0].marker, found[0].level = marker, level
        if remarks:
            found = found or [Line("")]
            found[-1].remarks = remarks
        name = self.styles.name(style_id)
        for line in found:
            line.style = name
        return found

    def _line(self, pieces: list[Piece]) -> Line:
        shown = [piece for piece in pieces if piece.text.strip()]
        line = Line("")
        if shown and shown[0].style == OWN_REFERENCE:
            line.ref = shown[0].text.strip()
            pieces = pieces[pieces.index(shown[0]) + 1 :]
            shown = shown[1:]
        line.text = "".join(piece.text for piece in pieces).replace("\xa0", " ").strip()
        line.is_strong = bool(shown) and all(piece.is_strong for piece in shown)
        line.is_remark = bool(shown) and all(piece.style == OWN_REMARK for piece in shown)
        return line

    def _pieces(self, element: Any, style_id: str, gathered: Gathered) -> Iterator[Piece]:
        for inner in element:
            tag = inner.tag
            if tag == f"{W}r":
                yield from self._run(inner, style_id, gathered)
            elif tag in GONE:
                gathered.deleted.append(_all_text(inner))
            elif tag == f"{W}sdt":
                yield from self._control(inner, style_id, gathered)
            elif tag in AROUND:
                yield from self._pieces(inner, style_id, gathered)
            elif tag == ALTERNATE:
                chosen = inner.find(CHOICE)
                chosen = inner.find(FALLBACK) if chosen is None else chosen
                yield from self._pieces(chosen if chosen is not None else (), style_id, gathered)
            elif tag in MATH:
                yield Piece("".join(text.text or "" for text in inner.iter(MATH_TEXT)), False, "")

    def _control(self, control: Any, style_id: str, gathered: Gathered) -> Iterator[Piece]:
        """A content control: what was filled in, not the prompt to fill it in."""
        content = child(control, "sdtContent")
        if content is None:
            return
        pieces = list(self._pieces(content, style_id, gathered))
        if child(control, "sdtPr", "showingPlcHdr") is not None:
            gathered.placeholders += [piece.text for piece in pieces if piece.text.strip()]
            return
        yield from pieces

    def _run(self, run: Any, style_id: str, gathered: Gathered) -> Iterator[Piece]:
        run_style = value(run, "rPr", "rStyle")
        text = "".join(self._run_texts(run, gathered))
        if not text:
            return
        if self._is(run, run_style, style_id, "vanish"):
            gathered.hidden.append(text)
            return
        yield Piece(text, self._is(run, run_style, "", "b"), self.styles.name(run_style))

    def _is(self, run: Any, run_style: str, style_id: str, name: str) -> bool:
        own = child(run, "rPr", name)
        if own is not None:
            return own.get(VALUE, "1") not in OFF
        return self.styles.says(run_style, name) or self.styles.says(style_id, name)

    def _run_texts(self, run: Any, gathered: Gathered) -> Iterator[str]:
        for inner in run:
            name = inner.tag.removeprefix(W) if isinstance(inner.tag, str) else ""
            if name == "t":
                yield inner.text or ""
            elif name in ("tab", "ptab"):
                yield "\t"
            elif name in ("br", "cr"):
                yield "\n"
            elif name == "noBreakHyphen":
                yield "-"
            elif name == "sym":
                yield symbol(inner)
            elif name == "delText":
                gathered.deleted.append(inner.text or "")
            elif name == "fldChar":
                yield _form_field(inner)
            elif name in ("footnoteReference", "endnoteReference", "commentReference"):
                remark = self.remark(name.removesuffix("Reference"), inner.get(f"{W}id", ""))
                if remark:
                    gathered.remarks.append(remark)
            elif name in ("drawing", "pict", "object"):
                gathered.boxes += _boxes(inner)
            elif inner.tag == ALTERNATE:
                chosen = inner.find(CHOICE)
                for each in chosen if chosen is not None else inner:
                    gathered.boxes += _boxes(each)


def symbol(element: Any) -> str:
    """A character that is set by its number in a font of pictures."""
    font, code = element.get(f"{W}font", ""), element.get(f"{W}char", "")
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    if not 0xF000 <= number <= 0xF0FF:
        return chr(number) if 0x20 <= number < 0xD800 else ""
    return SYMBOLS.get((font.lower(), number - 0xF000), f"[{font} {number - 0xF000:X}]")


def _form_field(element: Any) -> str:
    """What a form field of older documents holds besides text: a tick, or the chosen entry of a list."""
    data = child(element, "ffData")
    box = child(data, "checkBox")
    if box is not None:
        state = child(box, "checked") if child(box, "checked") is not None else child(box, "default")
        return "☒" if state is not None and state.get(VALUE, "1") not in OFF else "☐"
    entries = data.findall(f"{W}ddList/{W}listEntry") if data is not None else []
    chosen = value(data, "ddList", "result", default="0")
    if entries and chosen.isdigit() and int(chosen) < len(entries):
        return str(entries[int(chosen)].get(VALUE, ""))
    return ""


def _boxes(element: Any) -> list[Any]:
    return [paragraph for box in element.iter(f"{W}txbxContent") for paragraph in box.iter(f"{W}p")]


def _all_text(element: Any) -> str:
    """All text below ``element``, deleted or not."""
    return "".join(found.text or "" for found in element.iter(f"{W}t", f"{W}delText"))


def _is_deleted(paragraph: Any) -> bool:
    return child(paragraph, "pPr", "rPr", "del") is not None


def remarks_of(roots: Mapping[str, Any]) -> Callable[[str, str], str]:
    """A function that gives the text of a comment or note by its kind and id.

    Args:
        roots: the roots of the parts with comments, footnotes and endnotes, by kind.
    """
    found: dict[tuple[str, str], str] = {}
    for kind, root in roots.items():
        for one in root if root is not None else ():
            paragraphs = ("".join(text.text or "" for text in each.iter(f"{W}t")) for each in one.iter(f"{W}p"))
            text = " ".join(" ".join(paragraphs).split())
            by = one.get(f"{W}author", "")
            label = f"Comment by {by}" if kind == "comment" and by else kind.capitalize()
            if text:
                found[kind, one.get(f"{W}id", "")] = f"{label}: {text}"
    return lambda kind, number: found.get((kind, number), "")
