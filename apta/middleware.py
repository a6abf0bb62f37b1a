"""What wraps every request: its id, and the closed door where the plan is not public."""

import logging
import re
import uuid
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.template import loader

from apta.logs import current_request_id
from workplan.exceptions import will_pass

log = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]

OPEN_PATHS = ("/accounts/", "/static/", "/api/", "/admin/", "/robots.txt", "/sitemap.xml")

# What is long before it is compressed; pictures and workbooks are compressed in themselves.
WORDY = re.compile(r"text/|image/svg\+xml|application/(?:[a-z0-9.-]+\+)?(?:json|xml|javascript)\b")

# Calendar programs cannot sign in: the feed asks for a key itself.
FEED_PATH = re.compile(r"/plans/[^/]+/bodies/[^/]+/deadlines\.ics")


def request_id(get_response: GetResponse) -> GetResponse:
    """Give each request an id; a well-formed ``X-Request-ID`` of a proxy is kept."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request.id = given if re.fullmatch(r"[A-Za-z0-9._-]{8,64}", given) else uuid.uuid4().hex  # type: ignore[attr-defined]
        token = current_request_id.set(request.id)  # type: ignore[attr-defined]
        try:
            response = get_response(request)
        finally:
            current_request_id.reset(token)
        response["X-Request-ID"] = request.id  # type: ignore[attr-defined]
        return response

    return middleware


class Compression(GZipMiddleware):
    """Sends words in a fifth of their bytes to whoever takes gzip.

    A page repeats what its reader typed and holds their secrets, so its length could tell them to somebody who
    watches the line (BREACH). Django blurs the length with up to a hundred random bytes, and masks the CSRF token
    anew in every answer. What WhiteNoise has compressed beforehand is passed on as it is.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        # A part of a file, asked for by its bytes, must stay those bytes.
        if response.status_code == HTTPStatus.PARTIAL_CONTENT or not WORDY.match(response.get("Content-Type", "")):
            return response
        return super().process_response(request, response)


def busy_database(get_response: GetResponse) -> GetResponse:
    """When the database does not answer in time, say so and that nothing was saved. The API says it itself."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, problem: Exception) -> HttpResponse | None:
        if not will_pass(problem):
            return None
        log.warning("The database did not answer.", exc_info=problem)
        page = loader.get_template("503.html").render({"address": request.get_full_path()})
        return HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "2"})

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware


def close_to_the_public(get_response: GetResponse) -> GetResponse:
    """With ``APTA_PUBLIC_READ=0`` every page but the sign-in asks who is there.

    The API and the calendar feed answer for themselves.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.PUBLIC_READ or request.user.is_authenticated or request.path.startswith(OPEN_PATHS):
            return get_response(request)
        if FEED_PATH.fullmatch(request.path_info):
            return get_response(request)
        return redirect_to_login(request.get_full_path())

    return middleware
