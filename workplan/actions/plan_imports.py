"""Making a whole plan of a file: everything in one transaction, each record with its audit entry."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from workplan import permissions, rules
from workplan.actions import audit
from workplan.actions.actor import Actor
from workplan.actions.plan import edited_values, save_record
from workplan.exceptions import Invalid, NotAllowed, Stale, WrongState
from workplan.models import (
    Activity,
    AuditEntry,
    CollaborationArea,
    PlanImport,
    Provision,
    Responsibility,
    Section,
    SectoralBody,
    WorkPlan,
)

BATCH = 500
RESERVED_CODES = {"import"}  # /plans/import/ is no plan
MODELS: dict[str, type[models.Model]] = {
    "section": Section,
    "provision": Provision,
    "area": CollaborationArea,
    "activity": Activity,
}
# The field that names the record above, where that is of another kind.
ABOVE = {"provision": "section", "area": "provision", "activity": "area"}
NOT_OPEN = "This file is not in preview any more. Nothing was changed."


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record of the plan that is to be made.

    Attributes:
        kind: ``section``, ``provision``, ``area`` or ``activity``.
        ref: its reference.
        above: the reference of the record that it stands under; empty for a section.
        values: its other fields, as the model names them.
        parts: for an activity the acronym, role and lead country of each body, as printed; for an area the acronyms
            of those that proposed it, with no role.
    """

    kind: str
    ref: str
    above: str
    values: Mapping[str, Any]
    parts: Sequence[tuple[str, str, str]] = field(default_factory=tuple)


def _require_permission(by: Actor) -> None:
    if not by.is_server and not permissions.can_import_plans(by.user):
        raise NotAllowed("Only the secretariat imports plans.")


@transaction.atomic
def begin_plan_import(*, file_name: str, kind: str, content: bytes, values: Mapping[str, Any], by: Actor) -> PlanImport:
    """Keep a file that a plan is to be made of. Nothing of it is in a plan yet.

    Args:
        file_name: what it is called by who sent it.
        kind: ``docx`` or ``xlsx``.
        content: the file, which was looked through.
        values: code, title, edition, period and predecessor of the plan.
        by: who does it.

    Raises:
        NotAllowed: the person may not import plans.
        Invalid: the values break a rule, or the code is taken.
    """
    _require_permission(by)
    made = PlanImport(
        file_name=rules.plain_file_name(file_name),
        kind=kind,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        created_by=by.user,
        created_by_name=by.name,
        **values,
    )
    _check(made)
    made.save(force_insert=True)
    changes = {name: [None, audit.plain(getattr(made, name))] for name in ("file_name", "sha256", "code", "title")}
    audit.entry(action="planimport.begun", record=made, changes=changes, by=by).save()
    return made


@transaction.atomic
def change_plan_import(*, pending: PlanImport, version: int, values: Mapping[str, Any], by: Actor) -> PlanImport:
    """Say what the tables, bodies and cells of a file are, or what the plan is called. Returns it as it is then.

    Args:
        pending: the file; it is read again under a lock.
        version: the version that the person has seen.
        values: fields with their new values, ``answers`` among them.
        by: who does it.

    Raises:
        NotAllowed, Invalid: as ``begin_plan_import``.
        WrongState: it is not in preview.
        Stale: somebody changed it since.
    """
    _require_permission(by)
    found = _locked(pending, version)
    changes = {
        name: [audit.plain(getattr(found, name)), audit.plain(value)]
        for name, value in values.items()
        if getattr(found, name) != value
    }
    if not changes:
        return found
    for name, value in values.items():
        setattr(found, name, value)
    _check(found)
    found.version += 1
    found.save(update_fields=[*values, "version"])
    named = {name: [str(before), str(after)] for name, (before, after) in changes.items() if name != "answers"}
    if "answers" in changes:
        named["answers"] = changes["answers"]
    audit.entry(action="planimport.changed", record=found, changes=named, by=by).save()
    return found


@transaction.atomic
def discard_plan_import(*, pending: PlanImport, version: int, by: Actor) -> None:
    """Make nothing of a file. It is kept no longer; that it was there is.

    Raises:
        NotAllowed, WrongState, Stale: as ``change_plan_import``.
    """
    _require_permission(by)
    found = _locked(pending, version)
    found.state, found.content, found.version = rules.DISCARDED, b"", found.version + 1
    found.save(update_fields=["state", "content", "version"])
    changes = {"state": [rules.OPEN, rules.DISCARDED]}
    audit.entry(action="planimport.discarded", record=found, changes=changes, by=by).save()


@transaction.atomic
def import_plan(*, pending: PlanImport, version: int, records: Sequence[NewRecord], reason: str, by: Actor) -> WorkPlan:
    """Make a plan of the records that a file was read as: all of them or none.

    Args:
        pending: the file.
        version: the version that the person has seen.
        records: each after the record that it stands under, in the order of the document.
        reason: what people chose, for the audit trail.
        by: who does it.

    Raises:
        NotAllowed, WrongState, Stale: as ``change_plan_import``.
        Invalid: a record breaks a rule, or the code is taken by now.
    """
    _require_permission(by)
    found = _locked(pending, version)
    plan = WorkPlan(
        code=found.code,
        title=found.title,
        edition=found.edition,
        period_start=found.period_start,
        period_end=found.period_end,
        predecessor=found.predecessor,
        source_name=found.file_name,
        source_note=f"Imported from this file, whose SHA-256 is {found.sha256}.",
    )
    save_record(record=plan, by=by, reason=reason)
    _Writer(plan, by).write(records)
    found.state, found.plan, found.version = rules.IMPORTED, plan, found.version + 1
    found.save(update_fields=["state", "plan", "version"])
    changes: dict[str, list[Any]] = {"state": [rules.OPEN, rules.IMPORTED], "plan": [None, plan.code]}
    audit.entry(action="planimport.imported", record=found, changes=changes, by=by, reason=reason).save()
    return plan


