"""What follows from reports: the current status and which reports are still due. Called by other actions only."""

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from workplan import rules
from workplan.actions import audit
from workplan.actions.actor import Actor
from workplan.exceptions import Stale, Unconfirmed, WrongState
from workplan.models import Activity, AuditEntry, Obligation, ReportingRound, SectoralBody, StatusUpdate
from workplan.querysets import AS_OF_COLUMNS, as_of_annotations
from workplan.querysets.days import secretariat_day

# Everybody locks in one order, so that writers wait for each other and never in a circle:
# rounds, then activities, then updates, each by their ids.


def locked_rounds(pks: Iterable[int | None]) -> dict[int, ReportingRound]:
    """The rounds with these ids by id, locked in this order until the transaction ends. ``None`` is no id."""
    rounds = ReportingRound.objects.select_for_update(of=("self",), no_key=True).select_related("plan")
    return {found.pk: found for found in rounds.filter(pk__in=[pk for pk in pks if pk]).order_by("pk")}


def locked_activities(pks: Collection[int]) -> list[Activity]:
    """The activities as they are, with the bodies that permissions ask for."""
    rows = Activity.objects.select_for_update(of=("self",), no_key=True).select_related("plan")
    return list(rows.prefetch_related("responsibilities__body").filter(pk__in=pks).order_by("pk"))


def locked_update(update: StatusUpdate) -> StatusUpdate:
    """``update`` as it is, with its activity and round, all locked.

    Raises:
        WrongState: it is gone.
    """
    rounds = locked_rounds([update.round_id])
    activities = locked_activities([update.activity_id])
    found = StatusUpdate.objects.select_for_update(of=("self",), no_key=True).filter(pk=update.pk).first()
    if found is None:
        raise WrongState("This draft no longer exists: somebody in your body has discarded it.")
    found.activity = activities[0]
    found.round = rounds[update.round_id] if update.round_id else None
    return found


def refuse_stale(update: StatusUpdate, version: int) -> None:
    """Refuse to act on a report that has changed since it was read.

    Raises:
        Stale: the version is another one.
    """
    if update.version != version:
        raise Stale(current=[update])


def accepts_reports(reporting_round: ReportingRound, body: SectoralBody | None) -> bool:
    """Whether ``body`` may still submit: while the round is open, and then until its late exception ends."""
    return ReportingRound.objects.filter(pk=reporting_round.pk).taking_reports_of([body] if body else []).exists()


def is_in_effect(update: StatusUpdate) -> bool:
    """Whether an approved ``update`` is the activity's status already, or waits for its round to be published."""
    reporting_round = update.round
    return (
        reporting_round is None
        or reporting_round.publication == rules.AT_ONCE
        or reporting_round.state == rules.PUBLISHED
    )


def advice_on(pairs: Iterable[tuple[Activity, datetime.date | None]]) -> list[str]:
    """For each activity that would come to a status of an older day than its present one, a sentence with both days.

    Args:
        pairs: activities, each with the day of the status that it would come to.
    """
    found = []
    for activity, as_of in pairs:
        advice = rules.advice_on_day(as_of, activity.status_as_of)
        if advice:
            found.append(f"{activity.ref}: {advice}")
    return found


def refuse_unconfirmed(pairs: Iterable[tuple[Activity, datetime.date | None]]) -> None:
    """Refuse statuses of an older day than the ones whose place they would take. Takes what ``advice_on`` takes.

    Raises:
        Unconfirmed: there are some.
    """
    advice = advice_on(pairs)
    if advice:
        raise Unconfirmed(advice)


