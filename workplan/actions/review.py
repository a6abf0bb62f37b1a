"""The secretariat's decisions on reports, and what others say beside them."""

import datetime
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from workplan import permissions, rules
from workplan.actions import notices, standing, trail
from workplan.actions.actor import Actor
from workplan.actions.drafting import refuse_deed
from workplan.actions.reporting import MOST_AT_ONCE
from workplan.exceptions import Invalid, NotAllowed, Stale, WrongState
from workplan.models import (
    Activity,
    AuditEntry,
    Comment,
    Concurrence,
    Contribution,
    ReportingRound,
    Review,
    SectoralBody,
    StatusUpdate,
)


def approve_report(*, update: StatusUpdate, version: int, by: Actor) -> StatusUpdate:
    """Approve one submitted report; as ``approve_reports``."""
    return approve_reports(versions={update.pk: version}, by=by)[0]


@transaction.atomic
def approve_reports(*, versions: Mapping[int, int], by: Actor) -> list[StatusUpdate]:
    """Approve submitted reports: all of them, or none.

    Each becomes its activity's status at once, or when its round is published, as the round says.

    Args:
        versions: for each report's id, the version that the reviewer has read.
        by: who approves.

    Raises:
        NotAllowed: the person may not review, or wrote one of them where the plan asks for four eyes.
        Stale: somebody changed one of them meanwhile.
        WrongState: one of them is not submitted (any more).
        Invalid: one of them cannot count as things stand.
    """
    if not 1 <= len(versions) <= MOST_AT_ONCE:
        raise Invalid(fields={"reports": [f"Choose from 1 to {MOST_AT_ONCE:,} reports."]})
    if by.user is None or not permissions.can_review(by.user):
        raise NotAllowed(permissions.WHY_NOT["approve"])
    known = dict(StatusUpdate.objects.filter(pk__in=versions).values_list("pk", "activity"))
    if len(known) != len(versions):
        raise WrongState("One of the reports is gone.")
    rounds = standing.locked_rounds(
        StatusUpdate.objects.filter(pk__in=versions).order_by().values_list("round", flat=True).distinct()
    )
    activities = {activity.pk: activity for activity in standing.locked_activities(set(known.values()))}
    locked = StatusUpdate.objects.select_for_update(of=("self",), no_key=True).select_related("body")
    updates = list(locked.filter(pk__in=versions).order_by("pk"))
    for update in updates:
        update.activity = activities[update.activity_id]
        update.round = rounds[update.round_id] if update.round_id else None
        refuse_deed("approve", update, by)
    stale = [update for update in updates if update.version != versions[update.pk]]
    if stale:
        raise Stale(current=stale)
    for update in updates:
        if update.kind in rules.KINDS_WITHOUT_NARRATIVE and update.status != update.activity.status:
            raise Invalid(
                fields={
                    "status": [
                        f"{update.activity.ref} has become “{rules.STATUSES.label(update.activity.status)}” since "
                        f"“{update.get_kind_display().lower()}” was reported. Return the report."
                    ]
                }
            )
    now = timezone.now()
    for update in updates:
        update.state = rules.APPROVED
        update.approved_by, update.approved_by_name, update.approved_at = by.user, by.name, now
        update.version += 1
        update.updated_at = now
    StatusUpdate.objects.bulk_update(
        updates,
        ["state", "approved_by", "approved_by_name", "approved_at", "version", "updated_at"],
        batch_size=200,
    )
    _record_concurrence(updates, now)
    Review.objects.bulk_create(_review(update, rules.APPROVE, "", by, now) for update in updates)
    AuditEntry.objects.bulk_create(
        trail.entry(
            action="report.approved",
            record=update,
            changes={"state": [rules.SUBMITTED, rules.APPROVED]},
            by=by,
        )
        for update in updates
    )
    # Of two reports on one activity the later one counts, so each is taken over in turn.
    turns: list[list[tuple[Activity, StatusUpdate]]] = []
    for update in updates:
        if standing.counts_now(update):
            turn = next((turn for turn in turns if all(one.pk != update.activity_id for one, _ in turn)), None)
            if turn is None:
                turns.append(turn := [])
            turn.append((update.activity, update))
    for turn in turns:
        standing.take_over(turn, by=by, now=now)
    for the_round in rounds.values():
        standing.settle(the_round, [update.activity_id for update in updates if update.round_id == the_round.pk])
    said = {update.pk: f"The report on {update.activity.ref} is approved." for update in updates}
    _tell_authors("approved", updates, said, by)
    return updates


