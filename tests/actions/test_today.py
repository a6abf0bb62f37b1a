"""What is true today follows the calendar of the person; deadlines follow the secretariat's."""

import datetime
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from rest_framework.test import APIClient

from tests.conftest import Cast
from tests.larger_plans import opened
from workplan import actions
from workplan.actions import Actor, EvidenceItem, Report
from workplan.exceptions import Invalid
from workplan.models import Activity, AuditEntry, ReportingRound, SectoralBody, User, WorkPlan
from workplan.querysets import day_of, latest_day, secretariat_day

# 23.30 on 31 July in Jakarta; half past midnight on 1 August in Manila; noon on 31 July in Montevideo.
LATE = datetime.datetime(2018, 7, 31, 16, 30, tzinfo=datetime.UTC)
TODAY, TOMORROW = datetime.date(2018, 7, 31), datetime.date(2018, 8, 1)
ROOT = Path(__file__).resolve().parents[2]


def by(user: User) -> Actor:
    return Actor(user, "page", "r")


@pytest.fixture
def reporting_round(plan: WorkPlan, cast: Cast) -> ReportingRound:
    return opened(plan, by(cast.secretariat))


@pytest.fixture
def late(reporting_round: ReportingRound, cast: Cast) -> Iterator[None]:
    User.objects.filter(pk=cast.somtc.pk).update(time_zone="Asia/Manila")
    cast.somtc.refresh_from_db()
    with time_machine.travel(LATE, tick=False):
        yield


def of_day(day: datetime.date) -> Report:
    evidence = (EvidenceItem("Minutes", "https://example.org/", dated_on=day),)
    return Report("ongoing", day, "Begun.", evidence=evidence)


def test_each_person_has_a_today_and_the_secretariat_one_for_deadlines(late: None, cast: Cast) -> None:
    days = (secretariat_day(), day_of(cast.acwc), day_of(cast.somtc), latest_day())
    assert days == (TODAY, TODAY, TOMORROW, TOMORROW)
    assert day_of(User(time_zone="America/Montevideo"), LATE - datetime.timedelta(hours=14)) == datetime.date(
        2018, 7, 30
    )


def test_somebody_further_east_reports_their_own_day(
    late: None, reporting_round: ReportingRound, cast: Cast, page: Callable[..., Client], api: Callable[..., APIClient]
) -> None:
    activity = Activity.objects.get(ref="A.1.1.4")
    asked = page(cast.somtc).get(f"{activity.get_absolute_url()}report/").content.decode()
    assert 'max="2018-08-01"' in asked

    begin: dict[str, Any] = {"activity": activity, "reporting_round": reporting_round}
    draft = actions.begin_report(
        **begin, report=of_day(TOMORROW), body=SectoralBody.objects.get(acronym="SOMTC"), by=by(cast.somtc)
    )
    sent = actions.submit_report(update=draft, version=1, by=by(cast.somtc))
    assert (sent.as_of, sent.evidence.get().dated_on) == (TOMORROW, TOMORROW)
    # On time: the day of the deadline has not ended where the secretariat is.
    assert reporting_round.due_on == TODAY
    assert activity.obligations.get(body=draft.body).first_submitted_on == TODAY

    version = api(cast.secretariat).get(f"/api/v1/activities/{activity.pk}/")["ETag"]
    refused = api(cast.secretariat).post(
        f"/api/v1/activities/{activity.pk}/updates/",
        {"status": "ongoing", "as_of": "2018-08-01", "narrative": "x", "round": None},
        headers={"If-Match": version},
    )
    assert (refused.status_code, list(refused.json()["error"]["fields"])) == (400, ["as_of"])


def test_a_filter_takes_every_day_that_has_begun_somewhere(late: None, api: Callable[..., APIClient]) -> None:
    assert api().get("/api/v1/activities/", {"as_of": "2018-08-01"}).status_code == 200
    assert api().get("/api/v1/activities/", {"as_of": "2018-08-02"}).status_code == 400


def test_everybody_says_where_they_are(late: None, cast: Cast, page: Callable[..., Client]) -> None:
    client = page(cast.acwc)
    assert "31 July 2018 at present" in client.get("/accounts/settings/").content.decode()

    answer = client.post("/accounts/settings/", {"time_zone": "Asia/Manila"}, follow=True)

    assert "Saved. Today’s date in your time zone is 1 August 2018." in answer.content.decode()
    cast.acwc.refresh_from_db()
    assert (cast.acwc.time_zone, cast.acwc.version) == ("Asia/Manila", 2)
    entry = AuditEntry.objects.first()
    assert entry is not None
    assert (entry.action, entry.changes) == ("user.changed", {"time_zone": ["", "Asia/Manila"]})
    client.post("/accounts/settings/", {"time_zone": "Asia/Manila"})
    assert AuditEntry.objects.first() == entry
    refused = client.post("/accounts/settings/", {"time_zone": "Mars/Olympus"})
    assert refused.status_code == 400
    with pytest.raises(Invalid):
        actions.choose_time_zone(user=cast.acwc, time_zone="Mars/Olympus", by=by(cast.acwc))


def test_deadlines_name_the_time_zone(
    late: None, reporting_round: ReportingRound, cast: Cast, page: Callable[..., Client], api: Callable[..., APIClient]
) -> None:
    named = "Asia/Jakarta, UTC+07:00"
    client = page(cast.somtc)
    activity = Activity.objects.get(ref="A.1.1.4")
    for address in ("/my/", "/", reporting_round.get_absolute_url(), activity.get_absolute_url()):
        assert named in client.get(address, follow=True).content.decode(), address
    assert api().get(f"/api/v1/rounds/{reporting_round.pk}/").json()["time_zone"] == "Asia/Jakarta"


@pytest.mark.engine_independent(because="it reads the source of apta, and no table")
def test_one_place_decides_today() -> None:
    asks = re.compile(r"localdate|localtime\(\)|date\.today|datetime\.today|datetime\.now\(\)")
    found = [
        path.relative_to(ROOT).as_posix()
        for folder in ("apta", "workplan")
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts and asks.search(path.read_text())
    ]
    assert found == ["workplan/querysets/days.py"]
