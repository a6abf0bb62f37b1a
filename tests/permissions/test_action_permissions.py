"""Who may do what in a reporting round: one table for every verb on every report and round, in every state.

A row names the request and, for each person, the status that answers. Who may open and read what stands in
``test_permissions``.
"""

import copy
import datetime
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from rest_framework.test import APIClient

from tests.conftest import Cast, make_person
from tests.larger_plans import Scenario, make_scenario, opened
from tests.permissions.test_permissions import CODE, PEOPLE, SECRETARIAT_FORM
from workplan import actions, rules
from workplan.actions import Actor, Report
from workplan.models import Activity, SectoralBody, StatusUpdate, WorkPlan
from workplan.monitoring import open_questions

Answers = tuple[int, ...]


class Rollback(Exception):
    """Ends what one person did, so that the next finds everything as it was."""


# Reports in each state, of SOMTC, by the verbs of the API: what the cast is answered.
ACTIONS = [
    ("draft", "patch", "", (401, 404, 200, 404, 403, 403)),
    ("draft", "delete", "", (401, 404, 204, 404, 403, 403)),
    ("draft", "post", "submit/", (401, 404, 200, 404, 403, 403)),
    ("draft", "post", "approve/", (401, 404, 403, 404, 409, 409)),
    ("draft", "post", "return/", (401, 404, 403, 404, 409, 409)),
    ("draft", "post", "concur/", (401, 404, 403, 404, 403, 403)),
    ("draft", "post", "comments/", (401, 404, 201, 404, 201, 201)),
    ("draft", "post", "evidence/", (401, 404, 201, 404, 403, 403)),
    ("draft", "post", "correct/", (401, 404, 409, 404, 409, 409)),
    ("draft", "get", "comments/", (404, 404, 200, 404, 200, 200)),
    ("submitted", "patch", "", (401, 404, 409, 404, 403, 403)),
    ("submitted", "delete", "", (401, 404, 409, 404, 403, 403)),
    ("submitted", "post", "submit/", (401, 404, 409, 404, 403, 403)),
    ("submitted", "post", "approve/", (401, 404, 403, 404, 200, 200)),
    ("submitted", "post", "return/", (401, 404, 403, 404, 200, 200)),
    ("submitted", "post", "concur/", (401, 404, 403, 404, 403, 403)),
    ("submitted", "post", "comments/", (401, 404, 201, 404, 201, 201)),
    ("submitted", "post", "evidence/", (401, 404, 409, 404, 403, 403)),
    ("submitted", "post", "correct/", (401, 404, 409, 404, 409, 409)),
    ("submitted", "get", "comments/", (404, 404, 200, 404, 200, 200)),
    ("returned", "patch", "", (401, 404, 200, 404, 403, 403)),
    ("returned", "post", "submit/", (401, 404, 200, 404, 403, 403)),
    ("returned", "post", "approve/", (401, 404, 403, 404, 409, 409)),
    ("returned", "post", "return/", (401, 404, 403, 404, 409, 409)),
    ("returned", "post", "concur/", (401, 404, 403, 404, 403, 403)),
    ("returned", "post", "comments/", (401, 404, 201, 404, 201, 201)),
    ("returned", "post", "evidence/", (401, 404, 201, 404, 403, 403)),
    ("returned", "post", "correct/", (401, 404, 409, 404, 409, 409)),
    ("returned", "get", "comments/", (404, 404, 200, 404, 200, 200)),
    ("returned", "delete", "", (401, 404, 409, 404, 403, 403)),
    ("approved", "patch", "", (401, 403, 409, 403, 403, 403)),
    ("approved", "delete", "", (401, 403, 409, 403, 403, 403)),
    ("approved", "post", "approve/", (401, 403, 403, 403, 409, 409)),
    ("approved", "post", "return/", (401, 403, 403, 403, 409, 409)),
    ("approved", "post", "submit/", (401, 403, 409, 403, 403, 403)),
    ("approved", "post", "concur/", (401, 403, 403, 403, 403, 403)),
    ("approved", "post", "comments/", (401, 403, 201, 403, 201, 201)),
    ("approved", "post", "evidence/", (401, 403, 409, 403, 403, 403)),
    ("approved", "post", "correct/", (401, 403, 201, 403, 201, 201)),
    ("approved", "get", "comments/", (401, 403, 200, 403, 200, 200)),
]
VERBS = {
    *(("patch", ""), ("delete", ""), ("get", "comments/")),
    *(
        ("post", f"{action}/")
        for action in ("submit", "approve", "return", "concur", "comments", "evidence", "correct")
    ),
}

