"""What programs that were written against the contract rely on: addresses, names of fields, entity tags."""

import re
from typing import Any

import pytest
from django.test import override_settings

from workplan.accounts.authentication import CHALLENGE
from workplan.models import Activity, SectoralBody

ACTIVITY_FIELDS = [
    *("id", "ref", "plan", "url", "html_url", "kind", "marker", "section", "provision", "area"),
    *("text", "notes", "expected_output", "attributes"),
    *("lead_bodies", "cooperating_bodies", "all_other_bodies_cooperate"),
    *("status", "status_label", "status_as_of", "confirmed_on", "timeliness", "latest_update"),
    *("reading_note", "source_lines", "version", "updated_at", "allowed_actions"),
]
ALONE = [
    *("position", "text_as_printed", "bodies_as_printed", "bodies_source_lines", "responsibilities"),
    *("source_cells", "bodies_source_cells"),
]
REPORT_FIELDS = [
    *("kind", "status", "status_label", "as_of", "narrative", "outputs_delivered", "challenges", "next_steps"),
    *("reason", "deferred_until", "evidence", "corrects", "state", "reported_by", "body", "is_direct"),
    *("round", "round_code"),
    *("author", "created_at", "submitted_at", "submitted_by", "approved_at", "approved_by", "version"),
]
UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
REPORT = {
    "status": "ongoing",
    "as_of": "2018-06-30",
    "narrative": "The training module was drafted.",
    "evidence": [{"title": "Draft module", "url": "https://example.org/module.pdf"}],
}
LISTS = ["plans", "sections", "provisions", "areas", "bodies", "activities", "updates"]


@pytest.fixture
def reported(plan: Any, cast: Any, api: Any) -> dict[str, Any]:
    """The first activity, on which Sari has reported, as a visitor reads it."""
    program = api(cast.secretariat)
    activity = program.get("/api/v1/activities/?limit=1").json()["results"][0]
    tag = program.get(activity["url"])["ETag"]
    answer = program.post(f"{activity['url']}updates/", REPORT, headers={"If-Match": tag})
    assert answer.status_code == 201, answer.json()
    found: dict[str, Any] = api().get(activity["url"]).json()
    return found


def test_an_activity_has_the_fields_of_the_contract_in_their_order(plan: Any, api: Any) -> None:
    row = api().get("/api/v1/activities/?limit=1").json()["results"][0]
    assert list(row) == ACTIVITY_FIELDS
    alone = api().get(row["url"]).json()
    assert list(alone) == ACTIVITY_FIELDS + ALONE
    assert {name: alone[name] for name in row} == row


def test_an_activity_has_its_status_and_its_bodies(plan: Any, api: Any) -> None:
    activity = Activity.objects.for_display().get(plan=plan, ref="A.1.1.1")
    found = api().get(f"/api/v1/activities/{activity.pk}/").json()
    assert found["plan"] == plan.code
    assert found["url"] == f"http://testserver/api/v1/activities/{activity.pk}/"
    assert found["html_url"] == f"http://testserver/plans/{plan.code}/activities/A.1.1.1/"
    assert found["section"] == {"ref": "A", "title": activity.area.provision.section.text}
    assert list(found["provision"]) == list(found["area"]) == ["ref", "marker", "text"]
    assert (found["provision"]["ref"], found["area"]["ref"]) == ("A.1", "A.1.1")
    assert found["lead_bodies"] == [body.acronym for body in activity.lead_bodies]
    assert found["cooperating_bodies"] == [body.acronym for body in activity.cooperating_bodies]
    assert (found["status"], found["status_label"], found["status_as_of"]) == ("not_reported", "Not reported", None)
    assert (found["timeliness"], found["latest_update"], found["version"]) == ("not_due", None, 1)
    assert UTC.fullmatch(found["updated_at"])


def test_an_activity_that_was_reported_on_shows_its_latest_update(reported: dict[str, Any]) -> None:
    latest = reported["latest_update"]
    assert list(latest) == ["id", "url", *REPORT_FIELDS]
    assert (reported["status"], reported["status_as_of"], reported["version"]) == ("ongoing", "2018-06-30", 2)
    assert (latest["state"], latest["kind"], latest["reported_by"]) == ("approved", "progress", "Secretariat")
    assert [{name: one[name] for name in ("title", "url")} for one in latest["evidence"]] == REPORT["evidence"]
    assert list(latest["evidence"][0]) == ["id", "title", "url", "dated_on", "file_name", "file_size"]
    assert UTC.fullmatch(latest["created_at"]) and UTC.fullmatch(latest["approved_at"])


