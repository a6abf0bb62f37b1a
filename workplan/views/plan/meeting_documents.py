"""Documents as they were taken to meetings: the list of them, each file, and keeping one."""

import copy
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render

from workplan import actions, permissions, rules
from workplan.actions import Actor
from workplan.exceptions import Invalid
from workplan.exports.attachments import attachment
from workplan.forms.meeting_documents import MeetingDocumentForm
from workplan.forms.rounds import show
from workplan.models import MeetingDocument, SectoralBody, User, WorkPlan
from workplan.querysets import fold_spelling
from workplan.views.browsing import page_number
from workplan.views.errors import refused_parameters
from workplan.views.plan import downloads
from workplan.views.plan.downloads import Document
from workplan.views.signed_out import sign_in_required

# Which document is to be kept, and of which body; the other parameters are those of the document itself.
DOCUMENT, OF = "document", "of"
PAGE_SIZE = 50


def browse(request: HttpRequest, code: str) -> HttpResponseBase:
    """The documents that were kept of a plan, the latest first."""
    plan = get_object_or_404(WorkPlan, code=code)
    problems: dict[str, list[str]] = {}
    number = page_number(request.GET, problems)
    if problems:
        return refused_parameters(request, plan, problems)
    kept = MeetingDocument.objects.filter(plan=plan).select_related("plan", "round").defer("content")
    context = {
        "plan": plan,
        "page": Paginator(kept, PAGE_SIZE).get_page(number),
        "can_keep": permissions.can_keep_documents(request.user),
        "can_see_names": permissions.can_see_names(request.user),
    }
    return render(request, "workplan/plan/meeting_documents.html", context)


def file(request: HttpRequest, code: str, pk: int, name: str) -> HttpResponseBase:
    """The file as it was kept."""
    kept = get_object_or_404(MeetingDocument.objects.select_related("plan"), pk=pk, plan__code=code, file_name=name)
    answer = attachment(bytes(kept.content), kept.file_name)
    answer["ETag"] = f'"{kept.sha256}"'
    return answer


@sign_in_required
def keep(request: HttpRequest, code: str) -> HttpResponseBase:
    """Keep a document of exactly what its page shows to everybody who may read the plan."""
    if not permissions.can_keep_documents(request.user):
        raise PermissionDenied("Only the secretariat keeps documents of meetings.")
    plan = get_object_or_404(WorkPlan, code=code)
    kind, of_ending = _asked(request)
    named = {"round": request.GET.get("as_of") or request.GET.get("to") or ""}
    form = MeetingDocumentForm(request.POST or None, plan=plan, kind=kind, initial=named)
    try:
        # Workbooks have no bound; a report of a body is none.
        shown = of_ending(plan, "pdf" if kind == rules.BODY_DOCUMENT else "xlsx")
    except Invalid as refusal:
        return refused_parameters(request, plan, refusal.fields)
    if request.method == "POST" and form.is_valid():
        try:
            made = of_ending(plan, form.cleaned_data["format"])
            content = made.content()
            kept = actions.keep_document(
                plan=plan,
                kind=kind,
                title=form.cleaned_data["title"],
                file_name=made.name,
                content=content if isinstance(content, bytes) else b"".join(content),
                scope=made.scope,
                source=made.about.source,
                shown_at=made.about.shown,
                reporting_round=form.cleaned_data["round"],
                by=Actor.of(request, "page"),
            )
        except Invalid as refusal:
            show(form, refusal)
        else:
            messages.success(request, f"Kept as it is now: {kept}. SHA-256 {kept.sha256}.")
            return redirect("meeting-documents", plan.code)
    context = {"plan": plan, "form": form, "document": shown, "kind": rules.DOCUMENT_KINDS[kind]}
    status = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    return render(request, "workplan/secretariat/keep_document.html", context, status=status)


def _asked(request: HttpRequest) -> tuple[str, Callable[[WorkPlan, str], Document]]:
    """Which document the address names, and what makes it of a plan in a format.

    Raises:
        Http404: it names none.
    """
    query = request.GET.copy()
    [kind] = query.pop(DOCUMENT, [""])[-1:]
    [acronym] = query.pop(OF, [""])[-1:]
    reader = _everybody(request, query)
    if kind == rules.MATRIX_DOCUMENT:
        return kind, lambda plan, ending: downloads.matrix_of(reader, query, plan, ending=ending)
    if kind == rules.CHANGES_DOCUMENT:
        return kind, lambda plan, ending: downloads.changes_of(reader, query, plan, ending=ending)
    body = SectoralBody.objects.by_spelling().get(fold_spelling(acronym)) if kind == rules.BODY_DOCUMENT else None
    if body is None:
        raise Http404
    return kind, lambda plan, ending: downloads.body_report_of(reader, query, plan, ending=ending, body=body)


def _everybody(request: HttpRequest, query: QueryDict) -> HttpRequest:
    """The request as somebody would send it who has no part in reporting, whoever keeps the document."""
    reader = copy.copy(request)
    reader.GET = query  # type: ignore[assignment]
    reader.user = AnonymousUser() if settings.PUBLIC_READ else User(is_active=False)
    return reader
