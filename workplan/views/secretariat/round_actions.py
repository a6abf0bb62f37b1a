"""What the secretariat does with rounds: plan, change, open, close, reopen, publish, set its day, withdraw it.

Before each action, a page says what it will do.
"""

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from workplan import actions, permissions, rules
from workplan.actions import Actor
from workplan.exceptions import EndsRights, Refusal, Stale, WrongState
from workplan.forms.rounds import PublicationDayForm, PublicationWithdrawalForm, ReasonForm, RoundForm, show
from workplan.forms.updates import WITHOUT_VERSION
from workplan.models import ReportingRound, WorkPlan
from workplan.views.secretariat import round_previews as previews
from workplan.views.signed_out import sign_in_required


def find_round(request: HttpRequest, code: str, round_code: str) -> ReportingRound:
    rounds = ReportingRound.objects.visible_to(request.user).for_display()
    return get_object_or_404(rounds, plan__code=code, code=round_code)


@login_required
def plan_all(request: HttpRequest, code: str) -> HttpResponse:
    """Plan the half-years of the plan's period; shows first which rounds will be made."""
    plan = get_object_or_404(WorkPlan, code=code)
    require_permission(request)
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
    return render(request, "workplan/secretariat/round_plan.html", context)


@sign_in_required
def new(request: HttpRequest, code: str) -> HttpResponse:
    """Plan one round by hand."""
    plan = get_object_or_404(WorkPlan, code=code)
    require_permission(request)
    form = RoundForm(request.POST or None, instance=ReportingRound(plan=plan))
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.BAD_REQUEST
        if form.is_valid():
            try:
                actions.save_round(reporting_round=form.instance, by=Actor.of(request, "page"))
            except Refusal as refusal:
                show(form, refusal)
            else:
                messages.success(request, f"“{form.instance}” is planned.")
                return redirect(form.instance)
    return render(request, "workplan/secretariat/round_form.html", {"plan": plan, "form": form}, status=status)


@sign_in_required
def edit(request: HttpRequest, code: str, round_code: str) -> HttpResponse:
    """Change a round: all of it while it is planned, what lies ahead once it is open."""
    reporting_round = find_round(request, code, round_code)
    require_permission(request)
    allowed = "edit" in permissions.allowed_round_actions(request.user, reporting_round)
    form = RoundForm(request.POST or None, instance=copy.copy(reporting_round))
    version, status, differences = reporting_round.version, HTTPStatus.OK, None
    if request.method == "POST":
        status = HTTPStatus.BAD_REQUEST
        seen = _number(request.POST.get("version"))
        version = seen or version
        if seen is None:
            form.add_error(None, WITHOUT_VERSION)
        elif not allowed:
            form, status = RoundForm(instance=copy.copy(reporting_round)), HTTPStatus.CONFLICT
        elif form.is_valid():
            try:
                changed = actions.save_round(reporting_round=form.instance, version=seen, by=Actor.of(request, "page"))
            except Stale as refusal:
                # The newer version is shown next to the form, so sending it again is a decision.
                differences, version, status = (
                    form.differences(reporting_round),
                    reporting_round.version,
                    HTTPStatus.CONFLICT,
                )
                form.add_error(None, refusal.message)
            except WrongState as refusal:
                form.add_error(None, refusal.message)
                status = HTTPStatus.CONFLICT
            except Refusal as refusal:
                show(form, refusal)
            else:
                messages.success(request, f"“{form.instance}” is changed." if changed else "Nothing was changed.")
                if form.instance.code != reporting_round.code:
                    messages.info(request, actions.former_name_notice(form.instance, reporting_round.code))
                return redirect(form.instance)
    context = {
        "plan": reporting_round.plan,
        "round": reporting_round,
        "form": form,
        "version": version,
        "allowed": allowed,
        "differences": differences,
    }
    return render(request, "workplan/secretariat/round_form.html", context, status=status)


@dataclass(frozen=True, slots=True)
class RoundAction:
    """One thing to do with a round: its words, what it will do, and the action that does it.

    Attributes:
        form: what it asks for besides; its values are given to the action.
    """

    title: str
    button: str
    done: str
    preview: Callable[[ReportingRound, Any], previews.Preview]
    do: Callable[..., Any]
    form: type[forms.Form] | None = None


