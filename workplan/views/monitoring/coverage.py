"""Coverage: provisions by bodies, as a page and as a file."""

from dataclasses import dataclass
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_vary_headers

from workplan import rules
from workplan.exports import coverage as files
from workplan.exports.attachments import attachment
from workplan.filters import ActivityFilterSet
from workplan.models import Activity, WorkPlan
from workplan.monitoring import coverage
from workplan.views.browsing import Chip, Facet, chips, facets, filtered
from workplan.views.monitoring.as_of import AsOfSelection

SHOW = "show"
ROLE, STATUS = "role", "status"
VIEWS = {ROLE: "By role", STATUS: "By status"}


@dataclass(frozen=True, slots=True)
class Choosing:
    """What the page is filtered by, and what it can be filtered by."""

    facets: list[Facet]
    chips: list[Chip]
    query: QueryDict

    @property
    def carried(self) -> list[tuple[str, list[str]]]:
        """Parameters that the form has no control for; it hands them on."""
        shown = {facet.name for facet in self.facets}
        return [(name, values) for name, values in self.query.lists() if name not in shown]

    def query_of(self, **changes: str) -> str:
        """The query string of this page with ``changes``; an empty value leaves the parameter out."""
        changed = self.query.copy()
        for name, value in changes.items():
            changed.pop(name, None)
            if value:
                changed[name] = value
        return "?" + changed.urlencode()


def browse(request: HttpRequest, code: str) -> HttpResponse:
    """The matrix of the activities that the filters leave, by role or by status, and what nobody has taken up."""
    plan = get_object_or_404(WorkPlan, code=code)
    filterset = _filterset(request, plan)
    problems = filterset.problems()
    show = filterset.data.get(SHOW, ROLE)
    if show not in VIEWS or len(filterset.data.getlist(SHOW)) > 1:
        problems, show = {**problems, SHOW: [f"Use {' or '.join(VIEWS)}."]}, ROLE
    choosing = Choosing(facets(filterset, plan) if not problems else [], chips(filterset), filterset.data)
    context = {
        "plan": plan,
        "coverage": coverage.of(filterset, [plan.code]) if not problems else None,
        "show": show,
        "views": [(name, label, choosing.query_of(show="" if name == ROLE else name)) for name, label in VIEWS.items()],
        "choosing": choosing,
        "rows_query": choosing.query_of(show=""),
        "roles": rules.ROLES,
        "problems": problems,
        "filterset": filterset,
        "as_of_selection": AsOfSelection.of(filterset),
    }
    template = "workplan/partials/_coverage.html" if request.htmx else "workplan/monitoring/coverage.html"  # type: ignore[attr-defined]
    response = render(request, template, context, status=HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK)
    patch_vary_headers(response, ["HX-Request"])
    return response


def as_file(request: HttpRequest, code: str, ending: str) -> HttpResponseBase:
    """The numbers that the same filters show on the page, as a file."""
    if ending not in ("csv", "xlsx"):
        raise Http404
    plan = get_object_or_404(WorkPlan, code=code)
    filterset = _filterset(request, plan)
    if not filterset.is_valid():
        context = {"plan": plan, "problems": filterset.problems()}
        return render(request, "workplan/bad_filter.html", context, status=HTTPStatus.BAD_REQUEST)
    found = coverage.of(filterset, [plan.code])
    as_of_selection = AsOfSelection.of(filterset)
    name = f"{plan.code}-coverage-{as_of_selection.day or as_of_selection.today}.{ending}"
    if ending == "csv":
        return attachment(files.as_csv(found), name)
    known = f" as known on {as_of_selection.day}" if as_of_selection.moment else ""
    return attachment(files.as_workbook(found, title=f"{plan.title}: coverage{known}"), name)


def _filterset(request: HttpRequest, plan: WorkPlan) -> ActivityFilterSet:
    return filtered(request, Activity.objects.visible_to(request.user).filter(plan=plan), also_allowed=[SHOW])
