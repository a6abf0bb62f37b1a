"""How to ask: the questions people put to the plan, as words on the querysets.

Page, export and API start from the same ones, so that they show the same rows in the same order.
"""

import datetime
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Prefetch, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.db.models.query import ModelIterable
from django.utils import timezone

from workplan.rules import (
    APPROVED,
    AT_ONCE,
    CLOSED,
    COOPERATING,
    CORRECTION,
    DRAFT,
    LEAD,
    NOT_REPORTED,
    OPEN,
    OWED,
    PLANNED,
    PUBLISHED,
    RETURNED,
    SUBMITTED,
)

if TYPE_CHECKING:
    from workplan.models import (  # noqa: F401
        Activity,
        Contribution,
        Obligation,
        ReportingRound,
        SectoralBody,
        StatusUpdate,
        User,
    )


def contains_words(words: str, *fields: str) -> Q:
    """Every word of ``words`` stands in at least one of ``fields``, whatever its case."""
    found = Q()
    for word in words.split():
        anywhere = Q()
        for field in fields:
            anywhere |= Q(**{f"{field}__icontains": word})
        found &= anywhere
    return found


class SectoralBodyQuerySet(models.QuerySet["SectoralBody"]):
    def get_by_natural_key(self, acronym: str) -> "SectoralBody":
        return self.get(acronym=acronym)

    def by_spelling(self) -> dict[str, "SectoralBody"]:
        """Every body by its acronym and its aliases, folded by ``fold_spelling``."""
        found: dict[str, SectoralBody] = {}
        for body in self.prefetch_related("aliases"):
            for spelling in (body.acronym, *(alias.name for alias in body.aliases.all())):
                found[fold_spelling(spelling)] = body
        return found


def fold_spelling(spelling: str) -> str:
    """The form in which two spellings of a body are compared: "SOM- ED" and "som-ed" are one."""
    return "".join(spelling.split()).casefold()


# What an activity repeats of its latest update, and what that is called as it was known at a moment.
AS_KNOWN = {"status": "known_status", "status_as_of": "known_status_as_of", "latest_update_id": "known_update"}


class _AsKnown(ModelIterable["Activity"]):
    """Activities with the status that was known at the moment their queryset looks back to."""

    def __iter__(self) -> Iterator["Activity"]:
        for activity in super().__iter__():
            for name, known in AS_KNOWN.items():
                setattr(activity, name, getattr(activity, known))
            activity.seen_at = self.queryset.moment  # type: ignore[attr-defined]
            yield activity


