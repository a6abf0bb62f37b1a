"""Queries for reports and contributions."""

import datetime
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, Prefetch, Q, Subquery, Sum, Value, When, Window
from django.db.models.functions import Cast, Coalesce, Lag

from workplan import permissions
from workplan.querysets.publication import PUBLIC, accepts_reports_now
from workplan.rules import (
    APPROVED,
    AT_ONCE,
    CANNOT_FOLLOW,
    CORRECTION,
    DRAFT,
    KINDS_WITHOUT_NARRATIVE,
    LEAD,
    PUBLISHED,
    RETURNED,
    SUBMITTED,
    WITH_ROUND,
)

if TYPE_CHECKING:
    from workplan.models import Contribution, StatusUpdate, User  # noqa: F401


# Audit entries of those who had a part in a report, and in what belongs to it.
HANDS = ("report.begun", "report.taken_on", "report.submitted", "report.recorded")
CONTRIBUTED = "contribution.written"


def place_of_report() -> list[Any]:
    """The place of a report among the approved ones on its activity, as expressions to sort by.

    Reports stand in the order of their approval; a correction that names a report stands in that one's place, after it.
    """
    return [
        Coalesce("original_approved_at", "approved_at"),
        Coalesce("corrects_id", "id", output_field=BigIntegerField()),
        F("approved_at"),
        F("id"),
    ]


def published_correction(column: str) -> Subquery:
    """``column`` of the published correction that stands in the place of a report; null where there is none."""
    updates = apps.get_model("workplan", "StatusUpdate").objects
    return Subquery(_later_corrections(updates).published().latest_first().values(column)[:1])


def _corrections(updates: Any) -> Any:
    """Of ``updates`` the corrections of a report, and of the one that it corrects itself."""
    of_this = Q(corrects=OuterRef("pk")) | Q(corrects=OuterRef("corrects"))
    return updates.filter(of_this).order_by().exclude(pk=OuterRef("pk"))


def _later_corrections(updates: Any) -> Any:
    """Of ``updates`` the approved corrections that came after a report."""
    return _corrections(updates).approved().filter(approved_at__gte=OuterRef("approved_at"), pk__gt=OuterRef("pk"))