@transaction.atomic
def return_report(*, update: StatusUpdate, version: int, reason: str, by: Actor) -> StatusUpdate:
    """Send a submitted report back to its body with a reason. Its words stay the body's.

    Raises:
        NotAllowed, Stale, WrongState: as ``approve_reports``.
        Invalid: there is no reason.
    """
    update = standing.locked_update(update)
    refuse_deed("return", update, by)
    standing.refuse_stale(update, version)
    now = timezone.now()
    review = _review(update, rules.RETURN, reason.strip(), by, now)
    if not review.reason:
        raise Invalid(fields={"reason": ["Say why the report is returned, so that its author can mend it."]})
    _clean(review)
    update.state = rules.RETURNED
    update.version += 1
    update.updated_at = now
    update.save(update_fields=["state", "version", "updated_at"])
    review.save(force_insert=True)
    trail.entry(
        action="report.returned",
        record=update,
        changes={"state": [rules.SUBMITTED, rules.RETURNED]},
        by=by,
        reason=review.reason,
    ).save()
    if update.round is not None:
        standing.settle(update.round, [update.activity_id])
    said = f"The report on {update.activity.ref} is returned: {review.reason}"
    _tell_authors("returned", [update], {update.pk: said}, by)
    return update


@transaction.atomic
def concur(*, update: StatusUpdate, version: int, by: Actor, body: SectoralBody | None = None) -> Concurrence:
    """Say for a joint lead that it agrees with the report of the other.

    Args:
        update: the submitted report.
        version: its version as the person has read it.
        by: who says it.
        body: for which body, where the person speaks for several.

    Raises:
        NotAllowed: the person's body is no other lead of the activity.
        Stale: the report has changed meanwhile.
        WrongState: it is not submitted (any more), or the body has concurred.
    """
    update = standing.locked_update(update)
    refuse_deed("concur", update, by)
    standing.refuse_stale(update, version)
    joint = [one for one in permissions.bodies_reporting(by.user, update.activity) if one.pk != update.body_id]
    side = body or joint[0]
    if side not in joint:
        raise NotAllowed(f"You do not speak for {side} as a joint lead of {update.activity.ref}.")
    if update.concurrences.filter(body=side).exists():
        raise WrongState(f"{side} has concurred already.")
    concurrence = Concurrence(update=update, body=side, way=rules.GIVEN, user=by.user, user_name=by.name)
    concurrence.save(force_insert=True)
    trail.entry(action="report.concurred", record=update, changes={"concurs": [None, side.acronym]}, by=by).save()
    return concurrence


@transaction.atomic
def comment(*, update: StatusUpdate, text: str, by: Actor) -> Comment:
    """Say something beside a report. The public never sees it.

    Raises:
        NotAllowed: the person has no part in the report.
        Invalid: the text is empty or cannot be read.
    """
    update = standing.locked_update(update)
    refuse_deed("comment", update, by)
    found = Comment(
        update=update, body=_side(update.activity, by), text=text.strip(), author=by.user, author_name=by.name
    )
    _refuse_unreadable(found.text)
    _clean(found)
    found.save(force_insert=True)
    trail.entry(action="report.commented", record=update, changes={"comment": [None, found.text]}, by=by).save()
    return found


