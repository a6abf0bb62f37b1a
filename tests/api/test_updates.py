"""A program reports on an activity: who may, on which version, and what is refused. A refusal writes nothing."""

import datetime
import json
from typing import Any

import pytest
from django.test import Client

from tests.conftest import PASSWORD
from workplan.accounts.authentication import CHALLENGE
from workplan.models import Activity, AuditEntry, Evidence, StatusUpdate

REPORT: dict[str, Any] = {
    "status": "ongoing",
    "as_of": "2018-06-30",
    "narrative": "The training module was drafted.",
    "outputs_delivered": "Draft module",
    "challenges": "Few translators",
    "next_steps": "Pilot training",
    "evidence": [
        {"title": "Draft module", "url": "https://example.org/module.pdf"},
        {"title": "Minutes", "url": "https://example.org/minutes"},
    ],
    "round": None,
    "kind": "progress",
    "submit": True,
}


@pytest.fixture
def activity(plan: Any) -> Activity:
    return Activity.objects.get(plan=plan, ref="A.1.1.1")


def address(activity: Activity) -> str:
    return f"/api/v1/activities/{activity.pk}/updates/"


def links_of(update: dict[str, Any]) -> list[dict[str, str]]:
    """The evidence of an answer, as it was sent."""
    return [{name: one[name] for name in ("title", "url")} for one in update["evidence"]]


def written() -> tuple[Any, ...]:
    """All that a report could change."""
    return (
        list(Activity.objects.order_by("pk").values()),
        list(StatusUpdate.objects.order_by("pk").values()),
        list(Evidence.objects.order_by("pk").values()),
        AuditEntry.objects.count(),
    )


def test_sari_reports_and_her_report_counts_at_once(activity: Activity, cast: Any, api: Any) -> None:
    program = api(cast.secretariat)
    tag = program.get(f"/api/v1/activities/{activity.pk}/")["ETag"]
    answer = program.post(address(activity), REPORT, headers={"If-Match": tag})
    assert answer.status_code == 201
    update = answer.json()
    assert answer["Location"] == update["url"]
    assert program.get(answer["Location"]).json() == update
    said = {name: update[name] for name in REPORT if name in update}
    assert said | {"evidence": links_of(update), "submit": True} == REPORT
    assert (update["state"], update["reported_by"], update["author"]) == (
        "approved",
        "Secretariat",
        "Sari Staff (sari)",
    )
    activity.refresh_from_db()
    assert (activity.status, activity.status_as_of) == ("ongoing", datetime.date(2018, 6, 30))
    assert (activity.version, activity.latest_update_id) == (2, update["id"])
    assert answer["ETag"] == program.get(answer["Location"])["ETag"]
    assert answer["Apta-Activity-ETag"] == program.get(f"/api/v1/activities/{activity.pk}/")["ETag"]


def test_the_audit_trail_knows_the_request_it_came_in(activity: Activity, cast: Any, api: Any) -> None:
    headers = {"If-Match": '"1"', "X-Request-ID": "program-run-0042"}
    answer = api(cast.secretariat).post(address(activity), REPORT, headers=headers)
    assert answer.status_code == 201
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.channel, entry.request_id) == ("status.recorded", "api", answer["X-Request-ID"])
    assert entry.client_request_id == "program-run-0042"
    assert (entry.actor, entry.record_id) == (cast.secretariat, str(activity.pk))


def test_with_a_token_she_reports_as_well(activity: Activity, cast: Any, api: Any) -> None:
    token = api().post("/api/v1/token/", {"username": "sari", "password": PASSWORD}).json()["token"]
    headers = {"If-Match": '"1"', "Authorization": f"Token {token}"}
    assert api().post(address(activity), REPORT, headers=headers).status_code == 201


def test_little_is_needed(activity: Activity, cast: Any, api: Any) -> None:
    least = {name: REPORT[name] for name in ("status", "as_of", "narrative")}
    answer = api(cast.secretariat).post(address(activity), least, headers={"If-Match": "1"})
    assert answer.status_code == 201
    assert answer.json()["evidence"] == [] and answer.json()["kind"] == "progress"


