"""Queries for reporting rounds and for the reports due in them."""

import datetime
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When

from workplan import permissions
from workplan.querysets.days import secretariat_day
from workplan.querysets.names import NamedQuerySet
from workplan.querysets.publication import PUBLIC, accepts_reports_now
from workplan.rules import (
    APPROVED,
    CLOSED,
    CONTRADICTION,
    DRAFT,
    DUE,
    NOT_RECEIVED,
    OPEN,
    PLANNED,
    PUBLISHED,
    RETURNED,
    SUBMITTED,
)

if TYPE_CHECKING:
    from workplan.models import Obligation, ReportingRound, SectoralBody  # noqa: F401

# Nobody can send it any more.
NEVER_CAME = Q(state__in=(DUE, DRAFT, RETURNED), round__state=PUBLISHED)


class RoundQuerySet(NamedQuerySet):
    """Questions about reporting rounds."""

    def current(self) -> Self:
        """For each plan the round that its reports belong to now: the open one, else the one that was last open."""
        same_plan = self.model.objects.filter(plan=OuterRef("plan")).exclude(state=PLANNED)
        first = same_plan.order_by(Case(When(state=OPEN, then=0), default=1), "-period_end", "-pk")
        return self.filter(pk=Subquery(first.values("pk")[:1]))

    def open(self) -> Self:
        """The rounds that take reports now."""
        return self.filter(state=OPEN)

    def opened(self, moment: datetime.datetime | None = None) -> Self:
        """The rounds that have been opened, or had been by ``moment``."""
        return self.exclude(opened_at=None) if moment is None else self.filter(opened_at__lte=moment)

    def past_due(self, moment: datetime.datetime | None = None) -> Self:
        """The rounds that have been opened and whose date has passed, or had by ``moment``."""
        return self.opened(moment).filter(due_on__lt=secretariat_day(moment))

    def taking_reports_of(self, bodies: "Collection[SectoralBody]") -> Self:
        """The rounds in which one of ``bodies`` can submit today: open, or closed with a late exception for it."""
        return self.filter(accepts_reports_now(bodies))

    def ended(self, before: datetime.datetime) -> Self:
        """The rounds that had ended ``before`` a moment, the latest first."""
        ended = Case(When(state=PUBLISHED, then=F("published_at")), When(state=CLOSED, then=F("closed_at")))
        return self.annotate(ended=ended).filter(ended__lt=before).order_by("-ended", "-pk")

    def for_display(self) -> Self:
        """The rounds in the order of their periods, with their plan."""
        return self.select_related("plan").order_by("plan", "period_start", "pk")

    def with_blockers(self) -> Self:
        """With what keeps a round from being opened (``another_is_open``), or its publication from being withdrawn.

        ``is_built_on`` says in SQL what ``monitoring.publication.obstacles_to_withdrawal`` says in sentences.
        """
        others = self.model.objects.filter(plan=OuterRef("plan")).exclude(pk=OuterRef("pk"))
        since = OuterRef("published_at")
        updates = apps.get_model("workplan", "StatusUpdate").objects.filter(state=APPROVED)
        reported = updates.filter(round=OuterRef(OuterRef("pk"))).order_by().values("activity")
        later = updates.filter(Q(round=None) | ~Q(round=OuterRef("pk")), approved_at__gt=since, activity__in=reported)
        decisions = apps.get_model("workplan", "Decision").objects.filter(kind=CONTRADICTION, decided_at__gt=since)
        return self.annotate(
            another_is_open=Exists(others.filter(state=OPEN)),
            is_built_on=Case(
                When(
                    Exists(others.moved_since(since)) | Exists(later) | Exists(decisions.filter(plan=OuterRef("plan"))),
                    then=Value(True),
                ),
                default=Value(False),
            ),
        )

    def moved_since(self, moment: Any) -> Self:
        """The rounds that are open, or were opened, closed or published after ``moment``."""
        return self.filter(
            Q(state=OPEN) | Q(opened_at__gt=moment) | Q(closed_at__gt=moment) | Q(published_at__gt=moment)
        )

    def visible_to(self, user: Any) -> Self:
        """The rounds that ``user`` may know of: all, where they may read at all."""
        return self.all() if permissions.may_read(user) else self.none()


