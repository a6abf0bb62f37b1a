"""Reporting rounds: planned, opened, closed, reopened and published."""

import datetime
from collections.abc import Collection

from django.db import IntegrityError, transaction
from django.utils import timezone

from workplan import permissions, rules
from workplan.actions import audit, current_status, due_reports, notice_wording, notices
from workplan.actions.actor import Actor
from workplan.actions.plan import delete_record, save_record
from workplan.exceptions import Invalid, NotAllowed, Stale, WrongState
from workplan.models import Activity, Obligation, ReportingRound, StatusUpdate, WorkPlan

DAYS = ("period_start", "period_end", "opens_on", "due_on", "closes_on")
YEARS = range(1970, 2201)
YEAR_OUT_OF_RANGE = f"Give a year from {YEARS[0]} to {YEARS[-1]}."


@transaction.atomic
def plan_rounds(*, plan: WorkPlan, by: Actor) -> list[ReportingRound]:
    """Plan a round for each half-year of the plan's period that has none yet. What there is stays as it is.

    Raises:
        NotAllowed: the person may not plan rounds.
    """
    require_permission(by)
    taken = set(ReportingRound.objects.filter(plan=plan).values_list("code", flat=True))
    made = []
    for schedule in rules.half_years(plan.period_start, plan.period_end):
        if schedule.code not in taken:
            values = {name: getattr(schedule, name) for name in schedule.__slots__}
            reporting_round = ReportingRound(plan=plan, **values)
            save_record(record=reporting_round, by=by)
            made.append(reporting_round)
    return made


@transaction.atomic
def save_round(*, reporting_round: ReportingRound, by: Actor, version: int | None = None, reason: str = "") -> bool:
    """Create a planned round, or change one that is planned or open; whether anything changed.

    Args:
        reporting_round: the round with its new values.
        version: the version that the person has seen, of a round that exists.

    Raises:
        NotAllowed: the person may not plan rounds.
        Stale: somebody else has changed it meanwhile.
        WrongState: it is closed or published: what was asked for then stays as it was.
        Invalid: the dates are not in order, the code is taken, or it is open and what was asked for would change.
    """
    require_permission(by)
    _refuse_years_out_of_range(reporting_round)
    if reporting_round._state.adding:
        return save_record(record=reporting_round, by=by, reason=reason)
    before = current_status.locked_rounds([reporting_round.pk])[reporting_round.pk]
    refuse_transition("edit", before)
    if before.state == rules.OPEN:
        _refuse_fixed(before, reporting_round)
    if before.state == rules.OPEN and before.publication != reporting_round.publication:
        submitted_reports = StatusUpdate.objects.filter(round=before, state=rules.APPROVED)
        if submitted_reports.exists():
            raise WrongState("Reports have already been approved, so the publication rule can no longer be changed.")
    changed = save_record(record=reporting_round, by=by, expected_version=version, reason=reason)
    if changed and before.state == rules.OPEN:
        due_reports.set_due_dates(reporting_round, Obligation.objects.filter(round=reporting_round))
    return changed


def delete_round(*, reporting_round: ReportingRound, by: Actor, reason: str = "") -> None:
    """Delete a round that was never opened.

    Raises:
        NotAllowed: the person may not plan rounds.
        WrongState: it has been opened.
    """
    require_permission(by)
    refuse_transition("delete", reporting_round)
    delete_record(record=reporting_round, by=by, reason=reason)


@transaction.atomic
def open_round(*, reporting_round: ReportingRound, version: int, by: Actor) -> ReportingRound:
    """Open a planned round: from now on one report is due on each activity that it asks about, from its lead bodies.

    Which these are, ``due_reports.asks_about`` says. Obligations are stored, so that they can be read later whatever
    is changed in the plan.

    Raises:
        NotAllowed: the person may not open rounds.
        Stale: somebody else has changed it meanwhile.
        WrongState: it is not planned, or another round of the plan is open.
    """
    reporting_round = locked_round_for(reporting_round, "open", version, by)
    if ReportingRound.objects.filter(plan=reporting_round.plan_id).open().exists():
        raise WrongState("Another round of this plan is open. Close it first.")
    now = timezone.now()
    reporting_round.opened_at = now
    set_state(reporting_round, rules.OPEN, by, now, fields=["opened_at"])
    activities = list(
        Activity.objects.filter(plan=reporting_round.plan_id).order_by("position").values_list("pk", flat=True)
    )
    # Whoever is giving an activity another lead at this moment is waited for, and whoever comes later waits.
    current_status.locked_activities(activities)
    due = due_reports.obligations_for(reporting_round, activities)
    Obligation.objects.bulk_create(due, batch_size=1_000)
    number: dict[int, int] = {}
    for obligation in due:
        if obligation.body_id is not None:
            number[obligation.body_id] = number.get(obligation.body_id, 0) + 1
    notices.notify_bodies(
        [
            notices.Notification.of(
                notice_wording.opened(reporting_round, count, reporting_round.due_on),
                event="opened",
                key=f"opened:{reporting_round.pk}:{now.isoformat()}",
                body=body,
                round=reporting_round.pk,
            )
            for body, count in number.items()
        ],
        exclude=by.user,
    )
    return reporting_round