# A report of SOMTC on what it leads together with SLOM, where AICHR cooperates: what these two are answered.
JOINT_ACTION_CASES = [
    *(("draft", verb, path, (404, 404)) for verb, path in sorted(VERBS)),
    ("submitted", "patch", "", (403, 404)),
    ("submitted", "delete", "", (403, 404)),
    ("submitted", "post", "submit/", (403, 404)),
    ("submitted", "post", "approve/", (403, 404)),
    ("submitted", "post", "return/", (403, 404)),
    ("submitted", "post", "concur/", (200, 404)),
    ("submitted", "post", "comments/", (201, 404)),
    ("submitted", "post", "evidence/", (403, 404)),
    ("submitted", "post", "correct/", (403, 404)),
    ("submitted", "get", "comments/", (200, 404)),
    ("returned", "patch", "", (403, 404)),
    ("returned", "delete", "", (403, 404)),
    ("returned", "post", "submit/", (403, 404)),
    ("returned", "post", "approve/", (403, 404)),
    ("returned", "post", "return/", (403, 404)),
    ("returned", "post", "concur/", (409, 404)),
    ("returned", "post", "comments/", (201, 404)),
    ("returned", "post", "evidence/", (403, 404)),
    ("returned", "post", "correct/", (403, 404)),
    ("returned", "get", "comments/", (200, 404)),
    ("approved", "patch", "", (403, 403)),
    ("approved", "delete", "", (403, 403)),
    ("approved", "post", "submit/", (403, 403)),
    ("approved", "post", "approve/", (403, 403)),
    ("approved", "post", "return/", (403, 403)),
    ("approved", "post", "concur/", (409, 403)),
    ("approved", "post", "comments/", (201, 403)),
    ("approved", "post", "evidence/", (403, 403)),
    ("approved", "post", "correct/", (403, 403)),
    ("approved", "get", "comments/", (200, 403)),
]

# What the secretariat is answered for a round in each state; nobody else moves rounds.
ROUND_STATES = ("planned", "open", "closed", "published")
ROUND_ACTIONS = [
    ("patch", "", {"name": "Another name"}, (200, 200, 409, 409)),
    ("delete", "", {}, (204, 409, 409, 409)),
    ("post", "open/", {}, (200, 409, 409, 409)),
    ("post", "close/", {}, (409, 200, 409, 409)),
    ("post", "reopen/", {"reason": "Again."}, (409, 409, 200, 409)),
    ("post", "publish/", {}, (409, 409, 200, 409)),
    ("post", "schedule/", {"publish_on": "2199-12-31"}, (409, 200, 200, 409)),
    # No day is set that could be taken back.
    ("post", "unschedule/", {}, (409, 409, 409, 409)),
    ("post", "withdraw/", {"reason": "In error."}, (409, 409, 409, 200)),
    ("post", "exceptions/", {"body": "SOMTC", "until": "2199-12-31", "reason": "Ill."}, (409, 201, 201, 409)),
]

# What else is written in a round, by an address of its own.
WRITES = [
    ("rounds/{round}/alike/", {"kind": "nil_return", "activities": ["{owed}"]}, (401, 403, 201, 400, 403, 403)),
    ("activities/{owed}/contributions/", {"text": "Three trainers."}, (401, 403, 403, 201, 403, 403)),
    ("updates/approve/", {"updates": [{"id": "{submitted}", "version": 2}]}, (401, 403, 403, 403, 200, 200)),
]
ROUND_ACTION_CASES = [
    ("post", "rounds/", {"plan": CODE, "code": "x-1"}, (401, 403, 403, 403, 400, 400)),
    ("post", "rounds/plan/", {"plan": CODE}, (401, 403, 403, 403, 201, 201)),
    ("patch", "rounds/{round}/", {"name": "Another name"}, (401, 403, 403, 403, 200, 200)),
    ("post", "rounds/{round}/close/", {}, (401, 403, 403, 403, 200, 200)),
    ("post", "rounds/{round}/open/", {}, (401, 403, 403, 403, 409, 409)),
    ("post", "rounds/{round}/reopen/", {"reason": "Again."}, (401, 403, 403, 403, 409, 409)),
    ("post", "rounds/{round}/publish/", {}, (401, 403, 403, 403, 409, 409)),
    ("post", "rounds/{round}/schedule/", {"publish_on": "2018-01-01"}, (401, 403, 403, 403, 400, 400)),
    ("post", "rounds/{round}/unschedule/", {}, (401, 403, 403, 403, 409, 409)),
    ("post", "rounds/{round}/withdraw/", {"reason": "In error."}, (401, 403, 403, 403, 409, 409)),
    ("post", "rounds/{round}/exceptions/", {"body": "SOMTC"}, (401, 403, 403, 403, 400, 400)),
    ("patch", "rounds/{round}/exceptions/ACWC/", {"until": "2198-12-31"}, (401, 403, 403, 403, 200, 200)),
    ("post", "rounds/{round}/exceptions/ACWC/withdraw/", {"reason": "So."}, (401, 403, 403, 403, 200, 200)),
]


