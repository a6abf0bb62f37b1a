"""What wraps every request: its id, and the closed door where the plan is not public."""

import re
import uuid
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

from apta.logs import RequestIds, current_request
from workplan.exceptions import will_pass
from workplan.querysets import days
from workplan.views.errors import unavailable

GetResponse = Callable[[HttpRequest], HttpResponse]

OPEN_PATHS = ("/accounts/", "/static/", "/api/", "/admin/", "/robots.txt", "/sitemap.xml", "/.well-known/")

# No page of ours asks for any of these, so that nothing that gets into one can.
NOT_USED = (
    *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid", "magnetometer", "microphone"),
    *("midi", "payment", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
)
PERMISSIONS_POLICY = ", ".join(f"{name}=()" for name in NOT_USED)

# What is long before it is compressed; pictures and workbooks are compressed in themselves.
WORDY = re.compile(r"text/|image/svg\+xml|application/(?:[a-z0-9.-]+\+)?(?:json|xml|javascript)\b")

EVIDENCE_PATH = re.compile(r"/evidence/\d+/")
# Programs that read calendars and feeds, and mail programs, cannot sign in: these ask for a key themselves.
KEYED_PATH = re.compile(r"/plans/[^/]+/bodies/[^/]+/deadlines\.ics|/views/[^/]+/feed/|/my/messages/stop/[^/]+/")


def request_id(get_response: GetResponse) -> GetResponse:
    """Give each request an id of its own, by which the audit trail keeps together what it changed.

    A well-formed ``X-Request-ID`` of the client is kept besides, and decides nothing: anybody can send anybody's.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        ids = RequestIds(uuid.uuid4().hex, given if re.fullmatch(r"[A-Za-z0-9._-]{8,64}", given) else "")
        request.id, request.ids = ids.own, ids  # type: ignore[attr-defined]
        # Until the next request begins: what the server logs about the answer belongs to it as well.
        current_request.set(ids)
        response = get_response(request)
        response["X-Request-ID"] = ids.own
        return response

    return middleware


def browser_limits(get_response: GetResponse) -> GetResponse:
    """Tell browsers which of their abilities no page uses, and that other sites do not get our answers into theirs.

    A view that is made for other sites, such as the picture of the status, says so itself.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return middleware


class Compression(GZipMiddleware):
    """Sends words in a fifth of their bytes to whoever takes gzip.

    A page repeats what its reader typed and holds their secrets, so its length could reveal them to somebody who
    watches the line (BREACH). Django blurs the length with up to a hundred random bytes, and masks the CSRF token
    anew in every answer. What WhiteNoise has compressed beforehand is passed on as it is.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.status_code == HTTPStatus.NOT_MODIFIED:
            # It stands for an answer that depends on it, which a cache goes on keeping under the same conditions.
            patch_vary_headers(response, ("Accept-Encoding",))
        # A part of a file, asked for by its bytes, must stay those bytes.
        if response.status_code == HTTPStatus.PARTIAL_CONTENT or not WORDY.match(response.get("Content-Type", "")):
            return response
        return super().process_response(request, response)


def busy_database(get_response: GetResponse) -> GetResponse:
    """When the database does not answer a view, say so and that nothing was saved. The API says it itself.

    What fails outside of a view comes to ``errors.server_error``, which says the same.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, problem: Exception) -> HttpResponse | None:
        return unavailable(request, problem) if will_pass(problem) else None

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware


def reader(get_response: GetResponse) -> GetResponse:
    """Say whose request is answered, so that forms propose the day that it is for that person.

    Nobody is asked for until somebody wants to know.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        before = days.reader.set(request.user)
        try:
            return get_response(request)
        finally:
            days.reader.reset(before)

    return middleware


def close_to_the_public(get_response: GetResponse) -> GetResponse:
    """With ``APTA_PUBLIC_READ=0`` every page but the sign-in asks who is there.

    The API answers for itself, and so do calendars, feeds and the address that stops a kind of mail.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.PUBLIC_READ or request.user.is_authenticated or request.path_info.startswith(OPEN_PATHS):
            return get_response(request)
        if KEYED_PATH.fullmatch(request.path_info) or _is_of_program(request):
            return get_response(request)
        return redirect_to_login(request.get_full_path())

    return middleware


def _is_of_program(request: HttpRequest) -> bool:
    """Whether a program asks for evidence with its token, which the view judges."""
    return bool("Authorization" in request.headers and EVIDENCE_PATH.fullmatch(request.path_info))
