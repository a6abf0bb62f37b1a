"""Deadline extension of one body in one round: the form that grants or changes it, and the page to withdraw it."""

import re
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from workplan import actions, permissions, rules
from workplan.actions import Actor
from workplan.exceptions import Refusal, Stale, WrongState
from workplan.forms.rounds import ExceptionForm, WithdrawalForm, show
from workplan.forms.updates import WITHOUT_VERSION, number_in
from workplan.models import LateException, Obligation, ReportingRound, SectoralBody
from workplan.querysets import fold_spelling
from workplan.querysets.days import secretariat_day
from workplan.views.secretariat.round_actions import find_round, require_permission
from workplan.views.signed_out import sign_in_required

# What the form says of each extension that its sender has seen: "SOMTC:3".
SEEN = re.compile(r"(.{1,40}):([1-9][0-9]{0,8})")


@sign_in_required
def extend(request: HttpRequest, code: str, round_code: str) -> HttpResponse:
    """Grant one body a deadline extension, or change it."""
    reporting_round = find_round(request, code, round_code)
    require_permission(request)
    allowed = "except" in permissions.allowed_round_actions(request.user, reporting_round)
    due = Obligation.objects.filter(round=reporting_round, body__isnull=False).order_by()
    given = _given(reporting_round)
    form = ExceptionForm(
        request.POST if request.method == "POST" else None,
        responsible_bodies=due.values_list("body", flat=True).distinct(),
        initial=_present(given, request.GET.get("body", "")),
    )
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.BAD_REQUEST if allowed else HTTPStatus.CONFLICT
        seen = {one[1]: int(one[2]) for text in request.POST.getlist("seen") if (one := SEEN.fullmatch(text))}
        if allowed and form.is_valid():
            body: SectoralBody = form.cleaned_data["body"]
            try:
                found = actions.extend_deadline(
                    reporting_round=reporting_round,
                    version=seen.get(body.acronym),
                    by=Actor.of(request, "page"),
                    **form.cleaned_data,
                )
            except (Stale, WrongState) as refusal:
                # What stands now is shown above the form, so sending it again is a decision made with it in view.
                form.add_error(None, refusal.message)
                status, given = HTTPStatus.CONFLICT, _given(reporting_round)
            except Refusal as refusal:
                show(form, refusal)
            else:
                messages.success(request, f"{found.body} has time until {found.until:%-d %B %Y}.")
                return redirect(reporting_round)
    context = {"plan": reporting_round.plan, "round": reporting_round, "form": form, "allowed": allowed, "given": given}
    return render(request, "workplan/secretariat/deadline_extension.html", context, status=status)


@sign_in_required
def withdraw(request: HttpRequest, code: str, round_code: str, acronym: str) -> HttpResponse:
    """Take back the time that a body was given, after a look at what will happen."""
    reporting_round = find_round(request, code, round_code)
    require_permission(request)
    extension = _extension_of(reporting_round, acronym)
    if extension is None and request.method != "POST":
        raise Http404
    allowed = "except" in permissions.allowed_round_actions(request.user, reporting_round) and extension is not None
    form = WithdrawalForm(request.POST if request.method == "POST" else None)
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.BAD_REQUEST if allowed else HTTPStatus.CONFLICT
        seen = number_in(request.POST.get("version"))
        if seen is None:
            form.add_error(None, WITHOUT_VERSION)
        elif extension is not None and allowed and form.is_valid():
            body = extension.body
            try:
                actions.withdraw_extension(
                    reporting_round=reporting_round,
                    body=body,
                    version=seen,
                    by=Actor.of(request, "page"),
                    **form.cleaned_data,
                )
            except (Stale, WrongState) as refusal:
                form.add_error(None, refusal.message)
                status, extension = HTTPStatus.CONFLICT, _extension_of(reporting_round, acronym)
                allowed = allowed and extension is not None
            except Refusal as refusal:
                show(form, refusal)
            else:
                messages.success(request, f"The deadline extension of {body} has been withdrawn.")
                return redirect(reporting_round)
    context = {
        "plan": reporting_round.plan,
        "round": reporting_round,
        "acronym": extension.body.acronym if extension else acronym[:40],
        "extension": extension,
        "form": form,
        "allowed": allowed,
        "consequences": _consequences(extension) if extension and allowed else [],
    }
    return render(request, "workplan/secretariat/deadline_extension_withdrawal.html", context, status=status)


def _given(reporting_round: ReportingRound) -> list[LateException]:
    return list(LateException.objects.filter(round=reporting_round).select_related("body").order_by("body__position"))


def _extension_of(reporting_round: ReportingRound, acronym: str) -> LateException | None:
    body = SectoralBody.objects.by_spelling().get(fold_spelling(acronym))
    found = LateException.objects.filter(round=reporting_round, body=body)
    return found.select_related("body", "round").first()


def _present(given: list[LateException], acronym: str) -> dict[str, Any]:
    """What ``acronym`` has been given already, to begin the form with."""
    for one in given:
        if one.body.acronym == acronym:
            return {"body": acronym, "until": one.until, "reason": one.reason}
    return {"body": acronym}


def _consequences(extension: LateException) -> list[str]:
    """What will happen when the time is taken back, in sentences."""
    reporting_round, body, today = extension.round, extension.body, secretariat_day()
    due_rows = Obligation.objects.filter(round=reporting_round, body=body)
    missing = due_rows.outstanding().count()
    in_the_time = due_rows.filter(
        first_submitted_on__gt=reporting_round.due_on, first_submitted_on__lte=extension.until
    ).count()
    due = f"{reporting_round.due_on:%-d %B %Y}"
    sentences = [f"Reports of {body} are due on {due} again, as those of the others."]
    if missing and reporting_round.state == rules.CLOSED:
        sentences.append(f"The round is closed, so {_reports(missing)} not taken any more.")
    elif missing and reporting_round.due_on < today:
        sentences.append(
            f"This day has passed, so {_reports(missing)} overdue at once. They are taken while the round is open."
        )
    if in_the_time:
        sentences.append(f"{_reports(in_the_time)} kept, and late: first submitted after {due}.")
    return [*sentences, f"The focal points of {body} are told, with the reason."]


def _reports(number: int) -> str:
    return "1 report is" if number == 1 else f"{number:,} reports are"
