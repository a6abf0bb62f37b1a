"""Undoing what one request did: all of it together, by new changes, while nobody has changed it since."""

from collections.abc import Iterable

from django.db import IntegrityError, models, transaction
from django.db.models import Q

from workplan import permissions, rules
from workplan.actions import deadline_extensions
from workplan.actions.actor import Actor
from workplan.actions.corrections import copied_evidence, record_corrections
from workplan.actions.plan import WHOLE_OF, delete_record, save_record
from workplan.actions.questions import reopen_questions
from workplan.actions.reporting import TEXTS, Report
from workplan.actions.rounds import delete_round, save_round
from workplan.actions.undo_plan import Restoration, plan_undo
from workplan.exceptions import Invalid, NotAllowed, Refusal, WrongState
from workplan.history.wording import count, listed, model_named
from workplan.models import (
    Activity,
    AuditEntry,
    CollaborationArea,
    Provision,
    ReportingRound,
    Section,
    SectoralBody,
    StatusUpdate,
    WorkPlan,
)
from workplan.querysets import fold_spelling

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


def obstacles_to_undoing(request_id: str) -> list[str]:
    """Why the changes of a request cannot be undone, in sentences; empty where they can."""
    entries = _entries(request_id)
    return plan_undo(entries).obstacles if entries else ["This request changed nothing."]


