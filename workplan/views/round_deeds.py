"""What the secretariat does with rounds: plan, change, open, close, reopen, publish, give more time.

Each deed stands behind a page that says what will happen.
"""

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from workplan import actions, completion, permissions, rules
from workplan.actions import Actor, owing
from workplan.exceptions import Refusal, Stale, WrongState
from workplan.models import Activity, LateException, Membership, Obligation, ReportingRound, SectoralBody, WorkPlan
from workplan.round_forms import ExceptionForm, ReasonForm, RoundForm, show
from workplan.views.signed_out import signed_in

form_page = require_http_methods(["GET", "HEAD", "POST"])

WITHOUT_VERSION = "The form was sent without the version it was opened with. Send it again."


def find_round(request: HttpRequest, code: str, round_code: str) -> ReportingRound:
    rounds = ReportingRound.objects.visible_to(request.user).for_display()
    return get_object_or_404(rounds, plan__code=code, code=round_code)


@login_required
@form_page
def plan_all(request: HttpRequest, code: str) -> HttpResponse:
    """Plan the half-years of the plan's period; shows first which rounds will be made."""
    plan = get_object_or_404(WorkPlan, code=code)
    _refuse_strangers(request)
    if request.method == "POST":
        made = actions.plan_rounds(plan=plan, by=Actor.of(request, "page"))
        text = "1 round is planned." if len(made) == 1 else f"{len(made)} rounds are planned."
        messages.success(request, text if made else "Every half-year of the plan has its round already.")
        return redirect("rounds", plan.code)
    taken = set(ReportingRound.objects.visible_to(request.user).filter(plan=plan).values_list("code", flat=True))
    schedules = [
        (schedule, rules.ROUND_KINDS.label(schedule.kind), schedule.code in taken)
        for schedule in rules.half_years(plan.period_start, plan.period_end)
    ]
    context = {"plan": plan, "schedules": schedules, "number": sum(not there for _, _, there in schedules)}
    return render(request, "workplan/round_plan.html", context)


@login_required
@form_page
def new(request: HttpRequest, code: str) -> HttpResponse:
    """Plan one round by hand."""
    plan = get_object_or_404(WorkPlan, code=code)
    _refuse_strangers(request)
    form = RoundForm(request.POST or None, instance=ReportingRound(plan=plan))
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.BAD_REQUEST
        if form.is_valid():
            try:
                actions.save_round(the_round=form.instance, by=Actor.of(request, "page"))
            except Refusal as refusal:
                show(form, refusal)
            else:
                messages.success(request, f"“{form.instance}” is planned.")
                return redirect(form.instance)
    return render(request, "workplan/round_form.html", {"plan": plan, "form": form}, status=status)


@login_required
@form_page
def edit(request: HttpRequest, code: str, round_code: str) -> HttpResponse:
    """Change a round: all of it while it is planned, what lies ahead once it is open."""
    the_round = find_round(request, code, round_code)
    _refuse_strangers(request)
    allowed = "edit" in permissions.allowed_round_actions(request.user, the_round)
    form = RoundForm(request.POST or None, instance=copy.copy(the_round))
    version, status, differences = the_round.version, HTTPStatus.OK, None
    if request.method == "POST":
        status = HTTPStatus.BAD_REQUEST
        seen = _number(request.POST.get("version"))
        version = seen or version
        if seen is None:
            form.add_error(None, WITHOUT_VERSION)
        elif not allowed:
            form, status = RoundForm(instance=copy.copy(the_round)), HTTPStatus.CONFLICT
        elif form.is_valid():
            try:
                changed = actions.save_round(the_round=form.instance, version=seen, by=Actor.of(request, "page"))
            except Stale as refusal:
                # The newer version stands beside the form now, so sending it again is a decision.
                differences, version, status = form.differences(the_round), the_round.version, HTTPStatus.CONFLICT
                form.add_error(None, refusal.message)
            except WrongState as refusal:
                form.add_error(None, refusal.message)
                status = HTTPStatus.CONFLICT
            except Refusal as refusal:
                show(form, refusal)
            else:
                messages.success(request, f"“{form.instance}” is changed." if changed else "Nothing was changed.")
                return redirect(form.instance)
    context = {
        "plan": the_round.plan,
        "round": the_round,
        "form": form,
        "version": version,
        "allowed": allowed,
        "differences": differences,
    }
    return render(request, "workplan/round_form.html", context, status=status)


