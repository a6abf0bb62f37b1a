"""What follows from reports: the activity's status, and what is still owed. Other actions call this, nobody else."""

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.utils import timezone

from workplan import rules
from workplan.actions import trail
from workplan.actions.actor import Actor
from workplan.exceptions import Stale, WrongState
from workplan.models import Activity, AuditEntry, Obligation, ReportingRound, SectoralBody, StatusUpdate

# Everybody locks in one order, so that writers wait for each other and never in a circle:
# rounds, then activities, then updates, each by their ids.


def locked_rounds(pks: Iterable[int | None]) -> dict[int, ReportingRound]:
    rounds = ReportingRound.objects.select_for_update(of=("self",), no_key=True).select_related("plan")
    return {found.pk: found for found in rounds.filter(pk__in=[pk for pk in pks if pk]).order_by("pk")}


def locked_activities(pks: Collection[int]) -> list[Activity]:
    """The activities as they stand, with the bodies that permissions ask for."""
    rows = Activity.objects.select_for_update(of=("self",), no_key=True).select_related("plan")
    return list(rows.prefetch_related("responsibilities__body").filter(pk__in=pks).order_by("pk"))


def locked_update(update: StatusUpdate) -> StatusUpdate:
    """``update`` as it stands, with its activity and round, all locked.

    Raises:
        WrongState: it is gone.
    """
    rounds = locked_rounds([update.round_id])
    activities = locked_activities([update.activity_id])
    found = StatusUpdate.objects.select_for_update(of=("self",), no_key=True).filter(pk=update.pk).first()
    if found is None:
        raise WrongState("This draft is gone: somebody of your side has discarded it.")
    found.activity = activities[0]
    found.round = rounds[update.round_id] if update.round_id else None
    return found


def refuse_stale(update: StatusUpdate, version: int) -> None:
    if update.version != version:
        raise Stale(current=[update])


def accepts_reports(the_round: ReportingRound, body: SectoralBody | None) -> bool:
    """Whether ``body`` may still hand in: while the round is open, and then until its late exception ends."""
    return ReportingRound.objects.filter(pk=the_round.pk).taking_reports_of([body] if body else []).exists()


def counts_now(update: StatusUpdate) -> bool:
    """Whether an approved ``update`` is the activity's status already, or waits for its round to be published."""
    the_round = update.round
    return the_round is None or the_round.publication == rules.AT_ONCE or the_round.state == rules.PUBLISHED


def take_over(
    pairs: Sequence[tuple[Activity, StatusUpdate]], *, by: Actor, now: datetime.datetime, note: str = ""
) -> None:
    """Make each update the status of its activity, which is locked, and say so in the trail, with ``note`` as why."""
    entries: list[AuditEntry] = []
    for activity, update in pairs:
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
        activity.updated_at = now
        entry = trail.entry(action="status.recorded", record=activity, changes=changes, by=by, reason=note)
        entry.body, entry.round = update.body, update.round
        entries.append(entry)
    Activity.objects.bulk_update(
        [activity for activity, _ in pairs],
        ["status", "status_as_of", "latest_update", "version", "updated_at"],
        batch_size=200,
    )
    AuditEntry.objects.bulk_create(entries)


def settle(the_round: ReportingRound, activities: Collection[int]) -> None:
    """Write anew what is owed on ``activities`` in ``the_round``, from the reports that there are."""
    reports: dict[int, list[StatusUpdate]] = {}
    fields = ("activity_id", "body_id", "is_direct", "state", "submitted_at")
    for update in StatusUpdate.objects.filter(round=the_round, activity__in=activities).only(*fields).order_by("pk"):
        reports.setdefault(update.activity_id, []).append(update)
    changed = []
    for obligation in Obligation.objects.filter(round=the_round, activity__in=activities).order_by("pk"):
        before = (obligation.state, obligation.report_id, obligation.first_submitted_on)
        _fulfil(obligation, reports.get(obligation.activity_id, []))
        if before != (obligation.state, obligation.report_id, obligation.first_submitted_on):
            changed.append(obligation)
    Obligation.objects.bulk_update(changed, ["state", "report", "first_submitted_on"], batch_size=200)


def _fulfil(obligation: Obligation, reports: list[StatusUpdate]) -> None:
    """The latest approved report settles it; else one that is handed in; else the body's own draft."""
    by_state: Mapping[str, list[StatusUpdate]] = {
        state: [report for report in reports if report.state == state] for state in rules.REPORT_STATES.values
    }
    handed_in = by_state[rules.APPROVED] or by_state[rules.SUBMITTED] or by_state[rules.RETURNED]
    # What the secretariat is writing on a body's behalf is not the body's draft.
    own_draft = [
        report
        for report in by_state[rules.DRAFT]
        if report.body_id == obligation.body_id and report.is_direct == (obligation.body_id is None)
    ]
    counted = (handed_in or own_draft)[-1:]
    obligation.report = counted[0] if counted else None
    obligation.state = counted[0].state if counted else rules.OWED
    if obligation.first_submitted_on is None and handed_in:
        first = min(report.submitted_at for report in handed_in if report.submitted_at)
        obligation.first_submitted_on = timezone.localdate(first)


def _iso(day: datetime.date | None) -> str | None:
    return day.isoformat() if day else None
