"""Rounds by API: planned, opened, closed, reopened and published."""

import datetime
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from tests.api.reports import refused
from tests.api.rounds import ROUNDS, at, change_state, reported
from tests.conftest import Cast, make_person
from tests.larger_plans import opened
from workplan import actions, rules
from workplan.actions import Actor
from workplan.models import Activity, AuditEntry, ReportingRound, WorkPlan

HALF = {
    "plan": "tip-2016-2020",
    "code": "2018-1",
    "name": "First half of 2018",
    "period_start": "2018-01-01",
    "period_end": "2018-06-30",
    "opens_on": "2018-07-01",
    "due_on": "2018-07-31",
    "closes_on": "2018-08-15",
}


FIELDS = [
    *("id", "url", "html_url", "plan", "code", "name", "kind", "period_start", "period_end", "opens_on", "due_on"),
    *("closes_on", "due_soon_days", "silence_days", "publication", "asks_for_all", "publish_on", "time_zone", "state"),
    *("opened_at", "closed_at", "published_at", "exceptions", "version", "updated_at", "allowed_actions"),
]


def test_a_round_goes_its_whole_way(plan: WorkPlan, cast: Cast, api: Any) -> None:
    staff = api(cast.secretariat)
    made = staff.post(ROUNDS, HALF)
    found = made.json()
    assert made.status_code == 201 and list(found) == FIELDS
    assert (made["Location"], made["ETag"]) == (found["url"], staff.get(found["url"])["ETag"])
    assert (found["state"], found["kind"], found["version"]) == ("planned", "half_year", 1)
    assert {name: found[name] for name in HALF} == HALF
    assert found["allowed_actions"] == ["edit", "delete", "open"]

    tag = {"If-Match": made["ETag"]}
    changed = staff.patch(found["url"], {"silence_days": 14, "due_on": "2018-08-01"}, headers=tag)
    assert (changed.json()["silence_days"], changed.json()["due_on"], changed.json()["version"]) == (
        14,
        "2018-08-01",
        2,
    )
    late = staff.patch(found["url"], {"silence_days": None}, headers=tag)
    refused(late, 412, "stale_version")
    assert (late.json()["current"], late["ETag"]) == (changed.json(), changed["ETag"])
    refused(staff.patch(found["url"], {"silence_days": 0}, headers={"If-Match": '"2"'}), 400, "invalid")

    address = found["url"]
    refused(staff.post(f"{address}open/"), 428, "precondition_required")
    assert change_state(staff, address, "open").json()["allowed_actions"] == ["edit", "close", "schedule", "except"]
    refused(change_state(staff, address, "open"), 409, "wrong_state")
    refused(staff.delete(address, headers={"If-Match": staff.get(address)["ETag"]}), 409, "wrong_state")
    assert change_state(staff, address, "close").json()["state"] == "closed"
    assert list(refused(change_state(staff, address, "reopen", {"reason": ""}), 400, "invalid")["fields"]) == ["reason"]
    assert change_state(staff, address, "reopen", {"reason": "Two bodies were left out."}).json()["state"] == "open"
    change_state(staff, address, "close")
    published = change_state(staff, address, "publish").json()
    assert (published["state"], published["allowed_actions"]) == ("published", ["withdraw"])
    assert published["opened_at"] and published["closed_at"] and published["published_at"]
    tag = {"If-Match": staff.get(address)["ETag"]}
    refused(staff.patch(address, {"name": "Another"}, headers=tag), 409, "wrong_state")
    verbs = AuditEntry.objects.filter(record_type="reportinground", channel="api").order_by("pk")
    assert list(verbs.values_list("action", flat=True)) == [
        *("reportinground.created", "reportinground.changed", "round.opened", "round.closed"),
        *("round.reopened", "round.closed", "round.published"),
    ]


def test_a_round_in_which_reports_wait_is_published_once_their_bodies_are_named(
    reporting_round: ReportingRound, cast: Cast, api: Any
) -> None:
    reported(cast, reporting_round)
    staff = api(cast.secretariat)
    change_state(staff, at(reporting_round), "close")
    incomplete: tuple[Any, ...] = (None, {}, {"confirmed_bodies": []}, {"confirmed_bodies": ["ACWC"]})
    for sent in incomplete:
        error = refused(change_state(staff, at(reporting_round), "publish", sent), 409, "ends_rights")
        assert error["fields"] == {"confirmed_bodies": ["SOMTC has 1 report to be reviewed."]}
    unreadable = change_state(staff, at(reporting_round), "publish", {"confirmed_bodies": "SOMTC"})
    assert list(refused(unreadable, 400, "invalid")["fields"]) == ["confirmed_bodies"]
    done = change_state(staff, at(reporting_round), "publish", {"confirmed_bodies": ["SOMTC", "ACWC"]})
    assert done.json()["state"] == "published"