def test_an_update_names_its_activity(reported: dict[str, Any], api: Any) -> None:
    update = api().get(reported["latest_update"]["url"]).json()
    related = {"reviews": None, "concurrences": None, "comments": None}
    added = ["correction", "corrected_at", "allowed_actions", "refused_actions"]
    assert list(update) == ["id", "url", "html_url", "activity", *REPORT_FIELDS, *added, *related]
    assert update["allowed_actions"] == [] and {name: update[name] for name in related} == related
    assert update["activity"] == {name: reported[name] for name in ("id", "ref", "plan", "url")}
    for address in ("/api/v1/updates/", f"{reported['url']}updates/"):
        [row] = api().get(address).json()["results"]
        assert row | related == update


def test_people_are_named_only_to_those_who_have_signed_in(reported: dict[str, Any], cast: Any, api: Any) -> None:
    for address in (reported["url"], reported["latest_update"]["url"], f"{reported['url']}updates/"):
        assert "Sari" not in api().get(address).content.decode()
        assert "Sari Staff" in api(cast.newcomer).get(address).content.decode()
    assert reported["latest_update"]["author"] is reported["latest_update"]["approved_by"] is None


@pytest.mark.parametrize("name", LISTS)
def test_every_list_is_counted_and_paged(reported: dict[str, Any], api: Any, name: str) -> None:
    whole = api().get(f"/api/v1/{name}/?limit=1000").json()
    assert list(whole) == ["count", "next", "previous", "results"]
    assert whole["count"] == len(whole["results"]) > 0
    assert whole["next"] is whole["previous"] is None
    paged, address = [], f"/api/v1/{name}/?limit=7"
    while address:
        page = api().get(address).json()
        paged += page["results"]
        address = page["next"]
    assert paged == whole["results"]


@pytest.mark.parametrize("name", LISTS)
def test_every_record_is_found_at_its_address(reported: dict[str, Any], api: Any, name: str) -> None:
    for row in api().get(f"/api/v1/{name}/").json()["results"][:3]:
        found = api().get(row["url"])
        assert found.status_code == 200
        assert found.json().items() >= row.items()


@pytest.mark.parametrize("name", LISTS)
def test_every_list_takes_a_plan(reported: dict[str, Any], plan: Any, api: Any, name: str) -> None:
    whole = api().get(f"/api/v1/{name}/").json()["count"]
    assert api().get(f"/api/v1/{name}/?plan={plan.code}").json()["count"] == whole
    answer = api().get(f"/api/v1/{name}/?plan=no-such-plan")
    assert answer.status_code == 400 and "plan" in answer.json()["error"]["fields"]


def test_a_body_is_found_by_acronym_alias_and_id(plan: Any, api: Any) -> None:
    body = SectoralBody.objects.get(acronym="SOM-ED")
    found = [api().get(f"/api/v1/bodies/{name}/").json() for name in ("SOM-ED", "som- ed", "SOMED", body.pk)]
    assert all(one == found[0] for one in found)
    assert found[0]["url"] == "http://testserver/api/v1/bodies/SOM-ED/"
    assert api().get("/api/v1/bodies/nobody/").status_code == 404


