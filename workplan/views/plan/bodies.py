"""Sectoral bodies and the activities of each."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from workplan import rules
from workplan.columns import COLUMNS
from workplan.history import events
from workplan.models import Activity, ReportingRound, SectoralBody, WorkPlan
from workplan.monitoring import completion, summary
from workplan.querysets import fold_spelling
from workplan.views.browsing import filtered
from workplan.views.monitoring.as_of import AsOfSelection


def browse(request: HttpRequest, code: str) -> HttpResponse:
    """All bodies with their numbers as lead and as cooperating, and how far they are in the current round."""
    plan = get_object_or_404(WorkPlan, code=code)
    filterset = filtered(request, Activity.objects.visible_to(request.user).filter(plan=plan))
    problems = filterset.problems()
    as_of_selection = AsOfSelection.of(filterset)
    rows = filterset.qs if not problems else filterset.queryset.none()
    bodies = summary.tally_by_body(rows, SectoralBody.objects.all())
    # Reports due and submitted are known for today only.
    current = ReportingRound.objects.visible_to(request.user).current().for_display().filter(plan=plan)
    found = completion.of_rounds(current, request.user) if not as_of_selection.moment else []
    one = found[0] if found else None
    context = {
        "plan": plan,
        "bodies": [(entry, one.of_body(entry.body) if one else None) for entry in bodies],
        "round": one.round if one else None,
        "states": completion.states_for(request.user, *current),
        "problems": problems,
        "filterset": filterset,
        "as_of_selection": as_of_selection,
    }
    return render(request, "workplan/plan/bodies.html", context, status=400 if problems else 200)


def detail(request: HttpRequest, code: str, acronym: str) -> HttpResponse:
    """One body with its activities by role. Any spelling of its name leads here."""
    plan = get_object_or_404(WorkPlan, code=code)
    body = SectoralBody.objects.by_spelling().get(fold_spelling(acronym))
    if body is None:
        raise Http404
    if body.acronym != acronym:
        return redirect("body", plan.code, body.acronym, permanent=True)
    filterset = filtered(
        request, Activity.objects.visible_to(request.user).filter(plan=plan), also_allowed=("timeline",)
    )
    problems = filterset.problems()
    as_of_selection = AsOfSelection.of(filterset)
    rows = filterset.qs if not problems else filterset.queryset.none()
    roles = [(role, rows.involving([body], role.value).for_display()) for role in rules.ROLES]
    opened = ReportingRound.objects.visible_to(request.user).for_display().filter(plan=plan)
    found = completion.of_rounds(opened.exclude(state=rules.PLANNED), request.user, [body])
    context = {
        "plan": plan,
        "body": body,
        "completions": [(one.round, counts) for one in found if (counts := one.of_body(body))],
        "figures": completion.figures_for(request.user, *(one.round for one in found)),
        "states": completion.states_for(request.user, *(one.round for one in found)),
        "tally": summary.tally_by_body(rows, [body])[0],
        "pillar": rules.PILLARS[body.pillar],
        "roles": roles,
        "columns": COLUMNS,
        "timeline": events.of_body(body, plan, request.user, request.GET.get("timeline", "")),
        "problems": problems,
        "filterset": filterset,
        "as_of_selection": as_of_selection,
    }
    return render(request, "workplan/plan/body.html", context, status=400 if problems else 200)
