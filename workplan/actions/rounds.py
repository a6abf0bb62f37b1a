"""Reporting rounds: planned, opened, closed, reopened and published."""

import datetime
from collections.abc import Collection

from django.db import IntegrityError, transaction
from django.utils import timezone

from workplan import permissions, rules
from workplan.actions import notices, owing, standing, trail
from workplan.actions.actor import Actor
from workplan.actions.plan import delete_record, save_record
from workplan.exceptions import Invalid, NotAllowed, Stale, WrongState
from workplan.models import (
    Activity,
    LateException,
    Obligation,
    ReportingRound,
    SectoralBody,
    StatusUpdate,
    WorkPlan,
)

DAYS = ("period_start", "period_end", "opens_on", "due_on", "closes_on")
YEARS = range(1970, 2201)
NOT_NEAR = f"Give a year from {YEARS[0]} to {YEARS[-1]}."


@transaction.atomic
def plan_rounds(*, plan: WorkPlan, by: Actor) -> list[ReportingRound]:
    """Plan a round for each half-year of the plan's period that has none yet. What there is stays as it is.

    Raises:
        NotAllowed: the person may not plan rounds.
    """
    _refuse_strangers(by)
    taken = set(ReportingRound.objects.filter(plan=plan).values_list("code", flat=True))
    made = []
    for schedule in rules.half_years(plan.period_start, plan.period_end):
        if schedule.code not in taken:
            values = {name: getattr(schedule, name) for name in schedule.__slots__}
            the_round = ReportingRound(plan=plan, **values)
            save_record(record=the_round, by=by)
            made.append(the_round)
    return made


@transaction.atomic
def save_round(*, the_round: ReportingRound, by: Actor, version: int | None = None, reason: str = "") -> bool:
    """Create a planned round, or change one that is planned or open; whether anything changed.

    Args:
        the_round: the round with its new values.
        version: the version that the person has seen, of a round that exists.

    Raises:
        NotAllowed: the person may not plan rounds.
        Stale: somebody else has changed it meanwhile.
        WrongState: it is closed or published: what was asked for then stays as it was.
        Invalid: the dates are not in order, the code is taken, or it is open and what was asked for would change.
    """
    _refuse_strangers(by)
    _refuse_far_days(the_round)
    if the_round._state.adding:
        return save_record(record=the_round, by=by, reason=reason)
    before = standing.locked_rounds([the_round.pk])[the_round.pk]
    _refuse_move("edit", before)
    if before.state == rules.OPEN:
        _refuse_fixed(before, the_round)
    if before.state == rules.OPEN and before.publication != the_round.publication:
        handed_in = StatusUpdate.objects.filter(round=before, state=rules.APPROVED)
        if handed_in.exists():
            raise WrongState("Reports are approved already, so when they are published can no longer be changed.")
    changed = save_record(record=the_round, by=by, expected_version=version, reason=reason)
    if changed and before.state == rules.OPEN:
        owing.set_due_dates(the_round, Obligation.objects.filter(round=the_round))
    return changed


def delete_round(*, the_round: ReportingRound, by: Actor, reason: str = "") -> None:
    """Delete a round that was never opened.

    Raises:
        NotAllowed: the person may not plan rounds.
        WrongState: it has been opened.
    """
    _refuse_strangers(by)
    _refuse_move("delete", the_round)
    delete_record(record=the_round, by=by, reason=reason)


@transaction.atomic
def open_round(*, the_round: ReportingRound, version: int, by: Actor) -> ReportingRound:
    """Open a planned round: from now on each activity owes one report from its lead bodies.

    What is owed is written down, so that it can be read later whatever becomes of the plan.

    Raises:
        NotAllowed: the person may not open rounds.
        Stale: somebody else has changed it meanwhile.
        WrongState: it is not planned, or another round of the plan is open.
    """
    the_round = _moved(the_round, "open", version, by)
    if ReportingRound.objects.filter(plan=the_round.plan_id).open().exists():
        raise WrongState("Another round of this plan is open. Close it first.")
    now = timezone.now()
    the_round.opened_at = now
    _move(the_round, rules.OPEN, by, now, fields=["opened_at"])
    activities = list(Activity.objects.filter(plan=the_round.plan_id).order_by("position").values_list("pk", flat=True))
    # Whoever is giving an activity another lead at this moment is waited for, and whoever comes later waits.
    standing.locked_activities(activities)
    owed = owing.what_is_owed(the_round, activities)
    Obligation.objects.bulk_create(owed, batch_size=1_000)
    number: dict[int, int] = {}
    for obligation in owed:
        if obligation.body_id is not None:
            number[obligation.body_id] = number.get(obligation.body_id, 0) + 1
    notices.tell_bodies(
        [
            notices.News(
                event="opened",
                key=f"opened:{the_round.pk}:{now.isoformat()}",
                text=f"“{the_round}” is open. Your body owes {count} report{'' if count == 1 else 's'} "
                f"by {the_round.due_on:%d %B %Y}.",
                path="/my/",
                body=body,
            )
            for body, count in number.items()
        ],
        but=by.user,
    )
    return the_round


