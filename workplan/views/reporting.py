"""Recording a status, on one activity or on several at once."""

import re
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from workplan import permissions, rules
from workplan.actions import Actor, record_status, record_status_of_many
from workplan.actions.reporting import MOST_AT_ONCE
from workplan.exceptions import Refusal, Stale
from workplan.forms import EvidenceFormSet, UpdateForm
from workplan.models import Activity, WorkPlan
from workplan.views.browsing import PAGING, filtered

PREFIX = "evidence"


@login_required
@require_http_methods(["GET", "POST"])
def update(request: HttpRequest, code: str, ref: str) -> HttpResponse:
    """The form that records a status on one activity."""
    activity = get_object_or_404(Activity.objects.visible_to(request.user).for_display(), plan__code=code, ref=ref)
    if not permissions.can_record_status(request.user, activity):
        raise PermissionDenied("Only the secretariat can record a status.")
    # "Not reported" is no choice to begin with; every other status may well go on.
    form, links = _forms(request, {} if activity.status == rules.NOT_REPORTED else {"status": activity.status})
    version, status, conflict = activity.version, HTTPStatus.OK, None
    if request.method == "POST":
        seen = _number(request.POST.get("version"))
        status = HTTPStatus.BAD_REQUEST
        if seen is None:
            form.add_error(None, "The form was sent without the version it was opened with. Send it again.")
        elif "more" in request.POST:
            form, links, version, status = *_with_more_links(request), seen, HTTPStatus.OK
        elif form.is_valid() & links.is_valid():
            try:
                record_status(activity=activity, version=seen, report=form.report(links), by=Actor.of(request, "page"))
            except Stale as refusal:
                conflict, status = refusal, HTTPStatus.CONFLICT
            except Refusal as refusal:
                form.show(refusal)
                version = seen
            else:
                label = rules.STATUSES.label(form.cleaned_data["status"])
                messages.success(request, f"Recorded: {activity.ref} is “{label}”.")
                return redirect(activity)
        else:
            version = seen
    context = {
        "plan": activity.plan,
        "activity": activity,
        "version": version,
        "form": form,
        "links": links,
        # Once shown, the other version stays beside the form until something is recorded.
        "conflict": conflict or "conflict" in request.POST,
    }
    return render(request, "workplan/update.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def update_many(request: HttpRequest, code: str) -> HttpResponse:
    """The form that records one status on several activities: all of them, or none.

    The activities are those that the filters in the address choose; the form then carries
    each with the version that the person has seen.
    """
    plan = get_object_or_404(WorkPlan, code=code)
    if not permissions.can_record_status(request.user):
        raise PermissionDenied("Only the secretariat can record a status.")
    rows = Activity.objects.visible_to(request.user).for_display().filter(plan=plan)
    form, links = _forms(request, {})
    status, conflict = HTTPStatus.OK, None
    if request.method == "POST":
        status = HTTPStatus.BAD_REQUEST
        versions = _versions(request.POST.getlist("activity"))
        if versions is None:
            form.add_error(None, "The list of activities in the form cannot be read. Choose them again.")
        elif "more" in request.POST:
            form, links, status = *_with_more_links(request), HTTPStatus.OK
        elif form.is_valid() & links.is_valid():
            try:
                updates = record_status_of_many(
                    versions=versions, report=form.report(links), by=Actor.of(request, "bulk")
                )
            except Stale as refusal:
                conflict, status = refusal, HTTPStatus.CONFLICT
            except Refusal as refusal:
                form.show(refusal)
            else:
                label = rules.STATUSES.label(form.cleaned_data["status"])
                number = "1 activity is" if len(updates) == 1 else f"{len(updates)} activities are"
                messages.success(request, f"Recorded: {number} “{label}”.")
                return HttpResponseRedirect(_way_back(request, plan))
        activities = list(rows.filter(pk__in=versions or {}))
        # After a conflict the newer versions stand on the page, so sending again is a decision made with them in view.
        if versions and conflict is None:
            for activity in activities:
                activity.version = versions[activity.pk]
    else:
        filterset = filtered(request, rows, besides=(*PAGING, "next"))
        if not filterset.is_valid():
            context = {"plan": plan, "problems": filterset.problems()}
            return render(request, "workplan/bad_filter.html", context, status=HTTPStatus.BAD_REQUEST)
        activities = list(filterset.qs[: MOST_AT_ONCE + 1]) if filterset.chosen else []
    context = {
        "plan": plan,
        "activities": activities,
        "most": MOST_AT_ONCE,
        "too_many": len(activities) > MOST_AT_ONCE,
        "form": form,
        "links": links,
        "conflict": conflict,
        "changed": {activity.pk for activity in conflict.current} if conflict else set(),
        "way_back": _way_back(request, plan),
    }
    return render(request, "workplan/update_many.html", context, status=status)


def _forms(request: HttpRequest, initial: dict[str, Any]) -> tuple[UpdateForm, Any]:
    if request.method == "POST":
        return UpdateForm(request.POST), EvidenceFormSet(request.POST, prefix=PREFIX)
    initial = {"as_of": timezone.localdate(), **initial}
    return UpdateForm(initial=initial), EvidenceFormSet(prefix=PREFIX)


def _with_more_links(request: HttpRequest) -> tuple[UpdateForm, Any]:
    """The forms as typed, unchecked, with further empty rows for links."""
    typed = request.POST
    links = EvidenceFormSet(typed, prefix=PREFIX)
    rows = [{name: typed.get(form.add_prefix(name), "") for name in form.fields} for form in links.forms]
    return (
        UpdateForm(initial={name: typed.get(name, "") for name in UpdateForm.base_fields}),
        EvidenceFormSet(prefix=PREFIX, initial=[row for row in rows if any(row.values())]),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"[1-9][0-9]{0,9}", text) else None


def _versions(pairs: list[str]) -> dict[int, int] | None:
    """Ids with versions, as the form carries them ("17:3"); ``None`` where one cannot be read."""
    versions = {}
    for pair in pairs:
        found = re.fullmatch(r"([1-9][0-9]{0,17}):([1-9][0-9]{0,8})", pair)
        if found is None:
            return None
        versions[int(found[1])] = int(found[2])
    return versions


def _way_back(request: HttpRequest, plan: WorkPlan) -> str:
    """Where the person came from, if that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return wanted
    return reverse("activities", args=[plan.code])
