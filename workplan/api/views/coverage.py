"""Coverage: lead and cooperating bodies, provision by provision."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from workplan import rules
from workplan.api import serializers
from workplan.api.base import ApiView
from workplan.api.filtering import filterset_of, parameters_of
from workplan.api.views.counts import with_zeros
from workplan.filters import ActivityFilterSet
from workplan.models import Activity
from workplan.monitoring import coverage
from workplan.monitoring.coverage import Gap, Line
from workplan.monitoring.summary import BodyTally, Tally

# Which list gives the rows that lack something.
LISTS = {rules.EMPTY_PROVISIONS: "provisions", rules.EMPTY_AREAS: "areas"}


def _counted(tally: Tally) -> dict[str, Any]:
    return {"count": tally.total, "by_status": with_zeros(tally)}


def _totals(line: Line, roles: list[str]) -> dict[str, Any]:
    """Each activity of the line once."""
    return {
        **_counted(line.whole),
        "roles": {role: _counted(line.by_role.get(role, Tally())) for role in roles},
        "gaps": {term.value: line.gaps.get(term.value, Tally()).total for term in rules.GAPS},
    }


def _cells(cells: list[BodyTally], roles: list[str]) -> list[dict[str, Any]]:
    """Bodies without a part are left out."""
    return [
        {"body": cell.body.acronym, "roles": {role: _counted(cell.of(role)) for role in roles}}
        for cell in cells
        if any(cell.of(role).total for role in roles)
    ]


class Coverage(ApiView):
    """Counts of activities by provision and body, and what nobody has taken up."""

    filterset_class = ActivityFilterSet

    @extend_schema(
        responses=serializers.CoverageSerializer,
        parameters=parameters_of(ActivityFilterSet),
    )
    def get(self, request: Request) -> Response:
        """Count the activities that the filters leave, by provision and body.

        Like the summary it counts the activities of all plans unless `plan` names some; each row names its plan.
        `body` and `role` choose columns and the roles counted in them. The rows behind a number are those of
        `activities/` with the same parameters, where `provision` (with `plan`) or `section`, `body`, `role`, `status`
        and `gap` of the number take the place of those asked for. Of a row all activities are counted once,
        so its cells may add up to more.
        """
        filterset = filterset_of(request, Activity.objects.visible_to(request.user), ActivityFilterSet, ())
        found = coverage.of(filterset, filterset.form.cleaned_data["plan"])
        roles = found.roles
        return Response(
            {
                "columns": [
                    {"body": cell.body.acronym, "name": cell.body.name}
                    | {"roles": {role: _counted(cell.of(role)) for role in roles}}
                    for cell in found.total.cells
                ],
                "sections": [self.line(block.line, roles) for block in found.blocks],
                "rows": [
                    {"section": block.line.place.ref, **self.line(line, roles)}
                    for block in found.blocks
                    for line in block.provisions
                    if block.line.place is not None
                ],
                "totals": _totals(found.total, roles),
                "gaps": [self.gap(one) for one in found.gaps],
            }
        )

    def line(self, line: Line, roles: list[str]) -> dict[str, Any]:
        assert line.place is not None
        place = {"plan": line.place.plan.code, "ref": line.place.ref, "text": line.place.text}
        return {**place, "totals": _totals(line, roles), "cells": _cells(line.cells, roles)}

    def gap(self, gap: Gap) -> dict[str, Any]:
        name = gap.term.value
        url = None
        if gap.query:
            url = reverse(f"api-{LISTS.get(name, 'activities')}", request=self.request) + gap.query
        return {
            "gap": name,
            "label": gap.term.label,
            "meaning": gap.term.meaning,
            "count": gap.number,
            "places": [{"plan": one.plan.code, "ref": one.ref, "text": one.text} for one in gap.found]
            if name in LISTS
            else [],
            "bodies": [body.acronym for body in gap.found] if name == rules.LEADS_NOTHING else [],
            "url": url,
        }
