"""Who is there: sign-in by password and by token."""

import re
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

from workplan.actions import Actor, set_password


def may_sign_in(user: Any) -> bool:
    """Active accounts may; demo accounts, whose password everybody knows, on a trial only."""
    return bool(user.is_active) and (settings.TRIAL or not user.is_demo)


class AccountBackend(ModelBackend):
    """Sign-in by user name and password; asked again for each request of a session."""

    def user_can_authenticate(self, user: Any) -> bool:
        return user is not None and may_sign_in(user)


class TokenAuthentication(KnoxTokenAuthentication):
    """``Authorization: Token …``"""

    def authenticate_credentials(self, token: bytes) -> Any:
        # What cannot be a token of ours is not looked up, nor decoded, which bytes may not even be.
        if not re.fullmatch(rb"[0-9a-f]{64}", token):
            raise AuthenticationFailed("Invalid token.")
        return super().authenticate_credentials(token)

    def validate_user(self, auth_token: Any) -> Any:
        if not may_sign_in(auth_token.user):
            raise AuthenticationFailed("This account is closed.")
        return super().validate_user(auth_token)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are given out by administrators; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user: Any, password: str) -> None:
        by = Actor(user=user, channel="page", request_id=getattr(self.request, "id", ""))
        set_password(user=user, password=password, by=by)
