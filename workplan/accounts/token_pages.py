"""Tokens on “My account”: made, shown once, revoked."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from workplan import actions, permissions
from workplan.actions import Actor
from workplan.exceptions import Refusal
from workplan.forms.tokens import TokenForm
from workplan.models import ApiToken, User
from workplan.rules.scopes import SCOPES


def tokens_of(user: User) -> list[dict[str, Any]]:
    """The tokens of ``user`` that have not ended, as “My account” lists them, the newest first."""
    rows = ApiToken.objects.filter(user=user, expiry__gt=timezone.now()).select_related("body")
    return [
        {"token": token, "scopes": ", ".join(SCOPES.label(one) for one in token.scope_list)}
        for token in rows.order_by("-created", "pk")
    ]


def token_form(user: User, data: Any = None) -> TokenForm:
    """The form for another token of ``user``."""
    return TokenForm(data, bodies=permissions.bodies_of(user))


@login_required
@sensitive_variables()
def change_tokens(request: HttpRequest, settings_page: Any) -> HttpResponse:
    """Make or revoke a token. Looking at the address leads to the account.

    Args:
        settings_page: answers with “My account”, in which the form stands with what was typed and what is wrong.
    """
    if request.method != "POST":
        return redirect("account_settings")
    by = Actor.of(request, "page")
    assert by.user is not None
    if request.POST.get("do") == "revoke":
        token = ApiToken.objects.filter(user=by.user, token_key=request.POST.get("prefix", "")[:100]).first()
        if token is not None:
            actions.revoke_token(token=token, by=by)
        messages.success(request, "The token is revoked: it lets no program in any more.")
        return redirect("account_settings")
    if request.POST.get("do") != "make":
        raise SuspiciousOperation("The form was sent without saying what to do.")
    form = token_form(by.user, request.POST)
    if form.is_valid():
        try:
            made, key = actions.make_token(user=by.user, by=by, **form.values)
        except Refusal as refusal:
            form.show(refusal.fields, refusal.message)
        else:
            context = {"token": made, "key": key, "public_read": settings.PUBLIC_READ}
            response = render(request, "account/token_made.html", context, status=201)
            response["Cache-Control"] = "no-store"
            return response
    answer: HttpResponse = settings_page(request, form)
    return answer
