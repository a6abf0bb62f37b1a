"""To be built."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def search(request: HttpRequest, **named: Any) -> HttpResponse:
    raise Http404


def of_request(request: HttpRequest, **named: Any) -> HttpResponse:
    raise Http404
