"""What search programs read: which pages they may fetch, and where all of them are."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from workplan import rules
from workplan.models import Activity, ReportingRound, SectoralBody, WorkPlan
from workplan.views.addresses import NOT_TO_FIND, origin, whole

# The pages that every plan has.
OF_A_PLAN = ("plan-home", "plan", "dashboard", "activities", "bodies", "rounds", "questions")


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


@require_safe
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


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What search programs are asked to leave alone: all of a closed installation."""
    lines = ["User-agent: *"]
    if settings.PUBLIC_READ:
        lines += [f"Disallow: {one}" for one in NOT_TO_FIND]
        # Filters make the same rows into more pages than anybody could fetch.
        lines += ["Disallow: /*?", "", f"Sitemap: {whole(request, reverse('sitemap'))}"]
    else:
        lines.append("Disallow: /")
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