@pytest.mark.parametrize(
    "address", [*(f"{name}/" for name in LISTS), "summary/", "schema/", "activities/{id}/updates/"]
)
def test_whoever_has_the_answer_is_told_so(plan: Any, api: Any, address: str) -> None:
    address = "/api/v1/" + address.format(id=Activity.objects.earliest("pk").pk)
    first = api().get(address)
    assert first.status_code == 200
    assert {"Authorization", "Cookie"} <= {name.strip() for name in first["Vary"].split(",")}
    for method in (api().get, api().head):
        again = method(address, headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert api().head(address)["ETag"] == first["ETag"]
    assert api().get(address, headers={"If-None-Match": '"another"'}).status_code == 200


def test_an_activitys_tag_begins_with_its_version(reported: dict[str, Any], api: Any) -> None:
    for address in (reported["url"], f"{reported['url']}updates/"):
        assert re.fullmatch(rf'"2-activity\.{reported["id"]}-[0-9a-f]{{24}}"', api().get(address)["ETag"])


def test_a_tag_changes_when_the_answer_does(plan: Any, api: Any) -> None:
    activity = Activity.objects.get(plan=plan, ref="A.1.1.1")
    addresses = [f"/api/v1/activities/{activity.pk}/", "/api/v1/activities/", "/api/v1/bodies/"]
    before = [api().get(address)["ETag"] for address in addresses]
    SectoralBody.objects.filter(acronym="SOMTC").update(acronym="SOM-TC", name="Another name")
    assert all(api().get(address)["ETag"] != tag for address, tag in zip(addresses, before, strict=True))


def test_a_read_on_condition_of_another_version_is_refused(plan: Any, api: Any) -> None:
    address = "/api/v1/activities/"
    answer = api().get(address, headers={"If-Match": '"another"'})
    assert (answer.status_code, answer.json()["error"]["code"]) == (412, "precondition_failed")
    assert api().get(address, headers={"If-Match": answer["ETag"]}).status_code == 200


def test_the_summary_counts_what_the_lists_hold(reported: dict[str, Any], plan: Any, api: Any) -> None:
    found = api().get("/api/v1/summary/").json()
    assert list(found) == ["count", "by_status", "by_section", "by_provision", "by_body", "by_round", "trend"]
    assert found["count"] == Activity.objects.count() == sum(found["by_status"].values())
    assert found["by_status"]["ongoing"] == 1
    assert sum(entry["count"] for entry in found["by_section"]) == found["count"]
    for entry in found["by_section"]:
        assert list(entry) == ["ref", "title", "plan", "count", "by_status"]
        listed = api().get(f"/api/v1/activities/?section={entry['ref']}&limit=1").json()["count"]
        assert entry["count"] == listed == sum(entry["by_status"].values())
    assert sum(entry["count"] for entry in found["by_provision"]) == found["count"]
    for entry in found["by_provision"]:
        assert sorted(entry) == ["by_status", "count", "plan", "ref", "section", "title"]
        listed = api().get(f"/api/v1/activities/?provision={entry['ref']}&limit=1").json()["count"]
        assert entry["count"] == listed == sum(entry["by_status"].values())
    for entry in found["by_body"]:
        assert list(entry) == ["acronym", "name", "lead", "cooperating", "count", "by_status"]
        for role in ("lead", "cooperating"):
            address = f"/api/v1/activities/?body={entry['acronym']}&role={role}&limit=1"
            assert entry[role] == api().get(address).json()["count"]
        assert entry["count"] == entry["lead"] + entry["cooperating"] == sum(entry["by_status"].values())


def test_the_summary_takes_the_filters_of_the_list(reported: dict[str, Any], api: Any) -> None:
    query = "section=A&body=SOMTC&role=lead&status=ongoing&status=not_reported"
    found = api().get(f"/api/v1/summary/?{query}").json()
    assert found["count"] == api().get(f"/api/v1/activities/?{query}").json()["count"] > 0


@pytest.mark.parametrize("address", [*(f"{name}/" for name in LISTS), "rounds/", "contributions/", "summary/"])
def test_a_closed_installation_asks_who_is_there(plan: Any, cast: Any, api: Any, address: str) -> None:
    with override_settings(PUBLIC_READ=False):
        refused = api().get(f"/api/v1/{address}")
        assert (refused.status_code, refused["WWW-Authenticate"]) == (401, CHALLENGE)
        assert refused.json()["error"]["code"] == "not_authenticated"
        assert api(cast.newcomer).get(f"/api/v1/{address}").status_code == 200


def test_a_token_is_given_for_a_password_and_given_back(cast: Any, api: Any) -> None:
    from tests.conftest import PASSWORD

    answer = api().post("/api/v1/token/", {"username": "sari", "password": PASSWORD})
    assert answer.status_code == 201
    assert list(answer.json()) == ["token", "expiry"]
    assert answer["Cache-Control"] == "no-store"
    sign = {"Authorization": f"Token {answer.json()['token']}"}
    with override_settings(PUBLIC_READ=False):
        assert api().get("/api/v1/plans/", headers=sign).status_code == 200
        assert api().delete("/api/v1/token/", headers=sign).status_code == 204
        assert api().get("/api/v1/plans/", headers=sign).status_code == 401


def test_what_comes_with_later_releases_is_not_there_yet(reported: dict[str, Any], cast: Any, api: Any) -> None:
    update = reported["latest_update"]["url"]
    for address in ("/api/v1/changes/", f"{update}history/"):
        assert api(cast.secretariat).get(address).status_code == 404
