"""Contributions of cooperating bodies, and the files of evidence."""

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from rest_framework.exceptions import AuthenticationFailed

from workplan import actions, permissions, rules
from workplan.accounts.authentication import reader_of
from workplan.actions import Actor
from workplan.exceptions import Refusal, Stale
from workplan.forms.updates import ContributionForm, number_in
from workplan.models import Activity, Contribution, Evidence, StatusUpdate
from workplan.views.errors import unauthorized
from workplan.views.reporting.write_report import NO_ROUND, chosen_body, chosen_round
from workplan.views.signed_out import sign_in_required

UNSHARED = "private, no-store"


@sign_in_required
def contribution(request: HttpRequest, code: str, ref: str) -> HttpResponse:
    """The form in which a cooperating body adds to the report on an activity in the present round."""
    activity = get_object_or_404(Activity.objects.visible_to(request.user).for_display(), plan__code=code, ref=ref)
    bodies = permissions.bodies_contributing(request.user, activity)
    if not bodies:
        raise PermissionDenied(f"Only the bodies that cooperate in {ref} can contribute to its report.")
    body = chosen_body(request, bodies)
    reporting_round = chosen_round(request, activity.plan, body)
    if reporting_round is None:
        messages.warning(request, NO_ROUND)
        return redirect(activity)
    own = Contribution.objects.visible_to(request.user).filter(activity=activity, round=reporting_round)
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
                    reporting_round=reporting_round,
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
                messages.success(request, f"Saved: the contribution of {body} to the report on {activity.ref}.")
                return redirect("my")
    context = {
        "plan": activity.plan,
        "activity": activity,
        "reporting_round": reporting_round,
        "body": body,
        "bodies": bodies,
        "found": found,
        "form": form,
        "version": version,
        "conflict": conflict,
        "reports": StatusUpdate.objects.visible_to(request.user)
        .for_display()
        .filter(activity=activity, round=reporting_round)
        .exclude(state=rules.DRAFT),
    }
    return render(request, "workplan/reporting/contribution.html", context, status=status)


def evidence(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file behind an update, or the way to the link, for whoever may see the update. Never shown in the page.

    Programs bring their token, as to the API, which gives out this address.
    """
    try:
        reader = reader_of(request)
    except AuthenticationFailed as problem:
        return unauthorized(str(problem.detail))
    one = get_object_or_404(Evidence, pk=pk, update__in=StatusUpdate.objects.visible_to(reader))
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