@signed_in
@form_page
def exception(request: HttpRequest, code: str, round_code: str) -> HttpResponse:
    """Give one body more time, or change what was given."""
    the_round = find_round(request, code, round_code)
    _refuse_strangers(request)
    allowed = "except" in permissions.allowed_round_actions(request.user, the_round)
    owed = Obligation.objects.filter(round=the_round, body__isnull=False).order_by()
    given = list(LateException.objects.filter(round=the_round).select_related("body").order_by("body__position"))
    form = ExceptionForm(
        request.POST if request.method == "POST" else None,
        owing=owed.values_list("body", flat=True).distinct(),
        initial=_present(given, request.GET.get("body", "")),
    )
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.BAD_REQUEST if allowed else HTTPStatus.CONFLICT
        if allowed and form.is_valid():
            try:
                found = actions.give_exception(the_round=the_round, by=Actor.of(request, "page"), **form.cleaned_data)
            except WrongState as refusal:
                form.add_error(None, refusal.message)
                status = HTTPStatus.CONFLICT
            except Refusal as refusal:
                show(form, refusal)
            else:
                messages.success(request, f"{found.body} has time until {found.until:%-d %B %Y}.")
                return redirect(the_round)
    context = {"plan": the_round.plan, "round": the_round, "form": form, "allowed": allowed, "given": given}
    return render(request, "workplan/round_exception.html", context, status=status)


def _present(given: list[LateException], acronym: str) -> dict[str, Any]:
    """What ``acronym`` has been given already, to begin the form with."""
    for one in given:
        if one.body.acronym == acronym:
            return {"body": acronym, "until": one.until, "reason": one.reason}
    return {"body": acronym}


