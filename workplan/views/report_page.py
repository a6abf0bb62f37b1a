"""One report: what it says, what became of it, and what the person can do to it."""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from workplan import actions, comparing, permissions, rules
from workplan.actions import Actor
from workplan.actions.reporting import SAID
from workplan.actions.standing import counts_now
from workplan.exceptions import Invalid, NotAllowed, Refusal
from workplan.models import Concurrence, Contribution, Evidence, Review, SectoralBody, StatusUpdate
from workplan.models.base import LONG_TEXT, SHORT_TEXT
from workplan.views.signed_out import given_back, words_typed

NO_VERSION = "The form was sent without the version it was opened with. Read the report as it stands and send it again."


class CommentForm(forms.Form):
    """What somebody says beside a report."""

    text = forms.CharField(
        label="Comment",
        max_length=LONG_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The lead bodies and the secretariat see it, the public never does.",
        error_messages={"required": "Write a comment, in a word or more."},
    )


class ReturnForm(forms.Form):
    """Why a report goes back."""

    reason = forms.CharField(
        label="Why it is returned",
        max_length=SHORT_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Its author has to be able to mend it from these words. They are sent by mail.",
        error_messages={"required": "Say why the report is returned, so that its author can mend it."},
    )


@dataclass(frozen=True, slots=True)
class Stand:
    """Where one joint lead stands on the report.

    Attributes:
        body: the joint lead.
        given: what is recorded; ``None`` while it has said nothing.
        assumed_from: the day from which its silence counts as concurrence, if it does.
    """

    body: SectoralBody
    given: Concurrence | None
    assumed_from: datetime.date | None


def stands(update: StatusUpdate) -> list[Stand]:
    """Where the joint leads stand on ``update``; nothing to agree to in an entry of the secretariat."""
    if update.body_id is None or update.is_direct:
        return []
    spoken = {concurrence.body_id: concurrence for concurrence in update.concurrences.all()}
    days = update.round.silence_days if update.round else None
    assumed_from = None
    if days and update.submitted_at and update.state == rules.SUBMITTED:
        assumed_from = timezone.localdate(update.submitted_at) + datetime.timedelta(days=days)
    return [
        Stand(body, spoken.get(body.pk), assumed_from)
        for body in update.activity.lead_bodies
        if body.pk != update.body_id
    ]


@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """The report, with all that this person may know of it."""
    update = _visible(request, pk)
    if update is None:
        raise Http404
    return _show(request, update)


