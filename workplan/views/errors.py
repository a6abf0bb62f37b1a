"""Pages that say what went wrong and what to do next; for programs, the API's error shape."""

import logging
import sys
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template import loader
from django.urls import reverse

from workplan.api.errors import BUSY, TRY_AGAIN_IN, json_error
from workplan.exceptions import TooLarge, will_pass
from workplan.forms.typed_texts import typed_texts
from workplan.models import WorkPlan
from workplan.views.browsing import return_address

log = logging.getLogger(__name__)


def _answer(request: HttpRequest, status: HTTPStatus, code: str, message: str, **context: Any) -> HttpResponse:
    """A page in the frame of all pages, which names who is signed in.

    It is 503 where the database does not say who that is.
    """
    if request.path_info.startswith("/api/"):
        return json_error(status, code, message)
    try:
        return render(request, f"{status.value}.html", {"message": message, **context}, status=status)
    except Exception as problem:
        if not will_pass(problem):
            raise
        return unavailable(request, problem)


def refused_parameters(
    request: HttpRequest, plan: WorkPlan, problems: Mapping[str, list[str]], *, for_programs: bool = False
) -> HttpResponse:
    """What is wrong with the parameters of a file.

    Args:
        for_programs: whether the file is one that only programs read; then so is the answer.
    """
    if for_programs:
        return json_error(HTTPStatus.BAD_REQUEST, "invalid", "A parameter cannot be used.", fields=problems)
    context = {"plan": plan, "problems": problems}
    return render(request, "workplan/bad_filter.html", context, status=HTTPStatus.BAD_REQUEST)


def unavailable(request: HttpRequest, problem: Exception) -> HttpResponse:
    """Shown while the database does not answer, whatever was asked: needs neither the database nor the session."""
    log.warning("The database did not answer.", exc_info=problem)
    headers = {"Retry-After": str(TRY_AGAIN_IN)}
    if request.path_info.startswith("/api/"):
        return json_error(HTTPStatus.SERVICE_UNAVAILABLE, "busy", BUSY, headers=headers)
    context = {"address": request.get_full_path(), "typed": _typed(request)}
    page = loader.get_template("503.html").render(context)
    return HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE, headers=headers)


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What somebody typed, to be given back: pages of who is signed in are not kept by the browser."""
    was_read = getattr(request, "form_was_read", False)
    if not was_read and content_length(request) > settings.ANONYMOUS_BODY_LIMIT:
        return []  # nobody has judged yet whether so much is read
    try:
        return typed_texts(request)
    except Exception:  # what was sent cannot be read, and must not hide the error that is being reported
        return []


def content_length(request: HttpRequest) -> int:
    """The length of the body as its header says it, in bytes; 0 where it says none."""
    given = str(request.META.get("CONTENT_LENGTH") or "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 20 else 0


def bad_request(request: HttpRequest, exception: Any = None, *, message: str = "") -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return too_large(request)
    message = message or "The request could not be understood."
    return _answer(request, HTTPStatus.BAD_REQUEST, "bad_request", message)


def too_large(request: HttpRequest, message: str = TooLarge.message) -> HttpResponse:
    """More was sent than is taken. The words of a form with too many files are given back."""
    typed = _typed(request) if getattr(request, "form_was_read", False) else []
    return _answer(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TooLarge.code, message, typed=typed)


def method_not_allowed(request: HttpRequest, methods: Iterable[str]) -> HttpResponse:
    """The page is not asked by this method, but by one of ``methods``, which ``Allow`` names."""
    allowed = ", ".join(methods)
    message = f"This address answers {allowed}, and not {request.method}."
    answer = _answer(request, HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", message)
    answer["Allow"] = allowed
    return answer


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    message = str(exception or "") or "You are not allowed to see this page."
    return _answer(request, HTTPStatus.FORBIDDEN, "permission_denied", message)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Says that a form belongs to an earlier sign-in. A second sign-in page leads on instead: its aim is reached."""
    match = request.resolver_match
    if match is not None and match.url_name == "account_login" and request.user.is_authenticated:
        return redirect(return_address(request, reverse("home")))
    message = (
        "Your sign-in has changed since this page was opened, so the form was not accepted and nothing was saved. "
        "Reload the page and submit the form again."
    )
    return _answer(request, HTTPStatus.FORBIDDEN, "csrf_failed", message, typed=_typed(request))


def unauthorized(message: str) -> HttpResponse:
    """A program has brought a token that lets nobody in."""
    return json_error(
        HTTPStatus.UNAUTHORIZED, "not_authenticated", message, headers={"WWW-Authenticate": 'Token realm="apta"'}
    )


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _answer(request, HTTPStatus.NOT_FOUND, "not_found", "There is nothing at this address.")


def server_error(request: HttpRequest) -> HttpResponse:
    """Shown when apta itself has failed: needs neither the database nor the session.

    Django also asks for it where the database did not answer outside of a view, as when it looks up the session.
    """
    problem = sys.exception()
    if isinstance(problem, Exception) and will_pass(problem):
        return unavailable(request, problem)
    if request.path_info.startswith("/api/"):
        return json_error(
            HTTPStatus.INTERNAL_SERVER_ERROR, "server_error", "There is a problem with this service. Nothing was saved."
        )
    context = {"request_id": getattr(request, "id", ""), "typed": _typed(request)}
    return HttpResponse(
        loader.get_template("500.html").render(context),
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
    )
