"""The parameters in the address of a page: those of others are left out, empty ones taken away, a chosen day kept."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import timezone

from workplan.filters.fields import PastField, shown

GetResponse = Callable[[HttpRequest], HttpResponse]

AS_OF = "as_of"
# What mailing programs, gateways and advertisers add to a link that passes through them.
ADDED_ON_THE_WAY = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|mc_[ce]id|_gl|_ga|_hs\w+|mkt_tok|oly_\w+"
    r"|vero_\w+|trk\w*|ref_src|data|sdata|reserved"
)
MOST_NAMED = 5
# An empty parameter says something there.
EMPTY_ALLOWED = ("new-view", "jump")


class PageParameters:
    """What a page was asked for beside its own parameters.

    Attributes:
        ignored: names that the page does not know; its filters fill this in.
        given: all parameters.
    """

    def __init__(self, given: QueryDict) -> None:
        self.given = given
        self.ignored: list[str] = []

    @property
    def noticed(self) -> list[str]:
        """Those of the ignored names that somebody may have meant, as they may be shown."""
        listed = [name for name in self.ignored if name != AS_OF and not ADDED_ON_THE_WAY.fullmatch(name)]
        return [shown(name) for name in listed[:MOST_NAMED]]

    @property
    def day(self) -> str:
        """The day or time as of which the plan is looked at; empty for now, and for what is none."""
        asked = str(self.given.get(AS_OF, "")).strip()
        try:
            return asked if asked and PastField(required=False).clean(asked) else ""
        except ValidationError:
            return ""

    @property
    def day_in_words(self) -> str:
        moment = PastField(required=False).clean(self.day)
        return f"{timezone.localtime(moment):%-d %B %Y}" if moment else ""

    @property
    def query(self) -> str:
        """The query string with which a link keeps that day; empty for now."""
        return f"?{urlencode({AS_OF: self.day})}" if self.day else ""

    @property
    def tail(self) -> str:
        """The same after another parameter."""
        return f"&{urlencode({AS_OF: self.day})}" if self.day else ""

    @property
    def today(self) -> str:
        """The query string of the same page today."""
        left = self.given.copy()
        left.pop(AS_OF, None)
        return "?" + left.urlencode()


def page_parameters(get_response: GetResponse) -> GetResponse:
    """Tells the pages from the files, which take their own parameters only, and takes empty ones out of addresses.

    Forms send their empty fields, too, unless a script leaves them out.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        parameters = getattr(request, "page_parameters", None)
        if parameters and getattr(request, "htmx", False) and response.status_code == 200:
            clean = without_empty(request)
            if clean is not None:
                response["HX-Push-Url"] = clean
        return response

    def process_view(request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        if (
            match is None
            or match.app_name
            or not _is_page(request)
            or match.view_name.startswith(("admin:", "account"))
        ):
            return None
        request.page_parameters = PageParameters(request.GET)  # type: ignore[attr-defined]
        if request.method not in ("GET", "HEAD") or getattr(request, "htmx", False):
            return None
        clean = without_empty(request) if match.view_name not in EMPTY_ALLOWED else None
        return HttpResponseRedirect(clean) if clean is not None else None

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware


def without_empty(request: HttpRequest) -> str | None:
    """The address of ``request`` without its empty parameters; ``None`` where it has none."""
    kept = QueryDict(mutable=True)
    for name, values in request.GET.lists():
        said = [value for value in values if value.strip()]
        if said:
            kept.setlist(name, said)
    if sum(map(len, dict(kept.lists()).values())) == sum(len(values) for _, values in request.GET.lists()):
        return None
    return f"{request.path}?{kept.urlencode()}" if kept else request.path


def _is_page(request: HttpRequest) -> bool:
    """Pages end in a slash; what ends otherwise is a file, as is what is asked for in a format."""
    return request.path.endswith("/") and not request.path.startswith("/api/") and "format" not in request.GET
