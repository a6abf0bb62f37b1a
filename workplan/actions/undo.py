"""Undoing what one request did: all of it together, by new changes, while nobody has changed it since."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.files.base import ContentFile
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone

from workplan import permissions, questions, rules
from workplan.actions.actor import Actor
from workplan.actions.plan import PEOPLE_MODELS, WHOLE_OF, delete_record, edited_values, save_record
from workplan.actions.questions import reopen_questions
from workplan.actions.reporting import Proof, Report, record_status_of_many
from workplan.actions.rounds import delete_round, save_round
from workplan.deeds import VERBS, count, kind_label, listed, model_named
from workplan.exceptions import Invalid, NotAllowed, Refusal, WrongState
from workplan.models import (
    Activity,
    AuditEntry,
    CollaborationArea,
    Decision,
    Provision,
    ReportingRound,
    Section,
    SectoralBody,
    StatusUpdate,
    WorkPlan,
)

# What is never undone, and what to do instead.
INSTEAD = {
    "report": "A report that was handed in or decided on stays as it is. Return it, or put the status right by a "
    "correction.",
    "contribution": "A contribution is its body’s. The body writes it anew.",
    "round": "The opening and closing of a round is not undone here. Use the buttons of the round.",
    "exception": "More time was promised to a body. Give it another end on the page of the round.",
    "question": "A question that was opened again is settled by a new decision.",
    "view": "A saved view is its owner’s, who changes or deletes it by the list of views.",
    "people": "Accounts, groups, focal points and tokens are kept by administrators, in the administration site.",
}
# The order in which everybody locks: the whole before its part, and activities after what they show.
LOCKED_IN_ORDER: tuple[type[models.Model], ...] = (
    WorkPlan,
    Section,
    Provision,
    CollaborationArea,
    SectoralBody,
    ReportingRound,
    Activity,
)


@dataclass(slots=True)
class _Back:
    """What one record is to become again."""

    model: type[models.Model]
    pk: str
    label: str
    values: dict[str, Any] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)
    was_there: bool = True
    is_there: bool = True
    touched: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Undoing:
    """What undoing a request would do, and what stands in its way."""

    records: dict[tuple[str, str], _Back] = field(default_factory=dict)
    # For each activity: the status it goes back to, and the update that had given it.
    statuses: dict[int, tuple[str, int | None]] = field(default_factory=dict)
    # The decisions on open questions that count no longer.
    decisions: list[int] = field(default_factory=list)
    obstacles: list[str] = field(default_factory=list)


def obstacles_to_undoing(request_id: str) -> list[str]:
    """Why the changes of a request cannot be undone, in sentences; empty where they can."""
    entries = _entries(request_id)
    return _weighed(entries).obstacles if entries else ["This request changed nothing."]


@transaction.atomic
def undo_request(*, request_id: str, reason: str, by: Actor) -> int:
    """Undo together all that one request changed: all of it, or nothing. Returns the number of records put back.

    Fields go back to what they were, what was created goes, what was deleted comes back, a status that was
    recorded directly is put right by a correction, and a question that was settled is open again. Nothing of the
    trail or of what was approved is taken away.

    Args:
        request_id: the request meant.
        reason: why it is undone.
        by: who undoes it.

    Raises:
        NotAllowed: the person may not undo changes.
        Invalid: there is no reason.
        WrongState: something of it cannot be undone, or somebody has changed it since.
    """
    if not permissions.can_undo(by.user):
        raise NotAllowed("Only the secretariat can undo changes.")
    if not reason.strip():
        raise Invalid(fields={"reason": ["Say why the changes are undone."]})
    if rules.UNREADABLE.search(reason):
        raise Invalid(fields={"reason": [rules.UNREADABLE_TEXT]})
    entries = _entries(request_id)
    if not entries:
        raise WrongState("This request changed nothing, so there is nothing to undo.")
    _lock(entries)
    undoing = _weighed(entries)
    if undoing.obstacles:
        raise WrongState(f"Nothing was undone. {listed(undoing.obstacles)}")
    why = f"Undo of request {request_id}: {reason.strip()}"[:2_000]
    try:
        with transaction.atomic():
            for back in undoing.records.values():
                _put_back(back, by, why)
            _correct(undoing.statuses, reason.strip(), why, by)
            reopen_questions(decisions=undoing.decisions, reason=why, by=by)
    except NotAllowed:
        raise
    except Refusal as refusal:
        words = [text for texts in refusal.fields.values() for text in texts] or [refusal.message]
        raise WrongState(f"Nothing was undone. {' '.join(words)}") from refusal
    except IntegrityError as problem:
        raise WrongState("Nothing was undone: what there is now does not go with what there was.") from problem
    return len(undoing.records) + len(undoing.statuses) + len(undoing.decisions)


def _entries(request_id: str) -> list[AuditEntry]:
    """What the request did, the last deed first."""
    return list(AuditEntry.objects.filter(request_id=request_id).order_by("-id")) if request_id else []


def _lock(entries: Iterable[AuditEntry]) -> None:
    """Lock what the request touched, so that it stays as it is weighed."""
    keys: dict[type[models.Model], set[int]] = {model: set() for model in LOCKED_IN_ORDER}
    for entry in entries:
        model = model_named(entry.record_type)
        if model in keys and entry.record_id.isdigit():
            keys[model].add(int(entry.record_id))
        if entry.activity_id:
            keys[Activity].add(entry.activity_id)
        if model in WHOLE_OF and entry.body_id:
            keys[SectoralBody].add(entry.body_id)
    for model, pks in keys.items():
        if pks:
            rows = model._default_manager.select_for_update(of=("self",), no_key=True)
            list(rows.filter(pk__in=pks).order_by("pk").values_list("pk"))


def _weighed(entries: list[AuditEntry]) -> _Undoing:
    """Take the deeds back one by one, the last first, in thought, and see whether each is still as it was left."""
    undoing = _Undoing()
    stored = _stored(entries)
    latest = _recorded(entries)
    said: set[str] = set()
    for entry in entries:
        noun, _, verb = entry.action.partition(".")
        model = model_named(entry.record_type)
        if entry.action == "status.recorded":
            _weigh_status(entry, latest, undoing)
        elif entry.action == "question.settled":
            _weigh_decision(entry, undoing)
        elif model in PEOPLE_MODELS or noun in INSTEAD or verb not in VERBS or model is None:
            kind = "people" if model in PEOPLE_MODELS else noun
            if kind not in said:
                said.add(kind)
                undoing.obstacles.append(INSTEAD.get(kind, f"“{entry.record_label}” cannot be undone."))
        else:
            _weigh_edit(entry, model, verb, stored, undoing)
    undoing.obstacles = list(dict.fromkeys(undoing.obstacles))
    # Nothing has to be done for what came and went in one request.
    undoing.records = {key: back for key, back in undoing.records.items() if back.was_there or back.is_there}
    return undoing


def _stored(entries: list[AuditEntry]) -> dict[tuple[str, str], models.Model]:
    """The records that the entries tell of, as far as they are there."""
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


def _weigh_edit(
    entry: AuditEntry,
    model: type[models.Model],
    verb: str,
    stored: dict[tuple[str, str], models.Model],
    undoing: _Undoing,
) -> None:
    key = (entry.record_type, entry.record_id)
    record = stored.get(key)
    linked = {one.name for one in model._meta.many_to_many}
    if key not in undoing.records:
        undoing.records[key] = _Back(
            model,
            entry.record_id,
            entry.record_label,
            values=edited_values(record) if record else {},
            links={name: sorted(str(one) for one in getattr(record, name).all()) for name in linked} if record else {},
            was_there=record is not None,
            is_there=record is not None,
        )
    back = undoing.records[key]
    name_of_it = f"{kind_label(entry.record_type)} “{back.label}”"
    if verb == "deleted":
        if back.is_there:
            undoing.obstacles.append(f"{name_of_it} is there again.")
            return
        back.is_there = True
    elif not back.is_there:
        undoing.obstacles.append(f"{name_of_it} is gone.")
        return
    for name, (before, after) in entry.changes.items():
        values: dict[str, Any] = back.links if name in linked else back.values
        # What is a list of names is empty where the trail has nothing.
        now, left = values.get(name), after
        if verb != "deleted" and (now or None) != (left or None) and now != left:
            undoing.obstacles.append(f"{name_of_it}: “{name}” has been changed since.")
            return
        values[name] = before or [] if name in linked else before
        back.touched.add(name)
    if verb == "created":
        back.is_there = False


def _recorded(entries: list[AuditEntry]) -> dict[int, Activity]:
    """The activities whose status the request recorded, with their latest update."""
    keys = {int(entry.record_id) for entry in entries if entry.action == "status.recorded"}
    rows = Activity.objects.filter(pk__in=keys).select_related("latest_update")
    return {activity.pk: activity for activity in rows}


def _weigh_status(entry: AuditEntry, latest: dict[int, Activity], undoing: _Undoing) -> None:
    activity = latest.get(int(entry.record_id))
    if activity is None:
        undoing.obstacles.append(f"{entry.record_label} is gone.")
        return
    before, after = entry.changes["latest_update"]
    update = activity.latest_update
    if activity.pk in undoing.statuses:  # recorded twice by one request: the first has the status to go back to
        undoing.statuses[activity.pk] = (entry.changes["status"][0], before)
    elif update is None or update.pk != after:
        undoing.obstacles.append(f"{activity.ref} has another status by now: somebody has recorded or approved one.")
    elif not update.is_direct:
        if INSTEAD["report"] not in undoing.obstacles:
            undoing.obstacles.append(INSTEAD["report"])
    else:
        undoing.statuses[activity.pk] = (entry.changes["status"][0], before)


def _weigh_decision(entry: AuditEntry, undoing: _Undoing) -> None:
    made = Decision.objects.get(pk=entry.record_id)
    same = Decision.objects.filter(kind=made.kind, record_type=made.record_type, record_id=made.record_id)
    if same.filter(version__gt=made.version).exists():
        undoing.obstacles.append(f"{entry.record_label}: somebody has decided on this question since.")
    elif not questions.RECORDS[made.record_type].objects.filter(pk=made.record_id).exists():
        undoing.obstacles.append(f"{made.ref}, which the question was about, is gone.")
    else:
        undoing.decisions.append(made.pk)


def _put_back(back: _Back, by: Actor, why: str) -> None:
    if not back.is_there:
        gone = back.model._default_manager.filter(pk=back.pk).first()
        if isinstance(gone, ReportingRound):
            delete_round(the_round=gone, by=by, reason=why)
        elif gone is not None:
            _refuse_parts(gone, back)
            delete_record(record=gone, by=by, reason=why)
        return
    if back.was_there:
        record = back.model._default_manager.get(pk=back.pk)
    else:
        record = back.model(pk=int(back.pk))
        if hasattr(record, "version"):
            record.version = _unread_version(back)
    for one in back.model._meta.concrete_fields:
        if one.name in back.touched:
            setattr(record, one.attname, one.to_python(back.values[one.name]))
    links = {name: _linked(back, name) for name in back.touched & {one.name for one in back.model._meta.many_to_many}}
    if isinstance(record, ReportingRound):
        save_round(the_round=record, by=by, version=record.version, reason=why)
    else:
        save_record(record=record, by=by, links=links, reason=why)


def _refuse_parts(record: models.Model, back: _Back) -> None:
    """Parts would go with their whole; those of the same request are gone by now."""
    for part, whole in WHOLE_OF.items():
        is_its = part._meta.get_field(whole).related_model is type(record)
        if is_its and part._default_manager.filter(**{whole: record}).exists():
            raise WrongState(f"{back.label} has been given {part._meta.verbose_name_plural} since.")


def _unread_version(back: _Back) -> int:
    """A version that nobody can have read of the record before it was deleted: each change left an entry."""
    about = Q(record_type=back.model._meta.model_name, record_id=back.pk)
    if back.model in (Activity, SectoralBody):
        about |= Q(**{"activity" if back.model is Activity else "body": back.pk})
    return AuditEntry.objects.filter(about).count() + 1


def _linked(back: _Back, name: str) -> list[SectoralBody]:
    """The bodies that a list of acronyms names.

    Raises:
        WrongState: one of them is gone.
    """
    wanted = back.links[name]
    bodies = list(SectoralBody.objects.filter(acronym__in=wanted))
    gone = sorted(set(wanted) - {body.acronym for body in bodies})
    if gone:
        raise WrongState(f"{', '.join(gone)}, which {back.label} was linked with, is gone.")
    return bodies


def _correct(statuses: dict[int, tuple[str, int | None]], reason: str, why: str, by: Actor) -> None:
    """Put statuses back by corrections: one for all activities that had the same one, with the same proof."""
    if not statuses:
        return
    activities = Activity.objects.select_related("latest_update__round").in_bulk(sorted(statuses))
    former = StatusUpdate.objects.prefetch_related("evidence").in_bulk(
        [pk for status, pk in statuses.values() if pk and status == rules.COMPLETED]
    )
    together: dict[tuple[str, int | None, int | None], dict[int, int]] = {}
    for pk, (status, before) in statuses.items():
        activity = activities[pk]
        the_round = activity.latest_update.round if activity.latest_update else None
        in_round = the_round.pk if the_round and the_round.state == rules.OPEN else None
        key = (status, before if before in former else None, in_round)
        together.setdefault(key, {})[pk] = activity.version
    rounds = ReportingRound.objects.in_bulk([in_round for _, _, in_round in together if in_round])
    for (status, before, in_round), versions in together.items():
        shown = former.get(before) if before else None
        label = rules.STATUSES.label(status)
        report = Report(
            status=status,
            as_of=timezone.localdate(),
            narrative=f"Undone: the status is “{label}” again, as it was before. {reason}",
            outputs_delivered=shown.outputs_delivered if shown else "",
            reason=reason[:2_000],
            kind=rules.CORRECTION,
            evidence=_proofs(shown) if shown else (),
        )
        record_status_of_many(
            versions=versions, report=report, by=by, the_round=rounds.get(in_round) if in_round else None, note=why
        )


def _proofs(update: StatusUpdate) -> tuple[Proof, ...]:
    """The evidence of ``update``, to stand behind another one as well."""
    found = []
    for one in update.evidence.all():
        file: Any = None
        if one.file:
            with one.file.open("rb") as content:
                file = ContentFile(content.read(), name=one.file_name)
        found.append(Proof(one.title, one.url, file=file, dated_on=one.dated_on))
    return tuple(found)


def what_it_would_do(request_id: str) -> str:
    """In a few words, what undoing a request puts back."""
    undoing = _weighed(_entries(request_id))
    parts = []
    if undoing.records:
        parts.append(count(len(undoing.records), "record", "records"))
    if undoing.statuses:
        parts.append(count(len(undoing.statuses), "status", "statuses"))
    if undoing.decisions:
        parts.append(count(len(undoing.decisions), "decision", "decisions"))
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 2 else parts)
