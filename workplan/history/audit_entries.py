"""Entries of the audit trail as people read them."""

from collections.abc import Iterable
from dataclasses import dataclass

from workplan.history.wording import Change, ChangeFormatter, action_label, address_of, kind_label
from workplan.models import AuditEntry


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of the audit trail as people read it."""

    entry: AuditEntry
    action: str
    kind: str
    href: str
    changes: list[Change]


def rows_of(entries: Iterable[AuditEntry]) -> list[Row]:
    """Entries as people read them; what they refer to is asked for once for all."""
    entries = list(entries)
    formatter = ChangeFormatter(entries)
    return [
        Row(
            entry,
            action_label(entry.action),
            kind_label(entry.record_type),
            address_of(entry),
            formatter.changes(entry),
        )
        for entry in entries
    ]
