"""What a file changes: the page on which it is mended and confirmed."""

import re
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from workplan import permissions, rules
from workplan.actions import Actor
from workplan.exceptions import BadFile, Refusal, Stale
from workplan.exports.attachments import attachment
from workplan.exports.round_workbook import kinds_to_choose
from workplan.imports import kept as files
from workplan.imports.previews import CHOICES, Preview
from workplan.models import Import, StatusUpdate
from workplan.views.signed_out import sign_in_required

PAGE_SIZE = 50
MOST_BAD_SHOWN = 300
_CELL = re.compile(r"cell-(\d{1,7}:[a-z_]{2,30})")
_CHOICE = re.compile(r"choice-([A-Z0-9.]{1,40})")


@sign_in_required
def show(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The preview; what is sent from it mends cells, chooses between texts, or confirms."""
    kept = _own(request, pk)
    if kept.state != rules.PREVIEWED:
        return _page(request, kept, None)
    status, problem = HTTPStatus.OK, ""
    if request.method == "POST":
        by = Actor.of(request, "import")
        try:
            kept = files.answer(kept, cells=_sent(request, _CELL), choices=_sent(request, _CHOICE), by=by)
            if "confirm" in request.POST:
                submit = request.POST["confirm"] == "submit"
                updates = files.confirm(kept, fingerprint=request.POST.get("seen", ""), submit=submit, by=by)
                messages.success(request, _success_message(kept, updates, submit=submit))
                return redirect(_after(kept))
        except Refusal as refusal:
            problem = refusal.message
            status = HTTPStatus.CONFLICT if isinstance(refusal, Stale) else HTTPStatus.BAD_REQUEST
        else:
            return redirect("import", kept.pk)
    try:
        found = files.preview_of(kept, request.user)
    except BadFile as refusal:
        return _page(request, kept, None, problem=refusal.message, status=HTTPStatus.CONFLICT)
    return _page(request, kept, found, problem=problem, status=status)


@sign_in_required
def with_comments(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The same file, with a comment on each cell that cannot be read."""
    kept = _own(request, pk)
    if kept.state != rules.PREVIEWED:
        raise Http404
    try:
        content = files.commented_copy(kept, request.user)
    except BadFile as refusal:
        return _page(request, kept, None, problem=refusal.message, status=HTTPStatus.CONFLICT)
    parts = (kept.plan.code, kept.round and kept.round.code, kept.body and kept.body.acronym)
    stem = "-".join(part for part in parts if part)
    return attachment(content, f"{stem}-to-mend.xlsx")


def _own(request: HttpRequest, pk: int) -> Import:
    kept = Import.objects.select_related("plan", "round__plan", "body").filter(pk=pk).first()
    if kept is None or not permissions.owns_import(request.user, kept):
        raise Http404
    return kept


def _sent(request: HttpRequest, pattern: re.Pattern[str]) -> dict[str, str]:
    """What the form says under names of this pattern."""
    return {found[1]: request.POST[name] for name in request.POST if (found := pattern.fullmatch(name))}


def _page(
    request: HttpRequest,
    kept: Import,
    found: Preview | None,
    *,
    problem: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    context: dict[str, Any] = {
        "kept": kept,
        "plan": kept.plan,
        "found": found,
        "problem": problem,
        "back": _after(kept),
    }
    if found is not None:
        plain = [row for row in found.rows if not row.conflict]
        context |= {
            "bad": found.bad[:MOST_BAD_SHOWN],
            "more_bad": max(0, len(found.bad) - MOST_BAD_SHOWN),
            "page": Paginator(plain, PAGE_SIZE).get_page(request.GET.get("page")),
            "choices": CHOICES,
            "vocabularies": {
                "status": [term for term in rules.STATUSES if term.value != rules.NOT_REPORTED],
                "kind": kinds_to_choose(),
            },
            "is_report": kept.kind == rules.ROUND_WORKBOOK,
            "is_direct": permissions.enters_directly(request.user, kept.body),
        }
    return render(request, "workplan/reporting/import.html", context, status=status)


def _after(kept: Import) -> str:
    """Where to go on."""
    if kept.kind == rules.STATUS_IMPORT:
        return reverse("import-statuses", args=[kept.plan.code])
    return kept.round.get_absolute_url() if kept.round else reverse("plan", args=[kept.plan.code])


def _success_message(kept: Import, updates: list[StatusUpdate], *, submit: bool) -> str:
    if kept.kind == rules.STATUS_IMPORT:
        return f"{len(updates)} status{'' if len(updates) == 1 else 'es'} recorded."
    number = "1 report" if len(updates) == 1 else f"{len(updates)} reports"
    verb = "is" if len(updates) == 1 else "are"
    if not submit:
        return f"{number} of {kept.body} {verb} saved as draft{'' if len(updates) == 1 else 's'}."
    if all(update.state == rules.APPROVED for update in updates):
        return f"{number} of {kept.body} {verb} recorded."
    return f"{number} of {kept.body} {verb} submitted for review."
