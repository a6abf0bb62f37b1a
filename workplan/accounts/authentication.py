"""Who is there: sign-in by password and by token."""

import logging
import re
from functools import partial
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from knox.crypto import hash_token
from rest_framework.authentication import get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from workplan import permissions
from workplan.accounts.attempts import client_address, remember_device, try_password
from workplan.actions import Actor, note_token_used, sign_in
from workplan.models import ApiToken

log = logging.getLogger(__name__)

SCHEMES = (b"bearer", b"token")
# What a refusal asks for (RFC 9110, section 11.6.1).
CHALLENGE = 'Bearer realm="apta"'
NOT_UNDERSTOOD = "This kind of sign-in is not known here. Send a token: Authorization: Bearer …"
NOT_ONE_TOKEN = "Send one token after the word Bearer: Authorization: Bearer …"


def owner(user: Any, request: Any, channel: str = "page") -> Actor:
    """The owner of an account as the one who acts, before or without being signed in."""
    return Actor(user=user, channel=channel, request_id=getattr(request, "id", ""))


class AccountBackend(ModelBackend):
    """Sign-in by user name and password, at whichever door; asked again for each request of a session."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **more: Any
    ) -> Any:
        """The account, if name and password are right.

        Raises:
            TooManyAttempts: there were too many wrong ones, so they are not looked at.
        """
        check = partial(super().authenticate, request, username=username, password=password, **more)
        if request is None or username is None or password is None:
            return check()
        return try_password(request, username, check)

    def user_can_authenticate(self, user: Any) -> bool:
        return user is not None and permissions.may_use_password(user)


class TokenAuthentication(KnoxTokenAuthentication):
    """``Authorization: Bearer …`` (RFC 6750), or ``Token …``, which means the same."""

    def authenticate(self, request: Any) -> Any:
        """Who sends a token; ``None`` where no sign-in is sent.

        Raises:
            AuthenticationFailed: something else is sent. Whoever believes to be signed in would otherwise be answered
                as a visitor, with fewer rows and without a word.
        """
        if "Authorization" not in request.headers:
            return None
        scheme, *credentials = get_authorization_header(request).split()[:3] or [b""]
        if scheme.lower() not in SCHEMES:
            raise AuthenticationFailed(NOT_UNDERSTOOD)
        if len(credentials) != 1:
            raise AuthenticationFailed(NOT_ONE_TOKEN)
        return self.authenticate_credentials(credentials[0])

    def authenticate_header(self, request: Any) -> str:
        return CHALLENGE

    def authenticate_credentials(self, token: bytes) -> Any:
        # What cannot be a token of ours is not looked up, nor decoded, which bytes may not even be.
        if not re.fullmatch(rb"[0-9a-f]{64}", token):
            raise AuthenticationFailed("Invalid token.")
        # Found by its hash, which is its key in the database. One whose time is over is cleared away by the worker.
        living = ApiToken.objects.select_related("user").filter(expiry__gt=timezone.now())
        found = living.filter(pk=hash_token(token.decode())).first()
        if found is None:
            raise AuthenticationFailed("Invalid token.")
        return self.validate_user(found)

    def validate_user(self, auth_token: Any) -> Any:
        if not permissions.may_sign_in(auth_token.user):
            raise AuthenticationFailed("This account is closed.")
        user, token = super().validate_user(auth_token)
        permissions.restrict(user, token.grant)
        note_token_used(token)
        return user, token


def reader_of(request: HttpRequest) -> Any:
    """Who asks for a file: whoever the token of the request is of, else whoever is signed in.

    Raises:
        AuthenticationFailed: there is a token, and it lets nobody in.
    """
    found = TokenAuthentication().authenticate(request)  # type: ignore[arg-type]
    return found[0] if found is not None else request.user


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are given out by administrators; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def post_login(self, request: HttpRequest, user: Any, **more: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **more)
        remember_device(request, response, user)
        return response

    def logout(self, request: HttpRequest) -> None:
        log.info("Signed out: %s.", request.user.get_username())
        super().logout(request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        raise NotImplementedError("Mails leave by the queue: see workplan.notifications.")

    def login(self, request: HttpRequest, user: Any) -> None:
        sign_in(user=user, by=owner(user, request))
        super().login(request, user)
        log.info("Signed in: %s from %s.", user.username, client_address(request))

    def set_password(self, user: Any, password: str) -> None:
        raise NotImplementedError("Forms set passwords by the actions, which tell apart how it came.")
