"""Addresses of calendars and feeds for programs, which cannot sign in."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from workplan.actions.subscriptions import key_of


def with_key(address: str, request: Any, purpose: str) -> str:
    """``address`` with the key of whoever asks, where the plan is not public and they have one.

    Args:
        address: of a calendar or a feed, without parameters.
        request: the request for the page or record that names it; the key is asked for once.
        purpose: a value of ``rules.SUBSCRIPTIONS``.
    """
    if settings.PUBLIC_READ:
        return address
    keys: dict[str, str] = request.__dict__.setdefault("subscription_keys", {})
    if purpose not in keys:
        keys[purpose] = key_of(request.user, purpose)
    return f"{address}?{urlencode({'key': keys[purpose]})}" if keys[purpose] else address
