"""Deadlines as a calendar: what it says, to whom, and that it says nothing else."""

import datetime
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import icalendar
import pytest
import time_machine
from django.test import Client, override_settings

from tests.conftest import Cast
from tests.larger_plans import opened
from workplan import actions
from workplan.actions import Actor
from workplan.models import ReportingRound, SectoralBody, WorkPlan

Page = Callable[..., Client]
CODE = "tip-2016-2020"
FEED = f"/plans/{CODE}/bodies/ACWC/deadlines.ics"
REASON = "Its focal point has fallen ill."


def by(user: Any) -> Actor:
    return Actor(user, "page", "r")


def events(response: Any) -> dict[str, Any]:
    calendar = icalendar.Calendar.from_ical(response.content)
    found = {str(event["UID"]): event for event in calendar.walk("VEVENT")}
    assert len(found) == len(calendar.walk("VEVENT")), "each event has an id of its own"
    return found


def give_more_time(reporting_round: ReportingRound, cast: Cast, until: datetime.date) -> None:
    actions.extend_deadline(
        reporting_round=reporting_round,
        body=SectoralBody.objects.get(acronym="ACWC"),
        until=until,
        reason=REASON,
        by=by(cast.secretariat),
    )


def test_the_feed_holds_the_dates_of_each_round_to_come(plan: WorkPlan, cast: Cast, page: Page) -> None:
    reporting_round = opened(plan, by(cast.secretariat))

    response = page().get(FEED)

    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    found = events(response)
    assert len(found) == 3 * ReportingRound.objects.count()
    mine = {
        uid.rpartition("-")[2].removesuffix("@testserver"): event
        for uid, event in found.items()
        if f"round-{reporting_round.pk}-" in uid
    }
    assert {name: event.decoded("DTSTART") for name, event in mine.items()} == {
        "opens": reporting_round.opens_on,
        "due": reporting_round.due_on,
        "closes": reporting_round.closes_on,
    }
    due = mine["due"]
    assert due.decoded("DTEND") == reporting_round.due_on + datetime.timedelta(days=1)
    assert due["SEQUENCE"] == reporting_round.version
    assert due.decoded("LAST-MODIFIED") == reporting_round.updated_at.replace(microsecond=0)
    assert "ACWC" in due["SUMMARY"] and reporting_round.name in due["SUMMARY"]
    assert urlsplit(str(due["URL"])).path == reporting_round.get_absolute_url()


def test_more_time_moves_the_bodys_own_day_and_keeps_its_event(plan: WorkPlan, cast: Cast, page: Page) -> None:
    with time_machine.travel("2018-07-15T05:00:00Z", tick=False):
        reporting_round = opened(plan, by(cast.secretariat))
        before = events(page().get(FEED))
        give_more_time(reporting_round, cast, datetime.date(2018, 9, 1))
        after = events(page().get(FEED))
        other = events(page().get(FEED.replace("ACWC", "SOMTC")))
        actions.close_round(reporting_round=reporting_round, version=reporting_round.version, by=by(cast.secretariat))
        closed = events(page().get(FEED))
        closed_for_others = events(page().get(FEED.replace("ACWC", "SOMTC")))
    with time_machine.travel("2018-09-02T05:00:00Z", tick=False):
        over = events(page().get(FEED))

    (due,) = [uid for uid in before if uid.endswith("-due@testserver") and f"round-{reporting_round.pk}-" in uid]
    assert before.keys() == after.keys()
    assert after[due].decoded("DTSTART") == datetime.date(2018, 9, 1)
    assert after[due]["SEQUENCE"] > before[due]["SEQUENCE"]
    assert datetime.date(2018, 9, 1) not in {event.decoded("DTSTART") for event in other.values()}
    assert due in closed
    assert due not in over
    assert len(closed_for_others) == len(other) - 3


