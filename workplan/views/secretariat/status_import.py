"""Statuses from a file: for the secretariat, by the references of activities."""

from http import HTTPStatus

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render

from workplan import actions, permissions, rules
from workplan.actions import Actor
from workplan.exceptions import BadFile, Refusal
from workplan.imports import statuses
from workplan.imports.files import read_upload
from workplan.models import Import, ReportingRound, WorkPlan
from workplan.views.signed_out import sign_in_required

NO_FILE = "Select a file, then press the button again."
MOST_LISTED = 10


@sign_in_required
def upload(request: HttpRequest, code: str) -> HttpResponseBase:
    """The form that takes a file; what it changes is shown on a page of its own."""
    plan = get_object_or_404(WorkPlan, code=code)
    if not permissions.can_import_statuses(request.user):
        raise PermissionDenied("Only the secretariat can import statuses.")
    reporting_round = ReportingRound.objects.visible_to(request.user).open().filter(plan=plan).first()
    refusal, status = "", HTTPStatus.OK
    if request.method == "POST":
        try:
            return redirect("import", _kept(request, plan, reporting_round).pk)
        except Refusal as problem:
            refusal, status = problem.message, HTTPStatus.BAD_REQUEST
    waiting = Import.objects.filter(plan=plan, user=request.user.pk, kind=rules.STATUS_IMPORT)
    context = {
        "plan": plan,
        "round": reporting_round,
        "refusal": refusal,
        "columns": [column.label for column in statuses.COLUMNS],
        "earlier": waiting.defer("content")[:MOST_LISTED],
    }
    return render(request, "workplan/secretariat/status_import.html", context, status=status)


def _kept(request: HttpRequest, plan: WorkPlan, reporting_round: ReportingRound | None) -> Import:
    """The file, as it waits for its confirmation.

    Raises:
        BadFile: it cannot be read, or has no table of statuses; the round that was on the page is not open any more.
    """
    sent = request.FILES.get("file")
    if sent is None:
        raise BadFile(NO_FILE)
    counts = request.POST.get("counts", "")
    if counts and (reporting_round is None or counts != str(reporting_round.pk)):
        raise BadFile("The round that this was to be the report of is no longer open. Check the form.")
    file = read_upload(sent.name or "", sent, sent.size or 0, ("xlsx", "csv"))
    statuses.read(file)
    return actions.keep_import(
        kind=rules.STATUS_IMPORT,
        plan=plan,
        name=file.name,
        content=file.content,
        sha256=file.sha256,
        by=Actor.of(request, "import"),
        reporting_round=reporting_round if counts else None,
    )
