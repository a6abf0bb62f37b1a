"""Correcting an approved report: the form that begins with its words, date and evidence."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from workplan import actions, permissions, rules
from workplan.actions import Actor
from workplan.actions.reporting import TEXTS
from workplan.exceptions import NotAllowed, Refusal, Stale, WrongState
from workplan.forms.updates import WITHOUT_VERSION, correction_form, evidence_rows, number_in, with_more_rows
from workplan.models import StatusUpdate
from workplan.views.signed_out import sign_in_required


@sign_in_required
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that corrects one approved report; what is sent is a report of its own, in the place of that one."""
    update = get_object_or_404(StatusUpdate.objects.visible_to(request.user).for_display(), pk=pk)
    if not permissions.may(request.user, "correct", update):
        raise PermissionDenied(permissions.REFUSALS["correct"])
    there = list(update.evidence.all())
    form_class = correction_form(update.as_of)
    if request.method != "POST":
        elsewhere = _instead(request, update)
        if elsewhere is not None:
            return elsewhere
        form = form_class(initial={name: getattr(update, name) for name in ("status", "deferred_until", *TEXTS)})
        return _page(request, update, form, evidence_rows(there=there))
    if "more" in request.POST:
        form, links = with_more_rows(form_class, request.POST, there=there)
        return _page(request, update, form, links)
    form, links = form_class(request.POST), evidence_rows(request.POST, request.FILES, there=there)
    seen = number_in(request.POST.get("version"))
    status = HTTPStatus.BAD_REQUEST
    if seen is None:
        form.add_error(None, WITHOUT_VERSION)
    elif form.is_valid() & links.is_valid():
        try:
            made = actions.correct_report(
                update=update,
                version=seen,
                report=form.report(links),
                by=Actor.of(request, "page"),
                submit="save" not in request.POST,
            )
        except NotAllowed as refusal:
            raise PermissionDenied(refusal.message) from refusal
        except Refusal as refusal:
            form.show(refusal, links)
            status = HTTPStatus.CONFLICT if isinstance(refusal, WrongState | Stale) else status
        else:
            messages.success(request, _success_message(made))
            return redirect("edit-report", made.pk) if made.state == rules.DRAFT else redirect(made)
    return _page(request, update, form, links, status=status)


def _instead(request: HttpRequest, update: StatusUpdate) -> HttpResponse | None:
    """Where to go instead of correcting ``update``, if it cannot be or somebody is about to."""
    if update.state not in rules.REPORT_ACTIONS["correct"]:
        messages.info(request, "Only an approved report is corrected; this one can still be changed or returned.")
        return redirect(update)
    root = update.corrects_id or update.pk
    corrections = StatusUpdate.objects.visible_to(request.user).filter(corrects=root).order_by("-pk")
    is_direct = permissions.enters_directly(request.user, update.body)
    own = corrections.filter(state__in=rules.REPORT_ACTIONS["edit"], is_direct=is_direct).first()
    if own is not None:
        return redirect("edit-report", own.pk)
    waiting = corrections.filter(state=rules.SUBMITTED).first()
    if waiting is not None:
        messages.info(request, "A correction of this report is submitted already.")
        return redirect(waiting)
    if update.is_corrected:  # type: ignore[attr-defined]  # annotated
        messages.info(request, "This report was corrected already. Correct the correction.")
        return redirect(update)
    return None


def _success_message(made: StatusUpdate) -> str:
    about = f"the correction of the report on {made.activity.ref}"
    if made.state == rules.DRAFT:
        return f"Saved: {about}. It is not submitted yet."
    if made.state == rules.APPROVED:
        return f"Recorded: {about}. The original stays in the history."
    return f"Submitted: {about} waits for its review."


def _page(
    request: HttpRequest, update: StatusUpdate, form: Any, links: Any, *, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    context = {
        "plan": update.activity.plan,
        "activity": update.activity,
        "update": update,
        "form": form,
        "links": links,
        "is_direct": permissions.enters_directly(request.user, update.body),
    }
    return render(request, "workplan/reporting/correct_report.html", context, status=status)
