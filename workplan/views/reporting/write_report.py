"""How a focal point writes a report: begun, saved as it is typed, submitted."""

from collections.abc import Collection, Iterable
from functools import partial
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from workplan import actions, permissions, rules
from workplan.actions import Actor, EvidenceItem, Report
from workplan.actions.reporting import REPORT_FIELDS
from workplan.exceptions import Invalid, NotAllowed, Refusal, Stale, Unconfirmed, WrongState
from workplan.forms.updates import (
    WITHOUT_VERSION,
    DraftForm,
    ReportForm,
    correction_form,
    evidence_rows,
    number_in,
    with_more_rows,
)
from workplan.models import Activity, Contribution, ReportingRound, SectoralBody, StatusUpdate, WorkPlan
from workplan.monitoring import consequences
from workplan.querysets import reader_day
from workplan.views.reporting.autosave import Write, autosave
from workplan.views.reporting.local_copies import local_copy_key, without_local_copy
from workplan.views.signed_out import sign_in_required

NO_ROUND = "No reporting round is open, so there is nothing to report for at present."


@sign_in_required
def begin(request: HttpRequest, code: str, ref: str) -> HttpResponse:
    """The form that begins a body's report on one activity in the present round."""
    activity = get_object_or_404(Activity.objects.visible_to(request.user).for_display(), plan__code=code, ref=ref)
    bodies = permissions.bodies_reporting(request.user, activity)
    if not bodies:
        if permissions.can_record_status(request.user, activity):
            return redirect("update-status", code, ref)
        raise PermissionDenied(f"Only the lead bodies of {ref} report on it.")
    body = chosen_body(request, bodies)
    reporting_round = chosen_round(request, activity.plan, body)
    if request.method != "POST":
        if reporting_round is None:
            messages.warning(request, NO_ROUND)
            return redirect(activity)
        there = _report_there(request, activity, reporting_round, body)
        if there is not None:
            return there
        form, links = _form(activity, None, initial=_start(request, activity, reporting_round)), evidence_rows()
        return _page(request, activity, reporting_round, body, None, form, links)

    def write(report: Report) -> StatusUpdate:
        return actions.begin_report(
            activity=activity, report=report, by=Actor.of(request, "page"), reporting_round=reporting_round, body=body
        )

    if "X-Autosave" in request.headers:
        return autosave(request, activity, reporting_round, None, write, form=_form(activity, None, request.POST))
    if "more" in request.POST:
        form, links = with_more_rows(_form_class(activity, None), request.POST)
        return _page(request, activity, reporting_round, body, None, form, links)
    return _save(request, activity, reporting_round, body, None, write)


