"""Contributions by API, and reports by round."""

from typing import Any

from tests.api.reports import ALONE, begun, on, refused
from tests.conftest import Cast
from workplan import actions, rules
from workplan.actions import Actor
from workplan.models import Activity, ReportingRound, User

# Contributions


def test_a_cooperating_body_adds_to_a_report(reporting_round: ReportingRound, cast: Cast, slom: User, api: Any) -> None:
    program, address = api(cast.acwc), f"{on(ALONE)}contributions/"
    assert program.get(on(ALONE)).json()["allowed_actions"] == ["contribute"]
    made = program.post(address, {"text": "Two of our trainers took part."})
    added = made.json()
    assert made.status_code == 201 and made["Location"] == added["url"]
    assert (added["body"], added["round_code"], added["version"]) == ("ACWC", "2018-1", 1)
    assert added["allowed_actions"] == ["edit"] and added["author"] == "Aisyah Focal (aisyah)"
    again = program.post(address, {"text": "Once more."})
    refused(again, 412, "stale_version")
    assert again.json()["current"]["text"] == added["text"]

    refused(program.patch(added["url"], {"text": "Three."}), 428, "precondition_required")
    changed = program.patch(added["url"], {"text": "Three trainers."}, headers={"If-Match": made["ETag"]})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    late = program.patch(added["url"], {"text": "Four."}, headers={"If-Match": made["ETag"]})
    refused(late, 412, "stale_version")
    assert (late.json()["current"], late["ETag"]) == (changed.json(), changed["ETag"])

    for person in (cast.somtc, cast.secretariat):
        [seen] = api(person).get(address).json()["results"]
        assert seen["text"] == "Three trainers." and seen["allowed_actions"] == []
        refused(api(person).patch(added["url"], {"text": "x"}, headers={"If-Match": '"2"'}), 403, "permission_denied")
        for query in ("?body=acwc", "?round=2018-1", f"?activity={ALONE}", f"?plan={reporting_round.plan.code}"):
            assert api(person).get(f"/api/v1/contributions/{query}").json()["count"] == 1
        assert api(person).get("/api/v1/contributions/?body=AICHR").json()["count"] == 0
    for stranger in (slom, cast.newcomer, None):
        assert api(stranger).get(address).json()["count"] == 0
        assert api(stranger).get("/api/v1/contributions/").json()["count"] == 0
        refused(api(stranger).get(added["url"]), 404, "not_found")
    refused(api().post(address, {"text": "x"}), 401, "not_authenticated")
    refused(api(cast.somtc).post(address, {"text": "x"}), 403, "permission_denied")
    refused(program.post(address, {"text": ""}), 400, "invalid")
    refused(program.post(address, {"text": "x", "round": 10**8}), 400, "invalid")


def test_nothing_is_added_to_a_round_that_is_over(reporting_round: ReportingRound, cast: Cast, api: Any) -> None:
    made = api(cast.acwc).post(f"{on(ALONE)}contributions/", {"text": "In time."})
    staff = Actor(cast.secretariat, "command")
    actions.close_round(reporting_round=reporting_round, version=reporting_round.version, by=staff)
    found = api(cast.acwc).get(made.json()["url"])
    assert found.json()["allowed_actions"] == [] == api(cast.acwc).get(on(ALONE)).json()["allowed_actions"]
    late = api(cast.acwc).patch(made.json()["url"], {"text": "Late."}, headers={"If-Match": found["ETag"]})
    refused(late, 409, "wrong_state")
    refused(api(cast.acwc).post(f"{on(ALONE)}contributions/", {"text": "Late."}), 409, "wrong_state")


# Filters


def test_rounds_are_found_by_code_and_by_id(reporting_round: ReportingRound, cast: Cast, api: Any) -> None:
    begun(api(cast.somtc))
    program = api(cast.secretariat)
    for named in (reporting_round.code, reporting_round.pk):
        assert program.get(f"/api/v1/updates/?round={named}&section=A").json()["count"] == 1
        submitted = program.get(f"/api/v1/activities/?round={named}&report_state=submitted").json()
        assert [row["ref"] for row in submitted["results"]] == [ALONE]
    assert program.get("/api/v1/updates/?round=2016-1").json()["count"] == 0
    assert program.get("/api/v1/activities/?round=2016-1").json()["count"] == 0
    whole = program.get("/api/v1/activities/?round=2018-1&limit=1").json()["count"]
    assert whole == Activity.objects.filter(responsibilities__role=rules.LEAD).distinct().count()
    for address in ("activities", "updates", "summary", "contributions"):
        error = refused(program.get(f"/api/v1/{address}/?round=2099-1"), 400, "invalid")
        assert "2099-1" in error["fields"]["round"][0]
    listed = [one["timeliness"] for one in program.get("/api/v1/activities/?limit=1000").json()["results"]]
    for value in rules.TIMELINESS.values:
        assert program.get(f"/api/v1/activities/?timeliness={value}").json()["count"] == listed.count(value)
