"""Activities: the list, one of them, and the list as a file."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render

from workplan import permissions, rules
from workplan.columns import COLUMNS
from workplan.exports import csv
from workplan.exports.attachments import attachment
from workplan.exports.rows import CHUNK
from workplan.history import events
from workplan.models import Activity, WorkPlan
from workplan.monitoring import open_questions
from workplan.querysets.days import secretariat_day
from workplan.querysets.reporting_windows import ReportingWindows
from workplan.views.browsing import PAGING, filtered, listing, show
from workplan.views.monitoring.as_of import AsOfSelection


def browse(request: HttpRequest, code: str) -> HttpResponse:
    """The activities that the filters leave, a page at a time."""
    plan = get_object_or_404(WorkPlan, code=code)
    rows = Activity.objects.visible_to(request.user).for_display().filter(plan=plan)
    found = listing(request, rows, plan)
    return show(
        request,
        found,
        page="workplan/plan/activities.html",
        part="workplan/partials/_browse.html",
        context={"plan": plan, "columns": COLUMNS, "as_of_selection": AsOfSelection.of(found.filterset)},
    )


def as_csv(request: HttpRequest, code: str) -> HttpResponseBase:
    """Exactly the activities that the same filters show on the page, in the same order."""
    plan = get_object_or_404(WorkPlan, code=code)
    rows = Activity.objects.visible_to(request.user).for_display().filter(plan=plan)
    filterset = filtered(request, rows, also_allowed=PAGING)
    if not filterset.is_valid():
        context = {"plan": plan, "problems": filterset.problems()}
        return render(request, "workplan/bad_filter.html", context, status=400)
    lines = csv.lines(filterset.qs.iterator(chunk_size=CHUNK))
    return attachment(lines, f"{plan.code}-activities-{secretariat_day():%Y-%m-%d}.csv")


def detail(request: HttpRequest, code: str, ref: str) -> HttpResponse:
    """One activity with its history, reports and source."""
    reporting_windows = ReportingWindows(request.user)
    rows = reporting_windows.with_reports(Activity.objects.visible_to(request.user).for_display())
    activity = get_object_or_404(rows, plan__code=code, ref=ref)
    in_plan = Activity.objects.visible_to(request.user).filter(plan=activity.plan)
    published = list(activity.updates.published().latest_first().values_list("pk", flat=True))
    updates = list(activity.updates.visible_to(request.user).for_display())
    due = activity.obligations.in_current_rounds().shown_to(request.user).select_related("round__plan", "body")
    areas = [*activity.area.ancestors(), activity.area]
    context = {
        "plan": activity.plan,
        "activity": activity,
        "areas": areas,
        "above": [
            {"kind": record._meta.verbose_name.capitalize(), "record": record}
            for record in (*reversed(areas), activity.area.provision)
        ],
        "updates": _as_corrected(updates, published, request.user),
        "to_correct": _to_correct(updates, reporting_windows, activity),
        "underway": [update for update in updates if update.pk not in published],
        "due_reports": list(due.select_related("round__plan", "body").order_by("body__position", "pk")),
        "questions": open_questions.of_activity(activity, request.user),
        "timeline": events.of_activity(activity, request.user, request.GET.get("timeline", "")),
        "previous": in_plan.filter(position__lt=activity.position).order_by("-position").first(),
        "next": in_plan.filter(position__gt=activity.position).order_by("position").first(),
        "allowed": permissions.allowed_activity_actions(request.user, activity, reporting_windows),
    }
    return render(request, "workplan/plan/activity.html", context)


def _as_corrected(updates: list[Any], published: list[int], user: Any) -> list[Any]:
    """The published reports as they stand, the latest first, each with what stood in its place before.

    Args:
        updates: the reports that the reader may see.
        published: the ids of those that everybody may, the one first that counts last.
    """
    places: dict[int, list[Any]] = {}
    by_pk = {update.pk: update for update in updates}
    for pk in published:
        update = by_pk[pk]
        places.setdefault(update.corrects_id or update.pk, []).append(update)
    for update, *earlier in places.values():
        update.earlier = earlier
        update.may_be_corrected = "correct" in permissions.allowed_actions(user, update)
    return [versions[0] for versions in places.values()]


def _to_correct(updates: list[Any], reporting_windows: ReportingWindows, activity: Activity) -> Any:
    """The approved report of the present round that a body of the reader can correct, as it stands."""
    reported = [
        update
        for update in updates
        if update.state == rules.APPROVED and "correct" in permissions.allowed_actions(reporting_windows.user, update)
    ]
    current = {one.pk for one in reporting_windows.rounds_of(activity)}
    return next((update for update in reported if update.round_id in current), None)
