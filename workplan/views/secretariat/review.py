"""The secretariat's review queue: reports that wait for a decision, and the state of all others."""

from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Prefetch, Q, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from workplan import permissions, rules
from workplan.actions import Actor, approve_reports
from workplan.actions.reporting import MOST_AT_ONCE
from workplan.exceptions import Refusal, Unconfirmed
from workplan.filters import UpdateFilterSet
from workplan.models import (
    Concurrence,
    Obligation,
    ReportingRound,
    Responsibility,
    Section,
    SectoralBody,
    StatusUpdate,
)
from workplan.querysets.days import secretariat_day
from workplan.views import browsing
from workplan.views.browsing import PAGING, Chip, Choice, Facet, Listing
from workplan.views.reporting.report import ConcurrenceStatus, chosen_versions, concurrence_statuses

# What is looked at first in each state.
ORDER: dict[str, tuple[Any, ...]] = {
    rules.SUBMITTED: ("submitted_at", "pk"),
    rules.RETURNED: ("updated_at", "pk"),
    rules.DRAFT: ("-updated_at", "-pk"),
    rules.APPROVED: ("-approved_at", "-pk"),
}


@dataclass(frozen=True, slots=True)
class Tab:
    """One state of reports, with how many there are under the filters."""

    term: rules.Term
    number: int
    href: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One report in the queue.

    Attributes:
        update: the report.
        waited: for how many days it has waited for its review.
        timeliness: ``late`` or ``overdue`` where it is; else empty.
        may_approve: whether this person may approve it now.
        refused: why they may not, where only the four eyes that the plan asks for keep them from it.
        concurrence_statuses: the concurrence of the joint leads.
        chosen: whether it was ticked.
        changed: what happened to it since it was ticked, in words.
        advice: what deserves a second look before it becomes the status; only of what can be approved.
    """

    update: StatusUpdate
    waited: int | None
    timeliness: str
    may_approve: bool
    refused: str
    concurrence_statuses: list[ConcurrenceStatus]
    chosen: bool = False
    changed: str = ""
    advice: str = ""


@login_required
def queue(request: HttpRequest) -> HttpResponse:
    """The reports that wait for a review, the longest waiting first; several can be approved at once."""
    if not permissions.can_review(request.user):
        raise PermissionDenied("Only the secretariat reviews reports.")
    refusal, status, ticked = None, None, set[int]()
    advice: list[str] = []
    stale: dict[int, str] = {}
    if request.method == "POST":
        versions = chosen_versions(request.POST.getlist("report"))
        ticked = set(versions or ())
        try:
            if not versions:
                what = "No report is selected." if versions == {} else "There is a problem with the list of reports."
                raise Refusal(f"{what} Select the reports to approve.")
            confirmed = "advised" in request.POST
            approved = approve_reports(versions=versions, by=Actor.of(request, "bulk"), confirmed=confirmed)
        except Unconfirmed as problem:
            advice, status = problem.fields["as_of"], HTTPStatus.CONFLICT
        except Refusal as problem:
            refusal = problem
            stale = _outcomes(request, versions or {})
            status = HTTPStatus.CONFLICT if versions else HTTPStatus.BAD_REQUEST
        else:
            number = "1 report is" if len(approved) == 1 else f"{len(approved)} reports are"
            messages.success(request, f"Approved: {number} approved.")
            return HttpResponseRedirect(request.get_full_path())
    state, tabs, found = _listing(request)
    timeliness = _timeliness(list(found.page))
    context = {
        "tabs": tabs,
        "state": state,
        "rows": [_row(request, update, timeliness, ticked, stale) for update in found.page],
        "refusal": refusal,
        "advice": advice,
        "stale": stale,
    }
    return browsing.show(
        request,
        found,
        page="workplan/secretariat/review.html",
        part="workplan/partials/_review_queue.html",
        context=context,
        status=status,
    )


def _listing(request: HttpRequest) -> tuple[str, list[Tab], Listing]:
    """The state that is looked at, the numbers of all states, and a page of the reports in it."""
    rows = StatusUpdate.objects.visible_to(request.user)
    if "round" not in request.GET:
        # Whatever still waits, and otherwise what belongs to now.
        current = ReportingRound.objects.current().values("pk")
        between = Q(round=None, state=rules.DRAFT)
        rows = rows.filter(Q(state=rules.SUBMITTED) | Q(round__in=current) | between)
    filterset = UpdateFilterSet(
        request.GET, queryset=_for_queue(rows).with_part_of(request.user), request=request, also_allowed=PAGING
    )
    problems = filterset.problems()
    page_number, page_size = browsing._paging(request.GET, problems)
    states = filterset.form.cleaned_data.get("state") if not problems else None
    state = states[0] if states else rules.SUBMITTED
    wanted = rows.none()
    tabs: list[Tab] = []
    facets: list[Facet] = []
    if not problems:
        wanted = filterset.qs.filter(state__in=states or [state]).with_blockers()
        if not filterset.form.cleaned_data.get("ordering"):
            wanted = wanted.order_by(*ORDER[state])
        tabs = _tabs(filterset, states or [state])
        facets = _facets(filterset, states or [state])
    page = Paginator(wanted, page_size).get_page(page_number)
    return state, tabs, Listing(filterset, problems, page, facets, _chips(filterset), filterset.data)  # type: ignore[arg-type]


def _for_queue(rows: Any) -> Any:
    """The reports with all that a row of the queue shows, in a fixed number of queries."""
    parts = Responsibility.objects.select_related("body").order_by("position", "id")
    return rows.select_related("activity__plan", "body", "round").prefetch_related(
        Prefetch("activity__responsibilities", parts),
        Prefetch("concurrences", Concurrence.objects.select_related("body")),
    )


def _tabs(filterset: UpdateFilterSet, states: list[str]) -> list[Tab]:
    counts = _counts(filterset.rows_without("state"), "state")
    found = []
    for value in (rules.SUBMITTED, rules.RETURNED, rules.DRAFT, rules.APPROVED):
        query = _without(filterset.data, "page", "ordering")
        query["state"] = value
        found.append(Tab(rules.REPORT_STATES[value], counts[value], f"?{query.urlencode()}", states == [value]))
    return found


def _facets(filterset: UpdateFilterSet, states: list[str]) -> list[Facet]:
    """What can be chosen, with how many reports each choice would show."""
    chosen = {name: set(filterset.data.getlist(name)) for name in filterset.filters}
    chosen["section"] = set(filterset.form.cleaned_data["section"])
    chosen["round"] = {reporting_round.code for reporting_round in filterset.form.cleaned_data["round"]}

    def rows(name: str) -> Any:
        return filterset.rows_without(name, "state").filter(state__in=states)

    bodies = _counts(rows("body"), "body")
    named = {body.acronym for body in filterset.form.cleaned_data["body"]}
    sections = _counts(rows("section"), "activity__area__provision__section__ref")
    titles = dict(Section.objects.order_by("-plan__is_current", "plan", "position").values_list("ref", "text")[:100])
    rounds = _counts(rows("round"), "round__code")
    known_rounds = ReportingRound.objects.exclude(state=rules.PLANNED).order_by("-period_start", "-pk")
    facets = [
        Facet(
            "body",
            "Body that reports",
            [
                Choice(body.acronym, body.acronym, bodies[body.pk], body.acronym in named, body.name)
                for body in SectoralBody.objects.all()
                if bodies[body.pk] or body.acronym in named
            ],
        ),
        Facet(
            "section",
            "Section",
            [Choice(ref, text, sections[ref], ref in chosen["section"]) for ref, text in sorted(titles.items())],
        ),
        Facet(
            "round",
            "Round",
            [
                Choice(code, name, rounds[code], code in chosen["round"])
                for code, name in dict(known_rounds.values_list("code", "name")).items()
            ],
        ),
    ]
    for name, label, vocabulary in (
        ("status", "Status reported", rules.STATUSES),
        ("kind", "Kind", rules.UPDATE_KINDS),
    ):
        counts = _counts(rows(name), name)
        facets.append(
            Facet(
                name,
                label,
                [
                    Choice(term.value, term.label, counts[term.value], term.value in chosen[name], term.meaning)
                    for term in vocabulary
                ],
            )
        )
    return [facet for facet in facets if facet.choices]


def _counts(rows: Any, column: str) -> Counter[Any]:
    plain = rows.select_related(None).prefetch_related(None).order_by()
    return Counter(dict(plain.values_list(column).annotate(number=Count("pk"))))


LABELS = {"q": "Keyword", "updated_since": "Changed since", "status": "Status", "kind": "Kind"}
WORDS = {"status": rules.STATUSES, "kind": rules.UPDATE_KINDS}


def _chips(filterset: UpdateFilterSet) -> list[Chip]:
    """What the reports are being filtered by; the state is a tab."""
    found = []
    query = _without(filterset.data, "page")
    for name, values in query.lists():
        if name not in filterset.filters or name in ("ordering", "state"):
            continue
        for value in values:
            shown = WORDS[name].label(value) if value in WORDS.get(name, ()) else value
            without = browsing._without(query, name, value=str(value)).urlencode()
            found.append(Chip(f"{LABELS.get(name, name.capitalize())}: {shown}", f"?{without}"))
    return found


def _without(query: QueryDict, *names: str) -> QueryDict:
    left = query.copy()
    for name in names:
        left.pop(name, None)
    return left


def _timeliness(updates: list[StatusUpdate]) -> dict[int, str]:
    """For each report whether it is late, or overdue where it is not submitted: in one query."""
    due: Any = Obligation.objects.filter(
        round=OuterRef("round"), activity=OuterRef("activity"), body=OuterRef("body")
    ).with_timeliness()
    rows = StatusUpdate.objects.filter(pk__in=[update.pk for update in updates])
    return dict(rows.order_by().annotate(timely=Subquery(due.values("timeliness")[:1])).values_list("pk", "timely"))


def _row(
    request: HttpRequest, update: StatusUpdate, timeliness: dict[int, str], ticked: set[int], stale: dict[int, str]
) -> Row:
    waited = None
    if update.state == rules.SUBMITTED and update.submitted_at:
        waited = (secretariat_day() - secretariat_day(update.submitted_at)).days
    may_approve = "approve" in permissions.allowed_actions(request.user, update)
    how = timeliness.get(update.pk) or ""
    return Row(
        update=update,
        waited=waited,
        timeliness=how if how in ("late", "overdue") else "",
        may_approve=may_approve,
        refused="" if may_approve else permissions.refused_actions(request.user, update).get("approve", ""),
        concurrence_statuses=concurrence_statuses(update),
        chosen=update.pk in ticked and update.pk not in stale,
        changed=stale.get(update.pk, ""),
        advice=rules.advice_on_day(update.as_of, update.activity.status_as_of)
        if may_approve and update.brings_new_date
        else "",
    )


def _outcomes(request: HttpRequest, versions: dict[int, int]) -> dict[int, str]:
    """Which of the chosen reports kept the others from being approved, and why, in words."""
    found: dict[int, str] = {}
    if len(versions) > MOST_AT_ONCE:
        return found
    known = _for_queue(StatusUpdate.objects.visible_to(request.user).filter(pk__in=versions)).prefetch_related(
        "reviews"
    )
    for update in known.order_by("activity__position", "pk"):
        name = f"{update.activity.ref} ({update.reported_by})"
        if update.state != rules.SUBMITTED:
            last = next(reversed(update.reviews.all()), None)
            who = f", by {last.reviewer_name}" if last else ""
            found[update.pk] = f"{name} is now {rules.REPORT_STATES.label(update.state).lower()}{who}."
        elif update.version != versions[update.pk]:
            found[update.pk] = f"{name} has been resubmitted since you read it."
        elif not permissions.may(request.user, "approve", update):
            found[update.pk] = f"{name}: you took part in it, so a colleague has to approve it."
    return found
