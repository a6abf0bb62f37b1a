"""Deadlines of a body as a calendar that other programs subscribe to. It holds dates, and nothing about reports."""

import datetime
import hashlib
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

import icalendar
from django.contrib.auth.views import redirect_to_login
from django.db.models import Count, Max, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.cache import get_conditional_response

from apta.addresses import absolute_url, origin
from workplan import permissions, rules
from workplan.accounts.keys import with_key
from workplan.actions.subscriptions import reader_of
from workplan.models import AuditEntry, LateException, ReportingRound, SectoralBody, WorkPlan
from workplan.querysets import fold_spelling
from workplan.querysets.days import secretariat_day

DAY = datetime.timedelta(days=1)


def deadlines(request: HttpRequest, code: str, acronym: str) -> HttpResponse:
    """When rounds open, when the body's reports are due, and when rounds close. Any spelling leads here."""
    reader = request.user if request.user.is_authenticated else reader_of(request.GET.get("key", ""), rules.CALENDAR)
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

    Where the plan is not public it contains the person's key, if they have one, since calendar programs cannot sign in.
    """
    address = reverse("deadlines", args=[plan.code, body.acronym])
    return absolute_url(with_key(address, request, rules.CALENDAR), request)


def _calendar(request: HttpRequest, plan: WorkPlan, body: SectoralBody, reader: Any) -> icalendar.Calendar:
    calendar = icalendar.Calendar()
    host = urlsplit(origin(request)).hostname  # so that no other installation has the same UID (RFC 5545, 3.8.4.7)
    calendar.add("prodid", "-//apta//deadlines//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{body.acronym}: reporting on {plan.title}")
    calendar.add("refresh-interval", datetime.timedelta(hours=12), parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT12H")
    given = {one.round_id: one for one in LateException.objects.filter(round__plan=plan, body=body)}
    changes = AuditEntry.objects.filter(record_type="lateexception", round__plan=plan, body=body)
    changed_deadlines = {
        pk: (number, last)
        for pk, number, last in changes.values_list("round").annotate(Count("pk"), Max("at")).order_by("round")
    }
    rounds = ReportingRound.objects.visible_to(reader).for_display().filter(plan=plan)
    # A closed round stays for a body that may still report.
    still = [pk for pk, one in given.items() if one.until >= secretariat_day()]
    for reporting_round in rounds.filter(
        Q(state__in=(rules.PLANNED, rules.OPEN)) | Q(state=rules.CLOSED, pk__in=still)
    ):
        more = given.get(reporting_round.pk)
        due = max(reporting_round.due_on, more.until) if more else reporting_round.due_on
        for what, day, words in (
            ("opens", reporting_round.opens_on, f"{reporting_round.name}: reporting opens"),
            ("due", due, f"{reporting_round.name}: reports of {body.acronym} are due"),
            ("closes", reporting_round.closes_on, f"{reporting_round.name}: reporting closes"),
        ):
            # Of the deadline extension only the day is shown: its reason is for the secretariat and the body.
            # One that was taken back counts too: programs look for a higher number, and a later stamp.
            sequence, changed = reporting_round.version, reporting_round.updated_at
            if what == "due" and reporting_round.pk in changed_deadlines:
                number, last = changed_deadlines[reporting_round.pk]
                sequence, changed = sequence + number, max(changed, more.updated_at if more else last)
            event = icalendar.Event()
            event.add("uid", f"apta-round-{reporting_round.pk}-body-{body.pk}-{what}@{host}")
            event.add("dtstamp", changed.astimezone(datetime.UTC))
            event.add("last-modified", changed.astimezone(datetime.UTC))
            event.add("sequence", sequence)
            event.add("dtstart", day)
            event.add("dtend", day + DAY)
            event.add("summary", words)
            event.add("url", absolute_url(reporting_round.get_absolute_url(), request))
            event.add("transp", "TRANSPARENT")
            calendar.add_component(event)
    return calendar
