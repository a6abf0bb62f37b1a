"""Two days or rounds of a plan side by side, with the changes of status between them."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.http import urlencode

from workplan import rules
from workplan.columns import COMPARED
from workplan.exports import compare as files
from workplan.exports import csv
from workplan.exports.attachments import attachment
from workplan.filters.compare import EARLIER, LATER, LISTING_PARAMETERS, CompareFilterSet
from workplan.models import Activity, ReportingRound, SectoralBody, WorkPlan
from workplan.monitoring import comparison
from workplan.views.browsing import chips

PAGE_SIZE = 100
MOST_PAGES = 1_000_000


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of activities and the address of exactly these, and whether their status is unchanged."""

    number: int
    href: str
    stays: bool = False


class Links:
    """Addresses of the same comparison that list other activities of it."""

    def __init__(self, query: QueryDict) -> None:
        self.kept = query.copy()
        for name in (*LISTING_PARAMETERS, "page"):
            self.kept.pop(name, None)

    def to(self, **chosen: str | None) -> str:
        wanted = [(name, value) for name, value in chosen.items() if value]
        return f"?{'&'.join(part for part in (self.kept.urlencode(), urlencode(wanted)) if part)}#rows"


def read(request: HttpRequest, plan: WorkPlan, query: QueryDict) -> CompareFilterSet:
    """What ``query`` asks to compare of the plan, as the person of the request may read it."""
    rows = Activity.objects.visible_to(request.user).for_display()
    return CompareFilterSet(query, queryset=rows, request=request, also_allowed=("page",), plan=plan)


def browse(request: HttpRequest, code: str) -> HttpResponse:
    """The totals at both dates, the status transitions, and the activities that changed."""
    plan = get_object_or_404(WorkPlan, code=code)
    filterset = read(request, plan, request.GET)
    problems = filterset.problems()
    page = request.GET.get("page", "1")
    if not page.isascii() or not page.isdigit() or not 1 <= int(page[:9]) <= MOST_PAGES:
        problems["page"] = ["Give the number of a page, from 1."]
    rounds = ReportingRound.objects.visible_to(request.user).for_display().filter(plan=plan)
    query = filterset.data.copy()
    query.pop("page", None)
    context: dict[str, Any] = {
        "plan": plan,
        "problems": problems,
        "rounds": list(rounds.exclude(state=rules.PLANNED)),
        "earlier_asked": filterset.data.get(EARLIER, ""),
        "later_asked": filterset.data.get(LATER, ""),
        "chosen": {name: filterset.data.getlist(name) for name in ("section", "body", "role", "q")},
        "carried": [(name, values) for name, values in query.lists() if name not in CONTROLS],
        "sections": plan.sections.order_by("position"),
        "bodies": SectoralBody.objects.all(),
        "roles": rules.ROLES,
        "query": query.urlencode(),
    }
    if not problems:
        found = comparison.compare(filterset)
        links = Links(filterset.data)
        context |= {
            "found": found,
            "lines": [
                (
                    line,
                    links.to(moved=rules.ALL, before=line.term.value),
                    links.to(moved=rules.ALL, status=line.term.value),
                )
                for line in found.lines
            ],
            "transitions": transitions(found, links),
            "statuses": rules.STATUSES,
            "kinds": kinds(found, filterset, links),
            "page": Paginator(filterset.qs, PAGE_SIZE).get_page(page),
            "chips": chips(filterset, exclude=(EARLIER, LATER, "moved", "ordering")),
            "earlier_asked": found.earlier.asked,
            "later_asked": found.later.asked,
        }
    return render(request, "workplan/monitoring/compare.html", context, status=400 if problems else 200)


# What the form has a control for; it hands on the rest.
CONTROLS = (EARLIER, LATER, "section", "body", "role", "q", "before", "status")


def transitions(found: comparison.Comparison, links: Links) -> list[tuple[str, list[Cell], int]]:
    """A row for each status before: its label, the number that went to each status, and their sum."""
    rows = []
    for before, label in found.starts:
        cells = []
        for term in rules.STATUSES:
            moved = rules.ALL if before else rules.ENTERED
            href = links.to(moved=moved, before=before, status=term.value)
            cells.append(Cell(found.transitions[before, term.value], href, stays=before == term.value))
        rows.append((label, cells, sum(cell.number for cell in cells)))
    return rows


def kinds(
    found: comparison.Comparison, filterset: CompareFilterSet, links: Links
) -> list[tuple[rules.Term, Cell, bool]]:
    """The kinds of change with their numbers, and which is being listed."""
    narrowed = any(filterset.data.getlist(name) for name in ("before", "status"))
    counted = found.by_change
    return [
        (
            term,
            Cell(counted[term.value], links.to(moved=term.value)),
            filterset.asked == [term.value] and not narrowed,
        )
        for term in rules.STATUS_CHANGE_CHOICES
        if counted[term.value] or term.value != rules.ENTERED
    ]


def as_file(request: HttpRequest, code: str, ending: str) -> HttpResponseBase:
    """Exactly the activities that the same address lists as a page, in the same order; in Excel with the figures."""
    if ending not in ("csv", "xlsx"):
        raise Http404
    plan = get_object_or_404(WorkPlan, code=code)
    filterset = read(request, plan, request.GET)
    problems = filterset.problems()
    if problems:
        return render(request, "workplan/bad_filter.html", {"plan": plan, "problems": problems}, status=400)
    earlier, later = filterset.ends
    name = f"{plan.code}-compare-{earlier.file_part}-{later.file_part}.{ending}"
    if ending == "csv":
        return attachment(csv.lines(filterset.qs, COMPARED), name)
    title = f"{plan.title}: {earlier.label} and {later.label}"
    return attachment(files.workbook(comparison.compare(filterset), filterset.qs, title=title), name)
