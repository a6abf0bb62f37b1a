"""Every file has the rows and values that the API returns for the same filters and the same date."""

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tests.conftest import Cast
from tests.exports.files import fetch, nested, pdf_text, read_data, status_words, word_rows
from tests.random_history import RandomHistory
from tests.workbooks import cells
from workplan import rules
from workplan.columns import DATA, text_of
from workplan.exports.csv import original_text
from workplan.exports.document import first_sentence
from workplan.models import AuditEntry

Page = Callable[..., Client]
Api = Callable[..., APIClient]
DAY_ZERO = datetime.date(1899, 12, 30)  # from which workbooks count days (ECMA-376, part 1, section 18.17.4.1)
REF = re.compile(r"[A-D](?:\.\d+)+")
QUERIES = ("", "section=A&status=ongoing", "body=SOMTC&role=lead&as_of={then}", "q=training&ordering=-status")


def rows_of_the_api(client: APIClient, path: str, query: str) -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/{path}/?plan=tip-2016-2020&limit=1000&{query}").json()
    assert "results" in answer, answer
    found: list[dict[str, Any]] = answer["results"]
    return found


def queries(history: RandomHistory) -> list[str]:
    then = history.pages[len(history.pages) // 2][0].astimezone(datetime.UTC)
    return [query.format(then=f"{then:%Y-%m-%dT%H:%M:%S.%fZ}") for query in QUERIES]


def expected(value: Any, ending: str, name: str) -> Any:
    """What a file of this kind holds for a value of the API."""
    if ending == "csv":
        return text_of(value)
    if ending == "xlsx":
        if isinstance(value, str) and name.endswith("as_of") and value:
            return (datetime.date.fromisoformat(value) - DAY_ZERO).days
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return value if is_number else text_of(value) or None
    return value


def found_in(row: dict[str, Any], ending: str, name: str) -> Any:
    if ending == "csv":
        return original_text(row[name])
    if ending == "xlsx":
        return row[name] or (row[name] if row[name] == 0 else None)
    return nested(row, name)


@pytest.mark.parametrize("ending", ["csv", "xlsx", "ndjson", "json"])
def test_data_files_equal_the_api(history: RandomHistory, cast: Cast, page: Page, api: Api, ending: str) -> None:
    for person in (cast.visitor, cast.somtc):
        client, program = page(person), api(person)
        for kind, path, asked in (
            ("activities", "activities", queries(history)),
            ("updates", "updates", ["", "body=SOMTC", queries(history)[2].split("&")[-1]]),
        ):
            for query in asked:
                wanted = rows_of_the_api(program, path, query)
                found = read_data(fetch(client, f"data.{ending}?type={kind}&{query}"), ending)
                assert len(found) == len(wanted)
                for row, one in zip(found, wanted, strict=True):
                    for column in DATA[kind]:
                        if column.names_people and person == cast.visitor:
                            continue
                        value = expected(nested(one, column.name), ending, column.name)
                        assert found_in(row, ending, column.name) == value, (column.name, query)
                assert wanted, query


@pytest.mark.parametrize("ending", ["csv", "xlsx", "ndjson", "json"])
def test_bodies_and_responsibilities_equal_the_api(history: RandomHistory, page: Page, api: Api, ending: str) -> None:
    for query in queries(history)[:3]:
        wanted = api().get(f"/api/v1/summary/?plan=tip-2016-2020&{query}").json()["by_body"]
        found = read_data(fetch(page(), f"data.{ending}?type=bodies&{query}"), ending)
        names = [
            "acronym",
            "name",
            "lead",
            "cooperating",
            "count",
            *(f"by_status.{one.value}" for one in rules.STATUSES),
        ]
        assert [[found_in(row, ending, name) for name in names] for row in found] == [
            [expected(nested(one, name), ending, name) for name in names] for one in wanted
        ]

        activities = rows_of_the_api(api(), "activities", query)
        named = [
            [one["ref"], body, role, one["status"]]
            for one in activities
            for role in ("lead", "cooperating")
            for body in one[f"{role}_bodies"]
        ]
        parts = read_data(fetch(page(), f"data.{ending}?type=responsibilities&{query}"), ending)
        names = ["activity.ref", "body", "role", "activity.status"]
        assert sorted([found_in(row, ending, name) for name in names] for row in parts) == sorted(named)


def test_the_audit_trail_is_whole_and_for_the_secretariat(history: RandomHistory, cast: Cast, page: Page) -> None:
    entries = AuditEntry.objects.filter(plan=history.plan, channel="page").order_by("-id")

    found = read_data(fetch(page(cast.secretariat), "data.json?type=audit&channel=page"), "json")

    assert [(row["action"], row["record_id"]) for row in found] == list(entries.values_list("action", "record_id"))
    assert len(found) > 50
    assert page(cast.somtc).get("/plans/tip-2016-2020/data.csv?type=audit").status_code == 403
    assert page().get("/plans/tip-2016-2020/data.csv?type=audit").status_code == 302


def test_the_matrix_has_the_rows_and_statuses_of_the_api_in_every_format(
    history: RandomHistory, page: Page, api: Api
) -> None:
    for query in queries(history)[:3]:
        wanted = rows_of_the_api(api(), "activities", query)
        refs = [one["ref"] for one in wanted]

        heading, *sheet = cells(fetch(page(), f"matrix.xlsx?{query}"))["Matrix"]
        place = {label: number for number, label in enumerate(heading)}
        for row, one in zip(sheet, wanted, strict=True):
            assert row[place["Ref"]] == one["ref"]
            assert row[place["Activity"]] == one["text"]
            assert row[place["Status"]] == one["status_label"]
            assert row[place["Status as at"]] == one["status_as_of"]
            assert row[place["Progress"]] == ((one["latest_update"] or {}).get("narrative") or None)

        written = [row for row in word_rows(fetch(page(), f"matrix.docx?{query}"), 6) if REF.match(row[2])]
        assert [row[2].split()[0] for row in written] == refs
        for row, one in zip(written, wanted, strict=True):
            status, *rest = row[5].split("\n")
            assert status == status_words(one["status"])
            if one["latest_update"]:
                assert one["latest_update"]["reported_by"] in rest[0]
                assert rest[1] == first_sentence(one["latest_update"]["narrative"])
            assert row[4].split("\n")[: len(one["lead_bodies"])] == one["lead_bodies"] or "(" in row[4]

        read = pdf_text(fetch(page(), f"matrix.pdf?{query}"))
        found = [ref for ref in REF.findall(read) if ref in refs]
        assert list(dict.fromkeys(found)) == refs


def test_the_changes_edition_has_the_rows_of_the_comparison(history: RandomHistory, page: Page, api: Api) -> None:
    earlier, later = (history.pages[place][0].astimezone(datetime.UTC) for place in (3, -1))
    ends = "&".join(f"{name}={at:%Y-%m-%dT%H:%M:%S.%fZ}" for name, at in (("from", earlier), ("to", later)))
    answer = api().get(f"/api/v1/compare/?plan=tip-2016-2020&moved=all&limit=1000&{ends}").json()
    groups: dict[str, list[str]] = {}
    for one in answer["results"]:
        group = rules.change_group(one["before"]["status"], one["after"]["status"])
        groups.setdefault(rules.CHANGE_GROUPS.label(group), []).append(one["ref"])
    stayed = groups.pop(rules.CHANGE_GROUPS.label(rules.STAYED))
    wanted = [(term.label, ref) for term in rules.CHANGE_GROUPS for ref in groups.get(term.label, [])]

    sheets = cells(fetch(page(), f"changes.xlsx?{ends}"))
    assert [(row[0], row[1]) for row in sheets["Changes"][1:]] == wanted
    assert len(wanted) + len(stayed) == answer["count"]
    assert len(groups) > 3

    read = fetch(page(), f"changes.docx?{ends}")
    changed = [row for row in word_rows(read, 6) if REF.match(row[0])]
    statuses = {one["ref"]: one for one in answer["results"]}
    not_reported = rules.CHANGE_GROUPS.label(rules.STILL_NOT_REPORTED)
    assert [row[0].split()[0] for row in changed] == [ref for group, ref in wanted if group != not_reported]
    for row in changed:
        one = statuses[row[0].split()[0]]
        assert row[2] == status_words(one["before"]["status"])
        assert row[3].split("\n")[0] == status_words(one["after"]["status"])
    in_pdf = REF.findall(pdf_text(fetch(page(), f"changes.pdf?{ends}")))
    assert list(dict.fromkeys(ref for ref in in_pdf if ref in statuses))[: len(changed)] == [
        ref for group, ref in wanted if group != not_reported
    ]


def test_the_report_of_a_body_has_its_activities_by_role(history: RandomHistory, page: Page, api: Api) -> None:
    wanted = [
        one["ref"]
        for role in ("lead", "cooperating")
        for one in rows_of_the_api(api(), "activities", f"body=SOMTC&role={role}")
    ]

    rows = word_rows(fetch(page(), "bodies/SOMTC/report.docx"), 4)
    read = pdf_text(fetch(page(), "bodies/somtc/report.pdf".replace("somtc", "SOMTC")))

    assert [row[0].split()[0] for row in rows if REF.match(row[0])] == wanted
    assert [ref for ref in dict.fromkeys(REF.findall(read)) if ref in wanted] == list(dict.fromkeys(wanted))
