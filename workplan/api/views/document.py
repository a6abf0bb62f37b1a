"""The document: plans, their sections, provisions and areas, and bodies."""

from typing import Any

from django.http import Http404

from workplan.api import serializers
from workplan.api.base import NamedByCode, Records
from workplan.api.reading import WrittenByDatabase
from workplan.filters import AreaFilterSet, BodyFilterSet, PlanFilterSet, ProvisionFilterSet, SectionFilterSet
from workplan.models import CollaborationArea, Provision, Section, SectoralBody, WorkPlan
from workplan.querysets import fold_spelling


class Plans(NamedByCode):
    """Work plans, the current one first."""

    CODES = "The id of the plan, or its code, such as tip-2016-2020."

    queryset = WorkPlan.objects.select_related("predecessor")
    serializer_class = serializers.PlanSerializer
    filterset_class = PlanFilterSet

    def id_of(self, code: str) -> int:
        found = WorkPlan.objects.named(code).values_list("pk", flat=True).first()
        if found is None:
            raise Http404
        return int(found)


class Sections(Records):
    """Sections of the plan, its thematic areas."""

    queryset = Section.objects.select_related("plan")
    serializer_class = serializers.SectionSerializer
    filterset_class = SectionFilterSet


class Provisions(Records):
    """Provisions of the ACTIP and paragraphs of the APA that rows of the plan serve."""

    queryset = Provision.objects.select_related("plan", "section")
    serializer_class = serializers.ProvisionSerializer
    filterset_class = ProvisionFilterSet


class Areas(Records):
    """Possible areas of collaboration amongst sectoral bodies."""

    queryset = CollaborationArea.objects.select_related("plan", "provision__section", "parent").prefetch_related(
        "proposed_by"
    )
    serializer_class = serializers.AreaSerializer
    filterset_class = AreaFilterSet


class Bodies(WrittenByDatabase):
    """Sectoral bodies. One of them is found by its acronym, by another spelling of it, or by its id."""

    queryset = SectoralBody.objects.prefetch_related("aliases")
    serializer_class = serializers.BodySerializer
    filterset_class = BodyFilterSet
    lookup_field = "acronym"

    def rows_to_read(self) -> Any:
        return SectoralBody.objects.all()

    def get_object(self) -> SectoralBody:
        named = self.kwargs["acronym"]
        for spelling, body in SectoralBody.objects.by_spelling().items():
            if spelling == fold_spelling(named) or str(body.pk) == named:
                return body
        raise Http404
