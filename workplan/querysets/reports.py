"""How to ask for reports, and for what others add beside them."""

import datetime
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Prefetch, Q, Sum, Value, When, Window
from django.db.models.functions import Lag

from workplan import searching
from workplan.querysets.rounds import takes_reports
from workplan.rules import (
    APPROVED,
    AT_ONCE,
    CANNOT_FOLLOW,
    COMPLETED,
    CORRECTION,
    DRAFT,
    LEAD,
    PUBLISHED,
    RETURNED,
    SUBMITTED,
    WITH_ROUND,
)

if TYPE_CHECKING:
    from workplan.models import Contribution, StatusUpdate, User  # noqa: F401
    from workplan.searching import Words


# Approved, and either at once what counts, or with its round.
PUBLIC = Q(state=APPROVED) & (Q(round=None) | Q(round__publication=AT_ONCE) | Q(round__state=PUBLISHED))


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

    def with_public_since(self) -> Self:
        """With ``public_since``: when what is published became so, by its approval or later with its round."""
        return self.annotate(
            public_since=Case(
                When(
                    round__publication=WITH_ROUND, round__published_at__gt=F("approved_at"), then="round__published_at"
                ),
                default="approved_at",
            )
        )

    def achievements(self) -> Self:
        """What has been achieved, the newest first: published, the last word on its activity, and done or under way
        with something delivered."""
        done = Q(status=COMPLETED) | (Q(status="ongoing") & ~Q(outputs_delivered=""))
        return self.published().filter(done, activity__latest_update=F("pk")).order_by("-approved_at", "-pk")

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
        # What the secretariat is writing on a body's behalf is the secretariat's own until it is recorded.
        own = Q(body__in=bodies) & ~Q(state=DRAFT, is_direct=True)
        return self.filter(PUBLIC | own | (handed_in & Exists(led)))

    def contradicting(self) -> Self:
        """Of the published updates each that contradicts the one before it, as ``rules.contradictions`` says.

        With the one before as ``before_id``, ``before_body``, ``before_status`` and ``before_as_of``.
        """
        in_order: dict[str, Any] = {"partition_by": F("activity"), "order_by": [F("approved_at").asc(), F("pk").asc()]}
        backwards: dict[str, Any] = {
            "partition_by": F("activity"),
            "order_by": [F("approved_at").desc(), F("pk").desc()],
        }
        is_correction = Case(When(kind=CORRECTION, then=1), default=0)
        back = Q()
        for status, impossible in CANNOT_FOLLOW.items():
            back |= Q(before_status=status, status__in=impossible)
        return (
            self.published()
            .annotate(
                before_id=Window(Lag("pk"), **in_order),
                before_body=Window(Lag("body__acronym"), **in_order),
                before_status=Window(Lag("status"), **in_order),
                before_as_of=Window(Lag("as_of"), **in_order),
                corrections_since=Window(Sum(is_correction), **backwards),
            )
            .filter(corrections_since=0)
            .exclude(before_status=F("status"))
            .filter(Q(as_of__lte=F("before_as_of")) | back)
            .order_by("approved_at", "pk")
        )

    def to_review(self) -> Self:
        """What waits for the secretariat's decision, the longest waiting first."""
        return self.filter(state=SUBMITTED).order_by("submitted_at", "pk")

    def mentioning(self, words: "str | Words") -> Self:
        """The updates that hold all of ``words``, as ``searching.HELP_UPDATES`` says."""
        return self.filter(searching.holding(self.model, words))


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
