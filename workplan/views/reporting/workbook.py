"""The round workbook of a body: downloaded, and sent back filled in."""

from http import HTTPStatus

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from workplan import actions, permissions, rules
from workplan.actions import Actor
from workplan.exceptions import BadFile, Refusal, WrongState
from workplan.exports.attachments import attachment
from workplan.exports.round_rows import due_rows, has_too_much, sheet_rows
from workplan.exports.round_workbook import About, written
from workplan.imports import round_workbook
from workplan.imports.files import read_upload
from workplan.models import ReportingRound, SectoralBody
from workplan.querysets import fold_spelling
from workplan.views.signed_out import sign_in_required

NO_FILE = "Choose the workbook that you have filled in, then press the button again."


@sign_in_required
def workbook(request: HttpRequest, code: str, round_code: str, acronym: str) -> HttpResponseBase:
    """The file, or what a file that is sent changes. Any spelling of the body leads here."""
    body = SectoralBody.objects.by_spelling().get(fold_spelling(acronym))
    if body is None:
        raise Http404
    if not permissions.can_use_workbook(request.user, body):
        raise PermissionDenied(f"The workbook of {body.acronym} is for those who report for it.")
    rounds = ReportingRound.objects.visible_to(request.user).select_related("plan")
    reporting_round = get_object_or_404(rounds, plan__code=code, code=round_code)
    if body.acronym != acronym and request.method != "POST":
        return redirect("round-workbook", code, round_code, body.acronym, permanent=True)
    try:
        _refuse_closed(reporting_round, body)
        if request.method != "POST":
            return _file(request, reporting_round, body)
        kept = _kept(request, reporting_round, body)
    except Refusal as refusal:
        status = HTTPStatus.CONFLICT if isinstance(refusal, WrongState) else HTTPStatus.BAD_REQUEST
        context = {
            "plan": reporting_round.plan,
            "round": reporting_round,
            "body": body,
            "refusal": refusal.message,
            "can_try_again": not isinstance(refusal, WrongState),
        }
        return render(request, "workplan/reporting/workbook_refused.html", context, status=status)
    return redirect("import", kept)


def _refuse_closed(reporting_round: ReportingRound, body: SectoralBody) -> None:
    if not ReportingRound.objects.filter(pk=reporting_round.pk).taking_reports_of([body]).exists():
        state = rules.ROUND_STATES.label(reporting_round.state).lower()
        raise WrongState(f"“{reporting_round}” is {state} and takes no reports of {body.acronym}.")


def _file(request: HttpRequest, reporting_round: ReportingRound, body: SectoralBody) -> HttpResponseBase:
    due = due_rows(reporting_round, body, request.user)
    about = About(reporting_round, body, timezone.now())
    left_out = [one.activity.ref for one in due if one.is_due and has_too_much(one)]
    remarks = [f"{ref} has more evidence than a cell can hold. Write its report on its page." for ref in left_out]
    content = written(about, sheet_rows(reporting_round, body, due), remarks=remarks)
    return attachment(content, about.file_name)


def _kept(request: HttpRequest, reporting_round: ReportingRound, body: SectoralBody) -> int:
    """The id under which the file waits for its confirmation.

    Raises:
        BadFile: it cannot be read, or is not the workbook of this round and body.
    """
    upload = request.FILES.get("file")
    if upload is None:
        raise BadFile(NO_FILE)
    file = read_upload(upload.name or "", upload, upload.size or 0, ("xlsx",))
    source = round_workbook.read(file, reporting_round, body)
    kept = actions.keep_import(
        kind=rules.ROUND_WORKBOOK,
        plan=reporting_round.plan,
        name=file.name,
        content=file.content,
        sha256=file.sha256,
        by=Actor.of(request, "import"),
        reporting_round=reporting_round,
        body=body,
        made_at=source.made_at,
    )
    return int(kept.pk)
