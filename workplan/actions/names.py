"""Names that links and programs use: kept when they change, so that the former one leads on to the same record."""

from typing import Any

from django.db import IntegrityError, models, transaction

from workplan.actions import audit
from workplan.actions.actor import Actor
from workplan.exceptions import Invalid
from workplan.models import BodyAlias, RecordName, SectoralBody

KEPT = (
    "{kind} “{name}” stays as a former name of {now}: links, filters, saved views and calendars that use it continue "
    "to work."
)


def keep_names(record: models.Model, before: Any, *, by: Actor) -> None:
    """Keep the name of ``record``, and the one that it had ``before``, as its own for ever.

    The former acronym of a body becomes one of its spellings.

    Args:
        record: the record as it has been written.
        before: the record as it was; ``None`` for a new one.

    Raises:
        Invalid: another record has had the name.
    """
    field = getattr(record, "NAMED_BY", "")
    if not field:
        return
    new, old = getattr(record, field), getattr(before, field, None)
    if new == old:
        return
    for name in filter(None, (old, new)):
        _keep(record, field, name)
    if old is None:
        return
    changes: dict[str, list[Any]] = {"former_name": [None, old]}
    if isinstance(record, SectoralBody):
        changes["aliases"] = [_spellings(record), _spelt_as_before(record, old)]
    audit.entry(action="name.kept", record=record, changes=changes, by=by).save()


def retire_name(record: models.Model) -> None:
    """Keep the name of a record that is deleted from ever being given to another one."""
    if field := getattr(record, "NAMED_BY", ""):
        _keep(record, field, getattr(record, field))


def name_of(record: Any) -> str:
    """The name that links and filters call ``record`` by; empty where they call it by none."""
    field = getattr(record, "NAMED_BY", "")
    return getattr(record, field) if field else ""


def former_name_notice(record: Any, former: str) -> str:
    """What whoever has changed the name of ``record`` from ``former`` is told."""
    field = record.NAMED_BY
    kind = str(record._meta.get_field(field).verbose_name).capitalize()
    return KEPT.format(kind=kind, name=former, now=getattr(record, field))


def _keep(record: Any, field: str, name: str) -> None:
    named = RecordName.objects.in_scope_of(record).filter(name=name)
    if named.filter(record_id=record.pk).exists():
        return
    if getattr(record, "NAME_ENDS_WITH_RECORD", False):
        there = type(record)._default_manager.values("pk")
        if named.exclude(record_id__in=there).update(record_id=record.pk):
            return
    row = RecordName(
        record_type=record._meta.model_name, plan_id=getattr(record, "plan_id", None), name=name, record_id=record.pk
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as problem:
        if named.filter(record_id=record.pk).exists():
            return
        what = record._meta.get_field(field).verbose_name
        raise Invalid(
            fields={field: [f"“{name}” was given to another record a moment ago. Choose another {what}."]}
        ) from problem


def _spellings(body: SectoralBody) -> list[str]:
    return list(BodyAlias.objects.filter(body=body).values_list("name", flat=True))


def _spelt_as_before(body: SectoralBody, acronym: str) -> list[str]:
    """Make ``acronym`` a spelling of ``body``, and what is its acronym now no longer one besides."""
    BodyAlias.objects.filter(body=body, name=body.acronym).delete()
    BodyAlias.objects.get_or_create(name=acronym, defaults={"body": body})
    return _spellings(body)
