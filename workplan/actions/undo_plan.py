"""What undoing a request would do: each record as it would be again, and what stands in the way."""

from dataclasses import dataclass, field
from typing import Any

from django.db import models

from workplan.actions import deadline_extensions
from workplan.actions.plan import PEOPLE_MODELS, edited_values
from workplan.history.wording import VERBS, kind_label, model_named
from workplan.models import AuditEntry, Decision, StatusUpdate
from workplan.monitoring import open_questions

# What is never undone, and what to do instead.
INSTEAD = {
    "report": (
        "A report that was submitted or decided on cannot be undone. Return it, or correct the status by a correction."
    ),
    "contribution": "A contribution belongs to its body, which can change it.",
    "round": "The opening and closing of a round cannot be undone here. Use the actions on the page of the round.",
    "question": "A reopened question is resolved by a new decision.",
    "view": "A saved view belongs to its owner, who can change or delete it in the list of views.",
    "people": "Accounts, groups, focal points and tokens are managed by administrators, in the administration site.",
}

STATUS_ENTRIES = ("status.recorded", "status.confirmed")


@dataclass(slots=True)
class Restoration:
    """What one record is to become again."""

    model: type[models.Model]
    pk: str
    label: str
    values: dict[str, Any] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)
    existed: bool = True
    exists: bool = True
    touched: set[str] = field(default_factory=set)


@dataclass(slots=True)
class UndoPlan:
    """What undoing a request would do, and what prevents it."""

    records: dict[tuple[str, str], Restoration] = field(default_factory=dict)
    # For each report that is corrected: the report whose words and status come back; none where there was none.
    statuses: dict[int, int | None] = field(default_factory=dict)
    # The decisions on open questions that count no longer.
    decisions: list[int] = field(default_factory=list)
    # The deadlines of bodies in rounds that go back.
    deadlines: deadline_extensions.Restored = field(default_factory=dict)
    obstacles: list[str] = field(default_factory=list)


def plan_undo(entries: list[AuditEntry]) -> UndoPlan:
    """What taking the changes back, the last first, would lead to, and whether each record is still as it was left."""
    undo_plan = UndoPlan()
    stored = _stored(entries)
    latest = _recorded(entries)
    # What a correction did to the status is undone with it.
    corrected = {entry.changes["corrects"][1] for entry in entries if entry.action == "report.corrected"}
    named_kinds: set[str] = set()
    for entry in entries:
        noun, _, verb = entry.action.partition(".")
        model = model_named(entry.record_type)
        if entry.action == "report.corrected":
            _plan_corrected(entry, undo_plan)
        elif entry.action in STATUS_ENTRIES:
            if (entry.changes.get("latest_update") or entry.changes["report"])[1] not in corrected:
                _plan_status(entry, latest, undo_plan)
        elif entry.action == "question.settled":
            _plan_decision(entry, undo_plan)
        elif entry.action == "import.applied":
            continue  # the file is gone; what it wrote has entries of its own
        elif noun == "exception":
            obstacle = deadline_extensions.plan_to_restore(entry, undo_plan.deadlines)
            undo_plan.obstacles += [obstacle] if obstacle else []
        elif entry.action == "name.kept":
            continue  # the name that a record had for a while stays its own, too
        elif model in PEOPLE_MODELS or noun in INSTEAD or verb not in VERBS or model is None:
            kind = "people" if model in PEOPLE_MODELS else noun
            if kind not in named_kinds:
                named_kinds.add(kind)
                undo_plan.obstacles.append(INSTEAD.get(kind, f"“{entry.record_label}” cannot be undone."))
        else:
            _plan_edit(entry, model, verb, stored, undo_plan)
    undo_plan.obstacles = list(dict.fromkeys(undo_plan.obstacles))
    # Nothing has to be done for what came and went in one request.
    undo_plan.records = {
        key: restoration for key, restoration in undo_plan.records.items() if restoration.existed or restoration.exists
    }
    return undo_plan


def _stored(entries: list[AuditEntry]) -> dict[tuple[str, str], models.Model]:
    """The records that the entries name, as far as they exist."""
    keys: dict[str, set[str]] = {}
    for entry in entries:
        if entry.action.partition(".")[2] in VERBS and entry.record_id.isdigit():
            keys.setdefault(entry.record_type, set()).add(entry.record_id)
    found = {}
    for name, pks in keys.items():
        model = model_named(name)
        if model is None or model in PEOPLE_MODELS:
            continue
        rows = model._default_manager.filter(pk__in=pks)
        linked = [one.name for one in model._meta.many_to_many]
        for record in rows.prefetch_related(*linked):
            found[name, str(record.pk)] = record
    return found


