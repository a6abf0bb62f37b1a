"""Who is there: sign-in by password and by token."""

import logging
import re
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

from workplan.actions import Actor, set_password

log = logging.getLogger(__name__)


def client_address(request: Any) -> str:
    """The address that attempts are counted by, which a client cannot choose.

    Behind a proxy it is what that proxy saw: the last of ``X-Forwarded-For``.
    """
    forwarded = request.headers.get("X-Forwarded-For", "")
    if settings.SECURE_PROXY_SSL_HEADER and forwarded:
        return str(forwarded.rsplit(",", 1)[-1].strip())
    return str(request.META.get("REMOTE_ADDR"))


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

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail. A mail server that fails is ours to know, and must not tell who has an account."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError:
            log.exception("A mail could not be sent.")

    def set_password(self, user: Any, password: str) -> None:
        by = Actor(user=user, channel="page", request_id=getattr(self.request, "id", ""))
        set_password(user=user, password=password, by=by)
