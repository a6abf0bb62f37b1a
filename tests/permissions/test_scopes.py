"""What a token may be used for: every operation of the API that writes, by tokens of every scope and of one body."""

import copy
import re
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from tests.api.reports import REPORT_FIELDS, begun, do, on, refused
from tests.conftest import Cast
from tests.larger_plans import Scenario, make_scenario, opened
from workplan import actions, permissions
from workplan.actions import Actor
from workplan.api.schema import document
from workplan.exceptions import Invalid, MissingScope, NotAllowed
from workplan.models import ApiToken, Membership, SectoralBody, StatusUpdate, User, WorkPlan
from workplan.rules.scopes import EVERY_SCOPE, SCOPES, sets_of_scopes, with_included

# Which scope each operation that writes needs. A new one needs a line here, and a declaration in its view.
NEEDED: dict[str, str] = {
    **dict.fromkeys(
        (
            *("add_contribution", "change_contribution", "report_on_activity", "change_update", "delete_update"),
            *("submit_update", "concur_update", "correct_update", "add_comment", "add_evidence", "remove_evidence"),
            *("report_alike", "create_view", "change_view", "delete_view", "follow_view", "unfollow_view"),
        ),
        "report",
    ),
    **dict.fromkeys(("approve_update", "return_update", "approve_updates"), "review"),
    **dict.fromkeys(
        (
            *("create_round", "plan_rounds", "change_round", "delete_round", "open_round", "close_round"),
            *("reopen_round", "publish_round", "schedule_round", "unschedule_round", "withdraw_round"),
            *("extend_deadline", "change_deadline_extension", "withdraw_deadline_extension", "settle_question"),
        ),
        "plan",
    ),
    **dict.fromkeys(("make_token", "delete_token"), "every scope"),
    "revoke_token": "read",
}
WITHOUT_SIGN_IN = {"create_token"}


def writes() -> dict[str, tuple[str, str]]:
    """Every operation of the description that writes: its method and its path, by its name."""
    return {
        operation["operationId"]: (method, path)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
        if method != "get"
    }


def program_of(user: User, *scopes: str, body: str = "") -> APIClient:
    """A program that acts for ``user`` by a token."""
    bound_to = SectoralBody.objects.get(acronym=body) if body else None
    by = Actor(user, "command")
    _, key = actions.make_token(user=user, by=by, scopes=scopes or EVERY_SCOPE, body=bound_to)
    return APIClient(headers={"Authorization": f"Bearer {key}"})


def test_every_operation_that_writes_is_in_the_table() -> None:
    assert set(NEEDED) | WITHOUT_SIGN_IN == set(writes())


def test_the_description_names_the_scope_of_every_operation() -> None:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            name = operation["operationId"]
            scopes = [
                found for one in operation.get("security", []) for found in (one.get("token"),) if found is not None
            ]
            needed = "read" if method == "get" and "/tokens/" not in path else NEEDED.get(name, "every scope")
            expected = list(EVERY_SCOPE) if needed == "every scope" else [needed]
            assert scopes == ([] if name in {*WITHOUT_SIGN_IN, "get_schema"} else [expected]), name


@pytest.mark.parametrize("operation", sorted(NEEDED))
def test_a_token_without_the_scope_is_refused_before_anything_is_read(
    plan: WorkPlan, cast: Cast, operation: str
) -> None:
    """There is no such record, and nothing is sent: whoever may write hears of that, all others of the scope."""
    method, path = writes()[operation]
    address = re.sub(r"{\w+}", "999999999", path)
    for chosen in sets_of_scopes():
        scopes = chosen.split()
        program = program_of(cast.administrator, *scopes)
        answer = getattr(program, method)(address, {}, headers={"If-Match": '"1"'})
        needed = NEEDED[operation]
        if needed in scopes or (needed == "every scope" and scopes == list(EVERY_SCOPE)):
            assert answer.status_code in (200, 204, 400, 404), (chosen, answer.content)
        else:
            error = refused(answer, 403, "insufficient_scope")
            assert f"“{needed}”" in error["message"] or needed in error["message"], error


def test_scopes_include_others() -> None:
    assert with_included(["review"]) == ("read", "report", "review")
    assert with_included(["plan"]) == ("read", "plan")
    assert set(SCOPES.values) == set(EVERY_SCOPE) and len(sets_of_scopes()) == 6