def _plan_edit(
    entry: AuditEntry,
    model: type[models.Model],
    verb: str,
    stored: dict[tuple[str, str], models.Model],
    undo_plan: UndoPlan,
) -> None:
    key = (entry.record_type, entry.record_id)
    record = stored.get(key)
    linked = {one.name for one in model._meta.many_to_many}
    if key not in undo_plan.records:
        undo_plan.records[key] = Restoration(
            model,
            entry.record_id,
            entry.record_label,
            values=edited_values(record) if record else {},
            links={name: sorted(str(one) for one in getattr(record, name).all()) for name in linked} if record else {},
            existed=record is not None,
            exists=record is not None,
        )
    restoration = undo_plan.records[key]
    record_name = f"{kind_label(entry.record_type)} “{restoration.label}”"
    if verb == "deleted":
        if restoration.exists:
            undo_plan.obstacles.append(f"{record_name} exists again.")
            return
        restoration.exists = True
    elif not restoration.exists:
        undo_plan.obstacles.append(f"{record_name} no longer exists.")
        return
    for name, (before, after) in entry.changes.items():
        values: dict[str, Any] = restoration.links if name in linked else restoration.values
        # What is a list of names is empty where the audit trail has nothing.
        now, left = values.get(name), after
        if verb != "deleted" and (now or None) != (left or None) and now != left:
            undo_plan.obstacles.append(f"{record_name}: “{name}” has been changed since.")
            return
        values[name] = before or [] if name in linked else before
        restoration.touched.add(name)
    if verb == "created":
        restoration.exists = False


def _recorded(entries: list[AuditEntry]) -> dict[int, StatusUpdate]:
    """By activity, the last published report on those whose status the request recorded or confirmed."""
    keys = {entry.activity_id for entry in entries if entry.action in STATUS_ENTRIES}
    rows = StatusUpdate.objects.published().not_corrected().filter(activity__in=keys).select_related("activity")
    return {update.activity_id: update for update in rows.in_their_places()}


def _plan_status(entry: AuditEntry, latest: dict[int, StatusUpdate], undo_plan: UndoPlan) -> None:
    """The report by which the status came about is corrected: it says again what was said before it."""
    update = latest.get(entry.activity_id or 0)
    if update is None:
        undo_plan.obstacles.append(f"{entry.record_label} no longer exists.")
        return
    if entry.action == "status.confirmed":
        before, after = update.activity.latest_update_id, entry.changes["report"][1]
    else:
        before, after = entry.changes["latest_update"]
    if update.pk in undo_plan.statuses:  # recorded twice by one request: the first has the status to go back to
        undo_plan.statuses[update.pk] = before
    elif update.pk != after:
        undo_plan.obstacles.append(
            f"{update.activity.ref} has another status now: one has been recorded or approved since."
        )
    else:
        _plan_correction(update, before, undo_plan)


def _plan_correction(update: StatusUpdate, before: int | None, undo_plan: UndoPlan) -> None:
    if update.is_direct:
        undo_plan.statuses[update.pk] = before
    elif INSTEAD["report"] not in undo_plan.obstacles:
        undo_plan.obstacles.append(INSTEAD["report"])


def _plan_corrected(entry: AuditEntry, undo_plan: UndoPlan) -> None:
    """A correction that the secretariat entered is corrected in its turn, to what it had replaced."""
    corrected, correction = entry.changes["corrects"]
    update = StatusUpdate.objects.with_blockers().select_related("activity").filter(pk=correction).first()
    if update is None or update.is_corrected:  # type: ignore[attr-defined]  # annotated
        undo_plan.obstacles.append(f"{entry.record_label}: somebody has corrected this report since.")
    else:
        _plan_correction(update, corrected, undo_plan)


def _plan_decision(entry: AuditEntry, undo_plan: UndoPlan) -> None:
    made = Decision.objects.get(pk=entry.record_id)
    same = Decision.objects.filter(kind=made.kind, record_type=made.record_type, record_id=made.record_id)
    if same.filter(version__gt=made.version).exists():
        undo_plan.obstacles.append(f"{entry.record_label}: somebody has decided on this question since.")
    elif not open_questions.RECORDS[made.record_type].objects.filter(pk=made.record_id).exists():
        undo_plan.obstacles.append(f"{made.ref}, which the question was about, no longer exists.")
    else:
        undo_plan.decisions.append(made.pk)