@dataclass(slots=True)
class Outlook:
    """What a deed will do.

    Attributes:
        sentences: what will happen, one thing each.
        rows: for each body (``None`` for the secretariat) the number of reports meant, and a remark.
        rows_say: what that number counts.
        obstacle: why it cannot be done now; empty when it can.
    """

    sentences: list[str]
    rows: list[tuple[SectoralBody | None, int, str]] = field(default_factory=list)
    rows_say: str = ""
    obstacle: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing to do with a round: its words, what it will do, and the action that does it."""

    title: str
    button: str
    done: str
    outlook: Callable[[ReportingRound, Any], Outlook]
    do: Callable[..., Any]


def _before_opening(the_round: ReportingRound, user: Any) -> Outlook:
    activities = Activity.objects.visible_to(user).filter(plan=the_round.plan_id).order_by("position")
    numbers: dict[int | None, int] = {}
    for owed in owing.what_is_owed(the_round, activities.values_list("pk", flat=True)):
        numbers[owed.body_id] = numbers.get(owed.body_id, 0) + 1
    spoken_for = set(
        Membership.objects.filter(body__in=[pk for pk in numbers if pk], user__is_active=True).values_list(
            "body", flat=True
        )
    )
    rows: list[tuple[SectoralBody | None, int, str]] = [
        (body, numbers[body.pk], "" if body.pk in spoken_for else "No focal point: nobody can report for it.")
        for body in SectoralBody.objects.filter(pk__in=[pk for pk in numbers if pk])
    ]
    if None in numbers:
        rows.append((None, numbers[None], "Activities without a lead body."))
    asked = activities.count()
    sentences = [
        f"{_count(len(rows) - (None in numbers), 'body owes', 'bodies owe')} reports on {_activities(asked)} "
        f"by {the_round.due_on:%-d %B %Y}. Of joint leads each owes, and the report of one settles all.",
        "What is owed is written down. While the round is open it follows edits of the plan; afterwards it stays.",
        "The focal points of these bodies are told.",
    ]
    if the_round.due_on < timezone.localdate():
        sentences.append("The day on which reports are due has passed already, so all of them are overdue at once.")
    others = ReportingRound.objects.visible_to(user).open().filter(plan=the_round.plan_id)
    obstacle = "".join(f"“{other}” is open. Close it first." for other in others)
    return Outlook(sentences, rows, "reports", obstacle)


def _before_closing(the_round: ReportingRound, user: Any) -> Outlook:
    found = completion.of_round(the_round, user)
    today = timezone.localdate()
    longer = LateException.objects.filter(round=the_round, until__gte=today).select_related("body")
    spared = {one.body_id: one.until for one in longer}
    rows: list[tuple[SectoralBody | None, int, str]] = []
    for body, counts in found.bodies:
        missing = counts.owed + counts.draft + counts.returned
        parts = [(counts.draft, "as a draft"), (counts.returned, "returned to be mended")]
        words = [f"{number} {what}" for number, what in parts if number]
        if body and body.pk in spared:
            words.append(f"may still report until {spared[body.pk]:%-d %B %Y}")
        if missing:
            rows.append((body, missing, ", ".join(words)))
    sentences = [
        "No more reports are taken, but from bodies with a late exception; and the secretariat reviews what it has.",
        f"{_reports(found.total.owed)} not begun, {_count(found.total.draft, 'draft', 'drafts')} and "
        f"{_count(found.total.returned, 'returned report', 'returned reports')} are cut off. "
        "Nothing of them is lost; they can go on when the round is reopened.",
    ]
    if found.total.submitted:
        sentences.append(f"{_reports(found.total.submitted)} handed in and waiting for review.")
    if the_round.closes_on > today:
        sentences.append(f"The round was to close on {the_round.closes_on:%-d %B %Y}, which is still to come.")
    return Outlook(sentences, rows, "not handed in")


def _before_reopening(the_round: ReportingRound, user: Any) -> Outlook:
    others = ReportingRound.objects.visible_to(user).open().filter(plan=the_round.plan_id)
    found = completion.of_round(the_round, user).total
    return Outlook(
        [
            "Lead bodies may report again, and go on with drafts and returned reports.",
            f"Dates stay as they are: reports that come after {the_round.due_on:%-d %B %Y} count as late, "
            "but from bodies with a late exception.",
            f"{_reports(found.owed + found.draft + found.returned)} not handed in.",
        ],
        obstacle="".join(f"“{other}” is open. Close it first." for other in others),
    )


def _before_publishing(the_round: ReportingRound, user: Any) -> Outlook:
    found = completion.of_round(the_round, user).total
    if the_round.publication == rules.WITH_ROUND:
        first = (
            f"{_reports(found.approved)} approved: everybody will read them, and they become the statuses "
            "of their activities, but where something approved later counts already."
        )
    else:
        first = f"{_reports(found.approved)} approved; they were published one by one when they were approved."
    sentences = [first, "The round is finished: nothing in it can be reported, reviewed or changed any more."]
    missing = found.owed + found.draft + found.returned
    if missing:
        sentences.append(f"{_reports(missing)} missing, and will stay so.")
    waiting = ""
    if found.submitted:
        waits = "1 report waits" if found.submitted == 1 else f"{found.submitted} reports wait"
        waiting = f"{waits} for review. Approve or return them first."
    return Outlook(sentences, obstacle=waiting)


def _before_deleting(the_round: ReportingRound, user: Any) -> Outlook:
    return Outlook(["The round was never opened, so no report is lost. The half-years can be planned again."])


def _delete(*, the_round: ReportingRound, version: int, by: Actor) -> None:
    if the_round.version != version:
        raise Stale(current=[the_round])
    actions.delete_round(the_round=the_round, by=by)


DEEDS = {
    "open": Deed("Open the round", "Open", "is open", _before_opening, actions.open_round),
    "close": Deed("Close the round", "Close", "is closed", _before_closing, actions.close_round),
    "reopen": Deed("Open the round again", "Reopen", "is open again", _before_reopening, actions.reopen_round),
    "publish": Deed("Publish the round", "Publish", "is published", _before_publishing, actions.publish_round),
    "delete": Deed("Delete the planned round", "Delete", "is deleted", _before_deleting, _delete),
}


@signed_in
@form_page
def move(request: HttpRequest, code: str, round_code: str, deed: str) -> HttpResponse:
    """Open, close, reopen, publish or delete a round, after a look at what will happen."""
    the_round = find_round(request, code, round_code)
    if deed not in DEEDS:
        raise Http404
    _refuse_strangers(request)
    words = DEEDS[deed]
    reason = ReasonForm(request.POST if request.method == "POST" else None) if deed == "reopen" else None
    problem, status = "", HTTPStatus.OK
    if request.method == "POST":
        seen = _number(request.POST.get("version"))
        problem, status = WITHOUT_VERSION, HTTPStatus.BAD_REQUEST
        if seen is not None:
            problem = ""
            said = reason.cleaned_data if reason and reason.is_valid() else {}
            if reason is None or said:
                try:
                    words.do(the_round=the_round, version=seen, by=Actor.of(request, "page"), **said)
                except (Stale, WrongState) as refusal:
                    problem, status = refusal.message, HTTPStatus.CONFLICT
                except Refusal as refusal:
                    problem = " ".join(text for texts in refusal.fields.values() for text in texts) or refusal.message
                else:
                    messages.success(request, f"“{the_round}” {words.done}.")
                    return redirect("rounds", code) if deed == "delete" else redirect(the_round)
                the_round = find_round(request, code, round_code)
    allowed = deed in permissions.allowed_round_actions(request.user, the_round)
    context = {
        "plan": the_round.plan,
        "round": the_round,
        "deed": deed,
        "about": words,
        "allowed": allowed,
        "outlook": words.outlook(the_round, request.user) if allowed else None,
        "form": reason,
        "problem": problem,
    }
    return render(request, "workplan/round_move.html", context, status=status)


def _refuse_strangers(request: HttpRequest) -> None:
    if not permissions.can_manage_rounds(request.user):
        raise PermissionDenied("Only the secretariat plans, opens and closes reporting rounds.")


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"[1-9][0-9]{0,9}", text) else None


def _count(number: int, one: str, many: str) -> str:
    return f"1 {one}" if number == 1 else f"{number:,} {many}"


def _reports(number: int) -> str:
    return _count(number, "report is", "reports are")


def _activities(number: int) -> str:
    return _count(number, "activity", "activities")
