"""How a focal point writes a report: begun, saved as it is typed, submitted."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from workplan import actions, permissions, rules
from workplan.actions import Actor, Proof, Report
from workplan.actions.reporting import SAID
from workplan.exceptions import Invalid, NotAllowed, Refusal, Stale, WrongState
from workplan.forms import NO_ROWS, DraftForm, evidence_rows, number_in, with_more_rows
from workplan.models import (
    Activity,
    Contribution,
    Evidence,
    ReportingRound,
    SectoralBody,
    StatusUpdate,
    WorkPlan,
)
from workplan.views.signed_out import signed_in

NO_VERSION = "The form was sent without the version it was opened with. Send it again."
NO_ROUND = "No reporting round is open, so there is nothing to report for at present."

Write = Callable[[Report], StatusUpdate]


@signed_in
@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest, code: str, ref: str) -> HttpResponse:
    """The form that begins a body's report on one activity in the present round."""
    activity = get_object_or_404(Activity.objects.visible_to(request.user).for_display(), plan__code=code, ref=ref)
    bodies = permissions.bodies_reporting(request.user, activity)
    if not bodies:
        if permissions.can_record_status(request.user, activity):
            return redirect("update-status", code, ref)
        raise PermissionDenied(f"Only the lead bodies of {ref} report on it.")
    body = chosen_body(request, bodies)
    the_round = chosen_round(request, activity.plan, body)
    if request.method == "GET":
        if the_round is None:
            messages.warning(request, NO_ROUND)
            return redirect(activity)
        there = _report_there(request, activity, the_round, body)
        if there is not None:
            return there
        form, links = DraftForm(initial=_start(request, activity)), evidence_rows()
        return _page(request, activity, the_round, body, None, form, links)

    def write(report: Report) -> StatusUpdate:
        return actions.begin_report(
            activity=activity, report=report, by=Actor.of(request, "page"), the_round=the_round, body=body
        )

    if "X-Autosave" in request.headers:
        return _autosave(request, activity, the_round, None, write)
    if "more" in request.POST:
        form, links = with_more_rows(DraftForm, request.POST)
        return _page(request, activity, the_round, body, None, form, links)
    return _save(request, activity, the_round, body, None, write)