@transaction.atomic
def close_round(*, reporting_round: ReportingRound, version: int, by: Actor) -> ReportingRound:
    """Close an open round. Bodies with a late exception may still report; reviews go on; it can be reopened.

    Raises:
        NotAllowed, Stale, WrongState: as ``open_round``.
    """
    reporting_round = locked_round_for(reporting_round, "close", version, by)
    reporting_round.closed_at = timezone.now()
    set_state(reporting_round, rules.CLOSED, by, reporting_round.closed_at, fields=["closed_at"])
    return reporting_round


@transaction.atomic
def reopen_round(*, reporting_round: ReportingRound, version: int, reason: str, by: Actor) -> ReportingRound:
    """Open a closed round again. What is due in it follows what has become of plan and statuses meanwhile.

    Raises:
        NotAllowed, Stale, WrongState: as ``open_round``.
        Invalid: there is no reason.
    """
    reporting_round = locked_round_for(reporting_round, "reopen", version, by)
    if not rules.normalised(reason):
        raise Invalid(fields={"reason": ["Enter the reason for reopening the round."]})
    if ReportingRound.objects.filter(plan=reporting_round.plan_id).open().exists():
        raise WrongState("Another round of this plan is open. Close it first.")
    set_state(reporting_round, rules.OPEN, by, timezone.now(), reason=rules.normalised(reason))
    activities = list(Activity.objects.filter(plan=reporting_round.plan_id).values_list("pk", flat=True))
    current_status.locked_activities(activities)
    due_reports.sync_obligations(activities)
    return reporting_round


def require_permission(by: Actor) -> None:
    """Refuse whoever does not manage rounds. A command on the server may.

    Raises:
        NotAllowed: the person is not of the secretariat.
    """
    trusted = by.user is None and by.channel == "command"
    if not trusted and not permissions.can_manage_rounds(by.user):
        raise NotAllowed("Only the secretariat plans, opens and closes reporting rounds.")


def refuse_transition(action: str, reporting_round: ReportingRound) -> None:
    """Refuse what cannot be done to a round in its state.

    Raises:
        WrongState: ``rules.ROUND_ACTIONS`` does not name the state for ``action``.
    """
    if reporting_round.state not in rules.ROUND_ACTIONS[action]:
        state = rules.ROUND_STATES.label(reporting_round.state).lower()
        raise WrongState(f"“{reporting_round}” is {state}, so this cannot be done. Nothing was changed.")


def locked_round_for(reporting_round: ReportingRound, action: str, version: int, by: Actor) -> ReportingRound:
    """The round, locked, once it is checked that ``action`` is possible."""
    require_permission(by)
    found = current_status.locked_rounds([reporting_round.pk])[reporting_round.pk]
    refuse_transition(action, found)
    if found.version != version:
        raise Stale(current=[found])
    return found


def set_state(
    reporting_round: ReportingRound,
    state: str,
    by: Actor,
    now: datetime.datetime,
    *,
    fields: Collection[str] = (),
    reason: str = "",
    action: str = "",
) -> None:
    """Bring a round that is locked to another state, with an audit entry.

    Args:
        fields: what else of the round has changed.
        action: what the audit entry calls it, where the state alone does not say.
    """
    before = reporting_round.state
    reporting_round.state = state
    reporting_round.version += 1
    reporting_round.updated_at = now
    try:
        with transaction.atomic():
            reporting_round.save(update_fields=["state", "version", "updated_at", *fields])
    except IntegrityError as problem:
        raise WrongState("Another round of this plan was opened a moment ago.") from problem
    verb = {rules.OPEN: "opened" if before == rules.PLANNED else "reopened", rules.CLOSED: "closed"}
    action = action or f"round.{verb.get(state, 'published')}"
    audit.entry(action=action, record=reporting_round, changes={"state": [before, state]}, by=by, reason=reason).save()


def _refuse_years_out_of_range(reporting_round: ReportingRound) -> None:
    """Days are reckoned back from the due date, so each has to be one that has days before and after it."""
    far = {name: [YEAR_OUT_OF_RANGE] for name in DAYS if not _is_in_range(reporting_round, name)}
    if far:
        raise Invalid(fields=far)


def _refuse_fixed(before: ReportingRound, reporting_round: ReportingRound) -> None:
    fixed = [name for name in rules.FIXED_ONCE_OPEN if getattr(before, name) != getattr(reporting_round, name)]
    if fixed:
        raise Invalid(fields={name: ["The round has been opened, so this can no longer be changed."] for name in fixed})


def _is_in_range(reporting_round: ReportingRound, name: str) -> bool:
    day = getattr(reporting_round, name)
    return not isinstance(day, datetime.date) or day.year in YEARS  # what is no day is for the field to refuse
