"""Rounds by API: planned, opened, closed, reopened and published; who has reported, and who may ask."""

import datetime
from typing import Any

import pytest
import time_machine
from django.db import transaction

from tests.building import opened
from tests.conftest import Cast, make_person
from workplan import actions, completion, rules
from workplan.actions import Actor, Report
from workplan.models import Activity, AuditEntry, Obligation, ReportingRound, SectoralBody, StatusUpdate, WorkPlan

ROUNDS = "/api/v1/rounds/"
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
    *("closes_on", "due_soon_days", "silence_days", "publication", "state", "opened_at", "closed_at"),
    *("published_at", "exceptions", "version", "updated_at", "allowed_actions"),
]
FIGURES = ["total", "owed", "draft", "submitted", "returned", "approved", "on_time", "late", "overdue"]


@pytest.fixture
def the_round(plan: WorkPlan, cast: Cast) -> ReportingRound:
    return opened(plan, Actor(cast.secretariat, "command"))


def at(the_round: ReportingRound, *more: str) -> str:
    return ROUNDS + "/".join([str(the_round.pk), *more]) + "/"


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content[:400]
    error: dict[str, Any] = answer.json()["error"]
    assert error["code"] == code and error["message"]
    return error


def move(program: Any, address: str, deed: str, body: Any = None) -> Any:
    return program.post(f"{address}{deed}/", body or {}, headers={"If-Match": program.get(address)["ETag"]})


def reported(cast: Cast, the_round: ReportingRound, ref: str = "A.1.1.1", *, submit: bool = True) -> StatusUpdate:
    by = Actor(cast.somtc, "command")
    draft = actions.begin_report(
        activity=Activity.objects.get(ref=ref),
        report=Report("ongoing", datetime.date(2018, 6, 30), "Begun."),
        by=by,
        the_round=the_round,
        body=SectoralBody.objects.get(acronym="SOMTC"),
    )
    return actions.submit_report(update=draft, version=1, by=by) if submit else draft


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
    assert move(staff, address, "open").json()["allowed_actions"] == ["edit", "close", "except"]
    refused(move(staff, address, "open"), 409, "wrong_state")
    refused(staff.delete(address, headers={"If-Match": staff.get(address)["ETag"]}), 409, "wrong_state")
    assert move(staff, address, "close").json()["state"] == "closed"
    assert list(refused(move(staff, address, "reopen", {"reason": ""}), 400, "invalid")["fields"]) == ["reason"]
    assert move(staff, address, "reopen", {"reason": "Two bodies were left out."}).json()["state"] == "open"
    move(staff, address, "close")
    published = move(staff, address, "publish").json()
    assert (published["state"], published["allowed_actions"]) == ("published", [])
    assert published["opened_at"] and published["closed_at"] and published["published_at"]
    tag = {"If-Match": staff.get(address)["ETag"]}
    refused(staff.patch(address, {"name": "Another"}, headers=tag), 409, "wrong_state")
    verbs = AuditEntry.objects.filter(record_type="reportinground", channel="api").order_by("pk")
    assert list(verbs.values_list("action", flat=True)) == [
        *("reportinground.created", "reportinground.changed", "round.opened", "round.closed"),
        *("round.reopened", "round.closed", "round.published"),
    ]


def test_a_round_is_published_when_nothing_waits(the_round: ReportingRound, cast: Cast, api: Any) -> None:
    reported(cast, the_round)
    staff = api(cast.secretariat)
    move(staff, at(the_round), "close")
    assert "1 report" in refused(move(staff, at(the_round), "publish"), 409, "wrong_state")["message"]


