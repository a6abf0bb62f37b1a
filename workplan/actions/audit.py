"""Writing the audit trail."""

from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from workplan import permissions, rules
from workplan.actions.actor import Actor
from workplan.exceptions import Invalid
from workplan.models import (
    Activity,
    ApiToken,
    AuditEntry,
    ReportingRound,
    Responsibility,
    SectoralBody,
    StatusUpdate,
    WorkPlan,
)
from workplan.rules.scopes import REPORT_SCOPE

Changes = Mapping[str, list[Any]]


def entry(*, action: str, record: Model, changes: Changes, by: Actor, reason: str = "") -> AuditEntry:
    """An audit entry on ``record``, not yet saved, in the timelines of its activity, body and round.

    Raises:
        Invalid: the reason or a new text holds characters that are no readable text, whichever action it came by.
        MissingScope: the person came in by a token that reads only, and this is about more than a token.
    """
    if not isinstance(record, ApiToken) and not permissions.writes(by.user):
        by.require_scope(REPORT_SCOPE)
    texts = {**{name: pair[-1] for name, pair in changes.items()}, "reason": reason}
    unreadable = [name for name, text in texts.items() if isinstance(text, str) and rules.UNREADABLE.search(text)]
    if unreadable:
        raise Invalid(fields={name: [rules.UNREADABLE_TEXT] for name in unreadable})
    return AuditEntry(
        actor=by.user,
        actor_name=by.name,
        channel=by.channel,
        request_id=by.request_id,
        client_request_id=by.client_request_id,
        action=action,
        plan=record if isinstance(record, WorkPlan) else getattr(record, "plan", None) or _plan_of_part(record),
        activity=_about(record, Activity, "activity"),
        body=None if _is_nothing_of_body(record) else _about(record, SectoralBody, "body"),
        round=_about(record, ReportingRound, "round"),
        record_type=record._meta.model_name or "",
        # The key of a token is a long hash; its beginning distinguishes it.
        record_id=str(record.pk)[:40],
        record_label=str(record)[:300],
        changes=dict(changes),
        reason=reason,
    )


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if value is None or isinstance(value, bool | int | str | list | dict):
        return value
    return DjangoJSONEncoder().default(value)


def _about(record: Model, model: type[Model], name: str) -> Any:
    return record if isinstance(record, model) else getattr(record, name, None)


def _is_nothing_of_body(record: Model) -> bool:
    """Whether it names a body and is not for its eyes: a draft on its behalf, or somebody's token."""
    if isinstance(record, ApiToken):
        return True
    return isinstance(record, StatusUpdate) and record.is_direct and record.state == rules.DRAFT


def _plan_of_part(record: Model) -> WorkPlan | None:
    return record.activity.plan if isinstance(record, Responsibility | StatusUpdate) else None