@transaction.atomic
def close_round(*, the_round: ReportingRound, version: int, by: Actor) -> ReportingRound:
    """Close an open round. Bodies with a late exception may still report; reviews go on.

    Raises:
        NotAllowed, Stale, WrongState: as ``open_round``.
    """
    the_round = _moved(the_round, "close", version, by)
    the_round.closed_at = timezone.now()
    _move(the_round, rules.CLOSED, by, the_round.closed_at, fields=["closed_at"])
    return the_round


@transaction.atomic
def reopen_round(*, the_round: ReportingRound, version: int, reason: str, by: Actor) -> ReportingRound:
    """Open a closed round again.

    Raises:
        NotAllowed, Stale, WrongState: as ``open_round``.
        Invalid: there is no reason.
    """
    the_round = _moved(the_round, "reopen", version, by)
    if not reason.strip():
        raise Invalid(fields={"reason": ["Say why the round is opened again."]})
    if ReportingRound.objects.filter(plan=the_round.plan_id).open().exists():
        raise WrongState("Another round of this plan is open. Close it first.")
    _move(the_round, rules.OPEN, by, timezone.now(), reason=reason.strip())
    return the_round


@transaction.atomic
def publish_round(*, the_round: ReportingRound, version: int, by: Actor) -> ReportingRound:
    """Finish a closed round. Where the round says so, its approved reports become the statuses now.

    Raises:
        NotAllowed, Stale: as ``open_round``.
        WrongState: it is not closed, or a report waits for its review.
    """
    the_round = _moved(the_round, "publish", version, by)
    waiting = StatusUpdate.objects.filter(round=the_round, state=rules.SUBMITTED).count()
    if waiting:
        reports = "1 report waits" if waiting == 1 else f"{waiting} reports wait"
        raise WrongState(f"{reports} for review. Approve or return them first.")
    now = timezone.now()
    the_round.published_at = now
    _move(the_round, rules.PUBLISHED, by, now, fields=["published_at"])
    if the_round.publication == rules.WITH_ROUND:
        approved = StatusUpdate.objects.filter(round=the_round).approved().order_by("approved_at", "pk")
        latest = {update.activity_id: update for update in approved}
        activities = standing.locked_activities(latest)
        present = StatusUpdate.objects.in_bulk(
            [activity.latest_update_id for activity in activities if activity.latest_update_id]
        )
        # What was approved after it, and counted at once, stays the status.
        pairs = [
            (activity, latest[activity.pk])
            for activity in activities
            if activity.latest_update_id is None
            or _moment(present[activity.latest_update_id]) < _moment(latest[activity.pk])
        ]
        standing.take_over(pairs, by=by, now=now)
    return the_round


