"""What is owed in a round, written down when it opens and kept in step while it is open."""

import datetime
from collections.abc import Collection, Iterable

from workplan import rules
from workplan.actions import standing
from workplan.models import LateException, Obligation, ReportingRound, Responsibility


def follow_plan(activities: Collection[int]) -> None:
    """The plan was edited: in a round that is open, what is owed on ``activities`` follows.

    What was owed in rounds that are over stays as it was.
    """
    open_rounds = ReportingRound.objects.open().filter(plan__activitys__in=activities).distinct()
    for the_round in open_rounds:
        wanted = {(one.activity_id, one.body_id): one for one in what_is_owed(the_round, activities)}
        for obligation in Obligation.objects.filter(round=the_round, activity__in=activities):
            if wanted.pop((obligation.activity_id, obligation.body_id), None) is None:
                obligation.delete()
        Obligation.objects.bulk_create(wanted.values())
        standing.settle(the_round, activities)


def what_is_owed(the_round: ReportingRound, activities: Iterable[int]) -> list[Obligation]:
    """One obligation for each lead body of each activity; the secretariat's where there is no lead."""
    activities = list(activities)
    leads: dict[int, list[int | None]] = {}
    parts = Responsibility.objects.filter(activity__plan=the_round.plan_id, role=rules.LEAD).order_by("position", "pk")
    wanted = set(activities)
    for activity, body in parts.values_list("activity", "body"):
        if activity in wanted:
            leads.setdefault(activity, []).append(body)
    until = dict(LateException.objects.filter(round=the_round).values_list("body", "until"))
    owed = []
    for activity in activities:
        for lead in leads.get(activity, [None]):
            due_on = max(the_round.due_on, until.get(lead, the_round.due_on)) if lead else the_round.due_on
            owed.append(
                Obligation(
                    round=the_round,
                    activity_id=activity,
                    body_id=lead,
                    due_on=due_on,
                    due_soon_from=_due_soon_from(the_round, due_on),
                )
            )
    return owed


def set_due_dates(the_round: ReportingRound, owed: "Iterable[Obligation]") -> None:
    until = dict(LateException.objects.filter(round=the_round).values_list("body", "until"))
    rows = list(owed)
    for obligation in rows:
        given = until.get(obligation.body_id) if obligation.body_id else None
        obligation.due_on = max(the_round.due_on, given) if given else the_round.due_on
        obligation.due_soon_from = _due_soon_from(the_round, obligation.due_on)
    Obligation.objects.bulk_update(rows, ["due_on", "due_soon_from"], batch_size=500)


def _due_soon_from(the_round: ReportingRound, due_on: datetime.date) -> datetime.date:
    return due_on - datetime.timedelta(days=the_round.due_soon_days)
