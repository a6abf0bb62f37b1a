"""Pages that every visitor is given alike are made once, and again when something has changed.

One short statement finds whether it has. Whoever is signed in, by whatever means, is answered anew, and so is whoever
asks for that (``Cache-Control: no-cache``, as a browser does that is told to load a page anew).
"""

import copy
import hashlib
from collections.abc import Callable, Hashable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.response import ResponseHeaders
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

from apta import __version__
from apta.addresses import origin
from apta.caching import is_of_a_person
from workplan.querysets.days import secretariat_day
from workplan.querysets.lately import MOST_KEPT, Lately
from workplan.querysets.revisions import revision_of
from workplan.rules import OF_ACTIVITIES, OF_DOCUMENT

View = Callable[..., HttpResponseBase]

_pages: Lately[tuple[str, HttpResponse]] = Lately(MOST_KEPT)


def kept_for_visitors(view: View) -> View:
    """``view`` shows what follows from its address, the day and the revision alone, to all visitors alike."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        nobody_yet = HttpResponse()
        is_anew = "no-cache" in request.headers.get("Cache-Control", "")
        if request.method not in ("GET", "HEAD") or is_anew or is_of_a_person(request, nobody_yet):
            return view(request, *args, **kwargs)
        asked = _asked(request)
        revision = revision_of(OF_DOCUMENT, OF_ACTIVITIES)
        kept = _pages.get(asked)
        if kept is None or kept[0] != revision:
            made = view(request, *args, **kwargs)
            # What was written meanwhile may be in one half of the page and not in the other.
            if not _may_be_kept(request, made) or revision_of(OF_DOCUMENT, OF_ACTIVITIES) != revision:
                return made
            assert isinstance(made, HttpResponse)
            kept = revision, _copy(made)
            _pages.put(asked, kept, len(made.content))
        tag = quote_etag(hashlib.sha256(repr((asked, revision)).encode()).hexdigest()[:24])
        response = _copy(kept[1])
        response["ETag"] = tag
        return get_conditional_response(request, etag=tag, response=response) or response

    return answer


def _asked(request: HttpRequest) -> Hashable:
    """What such a page depends on, besides the revision."""
    htmx = tuple(sorted((name, value) for name, value in request.META.items() if name.startswith("HTTP_HX_")))
    return request.get_full_path(), origin(request), htmx, secretariat_day(), __version__, settings.PUBLIC_READ


def _may_be_kept(request: HttpRequest, made: HttpResponseBase) -> bool:
    has_form = request.META.get("CSRF_COOKIE_NEEDS_UPDATE", False)
    return made.status_code == HTTPStatus.OK and not made.streaming and not made.cookies and not has_form


def _copy(response: HttpResponse) -> HttpResponse:
    """A response of its own, which middleware can add to."""
    made = copy.copy(response)
    made.headers = ResponseHeaders(dict(response.items()))
    made.cookies = copy.copy(response.cookies)
    return made
