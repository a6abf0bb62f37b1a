"""Writing the audit trail."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Model

from workplan.actions.actor import Actor
from workplan.models import AuditEntry, WorkPlan

Changes = Mapping[str, list[Any]]


def entry(*, action: str, record: Model, changes: Changes, by: Actor, reason: str = "") -> AuditEntry:
    """An audit entry on ``record``, not yet saved."""
    return AuditEntry(
        actor=by.user,
        actor_name=by.name,
        channel=by.channel,
        request_id=by.request_id,
        action=action,
        plan=record if isinstance(record, WorkPlan) else getattr(record, "plan", None),
        record_type=record._meta.model_name or "",
        # The key of a token is a long hash; its beginning tells it apart.
        record_id=str(record.pk)[:40],
        record_label=str(record)[:300],
        changes=dict(changes),
        reason=reason,
    )
