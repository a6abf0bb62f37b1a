"""Activities: the list, one of them, and the list as a file."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from workplan import completion, permissions, questions, timelines
from workplan.columns import COLUMNS
from workplan.exports import csv
from workplan.models import Activity, WorkPlan
from workplan.turns import Turns
from workplan.views.browsing import PAGING, filtered, listing, show
from workplan.views.looking_back import LookingBack


def browse(request: HttpRequest, code: str) -> HttpResponse:
    """The activities that the filters leave, a page at a time."""
    plan = get_object_or_404(WorkPlan, code=code)
    rows = Activity.objects.visible_to(request.user).for_display().filter(plan=plan)
    found = listing(request, rows, plan)
    return show(
        request,
        found,
        page="workplan/activities.html",
        part="workplan/partials/_browse.html",
        context={"plan": plan, "columns": COLUMNS, "looking_back": LookingBack.of(found.filterset)},
    )


def as_csv(request: HttpRequest, code: str) -> HttpResponse | StreamingHttpResponse:
    """Exactly the activities that the same filters show on the page, in the same order."""
    plan = get_object_or_404(WorkPlan, code=code)
    rows = Activity.objects.visible_to(request.user).for_display().filter(plan=plan)
    filterset = filtered(request, rows, besides=PAGING)
    if not filterset.is_valid():
        context = {"plan": plan, "problems": filterset.problems()}
        return render(request, "workplan/bad_filter.html", context, status=400)
    response = StreamingHttpResponse(csv.lines(filterset.qs), content_type="text/csv; charset=utf-8")
    name = f"{plan.code}-activities-{timezone.localdate():%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def one(request: HttpRequest, code: str, ref: str) -> HttpResponse:
    """Everything known about one activity."""
    turns = Turns(request.user)
    rows = turns.beside(Activity.objects.visible_to(request.user).for_display())
    activity = get_object_or_404(rows, plan__code=code, ref=ref)
    in_plan = Activity.objects.visible_to(request.user).filter(plan=activity.plan)
    published = set(activity.updates.published().values_list("pk", flat=True))
    updates = list(activity.updates.visible_to(request.user).for_display())
    owed = completion.shown_to(activity.obligations.in_current_rounds(), request.user).select_related(
        "round__plan", "body"
    )
    areas = [*activity.area.ancestors(), activity.area]
    context = {
        "plan": activity.plan,
        "activity": activity,
        "areas": areas,
        "above": [
            {"kind": record._meta.verbose_name.capitalize(), "record": record}
            for record in (*reversed(areas), activity.area.provision)
        ],
        "updates": [update for update in updates if update.pk in published],
        "underway": [update for update in updates if update.pk not in published],
        "owed": list(owed.select_related("round__plan", "body").order_by("body__position", "pk")),
        "questions": questions.of_activity(activity, request.user),
        "timeline": timelines.of_activity(activity, request.user, request.GET.get("timeline", "")),
        "previous": in_plan.filter(position__lt=activity.position).order_by("-position").first(),
        "next": in_plan.filter(position__gt=activity.position).order_by("position").first(),
        "allowed": permissions.allowed_activity_actions(request.user, activity, turns),
    }
    return render(request, "workplan/activity.html", context)
