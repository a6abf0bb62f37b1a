"""The names that addresses and programs call a record by, kept for ever: links that were shared lead on."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from workplan.querysets.names import RecordNameQuerySet


class RecordName(models.Model):
    """A reference, code or acronym, and the one record that has it or had it.

    Written with the change that gives or takes it (``workplan.actions.names``). Once used it is never given to another
    record, so whatever was said under it stays said of the same record; the database refuses a second one.

    Attributes:
        record_type: the model of the record, as the audit trail names it.
        plan: the plan in which the name is unique; none for plans and bodies.
        record_id: the record. It stays when that is deleted.
    """

    record_type = models.CharField(max_length=60)
    plan = models.ForeignKey("WorkPlan", models.CASCADE, null=True, related_name="record_names")
    name = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    given_at = models.DateTimeField(default=timezone.now)

    objects = RecordNameQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            # The former names of a record.
            models.Index(fields=["record_type", "record_id"], name="recordname_of_record"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["record_type", "plan", "name"],
                condition=Q(plan__isnull=False),
                name="recordname_once_in_plan",
                violation_error_message="Another record of this plan has had this name.",
            ),
            models.UniqueConstraint(
                fields=["record_type", "name"],
                condition=Q(plan__isnull=True),
                name="recordname_once",
                violation_error_message="Another record has had this name.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record_type} {self.name}"


def refuse_used_name(record: Any) -> None:
    """Refuse a name that another record has had.

    Raises:
        ValidationError: at the field of the name, with the record that has had it.
    """
    field = record.NAMED_BY
    name = getattr(record, field)
    taken = RecordName.objects.in_scope_of(record).filter(name=name).exclude(record_id=record.pk or 0).first()
    if taken is None:
        return
    what, kind = record._meta.get_field(field).verbose_name, record._meta.verbose_name
    holder = type(record)._default_manager.filter(pk=taken.record_id).first()
    if holder is not None and getattr(holder, field) == name:
        return  # it has it now, which the constraints of its model say
    if holder is None and getattr(record, "NAME_ENDS_WITH_RECORD", False):
        return
    now = f"{kind} {getattr(holder, field)}" if holder else f"a deleted {kind}"
    raise ValidationError(
        {field: f"“{name}” was the {what} of {now}. Links that were shared still name it, so choose another {what}."},
        code="used_name",
    )
