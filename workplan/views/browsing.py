"""Lists of activities: filters with the number of each choice, sorting, pages. Shared by every page that lists them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from workplan import rules
from workplan.filters import ActivityFilterSet
from workplan.filters.base import StrictFilterSet
from workplan.filters.words import SHOWN_ELSEWHERE, VOCABULARIES, chosen_values, label_of, view_of, view_words
from workplan.models import Provision, SavedView, Section, SectoralBody, WorkPlan
from workplan.monitoring import summary
from workplan.querysets import ActivityQuerySet

PAGE_SIZES = (25, 50, 100, 250)
PAGING = ("page", "page_size")
PLACES = ("section", "provision")
MOST_PAGES = 1_000_000


def filtered(
    request: HttpRequest,
    rows: ActivityQuerySet,
    *,
    also_allowed: Iterable[str] = (),
    bodies: Collection[SectoralBody] | None = None,
    query: QueryDict | None = None,
) -> ActivityFilterSet:
    """The filter set of this request over ``rows``; by ``query`` in place of what the request says."""
    given = request.GET if query is None else query
    return ActivityFilterSet(given, queryset=rows, request=request, also_allowed=also_allowed, bodies=bodies)


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that a filter offers, with the number of activities it would show."""

    value: str
    label: str
    number: int
    chosen: bool
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter with its choices."""

    name: str
    label: str
    choices: list[Choice]
    single: bool = False

    @property
    def is_open(self) -> bool:
        return any(choice.chosen for choice in self.choices)


@dataclass(frozen=True, slots=True)
class Chip:
    """A value that is being filtered by, and the address of the page without it."""

    label: str
    without: str


@dataclass(slots=True)
class Listing:
    """One page of activities with everything its controls need."""

    filterset: ActivityFilterSet
    problems: Mapping[str, list[str]]
    page: Page[Any]
    facets: list[Facet]
    chips: list[Chip]
    query: QueryDict

    @property
    def status(self) -> int:
        return 400 if self.problems else 200

    @property
    def number(self) -> int:
        return self.page.paginator.count

    @property
    def view(self) -> SavedView | None:
        """The saved view that is being looked at."""
        return view_of(self.filterset)

    @property
    def view_words(self) -> list[str]:
        """What that view chooses."""
        return view_words(self.filterset)

    @property
    def query_to_save(self) -> str:
        """What a view saved from here would say; empty where nothing is chosen that is not saved already."""
        return "" if self.problems else query_to_save(self.filterset)

    @property
    def page_size(self) -> int:
        return self.page.paginator.per_page

    @property
    def page_sizes(self) -> tuple[int, ...]:
        return PAGE_SIZES

    @property
    def carried(self) -> list[tuple[str, list[str]]]:
        """Parameters that the filter form has no control for; it hands them on."""
        shown = {facet.name for facet in self.facets} | {"q", "updated_since", *PAGING}
        return [(name, values) for name, values in self.query.lists() if name not in shown]

    @property
    def filter_query(self) -> str:
        """The query string without paging: what export, matrix and API take."""
        return _without(self.query, *PAGING).urlencode()


def listing(
    request: HttpRequest, rows: ActivityQuerySet, plan: WorkPlan, *, bodies: Collection[SectoralBody] | None = None
) -> Listing:
    """What the request asks to see of ``rows``, a queryset ``for_display``, on a page about ``bodies``."""
    filterset = filtered(request, rows, also_allowed=PAGING, bodies=bodies)
    problems = filterset.problems()
    page_number, page_size = _paging(request.GET, problems)
    found = filterset.qs if not problems else rows.none()
    page = Paginator(found, page_size).get_page(page_number)
    return Listing(
        filterset=filterset,
        problems=problems,
        page=page,
        facets=facets(filterset, plan) if not problems else [],
        chips=chips(filterset),
        query=filterset.data,
    )


def show(
    request: HttpRequest,
    found: Listing,
    *,
    page: str,
    part: str,
    context: Mapping[str, Any],
    status: HTTPStatus | None = None,
) -> HttpResponse:
    """The template ``page`` as a whole, or for htmx the ``part`` of it that filters change.

    Args:
        status: of the answer to a form that was refused; else that of the filters.
    """
    template = part if request.htmx else page  # type: ignore[attr-defined]
    response = render(request, template, {**context, "listing": found}, status=status or found.status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _paging(query: QueryDict, problems: dict[str, list[str]], *, size: int = 50) -> tuple[int, int]:
    if query.get("page_size"):
        if query["page_size"] in {str(size) for size in PAGE_SIZES}:
            size = int(query["page_size"])
        else:
            problems["page_size"] = [f"Use {', '.join(str(size) for size in PAGE_SIZES)}."]
    return page_number(query, problems), size


def page_number(query: QueryDict, problems: dict[str, list[str]]) -> int:
    """The page that ``query`` asks for, the first where it names none; noted among ``problems`` where it is none."""
    given = str(query.get("page") or "1")
    if given.isascii() and given.isdigit() and len(given) < 8 and 1 <= int(given) <= MOST_PAGES:
        return int(given)
    problems["page"] = ["Give the number of a page, from 1."]
    return 1


def return_address(request: HttpRequest, otherwise: str) -> str:
    """Where the person came from, if that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return wanted
    return otherwise


