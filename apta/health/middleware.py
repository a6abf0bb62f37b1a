"""What programs that watch over apta ask, and what is counted of every request."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from secrets import compare_digest
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from apta.health import metrics, state
from apta.methods import READING

log = logging.getLogger("apta.requests")

GetResponse = Callable[[HttpRequest], HttpResponse]
# What has no route of its own, whatever was asked: labels must not grow with what visitors make up.
NO_ROUTE = "none"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def probes(get_response: GetResponse) -> GetResponse:
    """Answer ``/livez``, ``/readyz`` and ``/metrics``.

    Before everything else: a load balancer asks by an address instead of a host name, and without TLS; and these
    answer while the database is away.
    """
    answers = {"/livez": _live, "/readyz": _ready, "/metrics": _metrics}

    def middleware(request: HttpRequest) -> HttpResponse:
        answer = answers.get(request.path_info)
        if answer is None or request.method not in READING:
            return get_response(request)
        response = answer(request)
        if response is None:
            return get_response(request)
        response["Cache-Control"] = "no-store"
        return response

    return middleware


def _live(request: HttpRequest) -> HttpResponse:
    """The process answers. It is no reason to start it again that the database does not."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


def _ready(request: HttpRequest) -> HttpResponse:
    found = state.checks()
    is_ready = all(check.holds for check in found if check.is_required)
    stated = {
        "ready": is_ready,
        "checks": {
            check.name: {
                "ok": check.holds,
                "required": check.is_required,
                "message": check.message,
                "milliseconds": check.milliseconds,
            }
            for check in found
        },
    }
    response = JsonResponse(stated, status=HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE)
    if not is_ready:
        response["Retry-After"] = "10"
    return response


def _metrics(request: HttpRequest) -> HttpResponse | None:
    """The figures, for whoever has the token of ``APTA_METRICS_TOKEN``; where none is set, the address is not there."""
    if not settings.METRICS_TOKEN:
        return None
    given = request.headers.get("Authorization", "")
    if not compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()):
        refused = HttpResponse("Give the token of APTA_METRICS_TOKEN: Authorization: Bearer …\n", status=401)
        refused["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return refused
    return HttpResponse(metrics.exposition(), content_type=metrics.CONTENT_TYPE)


class QueryCounter:
    """Counts the queries of a connection."""

    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        self.queries += 1
        return execute(sql, params, many, context)


def observed(get_response: GetResponse) -> GetResponse:
    """Count each request, and with ``APTA_LOG_FORMAT=json`` log it: by the pattern of its address, not by the address.

    Addresses hold search words, keys of calendars and links for new passwords.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        began, counter = perf_counter(), QueryCounter()
        with connection.execute_wrapper(counter):
            response = get_response(request)
        seconds = perf_counter() - began
        method = request.method if request.method in METHODS else "other"
        route = route_of(request)
        metrics.count(
            method=str(method), route=route, status=response.status_code, seconds=seconds, queries=counter.queries
        )
        if settings.LOG_FORMAT == "json":
            fields = {
                "method": method,
                "route": route,
                "status": response.status_code,
                "milliseconds": round(seconds * 1000, 1),
                "queries": counter.queries,
                "user_id": _user_id(request),
            }
            log.info("%s %s %s", method, route, response.status_code, extra={"fields": fields})
        return response

    return middleware


def route_of(request: HttpRequest) -> str:
    """The pattern of the address, such as ``plans/<slug:code>/``; ``none`` where there is nothing at it."""
    match = getattr(request, "resolver_match", None)
    return (match.route or "/") if match else NO_ROUTE


def _user_id(request: HttpRequest) -> Any:
    # Only who is known already: asking would be a query of its own.
    user = request.__dict__.get("_cached_user")
    return user.pk if user is not None else None