def test_what_is_allowed_is_what_is_then_done(reporting_round: ReportingRound, cast: Cast, api: Any) -> None:
    """For rounds in every state: an action is among the allowed actions if, and only if, the verb does it."""
    staff = api(cast.secretariat)
    codes = iter(("2016-1", "2016-2", "2017-1"))
    by = Actor(cast.secretariat, "command")
    waiting = reported(cast, reporting_round)
    actions.close_round(reporting_round=reporting_round, version=reporting_round.version, by=by)
    published = actions.open_round(reporting_round=ReportingRound.objects.get(code=next(codes)), version=1, by=by)
    published = actions.close_round(reporting_round=published, version=published.version, by=by)
    actions.publish_round(reporting_round=published, version=published.version, by=by)
    assert "withdraw" in staff.get(at(published)).json()["allowed_actions"]
    closed = actions.open_round(reporting_round=ReportingRound.objects.get(code=next(codes)), version=1, by=by)
    closed = actions.close_round(reporting_round=closed, version=closed.version, by=by)
    day = timezone.localdate() + datetime.timedelta(days=9)
    actions.schedule_publication(reporting_round=closed, version=closed.version, publish_on=day, by=by)

    def compare() -> set[tuple[str, str]]:
        seen = set()
        for reporting_round in ReportingRound.objects.order_by("pk"):
            allowed = staff.get(at(reporting_round)).json()["allowed_actions"]
            for action, (method, more, body) in {
                "edit": ("patch", (), {"name": "Another name"}),
                "delete": ("delete", (), {}),
                **{
                    action: ("post", (action,), {"reason": "So."}) for action in ("open", "close", "reopen", "withdraw")
                },
                "publish": ("post", ("publish",), {"confirmed_bodies": ["SOMTC"]}),
                "schedule": ("post", ("schedule",), {"publish_on": "2198-12-31"}),
                "unschedule": ("post", ("unschedule",), {}),
                "except": ("post", ("exceptions",), {"body": "SOMTC", "until": "2199-01-01", "reason": "So."}),
            }.items():
                with transaction.atomic():
                    tag = {"If-Match": f'"{reporting_round.version}"'}
                    answer = getattr(staff, method)(at(reporting_round, *more), body, headers=tag)
                    transaction.set_rollback(True)
                assert (action in allowed) == (answer.status_code != 409), (
                    reporting_round.state,
                    action,
                    answer.content,
                )
                if action in allowed:
                    seen.add((reporting_round.state, action))
        return seen

    without = compare()
    assert {("planned", "open"), ("closed", "reopen"), ("closed", "publish"), ("closed", "except")} <= without
    assert {("closed", "schedule"), ("closed", "unschedule")} <= without and ("published", "withdraw") not in without
    actions.open_round(reporting_round=ReportingRound.objects.get(code=next(codes)), version=1, by=by)
    related = compare()
    assert ("open", "close") in related and not {("planned", "open"), ("closed", "reopen")} & related
    assert waiting.state == rules.SUBMITTED


def test_a_planned_round_is_deleted(plan: WorkPlan, cast: Cast, api: Any) -> None:
    staff = api(cast.secretariat)
    found = staff.post(ROUNDS, HALF).json()
    refused(staff.delete(found["url"]), 428, "precondition_required")
    refused(staff.delete(found["url"], headers={"If-Match": '"9"'}), 412, "stale_version")
    assert staff.delete(found["url"], headers={"If-Match": '"1"'}).status_code == 204
    refused(staff.get(found["url"]), 404, "not_found")


