"""Who has reported: the figures of rounds that pages, files and the API show, each from what is owed."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, fields
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, Value, When
from django.utils import timezone

from workplan import permissions, rules
from workplan.models import Obligation, ReportingRound, SectoralBody
from workplan.querysets import PUBLIC, ActivityQuerySet, ObligationQuerySet

# What addresses say for the secretariat, which owes the reports on activities without a lead body.
SECRETARIAT = "secretariat"


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the numbers: what programs call it, what pages call it, and what it counts."""

    name: str
    label: str
    meaning: str


TOTAL = Figure("total", "Asked for", "All reports that the round asks for, whatever has become of them.")

# The states are parts of the total; each report is in exactly one.
STATES = (
    Figure("owed", "Owed", "Nothing has been begun yet."),
    Figure("draft", "Draft", "Being written, and not handed in yet."),
    Figure("submitted", "Submitted", "Handed in; the secretariat has to review it."),
    Figure("returned", "Returned", "Sent back with a reason; asked for again."),
    Figure("approved", "Approved", "Accepted by the secretariat."),
)
TIMES = (
    Figure("on_time", "On time", "Submitted or approved, and first handed in by its date."),
    Figure("late", "Late", "Submitted or approved, and first handed in after its date."),
    Figure("overdue", "Overdue", "Its date has passed, and it is owed, a draft or returned."),
)

# What everybody else sees: what is in the making counts as owed.
PUBLIC_STATES = (
    Figure("owed", "Owed", "Not published yet."),
    Figure("approved", "Approved", "Accepted by the secretariat, and published."),
)
PUBLIC_TIMES = (
    Figure("on_time", "On time", "Published, and first handed in by its date."),
    Figure("late", "Late", "Published, and first handed in after its date."),
    Figure("overdue", "Overdue", "Its date has passed, and it has not been handed in."),
)


def states_for(user: Any) -> tuple[Figure, ...]:
    """The states that ``user`` can tell apart, with what each counts."""
    return STATES if permissions.can_see_progress(user) else PUBLIC_STATES


def figures_for(user: Any) -> tuple[Figure, ...]:
    """All the figures that ``user`` sees, in the order of columns."""
    return (TOTAL, *states_for(user), *(TIMES if permissions.can_see_progress(user) else PUBLIC_TIMES))


