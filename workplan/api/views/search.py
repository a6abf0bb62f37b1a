"""Search over plan and reports, as the search page does it."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from workplan import rules
from workplan.api import serializers
from workplan.api.base import ApiView
from workplan.api.filtering import PAGING, filterset_of, openapi, parameters_of
from workplan.api.pagination import Pagination
from workplan.filters.search import SearchFilterSet
from workplan.models import Activity, WorkPlan
from workplan.search import quick_jump, results

_KINDS = list(rules.SEARCH_RESULT_KINDS.values)


class Search(ApiView):
    """What holds the words that are searched for, of all kinds of record."""

    filterset_class = SearchFilterSet

    @extend_schema(
        responses=serializers.SearchSerializer,
        parameters=parameters_of(SearchFilterSet) + openapi(Pagination().get_schema_operation_parameters(None)),
    )
    def get(self, request: Request) -> Response:
        """Search plan and reports. Activities come first, then areas, provisions, bodies and updates."""
        filterset = filterset_of(request, Activity.objects.none(), SearchFilterSet, PAGING)
        asked = filterset.form.cleaned_data
        chosen = {**asked, "body": [body.pk for body in asked["body"]]}
        found = results.search(asked["q"], request.user, plans=asked["plan"], chosen=chosen, exact=bool(asked["exact"]))
        pages = Pagination()
        places = {hit: place for place, hit in enumerate(found.hits)}
        self.place_of_item = lambda hit: (f"{hit.kind}.{hit.pk}", _KINDS.index(hit.kind), places[hit])
        hits = pages.paginate_queryset(found.hits, request, view=self) or []  # type: ignore[arg-type]
        plans = WorkPlan.objects.filter(code__in=asked["plan"]) if asked["plan"] else WorkPlan.objects.all()
        shown = results.load_results(hits, found.query, request.user, plans.first())
        context = self.serializer_context()
        origin = context["addresses"].origin
        return Response(
            {
                "count": len(found.hits),
                "next": pages.get_next_link(),
                "previous": pages.get_previous_link(),
                "results": serializers.SearchResultSerializer(shown, many=True, context=context).data,  # type: ignore[arg-type]
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