class StatusUpdateQuerySet(models.QuerySet["StatusUpdate"]):
    """Questions about reports and status updates, and who may see them."""

    def for_display(self) -> Self:
        """The updates with all that a history shows, newest first."""
        parts = apps.get_model("workplan", "Responsibility").objects.select_related("body").order_by("position", "id")
        return (
            self.select_related("activity__plan", "body", "round", "author", "approved_by", "corrects__body")
            .prefetch_related("evidence", Prefetch("activity__responsibilities", parts))
            .with_blockers()
            .newest_first()
        )

    def newest_first(self) -> Self:
        """The updates in the order in which they were begun, the newest first."""
        return self.order_by("-created_at", "-id")

    def with_blockers(self) -> Self:
        """With what keeps one that is being written from being saved or submitted, whoever may do that.

        ``round_is_over``: its round takes no reports of its body any more. ``is_second``: another report counts for
        its activity in its round. What keeps an approved one from being corrected: ``is_corrected``, it was;
        ``correction_waits``: a correction of it is submitted. ``workplan.actions`` judges all again, under a lock.
        ``correction_id`` and ``corrected_at``: the published correction that stands in its place, and since when.
        """
        being_written = Q(state__in=(DRAFT, RETURNED))
        others = self.model.objects.filter(activity=OuterRef("activity"), round=OuterRef("round"))
        others = others.exclude(pk=OuterRef("pk"))
        # As ``rules.is_under_way`` says, and the secretariat may enter directly what a body does not mend.
        responsibility = apps.get_model("workplan", "Responsibility")
        leads = responsibility.objects.filter(activity=OuterRef("activity"), body=OuterRef("body"), role=LEAD)
        second = Q(Exists(others.filter(state=SUBMITTED)))
        second |= Q(is_direct=False) & Q(Exists(others.filter(Exists(leads), state=RETURNED)))
        second |= ~Q(kind=CORRECTION) & Q(Exists(others.filter(state=APPROVED)))
        return self.annotate(
            is_corrected=Exists(_later_corrections(self.model.objects)),
            correction_waits=Exists(_corrections(self.model.objects).filter(state=SUBMITTED)),
            correction_id=published_correction("pk"),
            corrected_at=published_correction("approved_at"),
            round_is_over=Case(
                When(being_written & Q(round__isnull=False, corrects=None) & ~accepts_reports_now(), then=Value(True)),
                default=Value(False),
            ),
            is_second=Case(
                When(being_written & Q(round__isnull=False) & second, then=Value(True)), default=Value(False)
            ),
        )

    def with_part_of(self, user: Any) -> Self:
        """With whether ``user`` had a part in each, as the audit trail knows it (``had_part``, asked for ``part_of``).

        Whoever continues a draft leaves an entry; so does each contribution, even where another has replaced it.
        """
        if user.pk is None:
            return self
        entries = apps.get_model("workplan", "AuditEntry").objects.filter(actor=user.pk)
        own = entries.filter(
            record_type="statusupdate",
            record_id=Cast(OuterRef("pk"), models.CharField(max_length=40)),
            action__in=HANDS,
        )
        contributed = entries.filter(action=CONTRIBUTED, activity=OuterRef("activity_id"), round=OuterRef("round_id"))
        had_part = (
            Q(author=user.pk) | Q(edited_by=user.pk) | Q(submitted_by=user.pk) | Exists(own) | Exists(contributed)
        )
        return self.annotate(
            had_part=Case(When(had_part, then=Value(True)), default=Value(False)),
            part_of=Value(user.pk, output_field=models.BigIntegerField()),
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

    def in_their_places(self) -> Self:
        """Approved reports, by activity in the order of ``place_of_report``."""
        return self.order_by("activity__position", "activity", *place_of_report())

    def latest_first(self) -> Self:
        """Approved reports on one activity, the one first that counts last."""
        return self.order_by(*(part.desc() for part in place_of_report()))

    def stating(self) -> Self:
        """The reports that state a status: not those that say that nothing has changed, or nothing is to report."""
        return self.exclude(kind__in=KINDS_WITHOUT_NARRATIVE)

    def not_corrected(self) -> Self:
        """Of these reports, those in whose place none of them stands as a correction."""
        corrections = self.order_by().filter(corrects__isnull=False)
        of_this = Q(corrects=OuterRef("pk")) | Q(corrects=OuterRef("corrects"))
        later = Q(approved_at__gt=OuterRef("approved_at")) | Q(
            approved_at=OuterRef("approved_at"), pk__gt=OuterRef("pk")
        )
        return self.filter(~Exists(corrections.filter(of_this & later)))

    def as_of(self, moment: datetime.datetime) -> Self:
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
        if permissions.is_secretariat(user):
            return self.all()
        if not permissions.may_read(user):
            return self.none()
        bodies = permissions.bodies_of(user)
        if not bodies:
            return self.filter(PUBLIC)
        responsibility = apps.get_model("workplan", "Responsibility")
        led = responsibility.objects.filter(activity=OuterRef("activity"), body__in=bodies, role=LEAD)
        submitted_reports = Q(state__in=(SUBMITTED, RETURNED, APPROVED))
        # What the secretariat is writing on a body's behalf is the secretariat's own until it is recorded.
        own = Q(body__in=bodies) & ~Q(state=DRAFT, is_direct=True)
        return self.filter(PUBLIC | own | (submitted_reports & Exists(led)))

    def contradicting(self) -> Self:
        """Of the published reports that state a status, as corrected, each that contradicts the one before it.

        ``rules.contradictions`` says when it does.

        With the one before as ``before_id``, ``before_body``, ``before_status`` and ``before_as_of``.
        """
        place = place_of_report()
        in_order: dict[str, Any] = {"partition_by": F("activity"), "order_by": [part.asc() for part in place]}
        backwards: dict[str, Any] = {"partition_by": F("activity"), "order_by": [part.desc() for part in place]}
        is_correction = Case(When(kind=CORRECTION, then=1), default=0)
        steps_back = Q()
        for status, impossible in CANNOT_FOLLOW.items():
            steps_back |= Q(before_status=status, status__in=impossible)
        return (
            self.published()
            .not_corrected()
            .stating()
            .annotate(
                before_id=Window(Lag("pk"), **in_order),
                before_body=Window(Lag("body__acronym"), **in_order),
                before_status=Window(Lag("status"), **in_order),
                before_as_of=Window(Lag("as_of"), **in_order),
                corrections_since=Window(Sum(is_correction), **backwards),
            )
            .filter(corrections_since=0)
            .exclude(before_status=F("status"))
            .filter(Q(as_of__lte=F("before_as_of")) | steps_back)
            .order_by("approved_at", "pk")
        )

    def to_review(self) -> Self:
        """What waits for the secretariat's decision, the longest waiting first."""
        return self.filter(state=SUBMITTED).order_by("submitted_at", "pk")


class ContributionQuerySet(models.QuerySet["Contribution"]):
    """Questions about what cooperating bodies contribute."""

    def visible_to(self, user: Any) -> Self:
        """What cooperating bodies add is for themselves, for the lead bodies and for the secretariat."""
        if permissions.is_secretariat(user):
            return self.all()
        bodies = permissions.bodies_of(user)
        if not bodies:
            return self.none()
        responsibility = apps.get_model("workplan", "Responsibility")
        led = responsibility.objects.filter(activity=OuterRef("activity"), body__in=bodies, role=LEAD)
        return self.filter(Q(body__in=bodies) | Exists(led))

    def for_display(self) -> Self:
        """The contributions with all that a page or an answer shows, in the order of the document."""
        parts = apps.get_model("workplan", "Responsibility").objects.select_related("body").order_by("position", "id")
        return (
            self.select_related("activity__plan", "body", "round")
            .prefetch_related(Prefetch("activity__responsibilities", parts))
            .annotate(round_is_over=Case(When(accepts_reports_now(), then=Value(False)), default=Value(True)))
            .order_by("activity__position", "body__position")
        )
