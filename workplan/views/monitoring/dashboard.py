"""The dashboard of a plan: implementation status, overdue and non-reporting, coverage by body, and the trend."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from workplan.filters import ActivityFilterSet
from workplan.models import Activity, SectoralBody, WorkPlan
from workplan.monitoring import dashboard
from workplan.views.browsing import chips, filtered
from workplan.views.monitoring.as_of import AsOfSelection

# What the page has controls for; all other filters of an address are kept.
OFFERED = ("section", "body")


def show(request: HttpRequest, code: str) -> HttpResponse:
    """The figures of the activities that the filters leave, now or as of a day."""
    plan = get_object_or_404(WorkPlan, code=code)
    filterset = filtered(request, Activity.objects.visible_to(request.user).filter(plan=plan))
    problems = filterset.problems()
    context = {
        "plan": plan,
        "problems": problems,
        "dashboard": dashboard.of_plan(plan, filterset, request.user) if not problems else None,
        "as_of_selection": AsOfSelection.of(filterset),
        "chips": chips(filterset),
        "figures": {
            "total": dashboard.TOTAL,
            "non_reporting": dashboard.NON_REPORTING,
            "asked": dashboard.ASKED,
            "without_lead": dashboard.WITHOUT_LEAD,
        },
        "query": filterset.data.urlencode(),
        **offered(plan, filterset),
    }
    return render(request, "workplan/monitoring/dashboard.html", context, status=400 if problems else 200)


def offered(plan: WorkPlan, filterset: ActivityFilterSet) -> dict[str, Any]:
    """What the filter form offers, each choice with whether it is chosen, and what it hands on."""
    chosen = {name: filterset.form.cleaned_data.get(name) or [] for name in OFFERED}
    return {
        "section_choices": [(one, one.ref in chosen["section"]) for one in plan.sections.order_by("position")],
        "body_choices": [(one, one in chosen["body"]) for one in SectoralBody.objects.all()],
        "carried": [(name, values) for name, values in filterset.data.lists() if name not in (*OFFERED, "page")],
    }
