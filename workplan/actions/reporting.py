"""What a report says, and the secretariat's direct entries."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from workplan import permissions, rules
from workplan.actions import standing, trail
from workplan.actions.actor import Actor
from workplan.exceptions import Invalid, NotAllowed, Stale, WrongState
from workplan.models import Activity, AuditEntry, Evidence, ReportingRound, SectoralBody, StatusUpdate

MOST_AT_ONCE = 1_000
TEXTS = ("narrative", "outputs_delivered", "challenges", "next_steps", "reason")
SAID = ("kind", "status", "as_of", *TEXTS)


@dataclass(frozen=True, slots=True)
class Proof:
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


@dataclass(frozen=True, slots=True)
class Report:
    """What is said about an activity, as it comes from a form or a program.

    Attributes:
        status: a value of ``rules.STATUSES``; in a draft it may be empty.
        as_of: the day on which that status was true.
        reason: why the activity goes back, is deferred or cancelled.
        kind: a value of ``rules.UPDATE_KINDS``.
    """

    status: str
    as_of: datetime.date | None
    narrative: str = ""
    outputs_delivered: str = ""
    challenges: str = ""
    next_steps: str = ""
    reason: str = ""
    kind: str = rules.PROGRESS
    evidence: tuple[Proof, ...] = field(default=())

    @property
    def said(self) -> dict[str, Any]:
        """The words and values, as the columns of an update are called."""
        return {name: getattr(self, name) for name in SAID}


def record_status(
    *,
    activity: Activity,
    version: int,
    report: Report,
    by: Actor,
    the_round: ReportingRound | None = None,
    body: SectoralBody | None = None,
) -> StatusUpdate:
    """Record an approved status update on one activity, for the secretariat, and make it the activity's status.

    Args:
        activity: the activity meant; it is read again under a lock.
        version: the version of the activity that the person has seen.
        report: what is said.
        by: who says it.
        the_round: the open round that it is the report of, if it is one.
        body: the lead body on whose behalf it is entered, if on anybody's.

    Raises:
        NotAllowed: the person may not record a status.
        Stale: the activity has another version by now.
        Invalid: a rule refuses the values.
        WrongState: the round takes no reports, or a report is waiting for its review.
    """
    return record_status_of_many(versions={activity.pk: version}, report=report, by=by, the_round=the_round, body=body)[
        0
    ]


@transaction.atomic
def record_status_of_many(
    *,
    versions: Mapping[int, int],
    report: Report,
    by: Actor,
    the_round: ReportingRound | None = None,
    body: SectoralBody | None = None,
    note: str = "",
) -> list[StatusUpdate]:
    """Record the same update on several activities: all of them, or none.

    Args:
        versions: for each activity's id, the version that the person has seen.
        report: what is said of each of them.
        by: who says it.
        the_round, body: as ``record_status``.
        note: why, for the trail, where that is not what the report says.

    Raises:
        NotAllowed, Stale, Invalid, WrongState: as ``record_status``.
    """
    if not 1 <= len(versions) <= MOST_AT_ONCE:
        raise Invalid(fields={"activities": [f"Choose from 1 to {MOST_AT_ONCE:,} activities."]})
    if the_round is not None:
        the_round = standing.locked_rounds([the_round.pk])[the_round.pk]
    # Locked in the order of their ids, so that two bulk writers wait for each other instead of deadlocking.
    activities = standing.locked_activities(versions)
    if by.user is None or not all(permissions.can_record_status(by.user, activity) for activity in activities):
        raise NotAllowed("Only the secretariat can record a status.")
    if len(activities) != len(versions):
        raise Invalid(fields={"activities": ["One of the chosen activities is no longer in the plan."]})
    stale = [activity for activity in activities if activity.version != versions[activity.pk]]
    if stale:
        raise Stale(current=stale)

    now = timezone.now()
    if body is not None:
        refuse_strange_body(activities, body)
    if the_round is not None:
        _refuse_round(activities, the_round, report)
    refuse_problems(activities, report, today=timezone.localdate(now))
    updates = [
        StatusUpdate(
            activity=activity,
            body=body,
            round=the_round,
            is_direct=True,
            **report.said,
            state=rules.APPROVED,
            author=by.user,
            author_name=by.name,
            created_at=now,
            updated_at=now,
            submissions=1,
            submitted_by=by.user,
            submitted_by_name=by.name,
            submitted_at=now,
            approved_by=by.user,
            approved_by_name=by.name,
            approved_at=now,
        )
        for activity in activities
    ]
    # They differ in their activity alone, which was read a moment ago: checking one checks all.
    clean(updates[0], report)
    StatusUpdate.objects.bulk_create(updates)
    add_evidence(updates, report.evidence)
    if standing.counts_now(updates[0]):
        standing.take_over(list(zip(activities, updates, strict=True)), by=by, now=now, note=note)
    else:
        entered = {"state": [None, rules.APPROVED], "status": [None, report.status]}
        AuditEntry.objects.bulk_create(
            trail.entry(action="report.recorded", record=update, changes=entered, by=by, reason=note)
            for update in updates
        )
    if the_round is not None:
        standing.settle(the_round, [activity.pk for activity in activities])
    return updates


def refuse_strange_body(activities: Iterable[Activity], body: SectoralBody) -> None:
    """A body reports, or has a report entered for it, only on what it leads.

    Raises:
        Invalid: it does not lead one of ``activities``.
    """
    strange = [activity.ref for activity in activities if body not in activity.lead_bodies]
    if strange:
        raise Invalid(fields={"body": [f"{body} does not lead {', '.join(strange[:5])}."]})


def _refuse_round(activities: list[Activity], the_round: ReportingRound, report: Report) -> None:
    if the_round.state != rules.OPEN:
        raise WrongState(f"“{the_round}” is not open, so nothing can be entered as its report.")
    if any(activity.plan_id != the_round.plan_id for activity in activities):
        raise Invalid(fields={"round": [f"“{the_round}” is a round of another plan."]})
    there = StatusUpdate.objects.filter(round=the_round, activity__in=activities).select_related("activity", "body")
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


def refuse_problems(activities: Iterable[Activity], report: Report, *, today: datetime.date) -> None:
    """Ask the rules about ``report`` on each of ``activities``.

    Raises:
        Invalid: they refuse it.
    """
    found: dict[str, list[str]] = {}
    for activity in activities:
        for problem in rules.problems_with_update(**facts(activity, report, today=today)):
            messages = found.setdefault(problem.field, [])
            if problem.message not in messages:
                messages.append(problem.message)
    if found:
        raise Invalid(fields=found)


def facts(activity: Activity, report: Report, *, today: datetime.date) -> dict[str, Any]:
    """What ``rules.checklist`` looks at."""
    return {
        "kind": report.kind,
        "status": report.status,
        "as_of": report.as_of,
        "narrative": report.narrative,
        "outputs_delivered": report.outputs_delivered,
        "reason": report.reason,
        "evidence": len(report.evidence),
        "current_status": activity.status,
        "current_as_of": activity.status_as_of,
        "plan_starts": activity.plan.period_start,
        "today": today,
    }


def checklist_of(activity: Activity, report: Report) -> list[rules.Check]:
    """What ``report`` has to meet before it is submitted, for whoever is writing it."""
    return rules.checklist(**facts(activity, report, today=timezone.localdate()))


def clean(update: StatusUpdate, report: Report) -> None:
    """Refuse what the fields and constraints of an update and its evidence refuse.

    Raises:
        Invalid: with the field at fault.
    """
    texts = {name: getattr(report, name) for name in TEXTS}
    texts["evidence"] = " ".join(f"{proof.title} {proof.url}" for proof in report.evidence)
    unreadable = {name: [rules.UNREADABLE_TEXT] for name, text in texts.items() if rules.UNREADABLE.search(text)}
    if unreadable:
        raise Invalid(fields=unreadable)
    try:
        update.full_clean()
    except ValidationError as problem:
        raise Invalid(fields=problem.message_dict) from problem
    if len(report.evidence) > rules.MOST_EVIDENCE:
        raise Invalid(fields={"evidence": [f"Give at most {rules.MOST_EVIDENCE} links and files."]})
    for position, proof in enumerate(report.evidence, start=1):
        problems = _problems_with(proof)
        if problems:
            raise Invalid(fields={"evidence": [f"Evidence {position}: {text}" for text in problems]})


def _problems_with(proof: Proof) -> list[str]:
    if proof.kept is None and bool(proof.url) == bool(proof.file):
        return ["Give a link or a file, one of the two."]
    if proof.file is not None:
        problem = rules.problem_with_file(
            proof.file.name or "", proof.file.size or 0, proof.file.read(rules.FILE_START)
        )
        proof.file.seek(0)
        if problem:
            return [problem]
    if proof.dated_on and (problem := rules.problem_with_day(proof.dated_on, timezone.localdate())):
        return [problem]
    skipped = {"update"} if proof.url else {"update", "url", "file"}
    try:
        # Which of the two it is was judged above; a file that is kept is not at hand here.
        Evidence(title=proof.title, url=proof.url).full_clean(exclude=skipped, validate_constraints=False)
    except ValidationError as problem:
        return [text for texts in problem.message_dict.values() for text in texts]
    return []


def add_evidence(updates: list[StatusUpdate], proofs: Iterable[Proof]) -> None:
    """Write the evidence of new updates that all say the same. A file is stored once and stands behind each."""
    rows = []
    for position, proof in enumerate(proofs, start=1):
        stored = ""
        for update in updates:
            one = evidence_of(update, proof, position)
            if proof.file is not None:
                if stored:
                    one.file.name = stored
                else:
                    one.file.save(proof.file.name or "file", proof.file, save=False)
                    stored = one.file.name or ""
            rows.append(one)
    Evidence.objects.bulk_create(rows)


def evidence_of(update: StatusUpdate, proof: Proof, position: int) -> Evidence:
    """``proof`` as a row behind ``update``, its file not yet stored."""
    return Evidence(
        update=update,
        title=proof.title,
        url=proof.url,
        file_name=rules.plain_file_name(proof.file.name or "") if proof.file else "",
        file_size=proof.file.size if proof.file else None,
        dated_on=proof.dated_on or timezone.localdate(),
        position=position,
    )