def test_the_half_years_of_a_plan_are_proposed(plan: WorkPlan, cast: Cast, api: Any) -> None:
    staff = api(cast.secretariat)
    made = staff.post(f"{ROUNDS}plan/", {"plan": plan.code})
    assert made.status_code == 201 and len(made.json()["rounds"]) == 10
    assert staff.post(f"{ROUNDS}plan/", {"plan": plan.code}).json() == {"rounds": []}
    refused(staff.post(f"{ROUNDS}plan/", {"plan": "none"}), 400, "invalid")
    listed = api().get(f"{ROUNDS}?plan={plan.code}&state=planned").json()
    assert listed["results"] == [one | {"allowed_actions": []} for one in made.json()["rounds"]]
    assert [one["kind"] for one in api().get(f"{ROUNDS}?kind=final").json()["results"]] == ["final"]
    backwards = [one["code"] for one in api().get(f"{ROUNDS}?ordering=-period_start").json()["results"]]
    assert backwards == [one["code"] for one in listed["results"]][::-1]
    refused(api().get(f"{ROUNDS}?state=gone"), 400, "invalid")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "2018 1"}, "code"),
        ({"code": "plan"}, "code"),
        ({"code": 2018}, "code"),
        ({"name": ""}, "name"),
        ({"plan": "none"}, "plan"),
        ({"kind": "monthly"}, "kind"),
        ({"due_on": "soon"}, "due_on"),
        ({"due_on": None}, "due_on"),
        ({"due_soon_days": 181}, "due_soon_days"),
        ({"due_soon_days": True}, "due_soon_days"),
        ({"silence_days": "14"}, "silence_days"),
        ({"publication": "never"}, "publication"),
        ({"state": "open"}, "state"),
        ({"version": 3}, "version"),
    ],
)
def test_a_round_that_cannot_be_meant_is_refused_by_field(
    plan: WorkPlan, cast: Cast, api: Any, change: dict[str, Any], field: str
) -> None:
    answer = api(cast.secretariat).post(ROUNDS, HALF | change)
    assert list(refused(answer, 400, "invalid")["fields"]) == [field]
    assert not ReportingRound.objects.exists()


def test_days_that_are_not_in_order_are_refused(plan: WorkPlan, cast: Cast, api: Any) -> None:
    staff = api(cast.secretariat)
    assert "due" in refused(staff.post(ROUNDS, HALF | {"due_on": "2018-06-01"}), 400, "invalid")["message"]
    error = refused(staff.post(ROUNDS, HALF | {"due_on": "0001-01-01", "opens_on": "0001-01-01"}), 400, "invalid")
    assert set(error["fields"]) == {"due_on", "opens_on"}
    assert staff.post(ROUNDS, HALF).status_code == 201
    refused(staff.post(ROUNDS, HALF), 400, "invalid")


def test_only_the_secretariat_keeps_rounds(reporting_round: ReportingRound, cast: Cast, api: Any) -> None:
    tag = {"If-Match": f'"{reporting_round.version}"'}
    writes: list[tuple[str, str, Any]] = [
        ("post", ROUNDS, HALF | {"code": "2018-x"}),
        ("post", f"{ROUNDS}plan/", {"plan": "tip-2016-2020"}),
        ("patch", at(reporting_round), {"name": "Another"}),
        ("delete", at(reporting_round), {}),
        *(
            ("post", at(reporting_round, action), {"reason": "So"})
            for action in ("open", "close", "reopen", "withdraw")
        ),
        *(("post", at(reporting_round, action), {}) for action in ("publish", "unschedule")),
        ("post", at(reporting_round, "schedule"), {"publish_on": "2199-01-01"}),
        ("post", at(reporting_round, "exceptions"), {"body": "SOMTC", "until": "2199-01-01", "reason": "So"}),
    ]
    before = list(ReportingRound.objects.values())
    for method, address, body in writes:
        refused(getattr(api(), method)(address, body, headers=tag), 401, "not_authenticated")
        for person in (cast.newcomer, cast.somtc, cast.acwc):
            refused(getattr(api(person), method)(address, body, headers=tag), 403, "permission_denied")
    assert list(ReportingRound.objects.values()) == before
    for reader in (cast.visitor, cast.newcomer, cast.somtc):
        assert api(reader).get(at(reporting_round)).json()["allowed_actions"] == []
    assert api(cast.administrator).post(*writes[0][1:]).status_code == 201


