"""The secretariat's decisions on reports; concurrences, comments and contributions of others."""

import datetime
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from workplan import permissions, rules
from workplan.actions import audit, current_status, due_reports, notice_wording, notices
from workplan.actions.actor import Actor
from workplan.actions.drafting import refuse_action
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


def approve_report(*, update: StatusUpdate, version: int, by: Actor, confirmed: bool = True) -> StatusUpdate:
    """Approve one submitted report; as ``approve_reports``."""
    return approve_reports(versions={update.pk: version}, by=by, confirmed=confirmed)[0]


@transaction.atomic
def approve_reports(*, versions: Mapping[int, int], by: Actor, confirmed: bool = True) -> list[StatusUpdate]:
    """Approve submitted reports: all of them, or none.

    Each becomes its activity's status at once, or when its round is published, as the round says.

    Args:
        versions: for each report's id, the version that the reviewer has read.
        by: who approves.
        confirmed: whether statuses of an older day than the present ones are meant to take their places.

    Raises:
        NotAllowed: the person may not review, or had a part in one of them where the plan asks for four eyes.
        Stale: somebody changed one of them meanwhile.
        WrongState: one of them is not submitted (any more).
        Invalid: one of them cannot become the current status.
        Unconfirmed: one of them is of an older day than the present status, and that is not confirmed.
    """
    if not 1 <= len(versions) <= MOST_AT_ONCE:
        raise Invalid(fields={"reports": [f"Choose from 1 to {MOST_AT_ONCE:,} reports."]})
    if by.user is None or not permissions.can_review(by.user):
        raise NotAllowed(permissions.REFUSALS["approve"])
    known = dict(StatusUpdate.objects.filter(pk__in=versions).values_list("pk", "activity"))
    if len(known) != len(versions):
        raise WrongState("One of the reports no longer exists.")
    rounds = current_status.locked_rounds(
        StatusUpdate.objects.filter(pk__in=versions).order_by().values_list("round", flat=True).distinct()
    )
    activities = {activity.pk: activity for activity in current_status.locked_activities(set(known.values()))}
    locked = StatusUpdate.objects.select_for_update(of=("self",), no_key=True).select_related("body")
    locked = locked.with_part_of(by.user)
    updates = list(locked.filter(pk__in=versions).order_by("pk"))
    for update in updates:
        update.activity = activities[update.activity_id]
        update.round = rounds[update.round_id] if update.round_id else None
        refuse_action("approve", update, by)
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
    if not confirmed:
        current_status.refuse_unconfirmed(
            (update.activity, update.as_of) for update in updates if update.brings_new_date
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
        audit.entry(
            action="report.approved",
            record=update,
            changes={"state": [rules.SUBMITTED, rules.APPROVED]},
            by=by,
        )
        for update in updates
    )
    in_effect = [(update.activity, update) for update in updates if current_status.is_in_effect(update)]
    current_status.set_current_status(in_effect, by=by, now=now)
    for reporting_round in rounds.values():
        current_status.update_obligations(
            reporting_round, [update.activity_id for update in updates if update.round_id == reporting_round.pk]
        )
    due_reports.follow_statuses(list(activities))
    _notify_authors("approved", {update: notice_wording.approved(update) for update in updates}, by)
    return updates


@transaction.atomic
def return_report(*, update: StatusUpdate, version: int, reason: str, by: Actor) -> StatusUpdate:
    """Send a submitted report back to its body with a reason. Its words stay the body's.

    Raises:
        NotAllowed, Stale, WrongState: as ``approve_reports``.
        Invalid: there is no reason.
    """
    update = current_status.locked_update(update)
    refuse_action("return", update, by)
    current_status.refuse_stale(update, version)
    now = timezone.now()
    review = _review(update, rules.RETURN, rules.normalised(reason), by, now)
    if not review.reason:
        raise Invalid(fields={"reason": ["Enter the reason for the return, so that the author can revise the report."]})
    _clean(review)
    update.state = rules.RETURNED
    update.version += 1
    update.updated_at = now
    update.save(update_fields=["state", "version", "updated_at"])
    review.save(force_insert=True)
    audit.entry(
        action="report.returned",
        record=update,
        changes={"state": [rules.SUBMITTED, rules.RETURNED]},
        by=by,
        reason=review.reason,
    ).save()
    if update.round is not None:
        current_status.update_obligations(update.round, [update.activity_id])
    comments = Comment.objects.filter(update=update, author=by.user, at__gte=update.submitted_at).order_by("at", "pk")
    _notify_authors("returned", {update: notice_wording.returned(update, review, list(comments))}, by)
    return update


