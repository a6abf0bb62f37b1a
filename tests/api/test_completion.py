"""Who has reported in a round, by API, and short reports on several activities at once."""

from typing import Any

from tests.api.reports import refused
from tests.api.rounds import ROUNDS, at, reported
from tests.conftest import Cast
from workplan import actions, rules
from workplan.actions import Actor
from workplan.models import Activity, Obligation, ReportingRound, StatusUpdate
from workplan.monitoring import completion

FIGURES = [
    *("total", "owed", "draft", "submitted", "returned", "not_received", "approved", "on_time", "late", "overdue"),
]


def test_everybody_sees_who_has_reported(reporting_round: ReportingRound, cast: Cast, api: Any) -> None:
    reported(cast, reporting_round, "A.1.1.4", submit=False)
    approved = reported(cast, reporting_round, "A.1.1.1")
    actions.approve_report(update=approved, version=2, by=Actor(cast.secretariat, "command"))
    for person in (cast.visitor, cast.newcomer, cast.somtc, cast.acwc, cast.secretariat):
        answer = api(person).get(at(reporting_round, "completion"))
        found = answer.json()
        assert answer.status_code == 200 and answer["ETag"]
        assert list(found) == ["round", "code", "name", "state", "total", "bodies", "without_lead"]
        assert list(found["total"]) == FIGURES
        expected = completion.of_round(reporting_round, person)
        assert found["total"]["total"] == expected.total.total
        assert found["without_lead"]["total"] == expected.without_lead.total > 0
        assert expected.total.total + expected.without_lead.total == Activity.objects.count()
        assert found["total"]["approved"] == 1
        by_body = {one["body"]: one["counts"] for one in found["bodies"]}
        assert by_body["SOMTC"]["approved"] == 1
        assert by_body["SOMTC"]["draft"] == (person in (cast.somtc, cast.acwc, cast.secretariat))
        for body, counts in expected.bodies:
            shown = by_body[body.acronym if body else None]
            assert [shown[state] for state in rules.OBLIGATION_STATES.values] == [
                getattr(counts, state) for state in rules.OBLIGATION_STATES.values
            ]


def test_reports_due_are_for_those_who_take_part(reporting_round: ReportingRound, cast: Cast, api: Any) -> None:
    address = at(reporting_round, "obligations")
    refused(api().get(address), 401, "not_authenticated")
    refused(api(cast.newcomer).get(address), 403, "permission_denied")
    refused(api(cast.somtc).get(f"{ROUNDS}999999/obligations/"), 404, "not_found")
    draft = reported(cast, reporting_round, "A.1.1.4", submit=False)
    sent = reported(cast, reporting_round)
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


def test_no_change_and_nil_return_for_many_at_once(reporting_round: ReportingRound, cast: Cast, api: Any) -> None:
    address = at(reporting_round, "alike")
    due = list(Obligation.objects.filter(body__acronym="SOMTC").values_list("activity", flat=True))
    nil = {"kind": "nil_return", "activities": due}
    refused(api().post(address, nil), 401, "not_authenticated")
    for person in (cast.newcomer, cast.secretariat):
        refused(api(person).post(address, nil), 403, "permission_denied")
    refused(api(cast.acwc).post(address, nil | {"body": "SOMTC"}), 403, "permission_denied")
    refused(api(cast.acwc).post(address, nil), 400, "invalid")
    for wrong, field in (
        ({"kind": "progress"}, "kind"),
        ({"activities": []}, "activities"),
        ({"activities": due[:1] * 2}, "activities"),
        ({"activities": [*due, 10**8]}, "activities"),
        ({"activities": ["1"]}, "activities"),
        ({"kind": "no_change"}, "activities"),
    ):
        assert list(refused(api(cast.somtc).post(address, nil | wrong), 400, "invalid")["fields"]) == [field]
    assert not StatusUpdate.objects.exists()
    sent = api(cast.somtc).post(address, nil)
    assert sent.status_code == 201 and len(sent.json()["updates"]) == len(due)
    assert {(one["state"], one["kind"], one["body"]) for one in sent.json()["updates"]} == {
        ("submitted", "nil_return", "SOMTC")
    }


def test_the_summary_counts_rounds_over_the_rows_that_filters_leave(
    reporting_round: ReportingRound, cast: Cast, api: Any
) -> None:
    reported(cast, reporting_round)
    for query in ("", "?section=A", "?body=SOMTC&role=lead", "?ref=A.1.1.1"):
        found = api(cast.secretariat).get(f"/api/v1/summary/{query}").json()
        [entry] = found["by_round"]
        assert (entry["id"], entry["code"], entry["state"]) == (reporting_round.pk, "2018-1", "open")
        rows = api(cast.secretariat).get(f"/api/v1/activities/{query or '?'}&limit=1000").json()["results"]
        led = [row for row in rows if row["lead_bodies"]]
        assert len(rows) == found["count"] and entry["counts"]["total"] == len(led)
        assert entry["counts"]["submitted"] == 1
        assert api().get(f"/api/v1/summary/{query}").json()["by_round"][0]["counts"]["submitted"] == 0
    assert api().get("/api/v1/summary/?section=B").json()["by_round"][0]["counts"]["approved"] == 0