@transaction.atomic
def undo_request(*, request_id: str, reason: str, by: Actor) -> int:
    """Undo together all that one request changed: all of it, or nothing. Returns the number of records put back.

    Fields go back to what they were, what was created goes, what was deleted comes back, a report that was
    entered directly is corrected to what was said before it, a question that was settled is open again, and a deadline
    that was extended is what it was. Nothing of the audit trail or of what was approved is taken away.

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
    if not rules.normalised(reason):
        raise Invalid(fields={"reason": ["Enter the reason for undoing the changes."]})
    if rules.UNREADABLE.search(reason):
        raise Invalid(fields={"reason": [rules.UNREADABLE_TEXT]})
    entries = _entries(request_id)
    if not entries:
        raise WrongState("This change set has no changes to undo.")
    _lock(entries)
    undo_plan = plan_undo(entries)
    if undo_plan.obstacles:
        raise WrongState(f"Nothing was undone. {listed(undo_plan.obstacles)}")
    why = f"Undo of request {request_id}: {rules.normalised(reason)}"[:2_000]
    try:
        with transaction.atomic():
            for restoration in undo_plan.records.values():
                _restore(restoration, by, why)
            _correct(undo_plan.statuses, rules.normalised(reason), why, by)
            reopen_questions(decisions=undo_plan.decisions, reason=why, by=by)
            for deadline in undo_plan.deadlines.values():
                deadline_extensions.restore_deadline(deadline, by=by, why=why)
    except NotAllowed:
        raise
    except Refusal as refusal:
        words = [text for texts in refusal.fields.values() for text in texts] or [refusal.message]
        raise WrongState(f"Nothing was undone. {' '.join(words)}") from refusal
    except IntegrityError as problem:
        raise WrongState("Nothing was undone: the current records conflict with the earlier ones.") from problem
    return len(undo_plan.records) + len(undo_plan.statuses) + len(undo_plan.decisions) + len(undo_plan.deadlines)


def _entries(request_id: str) -> list[AuditEntry]:
    """The audit entries of the request, the latest first."""
    return list(AuditEntry.objects.filter(request_id=request_id).order_by("-id")) if request_id else []


def _lock(entries: Iterable[AuditEntry]) -> None:
    """Lock what the request changed, so that it stays as it is checked."""
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


def _restore(restoration: Restoration, by: Actor, why: str) -> None:
    if not restoration.exists:
        gone = restoration.model._default_manager.filter(pk=restoration.pk).first()
        if isinstance(gone, ReportingRound):
            delete_round(reporting_round=gone, by=by, reason=why)
        elif gone is not None:
            _refuse_parts(gone, restoration)
            delete_record(record=gone, by=by, reason=why)
        return
    if restoration.existed:
        record = restoration.model._default_manager.get(pk=restoration.pk)
    else:
        record = restoration.model(pk=int(restoration.pk))
        if hasattr(record, "version"):
            record.version = _unread_version(restoration)
    for one in restoration.model._meta.concrete_fields:
        if one.name in restoration.touched:
            setattr(record, one.attname, one.to_python(restoration.values[one.name]))
    links = {
        name: _linked(restoration, name)
        for name in restoration.touched & {one.name for one in restoration.model._meta.many_to_many}
    }
    if isinstance(record, ReportingRound):
        save_round(reporting_round=record, by=by, version=record.version, reason=why)
    else:
        save_record(record=record, by=by, links=links, reason=why)


def _refuse_parts(record: models.Model, restoration: Restoration) -> None:
    """Parts would go with their whole; those of the same request are gone by now."""
    for part, whole in WHOLE_OF.items():
        is_its = part._meta.get_field(whole).related_model is type(record)
        if is_its and part._default_manager.filter(**{whole: record}).exists():
            raise WrongState(f"{restoration.label} has been given {part._meta.verbose_name_plural} since.")


def _unread_version(restoration: Restoration) -> int:
    """A version that nobody can have read of the record before it was deleted: each change left an entry."""
    about = Q(record_type=restoration.model._meta.model_name, record_id=restoration.pk)
    if restoration.model in (Activity, SectoralBody):
        about |= Q(**{"activity" if restoration.model is Activity else "body": restoration.pk})
    return AuditEntry.objects.filter(about).count() + 1


def _linked(restoration: Restoration, name: str) -> list[SectoralBody]:
    """The bodies that a list of acronyms names.

    Raises:
        WrongState: one of them is gone.
    """
    wanted = restoration.links[name]
    known = SectoralBody.objects.by_spelling()
    gone = sorted(name for name in wanted if fold_spelling(name) not in known)
    if gone:
        raise WrongState(f"{', '.join(gone)}, which {restoration.label} was linked with, no longer exists.")
    return list(dict.fromkeys(known[fold_spelling(name)] for name in wanted))


def _correct(statuses: dict[int, int | None], reason: str, why: str, by: Actor) -> None:
    """Correct each report to what was said before it: status, date, words and evidence of the report before."""
    related = StatusUpdate.objects.select_related("activity__plan", "body", "round", "corrects__body")
    wrong = related.prefetch_related("activity__responsibilities__body", "evidence").in_bulk(sorted(statuses))
    before = StatusUpdate.objects.prefetch_related("evidence").in_bulk([pk for pk in statuses.values() if pk])
    pairs = []
    for pk, former in statuses.items():
        stated = before.get(former) if former else None
        status = stated.status if stated else rules.NOT_REPORTED
        undone = f"Undone: the status is restored to “{rules.STATUSES.label(status)}”. {reason}"
        words = {name: getattr(stated, name) for name in TEXTS} if stated else {}
        report = Report(
            status=status,
            as_of=stated.as_of if stated else wrong[pk].as_of,
            **words | {"narrative": words.get("narrative") or undone, "reason": undone[:2_000]},
            kind=rules.CORRECTION,
            deferred_until=stated.deferred_until if stated else None,
            evidence=copied_evidence(stated) if stated else (),
        )
        pairs.append((wrong[pk], report))
    if pairs:
        record_corrections(pairs, by=by, note=why)


def describe_undo(request_id: str) -> str:
    """In a few words, what undoing a request puts back."""
    undo_plan = plan_undo(_entries(request_id))
    counted = (
        (undo_plan.records, "record", "records"),
        (undo_plan.statuses, "status", "statuses"),
        (undo_plan.decisions, "decision", "decisions"),
        (undo_plan.deadlines, "deadline", "deadlines"),
    )
    parts = [count(len(found), one, many) for found, one, many in counted if found]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 2 else parts)
