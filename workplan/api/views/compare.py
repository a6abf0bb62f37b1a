"""Changes of status between two dates."""

from typing import Any

from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from workplan import rules
from workplan.api import serializers
from workplan.api.base import Records
from workplan.api.chosen_fields import choose_fields
from workplan.api.filtering import PAGING, filterset_of
from workplan.filters.compare import CompareFilterSet, Point
from workplan.models import Activity
from workplan.monitoring import comparison
from workplan.monitoring.summary import Tally


def _end(point: Point, tally: Tally) -> dict[str, Any]:
    return {
        "moment": point.moment,
        "day": point.day,
        "round": {"code": point.round.code} if point.round else None,
        "name": point.label,
        "tally": tally,
        "by_status": {term.value: number for term, number, _ in tally.shares},
    }


class Compare(Records):
    """Two dates of a plan, with the changes of status between them."""

    queryset = Activity.objects.none()
    serializer_class = serializers.ComparedSerializer
    filterset_class = CompareFilterSet

    def get_queryset(self) -> Any:
        return Activity.objects.visible_to(self.request.user).for_display()

    @extend_schema(responses=forced_singular_serializer(serializers.ComparisonSerializer))
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """Compare the activities of a plan at two dates, and list those whose status changed.

        `from` and `to` count, and `flow` breaks down, all activities that the other filters leave; `moved`, `before`
        and `status` choose which of them are listed.
        """
        if self.form != "json":
            return self.file(self.filter_queryset(self.get_queryset()), self.get_serializer)
        filterset: CompareFilterSet = filterset_of(request, self.get_queryset(), CompareFilterSet, PAGING)
        found = comparison.compare(filterset)
        rows = self.paginate_queryset(filterset.qs)
        pages: Any = self.paginator
        by_change = found.by_change
        transitions = [
            {"before": before, "after": after, "moved": rules.status_change(before, after), "count": number}
            for (before, after), number in sorted(
                found.transitions.items(), key=lambda each: (each[0][0] or "", each[0][1])
            )
        ]
        shown = {
            "count": pages.count,
            "next": pages.get_next_link(),
            "previous": pages.get_previous_link(),
            "from": _end(found.earlier, found.before),
            "to": _end(found.later, found.after),
            "moved": {term.value: by_change[term.value] for term in rules.STATUS_CHANGES},
            "flow": transitions,
            "results": rows,
        }
        written = serializers.ComparisonSerializer(shown, context=self.get_serializer_context())
        choose_fields(written.fields["results"], request)
        return Response(written.data, headers=pages.headers)
