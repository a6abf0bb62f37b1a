"""Changes of status between two dates: the figures that page, files and the API show, from the same rows."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from workplan import rules
from workplan.filters.compare import LISTING_PARAMETERS, CompareFilterSet, Point
from workplan.monitoring.summary import Tally
from workplan.querysets import ActivityQuerySet

# What a status is called of an activity that was not in the plan yet.
NOT_IN_PLAN = "Not in the plan yet"


@dataclass(frozen=True, slots=True)
class StatusTotals:
    """One status at both moments, with how many activities had it."""

    term: rules.Term
    before: int
    after: int

    @property
    def difference(self) -> int:
        """By how many activities the number grew; negative where it fell."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Comparison:
    """The activities of a plan at two moments.

    Attributes:
        earlier, later: the two ends.
        transitions: how many activities went from which status (``None``: not in the plan yet) to which.
    """

    earlier: Point
    later: Point
    transitions: Counter[tuple[str | None, str]]

    @property
    def before(self) -> Tally:
        """How many activities had each status at the first moment."""
        found = Counter[str]()
        for (status, _), number in self.transitions.items():
            if status is not None:
                found[status] += number
        return Tally(found)

    @property
    def after(self) -> Tally:
        """How many activities had each status at the second moment."""
        found = Counter[str]()
        for (_, status), number in self.transitions.items():
            found[status] += number
        return Tally(found)

    @property
    def lines(self) -> list[StatusTotals]:
        """The numbers of both moments for each status, in the order of the vocabulary."""
        before, after = self.before.by_status, self.after.by_status
        return [StatusTotals(term, before[term.value], after[term.value]) for term in rules.STATUSES]

    @property
    def difference(self) -> int:
        """How many activities there are more than before."""
        return self.after.total - self.before.total

    @property
    def by_change(self) -> Counter[str]:
        """How many activities changed in which way, of ``rules.STATUS_CHANGE_CHOICES``."""
        found = Counter[str]()
        for transition, number in self.transitions.items():
            kind = rules.status_change(*transition)
            found[kind] += number
            found[rules.ALL] += number
            if kind != rules.UNCHANGED:
                found[rules.CHANGED] += number
        return found

    @property
    def starts(self) -> list[tuple[str | None, str]]:
        """The rows of the flow, with their labels; activities that entered the plan meanwhile only if there are."""
        known: list[tuple[str | None, str]] = [(term.value, term.label) for term in rules.STATUSES]
        return [*known, (None, NOT_IN_PLAN)] if any(before is None for before, _ in self.transitions) else known


def compare(filterset: CompareFilterSet) -> Comparison:
    """What the filters compare, in one query: all that they leave, whichever of it they choose to list."""
    earlier, later = filterset.ends
    return Comparison(earlier, later, transitions_of(filterset.rows_without(*LISTING_PARAMETERS)))


def transitions_of(rows: ActivityQuerySet) -> Counter[tuple[str | None, str]]:
    """The number of activities for each status before and after, of rows that are ``compared``."""
    counted: Any = rows.order_by().values_list("earlier_status", rows.column("status"))
    return Counter({(before, after): number for before, after, number in counted.annotate(number=Count("pk"))})
