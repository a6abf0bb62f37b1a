"""Recording what is reported: the only place that writes an activity's status."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from workplan import permissions, rules
from workplan.actions import trail
from workplan.actions.actor import Actor
from workplan.exceptions import Invalid, NotAllowed, Stale
from workplan.models import Activity, AuditEntry, Evidence, StatusUpdate

MOST_AT_ONCE = 1_000
TEXTS = ("narrative", "outputs_delivered", "challenges", "next_steps")


@dataclass(frozen=True, slots=True)
class Link:
    """A link to evidence."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Report:
    """What is said about an activity, as it comes from a form or a program.

    Attributes:
        status: a value of ``rules.STATUSES``.
        as_of: the day on which that status was true.
        kind: a value of ``rules.UPDATE_KINDS``.
    """

    status: str
    as_of: datetime.date | None
    narrative: str = ""
    outputs_delivered: str = ""
    challenges: str = ""
    next_steps: str = ""
    kind: str = rules.PROGRESS
    evidence: tuple[Link, ...] = field(default=())


def record_status(*, activity: Activity, version: int, report: Report, by: Actor) -> StatusUpdate:
    """Record an approved status update on one activity and make it the activity's status.

    Args:
        activity: the activity meant; it is read again under a lock.
        version: the version of the activity that the person has seen.
        report: what is said.
        by: who says it.

    Raises:
        NotAllowed: the person may not record a status.
        Stale: the activity has another version by now.
        Invalid: a rule refuses the values.
    """
    return record_status_of_many(versions={activity.pk: version}, report=report, by=by)[0]


@transaction.atomic
def record_status_of_many(*, versions: Mapping[int, int], report: Report, by: Actor) -> list[StatusUpdate]:
    """Record the same update on several activities: all of them, or none.

    Args:
        versions: for each activity's id, the version that the person has seen.
        report: what is said of each of them.
        by: who says it.

    Raises:
        NotAllowed, Stale, Invalid: as ``record_status``.
    """
    if not 1 <= len(versions) <= MOST_AT_ONCE:
        raise Invalid(fields={"activities": [f"Choose from 1 to {MOST_AT_ONCE:,} activities."]})
    # Locked in the order of their ids, so that two bulk writers wait for each other instead of deadlocking.
    activities = list(
        Activity.objects.select_for_update(of=("self",), no_key=True)
        .select_related("plan")
        .filter(pk__in=versions)
        .order_by("pk")
    )
    if by.user is None or not all(permissions.can_record_status(by.user, activity) for activity in activities):
        raise NotAllowed("Only the secretariat can record a status.")
    if len(activities) != len(versions):
        raise Invalid(fields={"activities": ["One of the chosen activities is no longer in the plan."]})
    stale = [activity for activity in activities if activity.version != versions[activity.pk]]
    if stale:
        raise Stale(current=stale)

    now = timezone.now()
    _refuse_problems(activities, report, today=timezone.localdate(now))
    assert report.as_of is not None, "a rule has refused a report without its day"
    updates = [
        StatusUpdate(
            activity=activity,
            kind=report.kind,
            status=report.status,
            as_of=report.as_of,
            narrative=report.narrative,
            outputs_delivered=report.outputs_delivered,
            challenges=report.challenges,
            next_steps=report.next_steps,
            state=rules.APPROVED,
            author=by.user,
            author_name=by.name,
            created_at=now,
            approved_by=by.user,
            approved_by_name=by.name,
            approved_at=now,
        )
        for activity in activities
    ]
    # They differ in their activity alone, which was read a moment ago: checking one checks all.
    _clean(updates[0], report)
    StatusUpdate.objects.bulk_create(updates)
    Evidence.objects.bulk_create(
        Evidence(update=update, title=link.title, url=link.url, position=position)
        for update in updates
        for position, link in enumerate(report.evidence, start=1)
    )
    entries = [_take_over(activity, update, by) for activity, update in zip(activities, updates, strict=True)]
    Activity.objects.bulk_update(
        activities, ["status", "status_as_of", "latest_update", "version", "updated_at"], batch_size=200
    )
    AuditEntry.objects.bulk_create(entries)
    return updates


def _refuse_problems(activities: list[Activity], report: Report, *, today: datetime.date) -> None:
    found: dict[str, list[str]] = {}
    for activity in activities:
        for problem in rules.problems_with_update(
            kind=report.kind,
            status=report.status,
            as_of=report.as_of,
            narrative=report.narrative,
            current_status=activity.status,
            plan_starts=activity.plan.period_start,
            today=today,
        ):
            messages = found.setdefault(problem.field, [])
            if problem.message not in messages:
                messages.append(problem.message)
    if found:
        raise Invalid(fields=found)


def _clean(update: StatusUpdate, report: Report) -> None:
    texts = {name: getattr(report, name) for name in TEXTS}
    texts["evidence"] = " ".join(f"{link.title} {link.url}" for link in report.evidence)
    unreadable = {name: [rules.UNREADABLE_TEXT] for name, text in texts.items() if rules.UNREADABLE.search(text)}
    if unreadable:
        raise Invalid(fields=unreadable)
    try:
        update.full_clean()
    except ValidationError as problem:
        raise Invalid(fields=problem.message_dict) from problem
    for position, link in enumerate(report.evidence, start=1):
        try:
            Evidence(title=link.title, url=link.url).full_clean(exclude={"update"})
        except ValidationError as problem:
            words = [f"Link {position}: {text}" for texts in problem.message_dict.values() for text in texts]
            raise Invalid(fields={"evidence": words}) from problem


def _take_over(activity: Activity, update: StatusUpdate, by: Actor) -> AuditEntry:
    """Give ``activity`` the status of ``update``, in memory, and return the audit entry of it."""
    changes: dict[str, list[Any]] = {
        "status": [activity.status, update.status],
        "status_as_of": [_iso(activity.status_as_of), _iso(update.as_of)],
        "latest_update": [activity.latest_update_id, update.pk],
        "version": [activity.version, activity.version + 1],
    }
    activity.status = update.status
    activity.status_as_of = update.as_of
    activity.latest_update = update
    activity.version += 1
    activity.updated_at = update.created_at
    return trail.entry(action="status.recorded", record=activity, changes=changes, by=by)


def _iso(day: datetime.date | None) -> str | None:
    return day.isoformat() if day else None