def test_a_body_is_given_more_time(plan: WorkPlan, cast: Cast, api: Any) -> None:
    with time_machine.travel("2018-07-15T05:00:00Z", tick=False):
        reporting_round = opened(plan, Actor(cast.secretariat, "command"))
        more = {"body": "som tc", "until": "2018-08-14", "reason": "The focal point has changed."}
        address = at(reporting_round, "exceptions")
        given = api(cast.secretariat).post(address, more)
        assert given.status_code == 201
        exception = {"body": "SOMTC", "until": "2018-08-14", "reason": more["reason"]}
        assert given.json()["exceptions"] == [exception]
        for wrong, field in (({"until": "2018-07-20"}, "until"), ({"reason": " "}, "reason"), ({"body": "X"}, "body")):
            error = refused(api(cast.secretariat).post(address, more | wrong), 400, "invalid")
            assert list(error["fields"]) == [field]
        assert api(cast.somtc).get(at(reporting_round)).json()["exceptions"] == [exception]
        for other in (cast.visitor, cast.newcomer, cast.acwc):
            assert api(other).get(at(reporting_round)).json()["exceptions"] == [exception | {"reason": None}]
        change_state(api(cast.secretariat), at(reporting_round), "close")
    with time_machine.travel("2018-08-10T05:00:00Z", tick=False):
        activity = f"/api/v1/activities/{Activity.objects.get(ref='A.1.1.1').pk}/"
        assert api(cast.somtc).get(activity).json()["allowed_actions"] == ["report"]
        report = {"status": "ongoing", "as_of": "2018-06-30", "narrative": "Begun."}
        tag = {"If-Match": '"1"'}
        sent = api(cast.somtc).post(f"{activity}updates/", report, headers=tag)
        assert (sent.status_code, sent.json()["round"]) == (201, reporting_round.pk)
    with time_machine.travel("2018-08-15T05:00:00Z", tick=False):
        assert api(cast.somtc).get(activity).json()["allowed_actions"] == []
        joint = f"/api/v1/activities/{Activity.objects.get(ref='A.1.1.4').pk}/updates/"
        refused(api(cast.somtc).post(joint, report, headers=tag), 409, "wrong_state")


def test_a_round_says_in_how_far_its_reports_wait(plan: WorkPlan, cast: Cast, api: Any) -> None:
    reporting_round = opened(plan, Actor(cast.secretariat, "command"), publication=rules.WITH_ROUND)
    update = actions.approve_report(
        update=reported(cast, reporting_round), version=2, by=Actor(cast.secretariat, "command")
    )
    address = f"/api/v1/updates/{update.pk}/"
    refused(api().get(address), 404, "not_found")
    assert api(cast.somtc).get(address).json()["state"] == "approved"
    assert api().get(at(reporting_round, "completion")).json()["total"]["approved"] == 0
    change_state(api(cast.secretariat), at(reporting_round), "close")
    change_state(api(cast.secretariat), at(reporting_round), "publish")
    assert api().get(address).status_code == 200
    assert api().get(at(reporting_round, "completion")).json()["total"]["approved"] == 1


def test_a_large_round_asks_no_more_than_a_small_one(
    reporting_round: ReportingRound, cast: Cast, api: Any, django_assert_max_num_queries: Any
) -> None:
    joint = make_person("slamet", body="SLOM")
    for ref in ("A.1.1.1", "A.1.1.4"):
        reported(cast, reporting_round, ref)
    for person in (cast.somtc, joint, cast.secretariat):
        for address, number in {
            ROUNDS: 8,
            at(reporting_round, "completion"): 10,
            f"{at(reporting_round, 'obligations')}?limit=1000": 8,
            "/api/v1/updates/?limit=1000": 8,
            "/api/v1/activities/?limit=1000": 17,
            "/api/v1/contributions/": 8,
        }.items():
            with django_assert_max_num_queries(number):
                assert api(type(person).objects.get(pk=person.pk)).get(address).status_code == 200, address


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("code", "another-1"),
        ("kind", "final"),
        ("period_start", "2018-01-02"),
        ("period_end", "2018-06-29"),
        ("opens_on", "2018-07-02"),
    ],
)
def test_what_was_asked_for_stays_once_a_round_is_open(
    reporting_round: ReportingRound, cast: Cast, api: Any, name: str, value: str
) -> None:
    before = getattr(reporting_round, name)
    tag = {"If-Match": f'"{reporting_round.version}"'}

    answer = api(cast.secretariat).patch(at(reporting_round), {name: value, "name": "Another"}, headers=tag)

    error = refused(answer, 400, "invalid")
    assert error["fields"] == {name: ["The round has been opened, so this can no longer be changed."]}
    reporting_round.refresh_from_db()
    assert (getattr(reporting_round, name), reporting_round.name) == (before, "First half of 2018")
