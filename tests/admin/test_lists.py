"""Histories, lists and autocompletes of the administration site: read, searched, and never crashed."""

import pytest
from django.contrib.admin.models import LogEntry

from tests.admin.forms import HISTORIES, PEOPLE_KINDS, PLAN_KINDS, Page, last_entry, list_of, page_of, record, typed
from tests.conftest import Cast, make_person
from tests.larger_plans import grow
from workplan.models import Activity, ApiToken, BodyAlias, SectoralBody, WorkPlan

# Histories


@pytest.mark.parametrize("who", ["secretariat", "administrator"])
def test_histories_are_read_and_nothing_else(who: str, cast: Cast, page: Page, activity: Activity) -> None:
    update = record(activity, cast)
    client = page(getattr(cast, who))
    for row in (update, update.evidence.get(), last_entry()):
        kind = row._meta.model_name or ""
        response = client.get(page_of(row))
        assert response.status_code == 200
        assert 'name="_save"' not in response.content.decode()
        before = {field.name: field.value_from_object(row) for field in row._meta.concrete_fields}
        assert client.post(page_of(row), {"status": "completed", "title": "x", "reason": "x"}).status_code == 403
        assert client.post(page_of(row).replace("change", "delete"), {"post": "yes"}).status_code == 403
        assert client.get(f"{list_of(kind)}add/").status_code == 403
        client.post(list_of(kind), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
        row.refresh_from_db()
        assert before == {field.name: field.value_from_object(row) for field in row._meta.concrete_fields}


def test_the_history_button_leads_to_the_audit_entries_of_the_record(
    cast: Cast, page: Page, activity: Activity
) -> None:
    client = page(cast.secretariat)
    client.post(page_of(activity), typed(client.get(page_of(activity)), marker="*"))
    response = client.get(page_of(activity).replace("change", "history"), follow=True)
    assert [entry.record_id for entry in response.context["cl"].result_list] == [str(activity.pk)]
    assert not LogEntry.objects.exists()
    entry = client.get(page_of(last_entry())).content.decode()
    assert "<th>marker</th><td>-</td><td>*</td>" in entry
    assert activity.ref in client.get("/admin/").content.decode()


# Lists


@pytest.mark.parametrize("kind", [*PLAN_KINDS, *HISTORIES, *PEOPLE_KINDS])
def test_lists_ask_no_more_questions_when_there_is_more_to_show(
    kind: str, cast: Cast, page: Page, plan: WorkPlan
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    bodies = list(SectoralBody.objects.all())

    def people(number: int, name: str) -> None:
        for place in range(number):
            user = make_person(f"{name}{place}", name="Some Body", body="SOMTC", group="Secretariat")
            ApiToken.objects.create(user=user)
            BodyAlias.objects.create(name=f"{name} {place}", body=bodies[place % len(bodies)])

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            response = client.get(list_of(kind))
            assert response.status_code == 200
        return len(asked)

    client = page(cast.administrator)
    people(2, "few")
    for activity in Activity.objects.all()[:3]:
        record(activity, cast)
    client.get(list_of(kind))
    few = questions()
    people(8, "many")
    for activity in grow(plan, 60)[:30]:
        record(activity, cast)
    assert questions() <= few <= 18


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("activity/?q=website", True),
        ("activity/?q=nonexistent", False),
        ("activity/?body=SOMTC", True),
        ("activity/?body=NOBODY", False),
        ("activity/?status__exact=not_reported", True),
        ("activity/?status__exact=completed", False),
        ("activity/?all_other_bodies_cooperate__exact=1", True),
        ("provision/?q=A.1", True),
        ("sectoralbody/?pillar__exact=socio_cultural", True),
        ("sectoralbody/?q=somtc", True),
        ("responsibility/?role__exact=lead&q=SLOM", True),
    ],
)
def test_lists_search_and_filter(address: str, found: bool, cast: Cast, page: Page) -> None:
    response = page(cast.secretariat).get(f"/admin/workplan/{address}")
    assert response.status_code == 200
    assert bool(response.context["cl"].result_count) is found


