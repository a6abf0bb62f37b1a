"""To be built."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def browse(request: HttpRequest, **named: Any) -> HttpResponse:
    raise Http404


def new(request: HttpRequest, **named: Any) -> HttpResponse:
    raise Http404


def plan_all(request: HttpRequest, **named: Any) -> HttpResponse:
    raise Http404


def completion_file(request: HttpRequest, **named: Any) -> HttpResponse:
    raise Http404


def one(request: HttpRequest, **named: Any) -> HttpResponse:
    raise Http404


def edit(request: HttpRequest, **named: Any) -> HttpResponse:
    raise Http404


def exception(request: HttpRequest, **named: Any) -> HttpResponse:
    raise Http404


def move(request: HttpRequest, **named: Any) -> HttpResponse:
    raise Http404
