"""To be built."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def begin(request: HttpRequest, **named: Any) -> HttpResponse:
    raise Http404


def contribution(request: HttpRequest, **named: Any) -> HttpResponse:
    raise Http404


def one(request: HttpRequest, **named: Any) -> HttpResponse:
    raise Http404


def edit(request: HttpRequest, **named: Any) -> HttpResponse:
    raise Http404


def do(request: HttpRequest, **named: Any) -> HttpResponse:
    raise Http404


def evidence(request: HttpRequest, **named: Any) -> HttpResponse:
    raise Http404
