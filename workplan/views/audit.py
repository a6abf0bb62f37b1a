"""The audit trail: searched, looked at request by request, and one request's changes undone together."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from itertools import islice
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from workplan import permissions, rules
from workplan.actions import Actor, obstacles_to_undoing, undo_request, what_it_would_do
from workplan.deeds import Change, Reader, action_label, address_of, kind_label
from workplan.exceptions import NotAllowed, Refusal
from workplan.exports import csv
from workplan.filters.audit import AuditFilterSet
from workplan.models import AuditEntry, ReportingRound, SectoralBody
from workplan.views.browsing import Chip
from workplan.views.signed_out import signed_in

PAGE_SIZE = 50
REQUEST_PAGE_SIZE = 100
CHUNK = 500
HEADING = ("Time", "Person", "Channel", "Deed", "Record", "Activity", "Body", "Round", "Changes", "Reason", "Request")
LABELS = {"q": "Words", "record_type": "Record", "record_id": "Id", "since": "From", "until": "To", "action": "Deed"}

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of the trail as people read it."""

    entry: AuditEntry
    deed: str
    kind: str
    href: str
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of the trail, as the controls for paging ask for it."""

    page: Page[Any]
    query: QueryDict


def for_those_who_may(view: View) -> View:
    """Visitors sign in first; whoever may not see the trail is told so."""

    @signed_in
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not permissions.can_see_audit(request.user):
            raise PermissionDenied("Only the secretariat can see the audit trail.")
        return view(request, *args, **kwargs)

    return guarded


@for_those_who_may
@require_safe
def search(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The trail, newest first, as far as the filters leave it: as a page, or as a file."""
    filterset = AuditFilterSet(request.GET, queryset=_entries(), request=request, besides=("page", "format"))
    problems = filterset.problems()
    if request.GET.get("format", "csv") != "csv":
        problems["format"] = ["Use csv, or leave it out."]
    number = _page_number(request.GET.get("page", ""), problems)
    rows = filterset.qs if not problems else AuditEntry.objects.none()
    if "format" in request.GET and not problems:
        response = StreamingHttpResponse(_file(rows), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="audit-{timezone.localdate():%Y-%m-%d}.csv"'
        return response
    page = Paginator(rows, PAGE_SIZE).get_page(number)
    without_page = filterset.data.copy()
    for name in ("page", "format"):
        without_page.pop(name, None)
    context = {
        "listing": Found(page, filterset.data),
        "rows": told(page),
        "problems": problems,
        "form": filterset.form,
        "chips": _chips(without_page) if not problems else [],
        "query": without_page.urlencode(),
        "bodies": SectoralBody.objects.all(),
        "rounds": ReportingRound.objects.for_display(),
    }
    return render(request, "workplan/audit.html", context, status=HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK)


@for_those_who_may
@require_http_methods(["GET", "HEAD", "POST"])
def of_request(request: HttpRequest, request_id: str) -> HttpResponse:
    """All that one request changed, and the way to undo it together."""
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", request_id):
        raise Http404
    entries = _entries().filter(request_id=request_id).order_by("id")
    problems: dict[str, list[str]] = {}
    number = _page_number(request.GET.get("page", ""), problems)
    page = Paginator(entries, REQUEST_PAGE_SIZE).get_page(number)
    if not page.paginator.count:
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
        "listing": Found(page, request.GET),
        "rows": told(page),
        "first": page[0],
        "problems": problems,
        "obstacles": obstacles_to_undoing(request_id),
        "puts_back": what_it_would_do(request_id),
        "may_undo": permissions.can_undo(request.user),
        "refusal": refusal,
        "reason": reason,
        "most": AuditEntry._meta.get_field("reason").max_length,
    }
    return render(request, "workplan/audit_request.html", context, status=status)


def told(entries: Iterable[AuditEntry]) -> list[Row]:
    """Entries as people read them; what they refer to is asked for once for all."""
    entries = list(entries)
    reader = Reader(entries)
    return [
        Row(entry, action_label(entry.action), kind_label(entry.record_type), address_of(entry), reader.changes(entry))
        for entry in entries
    ]


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
            for row in told(chunk):
                yield _line(row)

    return csv.table(HEADING, lines())


def _line(row: Row) -> tuple[str, ...]:
    entry = row.entry
    return (
        entry.at.isoformat(),
        entry.actor_name,
        rules.CHANNELS.label(entry.channel),
        row.deed,
        entry.record_label,
        entry.activity.ref if entry.activity else "",
        entry.body.acronym if entry.body else "",
        entry.round.code if entry.round else "",
        "\n".join(f"{one.field}: {one.before or 'nothing'} → {one.after or 'nothing'}" for one in row.changes),
        entry.reason,
        entry.request_id,
    )


def _chips(query: QueryDict) -> list[Chip]:
    """What the trail is being filtered by."""
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
