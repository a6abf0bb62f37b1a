"""Whole addresses, as others have to write them. Every one is made here, so none follows what a client claims."""

from typing import Any

from django.conf import settings

# Where a trial on one's own machine is, for what is written without anybody asking, such as mails.
TRIAL_ORIGIN = "http://127.0.0.1:8000"


def origin(request: Any = None) -> str:
    """Where this installation is, without a slash at the end: ``APTA_BASE_URL`` wherever that is set.

    Args:
        request: whose host is taken where ``APTA_BASE_URL`` is not set; ``None`` in the background.
    """
    if settings.BASE_URL:
        return str(settings.BASE_URL).rstrip("/")
    return str(request.build_absolute_uri("/")).rstrip("/") if request is not None else TRIAL_ORIGIN


def absolute_url(path: str, request: Any = None) -> str:
    """The whole address of ``path``.

    Args:
        path: the address within this installation, from its first slash on.
        request: as for ``origin``.
    """
    return origin(request) + path
