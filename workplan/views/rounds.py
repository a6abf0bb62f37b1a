"""Reporting rounds: all of a plan, one of them, and who has reported."""

from http import HTTPStatus

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from workplan import completion, permissions, rules, timelines
from workplan.exports import completion as files
from workplan.exports.xlsx import XLSX
from workplan.filters.rounds import OwedFilterSet
from workplan.models import LateException, ReportingRound, WorkPlan
from workplan.views.round_deeds import edit, exception, find_round, move, new, plan_all

__all__ = ["browse", "completion_file", "edit", "exception", "move", "new", "one", "plan_all"]

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
        "states": completion.states_for(request.user),
        "figures": completion.figures_for(request.user),
        "may_manage": permissions.can_manage_rounds(request.user),
    }
    return render(request, "workplan/rounds.html", context)


def one(request: HttpRequest, code: str, round_code: str) -> HttpResponse:
    """One round: what it asks for, who has reported, and each report, filtered."""
    the_round = find_round(request, code, round_code)
    found = completion.of_round(the_round, request.user)
    owed = completion.reports_of(the_round, request.user)
    filterset = OwedFilterSet(request.GET, queryset=owed, request=request, besides=("page", "timeline"))
    problems = filterset.problems()
    pages = Paginator(filterset.qs if not problems else owed.none(), PAGE_SIZE)
    page = request.GET.get("page", "1")
    if not page.isascii() or not page.isdigit() or not 1 <= int(page[:9]) <= MOST_PAGES:
        problems = {**problems, "page": ["Give the number of a page, from 1."]}
        page = "1"
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "plan": the_round.plan,
        "round": the_round,
        "one": found,
        "states": completion.states_for(request.user),
        "figures": completion.figures_for(request.user),
        "facts": facts(the_round),
        "allowed": permissions.allowed_round_actions(request.user, the_round),
        "exceptions": exceptions_seen(the_round, request),
        "sees_progress": permissions.can_see_progress(request.user),
        "problems": problems,
        "page": pages.get_page(page),
        "query": query.urlencode(),
        "chosen": {name: query.getlist(name) for name in OwedFilterSet.base_filters},
        "is_filtered": any(query.getlist(name) for name in OwedFilterSet.base_filters),
        "timeliness": rules.TIMELINESS,
        "timeline": timelines.of_round(the_round, request.user, request.GET.get("timeline", "")),
    }
    status = HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK
    return render(request, "workplan/round.html", context, status=status)


def completion_file(
    request: HttpRequest, code: str, ending: str, round_code: str = ""
) -> HttpResponse | StreamingHttpResponse:
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
    parts = [plan.code, round_code, "completion", f"{timezone.localdate():%Y-%m-%d}"]
    name = f"{'-'.join(part for part in parts if part)}.{ending}"
    response: HttpResponse | StreamingHttpResponse
    if ending == "csv":
        response = StreamingHttpResponse(files.as_csv(found, request.user), content_type="text/csv; charset=utf-8")
    elif round_code:
        response = HttpResponse(files.of_round(found[0], request.user), content_type=XLSX)
    else:
        book = files.of_rounds(found, request.user, title=f"{plan.title}: who has reported")
        response = HttpResponse(book, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def facts(the_round: ReportingRound) -> list[tuple[str, str]]:
    """What the round asks for and under which rules, in words."""
    days = the_round.due_soon_days
    silence = "Silence means nothing: a joint lead concurs only by saying so."
    if the_round.silence_days:
        silence = (
            f"A joint lead that says nothing for {_days(the_round.silence_days)} after a report is submitted "
            "is taken to concur."
        )
    return [
        ("Kind", rules.ROUND_KINDS[the_round.kind].meaning),
        ("Due soon", f"Reports count as due soon {_days(days)} before their date." if days else "Not used."),
        ("Silence rule", silence),
        ("Publication", rules.PUBLICATIONS[the_round.publication].meaning),
    ]


def exceptions_seen(the_round: ReportingRound, request: HttpRequest) -> list[tuple[LateException, bool]]:
    """The late exceptions, for those who take part; each with whether its reason is for this reader."""
    if not permissions.can_see_progress(request.user):
        return []
    is_secretariat = permissions.can_manage_rounds(request.user)
    own = permissions.bodies_of(request.user)
    given = the_round.exceptions.select_related("body").order_by("body__position")
    return [(one, is_secretariat or one.body in own) for one in given]


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