def set_current_status(
    pairs: Sequence[tuple[Activity, StatusUpdate | None]], *, by: Actor, now: datetime.datetime, note: str = ""
) -> set[int]:
    """Bring activities, which are locked, in line with the reports on them, of which these came into effect now.

    Each activity that changes by it gets an audit entry with ``note``: ``status.recorded`` where another report states
    the status now, ``status.confirmed`` where one says that nothing has changed, and ``status.restated`` where that is
    said no longer. Returns the ids of these activities.

    Args:
        pairs: activities, each with the report that came into effect; ``None`` where reports are no longer in effect,
            because their publication was withdrawn.
    """
    reports = {activity.pk: update for activity, update in pairs}
    rows = Activity.objects.filter(pk__in=reports).annotate(**as_of_annotations(None)).order_by()
    known = {row["pk"]: row for row in rows.values("pk", *AS_OF_COLUMNS.values())}
    stated = {one.pk: one for one in reports.values() if one is not None}
    missing = {row["known_update"] for row in known.values() if row["known_update"]} - set(stated)
    stated |= StatusUpdate.objects.select_related("body", "round").in_bulk(missing)
    entries: list[AuditEntry] = []
    changed = []
    for activity in {activity.pk: activity for activity, _ in pairs}.values():
        now_known = {name: known[activity.pk][then] for name, then in AS_OF_COLUMNS.items()}
        now_known["confirmed_on"] = rules.confirmed_on(now_known["confirmed_on"], now_known["status_as_of"])
        changes: dict[str, list[Any]] = {
            name.removesuffix("_id"): [audit.plain(getattr(activity, name)), audit.plain(value)]
            for name, value in now_known.items()
            if getattr(activity, name) != value
        }
        if not changes:
            continue
        report, states = reports[activity.pk], stated.get(now_known["latest_update_id"])
        if "latest_update" in changes:
            action = "status.recorded"
            for name in ("status", "status_as_of"):
                changes.setdefault(name, [audit.plain(now_known[name])] * 2)
        elif report is not None:
            action = "status.confirmed"
            changes["report"] = [None, report.pk]
        else:
            action = "status.restated"
        changes["version"] = [activity.version, activity.version + 1]
        entry = audit.entry(action=action, record=activity, changes=changes, by=by, reason=note)
        source = report or states
        if source is not None:
            entry.body, entry.round = source.body, source.round
        entries.append(entry)
        for name in ("status", "status_as_of", "confirmed_on"):
            setattr(activity, name, now_known[name])
        activity.latest_update = states
        activity.version += 1
        activity.updated_at = now
        changed.append(activity)
    Activity.objects.bulk_update(
        changed,
        ["status", "status_as_of", "latest_update", "confirmed_on", "version", "updated_at"],
        batch_size=200,
    )
    AuditEntry.objects.bulk_create(entries)
    return {activity.pk for activity in changed}


def update_obligations(reporting_round: ReportingRound, activities: Collection[int]) -> None:
    """Update the obligations on ``activities`` in ``reporting_round`` from the reports that there are."""
    reports: dict[int, list[StatusUpdate]] = {}
    fields = ("activity_id", "body_id", "is_direct", "state", "submitted_at")
    for update in (
        StatusUpdate.objects.filter(round=reporting_round, activity__in=activities).only(*fields).order_by("pk")
    ):
        reports.setdefault(update.activity_id, []).append(update)
    obligations = list(Obligation.objects.filter(round=reporting_round, activity__in=activities).order_by("pk"))
    leads = {(obligation.activity_id, obligation.body_id) for obligation in obligations}
    changed = []
    for obligation in obligations:
        before = (obligation.state, obligation.report_id, obligation.first_submitted_on)
        counted = [
            report
            for report in reports.get(obligation.activity_id, [])
            # What was returned is asked for again only of a body that leads the activity in this round.
            if report.state != rules.RETURNED or (report.activity_id, report.body_id) in leads
        ]
        _apply_reports(obligation, counted)
        if before != (obligation.state, obligation.report_id, obligation.first_submitted_on):
            changed.append(obligation)
    Obligation.objects.bulk_update(changed, ["state", "report", "first_submitted_on"], batch_size=200)


def _apply_reports(obligation: Obligation, reports: list[StatusUpdate]) -> None:
    """The latest approved report meets the obligation; else one that is submitted; else the body's own draft counts."""
    by_state: Mapping[str, list[StatusUpdate]] = {
        state: [report for report in reports if report.state == state] for state in rules.REPORT_STATES.values
    }
    submitted_reports = by_state[rules.APPROVED] or by_state[rules.SUBMITTED] or by_state[rules.RETURNED]
    # What the secretariat is writing on a body's behalf is not the body's draft.
    own_draft = [
        report
        for report in by_state[rules.DRAFT]
        if report.body_id == obligation.body_id and report.is_direct == (obligation.body_id is None)
    ]
    counted = (submitted_reports or own_draft)[-1:]
    obligation.report = counted[0] if counted else None
    obligation.state = counted[0].state if counted else rules.DUE
    if obligation.first_submitted_on is None and submitted_reports:
        first = min(report.submitted_at for report in submitted_reports if report.submitted_at)
        obligation.first_submitted_on = secretariat_day(first)