@pytest.mark.parametrize(
    "tag", ['"1-0123456789abcdef"', '"1"', "1", 'W/"1-0123"', '"9-x", "1-y"', '"other" , W/"1"', '*, "1"']
)
def test_only_the_version_in_the_tag_counts(activity: Activity, cast: Any, api: Any, tag: str) -> None:
    assert api(cast.secretariat).post(address(activity), REPORT, headers={"If-Match": tag}).status_code == 201


@pytest.mark.parametrize("headers", [{}, {"If-Match": ""}, {"If-Match": "*"}, {"If-Match": " , *"}])
def test_without_a_version_nothing_is_recorded(
    activity: Activity, cast: Any, api: Any, headers: dict[str, str]
) -> None:
    before = written()
    answer = api(cast.secretariat).post(address(activity), REPORT, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (428, "precondition_required")
    assert written() == before


@pytest.mark.parametrize("tag", ['"0-abc"', '"2-abc"', '"999999999"', f'"{"9" * 400}"', '"abc"', '"-1"', '"01x"'])
def test_another_version_is_refused_with_the_one_that_stands(activity: Activity, cast: Any, api: Any, tag: str) -> None:
    program, before = api(cast.secretariat), written()
    answer = program.post(address(activity), REPORT, headers={"If-Match": tag})
    assert (answer.status_code, answer.json()["error"]["code"]) == (412, "stale_version")
    current = program.get(f"/api/v1/activities/{activity.pk}/")
    assert (answer.json()["current"], answer["ETag"]) == (current.json(), current["ETag"])
    assert written() == before


def test_ben_is_told_that_sari_has_changed_it(activity: Activity, cast: Any, api: Any) -> None:
    tag = api(cast.colleague).get(f"/api/v1/activities/{activity.pk}/")["ETag"]
    assert api(cast.secretariat).post(address(activity), REPORT, headers={"If-Match": tag}).status_code == 201
    before = written()
    answer = api(cast.colleague).post(address(activity), REPORT | {"status": "completed"}, headers={"If-Match": tag})
    assert answer.status_code == 412
    assert answer.json()["current"]["status"] == "ongoing"
    assert written() == before
    again = api(cast.colleague).post(
        address(activity), REPORT | {"status": "completed"}, headers={"If-Match": answer["ETag"]}
    )
    assert again.status_code == 201


def test_a_visitor_is_asked_to_sign_in(activity: Activity, api: Any) -> None:
    before = written()
    answer = api().post(address(activity), REPORT, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, CHALLENGE)
    assert written() == before


@pytest.mark.parametrize("who", ["newcomer", "acwc"])
def test_whoever_neither_leads_nor_is_of_the_secretariat_may_not(
    activity: Activity, cast: Any, api: Any, who: str
) -> None:
    before = written()
    answer = api(getattr(cast, who)).post(address(activity), REPORT, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "permission_denied")
    assert written() == before


def test_an_administrator_may(activity: Activity, cast: Any, api: Any) -> None:
    answer = api(cast.administrator).post(address(activity), REPORT, headers={"If-Match": '"1"'})
    assert answer.status_code == 201


def test_refusals_come_in_their_order(activity: Activity, cast: Any, api: Any) -> None:
    """Who, then whether, then on which version, then what, then whether it still is that version."""
    broken, stale = {"nonsense": True}, {"If-Match": '"7"'}
    assert api().post(address(activity), broken).status_code == 401
    assert api(cast.acwc).post(address(activity), broken).status_code == 403
    assert api(cast.somtc).post(address(activity), broken).status_code == 428
    assert api(cast.secretariat).post(address(activity), broken).status_code == 428
    assert api(cast.secretariat).post(address(activity), broken, headers=stale).status_code == 400
    assert api(cast.secretariat).post(address(activity), REPORT, headers=stale).status_code == 412


def test_a_session_needs_the_token_against_forgery(activity: Activity, cast: Any) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.secretariat)
    headers = {"If-Match": '"1"'}
    before = written()
    refused = browser.post(address(activity), REPORT, content_type="application/json", headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "permission_denied")
    assert written() == before
    browser.cookies["csrftoken"] = secret = "x" * 32
    answer = browser.post(
        address(activity), REPORT, content_type="application/json", headers=headers | {"X-CSRFToken": secret}
    )
    assert answer.status_code == 201


