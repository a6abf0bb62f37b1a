"""Reporting rounds: all of a plan, one of them, and who has reported."""

from http import HTTPStatus
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render

from workplan import permissions, rules
from workplan.exports import completion as files
from workplan.exports.attachments import attachment
from workplan.filters.rounds import DueReportFilterSet
from workplan.history import events
from workplan.models import AuditEntry, LateException, ReportingRound, SectoralBody, WorkPlan
from workplan.monitoring import completion
from workplan.querysets.days import secretariat_day
from workplan.views.secretariat.round_actions import change_state, edit, find_round, new, plan_all

__all__ = ["browse", "change_state", "completion_file", "detail", "edit", "new", "plan_all"]

PAGE_SIZE = 100
MOST_PAGES = 1_000_000


def browse(request: HttpRequest, code: str) -> HttpResponse:
    """All rounds of the plan, and who has reported in those that were opened."""
    plan = get_object_or_404(WorkPlan, code=code)
    rounds = list(ReportingRound.objects.visible_to(request.user).for_display().filter(plan=plan))
    found = completion.of_rounds([one for one in rounds if one.state != rules.PLANNED], request.user)
    by_round = {one.round.pk: one for one in found}
    context = {
        "plan": plan,
        "rounds": [(one, by_round.get(one.pk)) for one in rounds],
        "found": found,
        "rows": [(body, [(one, one.of_body(body)) for one in found]) for body in completion.bodies_in(found)],
        "states": completion.states_for(request.user, *(one.round for one in found)),
        "figures": completion.figures_for(request.user, *(one.round for one in found)),
        "may_manage": permissions.can_manage_rounds(request.user),
    }
    return render(request, "workplan/secretariat/rounds.html", context)


def detail(request: HttpRequest, code: str, round_code: str) -> HttpResponse:
    """One round: what it asks for, who has reported, and each report, filtered."""
    reporting_round = find_round(request, code, round_code)
    found = completion.of_round(reporting_round, request.user)
    exceptions = exceptions_seen(reporting_round, request)
    due = completion.reports_of(reporting_round, request.user)
    filterset = DueReportFilterSet(request.GET, queryset=due, request=request, also_allowed=("page", "timeline"))
    problems = filterset.problems()
    pages = Paginator(filterset.qs if not problems else due.none(), PAGE_SIZE)
    page = request.GET.get("page", "1")
    if not page.isascii() or not page.isdigit() or not 1 <= int(page[:9]) <= MOST_PAGES:
        problems = {**problems, "page": ["Give the number of a page, from 1."]}
        page = "1"
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "plan": reporting_round.plan,
        "round": reporting_round,
        "one": found,
        "states": completion.states_for(request.user, reporting_round),
        "figures": completion.figures_for(request.user, reporting_round),
        "not_published": why_not_published(reporting_round, request.user),
        "facts": facts(reporting_round),
        "allowed": permissions.allowed_round_actions(request.user, reporting_round),
        "exceptions": exceptions,
        "workbooks": workbook_bodies(reporting_round, found, exceptions, request),
        "sees_progress": permissions.can_see_progress(request.user),
        "problems": problems,
        "page": pages.get_page(page),
        "query": query.urlencode(),
        "chosen": {name: query.getlist(name) for name in DueReportFilterSet.base_filters},
        "is_filtered": any(query.getlist(name) for name in DueReportFilterSet.base_filters),
        "timeliness": rules.TIMELINESS,
        "timeline": events.of_round(reporting_round, request.user, request.GET.get("timeline", "")),
    }
    status = HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK
    return render(request, "workplan/secretariat/round.html", context, status=status)


def completion_file(request: HttpRequest, code: str, ending: str, round_code: str = "") -> HttpResponseBase:
    """The figures of the page as a file: of one round, or of all that were opened."""
    if ending not in ("csv", "xlsx"):
        raise Http404
    if round_code:
        rounds = [find_round(request, code, round_code)]
        plan = rounds[0].plan
    else:
        plan = get_object_or_404(WorkPlan, code=code)
        shown = ReportingRound.objects.visible_to(request.user).for_display().filter(plan=plan)
        rounds = list(shown.exclude(state=rules.PLANNED))
    found = completion.of_rounds(rounds, request.user)
    parts = [plan.code, round_code, "completion", f"{secretariat_day():%Y-%m-%d}"]
    name = f"{'-'.join(part for part in parts if part)}.{ending}"
    if ending == "csv":
        return attachment(files.as_csv(found, request.user), name)
    if round_code:
        return attachment(files.of_round(found[0], request.user), name)
    return attachment(files.of_rounds(found, request.user, title=f"{plan.title}: who has reported"), name)


def facts(reporting_round: ReportingRound) -> list[tuple[str, str]]:
    """What the round asks for and under which rules, in words."""
    days = reporting_round.due_soon_days
    silence = "Silence means nothing: a joint lead concurs only by saying so."
    if reporting_round.silence_days:
        silence = (
            f"A joint lead that says nothing for {_days(reporting_round.silence_days)} after a report is submitted "
            "is taken to concur."
        )
    return [
        ("Kind", rules.ROUND_KINDS[reporting_round.kind].meaning),
        ("Due soon", f"Reports count as due soon {_days(days)} before their date." if days else "Not used."),
        ("Silence rule", silence),
        ("Publication", rules.PUBLICATIONS[reporting_round.publication].meaning),
        (
            "Asks about",
            "Every activity, completed and cancelled ones, too."
            if reporting_round.asks_for_all
            else "Activities that go on: on completed and cancelled ones nothing is due, unless they are reopened.",
        ),
    ]


def why_not_published(reporting_round: ReportingRound, user: Any) -> str:
    """Why the round was not published on the day set for it, where that is the last that happened to it."""
    if not permissions.can_manage_rounds(user) or reporting_round.state == rules.PUBLISHED:
        return ""
    last = AuditEntry.objects.filter(round=reporting_round, record_type="reportinground").order_by("-pk").first()
    return last.reason if last and last.action == "round.not_published" else ""


def exceptions_seen(reporting_round: ReportingRound, request: HttpRequest) -> list[tuple[LateException, bool]]:
    """The late exceptions, for those who take part; each with whether its reason is for this reader."""
    if not permissions.can_see_progress(request.user):
        return []
    is_secretariat = permissions.can_manage_rounds(request.user)
    own = permissions.bodies_of(request.user)
    given = reporting_round.exceptions.select_related("body").order_by("body__position")
    return [(one, is_secretariat or one.body in own) for one in given]


def workbook_bodies(
    reporting_round: ReportingRound,
    found: completion.Completion,
    exceptions: list[tuple[LateException, bool]],
    request: HttpRequest,
) -> list[SectoralBody]:
    """The bodies whose workbook this reader may download and send, because the round takes their reports now."""
    if reporting_round.state not in (rules.OPEN, rules.CLOSED):
        return []
    more_time = {one.body_id for one, _ in exceptions if one.until >= secretariat_day()}
    return [
        body
        for body, _ in found.bodies
        if body is not None
        and permissions.can_use_workbook(request.user, body)
        and (reporting_round.state == rules.OPEN or body.pk in more_time)
    ]


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
