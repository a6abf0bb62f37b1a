"""The headers about how long browsers and proxies may keep an answer."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

GetResponse = Callable[[HttpRequest], HttpResponse]

# Whoever is signed in sees what others may not, on a machine that others may use after them.
NOT_SAVED = "private, no-store"
# Seconds: nobody waits long for what was just published, and many readers at once are one to the server.
KEPT_FOR = 60
KEPT_BY_ALL = f"public, max-age={KEPT_FOR}"
# Where somebody is about to sign in, or has to.
OF_PERSONS = ("/accounts/", "/admin/")


def cache_control(get_response: GetResponse) -> GetResponse:
    """Say of each answer who may keep it, and for how long.

    ``private, no-store`` by default: whatever is sent to somebody who is signed in, by a session or a token, sets a
    cookie, answers a change, refuses, or redirects for now. What everybody may read is kept for a minute, if the view
    says nothing else. All depends on who asks. Static files do not come here.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_api = request.path_info.startswith("/api/")
        patch_vary_headers(response, ("Authorization", "Cookie") if is_api else ("Cookie",))
        stated = response.get("Cache-Control", "")
        if is_of_a_person(request, response):
            if "no-store" not in stated:
                response["Cache-Control"] = NOT_SAVED
        elif not stated:
            response["Cache-Control"] = KEPT_BY_ALL if is_for_everybody(request, response) else NOT_SAVED
        return response

    return middleware


def is_of_a_person(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether somebody is, or claims to be, signed in, or is given a cookie. Asks no database."""
    return (
        bool(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        or "Authorization" in request.headers
        or bool(response.cookies)
    )


def is_for_everybody(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether a visitor was given a page or a file that all visitors are given."""
    return (
        settings.PUBLIC_READ
        and request.method in {"GET", "HEAD"}
        and response.status_code in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED, HTTPStatus.MOVED_PERMANENTLY}
        and not request.path_info.startswith(OF_PERSONS)
    )
