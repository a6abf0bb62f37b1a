"""Search over plan and reports, as the search page does it."""

from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from workplan import rules
from workplan.api import serializers
from workplan.api.base import ApiView
from workplan.api.chosen_fields import choose_fields, parameters
from workplan.api.filtering import PAGING, filterset_of, openapi, parameters_of
from workplan.api.pagination import Pagination
from workplan.filters.search import SearchFilterSet
from workplan.models import Activity, WorkPlan
from workplan.search import quick_jump, results

_KINDS = list(rules.SEARCH_RESULT_KINDS.values)


class Search(ApiView):
    """What holds the words that are searched for, of all kinds of record."""

    filterset_class = SearchFilterSet

    def is_list(self) -> bool:
        return True

    @extend_schema(
        responses=serializers.SearchSerializer,
        parameters=parameters_of(SearchFilterSet)
        + openapi(parameters(serializers.SearchResultSerializer))
        + openapi(Pagination().get_schema_operation_parameters(None)),
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Search plan and reports. Activities come first, then areas, provisions, bodies and updates."""
        filterset = filterset_of(request, Activity.objects.none(), SearchFilterSet, PAGING)
        asked = filterset.form.cleaned_data
        chosen = {**asked, "body": [body.pk for body in asked["body"]]}
        found = results.search(asked["q"], request.user, plans=asked["plan"], chosen=chosen, exact=bool(asked["exact"]))
        places = {hit: place for place, hit in enumerate(found.hits)}
        self.place_of_item = lambda hit: (f"{hit.kind}.{hit.pk}", _KINDS.index(hit.kind), places[hit])
        plans = WorkPlan.objects.filter(code__in=asked["plan"]) if asked["plan"] else WorkPlan.objects.all()
        context, first_plan = self.serializer_context(), plans.first()

        def load(hits: Any) -> Any:
            return results.load_results(hits, found.query, request.user, first_plan)

        def serializer(*args: Any, **kwargs: Any) -> Any:
            made = serializers.SearchResultSerializer(*args, context=context, **kwargs)
            choose_fields(made, request)
            return made

        if self.form != "json":
            return self.file(found.hits, serializer, load)
        pages = Pagination()
        hits = pages.paginate_queryset(found.hits, request, view=self) or []  # type: ignore[arg-type]
        origin = context["addresses"].origin
        return Response(
            {
                "count": len(found.hits),
                "next": pages.get_next_link(),
                "previous": pages.get_previous_link(),
                "results": serializer(load(hits), many=True).data,
                "facets": {
                    name: [
                        {"value": one.value, "label": one.label, "count": one.number} for one in choices if one.number
                    ]
                    for name, choices in results.facet_choices(found, asked["plan"]).items()
                },
                "query": found.query.typed,
                "instead_of": found.corrected_from or None,
                "go_to": [
                    {"kind": one.kind, "label": one.label, "title": one.title, "html_url": origin + one.address}
                    for one in quick_jump.exact_targets(found.query, request.user, plans)
                ],
            },
            headers=pages.headers,
        )
