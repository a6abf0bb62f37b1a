"""Which day it is. Nothing else in apta decides that.

Deadlines, rounds and figures follow the secretariat's calendar, so that they are the same for everybody. What a person
may say of today, such as the as-of date of a report, follows the calendar of that person, who may be further east.
"""

import datetime
import zoneinfo
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.utils import timezone

# The first place on earth in which a day begins (UTC+14).
_FIRST = datetime.timezone(datetime.timedelta(hours=14))

# Whose request is answered now; set by ``apta.middleware.reader``.
reader: ContextVar[Any] = ContextVar("reader", default=None)


def secretariat_day(moment: datetime.datetime | None = None) -> datetime.date:
    """The day of ``moment``, or today, where the secretariat is (``APTA_TIME_ZONE``)."""
    return timezone.localdate(moment, timezone.get_default_timezone())


def start_of_day() -> datetime.datetime:
    """When today began where the secretariat is."""
    return timezone.make_aware(
        datetime.datetime.combine(secretariat_day(), datetime.time.min), timezone.get_default_timezone()
    )


def zone_of(person: Any) -> str:
    """The name of the time zone of ``person``: the one they chose, else the secretariat's."""
    return getattr(person, "time_zone", "") or settings.TIME_ZONE


def day_of(person: Any, moment: datetime.datetime | None = None) -> datetime.date:
    """The day of ``moment``, or today, where ``person`` is."""
    return timezone.localdate(moment, zoneinfo.ZoneInfo(zone_of(person)))


def reader_day() -> datetime.date:
    """Today where the person is whose request is answered now: what forms propose."""
    return day_of(reader.get())


def deadline_zone() -> str:
    """Where deadlines are days, as it stands beside them: the name of the zone, and how far it is from UTC."""
    hours = f"{timezone.localtime(timezone=timezone.get_default_timezone()):%z}"
    return f"{settings.TIME_ZONE}, UTC{hours[:3]}:{hours[3:]}"


def latest_day() -> datetime.date:
    """The last day that has begun anywhere: nobody who asks for it asks for a day to come."""
    return timezone.localdate(timezone=_FIRST)


def zones() -> list[str]:
    """The names of the time zones that can be chosen, such as ``Asia/Manila``."""
    places = (name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [*sorted(places), "UTC"]
