"""What became completed, each activity once, by the day on which it became so."""

import datetime
from dataclasses import dataclass

from workplan.models import Activity, StatusUpdate
from workplan.monitoring.timeline import status_histories
from workplan.querysets import ActivityQuerySet
from workplan.rules import COMPLETED


@dataclass(frozen=True, slots=True)
class Achievement:
    """An activity that is completed.

    Attributes:
        day: the as-of date of the report by which it became so; later reports and confirmations do not move it.
        update: that report, as corrected.
    """

    activity: Activity
    day: datetime.date
    update: StatusUpdate


def latest_of(rows: ActivityQuerySet, most: int) -> list[Achievement]:
    """Of ``rows`` those that became completed last and are so still, the latest first, in a fixed number of queries.

    Args:
        rows: activities; the moment as of which they are shown is that of the answer.
    """
    became = [
        (history.entries[-1].day, history.activity, history.entries[-1].update)
        for history in status_histories(rows.in_status([COMPLETED]))
    ]
    # They come in document order, which stays where days are equal.
    latest = sorted(became, key=lambda one: one[0], reverse=True)[:most]
    activities = {one.pk: one for one in rows.filter(pk__in=[pk for _, pk, _ in latest]).for_display()}
    updates = StatusUpdate.objects.select_related("body", "round").in_bulk([pk for *_, pk in latest])
    return [Achievement(activities[pk], day, updates[update]) for day, pk, update in latest]
