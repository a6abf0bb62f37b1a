"""What went wrong, in one shape: ``{"error": {"code", "message", "fields"}}``."""

import logging
import math
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import (
    NON_FIELD_ERRORS,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.db import DataError, IntegrityError
from django.http import Http404, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.cache import patch_vary_headers
from rest_framework import exceptions as rest
from rest_framework.settings import api_settings
from rest_framework.views import set_rollback

from workplan.api.renderers import to_json
from workplan.exceptions import (
    EndsRights,
    Fields,
    InUse,
    Invalid,
    LastAdministrator,
    MissingScope,
    NotAllowed,
    Refusal,
    Stale,
    TooLarge,
    TooManyAttempts,
    TooManyTokens,
    Unconfirmed,
    WrongState,
    will_pass,
)

log = logging.getLogger(__name__)

REFUSED_WITH: dict[type[Refusal], HTTPStatus] = {
    Invalid: HTTPStatus.BAD_REQUEST,
    NotAllowed: HTTPStatus.FORBIDDEN,
    MissingScope: HTTPStatus.FORBIDDEN,
    InUse: HTTPStatus.CONFLICT,
    LastAdministrator: HTTPStatus.CONFLICT,
    TooManyTokens: HTTPStatus.CONFLICT,
    TooManyAttempts: HTTPStatus.TOO_MANY_REQUESTS,
    WrongState: HTTPStatus.CONFLICT,
    Unconfirmed: HTTPStatus.CONFLICT,
    EndsRights: HTTPStatus.CONFLICT,
    Stale: HTTPStatus.PRECONDITION_FAILED,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}
# Every code that an answer may have, with the statuses that it comes with and what to do. Programs rely on them.
CODES: dict[str, tuple[str, str]] = {
    Invalid.code: ("400", "A value or a parameter cannot be used; fields says which, and why."),
    "bad_request": ("400", "The request could not be understood."),
    "parse_error": ("400", "The body is no JSON that can be read."),
    "not_authenticated": ("401", "Sign-in is needed."),
    "authentication_failed": ("401", "The token or the password is not right, or the token has ended."),
    NotAllowed.code: ("403", "The account may not do this."),
    MissingScope.code: ("403", "The account may do this and the token may not; the message names the missing scope."),
    "not_found": ("404", "There is nothing at this address, or nothing that the reader may see."),
    "method_not_allowed": ("405", "The address does not take this method; Allow names those that it takes."),
    "not_acceptable": ("406", "Nothing that Accept names is given out here."),
    WrongState.code: ("409", "This cannot be done in the present state."),
    Unconfirmed.code: ("409", "The status is of an older day than the present one, and handling=strict was asked for."),
    EndsRights.code: ("409", "Publishing would take something from bodies; confirm them by name."),
    InUse.code: ("409", "Other records depend on this one."),
    LastAdministrator.code: ("409", "No administrator would be left."),
    TooManyTokens.code: ("409", "The account has as many tokens as it may have."),
    "conflict": ("409", "This clashes with what is stored by now; read it again."),
    "length_required": ("411", "Send Content-Length; a body in chunks is not read."),
    Stale.code: ("412", "The record has another version by now; current is how it is."),
    "precondition_failed": ("412", "What was asked for is not the version that If-Match names."),
    TooLarge.code: ("413", "The body is too large."),
    "unsupported_media_type": ("415", "The body has another form than is read here."),
    "precondition_required": ("428", "If-Match is missing."),
    TooManyAttempts.code: ("429", "There were too many attempts; wait for Retry-After seconds."),
    "busy": ("503", "The database is busy; try again after Retry-After seconds."),
}
TRY_AGAIN_IN = 2  # seconds; a writer that holds the database is done by then

NOT_FOUND = "There is nothing at this address."
BUSY = "The database is busy. Nothing was saved; try again in a moment."
# Beyond these nobody reads on, and an answer need not be as long as the worst of requests.
MOST_FIELDS = MOST_MESSAGES = 50


class LengthRequired(rest.APIException):
    """A body comes in chunks, of which a server of WSGI reads nothing."""

    status_code = HTTPStatus.LENGTH_REQUIRED
    default_code = "length_required"
    default_detail = "Send the length of the body (Content-Length); a body in chunks is not read."


class PreconditionRequired(rest.APIException):
    """A write does not say which version its author has seen."""

    status_code = HTTPStatus.PRECONDITION_REQUIRED
    default_code = "precondition_required"
    default_detail = (
        "Send If-Match with the ETag of what you change as you read it, so that nobody’s change is overwritten."
    )


def error_body(code: str, message: str, fields: Fields | None = None) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "fields": dict(fields or {})}}


