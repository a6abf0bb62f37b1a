"""What every visitor is given is made once, until something changes; it is the same as if it were made anew."""

import datetime

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from tests.conftest import ANEW, Cast
from workplan import actions
from workplan.actions import Actor, Report
from workplan.models import Activity, User, WorkPlan

PLAN = "/plans/tip-2016-2020/"
PAGES = (
    "/",
    "/plans/",
    PLAN,
    f"{PLAN}dashboard/",
    f"{PLAN}home/",
    f"{PLAN}activities/?status=not_reported&section=A",
    f"{PLAN}activities/A.1.1.1/",
    f"{PLAN}bodies/",
    f"{PLAN}bodies/SOMTC/",
    f"{PLAN}coverage/",
    f"{PLAN}compare/?from=2018-01-01",
    f"{PLAN}timeline/",
    "/search/?q=training",
)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("address", PAGES)
def test_a_kept_page_is_the_one_that_would_be_made_anew(
    plan: WorkPlan, django_assert_num_queries: object, address: str
) -> None:
    first = Client().get(address)
    with django_assert_num_queries(1):  # type: ignore[operator]
        kept = Client().get(address)
    with time_machine.travel(timezone.now() + datetime.timedelta(hours=5), tick=False):
        later, anew = Client().get(address), Client().get(address, headers=ANEW)

    assert first.status_code == 200
    assert first.content == kept.content == later.content == anew.content
    assert first["ETag"] == kept["ETag"] == later["ETag"]
    assert {name: value for name, value in kept.items() if name != "X-Request-ID"} == {
        name: value for name, value in first.items() if name != "X-Request-ID"
    }


def test_nothing_has_changed_is_one_statement(plan: WorkPlan, django_assert_num_queries: object) -> None:
    tag = Client().get(PLAN)["ETag"]
    with django_assert_num_queries(1):  # type: ignore[operator]
        answer = Client().get(PLAN, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")


def test_what_is_recorded_is_seen_at_once(plan: WorkPlan, cast: Cast) -> None:
    address = f"{PLAN}activities/A.1.1.1/"
    before = Client().get(address)
    activity = Activity.objects.get(ref="A.1.1.1")
    report = Report("ongoing", datetime.date(2018, 6, 30), narrative="Twelve trainers were trained.")
    actions.record_status(
        activity=activity, version=activity.version, report=report, by=Actor(cast.secretariat, "page")
    )

    after = Client().get(address, headers={"If-None-Match": before["ETag"]})
    assert after.status_code == 200
    assert "Twelve trainers" in after.content.decode()


def test_who_is_signed_in_is_answered_anew(plan: WorkPlan, cast: Cast) -> None:
    Client().get(PLAN)
    own = signed_in(cast.secretariat).get(PLAN)
    assert "Sign out" in own.content.decode()
    assert own["Cache-Control"] == "private, no-store"
    assert "Sign out" not in Client().get(PLAN).content.decode()
    answer = signed_in(cast.secretariat).get(PLAN, headers={"If-None-Match": Client().get(PLAN)["ETag"]})
    assert answer.status_code == 200


def test_the_next_day_it_is_made_anew(plan: WorkPlan) -> None:
    today = Client().get(PLAN)["ETag"]
    with time_machine.travel(timezone.now() + datetime.timedelta(days=1), tick=False):
        assert Client().get(PLAN)["ETag"] != today
