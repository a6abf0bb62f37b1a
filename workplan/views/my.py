"""A focal point's own activities."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from workplan import permissions, rules
from workplan.columns import COLUMNS
from workplan.models import Activity, WorkPlan
from workplan.views.browsing import listing, show


@login_required
def activities(request: HttpRequest) -> HttpResponse:
    """The activities of the person's bodies, split by lead and cooperating."""
    plan = WorkPlan.objects.current()
    bodies = permissions.bodies_of(request.user)
    if plan is None or not bodies:
        return render(request, "workplan/my_none.html", {"plan": plan})
    mine = Activity.objects.visible_to(request.user).filter(plan=plan).involving(bodies).for_display()
    found = listing(request, mine, plan, bodies=bodies)
    rows = found.filterset.qs if not found.problems else mine.none()
    led = set(rows.led_by(bodies).order_by().values_list("pk", flat=True))
    groups = [
        (rules.ROLES[rules.LEAD], len(led), [row for row in found.page if row.pk in led]),
        (rules.ROLES[rules.COOPERATING], found.number - len(led), [row for row in found.page if row.pk not in led]),
    ]
    return show(
        request,
        found,
        page="workplan/my.html",
        part="workplan/partials/_my.html",
        context={"plan": plan, "bodies": bodies, "groups": groups, "columns": COLUMNS},
    )


def report_alike(request: HttpRequest) -> HttpResponse:
    raise Http404
