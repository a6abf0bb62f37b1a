"""How many questions an answer asks of the database: as many for a thousand rows as for ten."""

import copy
import datetime
from typing import Any

import pytest

from tests.conftest import Cast
from tests.larger_plans import grow
from workplan.actions import Actor, EvidenceItem, Report, record_status_of_many
from workplan.models import Activity, WorkPlan

# Asked of a visitor. A signed-in person's token and groups come on top, and the plan of ?plan=.
BUDGET = {
    "plans/": 2,  # how many, which
    "sections/": 2,
    "provisions/": 2,
    "areas/": 3,  # and who proposed them
    "bodies/": 3,  # and their aliases
    # Each kind of record behind the rows once: plan, area, area above it, provision, section, parts, bodies, evidence.
    "activities/": 10,
    "updates/": 4,  # their evidence, and who leads what they are about
    "coverage/": 12,  # lines and bodies, their parts, all others, each role, each gap, what is empty
    "summary/": 10,  # in all, by section, provision, body (rows, those in which all cooperate) and round; the trend
}


@pytest.fixture(scope="module")
def grown_plan(module_database: Cast) -> WorkPlan:
    """A plan of more than a thousand activities, each of them reported on."""
    plan = WorkPlan.objects.get()
    grow(plan, 1_000)
    report = Report(
        status="ongoing",
        as_of=datetime.date(2018, 6, 30),
        narrative="The training module was drafted.",
        evidence=(
            EvidenceItem("Module", "https://example.org/module"),
            EvidenceItem("Minutes", "https://example.org/minutes"),
        ),
    )
    versions = dict(Activity.objects.values_list("pk", "version"))
    keys = sorted(versions)
    for part in (keys[:1_000], keys[1_000:]):
        record_status_of_many(
            versions={pk: versions[pk] for pk in part}, report=report, by=Actor(module_database.secretariat, "command")
        )
    return plan


@pytest.fixture
def large_plan(grown_plan: WorkPlan, db: None) -> WorkPlan:
    return copy.deepcopy(grown_plan)


def test_a_thousand_rows_ask_no_more_than_ten(
    large_plan: WorkPlan, api: Any, django_assert_max_num_queries: Any
) -> None:
    for address, number in BUDGET.items():
        for limit in (10, 1_000):
            query = "" if address in ("summary/", "coverage/") else f"?limit={limit}"
            with django_assert_max_num_queries(number):
                answer = api().get(f"/api/v1/{address}{query}")
            assert answer.status_code == 200
            if address in ("activities/", "updates/"):
                assert len(answer.json()["results"]) == limit


def test_one_activity_and_its_history_ask_little(
    large_plan: WorkPlan, api: Any, django_assert_max_num_queries: Any
) -> None:
    activity = Activity.objects.latest("pk")
    with django_assert_max_num_queries(9):  # it, and what stands behind it
        assert api().get(f"/api/v1/activities/{activity.pk}/").status_code == 200
    with django_assert_max_num_queries(5):  # its version, how many, which, their evidence, who leads it
        assert api().get(f"/api/v1/activities/{activity.pk}/updates/").status_code == 200


def test_filters_ask_for_what_they_name_once(
    large_plan: WorkPlan, api: Any, django_assert_max_num_queries: Any
) -> None:
    query = f"plan={large_plan.code}&section=A&body=SOMTC&body=ACWC&role=lead&status=ongoing&limit=1000"
    with django_assert_max_num_queries(14):  # those of the list, and plan, section, bodies and their aliases
        assert api().get(f"/api/v1/activities/?{query}").json()["count"] > 0


def test_recording_a_status_asks_the_same_on_a_large_plan(
    large_plan: WorkPlan, cast: Any, api: Any, django_assert_max_num_queries: Any
) -> None:
    activity = Activity.objects.latest("pk")
    report = {"status": "ongoing", "as_of": "2019-01-01", "narrative": "Going on."}
    address = f"/api/v1/activities/{activity.pk}/updates/"
    headers = {"If-Match": api().get(address)["ETag"]}
    # A third of them check the constraints, one by one; two ask what the reports say now, and whether a round follows.
    with django_assert_max_num_queries(51):
        assert api(cast.secretariat).post(address, report, headers=headers).status_code == 201
