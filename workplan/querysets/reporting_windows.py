"""Reporting windows: in which round which body of a person may report now. Queried once per request."""

from functools import cached_property
from typing import Any

from django.db.models import Prefetch

from workplan import permissions, rules
from workplan.models import Activity, LateException, ReportingRound, SectoralBody, StatusUpdate
from workplan.querysets.days import secretariat_day


class ReportingWindows:
    """The reporting windows of one person. Queries the database only for those who represent a body."""

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
            LateException.objects.filter(round__in=rounds, body__in=bodies, until__gte=secretariat_day()).values_list(
                "round", "body"
            )
        )
        return {
            (reporting_round.plan_id, body.pk): reporting_round
            for reporting_round in rounds
            for body in bodies
            if reporting_round.state == rules.OPEN or (reporting_round.pk, body.pk) in more_time
        }

    @property
    def reports(self) -> Any:
        """The reports of the rounds that take reports of this person's bodies now."""
        return StatusUpdate.objects.filter(round__in={one.pk for one in self._rounds.values()}).order_by("pk")

    def round_for(self, activity: Activity, body: SectoralBody) -> ReportingRound | None:
        """The round that takes a report of ``body`` on ``activity`` now."""
        return self._rounds.get((activity.plan_id, body.pk))

    def rounds_of(self, activity: Activity) -> list[ReportingRound]:
        """The rounds that take reports on the plan of ``activity`` from a body of the person now."""
        return [one for (plan, _), one in self._rounds.items() if plan == activity.plan_id]

    def reports_on(self, activity: Activity, reporting_round: ReportingRound) -> list[StatusUpdate]:
        """The reports on ``activity`` in ``reporting_round``. Reads what ``with_reports`` fetched."""
        reports: list[StatusUpdate] = activity.reports_now  # type: ignore[attr-defined]
        return [report for report in reports if report.round_id == reporting_round.pk]

    def with_reports(self, activities: Any) -> Any:
        """``activities`` with what ``reports_on`` reads."""
        if not self._rounds:
            return activities
        fields = ("activity_id", "round_id", "body_id", "is_direct", "state")
        return activities.prefetch_related(Prefetch("updates", self.reports.only(*fields), to_attr="reports_now"))
