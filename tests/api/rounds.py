"""What tests of rounds by API share."""

import datetime
from typing import Any

from tests.conftest import Cast
from workplan import actions
from workplan.actions import Actor, Report
from workplan.models import Activity, ReportingRound, SectoralBody, StatusUpdate

ROUNDS = "/api/v1/rounds/"


def at(reporting_round: ReportingRound, *more: str) -> str:
    return ROUNDS + "/".join([str(reporting_round.pk), *more]) + "/"


def change_state(program: Any, address: str, action: str, body: Any = None) -> Any:
    return program.post(f"{address}{action}/", body or {}, headers={"If-Match": program.get(address)["ETag"]})


def reported(cast: Cast, reporting_round: ReportingRound, ref: str = "A.1.1.1", *, submit: bool = True) -> StatusUpdate:
    by = Actor(cast.somtc, "command")
    draft = actions.begin_report(
        activity=Activity.objects.get(ref=ref),
        report=Report("ongoing", datetime.date(2018, 6, 30), "Begun."),
        by=by,
        reporting_round=reporting_round,
        body=SectoralBody.objects.get(acronym="SOMTC"),
    )
    return actions.submit_report(update=draft, version=1, by=by) if submit else draft