def _locked(pending: PlanImport, version: int) -> PlanImport:
    rows = PlanImport.objects.select_for_update(of=("self",), no_key=True)
    found = rows.get(pk=pending.pk)
    if found.state != rules.OPEN:
        raise WrongState(NOT_OPEN)
    if found.version != version:
        raise Stale(current=[found])
    return found


def _check(made: PlanImport) -> None:
    for name in ("title", "edition"):
        setattr(made, name, rules.normalised(getattr(made, name)))
    try:
        made.full_clean(exclude=["content"])
    except ValidationError as problem:
        raise Invalid(fields=problem.message_dict) from problem
    if made.code in RESERVED_CODES:
        raise Invalid(fields={"code": [f"“{made.code}” is the address of another page. Choose another code."]})
    if WorkPlan.objects.filter(code=made.code).exists():
        raise Invalid(fields={"code": ["This code is taken by another plan."]})


class _Writer:
    """Writes the records of one plan, kind by kind, and an audit entry for each."""

    def __init__(self, plan: WorkPlan, by: Actor) -> None:
        self.plan, self.by = plan, by
        self.bodies = {body.acronym: body for body in SectoralBody.objects.all()}
        self.written: dict[str, models.Model] = {}
        self.position: dict[str, int] = {}

    def write(self, records: Sequence[NewRecord]) -> None:
        """Write them all."""
        refs = [record.ref for record in records]
        if len(set(refs)) != len(refs):
            raise Invalid(fields={"records": ["Two records have the same reference."]})
        for kind in MODELS:
            of_kind = [record for record in records if record.kind == kind]
            while of_kind:
                # Areas stand under areas: those whose parent is written come first.
                ready = [record for record in of_kind if not record.above or record.above in self.written]
                if not ready:
                    refs = [record.ref for record in of_kind[:5]]
                    raise Invalid(fields={"records": [f"{', '.join(refs)}: the record above is missing."]})
                made = [self.made(record) for record in ready]
                self.save(made)
                self.written |= {record.ref: one for record, one in zip(ready, made, strict=True)}
                done = {record.ref for record in ready}
                of_kind = [record for record in of_kind if record.ref not in done]
        self.link(records)

    def made(self, record: NewRecord) -> models.Model:
        """The record, not yet saved."""
        self.position[record.kind] = self.position.get(record.kind, 0) + 1
        values = {name: rules.normalised_value(value) for name, value in record.values.items()}
        made = MODELS[record.kind](plan=self.plan, ref=record.ref, **values)
        made.position = self.position[record.kind]  # type: ignore[attr-defined]
        above = self.written.get(record.above)
        if isinstance(made, CollaborationArea) and isinstance(above, CollaborationArea):
            made.parent, made.provision = above, above.provision
        elif record.kind in ABOVE:
            setattr(made, ABOVE[record.kind], above)
        return made

    def save(self, made: Sequence[models.Model]) -> None:
        """Check and write records of one kind, with their audit entries."""
        problems = []
        for one in made:
            # Whoever they refer to was written just now; that they are once each, the database holds as well.
            foreign = [field.name for field in one._meta.concrete_fields if field.is_relation]
            try:
                one.clean_fields(exclude=foreign)
                one.clean()
            except ValidationError as problem:
                texts = [f"{name}: {' '.join(found)}" for name, found in problem.message_dict.items()]
                problems.append(f"{getattr(one, 'ref', one)}: {'; '.join(texts)}")
        if problems:
            raise Invalid(fields={"records": problems})
        try:
            type(made[0])._default_manager.bulk_create(made, batch_size=BATCH)
        except IntegrityError as problem:
            raise Invalid(fields={"records": [f"A rule of the database refuses a record: {problem}"]}) from problem
        AuditEntry.objects.bulk_create([self.entry(one) for one in made], batch_size=BATCH)

    def entry(self, one: models.Model) -> AuditEntry:
        """The audit entry on a record that was made."""
        filled = {name: value for name, value in edited_values(one).items() if value not in (None, "", [], {})}
        values: dict[str, list[Any]] = {name: [None, value] for name, value in filled.items()}
        return audit.entry(action=f"{one._meta.model_name}.created", record=one, changes=values, by=self.by)

    def link(self, records: Sequence[NewRecord]) -> None:
        """The bodies of the activities, and those that proposed an area."""
        parts = []
        proposing = []
        for record in records:
            one = self.written[record.ref]
            for position, (acronym, role, country) in enumerate(record.parts, start=1):
                body = self.bodies.get(acronym)
                if body is None:
                    raise Invalid(fields={"records": [f"{record.ref}: there is no body “{acronym}”."]})
                if isinstance(one, Activity):
                    parts.append(
                        Responsibility(activity=one, body=body, role=role, position=position, lead_country=country)
                    )
                elif isinstance(one, CollaborationArea):
                    link = CollaborationArea.proposed_by.through
                    proposing.append(link(collaborationarea_id=one.pk, sectoralbody_id=body.pk))
        if parts:
            self.save(parts)
        CollaborationArea.proposed_by.through.objects.bulk_create(proposing, batch_size=BATCH)