def test_a_reading_token_reads_what_its_account_reads_and_is_told_what_it_lacks(plan: WorkPlan, cast: Cast) -> None:
    opened(plan, Actor(cast.secretariat, "command"))
    draft = begun(program_of(cast.somtc), submit=False).json()
    program = program_of(cast.somtc, "read")

    seen = program.get(draft["url"]).json()
    assert seen["allowed_actions"] == []
    assert set(seen["refused_actions"]) == {"edit", "submit", "discard", "comment"}
    assert all("“report”" in why for why in seen["refused_actions"].values())
    assert program.get(on("A.1.1.2")).json()["allowed_actions"] == []
    assert program.get(f"{draft['url']}comments/").status_code == 200
    for action in ("submit", "comments"):
        refused(do(program, draft, action, {"text": "So it is."}), 403, "insufficient_scope")
    assert StatusUpdate.objects.get().state == "draft"


def test_the_actions_that_are_allowed_follow_the_scope(plan: WorkPlan, cast: Cast) -> None:
    reporting_round = opened(plan, Actor(cast.secretariat, "command"))
    waiting = begun(program_of(cast.somtc, "report")).json()
    assert waiting["state"] == "submitted"

    def answered(*scopes: str) -> dict[str, Any]:
        found: dict[str, Any] = program_of(cast.secretariat, *scopes).get(waiting["url"]).json()
        return found

    assert answered("report")["allowed_actions"] == ["comment"]
    assert set(answered("report")["refused_actions"]) == {"approve", "return"}
    assert answered("review")["allowed_actions"] == ["approve", "return", "comment"]
    assert answered("review")["refused_actions"] == {}
    refused(do(program_of(cast.secretariat, "report"), waiting, "approve"), 403, "insufficient_scope")
    assert do(program_of(cast.secretariat, "review"), waiting, "approve").status_code == 200

    shown = f"/api/v1/rounds/{reporting_round.pk}/"
    assert program_of(cast.secretariat, "review").get(shown).json()["allowed_actions"] == []
    assert "close" in program_of(cast.secretariat, "plan").get(shown).json()["allowed_actions"]
    views = {"plan": plan.code, "name": "Mine", "query": "section=A"}
    assert program_of(cast.newcomer, "report").post("/api/v1/views/", views).status_code == 201
    assert program_of(cast.newcomer, "read").get("/api/v1/views/").json()["results"][0]["allowed_actions"] == []


def test_the_actions_refuse_by_themselves_what_a_token_does_not_allow(plan: WorkPlan, cast: Cast) -> None:
    """Whatever channel it comes by."""
    reporting_round = opened(plan, Actor(cast.secretariat, "command"))
    draft = begun(program_of(cast.somtc), submit=False).json()
    update = StatusUpdate.objects.get(pk=draft["id"])

    def restricted(user: User, *scopes: str) -> Actor:
        token, _ = actions.make_token(user=user, by=Actor(user, "command"), scopes=scopes)
        account = User.objects.get(pk=user.pk)
        permissions.restrict(account, token.grant)
        return Actor(account, "command")

    with pytest.raises(MissingScope):
        actions.submit_report(update=update, version=update.version, by=restricted(cast.somtc, "plan"))
    with pytest.raises(MissingScope):
        actions.begin_report(
            activity=update.activity,
            report=actions.Report("ongoing", update.as_of),
            by=restricted(cast.somtc, "read"),
            reporting_round=reporting_round,
            body=update.body,
        )
    with pytest.raises(NotAllowed):
        actions.close_round(
            reporting_round=reporting_round,
            version=reporting_round.version,
            by=restricted(cast.secretariat, "review"),
        )
    with pytest.raises(MissingScope):
        actions.choose_time_zone(user=cast.somtc, time_zone="Asia/Manila", by=restricted(cast.somtc, "read"))


@pytest.fixture(scope="module")
def module_scenario(module_database: Cast) -> Scenario:
    cast = module_database
    return make_scenario(secretariat=cast.secretariat, lead=cast.somtc)


@pytest.fixture
def scenario(module_scenario: Scenario, db: None) -> Scenario:
    return copy.deepcopy(module_scenario)


LISTS = (
    *("updates/?limit=1000", "rounds/{round}/obligations/?limit=1000", "contributions/?limit=1000"),
    "activities/?report_state=draft",
)


