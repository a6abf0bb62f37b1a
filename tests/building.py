"""More plan than the real one has, for tests of speed and of filters."""

from workplan.models import Activity, CollaborationArea, Responsibility, SectoralBody, WorkPlan
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