@transaction.atomic
def give_exception(
    *, the_round: ReportingRound, body: SectoralBody, until: datetime.date, reason: str, by: Actor
) -> LateException:
    """Give one body more time in one round, or change what was given.

    Raises:
        NotAllowed: the person may not give exceptions.
        WrongState: the round is neither open nor closed.
        Invalid: there is no reason, the day has passed or gives no more time, or the body owes nothing.
    """
    _refuse_strangers(by)
    the_round = standing.locked_rounds([the_round.pk])[the_round.pk]
    _refuse_move("except", the_round)
    fields: dict[str, list[str]] = {}
    if not reason.strip():
        fields["reason"] = ["Say why the body is given more time."]
    if until.year not in YEARS:
        fields["until"] = [NOT_NEAR]
    elif until < timezone.localdate():
        fields["until"] = ["This day has passed. Give today or a later one."]
    elif until <= the_round.due_on:
        fields["until"] = [f"Reports are due on {the_round.due_on:%d %B %Y} anyway. Give a later day."]
    owed = Obligation.objects.filter(round=the_round, body=body)
    if not owed.exists():
        fields["body"] = [f"{body} owes nothing in this round."]
    if fields:
        raise Invalid(fields=fields)
    found = LateException.objects.filter(round=the_round, body=body).first()
    before = found.until.isoformat() if found else None
    found = found or LateException(round=the_round, body=body, version=0)
    found.until, found.reason = until, reason.strip()
    assert by.user is not None, "commands give no exceptions"
    found.given_by, found.given_by_name, found.given_at = by.user, by.name, timezone.now()
    found.version += 1
    found.updated_at = found.given_at
    found.full_clean()
    found.save()
    owing.set_due_dates(the_round, owed)
    changes = {"until": [before, until.isoformat()]}
    trail.entry(action="exception.given", record=found, changes=changes, by=by, reason=found.reason).save()
    notices.tell_bodies(
        [
            notices.News(
                event="exception",
                key=f"exception:{found.pk}:{found.version}",
                text=f"{body} has more time in “{the_round}”: until {until:%d %B %Y}. {found.reason}",
                path="/my/",
                body=body.pk,
            )
        ],
        but=by.user,
    )
    return found


def _refuse_strangers(by: Actor) -> None:
    trusted = by.user is None and by.channel == "command"
    if not trusted and not permissions.can_manage_rounds(by.user):
        raise NotAllowed("Only the secretariat plans, opens and closes reporting rounds.")


def _refuse_move(deed: str, the_round: ReportingRound) -> None:
    if the_round.state not in rules.ROUND_MOVES[deed]:
        state = rules.ROUND_STATES.label(the_round.state).lower()
        raise WrongState(f"“{the_round}” is {state}, so this cannot be done. Nothing was changed.")


def _moved(the_round: ReportingRound, deed: str, version: int, by: Actor) -> ReportingRound:
    """The round as it stands, locked, once nothing speaks against ``deed``."""
    _refuse_strangers(by)
    found = standing.locked_rounds([the_round.pk])[the_round.pk]
    _refuse_move(deed, found)
    if found.version != version:
        raise Stale(current=[found])
    return found


def _move(
    the_round: ReportingRound,
    state: str,
    by: Actor,
    now: datetime.datetime,
    *,
    fields: Collection[str] = (),
    reason: str = "",
) -> None:
    before = the_round.state
    the_round.state = state
    the_round.version += 1
    the_round.updated_at = now
    try:
        with transaction.atomic():
            the_round.save(update_fields=["state", "version", "updated_at", *fields])
    except IntegrityError as problem:
        raise WrongState("Another round of this plan was opened a moment ago.") from problem
    verb = {rules.OPEN: "opened" if before == rules.PLANNED else "reopened", rules.CLOSED: "closed"}
    action = f"round.{verb.get(state, 'published')}"
    trail.entry(action=action, record=the_round, changes={"state": [before, state]}, by=by, reason=reason).save()


def _refuse_far_days(the_round: ReportingRound) -> None:
    """Days are reckoned back from the due date, so each has to be one that has days before and after it."""
    far = {name: [NOT_NEAR] for name in DAYS if not _is_near(the_round, name)}
    if far:
        raise Invalid(fields=far)


def _refuse_fixed(before: ReportingRound, the_round: ReportingRound) -> None:
    fixed = [name for name in rules.FIXED_ONCE_OPEN if getattr(before, name) != getattr(the_round, name)]
    if fixed:
        raise Invalid(fields={name: ["The round has been opened, so this stays as it was."] for name in fixed})


def _is_near(the_round: ReportingRound, name: str) -> bool:
    day = getattr(the_round, name)
    return not isinstance(day, datetime.date) or day.year in YEARS  # what is no day is for the field to refuse


def _moment(update: StatusUpdate) -> tuple[datetime.datetime, int]:
    """When an approved update was approved; of two in one moment the later one comes second."""
    assert update.approved_at is not None, "a constraint keeps approved updates traceable"
    return update.approved_at, update.pk