@pytest.mark.parametrize("kind", [*PLAN_KINDS, *HISTORIES, *PEOPLE_KINDS])
def test_addresses_that_make_no_sense_are_answered_without_a_crash(kind: str, cast: Cast, page: Page) -> None:
    client = page(cast.administrator)
    rows = client.get(list_of(kind)).context["cl"].result_count
    # The list as it is where the parameter says nothing, or a note on the list that the filter is none.
    for query in ("p=x", "o=99", "e=1"):
        response = client.get(f"{list_of(kind)}?{query}")
        assert (response.status_code, response.context["cl"].result_count) == (200, rows), query
    for query in ("plan__id__exact=x", "plan__id__exact=99999999999999999999", "no=1"):
        response = client.get(f"{list_of(kind)}?{query}")
        if response.status_code == 302:
            assert response["Location"].endswith(f"{list_of(kind)}?e=1"), query
        else:
            assert (query, response.status_code) != ("no=1", 200)
            assert response.context["cl"].result_count == rows, query
    assert client.get(f"{list_of(kind)}?q=%00").status_code == 400


@pytest.mark.parametrize("key", ["nonsense", "99999999999999999999", "%00", "-1"])
def test_records_that_do_not_exist_are_answered_without_a_crash(key: str, cast: Cast, page: Page) -> None:
    client = page(cast.administrator)
    for part in ("change", "delete"):
        response = client.get(f"/admin/workplan/activity/{key}/{part}/", follow=True)
        assert response.redirect_chain == [("/admin/", 302)]
        (message,) = response.context["messages"]
        assert "doesn’t exist" in str(message)
    leads_to = client.get(f"/admin/workplan/activity/{key}/history/")
    assert leads_to.status_code == 302
    # A character that no text can have is replaced before anybody reads it.
    named = key.replace("%00", "%EF%BF%BD")
    assert leads_to["Location"].endswith(f"/auditentry/?record_type__exact=activity&record_id__exact={named}")


@pytest.mark.parametrize(
    ("query", "proposed"),
    [("plan=x", {}), ("area=99999999999999999999", {}), ("period_start=x", {}), ("text=ok", {"text": ["ok"]})],
)
def test_an_address_may_propose_values_and_nonsense_is_left_out(
    query: str, proposed: dict[str, list[str]], cast: Cast, page: Page
) -> None:
    client = page(cast.secretariat)
    empty, filled = (client.get(f"/admin/workplan/activity/add/?{one}") for one in ("", query))
    assert typed(filled, csrfmiddlewaretoken="") == {**typed(empty), **proposed, "csrfmiddlewaretoken": ""}
    assert client.get("/admin/workplan/activity/add/?plan=%00").status_code == 400


# Autocompletes


@pytest.mark.parametrize(
    ("model", "field", "term", "expected"),
    [
        ("activity", "area", "A.1.1", "A.1.1 "),
        ("activity", "plan", "tip", "ASEAN"),
        ("provision", "section", "A", "A "),
        ("responsibility", "body", "somtc", "SOMTC"),
        ("responsibility", "activity", "website", "A.1.1.1"),
        ("collaborationarea", "proposed_by", "labour", "SLOM"),
    ],
)
def test_the_secretariat_finds_records_while_typing(
    model: str, field: str, term: str, expected: str, cast: Cast, page: Page
) -> None:
    query = {"app_label": "workplan", "model_name": model, "field_name": field, "term": term}
    response = page(cast.secretariat).get("/admin/autocomplete/", query)
    assert response.status_code == 200
    assert any(expected in result["text"] for result in response.json()["results"])


def test_people_are_found_while_typing_by_administrators_only(cast: Cast, page: Page) -> None:
    query = {"app_label": "workplan", "model_name": "membership", "field_name": "user", "term": "sari"}
    assert page(cast.secretariat).get("/admin/autocomplete/", query).status_code == 403
    assert page(cast.somtc).get("/admin/autocomplete/", query).status_code == 403
    results = page(cast.administrator).get("/admin/autocomplete/", query).json()["results"]
    assert [result["text"] for result in results] == ["Sari Staff"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 200),
        ({"term": "\x00"}, 400),
        ({"page": "x"}, 404),
        ({"field_name": "ref"}, 403),
        ({"model_name": "x"}, 403),
    ],
)
def test_autocompletes_answer_nonsense_without_a_crash(
    change: dict[str, str], status: int, cast: Cast, page: Page
) -> None:
    query = {"app_label": "workplan", "model_name": "activity", "field_name": "area", "term": "a", **change}
    assert page(cast.secretariat).get("/admin/autocomplete/", query).status_code == status
