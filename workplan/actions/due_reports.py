"""Reports due in a round: obligations, written when the round opens and updated while it is open."""

import datetime
from collections.abc import Collection, Iterable

from workplan import rules
from workplan.actions import current_status
from workplan.models import Activity, LateException, Obligation, ReportingRound, Responsibility, StatusUpdate


def sync_obligations(activities: Collection[int]) -> None:
    """Bring the obligations on ``activities`` in open rounds in line with the plan, which was edited.

    Obligations in rounds that have ended stay as they were.
    """
    open_rounds = ReportingRound.objects.open().filter(plan__activitys__in=activities).distinct()
    for reporting_round in open_rounds:
        due = obligations_for(reporting_round, activities, reported=_reported(reporting_round, activities))
        wanted = {(one.activity_id, one.body_id): one for one in due}
        for obligation in Obligation.objects.filter(round=reporting_round, activity__in=activities):
            if wanted.pop((obligation.activity_id, obligation.body_id), None) is None:
                obligation.delete()
        Obligation.objects.bulk_create(wanted.values())
        current_status.update_obligations(reporting_round, activities)


def follow_statuses(activities: Collection[int]) -> None:
    """Bring the obligations in open rounds in line with statuses that have changed.

    What is reopened is asked for again. On what is completed or cancelled nothing is due any more, unless the round
    asks about every activity, or its own report has said so. Whoever has begun a report may still submit it.
    """
    rounds = ReportingRound.objects.open().filter(plan__activitys__in=activities, asks_for_all=False)
    if rounds.exists():
        sync_obligations(activities)


def asks_about(reporting_round: ReportingRound, activities: Collection[int]) -> set[int]:
    """On which of ``activities`` a round asks for a report, by their statuses as they are now.

    Completed and cancelled ones are reported on only where the round asks about every activity; those that were
    deferred until a day, from the round on in whose period that day falls.
    """
    if reporting_round.asks_for_all:
        return set(activities)
    rows = Activity.objects.filter(plan=reporting_round.plan_id)
    ended = rows.filter(status__in=(rules.COMPLETED, rules.CANCELLED)).values_list("pk", flat=True)
    deferred = rows.filter(status=rules.DEFERRED, latest_update__deferred_until__gt=reporting_round.period_end)
    later = deferred.values_list("pk", flat=True)
    return set(activities) - set(ended) - set(later)


def obligations_for(
    reporting_round: ReportingRound, activities: Iterable[int], *, reported: Collection[int] = ()
) -> list[Obligation]:
    """One obligation for each lead body of each activity that the round asks about; of no body where there is no lead.

    Args:
        reported: activities of which a report of this round is in effect: they stay, whatever their status is now.
    """
    activities = list(activities)
    asked = asks_about(reporting_round, activities) | set(reported)
    activities = [activity for activity in activities if activity in asked]
    leads: dict[int, list[int | None]] = {}
    parts = Responsibility.objects.filter(activity__plan=reporting_round.plan_id, role=rules.LEAD).order_by(
        "position", "pk"
    )
    wanted = set(activities)
    for activity, body in parts.values_list("activity", "body"):
        if activity in wanted:
            leads.setdefault(activity, []).append(body)
    until = dict(LateException.objects.filter(round=reporting_round).values_list("body", "until"))
    due = []
    for activity in activities:
        for lead in leads.get(activity, [None]):
            due_on = (
                max(reporting_round.due_on, until.get(lead, reporting_round.due_on)) if lead else reporting_round.due_on
            )
            due.append(
                Obligation(
                    round=reporting_round,
                    activity_id=activity,
                    body_id=lead,
                    due_on=due_on,
                    due_soon_from=_due_soon_from(reporting_round, due_on),
                )
            )
    return due


def _reported(reporting_round: ReportingRound, activities: Collection[int]) -> set[int]:
    """The activities of which a report of an open round is in effect.

    What is still unpublished must not count: whether a report is due is public, and would tell of it.
    """
    if reporting_round.publication != rules.AT_ONCE:
        return set()
    approved = StatusUpdate.objects.filter(round=reporting_round, activity__in=activities).approved().order_by()
    return set(approved.values_list("activity", flat=True))


def set_due_dates(reporting_round: ReportingRound, due: "Iterable[Obligation]") -> None:
    """Give each due report of the round, in memory, its due date: the round's, or the later one its body was given."""
    until = dict(LateException.objects.filter(round=reporting_round).values_list("body", "until"))
    rows = list(due)
    for obligation in rows:
        given = until.get(obligation.body_id) if obligation.body_id else None
        obligation.due_on = max(reporting_round.due_on, given) if given else reporting_round.due_on
        obligation.due_soon_from = _due_soon_from(reporting_round, obligation.due_on)
    Obligation.objects.bulk_update(rows, ["due_on", "due_soon_from"], batch_size=500)


def _due_soon_from(reporting_round: ReportingRound, due_on: datetime.date) -> datetime.date:
    return due_on - datetime.timedelta(days=reporting_round.due_soon_days)
