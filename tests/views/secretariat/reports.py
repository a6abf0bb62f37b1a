"""Reports to be reviewed."""

import datetime
from collections.abc import Callable
from typing import Any

from django.test import Client

from workplan import actions
from workplan.actions import Actor, EvidenceItem, Report
from workplan.models import Activity, ReportingRound, SectoralBody, StatusUpdate, User

Page = Callable[..., Client]


ONGOING = Report(
    status="ongoing",
    as_of=datetime.date(2018, 6, 30),
    narrative="The module is drafted.",
    evidence=(EvidenceItem("Minutes", "https://example.org/minutes", dated_on=datetime.date(2018, 6, 1)),),
)


def by(user: Any) -> Actor:
    return Actor(user, "page", "r")


def body(acronym: str) -> SectoralBody:
    return SectoralBody.objects.get(acronym=acronym)


def drafted(
    author: User,
    reporting_round: ReportingRound,
    ref: str = "A.1.1.4",
    acronym: str = "SOMTC",
    report: Report = ONGOING,
) -> StatusUpdate:
    activity = Activity.objects.get(ref=ref)
    return actions.begin_report(
        activity=activity, report=report, by=by(author), reporting_round=reporting_round, body=body(acronym)
    )


def sent(author: User, reporting_round: ReportingRound, ref: str = "A.1.1.4", **values: Any) -> StatusUpdate:
    draft = drafted(author, reporting_round, ref, **values)
    return actions.submit_report(update=draft, version=draft.version, by=by(author))