def test_the_feed_says_nothing_but_dates(plan: WorkPlan, cast: Cast, page: Page) -> None:
    with time_machine.travel("2018-07-15T05:00:00Z", tick=False):
        give_more_time(opened(plan, by(cast.secretariat)), cast, datetime.date(2018, 9, 1))
        for person in (cast.visitor, cast.acwc, cast.secretariat):
            text = page(person).get(FEED).content.decode().replace("\r\n ", "")
            for secret in (REASON, "fallen", "exception", "Sari", "draft", "overdue", "DESCRIPTION", "ATTENDEE"):
                assert secret not in text


def test_an_unchanged_feed_is_not_sent_again(plan: WorkPlan, cast: Cast, page: Page) -> None:
    reporting_round = opened(plan, by(cast.secretariat))
    first = page().get(FEED)

    again = page().get(FEED, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    reporting_round.name = "Another name"
    actions.save_round(reporting_round=reporting_round, version=reporting_round.version, by=by(cast.secretariat))
    changed = page().get(FEED, headers={"If-None-Match": first.headers["ETag"]})

    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_other_spellings_lead_to_the_feed(plan: WorkPlan, page: Page) -> None:
    moved = page().get(f"/plans/{CODE}/bodies/acwc/deadlines.ics?key=a%26b")

    assert (moved.status_code, moved.headers["Location"]) == (301, f"{FEED}?key=a%26b")
    assert page().get(f"/plans/{CODE}/bodies/NOBODY/deadlines.ics").status_code == 404
    assert page().get("/plans/none/bodies/ACWC/deadlines.ics").status_code == 404
    assert page().post(FEED).status_code == 405


@pytest.fixture
def key(cast: Cast, page: Page) -> str:
    """The address of the feed as SOMTC's focal point finds it on the page of ACWC, where the plan is closed."""
    with override_settings(PUBLIC_READ=False):
        html = page(cast.somtc).get(f"/plans/{CODE}/bodies/ACWC/").content.decode()
    (address,) = {part.split('"')[0] for part in html.split('href="') if "deadlines.ics" in part.split('"')[0]}
    assert "key=" in address
    return address.replace("&amp;", "&")


def test_a_closed_installation_asks_for_a_key(plan: WorkPlan, cast: Cast, page: Page, key: str) -> None:
    opened(plan, by(cast.secretariat))
    with override_settings(PUBLIC_READ=False):
        assert page().get(key).status_code == 200
        assert len(events(page().get(key))) == len(events(page(cast.newcomer).get(FEED))) > 0
        for address in (FEED, f"{FEED}?key=", f"{FEED}?key=1:x", f"{key}x", f"{FEED}?key={cast.secretariat.pk}"):
            answer = page().get(address)
            assert answer.status_code == 302, address
            assert answer.headers["Location"].startswith("/accounts/login/")
        # A stranger does not learn what there is, either.
        for unknown in ("/plans/none/bodies/ACWC/deadlines.ics", f"/plans/{CODE}/bodies/NOBODY/deadlines.ics"):
            assert page().get(unknown).status_code == 302
        # The key opens the feed and nothing else.
        query = urlsplit(key).query
        assert page().get(f"/plans/{CODE}/?{query}").status_code == 302


def test_a_focal_points_worklist_leads_to_the_feed_with_a_key(plan: WorkPlan, cast: Cast, page: Page) -> None:
    opened(plan, by(cast.secretariat))
    with override_settings(PUBLIC_READ=False):
        html = page(cast.acwc).get("/my/").content.decode()
        (address,) = {part.split('"')[0] for part in html.split('href="') if "deadlines.ics" in part.split('"')[0]}
        assert page().get(address.replace("&amp;", "&")).status_code == 200


def test_a_key_ends_with_its_account(plan: WorkPlan, cast: Cast, page: Page, key: str) -> None:
    cast.somtc.is_active = False
    cast.somtc.save()

    with override_settings(PUBLIC_READ=False):
        assert page().get(key).status_code == 302


def test_an_open_installation_hands_out_no_keys(plan: WorkPlan, cast: Cast, page: Page) -> None:
    for person in (cast.visitor, cast.somtc):
        html = page(person).get(f"/plans/{CODE}/bodies/ACWC/").content.decode()
        assert f'{FEED}"' in html
        assert "key=" not in html
