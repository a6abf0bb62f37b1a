"""Half-years, and the position of a day on the axis of a chart. Pure."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True, order=True, slots=True)
class HalfYear:
    """The first or the second half of a year."""

    year: int
    half: int

    @classmethod
    def of(cls, day: datetime.date) -> "HalfYear":
        """The half-year that a day lies in."""
        return cls(day.year, 1 if day.month <= 6 else 2)

    @property
    def code(self) -> str:
        """What addresses call it, such as ``2018-1``."""
        return f"{self.year}-{self.half}"

    @property
    def name(self) -> str:
        """The half-year in words."""
        return f"{'First' if self.half == 1 else 'Second'} half of {self.year}"

    @property
    def first(self) -> datetime.date:
        """Its first day."""
        return datetime.date(self.year, 1 if self.half == 1 else 7, 1)

    @property
    def last(self) -> datetime.date:
        """Its last day."""
        return datetime.date(self.year, 6, 30) if self.half == 1 else datetime.date(self.year, 12, 31)

    @property
    def next(self) -> "HalfYear":
        """The half-year after it."""
        return HalfYear(self.year, 2) if self.half == 1 else HalfYear(self.year + 1, 1)

    def until(self, last: "HalfYear") -> Iterator["HalfYear"]:
        """This half-year and those after it, to ``last``."""
        half = self
        while half <= last:
            yield half
            half = half.next


@dataclass(frozen=True, slots=True)
class Axis:
    """A line of whole half-years.

    Attributes:
        first, last: the half-years at its ends.
        step: how long a half-year is on the chart.
    """

    first: HalfYear
    last: HalfYear
    step: int

    @classmethod
    def over(cls, start: datetime.date, end: datetime.date, *, length: int, least: int) -> "Axis":
        """The axis from ``start`` to the later ``end``, about ``length`` long, a half-year at ``least``."""
        first, last = HalfYear.of(start), HalfYear.of(end)
        number = (last.year - first.year) * 2 + last.half - first.half + 1
        return cls(first, last, max(least, length // number))

    @property
    def halves(self) -> list[HalfYear]:
        """All half-years of the axis, in order."""
        return list(self.first.until(self.last))

    @property
    def width(self) -> int:
        """The width of the axis, in the units of ``step``."""
        return self.step * len(self.halves)

    def at(self, day: datetime.date) -> float:
        """The position at which ``day`` begins; what lies beyond an end is at that end."""
        half = HalfYear.of(day)
        if half < self.first:
            return 0.0
        if half > self.last:
            return float(self.width)
        place = (half.year - self.first.year) * 2 + half.half - self.first.half
        part = (day - half.first).days / ((half.last - half.first).days + 1)
        return round((place + part) * self.step, 1)

    def span(self, first: datetime.date, last: datetime.date, *, least: float = 0.0) -> tuple[float, float]:
        """Where the days from ``first`` to the end of ``last`` begin, and how long they are.

        Args:
            least: how long they are at least, so that they can be seen.
        """
        left = self.at(first)
        # Every half-year goes to its end, where the next day is not on the axis.
        right = self.at(last + DAY) if last < self.last.last else float(self.width)
        length = max(right - left, least)
        return min(left, self.width - length), round(length, 1)
