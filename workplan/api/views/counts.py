"""Counts of activities."""

from dataclasses import fields

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from workplan import rules
from workplan.api import serializers
from workplan.api.base import ApiView
from workplan.api.filtering import filterset_of, parameters_of
from workplan.filters import ActivityFilterSet
from workplan.models import Activity, Provision, ReportingRound, Section, SectoralBody
from workplan.monitoring import completion, summary


def counts(of: completion.Counts) -> dict[str, int]:
    """The figures of a round as JSON has them."""
    return {"total": of.total} | {one.name: getattr(of, one.name) for one in fields(of)}


def with_zeros(counts: summary.Tally) -> dict[str, int]:
    return {term.value: number for term, number, _ in counts.shares}


class Summary(ApiView):
    """Counts of activities by status, section, provision, body and round, and how they came there."""

    filterset_class = ActivityFilterSet

    @extend_schema(
        responses=serializers.SummarySerializer,
        parameters=parameters_of(ActivityFilterSet),
    )
    def get(self, request: Request) -> Response:
        """Count the activities that the filters leave."""
        visible = Activity.objects.visible_to(request.user)
        filterset = filterset_of(request, visible, ActivityFilterSet, ())
        rows = filterset.qs
        sections = Section.objects.select_related("plan")
        provisions = Provision.objects.select_related("plan", "section")
        plans = filterset.form.cleaned_data["plan"]
        if plans:
            sections = sections.filter(plan__code__in=plans)
            provisions = provisions.filter(plan__code__in=plans)
        whole = summary.tally(rows)
        rounds = ReportingRound.objects.visible_to(request.user).for_display().exclude(state=rules.PLANNED)
        if plans:
            rounds = rounds.filter(plan__code__in=plans)
        opened = list(rounds)
        return Response(
            {
                "count": whole.total,
                "by_status": with_zeros(whole),
                "by_section": [
                    {
                        "ref": section.ref,
                        "title": section.text,
                        "plan": section.plan.code,
                        "count": tally.total,
                        "by_status": with_zeros(tally),
                    }
                    for section, tally in summary.tally_by_place(rows, sections)
                ],
                "by_provision": [
                    {
                        "ref": provision.ref,
                        "title": provision.text,
                        "section": provision.section.ref,
                        "plan": provision.plan.code,
                        "count": tally.total,
                        "by_status": with_zeros(tally),
                    }
                    for provision, tally in summary.tally_by_place(rows, provisions)
                ],
                "by_body": [
                    {
                        "acronym": entry.body.acronym,
                        "name": entry.body.name,
                        "lead": entry.lead.total,
                        "cooperating": entry.cooperating.total,
                        "count": entry.total,
                        "by_status": with_zeros(entry.both),
                    }
                    for entry in summary.tally_by_body(rows, SectoralBody.objects.all())
                ],
                "by_round": [
                    {
                        "id": found.round.pk,
                        "code": found.round.code,
                        "name": found.round.name,
                        "plan": found.round.plan.code,
                        "state": found.round.state,
                        "counts": counts(found.total),
                    }
                    for found in completion.of_rounds(opened, request.user, activities=rows)
                ],
                "trend": [
                    {
                        "id": point.round.pk,
                        "code": point.round.code,
                        "name": point.round.name,
                        "plan": point.round.plan.code,
                        "at": point.at,
                        "count": point.tally.total,
                        "by_status": with_zeros(point.tally),
                    }
                    for point in summary.trend(filterset, [one for one in opened if one.was_opened(filterset.moment)])
                ],
            }
        )