@signed_in
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a draft, or of a returned report that is being mended."""
    update = get_object_or_404(StatusUpdate.objects.visible_to(request.user).for_display(), pk=pk)
    if not permissions.may(request.user, "edit", update):
        raise PermissionDenied(permissions.WHY_NOT["edit"])
    activity, the_round, body = update.activity, update.round, update.body
    if request.method == "GET":
        if update.state not in rules.REPORT_MOVES["edit"]:
            state = rules.REPORT_STATES.label(update.state).lower()
            messages.info(request, f"This report is {state}, so its words can no longer be changed.")
            return redirect(update)
        form = DraftForm(initial={name: getattr(update, name) for name in SAID})
        return _page(request, activity, the_round, body, update, form, evidence_rows(there=update.evidence.all()))
    seen = number_in(request.POST.get("version"))

    def write(report: Report) -> StatusUpdate:
        if seen is None:
            raise Invalid(NO_VERSION)
        return actions.save_report(update=update, version=seen, report=report, by=Actor.of(request, "page"))

    if "X-Autosave" in request.headers:
        return _autosave(request, activity, the_round, update, write)
    if "more" in request.POST:
        form, links = with_more_rows(DraftForm, request.POST, there=update.evidence.all())
        return _page(request, activity, the_round, body, update, form, links, version=seen)
    if "discard" in request.POST and seen is not None:
        return _discard(request, update, seen)
    return _save(request, activity, the_round, body, update, write)


def _discard(request: HttpRequest, update: StatusUpdate, seen: int) -> HttpResponse:
    try:
        actions.discard_report(update=update, version=seen, by=Actor.of(request, "page"))
    except Stale as refusal:
        return _conflict(request, refusal)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect(update)
    messages.success(request, f"The draft on {update.activity.ref} is discarded.")
    # A redirect of ours and no more to keep: the browser forgets what it kept of the draft.
    return _kept_no_more(redirect(_after(request, update)), _key(request, update.activity, update.round, update))


def _save(
    request: HttpRequest,
    activity: Activity,
    the_round: ReportingRound | None,
    body: SectoralBody | None,
    update: StatusUpdate | None,
    write: Write,
) -> HttpResponse:
    """Save what was typed and, where that is asked for, submit it. What can be saved is, even if it cannot go yet."""
    submits = "submit" in request.POST
    there = update.evidence.all() if update else []
    form, links = DraftForm(request.POST), evidence_rows(request.POST, request.FILES, there=there)
    here = (request, activity, the_round, body, update, form, links)
    if not (form.is_valid() & links.is_valid()):
        if submits:
            form.ask(actions.checklist_of(activity, form.report(links)), links)
        return _page(*here, status=HTTPStatus.BAD_REQUEST, version=number_in(request.POST.get("version")))
    refused: Refusal | None = None
    try:
        with transaction.atomic():
            saved = write(form.report(links))
            if submits:
                refused = _refusal_to_submit(request, saved)
    except Stale as refusal:
        return _conflict(request, refusal)
    except WrongState as refusal:
        own = _own_report(request, activity, the_round, body)
        if update is None and own is not None:  # somebody of the body was faster to begin
            return _conflict(request, Stale(current=[own]))
        form.show(refusal, links)
        return _page(*here, status=HTTPStatus.CONFLICT, version=number_in(request.POST.get("version")))
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except Refusal as refusal:
        form.show(refusal, links)
        return _page(*here, status=HTTPStatus.BAD_REQUEST, version=number_in(request.POST.get("version")))
    key = _key(request, activity, the_round, update)
    saved = StatusUpdate.objects.visible_to(request.user).for_display().get(pk=saved.pk)
    if refused is not None:
        links = evidence_rows(there=saved.evidence.all())
        form.show(refused, links)
        status = HTTPStatus.CONFLICT if isinstance(refused, WrongState) else HTTPStatus.BAD_REQUEST
        page = _page(request, activity, the_round, body, saved, form, links, status=status, is_saved=True)
        return _kept_no_more(page, key)
    if submits:
        outcome = "approved" if saved.state == rules.APPROVED else "submitted for review"
        messages.success(request, f"Your report on {activity.ref} is {outcome}.")
        return _kept_no_more(redirect(_after(request, saved)), key)
    messages.success(request, f"Saved: your report on {activity.ref}. It is not submitted yet.")
    return _kept_no_more(redirect("edit-report", saved.pk), key)


def _refusal_to_submit(request: HttpRequest, saved: StatusUpdate) -> Refusal | None:
    """Submit what was saved a moment ago; why not, if it cannot go yet. The saving stays."""
    try:
        with transaction.atomic():
            actions.submit_report(update=saved, version=saved.version, by=Actor.of(request, "page"))
    except (Invalid, WrongState) as refusal:
        return refusal
    return None


def _autosave(
    request: HttpRequest,
    activity: Activity,
    the_round: ReportingRound | None,
    update: StatusUpdate | None,
    write: Write,
) -> JsonResponse:
    """Save what can be saved while somebody types. It takes no files, and it removes nothing."""
    there = update.evidence.all() if update else []
    form, links = DraftForm(request.POST), evidence_rows(request.POST, there=there)
    form.is_valid()
    links.is_valid()
    report = form.report(links)
    said = {name: getattr(update, name) if update and name in form.errors else getattr(report, name) for name in SAID}
    report = Report(**said, evidence=tuple(proof for row in links.forms if (proof := _proof_or_as_it_was(row))))
    try:
        if not links.management_form.is_valid():
            raise Invalid(NO_ROWS)
        saved = write(report)
    except Stale as refusal:
        # The browser compares: if this is what it sent itself before the connection broke, nobody was in between.
        now = refusal.current[0]
        current = {"version": now.version, **{name: getattr(now, name) or "" for name in SAID}}
        return _no(refusal, HTTPStatus.CONFLICT, current=current)
    except WrongState as refusal:
        return _no(refusal, HTTPStatus.CONFLICT)
    except NotAllowed as refusal:
        return _no(refusal, HTTPStatus.FORBIDDEN)
    except Refusal as refusal:
        return _no(refusal, HTTPStatus.BAD_REQUEST)
    checks = actions.checklist_of(activity, report)
    return JsonResponse(
        {
            "version": saved.version,
            "saved_at": f"{timezone.localtime(saved.updated_at):%H:%M}",
            "left_out": [str(form.fields[name].label or name.capitalize()) for name in form.errors if name in SAID],
            "address": reverse("edit-report", args=[saved.pk]),
            "key": _key(request, activity, the_round, saved),
            "checklist": render_to_string("workplan/partials/_checklist.html", {"checklist": checks}),
        }
    )


def _proof_or_as_it_was(row: Any) -> Proof | None:
    """What the row says, or where it cannot be taken yet, the evidence as it is kept."""
    proof: Proof | None = row.proof
    one: Evidence | None = row.evidence
    if proof is None and one is not None:
        return Proof(one.title, one.url, dated_on=one.dated_on, kept=one.pk)
    return proof


def _no(refusal: Refusal, status: HTTPStatus, **more: Any) -> JsonResponse:
    error = {"code": refusal.code, "message": refusal.message, "fields": refusal.fields}
    return JsonResponse({"error": error, **more}, status=status)


def _conflict(request: HttpRequest, refusal: Stale) -> HttpResponse:
    """The other version beside what was typed; sending it again is a decision made with both in view."""
    update = StatusUpdate.objects.visible_to(request.user).for_display().get(pk=refusal.current[0].pk)
    there = list(update.evidence.all())
    form, typed = DraftForm(request.POST), evidence_rows(request.POST, request.FILES, there=there)
    form.is_valid()
    _, links = with_more_rows(DraftForm, request.POST, there=there, and_what_is_there=True)
    return _page(
        request,
        update.activity,
        update.round,
        update.body,
        update,
        form,
        links,
        status=HTTPStatus.CONFLICT,
        conflict={"typed": form.report(typed), "now": update},
    )


def _page(
    request: HttpRequest,
    activity: Activity,
    the_round: ReportingRound | None,
    body: SectoralBody | None,
    update: StatusUpdate | None,
    form: DraftForm,
    links: Any,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    version: int | None = None,
    conflict: dict[str, Any] | None = None,
    is_saved: bool = False,
) -> HttpResponse:
    """The form with all that stands beside it."""
    returned = update is not None and update.state == rules.RETURNED
    last = StatusUpdate.objects.published().for_display().filter(pk=activity.latest_update_id or 0).first()
    beside = Contribution.objects.visible_to(request.user).for_display().filter(activity=activity, round=the_round)
    address = (
        reverse("edit-report", args=[update.pk])
        if update
        else reverse("begin-report", args=[activity.plan.code, activity.ref])
    )
    context = {
        "plan": activity.plan,
        "activity": activity,
        "the_round": the_round,
        "body": body,
        "bodies": permissions.bodies_reporting(request.user, activity),
        "update": update,
        "form": form,
        "links": links,
        "version": version or (update.version if update else ""),
        "address": address,
        "key": _key(request, activity, the_round, update),
        "review": update.reviews.filter(decision=rules.RETURN).last() if update and returned else None,
        "last": last,
        "contributions": beside,
        "checklist": actions.checklist_of(activity, _as_shown(form, links)),
        "conflict": conflict,
        "is_saved": is_saved,
        "can_discard": update is not None and update.state in rules.REPORT_MOVES["discard"],
    }
    return render(request, "workplan/report_form.html", context, status=status)


def _as_shown(form: DraftForm, links: Any) -> Report:
    """What the form says as it stands on the page."""
    if form.is_bound and links.is_bound:
        return form.report(links)
    read = form if form.is_bound else DraftForm(form.initial)
    read.is_valid()
    said = read.report(evidence_rows(initial=[]))
    rows = [row.initial for row in links.forms if row.initial.get("kept") or row.initial.get("url")]
    proofs = tuple(Proof(row.get("title", ""), row.get("url", "")) for row in rows)
    return Report(**said.said, evidence=proofs)


def _start(request: HttpRequest, activity: Activity) -> dict[str, Any]:
    """What the form of a new report begins with: where the last published one stopped."""
    last = activity.latest_update
    kind = rules.CORRECTION if request.GET.get("kind") == rules.CORRECTION else rules.PROGRESS
    return {
        "kind": kind,
        "status": "" if activity.status == rules.NOT_REPORTED else activity.status,
        "as_of": timezone.localdate(),
        "next_steps": last.next_steps if last else "",
    }


def chosen_body(request: HttpRequest, bodies: list[SectoralBody]) -> SectoralBody:
    """The body that the person speaks for here: the one they name, or the first of theirs."""
    wanted = (request.POST if request.method == "POST" else request.GET).get("body")
    if not wanted:
        return bodies[0]
    for body in bodies:
        if body.acronym == wanted:
            return body
    raise Http404


def chosen_round(request: HttpRequest, plan: WorkPlan, body: SectoralBody) -> ReportingRound | None:
    """The round to report in: the one named, the open one, or one in which the body was given more time."""
    rounds = ReportingRound.objects.visible_to(request.user).filter(plan=plan)
    wanted = (request.POST if request.method == "POST" else request.GET).get("round")
    if wanted:
        # Whether it still takes reports is for the action to say, which loses nothing of what was typed.
        open_to_all = rounds if request.method == "POST" else rounds.taking_reports_of([body])
        named = open_to_all.filter(code=wanted).first()
        if named is not None:
            return named
    # The open one has the latest period: rounds follow one another.
    return rounds.taking_reports_of([body]).order_by("-period_start", "-pk").first()


def _own_report(
    request: HttpRequest, activity: Activity, the_round: ReportingRound | None, body: SectoralBody | None
) -> StatusUpdate | None:
    """The body's report that can still be written on."""
    own = StatusUpdate.objects.visible_to(request.user).filter(activity=activity, round=the_round, body=body)
    return own.filter(state__in=rules.REPORT_MOVES["edit"], is_direct=False).first() if the_round else None


