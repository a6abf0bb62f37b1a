"""Every activity of the document, with every lead and cooperating body, is found through the API."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rest_framework.test import APIClient

from workplan.models import WorkPlan

FIXTURE = Path(__file__).resolve().parents[2] / "fixtures/tip-work-plan.json"


def of_document(model: str) -> list[dict[str, Any]]:
    return [row["fields"] for row in json.loads(FIXTURE.read_text()) if row["model"] == f"workplan.{model}"]


def results(api: APIClient, path: str) -> list[dict[str, Any]]:
    answer = api.get(f"/api/v1/{path}limit=1000").json()
    assert answer["next"] is None
    found: list[dict[str, Any]] = answer["results"]
    assert answer["count"] == len(found)
    return found


def bodies_of(ref: str, role: str) -> list[str]:
    parts = [part for part in of_document("responsibility") if part["activity"][1] == ref and part["role"] == role]
    return [part["body"][0] for part in sorted(parts, key=lambda part: part["position"])]


def test_every_activity_is_there_as_the_document_has_it(plan: WorkPlan, api: Callable[..., APIClient]) -> None:
    found = results(api(), "activities/?")

    assert [row["ref"] for row in found] == [row["ref"] for row in of_document("activity")]
    for row, printed in zip(found, of_document("activity"), strict=True):
        for name in ("text", "marker", "kind", "notes", "source_lines", "reading_note", "all_other_bodies_cooperate"):
            assert row[name] == printed[name], (row["ref"], name)
        assert row["area"]["ref"] == printed["area"][1]
        assert row["lead_bodies"] == bodies_of(row["ref"], "lead")
        assert row["cooperating_bodies"] == bodies_of(row["ref"], "cooperating")
        assert (row["status"], row["expected_output"]) == ("not_reported", "")


def test_every_body_of_every_row_finds_the_row(plan: WorkPlan, api: Callable[..., APIClient]) -> None:
    for body in results(api(), "bodies/?"):
        for role in ("lead", "cooperating"):
            expected = {
                part["activity"][1]
                for part in of_document("responsibility")
                if part["body"] == [body["acronym"]] and part["role"] == role
            }
            if role == "cooperating" and body["acronym"] != "SOMTC":
                expected.add("A.5.1.1")  # "CSB: All other SB", led by SOMTC
            found = results(api(), f"activities/?body={body['acronym']}&role={role}&")
            assert {row["ref"] for row in found} == expected, (body["acronym"], role)


def test_sections_provisions_and_areas_are_there_in_the_order_of_the_document(
    plan: WorkPlan, api: Callable[..., APIClient]
) -> None:
    for path, model in (("sections", "section"), ("provisions", "provision"), ("areas", "collaborationarea")):
        found = [row["ref"] for row in results(api(), f"{path}/?plan=tip-2016-2020&")]
        assert found == [row["ref"] for row in of_document(model)]