@pytest.fixture(scope="module")
def module_scenario(module_database: Cast) -> Scenario:
    return make_scenario(secretariat=module_database.secretariat, lead=module_database.somtc, more_time="ACWC")


@pytest.fixture
def scenario(module_scenario: Scenario, db: None) -> Scenario:
    return copy.deepcopy(module_scenario)


def action_on(client: APIClient, report: StatusUpdate, verb: str, path: str) -> int:
    """What the API answers to a verb on a report, which is then as it was."""
    said = {
        "return/": {"reason": "More."},
        "comments/": {"text": "Good."},
        "evidence/": {"title": "Minutes", "url": "https://example.org/more"},
    }
    body = {"narrative": "Mended."} if verb == "patch" else said.get(path, {})
    answer = 0
    with pytest.raises(Rollback), transaction.atomic():
        address = f"/api/v1/updates/{report.pk}/{path}"
        if verb == "get":
            answer = client.get(address).status_code
        else:
            answer = getattr(client, verb)(address, body, headers={"If-Match": f'"{report.version}"'}).status_code
        raise Rollback
    return answer


def of_state(rows: list[Any], state: str) -> dict[tuple[str, str], Answers]:
    return {(verb, path): answers for of, verb, path, answers in rows if of == state}


def test_the_table_of_actions_names_every_verb_in_every_state() -> None:
    everything = {(state, *verb) for state in rules.REPORT_STATES.values for verb in VERBS}

    assert {row[:3] for row in ACTIONS} == {row[:3] for row in JOINT_ACTION_CASES} == everything
    # Each action that there is has a verb here: edit and discard are PATCH and DELETE.
    words = {path.strip("/").replace("comments", "comment") for _, path in VERBS} - {"", "evidence"}
    assert words | {"edit", "discard"} == set(rules.REPORT_ACTIONS)
    assert len(ROUND_ACTIONS) == len(rules.ROUND_ACTIONS)


@pytest.mark.parametrize("state", rules.REPORT_STATES.values)
def test_who_may_do_what_to_a_report(scenario: Scenario, cast: Cast, api: Callable[..., APIClient], state: str) -> None:
    """Each person finds the report in the same state, whatever the one before them did to it."""
    expected = of_state(ACTIONS, state)
    people = [getattr(cast, person) for person in PEOPLE]

    answers = {
        (verb, path): tuple(action_on(api(person), scenario.reports[state], verb, path) for person in people)
        for verb, path in expected
    }

    assert answers == expected


@pytest.mark.parametrize("state", rules.REPORT_STATES.values)
def test_what_a_joint_lead_and_a_cooperating_body_may_do_to_the_report_of_another(
    plan: WorkPlan, cast: Cast, api: Callable[..., APIClient], state: str
) -> None:
    keeper, author = Actor(cast.secretariat, "page", "r"), Actor(cast.somtc, "page", "r")
    reporting_round, activity = opened(plan, keeper), Activity.objects.get(ref="A.1.1.4")
    report = Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="Begun.")
    somtc = SectoralBody.objects.get(acronym="SOMTC")
    update = actions.begin_report(
        activity=activity, report=report, by=author, reporting_round=reporting_round, body=somtc
    )
    if state != rules.DRAFT:
        update = actions.submit_report(update=update, version=update.version, by=author)
    if state == rules.RETURNED:
        update = actions.return_report(update=update, version=update.version, reason="More.", by=keeper)
    if state == rules.APPROVED:
        update = actions.approve_report(update=update, version=update.version, by=keeper)
    expected = of_state(JOINT_ACTION_CASES, state)
    people = (make_person("suda", body="SLOM"), make_person("andi", body="AICHR"))

    answers = {
        (verb, path): tuple(action_on(api(person), update, verb, path) for person in people) for verb, path in expected
    }

    assert answers == expected


