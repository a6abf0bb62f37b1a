"""How to ask for reporting rounds and for what is owed in them."""

import datetime
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.utils import timezone

from workplan.rules import APPROVED, CLOSED, DRAFT, OPEN, OWED, PLANNED, PUBLISHED, RETURNED, SUBMITTED

if TYPE_CHECKING:
    from workplan.models import Obligation, ReportingRound, SectoralBody  # noqa: F401


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


class RoundQuerySet(models.QuerySet["ReportingRound"]):
    def current(self) -> Self:
        """For each plan the round that its reports belong to now: the open one, else the one that was last open."""
        same_plan = self.model.objects.filter(plan=OuterRef("plan")).exclude(state=PLANNED)
        first = same_plan.order_by(Case(When(state=OPEN, then=0), default=1), "-period_end", "-pk")
        return self.filter(pk=Subquery(first.values("pk")[:1]))

    def open(self) -> Self:
        return self.filter(state=OPEN)

    def opened(self, moment: datetime.datetime | None = None) -> Self:
        """The rounds that have been opened, or had been by ``moment``."""
        return self.exclude(opened_at=None) if moment is None else self.filter(opened_at__lte=moment)

    def past_due(self, moment: datetime.datetime | None = None) -> Self:
        """The rounds that have been opened and whose date has passed, or had by ``moment``."""
        return self.opened(moment).filter(due_on__lt=timezone.localdate(moment))

    def taking_reports_of(self, bodies: "Collection[SectoralBody]") -> Self:
        """The rounds in which one of ``bodies`` can hand in today: open, or closed with a late exception for it."""
        return self.filter(takes_reports(bodies))

    def ended(self, before: datetime.datetime) -> Self:
        """The rounds whose results stood ``before`` a moment, the latest first."""
        ended = Case(When(state=PUBLISHED, then=F("published_at")), When(state=CLOSED, then=F("closed_at")))
        return self.annotate(ended=ended).filter(ended__lt=before).order_by("-ended", "-pk")

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