def _report_there(
    request: HttpRequest, activity: Activity, the_round: ReportingRound, body: SectoralBody
) -> HttpResponse | None:
    """Where to go instead of beginning a report, if there is one already."""
    own = _own_report(request, activity, the_round, body)
    if own is not None:
        return redirect("edit-report", own.pk)
    others = StatusUpdate.objects.visible_to(request.user).filter(activity=activity, round=the_round)
    other = others.exclude(state=rules.DRAFT).select_related("body").first()
    if other is None or (other.state == rules.APPROVED and request.GET.get("kind") == rules.CORRECTION):
        return None
    if other.state == rules.APPROVED:
        text = f"The report on {activity.ref} in this round is approved already."
    else:
        text = f"{other.reported_by} has already reported on {activity.ref} in this round. You can concur or comment."
    messages.info(request, text)
    return redirect(other)


def _key(
    request: HttpRequest, activity: Activity, the_round: ReportingRound | None, update: StatusUpdate | None
) -> str:
    """Under what the person's browser keeps what they type."""
    what = f"report.{update.pk}" if update else f"begin.{activity.pk}.{the_round.pk if the_round else 0}"
    return f"{request.user.pk}.{what}"


def _kept_no_more(response: HttpResponse, key: str) -> HttpResponse:
    """Tell the browser that what it kept under ``key`` is saved here."""
    response.set_cookie("apta-saved", key, max_age=300, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    return response


def _after(request: HttpRequest, update: StatusUpdate) -> str:
    """Where to go on: the worklist, or for those without one, the activity."""
    return reverse("my") if permissions.bodies_of(request.user) else update.activity.get_absolute_url()