@dataclass(slots=True)
class Counts:
    """How many reports are asked for, by state and by timeliness."""

    owed: int = 0
    draft: int = 0
    submitted: int = 0
    returned: int = 0
    approved: int = 0
    on_time: int = 0
    late: int = 0
    overdue: int = 0

    @property
    def total(self) -> int:
        return self.owed + self.draft + self.submitted + self.returned + self.approved

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
        total: over the activities, each once, however many joint leads it has.
        bodies: each body that owes something, in the order of lists, with what it owes; ``None`` for the
            secretariat, last. A joint lead's activity counts for each of the leads.
    """

    round: ReportingRound
    total: Counts = field(default_factory=Counts)
    bodies: list[tuple[SectoralBody | None, Counts]] = field(default_factory=list)

    def of_body(self, body: SectoralBody | None) -> Counts | None:
        """What ``body`` owes in this round; ``None`` where it owes nothing."""
        return next((counts for found, counts in self.bodies if found == body), None)


def bodies_in(found: Iterable[Completion]) -> list[SectoralBody | None]:
    """All that owe something in one of them, in the order of lists, the secretariat last."""
    named: dict[SectoralBody | None, None] = {body: None for one in found for body, _ in one.bodies}
    return sorted(named, key=lambda body: (body is None, body.position if body else 0, body.acronym if body else ""))


def of_rounds(
    rounds: Iterable[ReportingRound],
    user: Any,
    bodies: Collection[SectoralBody] | None = None,
    activities: ActivityQuerySet | None = None,
) -> list[Completion]:
    """The figures of each of ``rounds`` as ``user`` may see them, in three queries.

    Those who take part see every state. Everybody else sees as approved what is published, and all the rest as
    owed: drafts, submissions, returned reports, and approved ones that wait for their round to be published.

    Args:
        rounds: the rounds, in the order wanted; a planned one has no figures yet.
        user: who reads.
        bodies: only what these owe; ``None`` for all and the secretariat.
        activities: only what is owed on these; ``None`` for all.
    """
    found = {the_round.pk: Completion(the_round) for the_round in rounds}
    owed = Obligation.objects.filter(round__in=list(found)).order_by()
    if bodies is not None:
        owed = owed.owed_by(bodies)
    if activities is not None:
        owed = owed.filter(activity__in=activities.order_by().values("pk"))
    by_body: dict[int, dict[int | None, Counts]] = {}
    rows = shown_to(owed, user).values_list("round", "body", "shown_state", "shown_timeliness")
    for pk, body, state, timeliness, number in rows.annotate(number=Count("pk")):
        by_body.setdefault(pk, {}).setdefault(body, Counts()).count(state, timeliness, number)
    once = shown_to(each_activity_once(owed), user).values_list("round", "shown_state", "shown_timeliness")
    for pk, state, timeliness, number in once.annotate(number=Count("pk")):
        found[pk].total.count(state, timeliness, number)
    in_order = list(SectoralBody.objects.all()) if bodies is None else list(bodies)
    for pk, counted in by_body.items():
        found[pk].bodies = [(body, counted[body.pk]) for body in in_order if body.pk in counted]
        if None in counted:
            found[pk].bodies.append((None, counted[None]))
    return list(found.values())


def of_round(the_round: ReportingRound, user: Any, bodies: Collection[SectoralBody] | None = None) -> Completion:
    return of_rounds([the_round], user, bodies)[0]


def reports_of(the_round: ReportingRound, user: Any) -> Any:
    """The reports that the round asks for, a row for each lead body, in document order, as ``user`` may see them.

    Those who take part see the state of each, but that another body has begun a draft only as a number: here it
    counts as owed.
    """
    rows = shown_to(Obligation.objects.filter(round=the_round), user)
    if permissions.can_see_progress(user):
        rows = rows.as_seen_by(user)  # puts its ``shown_state`` in place of the other
    in_order = ("activity__position", F("body__position").asc(nulls_last=True), "pk")
    return rows.select_related("activity", "body").order_by(*in_order)


def can_list_drafts(user: Any, body: SectoralBody | None) -> bool:
    """Whether what ``body`` has begun can be told from what it has not, row by row."""
    if permissions.is_secretariat(user) or not permissions.can_see_progress(user):
        return True
    return body in permissions.bodies_of(user)


def shown_to(owed: ObligationQuerySet, user: Any) -> Any:
    """``owed`` with ``shown_state``, ``shown_timeliness`` and ``shown_first_submitted_on``: what ``user`` may know.

    The list of a round and its figures both begin here, so that a figure counts exactly the rows that it leads to.
    """
    known = owed.with_timeliness()
    best_state = F("best_state") if "best_state" in known.query.annotations else F("state")
    if permissions.can_see_progress(user):
        return known.annotate(
            shown_state=best_state,
            shown_timeliness=F("timeliness"),
            shown_first_submitted_on=F("first_submitted_on"),
        )
    hidden = Q(timeliness__in=("on_time", "late")) & ~PUBLIC
    today = timezone.localdate()
    return known.annotate(
        shown_state=Case(When(PUBLIC, then=Value(rules.APPROVED)), default=Value(rules.OWED)),
        # That it came in time would say that it came: until its date it is as if it had not.
        shown_timeliness=Case(
            When(hidden & Q(due_on__lt=today), then=Value("")),
            When(hidden & Q(due_soon_from__lte=today), then=Value("due_soon")),
            When(hidden, then=Value("not_due")),
            default=F("timeliness"),
        ),
        shown_first_submitted_on=Case(When(PUBLIC, then=F("first_submitted_on"))),
    )


def each_activity_once(owed: ObligationQuerySet) -> ObligationQuerySet:
    """Of the joint leads' rows the one that is due last, as everywhere; its state the furthest of them.

    Once a report is handed in, all rows of an activity are in one state. Before, one lead may be drafting.
    """
    beside = owed.filter(round=OuterRef("round"), activity=OuterRef("activity"))
    later = beside.filter(Q(due_on__gt=OuterRef("due_on")) | Q(due_on=OuterRef("due_on"), pk__lt=OuterRef("pk")))
    drafting = beside.filter(state=rules.DRAFT)
    return owed.filter(~Exists(later)).annotate(
        best_state=Case(
            When(Q(state=rules.OWED) & Exists(drafting), then=Value(rules.DRAFT)),
            default=F("state"),
        )
    )