class ActivityQuerySet(models.QuerySet["Activity"]):
    """Activities.

    Attributes:
        moment: the moment as of which they are seen; ``None`` for now.
    """

    moment: datetime.datetime | None = None

    def _clone(self) -> Self:
        copy: Self = super()._clone()  # type: ignore[misc]
        copy.moment = self.moment
        return copy

    def as_of(self, moment: datetime.datetime) -> Self:
        """The activities with the status, its day and its update as they were known at ``moment``.

        Known is what had been approved by then and was published, which a report that waits for its round is not
        before the round. An activity that entered the plan later is left out; all else that the document says is as
        it stands today.
        """
        entered_later = apps.get_model("workplan", "AuditEntry").objects.filter(
            activity=OuterRef("pk"), action="activity.created", at__gt=moment
        )
        rows = self.filter(~Exists(entered_later)).annotate(**as_known(moment))
        rows.moment = moment
        rows._iterable_class = _AsKnown
        return rows

    def column(self, name: str) -> str:
        """What to filter, count or sort by for ``name``: the status as of the moment that the rows are seen at."""
        return name if self.moment is None else AS_KNOWN.get(name, name)

    def in_status(self, values: Collection[str]) -> Self:
        """The activities whose status is one of ``values``."""
        return self.filter(**{f"{self.column('status')}__in": values})

    def for_display(self) -> Self:
        """The activities with all that a row shows, in document order, in a fixed number of queries."""
        # The same plan and few areas stand behind many rows: fetched once each, not joined to every row.
        areas = apps.get_model("workplan", "CollaborationArea").objects.select_related("parent", "provision__section")
        parts = apps.get_model("workplan", "Responsibility").objects.select_related("body").order_by("position", "id")
        owed = apps.get_model("workplan", "Obligation").objects.in_current_rounds().with_timeliness()
        # Not joined: of rows as of a moment it is another one than the column holds.
        updates = apps.get_model("workplan", "StatusUpdate").objects.select_related("body", "round")
        return self.prefetch_related(
            "plan",
            Prefetch("latest_update", updates),
            Prefetch("area", areas),
            Prefetch("responsibilities", parts),
            Prefetch("obligations", owed.order_by("-due_on", "pk"), to_attr="current_obligations"),
        ).order_by("plan", "position")

    def visible_to(self, user: Any) -> Self:
        """The activities that ``user`` may read: all of them, where they may read at all."""
        from workplan import permissions

        return self.all() if permissions.may_read(user) else self.none()

    def involving(self, bodies: Collection["SectoralBody"] | None, role: str = "") -> Self:
        """The activities in which one of ``bodies`` has ``role``, or any role.

        "All other SB" makes every body cooperate that has no role of its own in the activity.

        Args:
            bodies: the bodies meant; ``None`` for any body at all.
            role: ``lead``, ``cooperating`` or empty for both.
        """
        responsibility = apps.get_model("workplan", "Responsibility")
        here = responsibility.objects.filter(activity=OuterRef("pk"))
        wanted = here if bodies is None else here.filter(body__in=bodies)
        if role == LEAD:
            return self.filter(Exists(wanted.filter(role=LEAD)))
        if bodies is None:
            named_here = here.filter(role=COOPERATING) if role else here
            return self.filter(Exists(named_here) | Q(all_other_bodies_cooperate=True))
        body = apps.get_model("workplan", "SectoralBody")
        unnamed = body.objects.filter(pk__in=[body.pk for body in bodies]).exclude(
            pk__in=responsibility.objects.filter(activity=OuterRef(OuterRef("pk"))).values("body")
        )
        named = wanted.filter(role=COOPERATING) if role else wanted
        return self.filter(Exists(named) | (Q(all_other_bodies_cooperate=True) & Exists(unnamed)))

    def led_by(self, bodies: Collection["SectoralBody"]) -> Self:
        """The activities of which one of ``bodies`` is a lead body."""
        return self.involving(bodies, LEAD)

    def mentioning(self, words: str) -> Self:
        """The activities whose text, output, area or reference hold every word of ``words``."""
        return self.filter(contains_words(words, "text", "expected_output", "area__text", "ref"))

    def with_report_in(
        self, states: Collection[str], user: Any, rounds: "Collection[ReportingRound] | None" = None
    ) -> Self:
        """The activities that have an update in one of ``states`` which ``user`` may see, of ``rounds`` or of any."""
        update = apps.get_model("workplan", "StatusUpdate")
        reports = update.objects.visible_to(user).filter(activity=OuterRef("pk"), state__in=states)
        if rounds:
            reports = reports.filter(round__in=rounds)
        return self.filter(Exists(reports))

    def owed_in(self, rounds: "Collection[ReportingRound]") -> Self:
        """The activities on which a report is or was owed in one of ``rounds``."""
        owed = apps.get_model("workplan", "Obligation").objects.filter(activity=OuterRef("pk"), round__in=rounds)
        return self.filter(Exists(owed))

    def timely(self, values: Collection[str]) -> Self:
        """The activities whose report in the current round is ``values`` (of ``rules.TIMELINESS``)."""
        owed = apps.get_model("workplan", "Obligation").objects.in_current_rounds().with_timeliness()
        # Of joint leads, the one with most time decides: until then any of them may still report.
        latest: Any = owed.filter(activity=OuterRef("pk")).order_by("-due_on", "pk")
        known = self.alias(_timeliness=Subquery(latest.values("timeliness")[:1]))
        wanted = Q(_timeliness__in=values)
        return known.filter(wanted | Q(_timeliness=None) if "not_due" in values else wanted)


# Approved, and either at once what counts, or with its round.
PUBLIC = Q(state=APPROVED) & (Q(round=None) | Q(round__publication=AT_ONCE) | Q(round__state=PUBLISHED))


def as_known(moment: datetime.datetime, prefix: str = "known_") -> dict[str, Any]:
    """What an activity repeats of its latest update, as it was known at ``moment``, as annotations.

    Args:
        prefix: what their names begin with.
    """
    known = apps.get_model("workplan", "StatusUpdate").objects.known_at(moment)
    latest = known.filter(activity=OuterRef("pk")).order_by("-approved_at", "-pk")
    return {
        f"{prefix}status": Coalesce(Subquery(latest.values("status")[:1]), Value(NOT_REPORTED)),
        f"{prefix}status_as_of": Subquery(latest.values("as_of")[:1]),
        f"{prefix}update": Subquery(latest.values("pk")[:1]),
    }


