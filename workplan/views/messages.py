"""Mails: what a person wants to be told, and what became of every mail."""

from http import HTTPStatus
from typing import Any

import django_filters
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from workplan import permissions, rules
from workplan.actions import Actor
from workplan.actions.messages import (
    REACHABLE,
    events_concerning,
    nothing_leaves,
    save_preferences,
    try_again,
    why_not_mailed,
)
from workplan.exceptions import Refusal, WrongState
from workplan.filters.base import StrictFilterSet, WordsFilter
from workplan.models import Digest, MessagePreferences, Notice, User
from workplan.querysets import contains_words
from workplan.views.browsing import page_number

PAGE_SIZE = 50
STATES = (
    ("waiting", "Waiting"),
    ("failed", "Failed"),
    ("sent", "Sent"),
    ("unreachable", "Cannot be mailed"),
)
HAS_NOTICES = Q(has_notices=True)


class PreferencesForm(forms.Form):
    """What was ticked, as it was sent: the action judges it."""

    frequency = forms.ChoiceField(
        label="How often",
        choices=rules.FREQUENCIES.choices,
        error_messages={
            "required": "Choose how often.",
            "invalid_choice": f"Use one of: {', '.join(rules.FREQUENCIES.values)}.",
        },
    )
    events = forms.MultipleChoiceField(
        label="What of",
        choices=rules.EVENTS.choices,
        required=False,
        error_messages={"invalid_choice": "“%(value)s” is nothing that mails tell of. Tick what the page offers."},
    )


@login_required
@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """What the person is told by mail, and how often."""
    user: Any = request.user
    chosen = MessagePreferences.objects.filter(user=user).first() or MessagePreferences(user=user)
    form, status = PreferencesForm(), HTTPStatus.OK
    frequency, wanted = chosen.frequency, set(rules.EVENTS.values) - set(chosen.muted)
    if request.method == "POST":
        form, status = PreferencesForm(request.POST), HTTPStatus.BAD_REQUEST
        frequency, wanted = request.POST.get("frequency", ""), set(request.POST.getlist("events"))
        if form.is_valid():
            try:
                save_preferences(user=user, **form.cleaned_data, by=Actor.of(request, "page"))
            except Refusal as refusal:
                form.add_error(None, refusal.message)
            else:
                messages.success(request, "Saved: that is how you are told from now on.")
                return redirect("message-preferences")
    context = {
        "form": form,
        "frequencies": [(term, term.value == frequency) for term in rules.FREQUENCIES],
        "events": [(term, term.value in wanted) for term in events_concerning(user)],
        "why_not_mailed": why_not_mailed(user),
    }
    return render(request, "workplan/message_preferences.html", context, status=status)


class OutboxFilterSet(StrictFilterSet):
    """Which mails: by what became of them, and by person."""

    state = WordsFilter(choices=STATES, method="keep_all")
    person = django_filters.CharFilter(method="keep_all", max_length=200)

    class Meta:
        model = Digest
        fields: tuple[str, ...] = ()

    def keep_all(self, rows: Any, name: str, value: Any) -> Any:
        return rows


@login_required
@require_http_methods(["GET", "POST"])
def outbox(request: HttpRequest) -> HttpResponse:
    """Every mail: waiting, failed or sent; and the people whom no mail reaches."""
    if not permissions.can_see_messages(request.user):
        raise PermissionDenied("Only the secretariat looks after the mails.")
    if request.method == "POST":
        return _try_again(request)
    mails = Digest.objects.visible_to(request.user)
    filterset = OutboxFilterSet(request.GET, queryset=mails, request=request, besides=("page",))
    problems = filterset.problems()
    number = page_number(request.GET, problems)
    state = person = ""
    if not problems:
        states = filterset.form.cleaned_data["state"]
        if len(states) > 1:
            problems["state"] = ["Give state once only."]
        state, person = "".join(states[:1]), filterset.form.cleaned_data["person"]
    people = _people_waiting()
    out_of_reach = people.exclude(REACHABLE)
    if person:
        name_fields = ("username", "first_name", "last_name", "email")
        mails = mails.filter(contains_words(person, "address", *(f"user__{name}" for name in name_fields)))
        out_of_reach = out_of_reach.filter(contains_words(person, *name_fields))
    rows: QuerySet[Any] = mails.none() if problems else mails
    if state == "unreachable":
        rows = out_of_reach
    elif state and not problems:
        rows = mails.in_state(state)
    if state != "unreachable":
        rows = rows.select_related("user").prefetch_related("notices").order_by("-created_at", "-pk")
    page = Paginator(rows, PAGE_SIZE).get_page(number)
    counts = {
        **mails.aggregate(
            sent=Count("pk", filter=Q(sent_at__isnull=False)),
            failed=Count("pk", filter=Q(sent_at=None) & ~Q(last_error="")),
            waiting=Count("pk", filter=Q(sent_at=None, last_error="")),
        ),
        "unreachable": out_of_reach.count(),
    }
    context = {
        "page": page,
        "problems": problems,
        "state": state,
        "state_label": dict(STATES).get(state, ""),
        "person": person,
        "states": [
            (value, label, counts[value], _address(state=value, person=person), value == state)
            for value, label in STATES
        ],
        "all_mails": _address(person=person),
        "not_yet": people.filter(REACHABLE, HAS_NOTICES).count(),
        "rows": [(one, why_not_mailed(one if state == "unreachable" else one.user)) for one in page],
        "nothing_leaves": nothing_leaves(),
        "previous": _address(state=state, person=person, page=page.number - 1),
        "next": _address(state=state, person=person, page=page.number + 1),
        "here": request.get_full_path(),
    }
    return render(
        request, "workplan/outbox.html", context, status=HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK
    )


def _people_waiting() -> QuerySet[User]:
    """The people to whom something is still to be told."""
    waiting = Notice.objects.filter(user=OuterRef("pk"), digest=None)
    unsent = Digest.objects.filter(user=OuterRef("pk"), sent_at=None)
    not_told = Q(notices__digest=None) | Q(notices__digest__sent_at=None)
    return (
        User.objects.annotate(has_notices=Exists(waiting))
        .filter(HAS_NOTICES | Exists(unsent))
        .annotate(
            number=Count("notices", filter=not_told & Q(notices__isnull=False)),
            oldest=Min("notices__created_at", filter=not_told),
        )
        .order_by("first_name", "last_name", "username", "pk")
    )


def _try_again(request: HttpRequest) -> HttpResponse:
    digits = request.POST.get("mail", "")
    pk = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 18 else 0
    digest = get_object_or_404(Digest.objects.visible_to(request.user), pk=pk)
    try:
        try_again(digest=digest, by=Actor.of(request, "page"))
    except WrongState as refusal:
        messages.warning(request, refusal.message)
    else:
        messages.success(request, f"The mail to {digest.address} leaves with the next run, within a minute.")
    known = {name: request.GET.get(name, "") for name in ("state", "person", "page")}
    return redirect(reverse("outbox") + _address(**known))


def _address(**parameters: Any) -> str:
    """The query string of these parameters."""
    query = QueryDict(mutable=True)
    query.update({name: str(value) for name, value in parameters.items() if value})
    return f"?{query.urlencode()}"
