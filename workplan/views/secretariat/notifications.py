"""Mails: the preferences of a person, and the outbox of the secretariat."""

from http import HTTPStatus
from typing import Any

import django_filters
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from workplan import permissions, rules
from workplan.actions import Actor, confirm_address
from workplan.actions.messages import (
    REACHABLE,
    events_concerning,
    is_sending_stalled,
    mail_obstacle,
    save_preferences,
    try_again,
)
from workplan.exceptions import Refusal, WrongState
from workplan.filters.base import StrictFilterSet, VocabularyFilter
from workplan.models import Digest, MessagePreferences, Notice, User
from workplan.notifications.password_reset import links_wait
from workplan.querysets import contains_words
from workplan.views.browsing import page_number

PAGE_SIZE = 50
STATES = (
    ("waiting", "Waiting"),
    ("failed", "Failed"),
    ("refused", "Permanently refused"),
    ("sent", "Sent"),
    ("unreachable", "Cannot be emailed"),
)
HAS_NOTICES = Q(has_notices=True)
# Whether or not anything waits for them: somebody has to ask for another address.
IS_REFUSED = Q(is_active=True, refused_address=F("email")) & ~Q(email="")


class PreferencesForm(forms.Form):
    """What was ticked, as it was sent: the action judges it."""

    frequency = forms.ChoiceField(
        label="Frequency",
        choices=rules.FREQUENCIES.choices,
        error_messages={
            "required": "Select a frequency.",
            "invalid_choice": f"Use one of: {', '.join(rules.FREQUENCIES.values)}.",
        },
    )
    events = forms.MultipleChoiceField(
        label="Events",
        choices=rules.EVENTS.choices,
        required=False,
        error_messages={"invalid_choice": "“%(value)s” is not an event of email notifications. Select from the page."},
    )


@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    """Of what the person is notified by mail, and how often."""
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
                messages.success(request, "Your email notifications have been saved.")
                return redirect("message-preferences")
    context = {
        "form": form,
        "frequencies": [(term, term.value == frequency) for term in rules.FREQUENCIES],
        "events": [(term, term.value in wanted) for term in events_concerning(user)],
        "mail_obstacle": mail_obstacle(user),
    }
    return render(request, "workplan/reporting/notification_preferences.html", context, status=status)


@login_required
def confirm_own_address(request: HttpRequest) -> HttpResponse:
    """The person says that their mail address is right, though a server has refused it."""
    if request.method == "POST":
        by = Actor.of(request, "page")
        assert by.user is not None
        _confirm(request, by.user, by)
    return redirect("message-preferences")


def _confirm(request: HttpRequest, person: User, by: Actor) -> None:
    try:
        confirm_address(user=person, by=by)
    except WrongState as refusal:
        messages.warning(request, refusal.message)
    else:
        messages.success(request, f"Email will be sent to {person.email} again, with the next run, within a minute.")


class OutboxFilterSet(StrictFilterSet):
    """Which mails: by state, and by person."""

    state = VocabularyFilter(choices=STATES, method="keep_all", help_text="State of delivery.")
    person = django_filters.CharFilter(method="keep_all", max_length=200, help_text="Words of a name or an address.")

    class Meta:
        model = Digest
        fields: tuple[str, ...] = ()

    def keep_all(self, rows: Any, name: str, value: Any) -> Any:
        return rows


@login_required
def outbox(request: HttpRequest) -> HttpResponse:
    """Every mail: waiting, failed or sent; and the people whom no mail reaches."""
    if not permissions.can_see_messages(request.user):
        raise PermissionDenied("Only the secretariat can see outgoing email.")
    if request.method == "POST":
        return _act(request)
    mails = Digest.objects.visible_to(request.user)
    filterset = OutboxFilterSet(request.GET, queryset=mails, request=request, also_allowed=("page",))
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
            failed=Count("pk", filter=Q(sent_at=None, refused_at=None) & ~Q(last_error="")),
            refused=Count("pk", filter=Q(refused_at__isnull=False)),
            waiting=Count("pk", filter=Q(sent_at=None, refused_at=None, last_error="")),
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
        "rows": [(one, mail_obstacle(one if state == "unreachable" else one.user)) for one in page],
        "is_sending_stalled": is_sending_stalled() or links_wait(),
        "previous": _address(state=state, person=person, page=page.number - 1),
        "next": _address(state=state, person=person, page=page.number + 1),
        "here": request.get_full_path(),
    }
    return render(
        request,
        "workplan/secretariat/outbox.html",
        context,
        status=HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK,
    )


def _people_waiting() -> QuerySet[User]:
    """The people with notices that wait to be sent."""
    waiting = Notice.objects.waiting().filter(user=OuterRef("pk"))
    unsent = Digest.objects.underway().filter(user=OuterRef("pk"))
    not_notified = Q(notices__digest=None) | Q(notices__digest__sent_at=None)
    return (
        User.objects.annotate(has_notices=Exists(waiting))
        .filter(HAS_NOTICES | Exists(unsent) | IS_REFUSED)
        .annotate(
            number=Count("notices", filter=not_notified & Q(notices__isnull=False)),
            oldest=Min("notices__created_at", filter=not_notified),
        )
        .order_by("first_name", "last_name", "username", "pk")
    )


def _number(digits: str) -> int:
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 18 else 0


def _act(request: HttpRequest) -> HttpResponse:
    """Try a mail again, or confirm the address of a person, and come back to the same rows."""
    if "confirm" in request.POST:
        person = get_object_or_404(User, pk=_number(request.POST["confirm"]))
        _confirm(request, person, Actor.of(request, "page"))
    else:
        _try_again(request)
    known = {name: request.GET.get(name, "") for name in ("state", "person", "page")}
    return redirect(reverse("outbox") + _address(**known))


def _try_again(request: HttpRequest) -> None:
    digest = get_object_or_404(Digest.objects.visible_to(request.user), pk=_number(request.POST.get("mail", "")))
    try:
        try_again(digest=digest, by=Actor.of(request, "page"))
    except WrongState as refusal:
        messages.warning(request, refusal.message)
    else:
        messages.success(request, f"The email to {digest.address} will be sent with the next run, within a minute.")


def _address(**parameters: Any) -> str:
    """The query string of these parameters."""
    query = QueryDict(mutable=True)
    query.update({name: str(value) for name, value in parameters.items() if value})
    return f"?{query.urlencode()}"
