"""What moved between two moments: the figures that page, files and the API show, each from the same rows."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from workplan import rules
from workplan.filters.compare import CHOOSING, CompareFilterSet, Point
from workplan.querysets import ActivityQuerySet
from workplan.summary import Tally

# What a status is called of an activity that was not in the plan yet.
NOT_IN_PLAN = "Not in the plan yet"


@dataclass(frozen=True, slots=True)
class Line:
    """One status at both moments, with how many activities had it."""

    term: rules.Term
    before: int
    after: int

    @property
    def difference(self) -> int:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Comparison:
    """The activities of a plan at two moments.

    Attributes:
        earlier, later: the two ends.
        flow: how many activities went from which status (``None``: not in the plan yet) to which.
    """

    earlier: Point
    later: Point
    flow: Counter[tuple[str | None, str]]

    @property
    def before(self) -> Tally:
        found = Counter[str]()
        for (status, _), number in self.flow.items():
            if status is not None:
                found[status] += number
        return Tally(found)

    @property
    def after(self) -> Tally:
        found = Counter[str]()
        for (_, status), number in self.flow.items():
            found[status] += number
        return Tally(found)

    @property
    def lines(self) -> list[Line]:
        before, after = self.before.by_status, self.after.by_status
        return [Line(term, before[term.value], after[term.value]) for term in rules.STATUSES]

    @property
    def difference(self) -> int:
        """How many activities there are more than before."""
        return self.after.total - self.before.total

    @property
    def by_move(self) -> Counter[str]:
        """How many activities moved in which way, of ``rules.MOVES_ASKED``."""
        found = Counter[str]()
        for passage, number in self.flow.items():
            kind = rules.move(*passage)
            found[kind] += number
            found[rules.ALL] += number
            if kind != rules.UNMOVED:
                found[rules.MOVED] += number
        return found

    @property
    def starts(self) -> list[tuple[str | None, str]]:
        """The rows of the flow, with their labels; activities that entered the plan meanwhile only if there are."""
        known: list[tuple[str | None, str]] = [(term.value, term.label) for term in rules.STATUSES]
        return [*known, (None, NOT_IN_PLAN)] if any(before is None for before, _ in self.flow) else known


def compare(filterset: CompareFilterSet) -> Comparison:
    """What the filters compare, in one query: all that they leave, whichever of it they choose to list."""
    earlier, later = filterset.ends
    return Comparison(earlier, later, flow_of(filterset.rows_without(*CHOOSING)))


def flow_of(rows: ActivityQuerySet) -> Counter[tuple[str | None, str]]:
    """The number of activities for each status before and after, of rows that are ``compared``."""
    counted: Any = rows.order_by().values_list("earlier_status", rows.column("status"))
    return Counter({(before, after): number for before, after, number in counted.annotate(number=Count("pk"))})
