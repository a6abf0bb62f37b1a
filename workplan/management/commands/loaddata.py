"""Django's loader, which never writes over a record of the plan: it compares, and refuses what differs."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import loaddata
from django.db.models import Model

from workplan.models import DocumentRecord, RecordName
from workplan.models.base import Record

MOST_LISTED = 40
SHOWN = 70


class Command(loaddata.Command):
    help = (
        f"{loaddata.Command.help} A record of the plan that is there already, under its present or a former name, is "
        "compared and never written over: where anything differs, nothing is loaded and the differences are listed."
    )

    def loaddata(self, fixture_labels: Any) -> None:
        """Load, in the transaction that ``handle`` has begun.

        Raises:
            CommandError: a record that is there says something else than the files; nothing is loaded then.
        """
        self.differences: list[str] = []
        super().loaddata(fixture_labels)
        if self.differences:
            listed = [f"  {one}" for one in self.differences[:MOST_LISTED]]
            more = len(self.differences) - len(listed)
            raise CommandError(
                "\n".join(
                    [
                        f"Nothing was loaded. {len(self.differences)} differences between what the files say and what "
                        "is there:",
                        *listed,
                        *([f"  … and {more} more"] if more else []),
                        "Correct one of the two, and load again.",
                    ]
                )
            )

    def save_obj(self, obj: Any) -> bool:
        """Save a record that is new; of one that is there note what differs."""
        record = obj.object
        if not isinstance(record, Record):
            return super().save_obj(obj)
        stored = type(record)._base_manager.filter(pk=record.pk).first() if record.pk else None
        if stored is not None:
            self.differences += differences(stored, obj)
            return False
        # All is taken back where anything differs; until then the records that follow refer to this one.
        self.differences += _met_before(record)
        return super().save_obj(obj)


def differences(stored: Model, obj: Any) -> Iterator[str]:
    """In what ``stored`` differs from a record that was read from a file, in words."""
    read: Any = obj.object
    for field in stored._meta.concrete_fields:
        if field.attname in (*read.KEPT_ON_LOADING, "id", getattr(read, "NAMED_BY", "")):
            continue
        here, there = getattr(stored, field.attname), getattr(read, field.attname)
        if here != there:
            yield f"{name_of(stored)}: {field.verbose_name} is {_shown(here)} here and {_shown(there)} in the file"
    for name, linked in (obj.m2m_data or {}).items():
        keys = {getattr(one, "pk", one) for one in linked}
        if keys != set(getattr(stored, name).values_list("pk", flat=True)):
            yield f"{name_of(stored)}: {stored._meta.get_field(name).verbose_name} differ"  # type: ignore[union-attr]


def name_of(record: Any) -> str:
    kind, field = record._meta.verbose_name, getattr(record, "NAMED_BY", "")
    return f"{kind} {getattr(record, field)}" if field else f"{kind} “{record}”"


def _met_before(record: Any) -> Iterator[str]:
    """Why a record that is not there under its name is no new one: it was deleted, or stands under another name."""
    field = getattr(record, "NAMED_BY", "")
    if not field:
        return
    if RecordName.objects.in_scope_of(record).filter(name=getattr(record, field)).exists():
        yield f"{name_of(record)} is in the file, and was deleted here"
    elif isinstance(record, DocumentRecord) and record.source_lines:
        same = type(record)._default_manager.filter(
            plan=record.plan_id, source_lines=record.source_lines, text=record.text
        )
        for other in same.exclude(ref=record.ref)[:1]:
            if not _is_in_another_place(record, other):
                yield f"{name_of(record)} of the file is {name_of(other)} here, with the same words from the same lines"


def _is_in_another_place(record: Any, other: Any) -> bool:
    """Whether two records with the same words stand under different records, as the source may print them twice."""
    return bool(record.ABOVE) and getattr(record, f"{record.ABOVE}_id") != getattr(other, f"{other.ABOVE}_id")


def _shown(value: Any) -> str:
    text = str(value)
    return f"“{text if len(text) <= SHOWN else text[: SHOWN - 1] + '…'}”"
