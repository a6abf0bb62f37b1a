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
    """

    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="audit_entries")
    actor_name = models.CharField(max_length=300)
    channel = models.CharField(max_length=20, choices=CHANNELS.choices)
    request_id = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=60)
    plan = models.ForeignKey(WorkPlan, models.PROTECT, null=True, related_name="audit_entries")
    record_type = models.CharField(max_length=60)
    record_id = models.CharField(max_length=40)
    record_label = models.CharField(max_length=300)
    changes = models.JSONField(default=dict)
    reason = models.CharField(max_length=2_000, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name_plural = "audit entries"
        # The trail of one record.
        indexes: ClassVar = [models.Index(fields=["record_type", "record_id"], name="auditentry_of_record")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name}: {self.action} {self.record_label}"
