"""Open questions by API: the list, one of them, and settling on condition of what was seen."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.conftest import Cast
from tests.monitoring.questions import LEADERLESS, REPORTED, asked, change, question, report, settle
from workplan.models import Activity, CollaborationArea, Decision, SectoralBody, WorkPlan
from workplan.rules import CONTRADICTION, MISSING_LEAD, QUESTION_KINDS, READING, TRANSFER

Api = Callable[..., APIClient]
LIST = "/api/v1/questions/"
ONE = f"{LIST}tip-2016-2020.reading.activity.{REPORTED}/"
LEAD = f"{LIST}tip-2016-2020.missing_lead.activity.{LEADERLESS}/"
FIELDS = [
    *("key", "url", "html_url", "plan", "kind", "state", "asks", "about", "section", "record", "reports"),
    *("decisions", "tag", "allowed_decisions", "allowed_actions"),
]


def send(client: APIClient, address: str, tag: str | None, **body: Any) -> Any:
    headers = {} if tag is None else {"If-Match": tag}
    return client.post(f"{address}settle/", {"decision": "keep", "reason": "Agreed.", **body}, headers=headers)


def test_the_list_gives_the_queue_in_its_order(plan: WorkPlan, cast: Cast, api: Api) -> None:
    answer = api().get(LIST, {"limit": 1_000}).json()

    assert answer["count"] == 111
    assert [row["key"] for row in answer["results"]] == [one.key for one in asked(cast.visitor)]
    row = answer["results"][0]
    assert list(row) == FIELDS
    assert row["record"]["url"].startswith("http://testserver/api/v1/sections/")
    assert row["section"] == {"ref": "A", "title": "Prevention of TIP"}
    assert (row["allowed_actions"], row["allowed_decisions"], row["decisions"]) == ([], [], [])


@pytest.mark.parametrize(
    "query",
    [
        *(f"kind={kind}" for kind in QUESTION_KINDS.values),
        *(
            "state=settled",
            "section=B&section=C",
            "record=provision",
            f"ref={LEADERLESS}",
            "q=lead",
            "plan=tip-2016-2020",
        ),
    ],
)
def test_the_same_filters_give_the_rows_of_the_page(
    plan: WorkPlan, cast: Cast, api: Api, page: Any, query: str
) -> None:
    settle(question(cast.secretariat, READING, "A"), cast.secretariat)
    shown = page().get(f"/plans/{plan.code}/questions/?{query}&page_size=250").context["listing"].page

    assert [row["key"] for row in api().get(f"{LIST}?{query}&limit=1000").json()["results"]] == [
        one.key for one in shown
    ]


@pytest.mark.parametrize("query", ["kind=x", "state=x", "plan=x", "plan=%00", "section=Z", "foo=1", "limit=0", "q=%00"])
def test_a_parameter_that_cannot_be_meant_is_refused(plan: WorkPlan, api: Api, query: str) -> None:
    answer = api().get(f"{LIST}?{query}")

    assert answer.status_code == 400
    assert query.split("=")[0] in answer.json()["error"]["fields"]


@pytest.mark.parametrize(
    "key",
    ["x", "tip-2016-2020.reading", "tip-2016-2020.reading.activity.A.9.9.9", "%00.reading.activity.A", "a.b.c.A.1"],
)
def test_there_is_nothing_where_nothing_is_asked(plan: WorkPlan, cast: Cast, api: Api, key: str) -> None:
    assert api().get(f"{LIST}{key}/").status_code == 404
    assert send(api(cast.secretariat), f"{LIST}{key}/", '"0-a-1"').status_code == 404


def test_one_question_is_given_with_a_tag_that_settling_takes(plan: WorkPlan, cast: Cast, api: Api) -> None:
    client = api(cast.secretariat)
    read = client.get(ONE)
    assert read.json()["allowed_decisions"] == ["keep", "amend"]
    assert api().get(ONE, headers={"If-None-Match": api().get(ONE)["ETag"]}).status_code == 304

    answer = send(client, ONE, read["ETag"])
    assert (answer.status_code, answer.json()["state"]) == (200, "settled")
    assert answer["ETag"] == client.get(ONE)["ETag"]
    [decision] = answer.json()["decisions"]
    assert (decision["decision"], decision["reason"], decision["decided_by"]) == (
        "keep",
        "Agreed.",
        "Sari Staff (sari)",
    )
    assert answer.json()["allowed_decisions"] == ["keep", "amend", "reopen"]


def test_the_tag_of_the_list_is_enough(plan: WorkPlan, cast: Cast, api: Api) -> None:
    client = api(cast.secretariat)
    [row] = client.get(f"{LIST}?ref={LEADERLESS}&kind={MISSING_LEAD}").json()["results"]

    answer = send(client, row["url"], f'"{row["tag"]}"', decision="amend", lead="acwc")
    assert (answer.status_code, answer.json()["state"]) == (200, "settled")
    assert answer.json()["allowed_actions"] == []  # nothing is asked any more
    assert [body.acronym for body in Activity.objects.get(ref=LEADERLESS).lead_bodies] == ["ACWC"]


def test_the_public_never_reads_who_decided_and_why(plan: WorkPlan, cast: Cast, api: Api) -> None:
    settle(question(cast.secretariat, READING, REPORTED), cast.secretariat, reason="Checked.")

    for person, knows in ((None, False), (cast.newcomer, False), (cast.somtc, True)):
        [decision] = api(person).get(ONE).json()["decisions"]
        assert decision["decision"] == "keep"
        assert (decision["reason"], decision["decided_by"]) == (
            ("Checked.", "Sari Staff (sari)") if knows else (None,) * 2
        )


def test_settling_needs_a_condition_and_who_was_slower_is_shown_what_stands_there_now(
    plan: WorkPlan, cast: Cast, api: Api
) -> None:
    client = api(cast.secretariat)
    seen = client.get(ONE)["ETag"]
    assert send(client, ONE, None).status_code == 428
    assert send(client, ONE, "*").status_code == 428
    settle(question(cast.colleague, READING, REPORTED), cast.colleague, reason="First.")

    for tag in (seen, '"nonsense"', '"7"'):
        answer = send(client, ONE, tag)
        assert (answer.status_code, answer.json()["error"]["code"]) == (412, "stale_version")
        assert answer.json()["current"]["decisions"][0]["reason"] == "First."
        assert answer["ETag"] == client.get(ONE)["ETag"]
    assert Decision.objects.count() == 1


def test_a_note_that_has_changed_makes_a_tag_stale(plan: WorkPlan, cast: Cast, api: Api) -> None:
    client = api(cast.secretariat)
    seen = client.get(ONE)["ETag"]
    change(Activity.objects.get(ref=REPORTED), cast.colleague, reading_note="Read anew.")

    answer = send(client, ONE, seen)
    assert (answer.status_code, answer.json()["current"]["about"]) == (412, ["Read anew."])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"decision": "nonsense"}, "decision"),
        ({"decision": None}, "decision"),
        ({"decision": "pass_on"}, "decision"),
        ({"reason": ""}, "reason"),
        ({"reason": 7}, "reason"),
        ({"text": "Other words"}, "text"),
        ({"decision": "amend"}, "text"),
        ({"decision": "amend", "lead": "NOBODY"}, "lead"),
        ({"decision": "amend", "lead": "ACWC"}, "lead"),
        ({"decision": "amend", "clear_note": "yes"}, "clear_note"),
        ({"decision": "amend", "to": "A.9.9.9"}, "to"),
        ({"decision": "amend", "text": ""}, "text"),
        ({"foo": 1}, "foo"),
    ],
)
def test_what_cannot_be_decided_is_refused_by_its_field(
    plan: WorkPlan, cast: Cast, api: Api, body: dict[str, Any], field: str
) -> None:
    client = api(cast.secretariat)
    answer = send(client, ONE, client.get(ONE)["ETag"], **body)

    assert answer.status_code == 400
    assert field in answer.json()["error"]["fields"]
    assert not Decision.objects.exists()


def test_what_is_asked_no_longer_is_a_conflict(plan: WorkPlan, cast: Cast, api: Api) -> None:
    client = api(cast.secretariat)
    seen = client.get(LEAD)["ETag"]
    found = question(cast.colleague, MISSING_LEAD, LEADERLESS)
    settle(found, cast.colleague, "amend", lead=SectoralBody.objects.get(acronym="ACWC"))

    answer = send(client, LEAD, seen)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "wrong_state")


def test_an_area_is_moved_by_the_reference_of_a_provision(plan: WorkPlan, cast: Cast, api: Api) -> None:
    client, address = api(cast.secretariat), f"{LIST}{plan.code}.{TRANSFER}.area.B.4.2/"
    answer = send(client, address, client.get(address)["ETag"], decision="amend", to="A.1")

    assert answer.status_code == 200
    assert CollaborationArea.objects.get(ref="B.4.2").provision.ref == "A.1"
    assert answer.json()["section"]["ref"] == "A"


def test_contradictory_reports_are_named_by_their_addresses(plan: WorkPlan, cast: Cast, api: Api) -> None:
    updates = [
        report(cast, REPORTED, "completed", (2018, 6, 30)),
        report(cast, REPORTED, "ongoing", (2018, 12, 31)),
    ]
    [row] = api().get(f"{LIST}?kind={CONTRADICTION}").json()["results"]

    assert row["reports"] == [f"http://testserver/api/v1/updates/{update.pk}/" for update in updates]
    assert all(api().get(address).status_code == 200 for address in row["reports"])


def test_the_list_asks_little(plan: WorkPlan, api: Api, django_assert_max_num_queries: Any) -> None:
    for limit in (10, 1_000):
        with django_assert_max_num_queries(8):
            assert api().get(f"{LIST}?limit={limit}").status_code == 200