def test_an_activity_that_is_not_there_cannot_be_reported_on(plan: Any, cast: Any, api: Any) -> None:
    for number in (0, 10**9, 10**30):
        answer = api(cast.secretariat).post(
            f"/api/v1/activities/{number}/updates/", REPORT, headers={"If-Match": '"1"'}
        )
        assert answer.status_code == 404


REFUSED: list[tuple[dict[str, Any], list[str]]] = [
    ({"narrative": ""}, ["narrative"]),
    ({"narrative": " \n\t "}, ["narrative"]),
    ({"narrative": 5}, ["narrative"]),
    ({"narrative": True}, ["narrative"]),
    ({"narrative": None}, ["narrative"]),
    ({"narrative": ["a"]}, ["narrative"]),
    ({"narrative": "a\x00b"}, ["narrative"]),
    ({"narrative": "\ud800"}, ["narrative"]),
    ({"narrative": "x" * 20_001}, ["narrative"]),
    ({"narrative": "x" * 1_000_000}, ["narrative"]),
    ({"challenges": "x" * 20_001, "next_steps": {}}, ["challenges", "next_steps"]),
    ({"outputs_delivered": 1.5}, ["outputs_delivered"]),
    ({"status": "done"}, ["status"]),
    ({"status": "x" * 1_000_000}, ["status"]),
    ({"status": "\ud800\x00"}, ["status"]),
    ({"status": ""}, ["status"]),
    ({"status": None}, ["status"]),
    ({"status": 1}, ["status"]),
    ({"status": []}, ["status"]),
    ({"status": "not_reported"}, ["status"]),
    ({"as_of": "2018-02-30"}, ["as_of"]),
    ({"as_of": "20180630"}, ["as_of"]),
    ({"as_of": "2018-W26-6"}, ["as_of"]),
    ({"as_of": "2018-6-30"}, ["as_of"]),
    ({"as_of": "2018-06-30T00:00:00Z"}, ["as_of"]),
    ({"as_of": "٢٠١٨-٠٦-٣٠"}, ["as_of"]),
    ({"as_of": "0000-00-00"}, ["as_of"]),
    ({"as_of": "0001-01-01"}, ["as_of"]),
    ({"as_of": "9999-12-31"}, ["as_of"]),
    ({"as_of": 20180630}, ["as_of"]),
    ({"as_of": 10**4000}, ["as_of"]),
    ({"as_of": None}, ["as_of"]),
    ({"kind": "gossip"}, ["kind"]),
    ({"kind": None}, ["kind"]),
    ({"kind": "no_change"}, ["status"]),
    ({"round": 7}, ["round"]),
    ({"round": ""}, ["round"]),
    ({"body": "AICHR"}, ["body"]),
    ({"body": "Nobody"}, ["body"]),
    ({"body": 3}, ["body"]),
    ({"reason": None}, ["reason"]),
    ({"round": True}, ["round"]),
    ({"round": 10**30}, ["round"]),
    ({"evidence": [{"id": 1}]}, ["evidence"]),
    ({"evidence": [{"title": "a", "url": "https://example.org", "dated_on": "yesterday"}]}, ["evidence"]),
    ({"evidence": [{"title": "a", "url": "https://example.org", "dated_on": "2999-01-01"}]}, ["evidence"]),
    ({"submit": "true"}, ["submit"]),
    ({"submit": 1}, ["submit"]),
    ({"submit": None}, ["submit"]),
    ({"evidence": None}, ["evidence"]),
    ({"evidence": {}}, ["evidence"]),
    ({"evidence": "https://example.org"}, ["evidence"]),
    ({"evidence": ["https://example.org"]}, ["evidence"]),
    ({"evidence": [{}]}, ["evidence"]),
    ({"evidence": [{"title": "a", "url": "https://example.org"}] * 51}, ["evidence"]),
    ({"evidence": [{"title": "a", "url": "no address"}]}, ["evidence"]),
    ({"evidence": [{"title": "a", "url": "javascript:alert(1)"}]}, ["evidence"]),
    ({"evidence": [{"title": "a", "url": "https://example.org/" + "x" * 2_000}]}, ["evidence"]),
    ({"evidence": [{"title": "x" * 301, "url": "https://example.org"}]}, ["evidence"]),
    ({"evidence": [{"title": "", "url": "https://example.org"}]}, ["evidence"]),
    ({"evidence": [{"title": 3, "url": "https://example.org"}]}, ["evidence"]),
    ({"evidence": [{"title": "a\x00", "url": "https://example.org"}]}, ["evidence"]),
    ({"evidence": [{"title": "a", "url": "https://example.org", "size": 3}]}, ["evidence"]),
    ({"colour": "red"}, ["colour"]),
    ({"colour": "red", "state": "approved", "narrative": 7}, ["colour", "narrative", "state"]),
    ({"\x00\ud800": 1}, ["\ufffd\ufffd"]),
    ({"x" * 5_000: 1}, ["x" * 40 + "…"]),
    ({"approved_by": 1, "version": 9, "activity": 2}, ["activity", "approved_by", "version"]),
]


