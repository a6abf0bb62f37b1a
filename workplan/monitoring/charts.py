"""Charts: from numbers to positions. Templates draw them, style sheets colour them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


class Kind(Protocol):
    """What a part of a chart counts: a term of a vocabulary, or a figure."""

    @property
    def label(self) -> str:
        """What the part of the chart is called."""
        ...


K = TypeVar("K", bound=Kind)

LABEL_LENGTH = 10


@dataclass(frozen=True, slots=True)
class Piece(Generic[K]):
    """A part of a bar. ``x`` and ``width`` are in per cent of the whole."""

    kind: K
    number: int
    x: str
    width: str


def bar(parts: Iterable[tuple[K, int]]) -> list[Piece[K]]:
    """The parts of one bar side by side, in the order given, as wide as their share; empty ones are left out."""
    parts = [(kind, number) for kind, number in parts if number]
    whole = sum(number for _, number in parts)
    found, left = [], 0.0
    for kind, number in parts:
        share = 100 * number / whole
        found.append(Piece(kind, number, f"{left:.3f}%", f"{share:.3f}%"))
        left += share
    return found


def in_words(parts: Iterable[tuple[Kind, int]], nothing: str = "none") -> str:
    """The same numbers for whoever does not see the chart: "3 ongoing, 1 completed"."""
    return ", ".join(f"{number} {kind.label.lower()}" for kind, number in parts if number) or nothing


@dataclass(frozen=True, slots=True)
class Block(Generic[K]):
    """A part of a column. ``y`` and ``height`` are in units of the chart; ``middle`` is the position of its number.

    Attributes:
        is_numbered: whether it is high enough for its number.
    """

    kind: K
    number: int
    y: str
    height: str
    middle: str
    is_numbered: bool


@dataclass(frozen=True, slots=True)
class Column(Generic[K]):
    """One column, with a label below and its sum above. ``x``, ``width`` and ``middle`` are in per cent.

    Attributes:
        label_y: the height of the label; those of neighbours are on different lines where there are many.
    """

    label: str
    total: int
    total_y: str
    x: str
    width: str
    middle: str
    label_y: str
    blocks: list[Block[K]]


@dataclass(frozen=True, slots=True)
class Columns(Generic[K]):
    """A chart of stacked columns.

    Attributes:
        ground: the base line of the columns.
        height: of the whole, with labels.
    """

    columns: list[Column[K]]
    ground: int
    height: int


# In units of the chart, which are pixels of a page at its usual size.
ABOVE, LINE, READABLE = 18, 16, 14


def columns(points: Sequence[tuple[str, Sequence[tuple[K, int]]]], *, tall: int = 200) -> Columns[K]:
    """Columns side by side, each stacked from the base line in the order given; the tallest is ``tall`` units high.

    Args:
        points: for each column its label and its parts.
    """
    totals = [sum(number for _, number in parts) for _, parts in points]
    scale = tall / max([*totals, 1])
    ground = ABOVE + tall
    lines = 1 if len(points) <= 5 else 2 if len(points) <= 10 else 3
    step = 100 / max(len(points), 1)
    width = min(0.76 * step, 12.0)
    found = []
    for place, (label, parts) in enumerate(points):
        middle = (place + 0.5) * step
        blocks, top = [], float(ground)
        for kind, number in parts:
            if not number:
                continue
            height = number * scale
            top -= height
            blocks.append(
                Block(
                    kind,
                    number,
                    f"{top:.2f}",
                    f"{height:.2f}",
                    f"{top + height / 2 + 4:.2f}",
                    height >= READABLE and len(str(number)) <= 3,
                )
            )
        found.append(
            Column(
                label if len(label) <= LABEL_LENGTH else f"{label[: LABEL_LENGTH - 1]}…",
                totals[place],
                f"{top - 5:.2f}",
                f"{middle - width / 2:.3f}%",
                f"{width:.3f}%",
                f"{middle:.3f}%",
                f"{ground + LINE * (place % lines + 1)}",
                blocks,
            )
        )
    return Columns(found, ground, ground + LINE * lines + 6)
