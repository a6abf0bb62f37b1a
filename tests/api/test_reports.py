"""Reports by API: begun, submitted, reviewed, and approved together."""

from typing import Any

from tests.api.reports import ALONE, JOINT, REPORT_FIELDS, begun, do, on, refused
from tests.conftest import Cast, make_person
from workplan.models import AuditEntry, ReportingRound, StatusUpdate, User, WorkPlan


def test_a_report_goes_its_whole_way(reporting_round: ReportingRound, cast: Cast, slom: User, api: Any) -> None:
    author, other, staff = api(cast.somtc), api(slom), api(cast.secretariat)
    assert author.get(on(JOINT)).json()["allowed_actions"] == ["report"]
    made = begun(author, JOINT, submit=False)
    draft = made.json()
    assert made.status_code == 201 and made["Location"] == draft["url"]
    assert (draft["state"], draft["body"], draft["reported_by"]) == ("draft", "SOMTC", "SOMTC")
    assert (draft["round"], draft["round_code"], draft["is_direct"]) == (reporting_round.pk, "2018-1", False)
    assert draft["allowed_actions"] == ["edit", "submit", "discard", "comment"]
    assert author.get(on(JOINT)).json()["allowed_actions"] == []

    tag = author.get(draft["url"])["ETag"]
    assert tag.startswith('"1-')
    saved = author.patch(draft["url"], {"next_steps": "Pilot training"}, headers={"If-Match": tag})
    assert saved.status_code == 200 and saved["ETag"] == author.get(draft["url"])["ETag"]
    assert saved.json()["narrative"] == REPORT_FIELDS["narrative"] and saved.json()["next_steps"] == "Pilot training"

    sent = do(author, draft, "submit")
    assert (sent.status_code, sent.json()["state"]) == (200, "submitted")
    assert sent.json()["allowed_actions"] == ["comment"] and sent.json()["submitted_by"] == "Somchai Focal (somchai)"
    assert other.get(draft["url"]).json()["allowed_actions"] == ["concur", "comment"]
    assert staff.get(draft["url"]).json()["allowed_actions"] == ["approve", "return", "comment"]

    refused(do(staff, draft, "return", {"reason": " "}), 400, "invalid")
    back = do(staff, draft, "return", {"reason": "Name the module."}).json()
    assert back["state"] == "returned" and back["reviews"][0]["reason"] == "Name the module."
    assert author.get(draft["url"]).json()["reviews"][0]["decision"] == "return"
    tag = author.get(draft["url"])["ETag"]
    mended = {"narrative": "The module on identification is drafted."}
    assert author.patch(draft["url"], mended, headers={"If-Match": tag}).status_code == 200
    assert do(author, draft, "submit").status_code == 200

    agreed = do(other, draft, "concur")
    assert agreed.json()["concurrences"][0]["body"] == "SLOM" and agreed.json()["allowed_actions"] == ["comment"]
    refused(do(other, draft, "concur"), 409, "wrong_state")
    assert other.post(f"{draft['url']}comments/", {"text": "Well done."}).json()["body"] == "SLOM"
    assert [one["text"] for one in staff.get(f"{draft['url']}comments/").json()["results"]] == ["Well done."]

    approved = do(staff, draft, "approve").json()
    assert (approved["state"], approved["allowed_actions"]) == ("approved", ["comment", "correct"])
    assert api().get(on(JOINT)).json()["status"] == "ongoing"
    assert author.get(on(JOINT)).json()["allowed_actions"] == ["correct"]
    public = api().get(draft["url"]).json()
    assert (public["author"], public["submitted_by"], public["reviews"], public["comments"]) == (None,) * 4
    audit_entries = AuditEntry.objects.filter(record_type="statusupdate", record_id=str(draft["id"]))
    assert set(audit_entries.values_list("channel", flat=True)) == {"api"} and audit_entries.count() == 7


def test_a_focal_point_reports_at_once(reporting_round: ReportingRound, cast: Cast, api: Any) -> None:
    sent = begun(api(cast.somtc))
    assert (sent.status_code, sent.json()["state"], sent.json()["round"]) == (201, "submitted", reporting_round.pk)
    assert sent["ETag"] == api(cast.somtc).get(sent["Location"])["ETag"]
    assert sent["Apta-Activity-ETag"] == api(cast.somtc).get(on(ALONE))["ETag"]


def test_a_draft_may_say_nothing_yet(reporting_round: ReportingRound, cast: Cast, api: Any) -> None:
    program = api(cast.somtc)
    tag = program.get(on(ALONE))["ETag"]
    draft = program.post(f"{on(ALONE)}updates/", {"submit": False}, headers={"If-Match": tag}).json()
    assert (draft["status"], draft["status_label"], draft["as_of"]) == (None, None, None)
    error = refused(do(program, draft, "submit"), 400, "invalid")
    assert {"status", "as_of", "narrative"} == set(error["fields"])
    error = refused(program.post(f"{on(ALONE)}updates/", {}, headers={"If-Match": tag}), 400, "invalid")
    assert {"status", "as_of"} == set(error["fields"])