@pytest.mark.parametrize(
    ("change", "fields"), REFUSED, ids=[f"{place} {change!r:.50}" for place, (change, _) in enumerate(REFUSED)]
)
def test_what_cannot_be_meant_is_refused_by_field(
    activity: Activity, cast: Any, api: Any, change: dict[str, Any], fields: list[str]
) -> None:
    before = written()
    answer = api(cast.secretariat).post(
        address(activity),
        json.dumps(REPORT | change),
        content_type="application/json",
        headers={"If-Match": '"1"'},
    )
    assert answer.status_code == 400, answer.content[:500]
    error = answer.json()["error"]
    assert error["code"] == "invalid"
    assert sorted(error["fields"]) == fields
    assert all(texts and all(isinstance(text, str) for text in texts) for texts in error["fields"].values())
    assert len(answer.content) < 10_000
    assert written() == before


def test_a_field_that_is_needed_is_asked_for(activity: Activity, cast: Any, api: Any) -> None:
    answer = api(cast.secretariat).post(address(activity), {}, headers={"If-Match": '"1"'})
    assert sorted(answer.json()["error"]["fields"]) == ["as_of", "status"]


def test_what_is_wrong_with_a_link_is_told_with_its_number(activity: Activity, cast: Any, api: Any) -> None:
    links = [{"title": "Good", "url": "https://example.org"}, {"title": 3, "url": "https://example.org"}]
    report = REPORT | {"evidence": links}
    answer = api(cast.secretariat).post(address(activity), report, headers={"If-Match": '"1"'})
    assert answer.json()["error"]["fields"] == {"evidence": ["Link 2: title: Give a text."]}


def test_a_longest_report_is_taken_whole(activity: Activity, cast: Any, api: Any) -> None:
    long = "ก" * 20_000
    links = [{"title": f"Paper {number}", "url": f"https://example.org/{number}"} for number in range(50)]
    report = REPORT | {"narrative": long, "challenges": long, "evidence": links}
    answer = api(cast.secretariat).post(address(activity), report, headers={"If-Match": '"1"'})
    assert answer.status_code == 201
    assert answer.json()["narrative"] == long
    assert links_of(answer.json()) == links


def test_a_correction_stands_beside_what_it_corrects(activity: Activity, cast: Any, api: Any) -> None:
    program = api(cast.secretariat)
    first = program.post(address(activity), REPORT | {"status": "completed"}, headers={"If-Match": '"1"'}).json()
    wrong = (
        REPORT
        | {"kind": "correction", "status": "not_reported", "narrative": "Meant for another."}
        | {"reason": "It was meant for another activity."}
    )
    second = program.post(address(activity), wrong, headers={"If-Match": '"2"'}).json()
    history = program.get(address(activity)).json()["results"]
    assert [update["id"] for update in history] == [second["id"], first["id"]]
    assert history[1].items() <= first.items() and first["reviews"] == []
