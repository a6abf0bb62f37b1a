"""A report is saved while somebody types it."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from workplan import actions
from workplan.actions import EvidenceItem, Report
from workplan.actions.reporting import REPORT_FIELDS
from workplan.exceptions import Invalid, NotAllowed, Refusal, Stale, WrongState
from workplan.forms.updates import NO_ROWS, DraftForm, evidence_rows
from workplan.models import Activity, Evidence, ReportingRound, StatusUpdate
from workplan.views.reporting.local_copies import local_copy_key

Write = Callable[[Report], StatusUpdate]


def autosave(
    request: HttpRequest,
    activity: Activity,
    reporting_round: ReportingRound | None,
    update: StatusUpdate | None,
    write: Write,
    *,
    form: DraftForm,
) -> JsonResponse:
    """Save what can be saved while somebody types. It takes no files, and it removes nothing."""
    there = update.evidence.all() if update else []
    links = evidence_rows(request.POST, there=there)
    form.is_valid()
    links.is_valid()
    report = form.report(links)
    message = {
        name: getattr(update, name) if update and name in form.errors else getattr(report, name)
        for name in REPORT_FIELDS
    }
    report = Report(
        **message,
        evidence=tuple(evidence_item for row in links.forms if (evidence_item := _evidence_item_or_stored(row))),
    )
    try:
        if not links.management_form.is_valid():
            raise Invalid(NO_ROWS)
        saved = write(report)
    except Stale as refusal:
        # The browser compares: if this is what it sent itself before the connection broke, nobody was in between.
        now = refusal.current[0]
        current = {"version": now.version, **{name: getattr(now, name) or "" for name in REPORT_FIELDS}}
        return _no(refusal, HTTPStatus.CONFLICT, current=current)
    except WrongState as refusal:
        return _no(refusal, HTTPStatus.CONFLICT)
    except NotAllowed as refusal:
        return _no(refusal, HTTPStatus.FORBIDDEN)
    except Refusal as refusal:
        return _no(refusal, HTTPStatus.BAD_REQUEST)
    corrected = update.corrects if update else None
    checks = actions.checklist_of(activity, report, reporting_round=reporting_round, corrected=corrected)
    return JsonResponse(
        {
            "version": saved.version,
            "saved_at": f"{timezone.localtime(saved.updated_at):%H:%M}",
            "left_out": [
                str(form.fields[name].label or name.capitalize()) for name in form.errors if name in REPORT_FIELDS
            ],
            "address": reverse("edit-report", args=[saved.pk]),
            "key": local_copy_key(request, activity, reporting_round, saved),
            "checklist": render_to_string("workplan/partials/_checklist.html", {"checklist": checks}),
        }
    )


def _evidence_item_or_stored(row: Any) -> EvidenceItem | None:
    """What the row says, or where it cannot be taken yet, the evidence as it is kept."""
    evidence_item: EvidenceItem | None = row.evidence_item
    one: Evidence | None = row.evidence
    if evidence_item is None and one is not None:
        return EvidenceItem(one.title, one.url, dated_on=one.dated_on, kept=one.pk)
    return evidence_item


def _no(refusal: Refusal, status: HTTPStatus, **more: Any) -> JsonResponse:
    error = {"code": refusal.code, "message": refusal.message, "fields": refusal.fields}
    return JsonResponse({"error": error, **more}, status=status)
