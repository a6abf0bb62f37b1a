"""Deadlines of a body as a calendar that other programs subscribe to. It holds dates, and nothing about reports."""

import datetime
import hashlib
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import icalendar
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from workplan import permissions, rules
from workplan.models import LateException, ReportingRound, SectoralBody, User, WorkPlan
from workplan.querysets import fold_spelling
from workplan.views.addresses import whole

DAY = datetime.timedelta(days=1)
_KEYS = signing.Signer(salt="workplan.deadlines")


@require_safe
def deadlines(request: HttpRequest, code: str, acronym: str) -> HttpResponse:
    """When rounds open, when the body's reports are due, and when rounds close. Any spelling leads here."""
    reader = _reader(request)
    if not permissions.may_read(reader):
        return redirect_to_login(request.get_full_path())
    plan = get_object_or_404(WorkPlan, code=code)
    body = SectoralBody.objects.by_spelling().get(fold_spelling(acronym))
    if body is None:
        raise Http404
    if body.acronym != acronym:
        key = request.GET.get("key")
        address = reverse("deadlines", args=[plan.code, body.acronym])
        return redirect(f"{address}?{urlencode({'key': key})}" if key else address, permanent=True)
    file = _calendar(request, plan, body, reader).to_ical()
    tag = f'"{hashlib.sha256(file).hexdigest()[:32]}"'
    response = HttpResponse(file, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="{plan.code}-{body.acronym}-deadlines.ics"'
    response["ETag"] = tag
    response["Cache-Control"] = "private, max-age=0, must-revalidate"
    answer = get_conditional_response(request, etag=tag, response=response) or response
    if answer.status_code == HTTPStatus.NOT_MODIFIED:
        answer["Cache-Control"] = response["Cache-Control"]
    return answer  # type: ignore[return-value]


def feed_address(request: HttpRequest, plan: WorkPlan, body: SectoralBody) -> str:
    """The whole address of the feed, to be copied into a calendar program.

    Where the plan is not public it carries the person's key, since calendar programs cannot sign in.
    """
    address = reverse("deadlines", args=[plan.code, body.acronym])
    if not settings.PUBLIC_READ and request.user.is_authenticated:
        address += f"?{urlencode({'key': _KEYS.sign(str(request.user.pk))})}"
    return whole(request, address)


def _reader(request: HttpRequest) -> Any:
    """Who reads: whoever is signed in, else the person whose key the address carries, as long as they have access."""
    key = request.GET.get("key", "")
    if request.user.is_authenticated or not key:
        return request.user
    try:
        pk = int(_KEYS.unsign(key))
    except (signing.BadSignature, ValueError):
        return request.user
    return User.objects.filter(pk=pk, is_active=True).first() or request.user


def _calendar(request: HttpRequest, plan: WorkPlan, body: SectoralBody, reader: Any) -> icalendar.Calendar:
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//apta//deadlines//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{body.acronym}: reporting on {plan.title}")
    calendar.add("refresh-interval", datetime.timedelta(hours=12), parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT12H")
    given = {one.round_id: one for one in LateException.objects.filter(round__plan=plan, body=body)}
    rounds = ReportingRound.objects.visible_to(reader).for_display().filter(plan=plan)
    # A closed round stays for a body that may still report.
    still = [pk for pk, one in given.items() if one.until >= timezone.localdate()]
    for the_round in rounds.filter(Q(state__in=(rules.PLANNED, rules.OPEN)) | Q(state=rules.CLOSED, pk__in=still)):
        more = given.get(the_round.pk)
        due = max(the_round.due_on, more.until) if more else the_round.due_on
        for what, day, words in (
            ("opens", the_round.opens_on, f"{the_round.name}: reporting opens"),
            ("due", due, f"{the_round.name}: reports of {body.acronym} are due"),
            ("closes", the_round.closes_on, f"{the_round.name}: reporting closes"),
        ):
            # Of the exception only the day is told: its reason is between the secretariat and the body.
            records = [the_round, more] if more and what == "due" else [the_round]
            changed = max(record.updated_at for record in records)
            event = icalendar.Event()
            event.add("uid", f"apta-round-{the_round.pk}-body-{body.pk}-{what}")
            event.add("dtstamp", changed.astimezone(datetime.UTC))
            event.add("last-modified", changed.astimezone(datetime.UTC))
            event.add("sequence", sum(record.version for record in records))
            event.add("dtstart", day)
            event.add("dtend", day + DAY)
            event.add("summary", words)
            event.add("url", whole(request, the_round.get_absolute_url()))
            event.add("transp", "TRANSPARENT")
            calendar.add_component(event)
    return calendar
