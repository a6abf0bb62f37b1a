"""What tests of reports on pages share."""

import datetime
from collections.abc import Callable
from typing import Any

from django.test import Client

from workplan import actions
from workplan.actions import Actor, Report
from workplan.models import Activity, ReportingRound, SectoralBody, StatusUpdate, User

Page = Callable[..., Client]


CODE = "tip-2016-2020"


BEGIN = f"/plans/{CODE}/activities/A.1.1.4/report/"  # led by SLOM and SOMTC


NO_ROWS = {"evidence-TOTAL_FORMS": "0", "evidence-INITIAL_FORMS": "0"}


GOOD = {
    "status": "ongoing",
    "as_of": "2018-06-30",
    "narrative": "The module is drafted.",
    "kind": "progress",
    **NO_ROWS,
}


ONGOING = Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="The module is drafted.")


PDF = b"%PDF-1.7\nA report."


def by(user: Any) -> Actor:
    return Actor(user, "page", "r")


def row(place: int = 0, **values: Any) -> dict[str, Any]:
    return {f"evidence-{place}-{name}": value for name, value in values.items()}


def rows(number: int) -> dict[str, str]:
    return {"evidence-TOTAL_FORMS": str(number), "evidence-INITIAL_FORMS": "0"}


def draft_of(
    user: User, reporting_round: ReportingRound, report: Report = ONGOING, acronym: str = "SOMTC"
) -> StatusUpdate:
    return actions.begin_report(
        activity=Activity.objects.get(ref="A.1.1.4"),
        report=report,
        by=by(user),
        reporting_round=reporting_round,
        body=SectoralBody.objects.get(acronym=acronym),
    )


def address(update: StatusUpdate) -> str:
    return f"/reports/{update.pk}/edit/"
