"""Whose turn it is: in which round which body of a person may report now. Asked for once per request."""

from functools import cached_property
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from workplan import permissions, rules
from workplan.models import Activity, LateException, ReportingRound, SectoralBody, StatusUpdate


class Turns:
    """The turns of one person. Asks the database only for those who speak for a body."""

    def __init__(self, user: Any) -> None:
        self.user = user

    @cached_property
    def _rounds(self) -> dict[tuple[int, int], ReportingRound]:
        """By plan and body, the round that takes the body's reports now."""
        bodies = permissions.bodies_of(self.user)
        if not bodies:
            return {}
        rounds = list(ReportingRound.objects.current().filter(state__in=(rules.OPEN, rules.CLOSED)))
        more_time = set(
            LateException.objects.filter(
                round__in=rounds, body__in=bodies, until__gte=timezone.localdate()
            ).values_list("round", "body")
        )
        return {
            (the_round.plan_id, body.pk): the_round
            for the_round in rounds
            for body in bodies
            if the_round.state == rules.OPEN or (the_round.pk, body.pk) in more_time
        }

    def round_for(self, activity: Activity, body: SectoralBody) -> ReportingRound | None:
        """The round that takes a report of ``body`` on ``activity`` now."""
        return self._rounds.get((activity.plan_id, body.pk))

    def reports_on(self, activity: Activity, the_round: ReportingRound) -> list[StatusUpdate]:
        """The reports on ``activity`` in ``the_round``. Reads what ``beside`` fetched."""
        reports: list[StatusUpdate] = activity.reports_now  # type: ignore[attr-defined]
        return [report for report in reports if report.round_id == the_round.pk]

    def beside(self, activities: Any) -> Any:
        """``activities`` with what ``reports_on`` reads."""
        if not self._rounds:
            return activities
        reports = StatusUpdate.objects.filter(round__in={one.pk for one in self._rounds.values()})
        fields = ("activity_id", "round_id", "body_id", "is_direct", "state")
        return activities.prefetch_related(
            Prefetch("updates", reports.only(*fields).order_by("pk"), to_attr="reports_now")
        )
