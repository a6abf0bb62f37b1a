"""More plan than the real one has, for tests of speed and of filters."""

from typing import Any

from workplan import actions
from workplan.actions import Actor
from workplan.models import Activity, CollaborationArea, ReportingRound, Responsibility, SectoralBody, WorkPlan
from workplan.rules import COOPERATING, LEAD


def grow(plan: WorkPlan, number: int) -> list[Activity]:
    """Add ``number`` activities to ``plan``, spread over its areas, each with a lead and two cooperating bodies."""
    areas = list(CollaborationArea.objects.filter(plan=plan).order_by("position"))
    bodies = list(SectoralBody.objects.all())
    start = Activity.objects.filter(plan=plan).count() + 1
    activities = Activity.objects.bulk_create(
        Activity(
            plan=plan,
            area=areas[place % len(areas)],
            ref=f"{areas[place % len(areas)].ref}.{1000 + place}",
            position=start + place,
            text=f"Workshop number {place} on victim identification",
        )
        for place in range(number)
    )
    Responsibility.objects.bulk_create(
        Responsibility(
            activity=activity,
            body=bodies[(place + step) % len(bodies)],
            role=LEAD if step == 0 else COOPERATING,
            position=step + 1,
        )
        for place, activity in enumerate(activities)
        for step in range(3)
    )
    return activities


def opened(plan: WorkPlan, by: Actor, code: str = "2018-1", **values: Any) -> ReportingRound:
    """An open round of ``plan``: the first half of 2018, due on 31 July, unless another one is named."""
    actions.plan_rounds(plan=plan, by=by)
    the_round = ReportingRound.objects.get(plan=plan, code=code)
    for name, value in values.items():
        setattr(the_round, name, value)
    if values:
        actions.save_round(the_round=the_round, version=the_round.version, by=by)
        the_round.refresh_from_db()
    return actions.open_round(the_round=the_round, version=the_round.version, by=by)
