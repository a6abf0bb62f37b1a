"""Numbers, letters, dashes and bullets before the words of a line, and remarks among the words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from workplan.imports.plan.source import Line

DASH, BULLET, NUMBER = "dash", "bullet", "number"
_DASH = re.compile(r"([-–—\u2012_])\s*(?=\S)(?!\d)")
_BULLET = re.compile(r"([•·▪●○◦▫■□‣\u2043➢➤✓❖\uf000-\uf0ff])\s*|(o)\t\s*")
# 1. · 1.1 · 1.1.1. · A. · a) · a.1) · (a) · ii) · c). — a letter with a full stop needs a space after it (U.S., e.g.).
_NUMBER = re.compile(
    r"""\(?(?P<number>
        \d{1,3}(?:\.\d{1,3})+ (?=[\s.)]|$) |
        \d{1,3} (?=[.)]) |
        [A-Za-z](?:\.[0-9A-Za-z]{1,3})+ (?=\)|\.?\s) |
        [A-Za-z] (?=\)|\.\)|\.(?:\s|$)) |
        [ivxlIVXL]{2,6} (?=\)|\.(?:\s|$))
    )(?P<end>\.\)|\)\.|[.)])?\s*""",
    re.VERBOSE,
)
# A letter that looks like a Latin one and is of another script.
_ALIKE = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX")  # noqa: RUF001

# Words that tell a remark of the drafting from a part of the sentence.
_REMARK_WORDS = (
    r"inputs?\s+from|recommend|transfer|clarification|lead\s+countr|priority\s+programme|to\s+be\s+presented|"
    r"for\s+inclusion|^\(ongoing\)$|ref\.|^\(?\*|to\s+be\s+confirmed|pending|coordinate\s+with|endorse|as\s+of\s+\d|NAPTIP"
)
_IS_REMARK = re.compile(_REMARK_WORDS, re.IGNORECASE)
_TRAILING = re.compile(r"\s*(\([^()]*\)|\[[^\[\]]*\])\s*$")
_WHOLE_BRACKET = re.compile(r"\(.*\)[.;]?|\[.*\][.;]?", re.DOTALL)

PLACEHOLDER = re.compile(r"(?:tb[acd]|n\s*/\s*a|n\.a\.|not applicable|nil|none|to be (?:determined|confirmed|decided)|[-–—]+|\.+)\.?", re.IGNORECASE)  # fmt: skip  # noqa: E501


def is_placeholder(text: str) -> bool:
    """Whether it stands where something is still to come: kept as printed, and no value."""
    return bool(PLACEHOLDER.fullmatch(" ".join(text.split())))


@dataclass(slots=True)
class Marked:
    """A line with its marker taken off.

    Attributes:
        text: the words after the marker.
        marker: as printed.
        kind: ``DASH``, ``BULLET``, ``NUMBER`` or empty.
        parts: what a number is made of, in lower case: ``("a", "1")`` of “a.1)”.
        line: the line.
    """

    text: str
    marker: str
    kind: str
    parts: tuple[str, ...]
    line: Line

    @property
    def family(self) -> str:
        """Whether a number begins with a digit or a letter."""
        return "" if not self.parts else "digit" if self.parts[0].isdigit() else "letter"

    @property
    def is_remark(self) -> bool:
        """Whether all of it is a remark: in brackets, or after an asterisk."""
        text = self.text.strip()
        return self.line.is_remark or text.startswith("*") or bool(_WHOLE_BRACKET.fullmatch(text))


def marked(line: Line) -> Marked:
    """``line`` with its marker taken off, automatic or typed."""
    if line.marker:
        kind, parts = kind_of(line.marker)
        return Marked(line.text.strip(), line.marker, kind, parts, line)
    text = line.text.strip()
    for kind, pattern in ((DASH, _DASH), (BULLET, _BULLET)):
        if found := pattern.match(text):
            return Marked(text[found.end() :].strip(), found[0].strip(), kind, (), line)
    number = _NUMBER.match(text.translate(_ALIKE))
    if number and (number["end"] or "." in number["number"]):
        rest = text[number.end() :].strip()
        return Marked(rest, text[: number.end()].strip(), NUMBER, _parts(number["number"]), line)
    return Marked(text, "", "", (), line)


def kind_of(marker: str) -> tuple[str, tuple[str, ...]]:
    """The kind of an automatic marker and what it is made of."""
    if _DASH.match(f"{marker} x"):
        return DASH, ()
    number = re.search(r"[0-9A-Za-z]+(?:\.[0-9A-Za-z]+)*", marker)
    if number:
        return NUMBER, _parts(number[0])
    return BULLET, ()


def _parts(number: str) -> tuple[str, ...]:
    return tuple(part for part in number.casefold().split(".") if part)


@dataclass(slots=True)
class Item:
    """Something with a marker of its own in a cell: an area or an activity.

    Attributes:
        marker, parts: its marker, as printed and taken apart.
        lines: its lines without markers of their own, the first its beginning; points below it with theirs.
        printed: the lines as they stand, markers included.
        remarks: drafting remarks, comments and footnotes.
        why: what was chosen in the reading of it.
        ref: the reference that a file of ours gives it.
        points: how many of the last lines are points below its beginning.
    """

    marker: str = ""
    parts: tuple[str, ...] = ()
    lines: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    ref: str = ""
    points: int = 0

    @property
    def text(self) -> str:
        """Its words in one line."""
        return " ".join(" ".join(self.lines).split())

    @property
    def text_as_printed(self) -> str:
        """Its words as they stand, marker, remarks and all."""
        return " ".join(" ".join(self.printed).split())

    def add(self, text: str, line: Line) -> None:
        """A further line of it."""
        if text:
            self.lines.append(text)
        self.print(line)

    def print(self, line: Line) -> None:
        """Keep a line as it stands, with what is remarked on it."""
        self.printed.append(line.text)
        self.remarks += line.remarks

    def take_remarks(self) -> None:
        """Take drafting remarks off the end of its words."""
        found: list[str] = []
        while self.lines and (trailing := _TRAILING.search(self.lines[-1])):
            if not _IS_REMARK.search(trailing[1]) or not self.lines[-1][: trailing.start()].strip():
                break
            found.insert(0, trailing[1])
            self.lines[-1] = self.lines[-1][: trailing.start()].rstrip()
        self.remarks = found + self.remarks


def bracket_at_end(text: str) -> tuple[str, str]:
    """What stands in square brackets at the end of ``text``, and ``text`` without it."""
    found = _TRAILING.search(text)
    if found and found[1].startswith("["):
        return found[1][1:-1].strip(), text[: found.start()].rstrip()
    return "", text


def round_bracket_at_end(text: str) -> tuple[str, str]:
    """What stands in round brackets at the end of ``text``, and ``text`` without it."""
    found = _TRAILING.search(text)
    if found and found[1].startswith("("):
        return found[1][1:-1].strip(), text[: found.start()].rstrip()
    return "", text


def joined(first: str, second: str) -> str:
    """Two lines of one sentence as one; a hyphen at the end of the first stays where it is."""
    if not first or not second:
        return first or second
    return f"{first}{second}" if first.endswith("-") and not first.endswith(" -") else f"{first} {second}"


def goes_on(text: str) -> bool:
    """Whether ``text`` begins in the middle of a sentence."""
    return bool(re.match(r"[a-z&,;)]", text)) and not re.match(r"[a-z]-?[A-Z]", text)


def is_wrapped(lines: Iterable[Marked]) -> bool:
    """Whether the lines of a cell were cut at its edge, as in a copy from a PDF."""
    unmarked = [one for one in list(lines)[1:] if not one.kind and one.text and not one.is_remark]
    return bool(unmarked) and sum(goes_on(one.text) for one in unmarked) * 3 >= len(unmarked)
