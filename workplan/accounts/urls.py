"""The account pages that apta offers, out of those that allauth has.

Accounts are given out by administrators, who also keep their e-mail addresses:
there is no sign-up and no page for addresses.
"""

from functools import partial

from allauth.account import views
from django.conf import settings
from django.urls import path, re_path
from django.views.generic import RedirectView

from apta.methods import reading, writing
from workplan.accounts.views import (
    LoginView,
    PasswordChangeView,
    PasswordResetFromKeyView,
    PasswordResetView,
    account_settings,
    change_key,
    change_tokens,
    sign_out_everywhere,
)

# Anybody may send these, so they take no more than names and passwords.
small_form = partial(writing, largest_body=settings.SIGN_IN_BODY_LIMIT)
to_reset = RedirectView.as_view(pattern_name="account_reset_password")

urlpatterns = [
    path("login/", small_form(LoginView.as_view()), name="account_login"),
    path("logout/", small_form(views.logout), name="account_logout"),
    path("logout/everywhere/", small_form(sign_out_everywhere), name="sign-out-everywhere"),
    path("settings/", small_form(account_settings), name="account_settings"),
    path("settings/keys/", small_form(change_key), name="change-key"),
    path("settings/tokens/", small_form(change_tokens), name="change-tokens"),
    path("inactive/", reading(views.account_inactive), name="account_inactive"),
    path("password/change/", small_form(PasswordChangeView.as_view()), name="account_change_password"),
    # allauth sends people without a password here; they get one by the link for a forgotten one.
    path("password/set/", reading(to_reset), name="account_set_password"),
    path("password/reset/", small_form(PasswordResetView.as_view()), name="account_reset_password"),
    path("password/reset/done/", reading(views.password_reset_done), name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        reading(views.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        small_form(PasswordResetFromKeyView.as_view()),
        name="account_reset_password_from_key",
    ),
]