def rows_of(program: APIClient, scenario: Scenario) -> list[Any]:
    """What a reader is shown of reports, without what they may do."""
    found = []
    for address in LISTS:
        answer = program.get(f"/api/v1/{address.format(round='2018-1')}")
        found.append([(row.get("id"), row.get("state"), row.get("body")) for row in answer.json().get("results", [])])
    return found


@pytest.mark.parametrize("name", ["somtc", "secretariat", "administrator"])
def test_a_token_of_one_body_reads_no_more_than_a_focal_point_of_it(scenario: Scenario, cast: Cast, name: str) -> None:
    user = getattr(cast, name)
    acwc = SectoralBody.objects.get(acronym="ACWC")
    Membership.objects.create(user=user, body=acwc)

    bound, focal_point = program_of(user, body="ACWC"), program_of(cast.acwc)
    assert rows_of(bound, scenario) == rows_of(focal_point, scenario)
    assert rows_of(program_of(user), scenario) != rows_of(focal_point, scenario)
    draft = StatusUpdate.objects.get(pk=scenario.reports["draft"].pk)
    assert bound.get(f"/api/v1/updates/{draft.pk}/").status_code == 404
    refused(bound.post("/api/v1/rounds/plan/", {"plan": "tip-2016-2020"}), 403, "permission_denied")


def test_a_token_of_one_body_writes_for_that_body_alone(plan: WorkPlan, cast: Cast) -> None:
    opened(plan, Actor(cast.secretariat, "command"))
    Membership.objects.create(user=cast.somtc, body=SectoralBody.objects.get(acronym="SLOM"))
    program = program_of(cast.somtc, "report", body="SLOM")

    assert begun(program, "A.1.1.4").json()["body"] == "SLOM"
    refused(begun(program, "A.1.1.1"), 403, "permission_denied")
    named = begun(program, "A.1.1.4", body="SOMTC")
    assert named.status_code in (400, 403)
    mine = program_of(cast.somtc, "report").get("/api/v1/updates/").json()["results"]
    assert [one["body"] for one in mine] == ["SLOM"]


def test_a_token_of_one_body_ends_to_act_for_it_with_the_membership(plan: WorkPlan, cast: Cast) -> None:
    opened(plan, Actor(cast.secretariat, "command"))
    program = program_of(cast.somtc, "report", body="SOMTC")
    Membership.objects.filter(user=cast.somtc).delete()
    refused(begun(program), 403, "permission_denied")


def test_evidence_is_read_by_a_token_no_further_than_its_body(scenario: Scenario, cast: Cast) -> None:
    Membership.objects.create(user=cast.secretariat, body=SectoralBody.objects.get(acronym="ACWC"))
    address = f"/evidence/{scenario.names['draft_evidence']}/"

    assert program_of(cast.secretariat, "read").get(address).status_code == 302  # to where the link leads
    assert program_of(cast.secretariat, "read", body="ACWC").get(address).status_code == 404


def test_tokens_of_before_keep_all_rights(plan: WorkPlan, cast: Cast) -> None:
    """As the database gives them to rows that an older release has written."""
    token, _ = ApiToken.objects.create(user=cast.somtc)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM workplan_apitoken")
        cursor.execute(
            "INSERT INTO workplan_apitoken (digest, token_key, created, expiry, user_id) VALUES (%s, %s, %s, %s, %s)",
            [token.digest, token.token_key, token.created, token.expiry, cast.somtc.pk],
        )
    kept = ApiToken.objects.get()
    assert kept.grant.is_whole and kept.name == "" and kept.body is None


@pytest.mark.parametrize("wrong", ["", "write", "read write"])
def test_a_set_of_scopes_is_one_that_there_is(cast: Cast, wrong: str) -> None:
    with pytest.raises(Invalid) as refusal:
        actions.make_token(user=cast.somtc, by=Actor(cast.somtc, "command"), scopes=wrong.split())
    assert "scopes" in refusal.value.fields


def test_reports_of_a_token_are_as_those_of_its_account(plan: WorkPlan, cast: Cast) -> None:
    opened(plan, Actor(cast.secretariat, "command"))
    made = begun(program_of(cast.somtc, "report"))
    assert made.status_code == 201
    assert {name: made.json()[name] for name in REPORT_FIELDS} == REPORT_FIELDS