@require_http_methods(["GET", "POST"])
def do(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """One deed on one report; what stands in its way is said on the page of the report, with what was typed."""
    if deed not in DEEDS:
        raise Http404
    if request.method == "GET":  # the way back from signing in
        return redirect("report", pk=pk)
    if not request.user.is_authenticated:
        return given_back(request)
    update = _visible(request, pk)
    if update is None:
        return _gone(request)
    form = _form_of(deed, request.POST)
    version = number(request.POST.get("version"))
    try:
        if form is not None and not form.is_valid():
            raise Invalid
        if version is None and deed != "comment":
            raise Invalid(NO_VERSION)
        said = DEEDS[deed](request, update, version or 0, form)
    except Refusal as refusal:
        return _refused(request, pk, deed, form, refusal)
    messages.success(request, said)
    return redirect(update.activity if deed == "discard" else update)


def number(text: str | None) -> int | None:
    """The version that a form carries; ``None`` where it carries none."""
    return int(text) if text and re.fullmatch(r"[1-9][0-9]{0,8}", text) else None


def chosen_versions(pairs: list[str]) -> dict[int, int] | None:
    """Ids with versions, as a form for several carries them ("17:3"); ``None`` where one cannot be read."""
    versions = {}
    for pair in pairs:
        found = re.fullmatch(r"([1-9][0-9]{0,17}):([1-9][0-9]{0,8})", pair)
        if found is None:
            return None
        versions[int(found[1])] = int(found[2])
    return versions


def _visible(request: HttpRequest, pk: int) -> StatusUpdate | None:
    if pk >= 2**63:
        return None
    rows = StatusUpdate.objects.visible_to(request.user).for_display().prefetch_related("reviews", "concurrences")
    return rows.filter(pk=pk).first()


def _form_of(deed: str, data: Any) -> forms.Form | None:
    kinds: dict[str, type[forms.Form]] = {"comment": CommentForm, "return": ReturnForm}
    return kinds[deed](data, label_suffix="") if deed in kinds else None


def _refused(request: HttpRequest, pk: int, deed: str, form: forms.Form | None, refusal: Refusal) -> HttpResponse:
    """The report as it stands now, why the deed was not done, and what was typed."""
    update = _visible(request, pk)
    if update is None:
        return _gone(request)
    status = HTTPStatus.CONFLICT
    if isinstance(refusal, Invalid):
        status = HTTPStatus.BAD_REQUEST
        for name, texts in refusal.fields.items():
            for text in texts if form is not None and name in form.fields else ():
                form.add_error(name, text)  # type: ignore[union-attr]
    elif isinstance(refusal, NotAllowed):
        status = HTTPStatus.FORBIDDEN
    return _show(request, update, deed=deed, form=form, refusal=refusal, status=status)


def _gone(request: HttpRequest) -> HttpResponse:
    """There is no such report for this person, but what was typed is there to be copied."""
    typed = words_typed(request)
    if not typed:
        raise Http404
    return render(request, "workplan/kept.html", {"typed": typed}, status=HTTPStatus.NOT_FOUND)


def _show(
    request: HttpRequest,
    update: StatusUpdate,
    *,
    deed: str = "",
    form: forms.Form | None = None,
    refusal: Refusal | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    user = request.user
    allowed = permissions.allowed_actions(user, update)
    context: dict[str, Any] = {
        "plan": update.activity.plan,
        "activity": update.activity,
        "update": update,
        # All others see words and evidence.
        "inside": permissions.has_part_in(user, update),
        "contributions": _contributions(user, update),
        "allowed": allowed,
        "deed": deed,
        "refusal": refusal,
        "form": form,
        "problems": _problems(refusal, form) if refusal else [],
        # What was typed stands in its form; where the deed is no longer possible, it stands beside the refusal.
        "typed": "" if form is None or deed in allowed else next(iter(form.data.get(name) for name in form.fields)),
    }
    if context["inside"]:
        before = _report_before(user, update)
        context |= {
            "before": before,
            "changes": comparing.changes(before, update) if before else [],
            "reviews": list(update.reviews.all()),
            "decided": _last_review(update),
            "stands": stands(update),
            "silence": _silence(update),
            "comments": list(update.comments.select_related("body")),
            "may_review": permissions.can_review(user),
            "next_waiting": _next_waiting(user, update),
            "waits_for_round": update.state == rules.APPROVED and not counts_now(update),
            "may_see_trail": permissions.can_see_audit(user),
            "return_form": form if deed == "return" else _form_of("return", None),
            "comment_form": form if deed == "comment" else _form_of("comment", None),
            "concurring": permissions.bodies_to_concur(user, update) if "concur" in allowed else [],
            "checklist": _checklist(update) if "submit" in allowed else [],
            "why_not": _why_not(user, update, allowed),
        }
    return render(request, "workplan/report.html", context, status=status)


def _problems(refusal: Refusal, form: forms.Form | None) -> list[str]:
    """What is wrong, in sentences."""
    texts = [text for texts in refusal.fields.values() for text in texts]
    if not texts and form is not None:
        texts = [str(text) for found in form.errors.values() for text in found]
    return texts or [refusal.message]


def _last_review(update: StatusUpdate) -> Review | None:
    """The review that decided on the report as it stands, if one did."""
    if update.state not in (rules.APPROVED, rules.RETURNED):
        return None
    return next(reversed(update.reviews.all()), None)


def _report_before(user: Any, update: StatusUpdate) -> StatusUpdate | None:
    """The last approved report on the activity before ``update``, of any round, as far as ``user`` may see it."""
    rows = StatusUpdate.objects.visible_to(user).approved().for_display().filter(activity=update.activity)
    if update.approved_at is not None:
        rows = rows.filter(approved_at__lte=update.approved_at).exclude(
            approved_at=update.approved_at, pk__gt=update.pk
        )
    return rows.exclude(pk=update.pk).order_by("-approved_at", "-pk").first()


def _next_waiting(user: Any, update: StatusUpdate) -> StatusUpdate | None:
    """For a reviewer who is done with ``update``, the report that waits longest."""
    if update.state == rules.SUBMITTED or not permissions.can_review(user):
        return None
    return StatusUpdate.objects.visible_to(user).to_review().select_related("activity", "body").first()


def _contributions(user: Any, update: StatusUpdate) -> list[Contribution]:
    if update.round_id is None:
        return []
    rows = Contribution.objects.visible_to(user).for_display()
    return list(rows.filter(round=update.round_id, activity=update.activity))


def _silence(update: StatusUpdate) -> str:
    """The round's silence rule in words; that of an approved report as it was when it was approved."""
    if update.round is None:
        return ""
    days = update.round.silence_days
    for review in update.reviews.all():
        if review.decision == rules.APPROVE:
            days = review.silence_days
    if not days:
        return "Silence means nothing in this round: a joint lead concurs only by saying so."
    return (
        f"The silence rule of this round: a joint lead that says nothing for {days} day{'' if days == 1 else 's'} "
        "after the report is submitted is taken to concur."
    )


def _checklist(update: StatusUpdate) -> list[rules.Check]:
    """What the rules say of a report that is not submitted yet."""
    said = {name: getattr(update, name) for name in SAID}
    evidence = tuple(_proof(one) for one in update.evidence.all())
    return actions.checklist_of(update.activity, actions.Report(**said, evidence=evidence))


def _proof(evidence: Evidence) -> actions.Proof:
    return actions.Proof(evidence.title, evidence.url, kept=evidence.pk)


def _why_not(user: Any, update: StatusUpdate, allowed: list[str]) -> str:
    """Why the deed that the page is there for cannot be done by somebody who would otherwise do it."""
    if update.state == rules.SUBMITTED and permissions.can_review(user) and "approve" not in allowed:
        return f"You cannot approve this report. {permissions.WHY_NOT['approve']}"
    if update.state in rules.REPORT_MOVES["edit"] and permissions.may(user, "edit", update) and "submit" not in allowed:
        if "edit" not in allowed:
            return f"“{update.round}” takes no reports any more. If you need more time, ask the secretariat for it."
        if permissions.leads_no_more(update):
            return f"{update.body} does not lead {update.activity.ref} any more, so it does not report on it."
        return "Another report on this activity is handed in or approved in this round, so this one cannot be."
    return ""


def _submit(request: HttpRequest, update: StatusUpdate, version: int, form: Any) -> str:
    sent = actions.submit_report(update=update, version=version, by=Actor.of(request, "page"))
    if sent.state == rules.APPROVED:
        return f"Recorded: the report on {update.activity.ref} is approved, as the secretariat’s own are."
    return f"Submitted: the report on {update.activity.ref} waits for its review."


def _approve(request: HttpRequest, update: StatusUpdate, version: int, form: Any) -> str:
    approved = actions.approve_report(update=update, version=version, by=Actor.of(request, "page"))
    if approved.activity.latest_update_id == approved.pk:
        label = rules.STATUSES.label(approved.status)
        return f"Approved: {update.activity.ref} is “{label}”."
    return f"Approved: the report on {update.activity.ref} counts when “{update.round}” is published."


def _return(request: HttpRequest, update: StatusUpdate, version: int, form: Any) -> str:
    reason = form.cleaned_data["reason"]
    actions.return_report(update=update, version=version, reason=reason, by=Actor.of(request, "page"))
    return f"Returned: {update.reported_by} is told the reason and can mend the report on {update.activity.ref}."


def _concur(request: HttpRequest, update: StatusUpdate, version: int, form: Any) -> str:
    wanted = request.POST.get("body", "")
    body = next((body for body in permissions.bodies_of(request.user) if body.acronym == wanted), None)
    if wanted and body is None:
        raise NotAllowed(permissions.WHY_NOT["concur"])
    given = actions.concur(update=update, version=version, by=Actor.of(request, "page"), body=body)
    return f"{given.body} concurs with the report of {update.reported_by} on {update.activity.ref}."


def _comment(request: HttpRequest, update: StatusUpdate, version: int, form: Any) -> str:
    actions.comment(update=update, text=form.cleaned_data["text"], by=Actor.of(request, "page"))
    return "Your comment stands beside the report."


def _discard(request: HttpRequest, update: StatusUpdate, version: int, form: Any) -> str:
    actions.discard_report(update=update, version=version, by=Actor.of(request, "page"))
    return f"Discarded: the draft on {update.activity.ref}. Its words stay in the audit trail."


DEEDS: dict[str, Callable[[HttpRequest, StatusUpdate, int, Any], str]] = {
    "submit": _submit,
    "approve": _approve,
    "return": _return,
    "concur": _concur,
    "comment": _comment,
    "discard": _discard,
}
