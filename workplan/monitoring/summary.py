"""How many: the counts that home, lists, body pages and the API's summary show, each from the same rows."""

import datetime
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db.models import Count, Value

from workplan import rules
from workplan.filters import ActivityFilterSet
from workplan.models import (
    CollaborationArea,
    DocumentRecord,
    Provision,
    ReportingRound,
    Section,
    SectoralBody,
)
from workplan.querysets import ActivityQuerySet

Place = TypeVar("Place", Section, Provision, CollaborationArea)


@dataclass(slots=True)
class Tally:
    """How many activities of some kind there are, in all and in each status."""

    by_status: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """How many there are in all."""
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

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.by_status + other.by_status)


@dataclass(slots=True)
class BodyTally:
    """The activities of one body, by role."""

    body: SectoralBody
    lead: Tally = field(default_factory=Tally)
    cooperating: Tally = field(default_factory=Tally)

    def of(self, role: str) -> Tally:
        """Its activities in ``role``."""
        return self.lead if role == rules.LEAD else self.cooperating

    @property
    def total(self) -> int:
        """How many there are in all."""
        return self.lead.total + self.cooperating.total

    @property
    def by_status(self) -> Counter[str]:
        """How many have each status, in both roles together."""
        return self.lead.by_status + self.cooperating.by_status

    @property
    def both(self) -> Tally:
        """The activities of both roles together."""
        return Tally(self.by_status)


def count_by(rows: ActivityQuerySet, column: str) -> Counter[Any]:
    """The number of activities for each value of ``column``, as of the moment that ``rows`` are seen at."""
    counted = rows.order_by().values_list(rows.column(column)).annotate(number=Count("pk"))
    return Counter(dict(counted))


def tally(rows: ActivityQuerySet) -> Tally:
    """How many of these activities have each status."""
    return Tally(count_by(rows, "status"))


# How an activity reaches its place in the plan.
PLACES: dict[type[DocumentRecord], str] = {
    Section: "area__provision__section",
    Provision: "area__provision",
    CollaborationArea: "area",
}


def tally_by_place(rows: ActivityQuerySet, places: Iterable[Place]) -> list[tuple[Place, Tally]]:
    """Each section, provision or area (all of one kind) with its counts, those without activities too."""
    places = list(places)
    if not places:
        return []
    counts: dict[int, Counter[str]] = {}
    columns = (PLACES[type(places[0])], rows.column("status"))
    for place, status, number in rows.order_by().values_list(*columns).annotate(number=Count("pk")):
        counts.setdefault(place, Counter())[status] = number
    return [(place, Tally(counts.get(place.pk, Counter()))) for place in places]


def tally_by_body(rows: ActivityQuerySet, bodies: Iterable[SectoralBody]) -> list[BodyTally]:
    """Each body with its counts by role."""
    found = {body.pk: BodyTally(body) for body in bodies}
    for (body, role, status), number in count_parts(rows, found).items():
        found[body].of(role).by_status[status] += number
    return list(found.values())


def count_parts(rows: ActivityQuerySet, bodies: Collection[int], *columns: str) -> Counter[tuple[Any, ...]]:
    """The number of activities for each value of ``columns``, each of ``bodies``, its role, and the status.

    "All other SB" counts as cooperating for every body that has no role of its own in the activity.

    Args:
        bodies: the ids of the bodies meant.
    """
    columns = (*columns, rows.column("status"))
    own = ("responsibilities__body", "responsibilities__role", "all_other_bodies_cooperate")
    found: Counter[tuple[Any, ...]] = Counter()
    named_among_all: Counter[tuple[Any, ...]] = Counter()
    named = rows.order_by().values_list(*columns, *own).annotate(number=Count("pk"))
    for *place, status, body, role, all_others, number in named:
        if body not in bodies:
            continue
        found[*place, body, role, status] += number
        if all_others:
            named_among_all[*place, body, status] += number
    for_all = rows.filter(all_other_bodies_cooperate=True).order_by().values_list(*columns)
    for *place, status, number in for_all.annotate(number=Count("pk")):
        for body in bodies:
            found[*place, body, rules.COOPERATING, status] += number - named_among_all[*place, body, status]
    return found


@dataclass(slots=True)
class Point:
    """How far the activities had come at the end of a round.

    Attributes:
        at: when the round ended; ``None`` where it has not, and the activities are seen as the filters ask.
    """

    round: ReportingRound
    at: datetime.datetime | None
    tally: Tally


def trend(filterset: ActivityFilterSet, rounds: Iterable[ReportingRound]) -> list[Point]:
    """The activities that the filters leave, as of the end of each of ``rounds``, in one query.

    Each round counts the activities of its plan. Points are in the order of their moments. There are none where
    the filters ask for what is known for today only.
    """
    if not filterset.supports_as_of:
        return []
    points = [Point(one, one.ended_at(filterset.moment), Tally()) for one in rounds]
    counts = []
    for place, point in enumerate(points):
        rows = filterset.rows_as_of(point.at).filter(plan=point.round.plan_id).order_by()
        counts.append(
            rows.annotate(place=Value(place)).values_list("place", rows.column("status")).annotate(number=Count("pk"))
        )
    if counts:
        for place, status, number in counts[0].union(*counts[1:], all=True):
            points[place].tally.by_status[status] = number
    return sorted(points, key=lambda point: (point.at is None, point.at, point.round.period_start))