def takes_reports(bodies: "Collection[SectoralBody] | None" = None) -> Q:
    """Whether a round takes reports today: it is open, or closed and a body has more time.

    Args:
        bodies: where the row is the round itself, whose exceptions count; ``None`` where the row has a ``round``
            and a ``body`` of its own.
    """
    exceptions = apps.get_model("workplan", "LateException").objects.filter(until__gte=timezone.localdate())
    if bodies is None:
        mine, state = exceptions.filter(round=OuterRef("round"), body=OuterRef("body")), "round__state"
    else:
        mine, state = exceptions.filter(round=OuterRef("pk"), body__in=bodies), "state"
    return Q(**{state: OPEN}) | (Q(**{state: CLOSED}) & Q(Exists(mine)))


class StatusUpdateQuerySet(models.QuerySet["StatusUpdate"]):
    def for_display(self) -> Self:
        """The updates with all that a history shows, newest first."""
        parts = apps.get_model("workplan", "Responsibility").objects.select_related("body").order_by("position", "id")
        return (
            self.select_related("activity__plan", "body", "round", "author", "approved_by")
            .prefetch_related("evidence", Prefetch("activity__responsibilities", parts))
            .with_hindrances()
            .order_by("-created_at", "-id")
        )

    def with_hindrances(self) -> Self:
        """With what keeps one that is being written from being saved or submitted, whoever may do that.

        ``round_is_over``: its round takes no reports of its body any more. ``is_second``: another report counts for
        its activity in its round. ``workplan.actions`` judges both again, under a lock.
        """
        being_written = Q(state__in=(DRAFT, RETURNED))
        others = self.model.objects.filter(activity=OuterRef("activity"), round=OuterRef("round"))
        others = others.exclude(pk=OuterRef("pk"))
        second = Q(Exists(others.filter(state=SUBMITTED)))
        second |= Q(is_direct=False) & Q(Exists(others.filter(state=RETURNED)))
        second |= ~Q(kind=CORRECTION) & Q(Exists(others.filter(state=APPROVED)))
        return self.annotate(
            round_is_over=Case(
                When(being_written & Q(round__isnull=False) & ~takes_reports(), then=Value(True)), default=Value(False)
            ),
            is_second=Case(
                When(being_written & Q(round__isnull=False) & second, then=Value(True)), default=Value(False)
            ),
        )

    def approved(self) -> Self:
        """The updates that count."""
        return self.filter(state=APPROVED)

    def published(self) -> Self:
        """The approved updates that everybody may read, and of which the latest is the activity's status."""
        return self.filter(PUBLIC)

    def known_at(self, moment: datetime.datetime) -> Self:
        """The updates that had been approved and published at ``moment``.

        The latest of an activity by the time of its approval was its status then: what is published with its round
        does not overrule what was approved after it.
        """
        at_once = Q(round=None) | Q(round__publication=AT_ONCE)
        return self.approved().filter(
            at_once | Q(round__state=PUBLISHED, round__published_at__lte=moment), approved_at__lte=moment
        )

    def visible_to(self, user: "User | Any") -> Self:
        """Published updates for every reader; what is still in the making for those who have a part in it.

        The secretariat sees all. A focal point sees all of its own body, and what the joint lead of its
        activity has submitted; nobody else's drafts.
        """
        from workplan import permissions

        if permissions.is_secretariat(user):
            return self.all()
        if not permissions.may_read(user):
            return self.none()
        bodies = permissions.bodies_of(user)
        if not bodies:
            return self.filter(PUBLIC)
        responsibility = apps.get_model("workplan", "Responsibility")
        led = responsibility.objects.filter(activity=OuterRef("activity"), body__in=bodies, role=LEAD)
        handed_in = Q(state__in=(SUBMITTED, RETURNED, APPROVED))
        return self.filter(PUBLIC | Q(body__in=bodies) | (handed_in & Exists(led)))

    def to_review(self) -> Self:
        """What waits for the secretariat's decision, the longest waiting first."""
        return self.filter(state=SUBMITTED).order_by("submitted_at", "pk")

    def mentioning(self, words: str) -> Self:
        """The updates whose words hold every word of ``words``."""
        return self.filter(contains_words(words, "narrative", "outputs_delivered", "challenges", "next_steps"))


