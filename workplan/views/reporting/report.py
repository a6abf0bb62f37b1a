"""One report: its content, its review, and what the person can do to it."""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from workplan import actions, permissions, rules
from workplan.actions import Actor
from workplan.actions.current_status import is_in_effect
from workplan.exceptions import Invalid, NotAllowed, Refusal
from workplan.forms.typed_texts import typed_texts
from workplan.history import differences
from workplan.models import Concurrence, Contribution, Review, SectoralBody, StatusUpdate
from workplan.models.base import LONG_TEXT, SHORT_TEXT
from workplan.monitoring import consequences
from workplan.querysets.days import secretariat_day
from workplan.views.signed_out import return_typed_texts

NO_VERSION = "The form was sent without the version it was opened with. Read the report as it stands and send it again."


class CommentForm(forms.Form):
    """A comment on a report."""

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
class ConcurrenceStatus:
    """The concurrence of one joint lead with the report.

    Attributes:
        body: the joint lead.
        given: what is recorded; ``None`` while it has said nothing.
        assumed_from: the day from which no answer counts as concurrence, if it does.
    """

    body: SectoralBody
    given: Concurrence | None
    assumed_from: datetime.date | None


def concurrence_statuses(update: StatusUpdate) -> list[ConcurrenceStatus]:
    """The concurrence of the joint leads with ``update``; none is needed with an entry of the secretariat."""
    if update.body_id is None or update.is_direct:
        return []
    spoken = {concurrence.body_id: concurrence for concurrence in update.concurrences.all()}
    days = update.round.silence_days if update.round else None
    assumed_from = None
    if days and update.submitted_at and update.state == rules.SUBMITTED:
        assumed_from = secretariat_day(update.submitted_at) + datetime.timedelta(days=days)
    return [
        ConcurrenceStatus(body, spoken.get(body.pk), assumed_from)
        for body in update.activity.lead_bodies
        if body.pk != update.body_id
    ]