@transaction.atomic
def contribute(
    *,
    activity: Activity,
    the_round: ReportingRound,
    body: SectoralBody,
    text: str,
    by: Actor,
    version: int | None = None,
) -> Contribution:
    """Write, or write anew, what a cooperating body adds beside the report on an activity in a round.

    Args:
        version: the version of the contribution that the person has seen; ``None`` where there was none.

    Raises:
        NotAllowed: the person does not speak for ``body``, or ``body`` does not cooperate in the activity.
        Stale: somebody else of the body has written meanwhile.
        WrongState: the round is not open.
        Invalid: the text is empty or cannot be read.
    """
    the_round = standing.locked_rounds([the_round.pk])[the_round.pk]
    activity = standing.locked_activities([activity.pk])[0]
    if by.user is None or body not in permissions.bodies_contributing(by.user, activity):
        raise NotAllowed(f"You do not speak for a body that cooperates in {activity.ref}.")
    if the_round.plan_id != activity.plan_id:
        raise Invalid(fields={"round": [f"“{the_round}” is a round of another plan."]})
    if not standing.accepts_reports(the_round, body):
        raise WrongState(f"“{the_round}” is not open, so nothing can be added to its reports.")
    found = Contribution.objects.filter(round=the_round, activity=activity, body=body).first()
    if (found.version if found else None) != version:
        raise Stale(current=[found] if found else [])
    now = timezone.now()
    before = found.text if found else None
    found = found or Contribution(round=the_round, activity=activity, body=body, version=0, created_at=now)
    found.text, found.author, found.author_name = text.strip(), by.user, by.name
    found.version += 1
    found.updated_at = now
    _refuse_unreadable(found.text)
    _clean(found)
    found.save()
    trail.entry(action="contribution.written", record=found, changes={"text": [before, found.text]}, by=by).save()
    return found


def _side(activity: Activity, by: Actor) -> SectoralBody | None:
    """For which side the person speaks: a lead body of theirs, or the secretariat."""
    own = permissions.bodies_reporting(by.user, activity)
    return own[0] if own else None


def _record_concurrence(updates: list[StatusUpdate], now: datetime.datetime) -> None:
    """Write down where each joint lead stands that has not spoken, by the round's silence rule."""
    spoken = set(Concurrence.objects.filter(update__in=updates).values_list("update", "body"))
    rows = []
    for update in updates:
        if update.body_id is None:
            continue
        days = update.round.silence_days if update.round else None
        waited = bool(days and update.submitted_at and update.submitted_at + datetime.timedelta(days=days) <= now)
        way = rules.ASSUMED if waited else rules.SILENT
        for body in update.activity.lead_bodies:
            if body.pk != update.body_id and (update.pk, body.pk) not in spoken:
                rows.append(Concurrence(update=update, body=body, way=way, at=now))
    Concurrence.objects.bulk_create(rows)


def _review(update: StatusUpdate, decision: str, reason: str, by: Actor, now: datetime.datetime) -> Review:
    return Review(
        update=update,
        decision=decision,
        reason=reason,
        submission=update.submissions,
        silence_days=update.round.silence_days if update.round else None,
        reviewer=by.user,
        reviewer_name=by.name,
        at=now,
    )


def _clean(record: models.Model) -> None:
    try:
        record.full_clean()
    except ValidationError as problem:
        raise Invalid(fields=problem.message_dict) from problem


def _refuse_unreadable(text: str) -> None:
    if rules.UNREADABLE.search(text):
        raise Invalid(fields={"text": [rules.UNREADABLE_TEXT]})


def _tell_authors(event: str, updates: list[StatusUpdate], said: Mapping[int, str], by: Actor) -> None:
    notices.tell_bodies(
        [
            notices.News(
                body=update.body_id,
                event=event,
                key=f"{event}:{update.pk}:{update.submissions}",
                text=said[update.pk],
                path=update.get_absolute_url(),
            )
            for update in updates
            if update.body_id is not None
        ],
        but=by.user,
    )
