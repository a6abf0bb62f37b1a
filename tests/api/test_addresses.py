"""Where the API begins, and by which names records are found."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import override_settings

from tests.conftest import Cast
from tests.larger_plans import opened
from workplan.actions import Actor, plan_rounds
from workplan.models import RecordName, ReportingRound, WorkPlan

API = "/api/v1/"


def test_the_index_leads_to_every_list(plan: WorkPlan, cast: Cast, api: Callable[..., Any]) -> None:
    index = api().get(API)
    assert index.status_code == 200 and index["ETag"]
    assert index.json()["activities"] == f"http://testserver{API}activities/"
    assert {"plans", "bodies", "rounds", "updates", "questions", "views", "search", "schema"} <= set(index.json())
    for name, address in index.json().items():
        assert api().get(address).status_code == 200, name
    assert api().post(API).status_code == 405
    assert api().get(f"{API}?colour=red").status_code == 400
    with override_settings(PUBLIC_READ=False):
        assert api().get(API).status_code == 401
        assert api(cast.newcomer).get(API).status_code == 200


def test_a_plan_is_found_by_its_code_and_by_its_id(plan: WorkPlan, api: Callable[..., Any]) -> None:
    by_id = api().get(f"{API}plans/{plan.pk}/")
    by_code = api().get(f"{API}plans/{plan.code}/")
    assert by_code.json() == by_id.json()
    assert (by_code["ETag"], by_code.json()["url"]) == (by_id["ETag"], f"http://testserver{API}plans/{plan.pk}/")
    for unknown in ("none", "999999999", "9" * 30, "A.1", "%00"):
        assert api().get(f"{API}plans/{unknown}/").status_code == 404
    RecordName.objects.create(record_type="workplan", record_id=plan.pk, name="tip-draft")
    assert api().get(f"{API}plans/tip-draft/").json() == by_id.json()


def test_a_body_is_found_by_its_acronym_and_by_its_id(plan: WorkPlan, api: Callable[..., Any]) -> None:
    by_acronym = api().get(f"{API}bodies/SOMTC/").json()
    assert api().get(f"{API}bodies/{by_acronym['id']}/").json() == by_acronym


def test_a_round_is_found_by_its_code_at_every_address_of_it(
    plan: WorkPlan, cast: Cast, api: Callable[..., Any]
) -> None:
    reporting_round = opened(plan, Actor(cast.secretariat, "command"))
    program = api(cast.secretariat)
    for rest in ("", "completion/", "obligations/"):
        by_id = program.get(f"{API}rounds/{reporting_round.pk}/{rest}").json()
        assert {**program.get(f"{API}rounds/2018-1/{rest}").json(), "next": None} == {**by_id, "next": None}
    tag = program.get(f"{API}rounds/2018-1/")["ETag"]
    closed = program.post(f"{API}rounds/2018-1/close/", headers={"If-Match": tag})
    assert (closed.status_code, closed.json()["id"]) == (200, reporting_round.pk)
    assert program.post(f"{API}rounds/plan/", {"plan": plan.code}).status_code == 201
    for unknown in ("2099-1", "none", "x.2018-1", ".", "999999999"):
        assert program.get(f"{API}rounds/{unknown}/").status_code == 404


@pytest.mark.parametrize("rest", ["", "completion/"])
def test_a_code_of_several_rounds_needs_that_of_the_plan(
    plan: WorkPlan, cast: Cast, api: Callable[..., Any], rest: str
) -> None:
    other = WorkPlan.objects.create(
        code="second", title="Second", period_start=plan.period_start, period_end=plan.period_end
    )
    for one in (plan, other):
        plan_rounds(plan=one, by=Actor(cast.secretariat, "command"))
    program = api(cast.secretariat)
    refused = program.get(f"{API}rounds/2018-1/{rest}")
    assert refused.status_code == 400
    [message] = refused.json()["error"]["fields"]["id"]
    assert "tip-2016-2020.2018-1" in message and "second.2018-1" in message
    for one in (plan, other):
        found = program.get(f"{API}rounds/{one.code}.2018-1/{rest}").json()
        there = ReportingRound.objects.get(plan=one, code="2018-1")
        assert found.get("id", found.get("round")) == there.pk
