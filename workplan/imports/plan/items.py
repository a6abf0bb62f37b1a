"""The activities and areas that stand in one cell."""

import re
from collections.abc import Sequence

from workplan.imports.plan.markers import (
    BULLET,
    DASH,
    NUMBER,
    Item,
    Marked,
    goes_on,
    is_wrapped,
    joined,
    marked,
)
from workplan.imports.plan.source import Line

NO_MARKER = "No marker is printed before it; it is read as an activity of its own because it begins a new paragraph."
PARAGRAPHS = "Its cell has several paragraphs without markers; each is read as one."
# What is said of the thing above it, under a label of its own.
LABEL = re.compile(
    r"(?:baselines?|(?:annual )?targets?|indicators?|means of verification|related .{1,30}):", re.IGNORECASE
)
WRAPPED = "The lines of its cell are cut; lines without a marker are read as going on from the line above."
REMARK_FIRST = "A remark stands before it in its cell and is read as a remark on it."


def activities_in(lines: Sequence[Line]) -> list[Item]:
    """The activities of a cell: by dashes, bullets, letters or numbers, or by paragraphs where there are none.

    Points under an activity stay with it.
    """
    return _Division(lines, splits_paragraphs=True, splits_dashes=True).items()


def areas_in(lines: Sequence[Line]) -> list[Item]:
    """The areas of a cell: by letters or numbers, or by paragraphs where there are none. Points stay with them."""
    return _Division(lines, splits_paragraphs=True, splits_dashes=False).items()


def provisions_in(lines: Sequence[Line]) -> list[Item]:
    """The provisions of a cell: by letters or numbers; its paragraphs are one."""
    return _Division(lines, splits_paragraphs=False, splits_dashes=False).items()


def item_of_ours(lines: Sequence[Line]) -> list[Item]:
    """What stands in a cell of a file that this program wrote: one record, with remarks set as such."""
    found: list[Item] = []
    for line in lines:
        if line.ref or not found:
            found.append(Item(ref=line.ref))
        item = found[-1]
        if line.is_remark:
            item.print(line)
            item.remarks.append(line.text)
        else:
            if item.lines:
                item.lines.append("\n")
            item.add(line.text, line)
    return found


class _Division:
    """Divides the lines of one cell."""

    def __init__(self, lines: Sequence[Line], *, splits_paragraphs: bool, splits_dashes: bool) -> None:
        self.splits_paragraphs, self.splits_dashes = splits_paragraphs, splits_dashes
        self.lines = [marked(line) for line in lines]
        self.top = next((one for one in self.lines if one.text or one.kind), None)
        self.has_markers = any(one.kind in self._kinds for one in self.lines)
        self.is_wrapped = is_wrapped(self.lines)
        self.found: list[Item] = []
        self.early: list[Marked] = []
        self.below = False

    @property
    def _kinds(self) -> tuple[str, ...]:
        return (DASH, BULLET, NUMBER) if self.splits_dashes else (NUMBER,)

    def items(self) -> list[Item]:
        """The items of the cell."""
        for one in self.lines:
            if not one.text and not one.kind and not one.line.ref:
                self._remark_on_nothing(one)
            elif one.is_remark and not one.kind:
                self._remark(one)
            elif self._begins(one):
                self._begin(one)
            else:
                self._go_on(one)
        for item in self.found:
            item.take_remarks()
        return [item for item in self.found if item.text or item.marker or item.remarks]

    def _remark_on_nothing(self, one: Marked) -> None:
        if one.line.remarks and self.found:
            self.found[-1].remarks += one.line.remarks
        elif one.line.remarks:
            self.early.append(one)

    def _remark(self, one: Marked) -> None:
        if not self.found:
            self.early.append(one)
            return
        self.found[-1].print(one.line)
        self.found[-1].remarks.append(one.text)

    def _begins(self, one: Marked) -> bool:
        if not self.found or one.line.ref:
            return True
        last = self.found[-1]
        if one.kind:
            return self._begins_by_marker(one)
        if not last.lines or self.is_wrapped or goes_on(one.text) or self.below or LABEL.match(one.text):
            return False
        if last.lines[-1].rstrip().endswith((":", ",", ";", " and", " or")):
            return False
        return self.splits_paragraphs and not (self.has_markers and not self.splits_dashes)

    def _begins_by_marker(self, one: Marked) -> bool:
        assert self.top is not None
        if one.kind not in self._kinds:
            return False
        last = self.found[-1]
        if not self.top.kind:
            # What stands unmarked above has these as its points, unless it could be one of them.
            return one.kind == DASH and not last.text.endswith(":") and not self._is_deeper(one)
        if one.kind != self.top.kind:
            return False
        return not self._is_deeper(one) and (one.kind != NUMBER or one.family == self.top.family)

    def _is_deeper(self, one: Marked) -> bool:
        """Whether it stands at a deeper level of an automatic list than the first; of numbers, the number tells."""
        assert self.top is not None
        return one.kind != NUMBER and bool(one.line.marker) and one.line.level > self.top.line.level

    def _begin(self, one: Marked) -> None:
        item = Item(one.marker, one.parts)
        item.ref = one.line.ref
        for early in self.early:
            item.print(early.line)
            if early.text:
                item.remarks.append(early.text)
                item.why.append(REMARK_FIRST)
        self.early = []
        item.add(one.text, one.line)
        if self.found and not one.kind and not item.ref:
            item.why.append(NO_MARKER if self.has_markers else PARAGRAPHS)
        if self.found and not self.has_markers and PARAGRAPHS not in self.found[0].why and not item.ref:
            self.found[0].why.insert(0, PARAGRAPHS)
        self.below = False
        self.found.append(item)

    def _go_on(self, one: Marked) -> None:
        last = self.found[-1]
        if one.kind:
            mark = "•" if one.kind == BULLET else one.marker
            last.add(f"{mark} {one.text}", one.line)
            last.points += 1
            self.below = last.points > 0 and not one.line.marker and self.top is not None and not self.top.kind
            return
        if LABEL.match(one.text) or (
            last.lines and last.lines[0].endswith(":") and not goes_on(one.text) and not self.is_wrapped
        ):
            last.add(f"• {one.text}", one.line)
            last.points += 1
            self.below = not LABEL.match(one.text)
            return
        if self.is_wrapped and WRAPPED not in last.why:
            last.why.append(WRAPPED)
        text = joined(last.lines.pop(), one.text) if last.lines else one.text
        last.add(text, one.line)