@pytest.mark.parametrize(
    ("verb", "path", "body", "expected"), ROUND_ACTIONS, ids=[f"{row[0]} {row[1]}" for row in ROUND_ACTIONS]
)
def test_what_can_be_done_to_a_round_in_each_state(
    plan: WorkPlan,
    cast: Cast,
    api: Callable[..., APIClient],
    verb: str,
    path: str,
    body: dict[str, Any],
    expected: tuple[int, ...],
) -> None:
    by = Actor(cast.secretariat, "page", "r")
    (reporting_round, *_) = actions.plan_rounds(plan=plan, by=by)
    found: list[int] = []
    others: list[int] = []
    for state in ROUND_STATES:
        if state != rules.PLANNED:
            change_state = {
                "open": actions.open_round,
                "closed": actions.close_round,
                "published": actions.publish_round,
            }
            reporting_round = change_state[state](
                reporting_round=reporting_round, version=reporting_round.version, by=by
            )
        for person in (cast.secretariat, cast.somtc):
            with pytest.raises(Rollback), transaction.atomic():
                address = f"/api/v1/rounds/{reporting_round.pk}/{path}"
                tag = {"If-Match": f'"{reporting_round.version}"'}
                answer = getattr(api(person), verb)(address, body, headers=tag).status_code
                (found if person == cast.secretariat else others).append(answer)
                raise Rollback
    assert found == list(expected)
    assert set(others) == {403}


@pytest.mark.parametrize(("path", "body", "expected"), WRITES, ids=[row[0] for row in WRITES])
def test_who_may_write_what_else_in_a_round(
    scenario: Scenario,
    cast: Cast,
    api: Callable[..., APIClient],
    path: str,
    body: dict[str, Any],
    expected: tuple[int, ...],
) -> None:
    names = {**scenario.names, "owed": Activity.objects.get(ref="A.1.1.1").pk}
    sent = json.loads(re.sub(r'"\{(\w+)\}"', lambda found: str(names[found[1]]), json.dumps(body)))
    answers = []
    for person in PEOPLE:
        with pytest.raises(Rollback), transaction.atomic():
            client = api(getattr(cast, person))
            answers.append(client.post("/api/v1/" + path.format(**names), sent).status_code)
            raise Rollback
    assert answers == list(expected)


@pytest.mark.parametrize(
    ("verb", "path", "body", "expected"), ROUND_ACTION_CASES, ids=[f"{row[0]} {row[1]}" for row in ROUND_ACTION_CASES]
)
def test_who_may_do_what_to_a_round(
    scenario: Scenario,
    cast: Cast,
    api: Callable[..., APIClient],
    verb: str,
    path: str,
    body: dict[str, Any],
    expected: tuple[int, ...],
) -> None:
    answers = []
    for person in PEOPLE:
        with pytest.raises(Rollback), transaction.atomic():
            client = api(getattr(cast, person))
            address = "/api/v1/" + path.format(**scenario.names)
            # The version of the round, and that of the time that a body was given.
            tags = f'"{scenario.round.version}", "1"'
            response = getattr(client, verb)(address, body, headers={"If-Match": tags})
            answers.append(response.status_code)
            raise Rollback
    assert answers == list(expected)


def test_who_may_settle_an_open_question(
    cast: Cast, page: Callable[..., Client], api: Callable[..., APIClient]
) -> None:
    pages, queues, programs = [], [], []
    for person in PEOPLE:
        with pytest.raises(Rollback), transaction.atomic():
            plan, user = WorkPlan.objects.get(), getattr(cast, person)
            question = open_questions.find(plan, "reading", "activity", "A.1.1.1", cast.secretariat)
            several = open_questions.find(plan, "reading", "activity", "A.1.1.2", cast.secretariat)
            assert question is not None and several is not None
            ticked = {"question": several.as_seen, "reason": "Checked."}
            queues.append(page(user).post(f"{plan.get_absolute_url()}questions/", ticked).status_code)
            sent = {"decision": "keep", "reason": "Checked."}
            form = {**sent, "seen": question.tag, "text": question.record.text}
            pages.append(page(user).post(question.get_absolute_url(), form).status_code)
            question = open_questions.again(question, cast.secretariat)
            address, condition = f"/api/v1/questions/{question.key}/settle/", {"If-Match": f'"{question.tag}"'}
            programs.append(api(user).post(address, sent, headers=condition).status_code)
            raise Rollback

    assert pages == queues == list(SECRETARIAT_FORM)
    assert programs == [401, 403, 403, 403, 200, 200]
