"""What stands beside a report: contributions of cooperating bodies, and the files behind it."""

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from workplan import actions, permissions, rules
from workplan.actions import Actor
from workplan.exceptions import Refusal, Stale
from workplan.forms import ContributionForm, number_in
from workplan.models import Activity, Contribution, Evidence, StatusUpdate
from workplan.views.reports import NO_ROUND, chosen_body, chosen_round
from workplan.views.signed_out import signed_in

UNSHARED = "private, no-store"


@signed_in
@require_http_methods(["GET", "POST"])
def contribution(request: HttpRequest, code: str, ref: str) -> HttpResponse:
    """The form in which a cooperating body adds to the report on an activity in the present round."""
    activity = get_object_or_404(Activity.objects.visible_to(request.user).for_display(), plan__code=code, ref=ref)
    bodies = permissions.bodies_contributing(request.user, activity)
    if not bodies:
        raise PermissionDenied(f"Only the bodies that cooperate in {ref} add to its report.")
    body = chosen_body(request, bodies)
    the_round = chosen_round(request, activity.plan, body)
    if the_round is None:
        messages.warning(request, NO_ROUND)
        return redirect(activity)
    own = Contribution.objects.visible_to(request.user).filter(activity=activity, round=the_round)
    found = own.filter(body=body).first()
    form = ContributionForm(request.POST or None, initial={"text": found.text if found else ""})
    version = str(found.version) if found else ""
    status, conflict = HTTPStatus.OK, None
    if request.method == "POST":
        status, version = HTTPStatus.BAD_REQUEST, request.POST.get("version", "")
        if form.is_valid():
            try:
                actions.contribute(
                    activity=activity,
                    the_round=the_round,
                    body=body,
                    text=form.cleaned_data["text"],
                    version=number_in(version),
                    by=Actor.of(request, "page"),
                )
            except Stale as refusal:
                conflict, status = refusal.current, HTTPStatus.CONFLICT
                version = str(found.version) if found else ""
            except Refusal as refusal:
                form.show(refusal)
                status = HTTPStatus.CONFLICT if refusal.code == "wrong_state" else status
            else:
                messages.success(request, f"Saved: what {body} adds to the report on {activity.ref}.")
                return redirect("my")
    context = {
        "plan": activity.plan,
        "activity": activity,
        "the_round": the_round,
        "body": body,
        "bodies": bodies,
        "found": found,
        "form": form,
        "version": version,
        "conflict": conflict,
        "reports": StatusUpdate.objects.visible_to(request.user)
        .for_display()
        .filter(activity=activity, round=the_round)
        .exclude(state=rules.DRAFT),
    }
    return render(request, "workplan/contribution.html", context, status=status)


@require_safe
def evidence(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file behind an update, or the way to the link, for whoever may see the update. Never shown in the page."""
    one = get_object_or_404(Evidence, pk=pk, update__in=StatusUpdate.objects.visible_to(request.user))
    if one.url:
        return HttpResponse(status=HTTPStatus.FOUND, headers={"Location": one.url, "Cache-Control": UNSHARED})
    try:
        file = one.file.open("rb")
    except FileNotFoundError as problem:
        raise Http404 from problem
    return FileResponse(
        file,
        as_attachment=True,
        filename=one.file_name or "file",
        content_type=rules.file_type(one.file_name),
        headers={
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox",
            "Cache-Control": UNSHARED,
        },
    )
