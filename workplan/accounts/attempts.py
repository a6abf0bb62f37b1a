"""Passwords that are typed, at whichever door: each try is counted, and what comes of it is logged.

Names are logged only where there is such an account: somebody may have typed their password for their name.
"""

import logging
import secrets
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from workplan.actions import attempts
from workplan.exceptions import TooManyAttempts
from workplan.models import User
from workplan.rules import DEVICE_KNOWN_FOR

log = logging.getLogger(__name__)

DEVICE_COOKIE = f"{settings.COOKIE_PREFIX}apta_device"
SALT = "workplan.device"

Found = TypeVar("Found")


def client_address(request: Any) -> str:
    """The address that attempts are counted by, which a client cannot choose.

    Behind a proxy it is what that proxy saw: the last of ``X-Forwarded-For``.
    """
    forwarded = request.headers.get("X-Forwarded-For", "")
    if settings.SECURE_PROXY_SSL_HEADER and forwarded:
        return str(forwarded.rsplit(",", 1)[-1].strip())
    return str(request.META.get("REMOTE_ADDR"))


def try_password(request: Any, name: str, check: Callable[[], Found]) -> Found:
    """Look whether a password is right, unless there were too many wrong ones.

    Args:
        request: by which it came.
        name: the user name as it was typed.
        check: looks at the password; what it returns is true where it was right.

    Raises:
        TooManyAttempts: there were too many; the password was not looked at.
    """
    address = client_address(request)
    try:
        attempt = attempts.begin_attempt(account=name, address=address, device=device_of(request, name))
    except TooManyAttempts as refusal:
        log.warning("Too many tries for %s from %s: %s", name_for_log(name), address, refusal.message)
        raise
    found = check()
    if found:
        attempts.attempt_succeeded(attempt)
    else:
        log.warning("Wrong password for %s from %s.", name_for_log(name), address)
    return found


def name_for_log(name: str) -> str:
    """A name that was typed, if it is that of an account; else only what tells equal ones from different ones."""
    if User.objects.named(name):
        return f"the account {name}"
    return f"no account (#{attempts.account_key(name)[:8]}, {len(name)} characters)"


def device_of(request: Any, name: str) -> str:
    """The mark of the device of ``request``, if it was given to it for the account ``name``; else nothing."""
    try:
        account, mark = signing.loads(request.COOKIES.get(DEVICE_COOKIE, ""), salt=SALT, max_age=DEVICE_KNOWN_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(mark) if account == attempts.account_key(name) else ""


def remember_device(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Give the device a mark by which it is known for the account of ``user``, who has come in on it."""
    mark = device_of(request, user.username) or secrets.token_hex(16)
    response.set_cookie(
        DEVICE_COOKIE,
        signing.dumps([attempts.account_key(user.username), mark], salt=SALT),
        max_age=int(DEVICE_KNOWN_FOR.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
