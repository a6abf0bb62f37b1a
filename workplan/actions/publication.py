"""Publishing a round: now, on a day set before, and taking back what was published in error."""

import datetime
from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils import timezone

from workplan import rules
from workplan.actions import audit, current_status, due_reports, notice_wording, notices
from workplan.actions.actor import Actor
from workplan.actions.rounds import YEAR_OUT_OF_RANGE, YEARS, locked_round_for, set_state
from workplan.exceptions import EndsRights, Invalid, Refusal, WrongState
from workplan.models import Activity, AuditEntry, Obligation, ReportingRound, StatusUpdate
from workplan.monitoring import publication
from workplan.querysets.days import secretariat_day

SCHEDULED, UNSCHEDULED = "round.publication_scheduled", "round.publication_unscheduled"
NOT_PUBLISHED, WITHDRAWN = "round.not_published", "round.publication_withdrawn"


@transaction.atomic
def publish_round(
    *, reporting_round: ReportingRound, version: int, by: Actor, confirmed_bodies: Collection[str] = (), note: str = ""
) -> ReportingRound:
    """Finish a closed round. Where the round says so, its approved reports become the statuses now.

    What bodies could still do in it ends; the focal points of these bodies are notified.

    Args:
        confirmed_bodies: the names (``publication.Loss.name``) of the bodies that may still report, or wait for a
            review, and whose loss is meant.
        note: why, for the audit trail.

    Raises:
        NotAllowed, Stale, WrongState: as ``open_round``.
        EndsRights: a body that is not confirmed may still report, or waits for a review.
    """
    reporting_round = locked_round_for(reporting_round, "publish", version, by)
    losses = publication.losses(reporting_round)
    unconfirmed = [loss for loss in losses if loss.name not in confirmed_bodies]
    if unconfirmed:
        raise EndsRights([loss.sentence for loss in unconfirmed], [loss.name for loss in losses])
    now = timezone.now()
    reporting_round.published_at = now
    reporting_round.publish_on = None
    reason = " ".join(part for part in (note, *(f"Confirmed: {loss.sentence}" for loss in losses)) if part)
    set_state(
        reporting_round, rules.PUBLISHED, by, now, fields=["published_at", "publish_on"], reason=shortened(reason)
    )
    if reporting_round.publication == rules.WITH_ROUND:
        latest = _latest_approved(reporting_round)
        locked = current_status.locked_activities(latest)
        _set_statuses([(activity, latest[activity.pk]) for activity in locked], by, now)
    notices.notify_bodies(
        [
            notices.Notification.of(
                notice_wording.published(reporting_round, loss.sentence),
                event="publication",
                key=f"published:{reporting_round.pk}:{reporting_round.version}",
                body=loss.body.pk,
                round=reporting_round.pk,
            )
            for loss in losses
            if loss.body is not None
        ],
        exclude=by.user,
    )
    return reporting_round


@transaction.atomic
def schedule_publication(
    *, reporting_round: ReportingRound, version: int, publish_on: datetime.date, by: Actor
) -> ReportingRound:
    """Have an open or closed round published by itself at the beginning of a day, by the worker.

    It is published then only if that takes nothing from a body; else the secretariat is notified.

    Raises:
        NotAllowed, Stale, WrongState: as ``open_round``.
        Invalid: the day has come, or a body may report on it or after it.
    """
    reporting_round = locked_round_for(reporting_round, "schedule", version, by)
    if publish_on.year not in YEARS:
        raise Invalid(fields={"publish_on": [YEAR_OUT_OF_RANGE]})
    if publish_on <= secretariat_day():
        raise Invalid(
            fields={"publish_on": ["Enter a date after today. To publish the round today, publish it directly."]}
        )
    running = [
        f"{loss.sentence} Enter a date after {loss.until:%-d %B %Y}."
        for loss in publication.losses(reporting_round, on=publish_on)
        if loss.until is not None
    ]
    if running:
        raise Invalid(fields={"publish_on": running})
    _set_day(reporting_round, publish_on, by, SCHEDULED)
    return reporting_round


@transaction.atomic
def unschedule_publication(*, reporting_round: ReportingRound, version: int, by: Actor) -> ReportingRound:
    """Take back that a round is published on a day set before.

    Raises:
        NotAllowed, Stale: as ``open_round``.
        WrongState: as ``open_round``, or no day is set.
    """
    reporting_round = locked_round_for(reporting_round, "unschedule", version, by)
    if reporting_round.publish_on is None:
        raise WrongState(f"“{reporting_round}” is not scheduled for publication.")
    _set_day(reporting_round, None, by, UNSCHEDULED)
    return reporting_round


def publish_scheduled() -> int:
    """Publish the rounds whose day has come; how many were published.

    Where publishing would take something from a body, or cannot be done, the round stays as it is, the day is
    taken away, and the secretariat is notified. May run at any time, and several times at once.
    """
    today = secretariat_day()
    waiting = ReportingRound.objects.exclude(state=rules.PUBLISHED).filter(publish_on__lte=today).order_by("pk")
    return sum(_publish_as_scheduled(pk, today) for pk in waiting.values_list("pk", flat=True))


