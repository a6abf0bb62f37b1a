"""What happens to the plan: status updates and the evidence behind them."""

from typing import ClassVar

from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from workplan import rules
from workplan.models.activity import Activity
from workplan.models.base import LONG_TEXT, in_vocabulary
from workplan.models.body import SectoralBody
from workplan.models.people import User
from workplan.querysets import StatusUpdateQuerySet


class StatusUpdate(models.Model):
    """What the secretariat or a body reports on one activity at one time.

    An approved update never changes; what it got wrong, a later one of kind ``correction`` puts right.
    """

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="updates")
    body = models.ForeignKey(
        SectoralBody,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="updates",
        help_text="The body that reports; none where the secretariat does.",
    )
    kind = models.CharField(max_length=20, choices=rules.UPDATE_KINDS.choices, default=rules.PROGRESS)
    status = models.CharField(max_length=20, choices=rules.STATUSES.choices)
    as_of = models.DateField("as-of date")
    narrative = models.CharField("progress", max_length=LONG_TEXT, blank=True)
    outputs_delivered = models.CharField(max_length=LONG_TEXT, blank=True)
    challenges = models.CharField(max_length=LONG_TEXT, blank=True)
    next_steps = models.CharField(max_length=LONG_TEXT, blank=True)

    state = models.CharField(max_length=20, choices=rules.REPORT_STATES.choices, default=rules.DRAFT)
    author = models.ForeignKey(User, models.PROTECT, related_name="updates")
    author_name = models.CharField(max_length=300)
    created_at = models.DateTimeField(default=timezone.now)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="approvals")
    approved_by_name = models.CharField(max_length=300, blank=True)
    approved_at = models.DateTimeField(null=True)

    objects = StatusUpdateQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            # History of one activity, newest first.
            models.Index(fields=["activity", "-created_at"], name="statusupdate_history"),
            # What changed lately, and the status as it was on a day.
            models.Index(fields=["state", "-approved_at"], name="statusupdate_approved"),
        ]
        constraints: ClassVar = [
            in_vocabulary("status", rules.STATUSES, name="statusupdate_status_known", what="The status"),
            in_vocabulary("state", rules.REPORT_STATES, name="statusupdate_state_known", what="The report state"),
            in_vocabulary("kind", rules.UPDATE_KINDS, name="statusupdate_kind_known", what="The kind"),
            models.CheckConstraint(
                condition=Q(state=rules.DRAFT) | Q(kind__in=rules.KINDS_WITHOUT_NARRATIVE) | ~Q(narrative=""),
                name="statusupdate_narrative_present",
                violation_error_message="Say in a sentence or more what was done.",
            ),
            models.CheckConstraint(
                condition=~Q(state=rules.APPROVED)
                | (Q(approved_at__isnull=False, approved_by__isnull=False) & ~Q(approved_by_name="")),
                name="statusupdate_approval_traceable",
                violation_error_message="An approved update needs the person and the time of its approval.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity.ref} {rules.STATUSES.label(self.status)} as of {self.as_of}"

    @property
    def reported_by(self) -> str:
        """The side that reports, which everybody may know: a body's acronym, or the secretariat."""
        return self.body.acronym if self.body else "Secretariat"


full_address = URLValidator(
    schemes=["http", "https"], message="Give a full web address, such as https://asean.org/report"
)


class Evidence(models.Model):
    """A link behind an update."""

    update = models.ForeignKey(StatusUpdate, models.CASCADE, related_name="evidence")
    title = models.CharField(max_length=300)
    url = models.CharField(
        "link",
        max_length=2_000,
        validators=[full_address],
    )
    position = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["position", "id"]
        verbose_name_plural = "evidence"

    def __str__(self) -> str:
        return self.title