def test_what_is_allowed_is_what_is_then_done(the_round: ReportingRound, cast: Cast, api: Any) -> None:
    """For rounds in every state: a deed is among the allowed actions if, and only if, the verb does it."""
    staff = api(cast.secretariat)
    codes = iter(("2016-1", "2016-2", "2017-1"))
    by = Actor(cast.secretariat, "command")
    waiting = reported(cast, the_round)
    actions.close_round(the_round=the_round, version=the_round.version, by=by)
    published = actions.open_round(the_round=ReportingRound.objects.get(code=next(codes)), version=1, by=by)
    published = actions.close_round(the_round=published, version=published.version, by=by)
    actions.publish_round(the_round=published, version=published.version, by=by)
    closed = actions.open_round(the_round=ReportingRound.objects.get(code=next(codes)), version=1, by=by)
    actions.close_round(the_round=closed, version=closed.version, by=by)

    def compare() -> set[tuple[str, str]]:
        seen = set()
        for the_round in ReportingRound.objects.order_by("pk"):
            allowed = staff.get(at(the_round)).json()["allowed_actions"]
            for deed, (method, more, body) in {
                "edit": ("patch", (), {"name": "Another name"}),
                "delete": ("delete", (), {}),
                **{deed: ("post", (deed,), {"reason": "So."}) for deed in ("open", "close", "reopen", "publish")},
                "except": ("post", ("exceptions",), {"body": "SOMTC", "until": "2199-01-01", "reason": "So."}),
            }.items():
                with transaction.atomic():
                    tag = {"If-Match": f'"{the_round.version}"'}
                    answer = getattr(staff, method)(at(the_round, *more), body, headers=tag)
                    transaction.set_rollback(True)
                assert (deed in allowed) == (answer.status_code != 409), (the_round.state, deed, answer.content)
                if deed in allowed:
                    seen.add((the_round.state, deed))
        return seen

    without = compare()
    assert {("planned", "open"), ("closed", "reopen"), ("closed", "publish"), ("closed", "except")} <= without
    actions.open_round(the_round=ReportingRound.objects.get(code=next(codes)), version=1, by=by)
    beside = compare()
    assert ("open", "close") in beside and not {("planned", "open"), ("closed", "reopen")} & beside
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


def test_only_the_secretariat_keeps_rounds(the_round: ReportingRound, cast: Cast, api: Any) -> None:
    tag = {"If-Match": f'"{the_round.version}"'}
    writes: list[tuple[str, str, Any]] = [
        ("post", ROUNDS, HALF | {"code": "2018-x"}),
        ("post", f"{ROUNDS}plan/", {"plan": "tip-2016-2020"}),
        ("patch", at(the_round), {"name": "Another"}),
        ("delete", at(the_round), {}),
        *(("post", at(the_round, deed), {"reason": "So"}) for deed in ("open", "close", "reopen", "publish")),
        ("post", at(the_round, "exceptions"), {"body": "SOMTC", "until": "2199-01-01", "reason": "So"}),
    ]
    before = list(ReportingRound.objects.values())
    for method, address, body in writes:
        refused(getattr(api(), method)(address, body, headers=tag), 401, "not_authenticated")
        for person in (cast.newcomer, cast.somtc, cast.acwc):
            refused(getattr(api(person), method)(address, body, headers=tag), 403, "permission_denied")
    assert list(ReportingRound.objects.values()) == before
    for reader in (cast.visitor, cast.newcomer, cast.somtc):
        assert api(reader).get(at(the_round)).json()["allowed_actions"] == []
    assert api(cast.administrator).post(*writes[0][1:]).status_code == 201


def test_a_body_is_given_more_time(plan: WorkPlan, cast: Cast, api: Any) -> None:
    with time_machine.travel("2018-07-15T05:00:00Z", tick=False):
        the_round = opened(plan, Actor(cast.secretariat, "command"))
        more = {"body": "som tc", "until": "2018-08-14", "reason": "The focal point has changed."}
        address = at(the_round, "exceptions")
        given = api(cast.secretariat).post(address, more)
        assert given.status_code == 201
        exception = {"body": "SOMTC", "until": "2018-08-14", "reason": more["reason"]}
        assert given.json()["exceptions"] == [exception]
        for wrong, field in (({"until": "2018-07-20"}, "until"), ({"reason": " "}, "reason"), ({"body": "X"}, "body")):
            error = refused(api(cast.secretariat).post(address, more | wrong), 400, "invalid")
            assert list(error["fields"]) == [field]
        assert api(cast.somtc).get(at(the_round)).json()["exceptions"] == [exception]
        for other in (cast.visitor, cast.newcomer, cast.acwc):
            assert api(other).get(at(the_round)).json()["exceptions"] == [exception | {"reason": None}]
        move(api(cast.secretariat), at(the_round), "close")
    with time_machine.travel("2018-08-10T05:00:00Z", tick=False):
        activity = f"/api/v1/activities/{Activity.objects.get(ref='A.1.1.1').pk}/"
        assert api(cast.somtc).get(activity).json()["allowed_actions"] == ["report"]
        report = {"status": "ongoing", "as_of": "2018-06-30", "narrative": "Begun."}
        tag = {"If-Match": '"1"'}
        sent = api(cast.somtc).post(f"{activity}updates/", report, headers=tag)
        assert (sent.status_code, sent.json()["round"]) == (201, the_round.pk)
    with time_machine.travel("2018-08-15T05:00:00Z", tick=False):
        assert api(cast.somtc).get(activity).json()["allowed_actions"] == []
        joint = f"/api/v1/activities/{Activity.objects.get(ref='A.1.1.4').pk}/updates/"
        refused(api(cast.somtc).post(joint, report, headers=tag), 409, "wrong_state")


