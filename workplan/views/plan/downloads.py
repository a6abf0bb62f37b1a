"""Files to take along: rows for other programs, and documents for meetings, of what the pages show."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from apta.addresses import absolute_url
from workplan import permissions
from workplan.columns import ACTIVITIES, AUDIT, DATA, data_columns
from workplan.exceptions import Invalid
from workplan.exports import data as files
from workplan.exports import rows
from workplan.exports.attachments import attachment
from workplan.exports.data import Extract
from workplan.exports.provenance import Provenance
from workplan.exports.selection import (
    TYPES,
    WRITERS,
    body_file,
    changes_file,
    changes_rows,
    matrix_file,
    provenance,
    too_many,
    with_moment_of_round,
)
from workplan.filters.base import StrictFilterSet
from workplan.filters.fields import shown
from workplan.models import Activity, SectoralBody, WorkPlan
from workplan.querysets import fold_spelling
from workplan.views.browsing import filtered
from workplan.views.errors import refused_parameters
from workplan.views.monitoring import compare
from workplan.views.signed_out import sign_in_required

TYPE, COLUMNS = "type", "columns"
# Where people see the rows, for each kind of data.
PAGES = {"bodies": "bodies", "audit": "audit"}


@dataclass(frozen=True, slots=True)
class Document:
    """A document of what a page shows.

    Attributes:
        about: what it says of itself.
        scope: which rows it shows, in words.
        name: what the file is called.
        content: makes the file, or the parts of it.
    """

    about: Provenance
    scope: str
    name: str
    content: Callable[[], bytes | Iterable[bytes]]


def matrix(request: HttpRequest, code: str, ending: str) -> HttpResponseBase:
    """The matrix of exactly the rows that the same filters show on its page."""
    return _answer(request, code, partial(matrix_of, request, request.GET, ending=ending))


def changes(request: HttpRequest, code: str, ending: str) -> HttpResponseBase:
    """The changes edition: what the comparison of the same parameters compares, and what is overdue."""
    return _answer(request, code, partial(changes_of, request, request.GET, ending=ending))


def body_report(request: HttpRequest, code: str, acronym: str, ending: str) -> HttpResponseBase:
    """The report of one body. Any spelling of its name leads here."""
    body = SectoralBody.objects.by_spelling().get(fold_spelling(acronym))
    if body is None or ending not in WRITERS:
        raise Http404
    if body.acronym != acronym:
        return redirect("body-report", code, body.acronym, ending, permanent=True)
    return _answer(request, code, partial(body_report_of, request, request.GET, ending=ending, body=body))


def _answer(request: HttpRequest, code: str, make: Callable[[WorkPlan], Document]) -> HttpResponseBase:
    plan = get_object_or_404(WorkPlan, code=code)
    try:
        document = make(plan)
    except Invalid as refusal:
        return refused_parameters(request, plan, refusal.fields)
    return attachment(document.content(), document.name)


def matrix_of(request: HttpRequest, query: QueryDict, plan: WorkPlan, *, ending: str) -> Document:
    """The matrix of the rows that ``query`` chooses, as the person of the request may read them.

    Raises:
        Http404: there is no such document.
        Invalid: a filter cannot be used, or leaves more rows than a document holds.
    """
    if ending not in TYPES:
        raise Http404
    filterset = filtered(
        request, rows.unfiltered(ACTIVITIES, plan, request.user), query=with_moment_of_round(query, plan)
    )
    _refuse(filterset, lambda: too_many(filterset.qs.count()) if ending != "xlsx" else "")
    about = provenance(plan, filterset, _page("plan", request, filterset, plan.code))
    content = partial(matrix_file, about, filterset, ending, request.user)
    return Document(about, about.scope, f"{plan.code}-matrix-{about.day}.{ending}", content)


def changes_of(request: HttpRequest, query: QueryDict, plan: WorkPlan, *, ending: str) -> Document:
    """The changes edition of what ``query`` compares, as the person of the request may read it.

    Raises:
        Http404, Invalid: as ``matrix_of``.
    """
    if ending not in TYPES:
        raise Http404
    filterset = compare.read(request, plan, query)
    _refuse(filterset, lambda: too_many(changes_rows(filterset).count()))
    about = provenance(plan, filterset, _page("compare", request, filterset, plan.code))
    earlier, later = filterset.ends
    name = f"{plan.code}-changes-{earlier.file_part}-{later.file_part}.{ending}"
    scope = f"{earlier.label} to {later.label}; {about.scope}"
    return Document(about, scope, name, partial(changes_file, about, filterset, ending, request.user))


def body_report_of(
    request: HttpRequest, query: QueryDict, plan: WorkPlan, *, ending: str, body: SectoralBody
) -> Document:
    """The report of ``body`` on the rows that ``query`` chooses, as the person of the request may read it.

    Raises:
        Http404, Invalid: as ``matrix_of``.
    """
    if ending not in WRITERS:
        raise Http404
    visible = Activity.objects.visible_to(request.user).filter(plan=plan)
    filterset = filtered(request, visible, query=with_moment_of_round(query, plan))
    _refuse(filterset, lambda: too_many(filterset.qs.involving([body]).count()))
    about = provenance(plan, filterset, _page("body", request, filterset, plan.code, body.acronym))
    content = partial(body_file, about, body, filterset.qs, ending, request.user)
    return Document(about, about.scope, f"{plan.code}-{body.acronym}-report-{about.day}.{ending}", content)


def _refuse(filterset: StrictFilterSet, size: Callable[[], str]) -> None:
    problems = filterset.problems()
    if not problems and (refusal := size()):
        problems["format"] = [refusal]
    if problems:
        raise Invalid(fields=problems)


def data(request: HttpRequest, code: str, ending: str) -> HttpResponseBase:
    """Rows of one kind, exactly those that the API lists for the same parameters."""
    if ending not in ("csv", "xlsx", "ndjson", "json"):
        raise Http404
    plan = get_object_or_404(WorkPlan, code=code)
    if request.GET.get(TYPE) == AUDIT:
        return _audit(request, plan, ending)
    return _data(request, plan, ending)


@sign_in_required
def _audit(request: HttpRequest, plan: WorkPlan, ending: str) -> HttpResponseBase:
    if not permissions.can_see_audit(request.user):
        raise PermissionDenied("Only the secretariat can see the audit trail.")
    return _data(request, plan, ending)


def _data(request: HttpRequest, plan: WorkPlan, ending: str) -> HttpResponseBase:
    kind = request.GET.get(TYPE, ACTIVITIES).strip() or ACTIVITIES
    problems: dict[str, list[str]] = {}
    if kind not in DATA:
        problems[TYPE] = [f"“{shown(kind)}” is no type of rows. Use {', '.join(DATA)}."]
        return refused_parameters(request, plan, problems, for_programs=ending.endswith("json"))
    filterset = rows.FILTERS[kind](
        with_moment_of_round(request.GET, plan),
        queryset=rows.unfiltered(kind, plan, request.user),
        request=request,
        also_allowed=(TYPE, COLUMNS),
    )
    problems = filterset.problems()
    if len(request.GET.getlist(TYPE)) > 1:
        problems[TYPE] = ["Give type once only."]
    known = data_columns(kind, request.user)
    chosen = _chosen_columns(request, {*known, *files.OWN_COLUMNS}, problems)
    if problems:
        return refused_parameters(request, plan, problems, for_programs=ending.endswith("json"))
    about = provenance(plan, filterset, _page(PAGES.get(kind, "activities"), request, filterset, plan.code))
    known |= files.own_columns(about)
    if not chosen:
        # A workbook and an object of JSON say it once.
        own = files.OWN_COLUMNS if ending in ("xlsx", "json") else ()
        chosen = [name for name in known if name not in own]
    return _file(Extract(kind, [known[name] for name in chosen], rows.of_kind(kind, filterset.qs), about), ending)


def _file(extract: Extract, ending: str) -> HttpResponseBase:
    name = f"{extract.about.plan.code}-{extract.kind}-{extract.about.day}.{ending}"
    writers: dict[str, Callable[[Extract], bytes | Iterable[Any]]] = {
        "csv": files.as_csv,
        "xlsx": files.as_xlsx,
        "ndjson": files.as_ndjson,
    }
    return attachment(writers.get(ending, files.as_json)(extract), name)


def _chosen_columns(request: HttpRequest, known: set[str], problems: dict[str, list[str]]) -> list[str]:
    """The columns that are asked for, each once, in the order asked; none where nothing is said."""
    asked = [name.strip() for value in request.GET.getlist(COLUMNS) for name in value.split(",")]
    found = list(dict.fromkeys(name for name in asked if name))
    unknown = [name for name in found if name not in known]
    if unknown:
        named = ", ".join(f"“{shown(name)}”" for name in unknown[:5])
        problems[COLUMNS] = [f"There is no column {named}. Use {', '.join(sorted(known))}."]
    return found


def _page(name: str, request: HttpRequest, filterset: StrictFilterSet, *parts: str) -> str:
    """The address that shows the rows of the same filters."""
    query = filterset.data.copy()
    for own in (TYPE, COLUMNS):
        query.pop(own, None)
    path = reverse(name) if name == "audit" else reverse(name, args=parts)
    return absolute_url(f"{path}?{query.urlencode()}" if query else path, request)