@sign_in_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a draft, or of a returned report that is being mended."""
    update = get_object_or_404(StatusUpdate.objects.visible_to(request.user).for_display(), pk=pk)
    if not permissions.may(request.user, "edit", update):
        raise PermissionDenied(permissions.REFUSALS["edit"])
    activity, reporting_round, body = update.activity, update.round, update.body
    if request.method != "POST":
        if update.state not in rules.REPORT_ACTIONS["edit"]:
            state = rules.REPORT_STATES.label(update.state).lower()
            messages.info(request, f"This report is {state}, so its words can no longer be changed.")
            return redirect(update)
        form = _form(activity, update, initial={name: getattr(update, name) for name in REPORT_FIELDS})
        return _page(request, activity, reporting_round, body, update, form, evidence_rows(there=update.evidence.all()))
    seen = number_in(request.POST.get("version"))

    def write(report: Report) -> StatusUpdate:
        if seen is None:
            raise Invalid(WITHOUT_VERSION)
        return actions.save_report(update=update, version=seen, report=report, by=Actor.of(request, "page"))

    if "X-Autosave" in request.headers:
        return autosave(request, activity, reporting_round, update, write, form=_form(activity, update, request.POST))
    if "more" in request.POST:
        form, links = with_more_rows(_form_class(activity, update), request.POST, there=update.evidence.all())
        return _page(request, activity, reporting_round, body, update, form, links, version=seen)
    if "discard" in request.POST and seen is not None:
        return _discard(request, update, seen)
    return _save(request, activity, reporting_round, body, update, write)


def _discard(request: HttpRequest, update: StatusUpdate, seen: int) -> HttpResponse:
    goes = consequences.of_discarding(update)
    try:
        actions.discard_report(update=update, version=seen, by=Actor.of(request, "page"))
    except Stale as refusal:
        return _conflict(request, refusal)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect(update)
    messages.success(request, f"The draft on {update.activity.ref} is discarded. {goes}")
    # A redirect of ours and no more to keep: the browser forgets what it kept of the draft.
    return without_local_copy(
        redirect(_after(request, update)), local_copy_key(request, update.activity, update.round, update)
    )


def _save(
    request: HttpRequest,
    activity: Activity,
    reporting_round: ReportingRound | None,
    body: SectoralBody | None,
    update: StatusUpdate | None,
    write: Write,
) -> HttpResponse:
    """Save what was typed and, where that is asked for, submit it. What can be saved is, even if it cannot go yet."""
    submits = "submit" in request.POST
    there = update.evidence.all() if update else []
    form, links = _form(activity, update, request.POST), evidence_rows(request.POST, request.FILES, there=there)
    here = (request, activity, reporting_round, body, update, form, links)
    if not (form.is_valid() & links.is_valid()):
        if submits:
            form.ask(actions.checklist_of(activity, form.report(links), corrected=_corrected(update)), links)
        return _page(*here, status=HTTPStatus.BAD_REQUEST, version=number_in(request.POST.get("version")))
    refused: Refusal | None = None
    try:
        with transaction.atomic():
            saved = write(form.report(links))
            if submits:
                refused = _refusal_to_submit(request, saved, getattr(form, "kept", ()))
    except Stale as refusal:
        return _conflict(request, refusal)
    except WrongState as refusal:
        own = _own_report(request, activity, reporting_round, body)
        if update is None and own is not None:  # somebody of the body began first
            return _conflict(request, Stale(current=[own]))
        form.show(refusal, links)
        return _page(*here, status=HTTPStatus.CONFLICT, version=number_in(request.POST.get("version")))
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except Refusal as refusal:
        form.show(refusal, links)
        return _page(*here, status=HTTPStatus.BAD_REQUEST, version=number_in(request.POST.get("version")))
    key = local_copy_key(request, activity, reporting_round, update)
    saved = StatusUpdate.objects.visible_to(request.user).for_display().get(pk=saved.pk)
    if refused is not None:
        links = evidence_rows(there=saved.evidence.all())
        advice = refused.fields["as_of"] if isinstance(refused, Unconfirmed) else ()
        if not advice:
            form.show(refused, links)
        status = HTTPStatus.CONFLICT if isinstance(refused, WrongState) else HTTPStatus.BAD_REQUEST
        here = (request, activity, reporting_round, body, saved, form, links)
        page = _page(*here, status=status, is_saved=True, advice=advice)
        return without_local_copy(page, key)
    if submits:
        outcome = "approved" if saved.state == rules.APPROVED else "submitted for review"
        messages.success(request, f"Your report on {activity.ref} is {outcome}.")
        return without_local_copy(redirect(_after(request, saved)), key)
    messages.success(request, f"Saved: your report on {activity.ref}. It is not submitted yet.")
    return without_local_copy(redirect("edit-report", saved.pk), key)


def _refusal_to_submit(request: HttpRequest, saved: StatusUpdate, kept: Collection[str]) -> Refusal | None:
    """Submit what was saved a moment ago; why not, if it cannot go yet. The saving stays."""
    by, confirmed = Actor.of(request, "page"), "advised" in request.POST
    try:
        with transaction.atomic():
            actions.submit_report(update=saved, version=saved.version, by=by, confirmed=confirmed, kept=kept)
    except (Invalid, WrongState, Unconfirmed) as refusal:
        return refusal
    return None


def _conflict(request: HttpRequest, refusal: Stale) -> HttpResponse:
    """The newer version next to what was typed; sending it again is a decision made with both in view."""
    update = StatusUpdate.objects.visible_to(request.user).for_display().get(pk=refusal.current[0].pk)
    there = list(update.evidence.all())
    form = _form(update.activity, update, request.POST)
    typed = evidence_rows(request.POST, request.FILES, there=there)
    form.is_valid()
    _, links = with_more_rows(type(form), request.POST, there=there, and_what_is_there=True)
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
    reporting_round: ReportingRound | None,
    body: SectoralBody | None,
    update: StatusUpdate | None,
    form: DraftForm,
    links: Any,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    version: int | None = None,
    conflict: dict[str, Any] | None = None,
    is_saved: bool = False,
    advice: Iterable[str] = (),
) -> HttpResponse:
    """The form with the information shown next to it."""
    returned = update is not None and update.state == rules.RETURNED
    last = StatusUpdate.objects.published().for_display().filter(pk=activity.latest_update_id or 0).first()
    related = (
        Contribution.objects.visible_to(request.user).for_display().filter(activity=activity, round=reporting_round)
    )
    address = (
        reverse("edit-report", args=[update.pk])
        if update
        else reverse("begin-report", args=[activity.plan.code, activity.ref])
    )
    context = {
        "plan": activity.plan,
        "activity": activity,
        "reporting_round": reporting_round,
        "body": body,
        "bodies": permissions.bodies_reporting(request.user, activity),
        "update": update,
        "form": form,
        "links": links,
        "version": version or (update.version if update else ""),
        "address": address,
        "key": local_copy_key(request, activity, reporting_round, update),
        "review": update.reviews.filter(decision=rules.RETURN).last() if update and returned else None,
        "last": last,
        "contributions": related,
        "checklist": actions.checklist_of(
            activity, _as_shown(form, links), reporting_round=reporting_round, corrected=_corrected(update)
        ),
        "corrected": _corrected(update),
        "conflict": conflict,
        "is_saved": is_saved,
        "advice": advice,
        "goes": consequences.of_discarding(update) if update else "",
        "can_discard": update is not None and update.state in rules.REPORT_ACTIONS["discard"],
    }
    return render(request, "workplan/reporting/report_form.html", context, status=status)


def _as_shown(form: DraftForm, links: Any) -> Report:
    """What the form says as it is on the page."""
    if form.is_bound and links.is_bound:
        return form.report(links)
    read = form if form.is_bound else type(form)(form.initial)
    read.is_valid()
    message = read.report(evidence_rows(initial=[]))
    rows = [row.initial for row in links.forms if row.initial.get("kept") or row.initial.get("url")]
    evidence_items = tuple(EvidenceItem(row.get("title", ""), row.get("url", "")) for row in rows)
    return Report(**message.field_values, evidence=evidence_items)


def _form_class(activity: Activity, update: StatusUpdate | None) -> Any:
    """The form of a report on ``activity``, or of the one that is being written."""
    if update is not None and update.corrects_id is not None:
        return correction_form(update.as_of)
    return partial(ReportForm, last=activity.latest_update)


def _form(activity: Activity, update: StatusUpdate | None, *args: Any, **kwargs: Any) -> DraftForm:
    form: DraftForm = _form_class(activity, update)(*args, **kwargs)
    return form


def _corrected(update: StatusUpdate | None) -> StatusUpdate | None:
    """The report that ``update`` corrects, if it does."""
    return update.corrects if update is not None else None


def _start(request: HttpRequest, activity: Activity, reporting_round: ReportingRound) -> dict[str, Any]:
    """What the form of a new report begins with: what the last one left to do. The status is for the author to say."""
    last = activity.latest_update
    kind = rules.CORRECTION if request.GET.get("kind") == rules.CORRECTION else rules.PROGRESS
    return {
        "kind": kind,
        "as_of": rules.default_as_of(reporting_round.period_end, reader_day()),
        "next_steps": last.next_steps if last else "",
    }


def chosen_body(request: HttpRequest, bodies: list[SectoralBody]) -> SectoralBody:
    """The body that the person represents here: the one they name, or the first of theirs."""
    wanted = (request.POST if request.method == "POST" else request.GET).get("body")
    if not wanted:
        return bodies[0]
    for body in bodies:
        if body.acronym == wanted:
            return body
    raise Http404


def chosen_round(request: HttpRequest, plan: WorkPlan, body: SectoralBody) -> ReportingRound | None:
    """The round to report in: the one named, the open one, or one in which the body has a deadline extension."""
    rounds = ReportingRound.objects.visible_to(request.user).filter(plan=plan)
    wanted = (request.POST if request.method == "POST" else request.GET).get("round")
    if wanted:
        # Whether it still takes reports is for the action to say, which loses nothing of what was typed.
        open_to_all = rounds if request.method == "POST" else rounds.taking_reports_of([body])
        named = open_to_all.named(wanted).first()
        if named is not None:
            return named
    # The open one has the latest period: rounds follow one another.
    return rounds.taking_reports_of([body]).order_by("-period_start", "-pk").first()


def _own_report(
    request: HttpRequest, activity: Activity, reporting_round: ReportingRound | None, body: SectoralBody | None
) -> StatusUpdate | None:
    """The body's report that can still be written on."""
    own = StatusUpdate.objects.visible_to(request.user).filter(activity=activity, round=reporting_round, body=body)
    return own.filter(state__in=rules.REPORT_ACTIONS["edit"], is_direct=False).first() if reporting_round else None


