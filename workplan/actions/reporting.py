"""What a report says, and the secretariat's direct entries."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from workplan import permissions, rules
from workplan.actions import audit, current_status, due_reports
from workplan.actions.actor import Actor
from workplan.exceptions import Invalid, NotAllowed, Stale, WrongState
from workplan.models import Activity, AuditEntry, Evidence, ReportingRound, SectoralBody, StatusUpdate
from workplan.querysets import reader_day

MOST_AT_ONCE = 1_000
TEXTS = ("narrative", "outputs_delivered", "challenges", "next_steps", "reason")
REPORT_FIELDS = ("kind", "status", "as_of", "deferred_until", *TEXTS)


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """A piece of evidence, as it comes from a form or a program: a link, a file, or one that is there already.

    Attributes:
        dated_on: the day of the document; today where none is named.
        kept: the id of the evidence that stays; its file stays with it.
    """

    title: str
    url: str = ""
    file: "UploadedFile[Any] | None" = None
    dated_on: datetime.date | None = None
    kept: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", rules.normalised(self.title))
        object.__setattr__(self, "url", rules.normalised(self.url))

    def is_as_stored(self, stored: Evidence) -> bool:
        """Whether it is ``stored`` evidence that stays as it is."""
        return (
            self.kept == stored.pk
            and self.file is None
            and self.title == rules.normalised(stored.title)
            and self.url in ("", stored.url)
            and self.dated_on in (None, stored.dated_on)
        )


@dataclass(frozen=True, slots=True)
class Report:
    """What is said about an activity, as it comes from a form or a program.

    Attributes:
        status: a value of ``rules.STATUSES``; in a draft it may be empty.
        as_of: the day on which that status was true.
        reason: why the activity goes back, is deferred or cancelled.
        kind: a value of ``rules.UPDATE_KINDS``.
        deferred_until: of a deferred activity, the day from which a report on it is due again.
    """

    status: str
    as_of: datetime.date | None
    narrative: str = ""
    outputs_delivered: str = ""
    challenges: str = ""
    next_steps: str = ""
    reason: str = ""
    kind: str = rules.PROGRESS
    deferred_until: datetime.date | None = None
    evidence: tuple[EvidenceItem, ...] = field(default=())

    def __post_init__(self) -> None:
        for name in TEXTS:
            object.__setattr__(self, name, rules.normalised(getattr(self, name)))

    @classmethod
    def of(cls, update: StatusUpdate) -> Self:
        """What ``update`` says, with its evidence as it is there."""
        evidence = tuple(EvidenceItem(one.title, one.url, kept=one.pk) for one in update.evidence.all())
        return cls(**{name: getattr(update, name) for name in REPORT_FIELDS}, evidence=evidence)

    def is_as_stored(self, update: StatusUpdate) -> bool:
        """Whether ``update`` says the same already, so that saving it changes nothing."""
        stored = Report(**{name: getattr(update, name) for name in REPORT_FIELDS})
        there = list(update.evidence.all())
        return (
            self.field_values == stored.field_values
            and len(self.evidence) == len(there)
            and all(item.is_as_stored(one) for item, one in zip(self.evidence, there, strict=True))
        )

    @property
    def field_values(self) -> dict[str, Any]:
        """The words and values, as the columns of an update are called."""
        return {name: getattr(self, name) for name in REPORT_FIELDS}


def record_status(
    *,
    activity: Activity,
    version: int,
    report: Report,
    by: Actor,
    reporting_round: ReportingRound | None = None,
    body: SectoralBody | None = None,
    confirmed: bool = True,
) -> StatusUpdate:
    """Record an approved status update on one activity, for the secretariat, and make it the activity's status.

    Args:
        activity: the activity meant; it is read again under a lock.
        version: the version of the activity that the person has seen.
        report: what is said.
        by: who says it.
        reporting_round: the open round that it is the report of, if it is one.
        body: the lead body on whose behalf it is entered, if on anybody's.
        confirmed: whether a status of an older day than the present one is meant to take its place.

    Raises:
        NotAllowed: the person may not record a status.
        Stale: the activity has another version by now.
        Invalid: a rule refuses the values.
        Unconfirmed: it is of an older day than the present status, and that is not confirmed.
        WrongState: the round takes no reports, or a report is waiting for its review.
    """
    [update] = record_status_of_many(
        versions={activity.pk: version},
        report=report,
        by=by,
        reporting_round=reporting_round,
        body=body,
        confirmed=confirmed,
    )
    return update


@transaction.atomic
def record_status_of_many(
    *,
    versions: Mapping[int, int],
    report: Report,
    by: Actor,
    reporting_round: ReportingRound | None = None,
    body: SectoralBody | None = None,
    note: str = "",
    confirmed: bool = True,
) -> list[StatusUpdate]:
    """Record the same update on several activities: all of them, or none.

    Args:
        versions: for each activity's id, the version that the person has seen.
        report: what is said of each of them.
        by: who says it.
        the_round, body, confirmed: as ``record_status``.
        note: why, for the audit trail, where that is not what the report says.

    Raises:
        NotAllowed, Stale, Invalid, WrongState, Unconfirmed: as ``record_status``.
    """
    if not 1 <= len(versions) <= MOST_AT_ONCE:
        raise Invalid(fields={"activities": [f"Choose from 1 to {MOST_AT_ONCE:,} activities."]})
    if reporting_round is not None:
        reporting_round = current_status.locked_rounds([reporting_round.pk])[reporting_round.pk]
    # Locked in the order of their ids, so that two bulk writers wait for each other instead of deadlocking.
    activities = current_status.locked_activities(versions)
    if by.user is None or not all(permissions.can_record_status(by.user, activity) for activity in activities):
        raise NotAllowed("Only the secretariat can record a status.")
    if len(activities) != len(versions):
        raise Invalid(fields={"activities": ["One of the chosen activities is no longer in the plan."]})
    stale = [activity for activity in activities if activity.version != versions[activity.pk]]
    if stale:
        raise Stale(current=stale)

    now = timezone.now()
    if body is not None:
        require_lead_body(activities, body)
    if reporting_round is not None:
        _refuse_round(activities, reporting_round, report)
    refuse_problems(activities, report, today=by.today)
    if not confirmed:
        current_status.refuse_unconfirmed(
            (activity, report.as_of) for activity in activities if report.kind not in rules.KINDS_WITHOUT_NARRATIVE
        )
    updates = [
        StatusUpdate(
            activity=activity,
            body=body,
            round=reporting_round,
            is_direct=True,
            **report.field_values,
            **by.written_and_submitted(now),
            state=rules.APPROVED,
            approved_by=by.user,
            approved_by_name=by.name,
            approved_at=now,
        )
        for activity in activities
    ]
    # They differ in their activity alone, which was read a moment ago: checking one checks all.
    clean(updates[0], report, by)
    StatusUpdate.objects.bulk_create(updates)
    add_evidence(updates, report.evidence, by)
    recorded: set[int] = set()
    if current_status.is_in_effect(updates[0]):
        pairs = list(zip(activities, updates, strict=True))
        recorded = current_status.set_current_status(pairs, by=by, now=now, note=note)
    entered = {"state": [None, rules.APPROVED], "status": [None, report.status]}
    AuditEntry.objects.bulk_create(
        audit.entry(action="report.recorded", record=update, changes=entered, by=by, reason=note)
        for update in updates
        if update.activity_id not in recorded
    )
    if reporting_round is not None:
        current_status.update_obligations(reporting_round, [activity.pk for activity in activities])
    due_reports.follow_statuses(list(versions))
    return updates


def require_lead_body(activities: Iterable[Activity], body: SectoralBody) -> None:
    """A body reports, or has a report entered for it, only on what it leads.

    Raises:
        Invalid: it does not lead one of ``activities``.
    """
    strange = [activity.ref for activity in activities if body not in activity.lead_bodies]
    if strange:
        raise Invalid(fields={"body": [f"{body} does not lead {', '.join(strange[:5])}."]})


def _refuse_round(activities: list[Activity], reporting_round: ReportingRound, report: Report) -> None:
    if reporting_round.state != rules.OPEN:
        raise WrongState(f"“{reporting_round}” is not open, so nothing can be entered as its report.")
    if any(activity.plan_id != reporting_round.plan_id for activity in activities):
        raise Invalid(fields={"round": [f"“{reporting_round}” is a round of another plan."]})
    there = StatusUpdate.objects.filter(round=reporting_round, activity__in=activities).select_related(
        "activity", "body"
    )
    for update in there:
        if update.state == rules.SUBMITTED:
            raise WrongState(
                f"{update.reported_by} has submitted a report on {update.activity.ref} in this round. "
                "Approve or return it instead."
            )
        if update.state == rules.APPROVED and report.kind != rules.CORRECTION:
            raise Invalid(
                fields={
                    "kind": [
                        f"{update.activity.ref} already has an approved report in this round. "
                        "Choose “Correction” to put it right."
                    ]
                }
            )


def refuse_problems(
    activities: Iterable[Activity], report: Report, *, today: datetime.date, corrected: StatusUpdate | None = None
) -> None:
    """Ask the rules about ``report`` on each of ``activities``.

    Args:
        corrected: the report whose place it takes, if it corrects one.

    Raises:
        Invalid: they refuse it.
    """
    found: dict[str, list[str]] = {}
    for activity in activities:
        for problem in rules.problems_with_update(**facts(activity, report, today=today, corrected=corrected)):
            messages = found.setdefault(problem.field, [])
            if problem.message not in messages:
                messages.append(problem.message)
    if found:
        raise Invalid(fields=found)


def facts(
    activity: Activity, report: Report, *, today: datetime.date, corrected: StatusUpdate | None = None
) -> dict[str, Any]:
    """What ``rules.checklist`` looks at."""
    before = (corrected.status, None) if corrected else (activity.status, activity.status_as_of)
    return {
        "kind": report.kind,
        "status": report.status,
        "as_of": report.as_of,
        "narrative": report.narrative,
        "outputs_delivered": report.outputs_delivered,
        "reason": report.reason,
        "deferred_until": report.deferred_until,
        "evidence": len(report.evidence),
        "current_status": before[0],
        "current_as_of": before[1],
        "plan_starts": activity.plan.period_start,
        "today": today,
    }


def checklist_of(
    activity: Activity,
    report: Report,
    *,
    reporting_round: ReportingRound | None = None,
    corrected: StatusUpdate | None = None,
) -> list[rules.Check]:
    """What ``report`` has to meet before it is submitted, for whoever is writing it.

    Args:
        reporting_round: the round it is the report of, if it is one.
        corrected: the report whose place it takes, if it corrects one.
    """
    period = (reporting_round.period_start, reporting_round.period_end) if reporting_round else None
    looked_at = facts(activity, report, today=reader_day(), corrected=corrected)
    return rules.checklist(**looked_at, period=None if corrected else period)


def clean(update: StatusUpdate, report: Report, by: Actor) -> None:
    """Refuse what the fields and constraints of an update and its evidence refuse.

    Raises:
        Invalid: with the field at fault.
    """
    texts = {name: getattr(report, name) for name in TEXTS}
    texts["evidence"] = " ".join(f"{evidence_item.title} {evidence_item.url}" for evidence_item in report.evidence)
    unreadable = {name: [rules.UNREADABLE_TEXT] for name, text in texts.items() if rules.UNREADABLE.search(text)}
    if unreadable:
        raise Invalid(fields=unreadable)
    try:
        update.full_clean()
    except ValidationError as problem:
        raise Invalid(fields=problem.message_dict) from problem
    if len(report.evidence) > rules.MOST_EVIDENCE:
        raise Invalid(fields={"evidence": [f"Give at most {rules.MOST_EVIDENCE} links and files."]})
    for position, evidence_item in enumerate(report.evidence, start=1):
        problems = _problems_with(evidence_item, by)
        if problems:
            raise Invalid(fields={"evidence": [f"Evidence {position}: {text}" for text in problems]})


def _problems_with(evidence_item: EvidenceItem, by: Actor) -> list[str]:
    if evidence_item.kept is None and bool(evidence_item.url) == bool(evidence_item.file):
        return ["Give a link or a file, one of the two."]
    if evidence_item.file is not None:
        problem = rules.problem_with_file(
            evidence_item.file.name or "", evidence_item.file.size or 0, evidence_item.file.read(rules.FILE_START)
        )
        evidence_item.file.seek(0)
        if problem:
            return [problem]
    if evidence_item.dated_on and (problem := rules.problem_with_day(evidence_item.dated_on, by.today)):
        return [problem]
    skipped = {"update"} if evidence_item.url else {"update", "url", "file"}
    try:
        # Which of the two it is was judged above; a file that is kept is not at hand here.
        Evidence(title=evidence_item.title, url=evidence_item.url).full_clean(
            exclude=skipped, validate_constraints=False
        )
    except ValidationError as problem:
        return [text for texts in problem.message_dict.values() for text in texts]
    return []


def add_evidence(updates: list[StatusUpdate], evidence_items: Iterable[EvidenceItem], by: Actor) -> None:
    """Write the evidence of new updates with the same content. A file is stored once and linked to each."""
    rows = []
    for position, evidence_item in enumerate(evidence_items, start=1):
        stored = ""
        for update in updates:
            one = evidence_of(update, evidence_item, position, by)
            if evidence_item.file is not None:
                if stored:
                    one.file.name = stored
                else:
                    one.file.save(evidence_item.file.name or "file", evidence_item.file, save=False)
                    stored = one.file.name or ""
            rows.append(one)
    Evidence.objects.bulk_create(rows)


def evidence_of(update: StatusUpdate, evidence_item: EvidenceItem, position: int, by: Actor) -> Evidence:
    """``evidence_item`` as a row behind ``update``, its file not yet stored."""
    return Evidence(
        update=update,
        title=evidence_item.title,
        url=evidence_item.url,
        file_name=rules.plain_file_name(evidence_item.file.name or "") if evidence_item.file else "",
        file_size=evidence_item.file.size if evidence_item.file else None,
        dated_on=evidence_item.dated_on or by.today,
        position=position,
    )
