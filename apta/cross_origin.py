"""What browsers may read of the API for pages of other origins (CORS, as in the Fetch standard)."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]

API = "/api/v1/"
READING = ("GET", "HEAD")
# What a page may send besides what it may send anyway.
TAKEN = "Authorization, If-None-Match, Prefer, X-Request-ID"
# What a page may see of an answer besides its body.
SHOWN = "ETag, Link, Retry-After, WWW-Authenticate, X-Request-ID"
# Seconds for which a browser need not ask again; longer than two hours no browser but Firefox takes it.
ASKED_AGAIN_AFTER = 7_200


def cross_origin(get_response: GetResponse) -> GetResponse:
    """Let pages of every origin read what everybody may read.

    Answers under ``/api/v1/`` may be read by pages of any origin (``*``), never with the cookies of a reader: a page
    sees what a visitor sees, or what the token allows that it sends itself. Changes are left to programs, and where
    reading is not public (``APTA_PUBLIC_READ=0``) nothing is said at all, so that browsers refuse.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not settings.PUBLIC_READ or not request.path_info.startswith(API):
            return get_response(request)
        asked = request.headers.get("Access-Control-Request-Method", "")
        if request.method == "OPTIONS" and asked in READING and "Origin" in request.headers:
            return HttpResponse(
                status=204,
                headers={
                    "Access-Control-Allow-Origin": "*",
                    "Access-Control-Allow-Methods": ", ".join(READING),
                    "Access-Control-Allow-Headers": TAKEN,
                    "Access-Control-Max-Age": str(ASKED_AGAIN_AFTER),
                },
            )
        response = get_response(request)
        if request.method in READING:
            response["Access-Control-Allow-Origin"] = "*"
            response["Access-Control-Expose-Headers"] = SHOWN
        return response

    return middleware