def test_everybody_sees_who_has_reported(the_round: ReportingRound, cast: Cast, api: Any) -> None:
    reported(cast, the_round, "A.1.1.4", submit=False)
    approved = reported(cast, the_round, "A.1.1.1")
    actions.approve_report(update=approved, version=2, by=Actor(cast.secretariat, "command"))
    for person in (cast.visitor, cast.newcomer, cast.somtc, cast.acwc, cast.secretariat):
        answer = api(person).get(at(the_round, "completion"))
        found = answer.json()
        assert answer.status_code == 200 and answer["ETag"]
        assert list(found) == ["round", "code", "name", "state", "total", "bodies"]
        assert list(found["total"]) == FIGURES
        expected = completion.of_round(the_round, person)
        assert found["total"]["total"] == expected.total.total == Activity.objects.count()
        assert found["total"]["approved"] == 1
        by_body = {one["body"]: one["counts"] for one in found["bodies"]}
        assert by_body["SOMTC"]["approved"] == 1
        assert by_body["SOMTC"]["draft"] == (person in (cast.somtc, cast.acwc, cast.secretariat))
        for body, counts in expected.bodies:
            shown = by_body[body.acronym if body else None]
            assert [shown[state] for state in rules.OBLIGATION_STATES.values] == [
                getattr(counts, state) for state in rules.OBLIGATION_STATES.values
            ]


def test_what_is_owed_is_for_those_who_take_part(the_round: ReportingRound, cast: Cast, api: Any) -> None:
    address = at(the_round, "obligations")
    refused(api().get(address), 401, "not_authenticated")
    refused(api(cast.newcomer).get(address), 403, "permission_denied")
    refused(api(cast.somtc).get(f"{ROUNDS}999999/obligations/"), 404, "not_found")
    draft = reported(cast, the_round, "A.1.1.4", submit=False)
    sent = reported(cast, the_round)
    whole = api(cast.secretariat).get(f"{address}?limit=1000").json()
    assert whole["count"] == len(whole["results"]) == Obligation.objects.count()
    assert list(whole["results"][0]) == [
        *("ref", "activity", "body", "state", "timeliness", "due_on", "first_submitted_on", "report")
    ]
    drafted = api(cast.secretariat).get(f"{address}?body=SOMTC&state=draft").json()["results"]
    assert [(one["ref"], one["report"]) for one in drafted] == [
        ("A.1.1.4", f"http://testserver/api/v1/updates/{draft.pk}/")
    ]
    submitted = api(cast.acwc).get(f"{address}?body=SOMTC&state=submitted").json()["results"]
    assert [(one["ref"], one["report"]) for one in submitted] == [("A.1.1.1", None)]
    assert api(cast.somtc).get(f"{address}?state=submitted").json()["results"][0]["report"].endswith(f"/{sent.pk}/")
    assert api(cast.acwc).get(f"{address}?body=SOMTC&state=draft").json()["count"] == 0
    unled = [one["activity"]["id"] for one in whole["results"] if one["body"] is None]
    assert all(not Activity.objects.get(pk=pk).lead_bodies for pk in unled)


