"""What search programs read: which pages they may fetch, and where all of them are."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import get_script_prefix, reverse
from django.utils import timezone

from apta.addresses import absolute_url, origin
from workplan import rules
from workplan.models import Activity, ReportingRound, SectoralBody, WorkPlan
from workplan.views.addresses import NOT_TO_FIND

# The pages that every plan has.
OF_A_PLAN = ("plan-home", "plan", "dashboard", "activities", "bodies", "rounds", "questions")

# RFC 9116 recommends less than a year.
SECURITY_TEXT_HOLDS = timedelta(days=180)


class Entry(NamedTuple):
    """One page, and when it last changed."""

    path: str
    changed: datetime | None = None


class Pages(Sitemap[Entry]):
    """Pages of one kind."""

    def __init__(self, request: HttpRequest, entries: Callable[[], Iterable[Entry]]) -> None:
        where = urlsplit(origin(request))
        self.protocol, self.domain = where.scheme, where.netloc
        self.entries = entries

    def items(self) -> list[Entry]:
        return list(self.entries())

    def location(self, item: Entry) -> str:
        return item.path

    def lastmod(self, item: Entry) -> datetime | None:
        return item.changed

    def get_domain(self, site: Any = None) -> str:
        return self.domain


def security(request: HttpRequest) -> HttpResponse:
    """Where somebody who has found a weakness tells it (RFC 9116); not there where no contact is set."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    # The day begins anew each midnight, so that caches and readers see one text a day.
    expires = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0) + SECURITY_TEXT_HOLDS
    lines = (
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {expires.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {absolute_url(request.path, request)}",
    )
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def site_map(request: HttpRequest) -> HttpResponse:
    """Every page that is meant for everybody, while reading is public."""
    if not settings.PUBLIC_READ:
        raise Http404
    kinds = (of_plans, of_activities, of_bodies, of_rounds)
    response: HttpResponse = sitemap(request, {kind.__name__: Pages(request, kind) for kind in kinds})
    return response


def of_plans() -> Iterable[Entry]:
    yield Entry(reverse("home"))
    yield Entry(reverse("plans"))
    for plan in WorkPlan.objects.all():
        for name in OF_A_PLAN:
            # The home of the current plan is the start page.
            if name != "plan-home" or not plan.is_current:
                yield Entry(reverse(name, args=[plan.code]))


def of_activities() -> Iterable[Entry]:
    rows = Activity.objects.visible_to(AnonymousUser()).order_by("plan", "position")
    for code, ref, changed in rows.values_list("plan__code", "ref", "updated_at"):
        yield Entry(reverse("activity", args=[code, ref]), changed)


def of_bodies() -> Iterable[Entry]:
    bodies = list(SectoralBody.objects.values_list("acronym", flat=True))
    for code in WorkPlan.objects.values_list("code", flat=True):
        for acronym in bodies:
            yield Entry(reverse("body", args=[code, acronym]))


def of_rounds() -> Iterable[Entry]:
    for one in ReportingRound.objects.visible_to(AnonymousUser()).for_display().filter(state=rules.PUBLISHED):
        yield Entry(one.get_absolute_url(), one.published_at)


def robots(request: HttpRequest) -> HttpResponse:
    """What search programs are asked to leave alone: all of a closed installation."""
    lines, under = ["User-agent: *"], get_script_prefix().rstrip("/")
    if settings.PUBLIC_READ:
        lines += [f"Disallow: {under}{one}" for one in NOT_TO_FIND]
        # Filters make the same rows into more pages than anybody could fetch.
        lines += [f"Disallow: {under}/*?", "", f"Sitemap: {absolute_url(reverse('sitemap'), request)}"]
    else:
        lines.append(f"Disallow: {under}/")
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
