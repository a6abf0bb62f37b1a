"""What tests of mails share: moments of a round, and what has been sent."""

import datetime
from typing import Any

from django.core.management import call_command

from tests.conftest import Cast
from workplan import actions
from workplan.actions import Actor, Report
from workplan.models import Activity, Notice, ReportingRound, SectoralBody, User

SHARED = "A.1.1.4"  # led by SLOM and SOMTC


ONGOING = Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="Nobody else may read these words.")


IN_TIME = datetime.datetime(2018, 7, 3, 4, tzinfo=datetime.UTC)


TOO_LATE = datetime.datetime(2018, 8, 2, 4, tzinfo=datetime.UTC)


def by(user: Any) -> Actor:
    return Actor(user, "page", "r")


def send() -> None:
    call_command("send_messages", verbosity=0)


def notified(event: str) -> list[str]:
    """Who has been notified of ``event``, once for each time."""
    return sorted(Notice.objects.filter(event=event).values_list("user__username", flat=True))


def notice(user: User, event: str = "opened", key: str = "1", text: str = "Something happened.") -> Notice:
    return Notice.objects.create(user=user, event=event, key=key, text=text, path="/my/")


def submitted(reporting_round: ReportingRound, cast: Cast, ref: str = SHARED) -> Any:
    draft = actions.begin_report(
        activity=Activity.objects.get(ref=ref),
        report=ONGOING,
        by=by(cast.somtc),
        reporting_round=reporting_round,
        body=SectoralBody.objects.get(acronym="SOMTC"),
    )
    return actions.submit_report(update=draft, version=draft.version, by=by(cast.somtc))
