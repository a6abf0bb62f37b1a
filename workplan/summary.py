"""How many: the counts that home, lists, body pages and the API's summary show, each from the same rows."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count

from workplan import rules
from workplan.models import Responsibility, Section, SectoralBody
from workplan.querysets import ActivityQuerySet


@dataclass(slots=True)
class Tally:
    """How many activities of some kind there are, in all and in each status."""

    by_status: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.by_status.total()

    @property
    def shares(self) -> list[tuple[rules.Term, int, float]]:
        """Each status with its count and its part of the whole in per cent."""
        return [
            (
                term,
                self.by_status[term.value],
                100 * self.by_status[term.value] / self.total if self.total else 0.0,
            )
            for term in rules.STATUSES
        ]


@dataclass(slots=True)
class BodyTally:
    """What one body carries."""

    body: SectoralBody
    lead: Tally = field(default_factory=Tally)
    cooperating: Tally = field(default_factory=Tally)

    @property
    def total(self) -> int:
        return self.lead.total + self.cooperating.total

    @property
    def by_status(self) -> Counter[str]:
        return self.lead.by_status + self.cooperating.by_status

    @property
    def both(self) -> Tally:
        return Tally(self.by_status)


def count_by(rows: ActivityQuerySet, column: str) -> Counter[Any]:
    """The number of activities for each value of ``column``."""
    counted = rows.order_by().values_list(column).annotate(number=Count("pk"))
    return Counter(dict(counted))


def tally(rows: ActivityQuerySet) -> Tally:
    return Tally(count_by(rows, "status"))


def tally_by_section(rows: ActivityQuerySet, sections: Iterable[Section]) -> list[tuple[Section, Tally]]:
    """Each section with its counts, those without activities too."""
    counts: dict[int, Counter[str]] = {}
    column = "area__provision__section"
    for section, status, number in rows.order_by().values_list(column, "status").annotate(number=Count("pk")):
        counts.setdefault(section, Counter())[status] = number
    return [(section, Tally(counts.get(section.pk, Counter()))) for section in sections]


def tally_by_body(rows: ActivityQuerySet, bodies: Iterable[SectoralBody]) -> list[BodyTally]:
    """Each body with its counts by role.

    "All other SB" counts as cooperating for every body that has no role of its own in the activity.
    """
    found = {body.pk: BodyTally(body) for body in bodies}
    named = (
        Responsibility.objects.filter(activity__in=rows.order_by().values("pk"))
        .order_by()
        .values_list("body", "role", "activity__all_other_bodies_cooperate", "activity__status")
        .annotate(number=Count("pk"))
    )
    named_among_all: dict[int, Counter[str]] = {}
    for body, role, all_others, status, number in named:
        if body not in found:
            continue
        part = found[body].lead if role == rules.LEAD else found[body].cooperating
        part.by_status[status] += number
        if all_others:
            named_among_all.setdefault(body, Counter())[status] += number
    for_all = count_by(rows.filter(all_other_bodies_cooperate=True), "status")
    for pk, entry in found.items():
        entry.cooperating.by_status += for_all - named_among_all.get(pk, Counter())
    return list(found.values())
