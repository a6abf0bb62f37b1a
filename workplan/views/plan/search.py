"""Search over plan and reports, and the box that leads straight to a place."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from workplan import rules
from workplan.filters.search import SearchFilterSet
from workplan.filters.words import VOCABULARIES
from workplan.models import Activity, WorkPlan
from workplan.search import quick_jump, results
from workplan.views.browsing import Chip, Choice, Facet, chips, page_number

ON_A_PAGE = 25
IN_A_GROUP = 5
LABELS = {"kind": "Kind of record", "section": "Section", "body": "Body", "status": "Status"}
# What a list of activities is narrowed by as well.
HANDED_ON = ("section", "body", "status")


@dataclass(frozen=True, slots=True)
class Group:
    """The hits of one kind: how many there are, and the first of them, or a page of them."""

    term: rules.Term
    number: int
    rows: list[results.Result]

    @property
    def label(self) -> str:
        return self.term.label


@dataclass(frozen=True, slots=True)
class Listing:
    """What the controls of the page need."""

    query: QueryDict
    facets: list[Facet]
    chips: list[Chip]
    page: Page[Any] | None = None


def search(request: HttpRequest) -> HttpResponse:
    """The records that match the query, by kind of record and by relevance."""
    filterset = SearchFilterSet(request.GET, queryset=Activity.objects.none(), request=request, also_allowed=("page",))
    problems = filterset.problems()
    number = page_number(request.GET, problems)
    context: dict[str, Any] = {"problems": problems, "words": request.GET.get("q", "") if not problems else ""}
    if not problems:
        context |= _results(request, filterset, number)
    template = "workplan/partials/_search_results.html" if request.htmx else "workplan/plan/search.html"  # type: ignore[attr-defined]
    response = render(request, template, context, status=400 if problems else 200)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _results(request: HttpRequest, filterset: SearchFilterSet, number: int) -> dict[str, Any]:
    asked = filterset.form.cleaned_data
    plan = WorkPlan.objects.filter(code__in=asked["plan"]).first() if asked["plan"] else WorkPlan.objects.current()
    if plan is None or not asked["q"]:
        return {"plan": plan}
    plans = asked["plan"] or [plan.code]
    chosen = {**asked, "body": [body.pk for body in asked["body"]]}
    found = results.search(asked["q"], request.user, plans=plans, chosen=chosen, exact=bool(asked["exact"]))
    kinds = {hit.kind for hit in found.hits}
    page = Paginator(found.hits, ON_A_PAGE).get_page(number) if len(kinds) == 1 else None

    def group(term: rules.Term) -> Group:
        of_kind = found.of_kind(term.value)
        first = list(page) if page is not None and term.value in kinds else of_kind[:IN_A_GROUP]
        return Group(term, len(of_kind), results.load_results(first, found.query, request.user, plan))

    handed_on = QueryDict(mutable=True)
    handed_on["q"] = found.query.typed
    for name in HANDED_ON:
        handed_on.setlist(name, filterset.data.getlist(name))
    return {
        "plan": plan,
        "words": asked["q"],
        "results": found,
        "groups": [group(term) for term in rules.SEARCH_RESULT_KINDS],
        "number": len(found.hits),
        "targets": quick_jump.exact_targets(found.query, request.user, WorkPlan.objects.filter(code__in=plans)),
        "listing": Listing(filterset.data, _facets(filterset, found, plans), _chips(filterset), page),
        "as_list": handed_on.urlencode(),
    }


def _facets(filterset: SearchFilterSet, found: results.SearchResults, plans: list[str]) -> list[Facet]:
    """The facets: choices that would leave something, and those that are chosen."""
    chosen = {name: set(filterset.data.getlist(name)) for name in results.FACETS}
    chosen["body"] = {body.acronym for body in filterset.form.cleaned_data["body"]}
    chosen["section"] = set(filterset.form.cleaned_data["section"])
    facets = []
    for name, offered in results.facet_choices(found, plans).items():
        choices = [
            Choice(one.value, one.label, one.number, one.value in chosen[name], one.hint)
            for one in offered
            if one.number or one.value in chosen[name]
        ]
        if choices:
            facets.append(Facet(name, LABELS[name], choices))
    return facets


def _chips(filterset: SearchFilterSet) -> list[Chip]:
    return chips(filterset, VOCABULARIES | {"kind": rules.SEARCH_RESULT_KINDS}, exclude=("q", "plan", "exact", "page"))


def jump(request: HttpRequest) -> HttpResponse:
    """Where what was typed so far may lead: references, bodies and pages, for the box that ``/`` opens."""
    typed = request.GET.get("q", "")[:200]
    readable = not rules.UNREADABLE.search(typed)
    targets = quick_jump.suggestions(typed, request.user, WorkPlan.objects.current()) if readable else []
    response = JsonResponse(
        {
            "targets": [
                {"kind": one.kind, "label": one.label, "title": one.title, "address": one.address} for one in targets
            ]
        }
    )
    response["Cache-Control"] = "private, no-cache"
    return response