def _without(query: QueryDict, *names: str, value: str | None = None) -> QueryDict:
    """``query`` without ``names``, or without one ``value`` of them."""
    left = query.copy()
    for name in names:
        kept = [one for one in left.getlist(name) if value is not None and one != value]
        left.setlist(name, kept)
        if not kept:
            del left[name]
    return left


def facets(filterset: ActivityFilterSet, plan: WorkPlan) -> list[Facet]:
    """What can be chosen, with counts under all the other filters."""
    chosen = {name: set(filterset.data.getlist(name)) for name in filterset.filters}
    given = filterset.form.cleaned_data  # under their present names
    chosen |= {"body": {body.acronym for body in given["body"]}} | {one: set(given[one]) for one in PLACES}

    def plain(name: str, label: str, vocabulary: rules.Vocabulary) -> Facet:
        counts = summary.count_by(filterset.rows_without(name), name)
        choices = [
            Choice(term.value, term.label, counts[term.value], term.value in chosen[name], term.meaning)
            for term in vocabulary
        ]
        return Facet(name, label, choices)

    def places(name: str, label: str, records: Iterable[Section | Provision], column: str) -> Facet:
        counts = summary.count_by(filterset.rows_without(name), column)
        choices = [Choice(record.ref, record.text, counts[record.pk], record.ref in chosen[name]) for record in records]
        return Facet(name, label, choices)

    bodies = summary.tally_by_body(filterset.rows_without("body"), SectoralBody.objects.all())
    roles = filterset.form.cleaned_data["role"]
    body_choices = [
        Choice(
            entry.body.acronym,
            entry.body.acronym,
            getattr(entry, roles[0]).total if len(roles) == 1 else entry.total,
            entry.body.acronym in chosen["body"],
            entry.body.name,
        )
        for entry in bodies
    ]
    any_role = filterset.rows_without("role", "body")
    chosen_bodies = filterset.form.cleaned_data["body"] or filterset.body_scope
    in_any_role = any_role.involving(chosen_bodies) if chosen_bodies else any_role
    role_choices = [Choice("", "Any role", in_any_role.count(), not roles)]
    for term in rules.ROLES:
        number = any_role.involving(chosen_bodies, term.value).count()
        role_choices.append(Choice(term.value, term.label, number, roles == [term.value], term.meaning))
    return [
        plain("status", "Status", rules.STATUSES),
        Facet("body", "Body", body_choices),
        Facet("role", "Role of the body", role_choices, single=True),
        places("section", "Section", plan.sections.order_by("position"), "area__provision__section"),
        places("provision", "Provision", plan.provisions.order_by("position"), "area__provision"),
        plain("kind", "Kind", rules.ACTIVITY_KINDS),
    ]


def query_to_save(filterset: StrictFilterSet) -> str:
    """The query string that a view saved from these rows would keep; empty where they are all, or those of a view."""
    more = set(filterset.chosen) - {"view"}
    return _without(filterset.data, *PAGING, "as_of").urlencode() if more else ""


# Each holds the address of the page with all others, so what is beyond these is one.
MOST_CHIPS = 50


def chips(
    filterset: StrictFilterSet,
    vocabularies: Mapping[str, rules.Vocabulary] = VOCABULARIES,
    *,
    exclude: Collection[str] = SHOWN_ELSEWHERE,
) -> list[Chip]:
    """What the rows are filtered by, in the words of ``vocabularies``; ``exclude`` names what is shown elsewhere."""
    query = _without(filterset.data, "page")
    chosen = list(chosen_values(filterset, vocabularies, exclude))
    found = [
        Chip(f"{label_of(name)}: {shown}", f"?{_without(query, name, value=value).urlencode()}")
        for name, value, shown in chosen[:MOST_CHIPS]
    ]
    if chosen[MOST_CHIPS:]:
        left = _without(query, *dict.fromkeys(name for name, _, _ in chosen))
        for name, value, _ in chosen[:MOST_CHIPS]:
            left.appendlist(name, value)
        found.append(Chip(f"{len(chosen) - MOST_CHIPS:,} more", f"?{left.urlencode()}"))
    return found