def test_no_change_and_nil_return_for_many_at_once(the_round: ReportingRound, cast: Cast, api: Any) -> None:
    address = at(the_round, "alike")
    owed = list(Obligation.objects.filter(body__acronym="SOMTC").values_list("activity", flat=True))
    nil = {"kind": "nil_return", "activities": owed}
    refused(api().post(address, nil), 401, "not_authenticated")
    for person in (cast.newcomer, cast.secretariat):
        refused(api(person).post(address, nil), 403, "permission_denied")
    refused(api(cast.acwc).post(address, nil | {"body": "SOMTC"}), 403, "permission_denied")
    refused(api(cast.acwc).post(address, nil), 400, "invalid")
    for wrong, field in (
        ({"kind": "progress"}, "kind"),
        ({"activities": []}, "activities"),
        ({"activities": owed[:1] * 2}, "activities"),
        ({"activities": [*owed, 10**8]}, "activities"),
        ({"activities": ["1"]}, "activities"),
        ({"kind": "no_change"}, "activities"),
    ):
        assert list(refused(api(cast.somtc).post(address, nil | wrong), 400, "invalid")["fields"]) == [field]
    assert not StatusUpdate.objects.exists()
    sent = api(cast.somtc).post(address, nil)
    assert sent.status_code == 201 and len(sent.json()["updates"]) == len(owed)
    assert {(one["state"], one["kind"], one["body"]) for one in sent.json()["updates"]} == {
        ("submitted", "nil_return", "SOMTC")
    }


def test_the_summary_counts_rounds_over_the_rows_that_filters_leave(
    the_round: ReportingRound, cast: Cast, api: Any
) -> None:
    reported(cast, the_round)
    for query in ("", "?section=A", "?body=SOMTC&role=lead", "?ref=A.1.1.1"):
        found = api(cast.secretariat).get(f"/api/v1/summary/{query}").json()
        [entry] = found["by_round"]
        assert (entry["id"], entry["code"], entry["state"]) == (the_round.pk, "2018-1", "open")
        assert entry["counts"]["total"] == found["count"] and entry["counts"]["submitted"] == 1
        assert api().get(f"/api/v1/summary/{query}").json()["by_round"][0]["counts"]["submitted"] == 0
    assert api().get("/api/v1/summary/?section=B").json()["by_round"][0]["counts"]["approved"] == 0


def test_a_round_says_in_how_far_its_reports_wait(plan: WorkPlan, cast: Cast, api: Any) -> None:
    the_round = opened(plan, Actor(cast.secretariat, "command"), publication=rules.WITH_ROUND)
    update = actions.approve_report(update=reported(cast, the_round), version=2, by=Actor(cast.secretariat, "command"))
    address = f"/api/v1/updates/{update.pk}/"
    refused(api().get(address), 404, "not_found")
    assert api(cast.somtc).get(address).json()["state"] == "approved"
    assert api().get(at(the_round, "completion")).json()["total"]["approved"] == 0
    move(api(cast.secretariat), at(the_round), "close")
    move(api(cast.secretariat), at(the_round), "publish")
    assert api().get(address).status_code == 200
    assert api().get(at(the_round, "completion")).json()["total"]["approved"] == 1


def test_a_large_round_asks_no_more_than_a_small_one(
    the_round: ReportingRound, cast: Cast, api: Any, django_assert_max_num_queries: Any
) -> None:
    joint = make_person("slamet", body="SLOM")
    for ref in ("A.1.1.1", "A.1.1.4"):
        reported(cast, the_round, ref)
    for person in (cast.somtc, joint, cast.secretariat):
        for address, number in {
            ROUNDS: 8,
            at(the_round, "completion"): 10,
            f"{at(the_round, 'obligations')}?limit=1000": 8,
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
    the_round: ReportingRound, cast: Cast, api: Any, name: str, value: str
) -> None:
    before = getattr(the_round, name)
    tag = {"If-Match": f'"{the_round.version}"'}

    answer = api(cast.secretariat).patch(at(the_round), {name: value, "name": "Another"}, headers=tag)

    error = refused(answer, 400, "invalid")
    assert error["fields"] == {name: ["The round has been opened, so this stays as it was."]}
    the_round.refresh_from_db()
    assert (getattr(the_round, name), the_round.name) == (before, "First half of 2018")
