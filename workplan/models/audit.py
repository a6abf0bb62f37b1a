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
        request_id: our id of the request it was done in; what one request changed is undone together.
        client_request_id: the id that the client sent with the request, for its own records. Nothing is kept
            together or undone by it, because anybody can send anybody's.
        changes: ``{field: [before, after]}``.
        activity, body, round: what the change is about, for their timelines. No constraint of the database
            links them, because an entry stays when the record that it names is deleted.
    """

    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="audit_entries")
    actor_name = models.CharField(max_length=300)
    channel = models.CharField("source", max_length=20, choices=CHANNELS.choices)
    request_id = models.CharField("change set", max_length=64, blank=True)
    client_request_id = models.CharField("client request ID", max_length=64, blank=True, default="", db_default="")
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
            # The audit trail of one record.
            models.Index(fields=["record_type", "record_id"], name="auditentry_of_record"),
            # All that one request did, to look at together and to undo together.
            models.Index(fields=["request_id"], name="auditentry_of_request"),
            # What a program did in a request that it gave this id.
            models.Index(fields=["client_request_id"], name="auditentry_of_client_request"),
            # The audit trail of a day or a week.
            models.Index(fields=["at"], name="auditentry_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name}: {self.action} {self.record_label}"