@transaction.atomic
def _publish_as_scheduled(pk: int, today: datetime.date) -> bool:
    reporting_round = current_status.locked_rounds([pk]).get(pk)
    if reporting_round is None or reporting_round.publish_on is None or reporting_round.publish_on > today:
        return False  # somebody has done it, or taken it back, a moment ago
    by = Actor(None, "command")
    day = reporting_round.publish_on
    decided = AuditEntry.objects.filter(round=reporting_round, action=SCHEDULED).order_by("-pk").first()
    who = f" by {decided.actor_name}" if decided else ""
    note = f"Scheduled for {day:%-d %B %Y}{who}."
    try:
        publish_round(reporting_round=reporting_round, version=reporting_round.version, by=by, note=note)
    except Refusal as refusal:
        why = " ".join([text for texts in refusal.fields.values() for text in texts] or [refusal.message])
        _set_day(reporting_round, None, by, NOT_PUBLISHED, reason=shortened(why))
        notices.notify_staff(
            notices.Notification.of(
                notice_wording.not_published(reporting_round, day, decided.actor_name if decided else "", why),
                event="publication",
                key=f"not_published:{pk}:{day.isoformat()}:{reporting_round.version}",
                round=pk,
            )
        )
        return False
    return True


@transaction.atomic
def withdraw_publication(*, reporting_round: ReportingRound, version: int, reason: str, by: Actor) -> ReportingRound:
    """Take back a publication that was made in error: the round is closed again, as it was before.

    Where the round published its reports together, their activities go back to the statuses of what is published
    without them. Deadline extensions that still run hold again. The focal points of its bodies are notified.

    Raises:
        NotAllowed, Stale: as ``open_round``.
        WrongState: it is not published, or somebody has built on it (``publication.obstacles_to_withdrawal``).
        Invalid: there is no reason.
    """
    reporting_round = locked_round_for(reporting_round, "withdraw", version, by)
    reason = reason.strip()
    if not reason:
        raise Invalid(fields={"reason": ["Enter the reason for withdrawing the publication."]})
    # Whoever records or approves on one of these activities at this moment is waited for, and then counts.
    activities = current_status.locked_activities(publication.reported_activities(reporting_round))
    obstacles = publication.obstacles_to_withdrawal(reporting_round)
    if obstacles:
        raise WrongState(" ".join(obstacles))
    now = timezone.now()
    reporting_round.published_at = None
    set_state(reporting_round, rules.CLOSED, by, now, fields=["published_at"], reason=reason, action=WITHDRAWN)
    if reporting_round.publication == rules.WITH_ROUND:
        _set_statuses([(activity, None) for activity in activities], by, now, note=reason)
    bodies = Obligation.objects.from_bodies().filter(round=reporting_round).order_by()
    notices.notify_bodies(
        [
            notices.Notification.of(
                notice_wording.publication_withdrawn(reporting_round, reason),
                event="publication",
                key=f"withdrawn:{reporting_round.pk}:{reporting_round.version}",
                body=body,
                round=reporting_round.pk,
            )
            for body in bodies.values_list("body", flat=True).distinct()
        ],
        exclude=by.user,
    )
    return reporting_round


def statuses_to_publish(reporting_round: ReportingRound) -> list[tuple[Activity, StatusUpdate]]:
    """What becomes the status of which activity when ``reporting_round`` is published, where it says so.

    What was approved after it, and counted at once, stays the status; so it does where the report says that nothing
    has changed.
    """
    if reporting_round.publication != rules.WITH_ROUND:
        return []
    latest = _latest_approved(reporting_round)
    activities = Activity.objects.filter(pk__in=latest).select_related("plan", "latest_update").order_by("pk")
    return [
        (activity, latest[activity.pk])
        for activity in activities
        if not latest[activity.pk].is_without_change
        if activity.latest_update is None or _place(activity.latest_update) < _place(latest[activity.pk])
    ]


def _set_statuses(
    pairs: Sequence[tuple[Activity, StatusUpdate | None]], by: Actor, now: datetime.datetime, note: str = ""
) -> None:
    current_status.set_current_status(pairs, by=by, now=now, note=note)
    due_reports.follow_statuses([activity.pk for activity, _ in pairs])


def shortened(text: str) -> str:
    """``text`` as the audit trail can hold it."""
    most = AuditEntry._meta.get_field("reason").max_length or len(text)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _set_day(
    reporting_round: ReportingRound, day: datetime.date | None, by: Actor, action: str, reason: str = ""
) -> None:
    before = reporting_round.publish_on
    reporting_round.publish_on = day
    reporting_round.version += 1
    reporting_round.updated_at = timezone.now()
    reporting_round.save(update_fields=["publish_on", "version", "updated_at"])
    changes = {"publish_on": [one.isoformat() if one else None for one in (before, day)]}
    audit.entry(action=action, record=reporting_round, changes=changes, by=by, reason=reason).save()


def _latest_approved(reporting_round: ReportingRound) -> dict[int, StatusUpdate]:
    """By activity, the report of ``reporting_round`` that was approved last."""
    approved = StatusUpdate.objects.filter(round=reporting_round).approved().order_by("approved_at", "pk")
    return {update.activity_id: update for update in approved}


def _place(update: StatusUpdate) -> tuple[datetime.datetime, int, datetime.datetime, int]:
    """The place of an approved update among those on its activity, as ``StatusUpdateQuerySet.latest_first`` has it."""
    assert update.approved_at is not None, "a constraint keeps approved updates traceable"
    first = update.original_approved_at or update.approved_at
    return first, update.corrects_id or update.pk, update.approved_at, update.pk
