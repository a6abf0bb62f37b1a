"""A plan with a round that is open and reports in every state, and what tests of its memory share."""

import datetime
from dataclasses import dataclass
from typing import Any

from tests.conftest import Cast
from workplan import actions
from workplan.actions import Actor, EvidenceItem, Report
from workplan.models import Activity, ReportingRound, SectoralBody, StatusUpdate, WorkPlan

JOINT = "A.1.1.4"  # led by SLOM and SOMTC


EVIDENCE_ITEM = (EvidenceItem("Minutes", "https://asean.org/minutes"),)


ONGOING = Report(
    status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="The module is drafted.", evidence=EVIDENCE_ITEM
)


def body(acronym: str) -> SectoralBody:
    return SectoralBody.objects.get(acronym=acronym)


@dataclass
class Scenario:
    """A plan with an open round, and reports in every state."""

    cast: Cast
    plan: WorkPlan
    reporting_round: ReportingRound

    def by(self, user: Any, request: str = "a-request") -> Actor:
        return Actor(user, "page", request)

    def begun(self, ref: str = JOINT, request: str = "earlier") -> StatusUpdate:
        return actions.begin_report(
            activity=Activity.objects.get(ref=ref),
            report=ONGOING,
            by=self.by(self.cast.somtc, request),
            reporting_round=self.reporting_round,
            body=body("SOMTC"),
        )

    def submitted(self, ref: str = JOINT) -> StatusUpdate:
        return actions.submit_report(update=self.begun(ref), version=1, by=self.by(self.cast.somtc, "earlier"))

    def returned(self, ref: str = JOINT) -> StatusUpdate:
        return actions.return_report(
            update=self.submitted(ref), version=2, reason="Why?", by=self.by(self.cast.secretariat, "earlier")
        )

    def approved(self, ref: str = JOINT) -> StatusUpdate:
        return actions.approve_report(
            update=self.submitted(ref), version=2, by=self.by(self.cast.secretariat, "earlier")
        )
