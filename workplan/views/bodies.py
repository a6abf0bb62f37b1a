"""Sectoral bodies and what each of them carries."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from workplan import rules, summary
from workplan.columns import COLUMNS
from workplan.models import Activity, SectoralBody, WorkPlan
from workplan.querysets import fold_spelling


def browse(request: HttpRequest, code: str) -> HttpResponse:
    """All bodies with their numbers as lead and as cooperating."""
    plan = get_object_or_404(WorkPlan, code=code)
    rows = Activity.objects.visible_to(request.user).filter(plan=plan)
    bodies = summary.tally_by_body(rows, SectoralBody.objects.all())
    return render(request, "workplan/bodies.html", {"plan": plan, "bodies": bodies})


def one(request: HttpRequest, code: str, acronym: str) -> HttpResponse:
    """One body with its activities by role. Any spelling of its name leads here."""
    plan = get_object_or_404(WorkPlan, code=code)
    body = SectoralBody.objects.by_spelling().get(fold_spelling(acronym))
    if body is None:
        raise Http404
    if body.acronym != acronym:
        return redirect("body", plan.code, body.acronym, permanent=True)
    rows = Activity.objects.visible_to(request.user).filter(plan=plan)
    roles = [(role, rows.involving([body], role.value).for_display()) for role in rules.ROLES]
    context = {
        "plan": plan,
        "body": body,
        "tally": summary.tally_by_body(rows, [body])[0],
        "pillar": rules.PILLARS[body.pillar],
        "roles": roles,
        "columns": COLUMNS,
    }
    return render(request, "workplan/body.html", context)