class RoundQuerySet(models.QuerySet["ReportingRound"]):
    def current(self) -> Self:
        """For each plan the round that its reports belong to now: the open one, else the one that was last open."""
        same_plan = self.model.objects.filter(plan=OuterRef("plan")).exclude(state=PLANNED)
        first = same_plan.order_by(Case(When(state=OPEN, then=0), default=1), "-period_end", "-pk")
        return self.filter(pk=Subquery(first.values("pk")[:1]))

    def open(self) -> Self:
        return self.filter(state=OPEN)

    def taking_reports_of(self, bodies: "Collection[SectoralBody]") -> Self:
        """The rounds in which one of ``bodies`` can hand in today: open, or closed with a late exception for it."""
        return self.filter(takes_reports(bodies))

    def for_display(self) -> Self:
        """The rounds in the order of their periods, with their plan."""
        return self.select_related("plan").order_by("plan", "period_start", "pk")

    def with_hindrances(self) -> Self:
        """With what keeps a round from being opened (``another_is_open``) or published (``reports_wait``)."""
        others = self.model.objects.filter(plan=OuterRef("plan"), state=OPEN).exclude(pk=OuterRef("pk"))
        waiting = apps.get_model("workplan", "StatusUpdate").objects.filter(round=OuterRef("pk"), state=SUBMITTED)
        return self.annotate(another_is_open=Exists(others), reports_wait=Exists(waiting))

    def visible_to(self, user: Any) -> Self:
        """The rounds that ``user`` may know of: all, where they may read at all."""
        from workplan import permissions

        return self.all() if permissions.may_read(user) else self.none()


class ObligationQuerySet(models.QuerySet["Obligation"]):
    def in_current_rounds(self) -> Self:
        """What is owed, or was, in the round that each plan is in now."""
        return self.filter(round__in=apps.get_model("workplan", "ReportingRound").objects.current().values("pk"))

    def with_timeliness(self) -> Self:
        """With ``timeliness``, a value of ``rules.TIMELINESS`` for today.

        A report that was first submitted by its date is on time, whatever became of it in the review; one that
        was returned is asked for again, and overdue when its date has passed.
        """
        today = timezone.localdate()
        handed_in = Q(state__in=(SUBMITTED, APPROVED))
        return self.annotate(
            timeliness=Case(
                When(handed_in & Q(first_submitted_on__lte=F("due_on")), then=Value("on_time")),
                When(handed_in, then=Value("late")),
                When(due_on__lt=today, then=Value("overdue")),
                When(due_soon_from__lte=today, then=Value("due_soon")),
                default=Value("not_due"),
            )
        )

    def as_seen_by(self, user: Any) -> Self:
        """With ``shown_state`` and ``report_is_visible``: a draft of another body is only "owed" to a focal point."""
        from workplan import permissions

        reports = apps.get_model("workplan", "StatusUpdate").objects.visible_to(user).filter(pk=OuterRef("report"))
        strange = Q(state=DRAFT)
        if permissions.is_secretariat(user):
            strange &= Q(pk=None)
        else:
            strange &= Q(body=None) | ~Q(body__in=permissions.bodies_of(user))
        return self.annotate(
            shown_state=Case(When(strange, then=Value(OWED)), default=F("state")),
            report_is_visible=Exists(reports),
        )

    def owed_by(self, bodies: "Collection[SectoralBody]") -> Self:
        return self.filter(body__in=bodies)

    def outstanding(self) -> Self:
        """What still has to be handed in."""
        return self.exclude(state__in=(SUBMITTED, APPROVED))

    def for_display(self) -> Self:
        """With activity, body and round, what is overdue first, then by date and in document order."""
        return (
            self.select_related("activity__plan", "activity__latest_update", "body", "round", "report")
            .with_timeliness()
            .order_by(
                Case(
                    When(timeliness="overdue", then=0),
                    When(state=RETURNED, then=1),
                    When(timeliness="due_soon", then=2),
                    When(state=DRAFT, then=3),
                    When(state=SUBMITTED, then=5),
                    When(state=APPROVED, then=6),
                    default=4,
                ),
                "due_on",
                "activity__position",
                "pk",
            )
        )


class ContributionQuerySet(models.QuerySet["Contribution"]):
    def visible_to(self, user: Any) -> Self:
        """What cooperating bodies add is for themselves, for the lead bodies and for the secretariat."""
        from workplan import permissions

        if permissions.is_secretariat(user):
            return self.all()
        bodies = permissions.bodies_of(user)
        if not bodies:
            return self.none()
        responsibility = apps.get_model("workplan", "Responsibility")
        led = responsibility.objects.filter(activity=OuterRef("activity"), body__in=bodies, role=LEAD)
        return self.filter(Q(body__in=bodies) | Exists(led))

    def for_display(self) -> Self:
        parts = apps.get_model("workplan", "Responsibility").objects.select_related("body").order_by("position", "id")
        return (
            self.select_related("activity__plan", "body", "round")
            .prefetch_related(Prefetch("activity__responsibilities", parts))
            .annotate(round_is_over=Case(When(takes_reports(), then=Value(False)), default=Value(True)))
            .order_by("activity__position", "body__position")
        )