class ObligationQuerySet(models.QuerySet["Obligation"]):
    """Questions about the reports that are due in rounds."""

    def in_current_rounds(self) -> Self:
        """The obligations in the current round of each plan, met or not."""
        return self.filter(round__in=apps.get_model("workplan", "ReportingRound").objects.current().values("pk"))

    def with_timeliness(self) -> Self:
        """With ``timeliness``, a value of ``rules.TIMELINESS`` for today.

        A report that was first submitted by its date is on time, whatever the review decided; one that
        was returned is asked for again, and overdue when its date has passed. Once the round is published, nobody
        can send what is missing: it was not received. On an activity that no body leads, no body is late.
        """
        today = secretariat_day()
        submitted_reports = Q(state__in=(SUBMITTED, APPROVED))
        return self.annotate(
            timeliness=Case(
                When(submitted_reports & Q(first_submitted_on__lte=F("due_on")), then=Value("on_time")),
                When(submitted_reports, then=Value("late")),
                When(body=None, then=Value("not_due")),
                When(round__state=PUBLISHED, then=Value(NOT_RECEIVED)),
                When(due_on__lt=today, then=Value("overdue")),
                When(due_soon_from__lte=today, then=Value("due_soon")),
                default=Value("not_due"),
            )
        )

    def as_seen_by(self, user: Any) -> Self:
        """With ``shown_state`` and ``report_is_visible``: to a focal point, a draft of another body shows as due."""
        reports = apps.get_model("workplan", "StatusUpdate").objects.visible_to(user).filter(pk=OuterRef("report"))
        strange = Q(state=DRAFT)
        if permissions.is_secretariat(user):
            strange &= Q(pk=None)
        else:
            strange &= Q(body=None) | ~Q(body__in=permissions.bodies_of(user))
        return self.annotate(
            shown_state=Case(
                When(NEVER_CAME, then=Value(NOT_RECEIVED)), When(strange, then=Value(DUE)), default=F("state")
            ),
            report_is_visible=Exists(reports),
        )

    def shown_to(self, user: Any) -> Any:
        """With ``shown_state``, ``shown_timeliness`` and ``shown_first_submitted_on``: what ``user`` may know.

        The list of a round and its figures both begin here, so that a figure counts exactly the rows that it leads to.
        Those who take no part in reporting are shown what follows from published reports and from dates, and nothing
        else. A report is published when it is approved, or where the round says so (``rules.WITH_ROUND``) with its
        round.
        """
        known = self.with_timeliness()
        best_state = F("best_state") if "best_state" in known.query.annotations else F("state")
        if permissions.can_see_progress(user):
            return known.annotate(
                shown_state=Case(When(NEVER_CAME, then=Value(NOT_RECEIVED)), default=best_state),
                shown_timeliness=F("timeliness"),
                shown_first_submitted_on=F("first_submitted_on"),
            )
        today = secretariat_day()
        return known.annotate(
            shown_state=Case(
                When(PUBLIC, then=Value(APPROVED)),
                When(round__state=PUBLISHED, then=Value(NOT_RECEIVED)),
                default=Value(DUE),
            ),
            # Until a report is published, its date alone decides: that it was submitted, returned or approved changes
            # nothing.
            shown_timeliness=Case(
                When(PUBLIC, then=F("timeliness")),
                When(body=None, then=Value("not_due")),
                When(round__state=PUBLISHED, then=Value(NOT_RECEIVED)),
                When(due_on__lt=today, then=Value("overdue")),
                When(due_soon_from__lte=today, then=Value("due_soon")),
                default=Value("not_due"),
            ),
            shown_first_submitted_on=Case(When(PUBLIC, then=F("first_submitted_on"))),
        )

    def each_activity_once(self) -> Self:
        """Of the joint leads' rows the one that is due last, as everywhere; its state the most advanced of them.

        Once a report is submitted, all rows of an activity are in one state. Before, one lead may be drafting.
        """
        related = self.filter(round=OuterRef("round"), activity=OuterRef("activity"))
        later = related.filter(Q(due_on__gt=OuterRef("due_on")) | Q(due_on=OuterRef("due_on"), pk__lt=OuterRef("pk")))
        drafting = related.filter(state=DRAFT)
        return self.filter(~Exists(later)).annotate(
            best_state=Case(
                When(Q(state=DUE) & Exists(drafting), then=Value(DRAFT)),
                default=F("state"),
            )
        )

    def from_bodies(self) -> Self:
        """What is due from bodies. What nobody leads is no body's to report on; who leads it is an open question."""
        return self.filter(body__isnull=False)

    def due_from(self, bodies: "Collection[SectoralBody]") -> Self:
        """The reports that these bodies have to deliver."""
        return self.filter(body__in=bodies)

    def outstanding(self) -> Self:
        """What still has to be submitted."""
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