def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The report, with all that this person may know of it."""
    update = _visible(request, pk)
    if update is None:
        raise Http404
    return _show(request, update)


def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """One action on one report; what prevents it is shown on the page of the report, with what was typed."""
    if action not in ACTIONS:
        raise Http404
    if request.method != "POST":  # the return from signing in
        return redirect("report", pk=pk)
    if not request.user.is_authenticated:
        return return_typed_texts(request)
    update = _visible(request, pk)
    if update is None:
        return _gone(request)
    form = _form_of(action, request.POST)
    version = number(request.POST.get("version"))
    try:
        if form is not None and not form.is_valid():
            raise Invalid
        if version is None and action != "comment":
            raise Invalid(NO_VERSION)
        message = ACTIONS[action](request, update, version or 0, form)
    except Refusal as refusal:
        return _refused(request, pk, action, form, refusal)
    messages.success(request, message)
    return redirect(update.activity if action == "discard" else update)


def number(text: str | None) -> int | None:
    """The version in a form; ``None`` where there is none."""
    return int(text) if text and re.fullmatch(r"[1-9][0-9]{0,8}", text) else None


def chosen_versions(pairs: list[str]) -> dict[int, int] | None:
    """Ids with versions, as a form for several has them ("17:3"); ``None`` where one cannot be read."""
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


def _form_of(action: str, data: Any) -> forms.Form | None:
    kinds: dict[str, type[forms.Form]] = {"comment": CommentForm, "return": ReturnForm}
    return kinds[action](data, label_suffix="") if action in kinds else None


def _refused(request: HttpRequest, pk: int, action: str, form: forms.Form | None, refusal: Refusal) -> HttpResponse:
    """The report as it is now, why the action was not done, and what was typed."""
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
    return _show(request, update, action=action, form=form, refusal=refusal, status=status)


def _gone(request: HttpRequest) -> HttpResponse:
    """There is no such report for this person, but what was typed is there to be copied."""
    typed = typed_texts(request)
    if not typed:
        raise Http404
    return render(request, "workplan/typed_text.html", {"typed": typed}, status=HTTPStatus.NOT_FOUND)


def _show(
    request: HttpRequest,
    update: StatusUpdate,
    *,
    action: str = "",
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
        "inside": permissions.takes_part_in(user, update),
        "contributions": _contributions(user, update),
        "allowed": allowed,
        "action": action,
        "refusal": refusal,
        "form": form,
        "problems": _problems(refusal, form) if refusal else [],
        "correction": _published_report(update.correction_id),  # type: ignore[attr-defined]  # annotated
        "earlier": _earlier_versions(update),
        # Seen beside the button, so whoever goes on has decided with it in view.
        "advice": _advice(update, allowed),
        # What was typed is shown in its form; where the action is no longer possible, next to the refusal.
        "typed": "" if form is None or action in allowed else next(iter(form.data.get(name) for name in form.fields)),
    }
    if context["inside"]:
        before = _report_before(user, update)
        context |= {
            "before": before,
            "changes": differences.changes(before, update) if before else [],
            "reviews": list(update.reviews.all()),
            "decided": _last_review(update),
            "concurrence_statuses": concurrence_statuses(update),
            "silence": _silence(update),
            "comments": list(update.comments.select_related("body")),
            "may_review": permissions.can_review(user),
            "next_to_review": _next_to_review(user, update),
            "waits_for_round": update.state == rules.APPROVED and not is_in_effect(update),
            "may_see_audit": permissions.can_see_audit(user),
            "return_form": form if action == "return" else _form_of("return", None),
            "comment_form": form if action == "comment" else _form_of("comment", None),
            "concurring": permissions.bodies_to_concur(user, update) if "concur" in allowed else [],
            "checklist": _checklist(update) if "submit" in allowed else [],
            "obstacle": _obstacle(user, update, allowed),
            "goes": consequences.of_discarding(update) if "discard" in allowed else "",
            "ends": consequences.of_approving(update) if "approve" in allowed else [],
        }
    return render(request, "workplan/reporting/report.html", context, status=status)


def _problems(refusal: Refusal, form: forms.Form | None) -> list[str]:
    """What is wrong, in sentences."""
    texts = [text for texts in refusal.fields.values() for text in texts]
    if not texts and form is not None:
        texts = [str(text) for found in form.errors.values() for text in found]
    return texts or [refusal.message]


def _last_review(update: StatusUpdate) -> Review | None:
    """The review that decided on the report as it is, if one did."""
    if update.state not in (rules.APPROVED, rules.RETURNED):
        return None
    return next(reversed(update.reviews.all()), None)


def _report_before(user: Any, update: StatusUpdate) -> StatusUpdate | None:
    """What ``update`` is to be read against, as far as ``user`` may see it.

    That is what it corrects, as it stood; of another report the last approved one on its activity, of any round, that
    states a status.
    """
    rows = StatusUpdate.objects.visible_to(user).approved().for_display().filter(activity=update.activity)
    if update.corrects_id is not None:
        rows = rows.filter(Q(pk=update.corrects_id) | Q(corrects=update.corrects_id))
    else:
        rows = rows.stating()
    if update.approved_at is not None:
        rows = rows.filter(approved_at__lte=update.approved_at).exclude(
            approved_at=update.approved_at, pk__gt=update.pk
        )
    return rows.exclude(pk=update.pk).latest_first().first()


def _published_report(pk: int | None) -> StatusUpdate | None:
    return StatusUpdate.objects.published().select_related("body").filter(pk=pk).first() if pk else None


def _earlier_versions(update: StatusUpdate) -> list[StatusUpdate]:
    """What ``update``, once it is published, stands in the place of, the latest first."""
    if update.corrects_id is None or update.approved_at is None:
        return []
    same = StatusUpdate.objects.published().filter(Q(pk=update.corrects_id) | Q(corrects=update.corrects_id))
    earlier = same.filter(Q(approved_at__lte=update.approved_at)).exclude(pk__gte=update.pk)
    return list(earlier.for_display().latest_first())


def _next_to_review(user: Any, update: StatusUpdate) -> StatusUpdate | None:
    """For a reviewer who is done with ``update``, the report that waits longest."""
    if update.state == rules.SUBMITTED or not permissions.can_review(user):
        return None
    return StatusUpdate.objects.visible_to(user).to_review().select_related("activity", "body").first()


def _contributions(user: Any, update: StatusUpdate) -> list[Contribution]:
    if update.round_id is None:
        return []
    rows = Contribution.objects.visible_to(user).for_display()
    return list(rows.filter(round=update.round_id, activity=update.activity))


def _advice(update: StatusUpdate, allowed: list[str]) -> list[str]:
    """What deserves a second look before ``update`` becomes the status, for whoever can make it so now."""
    makes_it_so = "approve" in allowed or ("submit" in allowed and update.is_direct)
    advice = rules.advice_on_day(update.as_of, update.activity.status_as_of) if update.brings_new_date else ""
    return [advice] if makes_it_so and advice else []


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
    report = actions.Report.of(update)
    return actions.checklist_of(update.activity, report, reporting_round=update.round, corrected=update.corrects)


def _obstacle(user: Any, update: StatusUpdate, allowed: list[str]) -> str:
    """Why the action that the page is there for cannot be done by somebody who would otherwise do it."""
    refused = permissions.refused_actions(user, update)
    if refused:
        return next(iter(refused.values()))
    if (
        update.state in rules.REPORT_ACTIONS["edit"]
        and permissions.may(user, "edit", update)
        and "submit" not in allowed
    ):
        if "edit" not in allowed:
            return f"“{update.round}” takes no reports any more. If you need a deadline extension, ask the secretariat."
        if permissions.no_longer_leads(update):
            return f"{update.body} does not lead {update.activity.ref} any more, so it does not report on it."
        return "Another report on this activity is handed in or approved in this round, so this one cannot be."
    return ""


def _submit(request: HttpRequest, update: StatusUpdate, version: int, form: Any) -> str:
    confirmed = "advised" in request.POST
    by = Actor.of(request, "page")
    sent = actions.submit_report(update=update, version=version, by=by, confirmed=confirmed, kept=())
    if sent.state == rules.APPROVED:
        return f"Recorded: the report on {update.activity.ref} is approved, as the secretariat’s own are."
    return f"Submitted: the report on {update.activity.ref} waits for its review."


def _approve(request: HttpRequest, update: StatusUpdate, version: int, form: Any) -> str:
    confirmed = "advised" in request.POST
    ends = " ".join(consequences.of_approving(update)[1:])
    approved = actions.approve_report(update=update, version=version, by=Actor.of(request, "page"), confirmed=confirmed)
    if approved.activity.latest_update_id == approved.pk:
        label = rules.STATUSES.label(approved.status)
        return f"Approved: {update.activity.ref} is “{label}”. {ends}".strip()
    return f"Approved: the report on {update.activity.ref} counts when “{update.round}” is published. {ends}".strip()


def _return(request: HttpRequest, update: StatusUpdate, version: int, form: Any) -> str:
    reason = form.cleaned_data["reason"]
    actions.return_report(update=update, version=version, reason=reason, by=Actor.of(request, "page"))
    return f"Returned: {update.reported_by} is told the reason and can mend the report on {update.activity.ref}."


def _concur(request: HttpRequest, update: StatusUpdate, version: int, form: Any) -> str:
    wanted = request.POST.get("body", "")
    body = next((body for body in permissions.bodies_of(request.user) if body.acronym == wanted), None)
    if wanted and body is None:
        raise NotAllowed(permissions.REFUSALS["concur"])
    given = actions.concur(update=update, version=version, by=Actor.of(request, "page"), body=body)
    return f"{given.body} concurs with the report of {update.reported_by} on {update.activity.ref}."


def _comment(request: HttpRequest, update: StatusUpdate, version: int, form: Any) -> str:
    actions.comment(update=update, text=form.cleaned_data["text"], by=Actor.of(request, "page"))
    return "Your comment stands beside the report."


def _discard(request: HttpRequest, update: StatusUpdate, version: int, form: Any) -> str:
    goes = consequences.of_discarding(update)
    actions.discard_report(update=update, version=version, by=Actor.of(request, "page"))
    return f"Discarded: the draft on {update.activity.ref}. {goes} Its words stay in the audit trail."


ACTIONS: dict[str, Callable[[HttpRequest, StatusUpdate, int, Any], str]] = {
    "submit": _submit,
    "approve": _approve,
    "return": _return,
    "concur": _concur,
    "comment": _comment,
    "discard": _discard,
}
