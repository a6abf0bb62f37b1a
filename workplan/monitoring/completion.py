"""Completion: the figures of rounds that pages, files and the API show, each from the reports due."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, fields
from typing import Any

from django.db.models import Count, F

from workplan import permissions
from workplan.models import Obligation, ReportingRound, SectoralBody
from workplan.querysets import ActivityQuerySet
from workplan.rules import PUBLISHED


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the numbers: what programs call it, what pages call it, and what it counts."""

    name: str
    label: str
    meaning: str


TOTAL = Figure("total", "Expected", "All reports expected in the round, in any state.")

NOT_RECEIVED = Figure("not_received", "Not received", "The round is published, and the report was not received.")
# Neither in the making nor late any more once the round is published; and what is missing is not received only then.
UNTIL_PUBLISHED = ("owed", "draft", "returned", "overdue")

# The states are parts of the total; each report is in exactly one.
STATES = (
    Figure("owed", "Due", "Not started yet."),
    Figure("draft", "Draft", "Being written, and not submitted yet."),
    Figure("returned", "Returned", "Returned with a reason; to be revised and resubmitted."),
    NOT_RECEIVED,
    Figure("submitted", "Submitted", "Submitted; the secretariat has to review it."),
    Figure("approved", "Approved", "Accepted by the secretariat."),
)
OVERDUE = Figure("overdue", "Of these overdue", "Of the due, draft and returned reports: the due date has passed.")
TIMES = (
    Figure("on_time", "On time", "Submitted or approved, and first submitted by the due date."),
    Figure("late", "Late", "Submitted or approved, and first submitted after the due date."),
)

# What everybody else sees: what is not published counts as due.
PUBLIC_STATES = (
    Figure("owed", "Due", "Not published yet."),
    Figure("not_received", "Not received", "The round is published, and no report was received."),
    Figure("approved", "Approved", "Accepted by the secretariat, and published."),
)
PUBLIC_OVERDUE = Figure("overdue", "Of these overdue", "The due date has passed, and no report is published yet.")
PUBLIC_TIMES = (
    Figure("on_time", "On time", "Published, and first submitted by the due date."),
    Figure("late", "Late", "Published, and first submitted after the due date."),
)


def states_for(user: Any, *rounds: ReportingRound) -> tuple[Figure, ...]:
    """The states that ``user`` can distinguish in ``rounds`` (in any, where none is named), with what each counts."""
    return _possible(STATES if permissions.can_see_progress(user) else PUBLIC_STATES, rounds)


def times_for(user: Any) -> tuple[Figure, ...]:
    """How timely reports are, as far as ``user`` may know it. Those that are missing are parts of the states."""
    if permissions.can_see_progress(user):
        return (*TIMES, OVERDUE, NOT_RECEIVED)
    return (*PUBLIC_TIMES, PUBLIC_OVERDUE, PUBLIC_STATES[1])


def figures_for(user: Any, *rounds: ReportingRound) -> tuple[Figure, ...]:
    """All the figures that ``user`` sees of ``rounds``, in the order of columns: a part follows its whole."""
    on_time, late, overdue, _ = times_for(user)
    states = {figure.name: figure for figure in (STATES if permissions.can_see_progress(user) else PUBLIC_STATES)}
    missing = [states.pop(name) for name in ("owed", "draft", "returned") if name in states]
    return _possible((TOTAL, *missing, overdue, *states.values(), on_time, late), rounds)


def _possible(figures: tuple[Figure, ...], rounds: Collection[ReportingRound]) -> tuple[Figure, ...]:
    """Of ``figures`` those that a report of one of ``rounds`` can count for."""
    if not rounds:
        return figures
    impossible: set[str] = set()
    if all(one.state == PUBLISHED for one in rounds):
        impossible.update(UNTIL_PUBLISHED)
    if all(one.state != PUBLISHED for one in rounds):
        impossible.add(NOT_RECEIVED.name)
    return tuple(figure for figure in figures if figure.name not in impossible)


@dataclass(slots=True)
class Counts:
    """How many reports are asked for, by state and by timeliness."""

    owed: int = 0
    draft: int = 0
    submitted: int = 0
    returned: int = 0
    not_received: int = 0
    approved: int = 0
    on_time: int = 0
    late: int = 0
    overdue: int = 0

    @property
    def total(self) -> int:
        """All reports that were due, delivered or not."""
        return self.outstanding + self.not_received + self.submitted + self.approved

    @property
    def outstanding(self) -> int:
        """What can and has still to be submitted."""
        return self.owed + self.draft + self.returned

    @property
    def share(self) -> int:
        """The part that is approved, in whole per cent; 100 only when all are."""
        return 100 * self.approved // self.total if self.total else 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    def count(self, state: str, timeliness: str, number: int) -> None:
        """Add ``number`` reports in ``state``; of timeliness only what is a figure counts."""
        setattr(self, state, getattr(self, state) + number)
        if timeliness in ("on_time", "late", "overdue"):
            setattr(self, timeliness, getattr(self, timeliness) + number)