@transaction.atomic
def concur(*, update: StatusUpdate, version: int, by: Actor, body: SectoralBody | None = None) -> Concurrence:
    """Say for a joint lead that it agrees with the report of the other.

    Args:
        update: the submitted report.
        version: its version as the person has read it.
        by: who says it.
        body: for which body, where the person represents several.

    Raises:
        NotAllowed: the person's body is no other lead of the activity, or the person had a part in the report where
            the plan asks for four eyes.
        Stale: the report has changed meanwhile.
        WrongState: it is not submitted (any more), or the body has concurred.
    """
    update = current_status.locked_update(update)
    refuse_action("concur", update, by)
    current_status.refuse_stale(update, version)
    joint = [one for one in permissions.bodies_reporting(by.user, update.activity) if one.pk != update.body_id]
    side = body or joint[0]
    if side not in joint:
        raise NotAllowed(f"You do not represent {side} as a joint lead of {update.activity.ref}.")
    if update.concurrences.filter(body=side).exists():
        raise WrongState(f"{side} has concurred already.")
    concurrence = Concurrence(update=update, body=side, way=rules.GIVEN, user=by.user, user_name=by.name)
    concurrence.save(force_insert=True)
    audit.entry(action="report.concurred", record=update, changes={"concurs": [None, side.acronym]}, by=by).save()
    return concurrence


@transaction.atomic
def comment(*, update: StatusUpdate, text: str, by: Actor) -> Comment:
    """Comment on a report. The public never sees comments.

    Raises:
        NotAllowed: the person has no part in the report.
        Invalid: the text is empty or cannot be read.
    """
    update = current_status.locked_update(update)
    refuse_action("comment", update, by)
    found = Comment(
        update=update, body=_side(update.activity, by), text=rules.normalised(text), author=by.user, author_name=by.name
    )
    _refuse_unreadable(found.text)
    _clean(found)
    found.save(force_insert=True)
    audit.entry(action="report.commented", record=update, changes={"comment": [None, found.text]}, by=by).save()
    return found


@transaction.atomic
def contribute(
    *,
    activity: Activity,
    reporting_round: ReportingRound,
    body: SectoralBody,
    text: str,
    by: Actor,
    version: int | None = None,
) -> Contribution:
    """Write or replace the contribution of a cooperating body to an activity in a round.

    Args:
        version: the version of the contribution that the person has seen; ``None`` where there was none.

    Raises:
        NotAllowed: the person does not represent ``body``, or ``body`` does not cooperate in the activity.
        Stale: somebody else of the body has written meanwhile.
        WrongState: the round is not open.
        Invalid: the text is empty or cannot be read.
    """
    reporting_round = current_status.locked_rounds([reporting_round.pk])[reporting_round.pk]
    activity = current_status.locked_activities([activity.pk])[0]
    if by.user is None or body not in permissions.bodies_contributing(by.user, activity):
        raise NotAllowed(f"You do not represent a body that cooperates in {activity.ref}.")
    if reporting_round.plan_id != activity.plan_id:
        raise Invalid(fields={"round": [f"“{reporting_round}” is a round of another plan."]})
    if not current_status.accepts_reports(reporting_round, body):
        raise WrongState(f"“{reporting_round}” is not open, so nothing can be added to its reports.")
    found = Contribution.objects.filter(round=reporting_round, activity=activity, body=body).first()
    if (found.version if found else None) != version:
        raise Stale(current=[found] if found else [])
    now = timezone.now()
    before = found.text if found else None
    if before is not None and rules.normalised(before) == rules.normalised(text):
        assert found is not None
        return found
    found = found or Contribution(round=reporting_round, activity=activity, body=body, version=0, created_at=now)
    found.text, found.author, found.author_name = rules.normalised(text), by.user, by.name
    found.version += 1
    found.updated_at = now
    _refuse_unreadable(found.text)
    _clean(found)
    found.save()
    audit.entry(action="contribution.written", record=found, changes={"text": [before, found.text]}, by=by).save()
    return found


def _side(activity: Activity, by: Actor) -> SectoralBody | None:
    """On whose behalf the person comments: a lead body of theirs, or the secretariat (``None``)."""
    own = permissions.bodies_reporting(by.user, activity)
    return own[0] if own else None


def _record_concurrence(updates: list[StatusUpdate], now: datetime.datetime) -> None:
    """Record, by the round's silence rule, the concurrence of each joint lead that has not answered."""
    spoken = set(Concurrence.objects.filter(update__in=updates).values_list("update", "body"))
    rows = []
    for update in updates:
        if update.body_id is None:
            continue
        days = update.round.silence_days if update.round else None
        waited = bool(days and update.submitted_at and update.submitted_at + datetime.timedelta(days=days) <= now)
        way = rules.ASSUMED if waited else rules.NON_RESPONSE
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


def _notify_authors(event: str, words: Mapping[StatusUpdate, notice_wording.Wording], by: Actor) -> None:
    notices.notify_bodies(
        [
            notices.Notification.of(
                wording,
                event=event,
                key=f"{event}:{update.pk}:{update.submissions}",
                body=update.body_id,
                round=update.round_id,
                update=update.pk,
            )
            for update, wording in words.items()
            if update.body_id is not None
        ],
        exclude=by.user,
    )
