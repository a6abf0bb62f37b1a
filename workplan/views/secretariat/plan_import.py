"""A whole plan from a file: it is sent, each column is confirmed, everything read is shown, and then it is imported."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render

from workplan import actions, permissions, rules
from workplan.actions import Actor
from workplan.exceptions import Refusal
from workplan.exports.attachments import attachment
from workplan.forms.plan_imports import PlanForm, UploadForm
from workplan.forms.rounds import show
from workplan.forms.updates import WITHOUT_VERSION
from workplan.imports.files import read_upload
from workplan.imports.plan.answers import answers_in, names_asked
from workplan.imports.plan.records import Reading
from workplan.imports.plan.roles import ROLES
from workplan.imports.plan.template import template
from workplan.imports.plan.writing import periods_in, reading_of, title_in, whats_missing, write
from workplan.models import PlanImport, SectoralBody
from workplan.views.signed_out import sign_in_required

KINDS = ("docx", "xlsx")
NOT_ALLOWED = "Only the secretariat imports plans."
ON_A_PAGE = 200
MOST_LISTED = 20


@sign_in_required
def upload(request: HttpRequest) -> HttpResponse:
    """The form that takes a file; what is read of it is shown on a page of its own."""
    _require_permission(request)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            file = read_upload(sent.name or "", sent, sent.size or 0, KINDS)
            reading_of(file.content, file.kind)
            pending = actions.begin_plan_import(
                file_name=file.name,
                kind=file.kind,
                content=file.content,
                values=form.values(),
                by=Actor.of(request, "import"),
            )
            return redirect(pending)
        except Refusal as refusal:
            if refusal.code == "bad_file":
                form.add_error("file", refusal.message)
            else:
                show(form, refusal)
    earlier = PlanImport.objects.select_related("plan").defer("content", "answers")[:MOST_LISTED]
    status = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    context = {"form": form, "earlier": earlier}
    return render(request, "workplan/secretariat/plan_import.html", context, status=status)


@sign_in_required
def preview(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What a file is read as, what has to be answered, and the buttons to go on."""
    _require_permission(request)
    pending = get_object_or_404(PlanImport.objects.select_related("plan"), pk=pk)
    if pending.state != rules.OPEN:
        return render(request, "workplan/secretariat/plan_import_done.html", {"pending": pending})
    problem = ""
    form = PlanForm(request.POST or None, initial=_initial(pending))
    if request.method == "POST":
        try:
            answer = _act(request, pending, form)
            if answer is not None:
                return answer
        except Refusal as refusal:
            show(form, refusal) if set(refusal.fields) & set(form.fields) else None
            texts = [text for found in refusal.fields.values() for text in found]
            problem = " ".join([refusal.message, *texts])
            pending = get_object_or_404(PlanImport.objects.select_related("plan"), pk=pk)
    reading = reading_of(bytes(pending.content), pending.kind, pending.answers)
    context = _shown(request, pending, reading, form) | {"problem": problem}
    status = HTTPStatus.BAD_REQUEST if problem or form.errors else HTTPStatus.OK
    return render(request, "workplan/secretariat/plan_import_preview.html", context, status=status)


def _act(request: HttpRequest, pending: PlanImport, form: PlanForm) -> HttpResponse | None:
    """Do what a button says. Returns where to go, or nothing where the form is to be mended.

    Raises:
        Refusal: it is not allowed, stale, or not everything is answered.
    """
    by = Actor.of(request, "import")
    version = request.POST.get("version", "")
    if not version.isdecimal() or len(version) > 9:
        form.add_error(None, WITHOUT_VERSION)
        return None
    if request.POST.get("do") == "discard":
        actions.discard_plan_import(pending=pending, version=int(version), by=by)
        return redirect("import-plan")
    if not form.is_valid():
        return None
    reading = reading_of(bytes(pending.content), pending.kind, pending.answers)
    values = {**form.values(), "answers": answers_in(request.POST, reading, pending.answers)}
    changed = actions.change_plan_import(pending=pending, version=int(version), values=values, by=by)
    if request.POST.get("do") != "import":
        return redirect(changed)
    reading = reading_of(bytes(changed.content), changed.kind, changed.answers)
    return redirect(write(reading, pending=changed, version=changed.version, by=by))


@sign_in_required
def source(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file itself, as it was sent."""
    _require_permission(request)
    kept = get_object_or_404(PlanImport.objects.exclude(state=rules.DISCARDED), pk=pk)
    return attachment(bytes(kept.content), f"plan-{kept.pk}.{kept.kind}")


@sign_in_required
def empty_template(request: HttpRequest) -> HttpResponseBase:
    """The workbook to write a plan in, with an example."""
    _require_permission(request)
    return attachment(template(), "work-plan-template.xlsx")


def _require_permission(request: HttpRequest) -> None:
    if not permissions.can_import_plans(request.user):
        raise PermissionDenied(NOT_ALLOWED)


def _initial(pending: PlanImport) -> dict[str, Any]:
    return {
        "code": pending.code,
        "title": pending.title,
        "edition": pending.edition,
        "first_year": pending.period_start.year,
        "last_year": pending.period_end.year,
        "predecessor": pending.predecessor_id,
    }


def _shown(request: HttpRequest, pending: PlanImport, reading: Reading, form: PlanForm) -> dict[str, Any]:
    records = list(reading.records())
    page = request.GET.get("page", "1")
    pages = Paginator(records, ON_A_PAGE)
    counts = [
        (len(reading.of_kind(kind)), one, several)
        for kind, one, several in (
            ("section", "section", "sections"),
            ("provision", "provision", "provisions"),
            ("area", "area", "areas"),
            ("activity", "activity", "activities"),
        )
    ]
    return {
        "pending": pending,
        "form": form,
        "reading": reading,
        "counts": counts,
        "page": pages.get_page(page if page.isascii() and page.isdecimal() and len(page) < 7 else "1"),
        "chosen": sum(bool(one.why) for one in records),
        "missing": whats_missing(reading),
        "roles": ROLES,
        "names": names_asked(reading, pending.answers),
        "bodies": SectoralBody.objects.all(),
        "waive": pending.answers.get("waive", ""),
        "periods": [f"{start:%Y}–{end:%Y}" for start, end in periods_in(reading)],
        "title_in_file": title_in(reading),
        "around": [text for where, text in reading.source.around if where != "body"][:10],
    }
