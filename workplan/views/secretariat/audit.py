"""The audit trail: searched, looked at request by request, and one request's changes undone together."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from workplan import permissions, rules
from workplan.actions import Actor, describe_undo, obstacles_to_undoing, undo_request
from workplan.columns import changes_of
from workplan.exceptions import NotAllowed, Refusal
from workplan.exports import csv
from workplan.exports.attachments import attachment
from workplan.filters.audit import AuditFilterSet
from workplan.history.audit_entries import Row, rows_of
from workplan.history.wording import action_label, kind_label
from workplan.models import AuditEntry, ReportingRound, SectoralBody
from workplan.querysets.days import secretariat_day
from workplan.views.browsing import Chip
from workplan.views.signed_out import sign_in_required

PAGE_SIZE = 50
REQUEST_PAGE_SIZE = 100
CHUNK = 500
HEADING = (
    "Time",
    "Person",
    "Channel",
    "Deed",
    "Record",
    "Activity",
    "Body",
    "Round",
    "Changes",
    "Reason",
    "Request",
    "Request of the client",
)
LABELS = {
    "q": "Words",
    "record_type": "Record",
    "record_id": "Id",
    "since": "From",
    "until": "To",
    "action": "Deed",
    "client_request": "Request of the client",
}

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the audit trail, as the controls for paging ask for it."""

    page: Page[Any]
    query: QueryDict


def audit_permission_required(view: View) -> View:
    """Visitors sign in first; whoever may not see the audit trail is refused."""

    @sign_in_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not permissions.can_see_audit(request.user):
            raise PermissionDenied("Only the secretariat can see the audit trail.")
        return view(request, *args, **kwargs)

    return guarded


@audit_permission_required
def search(request: HttpRequest) -> HttpResponseBase:
    """The audit trail, newest first, as far as the filters leave it: as a page, or as a file."""
    filterset = AuditFilterSet(request.GET, queryset=_entries(), request=request, also_allowed=("page", "format"))
    problems = filterset.problems()
    if request.GET.get("format", "csv") != "csv":
        problems["format"] = ["Use csv, or leave it out."]
    number = _page_number(request.GET.get("page", ""), problems)
    rows = filterset.qs if not problems else AuditEntry.objects.none()
    if "format" in request.GET and not problems:
        return attachment(_file(rows), f"audit-{secretariat_day():%Y-%m-%d}.csv")
    page = Paginator(rows, PAGE_SIZE).get_page(number)
    without_page = filterset.data.copy()
    for name in ("page", "format"):
        without_page.pop(name, None)
    context = {
        "listing": Listing(page, filterset.data),
        "rows": rows_of(page),
        "problems": problems,
        "form": filterset.form,
        "chips": _chips(without_page) if not problems else [],
        "query": without_page.urlencode(),
        "bodies": SectoralBody.objects.all(),
        "rounds": ReportingRound.objects.for_display(),
    }
    return render(
        request,
        "workplan/secretariat/audit.html",
        context,
        status=HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK,
    )


@audit_permission_required
def of_request(request: HttpRequest, request_id: str) -> HttpResponse:
    """All that one request changed, and the way to undo it together.

    The id that a client gave leads to all entries with it, which may come from several requests.
    """
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", request_id):
        raise Http404
    entries = _entries().filter(request_id=request_id).order_by("id")
    problems: dict[str, list[str]] = {}
    number = _page_number(request.GET.get("page", ""), problems)
    page = Paginator(entries, REQUEST_PAGE_SIZE).get_page(number)
    if not page.paginator.count:
        if AuditEntry.objects.filter(client_request_id=request_id).exists():
            return redirect(f"{reverse('audit')}?{urlencode({'client_request': request_id})}")
        raise Http404
    refusal, status = None, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK
    reason = request.POST.get("reason", "")
    if request.method == "POST":
        try:
            undone = undo_request(request_id=request_id, reason=reason, by=Actor.of(request, "page"))
        except NotAllowed as problem:
            raise PermissionDenied(problem.message) from problem
        except Refusal as problem:
            refusal = problem
            status = HTTPStatus.BAD_REQUEST if problem.fields else HTTPStatus.CONFLICT
        else:
            things = "1 thing is" if undone == 1 else f"{undone:,} things are"
            messages.success(request, f"Undone: {things} as before. This is the new request that did it.")
            return redirect("audit-request", request.id)  # type: ignore[attr-defined]
    context = {
        "request_id": request_id,
        "listing": Listing(page, request.GET),
        "rows": rows_of(page),
        "first": page[0],
        "problems": problems,
        "obstacles": obstacles_to_undoing(request_id),
        "undo_effect": describe_undo(request_id),
        "may_undo": permissions.can_undo(request.user),
        "refusal": refusal,
        "reason": reason,
        "most": AuditEntry._meta.get_field("reason").max_length,
    }
    return render(request, "workplan/secretariat/audit_request.html", context, status=status)


def _entries() -> Any:
    return AuditEntry.objects.select_related("activity__plan", "body", "round__plan", "plan").order_by("-id")


def _page_number(text: str, problems: dict[str, list[str]]) -> int:
    if not text:
        return 1
    if text.isascii() and text.isdigit() and len(text) < 8 and int(text) >= 1:
        return int(text)
    problems["page"] = ["Give the number of a page, from 1."]
    return 1


def _file(rows: Any) -> Iterator[str]:
    def lines() -> Iterator[tuple[str, ...]]:
        found = rows.iterator(chunk_size=CHUNK)
        while chunk := list(islice(found, CHUNK)):
            for row in rows_of(chunk):
                yield _line(row)

    return csv.table(HEADING, lines())


def _line(row: Row) -> tuple[str, ...]:
    entry = row.entry
    return (
        entry.at.isoformat(),
        entry.actor_name,
        rules.CHANNELS.label(entry.channel),
        row.action,
        entry.record_label,
        entry.activity.ref if entry.activity else "",
        entry.body.acronym if entry.body else "",
        entry.round.code if entry.round else "",
        changes_of(row),
        entry.reason,
        entry.request_id,
        entry.client_request_id,
    )


def _chips(query: QueryDict) -> list[Chip]:
    """What the audit trail is being filtered by."""
    found = []
    words = {"channel": rules.CHANNELS.label, "action": action_label, "record_type": kind_label}
    for name, values in query.lists():
        if name == "ordering":
            continue
        for value in values:
            left = query.copy()
            kept = [one for one in left.getlist(name) if one != value]
            left.setlist(name, kept)
            label = LABELS.get(name, name.capitalize())
            found.append(Chip(f"{label}: {words.get(name, str)(value)}", f"?{left.urlencode()}"))
    return found