def test_what_is_refused_leaves_no_draft_behind(reporting_round: ReportingRound, cast: Cast, api: Any) -> None:
    refused(begun(api(cast.somtc), narrative=""), 400, "invalid")
    assert not StatusUpdate.objects.exists()


def test_without_a_round_there_is_nothing_to_report_for(plan: WorkPlan, cast: Cast, api: Any) -> None:
    assert "open" in refused(begun(api(cast.somtc)), 409, "wrong_state")["message"]


def test_whoever_speaks_for_both_leads_names_one(reporting_round: ReportingRound, cast: Cast, api: Any) -> None:
    both = make_person("both", body="SOMTC")
    make_person("both", body="SLOM")
    error = refused(begun(api(both), JOINT), 400, "invalid")
    assert "SLOM" in error["fields"]["body"][0] and "SOMTC" in error["fields"]["body"][0]
    assert begun(api(both), JOINT, body="SLOM").json()["body"] == "SLOM"


def test_nobody_reports_for_a_body_that_is_not_theirs(reporting_round: ReportingRound, cast: Cast, api: Any) -> None:
    refused(begun(api(cast.somtc), JOINT, body="SLOM"), 403, "permission_denied")
    refused(begun(api(cast.acwc), ALONE), 403, "permission_denied")
    assert not StatusUpdate.objects.exists()


def test_the_secretariat_enters_directly(reporting_round: ReportingRound, cast: Cast, api: Any) -> None:
    between = begun(api(cast.secretariat)).json()
    assert (between["round"], between["body"], between["is_direct"], between["state"]) == (None, None, True, "approved")
    behalf = begun(api(cast.secretariat), JOINT, round=reporting_round.pk, body="slom").json()
    assert (behalf["round_code"], behalf["body"], behalf["is_direct"]) == ("2018-1", "SLOM", True)
    refused(begun(api(cast.secretariat), ALONE, body="ACWC"), 400, "invalid")
    draft = begun(api(cast.secretariat), "A.1.1.2", submit=False, round=reporting_round.pk).json()
    assert (draft["state"], draft["is_direct"]) == ("draft", True)
    assert do(api(cast.colleague), draft, "submit").json()["state"] == "approved"


def test_a_draft_is_discarded(reporting_round: ReportingRound, cast: Cast, api: Any) -> None:
    program = api(cast.somtc)
    draft = begun(program, submit=False).json()
    refused(program.delete(draft["url"]), 428, "precondition_required")
    refused(api(cast.secretariat).delete(draft["url"], headers={"If-Match": '"1"'}), 403, "permission_denied")
    assert program.delete(draft["url"], headers={"If-Match": '"1"'}).status_code == 204
    refused(program.get(draft["url"]), 404, "not_found")


def test_two_of_one_body_do_not_overwrite_each_other(reporting_round: ReportingRound, cast: Cast, api: Any) -> None:
    second = make_person("second", body="SOMTC")
    draft = begun(api(cast.somtc), submit=False).json()
    tag = api(second).get(draft["url"])["ETag"]
    changed = api(cast.somtc).patch(draft["url"], {"challenges": "Time"}, headers={"If-Match": tag})
    assert changed.status_code == 200
    late = api(second).patch(draft["url"], {"challenges": "Money"}, headers={"If-Match": tag})
    refused(late, 412, "stale_version")
    now = api(second).get(draft["url"])
    assert (late.json()["current"], late["ETag"]) == (now.json(), now["ETag"])
    assert now.json()["challenges"] == "Time"
    for action in ("submit", "approve", "return", "concur"):
        answer = api(second).post(f"{draft['url']}{action}/", {}, headers={"If-Match": tag})
        assert answer.status_code == (412 if action == "submit" else 403)


def test_reports_are_approved_together_or_not_at_all(reporting_round: ReportingRound, cast: Cast, api: Any) -> None:
    first, second = begun(api(cast.somtc), ALONE).json(), begun(api(cast.somtc), JOINT).json()
    named = [{"id": one["id"], "version": one["version"]} for one in (first, second)]
    staff = api(cast.secretariat)
    address = "/api/v1/updates/approve/"
    refused(api().post(address, {"updates": named}), 401, "not_authenticated")
    refused(api(cast.somtc).post(address, {"updates": named}), 403, "permission_denied")
    refused(staff.post(address, {"updates": []}), 400, "invalid")
    refused(staff.post(address, {"updates": named[:1] * 2}), 400, "invalid")
    refused(staff.post(address, {"updates": [*named, {"id": 10**9, "version": 1}]}), 409, "wrong_state")
    stale = staff.post(address, {"updates": [named[0], named[1] | {"version": 9}]})
    refused(stale, 412, "stale_version")
    assert [one["id"] for one in stale.json()["current"]] == [second["id"]]
    assert set(StatusUpdate.objects.values_list("state", flat=True)) == {"submitted"}
    done = staff.post(address, {"updates": named})
    assert {one["state"] for one in done.json()["updates"]} == {"approved"}
