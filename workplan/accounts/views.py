"""The account pages: what allauth does not have, and how refusals of the actions are shown on its pages."""

import logging
from http import HTTPStatus
from typing import Any

from allauth.account import views
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from workplan import actions, rules
from workplan.accounts.attempts import remember_device
from workplan.actions import Actor
from workplan.actions.messages import mail_obstacle
from workplan.exceptions import Refusal, TooManyAttempts
from workplan.querysets import reader_day, zones

log = logging.getLogger(__name__)


class Limited:
    """Shows that there were too many attempts, and the way that is left."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        except TooManyAttempts as refusal:
            answer = render(request, "429.html", {"message": refusal.message}, status=HTTPStatus.TOO_MANY_REQUESTS)
            answer["Retry-After"] = str(refusal.seconds)
            return answer


class LoginView(Limited, views.LoginView):
    """The sign-in page."""


class PasswordResetView(Limited, views.PasswordResetView):
    """Asks for a link for a new password."""


class PasswordChangeView(Limited, views.PasswordChangeView):
    """Takes the old password and a new one."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
            return self.form_invalid(form)


class PasswordResetFromKeyView(views.PasswordResetFromKeyView):
    """Takes a new password from whoever has followed a link, and knows their device from then on."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            response = super().form_valid(form)
            remember_device(self.request, response, self.reset_user)
            return response
        except Refusal:
            # Somebody was faster by the same link, or the password has been changed meanwhile.
            return self.render_to_response(self.get_context_data(token_fail=True))


class TimeZoneForm(forms.Form):
    """Where the person is."""

    time_zone = forms.ChoiceField(
        label="My time zone",
        required=False,
        error_messages={"invalid_choice": "There is no such time zone. Choose one of the list."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        chosen_for_all = f"As the secretariat ({settings.TIME_ZONE})"
        self.fields["time_zone"].choices = [("", chosen_for_all), *((name, name) for name in zones())]  # type: ignore[attr-defined]


@login_required
def account_settings(request: HttpRequest) -> HttpResponse:
    """What is kept of the person, and where they are: their own choice."""
    by = Actor.of(request, "page")
    assert by.user is not None
    form = TimeZoneForm(request.POST or None, initial={"time_zone": by.user.time_zone})
    if request.method == "POST" and form.is_valid():
        actions.choose_time_zone(user=by.user, time_zone=form.cleaned_data["time_zone"], by=by)
        messages.success(request, f"Saved. Today’s date in your time zone is {reader_day():%-d %B %Y}.")
        return redirect("account_settings")
    status = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    context = {
        "public_read": settings.PUBLIC_READ,
        "form": form,
        "today": reader_day(),
        "keys": actions.keys_of(by.user),
        "obstacle": mail_obstacle(by.user),
    }
    return render(request, "account/settings.html", context, status=status)


@login_required
def change_key(request: HttpRequest) -> HttpResponse:
    """Renew or revoke the person's key of calendars or feeds. Looking at the address leads to the account."""
    by = Actor.of(request, "page")
    assert by.user is not None
    purpose = request.POST.get("purpose", "")
    change = {"renew": actions.renew_key, "revoke": actions.revoke_key}.get(request.POST.get("do", ""))
    if request.method == "POST":
        if change is None or purpose not in rules.SUBSCRIPTIONS:
            raise SuspiciousOperation("The form was submitted without an action.")
        change(user=by.user, purpose=purpose, by=by)
        label = rules.SUBSCRIPTIONS.label(purpose).lower()
        if change is actions.renew_key:
            messages.success(
                request, f"Your key for {label} has been renewed. Addresses with the earlier key no longer work."
            )
        else:
            messages.success(request, f"Your key for {label} has been revoked. Addresses with it no longer work.")
    return redirect("account_settings")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End every session and every token of the person. Looking at the address asks first, on the sign-out page."""
    if request.method != "POST":
        return redirect("account_logout")
    by = Actor.of(request, "page")
    assert by.user is not None
    actions.sign_out_everywhere(user=by.user, by=by)
    log.info("Signed out everywhere: %s.", by.user.username)
    logout(request)
    messages.success(request, "You are signed out everywhere, and all your tokens have ended.")
    return redirect("home")
