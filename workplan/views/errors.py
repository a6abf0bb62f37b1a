"""Pages that say what went wrong and what to do next; for programs, the API's error shape."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

from workplan.api.errors import json_error


def _answer(request: HttpRequest, status: HTTPStatus, code: str, message: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return json_error(status, code, message)
    return render(request, f"{status.value}.html", {"message": message}, status=status)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _answer(request, HTTPStatus.BAD_REQUEST, "bad_request", "The request could not be understood.")


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    message = str(exception or "") or "You are not allowed to see this page."
    return _answer(request, HTTPStatus.FORBIDDEN, "permission_denied", message)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    message = (
        "Your sign-in has changed since this page was opened, so the form was not accepted and nothing was saved. "
        "Go back, copy what you typed, load the page again and send it once more."
    )
    return _answer(request, HTTPStatus.FORBIDDEN, "csrf_failed", message)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _answer(request, HTTPStatus.NOT_FOUND, "not_found", "There is nothing at this address.")


def server_error(request: HttpRequest) -> HttpResponse:
    """Shown when apta itself has failed: asks neither the database nor the session."""
    if request.path.startswith("/api/"):
        return json_error(HTTPStatus.INTERNAL_SERVER_ERROR, "server_error", "apta has failed. Nothing was saved.")
    return HttpResponse(
        loader.get_template("500.html").render({"request_id": getattr(request, "id", "")}),
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
    )
