"""What tests of histories share."""

import datetime
from collections.abc import Callable
from typing import Any

from django.test import Client

from workplan.actions import Actor, Report
from workplan.models import Activity, SectoralBody

Page = Callable[..., Client]


CODE = "tip-2016-2020"


JOINT = "A.1.1.4"  # led by SLOM and SOMTC


ONGOING = Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="The module is drafted.")


def by(user: Any, request: str = "r-1", channel: str = "page") -> Actor:
    return Actor(user, channel, request)


def body(acronym: str) -> SectoralBody:
    return SectoralBody.objects.get(acronym=acronym)


def activity(ref: str = JOINT) -> Activity:
    return Activity.objects.get(ref=ref)