@dataclass(slots=True)
class Completion:
    """How far one round has come.

    Attributes:
        total: over the activities that bodies lead, each once, however many joint leads it has.
        bodies: each body from which reports are due, in the order of lists, with their counts. A joint lead's
            activity counts for each of the leads.
        without_lead: the activities that no body leads, so that no report on them is due from a body. No other figure
            counts them.
    """

    round: ReportingRound
    total: Counts = field(default_factory=Counts)
    bodies: list[tuple[SectoralBody, Counts]] = field(default_factory=list)
    without_lead: Counts = field(default_factory=Counts)

    def of_body(self, body: SectoralBody) -> Counts | None:
        """The counts of ``body`` in this round; ``None`` where nothing is due from it."""
        return next((counts for found, counts in self.bodies if found == body), None)


def bodies_in(found: Iterable[Completion]) -> list[SectoralBody]:
    """All bodies from which reports are due in one of them, in the order of lists."""
    named = {body: None for one in found for body, _ in one.bodies}
    return sorted(named, key=lambda body: (body.position, body.acronym))


def of_rounds(
    rounds: Iterable[ReportingRound],
    user: Any,
    bodies: Collection[SectoralBody] | None = None,
    activities: ActivityQuerySet | None = None,
) -> list[Completion]:
    """The figures of each of ``rounds`` as ``user`` may see them, in three queries.

    Those who take part see every state. Everybody else sees as approved what is published, and all the rest as
    due: drafts, submissions, returned reports, and approved ones that wait for their round to be published.

    Args:
        rounds: the rounds, in the order wanted; a planned one has no figures yet.
        user: who reads.
        bodies: only reports due from these; ``None`` for all, and for the activities without a lead body.
        activities: only reports due on these; ``None`` for all.
    """
    found = {reporting_round.pk: Completion(reporting_round) for reporting_round in rounds}
    due = Obligation.objects.filter(round__in=list(found)).order_by()
    if bodies is not None:
        due = due.due_from(bodies)
    if activities is not None:
        due = due.filter(activity__in=activities.order_by().values("pk"))
    by_body: dict[int, dict[int | None, Counts]] = {}
    rows = due.shown_to(user).values_list("round", "body", "shown_state", "shown_timeliness")
    for pk, body, state, timeliness, number in rows.annotate(number=Count("pk")):
        by_body.setdefault(pk, {}).setdefault(body, Counts()).count(state, timeliness, number)
    once = due.from_bodies().each_activity_once().shown_to(user).values_list("round", "shown_state", "shown_timeliness")
    for pk, state, timeliness, number in once.annotate(number=Count("pk")):
        found[pk].total.count(state, timeliness, number)
    in_order = list(SectoralBody.objects.all()) if bodies is None else list(bodies)
    for pk, counted in by_body.items():
        found[pk].bodies = [(body, counted[body.pk]) for body in in_order if body.pk in counted]
        found[pk].without_lead = counted.get(None, Counts())
    return list(found.values())


def of_round(reporting_round: ReportingRound, user: Any, bodies: Collection[SectoralBody] | None = None) -> Completion:
    """The completion of one round as ``user`` may know it.

    Args:
        bodies: only what these owe; all bodies when ``None``.
    """
    return of_rounds([reporting_round], user, bodies)[0]


def reports_of(reporting_round: ReportingRound, user: Any) -> Any:
    """The reports that the round asks for, a row for each lead body, in document order, as ``user`` may see them.

    Those who take part see the state of each, but that another body has begun a draft only as a number: here it
    counts as due.
    """
    rows = Obligation.objects.filter(round=reporting_round).shown_to(user)
    if permissions.can_see_progress(user):
        rows = rows.as_seen_by(user)  # puts its ``shown_state`` in place of the other
    in_order = ("activity__position", F("body__position").asc(nulls_last=True), "pk")
    return rows.select_related("activity", "body").order_by(*in_order)


def can_list_drafts(user: Any, body: SectoralBody | None) -> bool:
    """Whether the reader may see, row by row, which reports ``body`` has begun."""
    if permissions.is_secretariat(user) or not permissions.can_see_progress(user):
        return True
    return body in permissions.bodies_of(user)
