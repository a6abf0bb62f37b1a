"""What tests of the pages of rounds share."""

import datetime
from collections.abc import Callable
from typing import Any

from django.test import Client

from tests.conftest import Cast
from workplan import actions
from workplan.actions import Actor, Report
from workplan.models import Activity, ReportingRound, SectoralBody

Page = Callable[..., Client]


CODE = "tip-2016-2020"


ROUNDS = f"/plans/{CODE}/rounds/"


ROUND = f"{ROUNDS}2018-1/"


def by(user: Any) -> Actor:
    return Actor(user, "page", "r")


def drafted(reporting_round: ReportingRound, cast: Cast) -> Any:
    return actions.begin_report(
        activity=Activity.objects.get(ref="A.1.1.1"),
        report=Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="Begun."),
        by=by(cast.somtc),
        reporting_round=reporting_round,
        body=SectoralBody.objects.get(acronym="SOMTC"),
    )