def json_error(
    status: HTTPStatus | int,
    code: str,
    message: str,
    fields: Fields | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    **extra: Any,
) -> HttpResponse:
    """An error answer, whatever the client accepts.

    Args:
        extra: further members of the body, next to ``error``, such as ``current``.
    """
    body = to_json(error_body(code, message, fields) | extra)
    response = HttpResponse(body, status=int(status), content_type="application/json", headers=headers)
    patch_vary_headers(response, ("Authorization", "Cookie"))
    return response


def answer(problem: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """The answer to a request that cannot be fulfilled; ``None`` for what is a fault of apta."""
    set_rollback()
    match problem:
        case Refusal():
            status = REFUSED_WITH.get(type(problem), HTTPStatus.BAD_REQUEST)
            general = " ".join(problem.fields.get(NON_FIELD_ERRORS, ()))
            fields = {name: texts for name, texts in problem.fields.items() if name != NON_FIELD_ERRORS}
            wait = {"Retry-After": str(problem.seconds)} if isinstance(problem, TooManyAttempts) else None
            return json_error(status, problem.code, general or problem.message, fields, headers=wait)
        case Http404() | rest.NotFound():
            return json_error(HTTPStatus.NOT_FOUND, "not_found", NOT_FOUND)
        case PermissionDenied():
            return json_error(HTTPStatus.FORBIDDEN, NotAllowed.code, str(problem) or NotAllowed.message)
        case rest.ValidationError():
            return _invalid(flatten(problem.detail))
        case rest.APIException():
            return _rest(problem)
        case ValidationError():
            named = hasattr(problem, "error_dict")
            return _invalid(problem.message_dict if named else {NON_FIELD_ERRORS: problem.messages})
        case RequestDataTooBig():
            return json_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TooLarge.code, TooLarge.message)
        case SuspiciousOperation() | MultiPartParserError() | UnreadablePostError():
            return json_error(HTTPStatus.BAD_REQUEST, "bad_request", "The request could not be understood.")
        case _ if will_pass(problem):
            log.warning("The database did not answer.", exc_info=problem)
            wait = {"Retry-After": str(TRY_AGAIN_IN)}
            return json_error(HTTPStatus.SERVICE_UNAVAILABLE, "busy", BUSY, headers=wait)
        case IntegrityError():
            log.warning("A constraint refused what no rule had refused.", exc_info=problem)
            return json_error(HTTPStatus.CONFLICT, "conflict", "This clashes with what is stored by now.")
        case DataError():
            log.warning("The database refused a value that no field had refused.", exc_info=problem)
            return json_error(HTTPStatus.BAD_REQUEST, Invalid.code, Invalid.message)
    return None


def _invalid(fields: Fields) -> HttpResponse:
    """A refusal of values. What concerns no single field becomes the message."""
    general = [text for name in (NON_FIELD_ERRORS, api_settings.NON_FIELD_ERRORS_KEY) for text in fields.get(name, ())]
    named = {
        name: texts
        for name, texts in fields.items()
        if name not in (NON_FIELD_ERRORS, api_settings.NON_FIELD_ERRORS_KEY)
    }
    return json_error(HTTPStatus.BAD_REQUEST, Invalid.code, " ".join(general) or Invalid.message, named)


def _rest(problem: rest.APIException) -> HttpResponse:
    headers = {}
    if getattr(problem, "auth_header", None):
        headers["WWW-Authenticate"] = str(problem.auth_header)  # type: ignore[attr-defined]
    if isinstance(problem, rest.Throttled):
        headers["Retry-After"] = str(math.ceil(getattr(problem, "wait", None) or 1))
    code = getattr(problem.detail, "code", problem.default_code)
    return json_error(problem.status_code, code, str(problem.detail), headers=headers)


def flatten(detail: Any) -> dict[str, list[str]]:
    """What Django REST framework found wrong, as one list of sentences for each field.

    What is wrong inside a list of objects is reported with the number of the object: "Link 2: …".
    """
    if not isinstance(detail, Mapping):
        return {NON_FIELD_ERRORS: list(_sentences(detail))[:MOST_MESSAGES]}
    return {
        str(name): list(_sentences(problems))[:MOST_MESSAGES] for name, problems in list(detail.items())[:MOST_FIELDS]
    }


def _sentences(problems: Any) -> Iterator[str]:
    if isinstance(problems, str):
        yield str(problems)
    elif isinstance(problems, Mapping):
        for key, inner in problems.items():
            if isinstance(key, int):
                label = f"Link {key + 1}: "
            else:
                label = "" if key == api_settings.NON_FIELD_ERRORS_KEY else f"{key}: "
            yield from (label + text for text in _sentences(inner))
    elif any(isinstance(inner, Mapping) for inner in problems):
        yield from _sentences(dict(enumerate(problems)))
    else:
        for inner in problems:
            yield from _sentences(inner)