def _report_there(
    request: HttpRequest, activity: Activity, reporting_round: ReportingRound, body: SectoralBody
) -> HttpResponse | None:
    """Where to go instead of beginning a report, if there is one already."""
    own = _own_report(request, activity, reporting_round, body)
    if own is not None:
        return redirect("edit-report", own.pk)
    others = StatusUpdate.objects.visible_to(request.user).filter(activity=activity, round=reporting_round)
    given_up = Q(state=rules.RETURNED) & ~Q(body__in=activity.lead_bodies)
    other = others.exclude(Q(state=rules.DRAFT) | given_up).select_related("body").first()
    if other is None:
        return None
    if other.state == rules.APPROVED and request.GET.get("kind") == rules.CORRECTION:
        may_correct = permissions.may(request.user, "correct", other)
        return redirect("correct-report", other.pk) if may_correct else None
    if other.state == rules.APPROVED:
        text = f"The report on {activity.ref} in this round is approved already."
    else:
        text = f"{other.reported_by} has already reported on {activity.ref} in this round. You can concur or comment."
    messages.info(request, text)
    return redirect(other)


def _after(request: HttpRequest, update: StatusUpdate) -> str:
    """Where to go on: the worklist, or for those without one, the activity."""
    return reverse("my") if permissions.bodies_of(request.user) else update.activity.get_absolute_url()
