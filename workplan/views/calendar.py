"""To be built."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def deadlines(request: HttpRequest, **named: Any) -> HttpResponse:
    raise Http404