def _delete(*, reporting_round: ReportingRound, version: int, by: Actor) -> None:
    if reporting_round.version != version:
        raise Stale(current=[reporting_round])
    actions.delete_round(reporting_round=reporting_round, by=by)


ACTIONS = {
    "open": RoundAction("Open the round", "Open", "is open", previews.before_opening, actions.open_round),
    "close": RoundAction("Close the round", "Close", "is closed", previews.before_closing, actions.close_round),
    "reopen": RoundAction(
        "Open the round again",
        "Reopen",
        "is open again",
        previews.before_reopening,
        actions.reopen_round,
        ReasonForm,
    ),
    "publish": RoundAction(
        "Publish the round", "Publish", "is published", previews.before_publishing, actions.publish_round
    ),
    "schedule": RoundAction(
        "Set the day of publication",
        "Set the day",
        "has a day of publication",
        previews.before_scheduling,
        actions.schedule_publication,
        PublicationDayForm,
    ),
    "unschedule": RoundAction(
        "Take back the day of publication",
        "Take back",
        "is not published by itself",
        previews.before_unscheduling,
        actions.unschedule_publication,
    ),
    "withdraw": RoundAction(
        "Withdraw the publication",
        "Withdraw",
        "is closed again, and its publication withdrawn",
        previews.before_withdrawing,
        actions.withdraw_publication,
        PublicationWithdrawalForm,
    ),
    "delete": RoundAction("Delete the planned round", "Delete", "is deleted", previews.before_deleting, _delete),
}


@sign_in_required
def change_state(request: HttpRequest, code: str, round_code: str, action: str) -> HttpResponse:
    """Open, close, reopen, publish or delete a round, after a look at what will happen."""
    reporting_round = find_round(request, code, round_code)
    if action not in ACTIONS:
        raise Http404
    require_permission(request)
    words = ACTIONS[action]
    form = words.form(request.POST if request.method == "POST" else None) if words.form else None
    problem, status, unconfirmed = "", HTTPStatus.OK, []
    if request.method == "POST":
        seen = _number(request.POST.get("version"))
        problem, status = WITHOUT_VERSION, HTTPStatus.BAD_REQUEST
        if seen is not None:
            problem = ""
            values = form.cleaned_data if form and form.is_valid() else {}
            if action == "publish" and "confirmed" in request.POST:
                values["confirmed_bodies"] = request.POST.getlist("confirmed_bodies")
            if form is None or form.is_valid():
                consequence = words.preview(reporting_round, request.user).consequence
                try:
                    words.do(reporting_round=reporting_round, version=seen, by=Actor.of(request, "page"), **values)
                except EndsRights as refusal:
                    problem, status = refusal.message, HTTPStatus.CONFLICT
                    unconfirmed = refusal.fields["confirmed_bodies"]
                except (Stale, WrongState) as refusal:
                    problem, status = refusal.message, HTTPStatus.CONFLICT
                except Refusal as refusal:
                    if form is not None and refusal.fields:
                        show(form, refusal)
                    else:
                        texts = [text for texts in refusal.fields.values() for text in texts]
                        problem = " ".join(texts) or refusal.message
                else:
                    messages.success(request, f"“{reporting_round}” {words.done}. {consequence}".strip())
                    return redirect("rounds", code) if action == "delete" else redirect(reporting_round)
                reporting_round = find_round(request, code, round_code)
    allowed = action in permissions.allowed_round_actions(request.user, reporting_round)
    context = {
        "plan": reporting_round.plan,
        "round": reporting_round,
        "action": action,
        "about": words,
        "allowed": allowed,
        "preview": words.preview(reporting_round, request.user) if allowed else None,
        "form": form,
        "problem": problem,
        "unconfirmed": unconfirmed,
    }
    return render(request, "workplan/secretariat/round_action.html", context, status=status)


def require_permission(request: HttpRequest) -> None:
    if not permissions.can_manage_rounds(request.user):
        raise PermissionDenied("Only the secretariat plans, opens and closes reporting rounds.")


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"[1-9][0-9]{0,9}", text) else None
