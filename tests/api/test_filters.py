"""Which rows the API gives: the same filters as the pages, and nothing that is quietly ignored."""

import datetime
from collections.abc import Iterable
from typing import Any

import pytest

from workplan.actions import Actor, EvidenceItem, Report, record_status
from workplan.filters.activities import ActivityFilterSet
from workplan.models import Activity, WorkPlan


def refs(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.json()
    return [row["ref"] for row in answer.json()["results"]]


def in_order(rows: Iterable[Activity]) -> list[str]:
    return [row.ref for row in sorted(rows, key=lambda row: row.position)]


def test_a_repeated_parameter_means_or(plan: WorkPlan, api: Any) -> None:
    both = refs(api().get("/api/v1/activities/?section=A&section=C&limit=1000"))
    assert both == [
        *refs(api().get("/api/v1/activities/?section=A&limit=1000")),
        *refs(api().get("/api/v1/activities/?section=C&limit=1000")),
    ]


def test_an_area_brings_the_areas_under_it(plan: WorkPlan, api: Any) -> None:
    child = Activity.objects.filter(plan=plan, area__parent__isnull=False).earliest("position")
    above = child.area.parent
    assert above is not None
    assert child.ref in refs(api().get(f"/api/v1/activities/?area={above.ref}&limit=1000"))


@pytest.mark.parametrize("spelling", ["SOM-ED", "SOMED", "som- ed"])
def test_a_body_is_understood_in_any_spelling(plan: WorkPlan, api: Any, spelling: str) -> None:
    rows = Activity.objects.filter(plan=plan, responsibilities__body__acronym="SOM-ED", responsibilities__role="lead")
    found = api().get("/api/v1/activities/", {"body": spelling, "role": "lead", "limit": 1000})
    assert refs(found) == in_order(rows)


def test_a_body_cooperates_where_all_other_bodies_do(plan: WorkPlan, api: Any) -> None:
    activity = Activity.objects.filter(plan=plan, all_other_bodies_cooperate=True).earliest("position")
    named = {entry.body.acronym for entry in activity.responsibilities.select_related("body")}
    for body in {"SOMTC", "ACWC", "AICHR", "SLOM", "SOM-ED"} - named:
        assert activity.ref in refs(api().get(f"/api/v1/activities/?body={body}&role=cooperating&limit=1000"))


def test_rows_are_found_by_reference_kind_and_words(plan: WorkPlan, api: Any) -> None:
    assert refs(api().get("/api/v1/activities/?ref=A.1.1.1&ref=A.1.1.2")) == ["A.1.1.1", "A.1.1.2"]
    assert refs(api().get("/api/v1/activities/?ref=Z.9")) == []
    areas = Activity.objects.filter(plan=plan, kind="area")
    assert refs(api().get("/api/v1/activities/?kind=area&limit=1000")) == in_order(areas)
    words = refs(api().get("/api/v1/activities/?q=website+UPLOADING"))
    assert words == ["A.1.1.1"]


def test_rows_come_in_the_order_asked_for(plan: WorkPlan, api: Any) -> None:
    rows = refs(api().get("/api/v1/activities/?limit=1000"))
    assert rows == in_order(Activity.objects.filter(plan=plan))
    assert refs(api().get("/api/v1/activities/?ordering=-ref&limit=1000")) == rows[::-1]
    assert refs(api().get("/api/v1/sections/?ordering=-ref")) == ["D", "C", "B", "A"]


def test_programs_that_keep_in_step_ask_what_has_changed(plan: WorkPlan, api: Any) -> None:
    assert refs(api().get("/api/v1/activities/?updated_since=2199-01-01")) == []
    assert len(refs(api().get("/api/v1/activities/?updated_since=2000-01-01T00:00:00Z&limit=1000"))) > 0


def test_only_the_secretariat_finds_reports_in_the_making(plan: WorkPlan, cast: Any, api: Any) -> None:
    for user in (cast.visitor, cast.newcomer, cast.somtc, cast.secretariat):
        assert refs(api(user).get("/api/v1/activities/?report_state=submitted")) == []


def test_parts_of_the_document_are_filtered_by_what_they_stand_in(plan: WorkPlan, api: Any) -> None:
    assert all(ref.startswith("B.") for ref in refs(api().get("/api/v1/provisions/?section=B")))
    assert all(ref.startswith("B.1.") for ref in refs(api().get("/api/v1/areas/?provision=B.1")))
    found = api().get("/api/v1/bodies/?pillar=socio_cultural&q=education").json()
    assert [body["acronym"] for body in found["results"]] == ["SOM-ED"]


REFUSED = [
    ("activities/", "sttus=ongoing", "sttus"),
    ("activities/", "sttus=", "sttus"),
    ("activities/", "status=done", "status"),
    ("activities/", "section=Q", "section"),
    ("activities/", "section=a", "section"),
    ("activities/", "area=1", "area"),
    ("activities/", "body=UN", "body"),
    ("activities/", "role=boss", "role"),
    ("activities/", "kind=row", "kind"),
    ("activities/", "plan=other", "plan"),
    ("activities/", "timeliness=early", "timeliness"),
    ("activities/", "report_state=lost", "report_state"),
    ("activities/", "q=" + "x" * 201, "q"),
    ("activities/", "q=%00", "q"),
    ("activities/", "q=a&q=b", "q"),
    ("activities/", "updated_since=yesterday", "updated_since"),
    ("activities/", "updated_since=2018-02-30", "updated_since"),
    ("activities/", "updated_since=9999-12-31", "updated_since"),
    ("activities/", "ordering=colour", "ordering"),
    ("activities/", "ordering=ref,-ref", "ordering"),
    ("activities/", "ordering=ref&ordering=status", "ordering"),
    ("activities/", "status_as_of__gte=2018", "status_as_of__gte"),
    ("activities/", "status_as_of__gte=2018-02-30", "status_as_of__gte"),
    ("activities/", "status_as_of__lte=2018-01-01T00:00:00Z", "status_as_of__lte"),
    ("activities/", "status_as_of__lte=2018-01-01&status_as_of__lte=2018-01-02", "status_as_of__lte"),
    ("activities/", "expected_output__empty=1", "expected_output__empty"),
    ("activities/", "limit=0", "limit"),
    ("activities/", "limit=1001", "limit"),
    ("activities/", "limit=-1", "limit"),
    ("activities/", "limit=ten", "limit"),
    ("activities/", "limit=", "limit"),
    ("activities/", "limit=%D9%A1", "limit"),
    ("activities/", "limit=1&limit=2", "limit"),
    ("activities/", "limit=" + "9" * 5000, "limit"),
    ("activities/", "offset=-1", "offset"),
    ("activities/", "offset=1e3", "offset"),
    ("activities/", "offset=99999999999999999999", "offset"),
    ("activities/", "format=xml", "format"),
    ("activities/1/", "status=ongoing", "status"),
    ("activities/", "page=2", "page"),
    ("summary/", "limit=5", "limit"),
    ("plans/", "code=x", "code"),
    ("bodies/", "pillar=stone", "pillar"),
    ("updates/", "state=lost", "state"),
    ("schema/", "lang=xx", "lang"),
]


@pytest.mark.parametrize(("address", "query", "parameter"), REFUSED)
def test_what_cannot_be_meant_is_refused_by_name(
    plan: WorkPlan, api: Any, address: str, query: str, parameter: str
) -> None:
    answer = api().get(f"/api/v1/{address}?{query}")
    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == [parameter]


def test_format_json_changes_nothing(plan: WorkPlan, api: Any) -> None:
    asked = api().get("/api/v1/sections/?format=json")
    assert asked.json()["results"] == api().get("/api/v1/sections/").json()["results"]


def test_beyond_the_last_row_there_is_nothing(plan: WorkPlan, api: Any) -> None:
    beyond = api().get("/api/v1/activities/?offset=1000000000").json()
    assert (beyond["results"], beyond["next"]) == ([], None)
    assert beyond["count"] == Activity.objects.count()


def test_two_requests_share_nothing_of_their_filters(plan: WorkPlan) -> None:
    """What a filter is told of its request, such as who asks for a saved view, never reaches that of somebody else."""
    first, second = (ActivityFilterSet({}) for _ in range(2))
    assert first.form and second.form

    assert first.filters["view"].extra["around"] is first
    assert second.filters["view"].extra["around"] is second
    assert "around" not in ActivityFilterSet.base_filters["view"].extra


@pytest.mark.parametrize(
    "address",
    ["plans", "sections", "provisions", "areas", "bodies", "activities", "updates", "contributions", "rounds", "views"],
)
def test_every_list_tells_what_has_changed_since_and_takes_one_order(
    plan: WorkPlan, reporting_round: Any, cast: Any, api: Any, address: str
) -> None:
    program = api(cast.secretariat)
    query, moment = {"limit": 1000, "ordering": "-updated_at"}, datetime.datetime.fromisoformat
    rows = program.get(f"/api/v1/{address}/", query).json()["results"]
    for since in {row["updated_at"] for row in rows[:3]} | {"2001-01-01T00:00:00Z", "2099-01-01T00:00:00Z"}:
        found = program.get(f"/api/v1/{address}/", query | {"updated_since": since}).json()
        assert found["results"] == [row for row in rows if moment(row["updated_at"]) >= moment(since)]

    twice = program.get(f"/api/v1/{address}/?ordering=updated_at&ordering=-updated_at")
    assert twice.status_code == 400
    how = "Give ordering once only, with its columns separated by commas: ordering=updated_at,-updated_at."
    assert twice.json()["error"]["fields"] == {"ordering": [how]}


def test_statuses_of_certain_days_are_listed(plan: WorkPlan, cast: Any, api: Any) -> None:
    by = Actor(cast.secretariat, "command")
    days = {"A.1.1.1": (2018, 1, 31), "A.1.1.2": (2018, 6, 30), "A.1.1.4": (2018, 7, 1)}
    for ref, day in days.items():
        activity = Activity.objects.get(ref=ref)
        evidence = (EvidenceItem("Minutes", "https://example.org"),)
        report = Report("ongoing", datetime.date(*day), "Begun.", evidence=evidence)
        record_status(activity=activity, version=activity.version, report=report, by=by)

    def listed(query: str) -> list[str]:
        return refs(api().get(f"/api/v1/activities/?{query}"))

    assert listed("status_as_of__gte=2018-06-30") == ["A.1.1.2", "A.1.1.4"]
    assert listed("status_as_of__lte=2018-06-30") == ["A.1.1.1", "A.1.1.2"]
    assert listed("status_as_of__gte=2018-02-01&status_as_of__lte=2018-06-30") == ["A.1.1.2"]
    # As of a day on which nothing was approved yet there is no status of any day.
    assert listed("status_as_of__gte=2018-01-01&as_of=2018-12-31") == []
    assert len(listed("status_as_of__gte=&limit=1000")) == Activity.objects.count()


def test_what_has_no_expected_output_is_listed(plan: WorkPlan, api: Any) -> None:
    Activity.objects.filter(ref="A.1.1.4").update(expected_output="A module")
    assert refs(api().get("/api/v1/activities/?expected_output__empty=false")) == ["A.1.1.4"]
    without = refs(api().get("/api/v1/activities/?expected_output__empty=true&limit=1000"))
    assert len(without) == Activity.objects.count() - 1 and "A.1.1.4" not in without
    both = api().get("/api/v1/activities/?expected_output__empty=true&expected_output__empty=false").json()
    assert both["count"] == Activity.objects.count()
