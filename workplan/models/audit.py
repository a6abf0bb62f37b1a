"""Who changed what, when, and by which way. Kept for ever."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from workplan.models.people import User
from workplan.models.plan import WorkPlan
from workplan.rules import CHANNELS


class AuditEntry(models.Model):
    """One change of one record, written in the same transaction as the change itself.

    Attributes:
        action: what was done, as ``noun.verb`` (``status.recorded``, ``activity.changed``).
        changes: ``{field: [before, after]}``.
        activity, body, round: what the change is about, for their timelines. No constraint of the database
            ties them, because an entry stays when what it tells of is gone.
    """

    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="audit_entries")
    actor_name = models.CharField(max_length=300)
    channel = models.CharField(max_length=20, choices=CHANNELS.choices)
    request_id = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=60)
    plan = models.ForeignKey(WorkPlan, models.PROTECT, null=True, related_name="audit_entries")
    activity = models.ForeignKey(
        "Activity", models.DO_NOTHING, null=True, db_constraint=False, related_name="audit_entries"
    )
    body = models.ForeignKey(
        "SectoralBody", models.DO_NOTHING, null=True, db_constraint=False, related_name="audit_entries"
    )
    round = models.ForeignKey(
        "ReportingRound", models.DO_NOTHING, null=True, db_constraint=False, related_name="audit_entries"
    )
    record_type = models.CharField(max_length=60)
    record_id = models.CharField(max_length=40)
    record_label = models.CharField(max_length=300)
    changes = models.JSONField(default=dict)
    reason = models.CharField(max_length=2_000, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name_plural = "audit entries"
        indexes: ClassVar = [
            # The trail of one record.
            models.Index(fields=["record_type", "record_id"], name="auditentry_of_record"),
            # All that one request did, to look at together and to undo together.
            models.Index(fields=["request_id"], name="auditentry_of_request"),
            # The trail of a day or a week.
            models.Index(fields=["at"], name="auditentry_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name}: {self.action} {self.record_label}"
