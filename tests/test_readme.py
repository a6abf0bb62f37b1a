"""What the README names exists, and what exists is named there."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands
from django.urls import Resolver404, resolve

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
SETTINGS = (ROOT / "apta/settings.py").read_text()


def test_every_setting_is_documented_and_no_other() -> None:
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs/operating.md").read_text(), re.M))
    read = set(re.findall(r'"((?:APTA_|DATABASE_)[A-Z_]+)"', SETTINGS)) - {"APTA_"}

    assert documented == read


def test_every_path_it_names_is_there() -> None:
    named = set(re.findall(r"`((?:apta|workplan|templates|fixtures|tests|docs)/[\w./-]*)`", README))
    named |= set(re.findall(r"\]\((docs/[\w./-]+)\)", README))

    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_room_of_the_app_is_on_the_tour() -> None:
    rooms = {path.name for path in (ROOT / "workplan").iterdir() if not path.name.startswith("_")}
    unnamed = {"apps.py", "urls.py", "management", "migrations", "static", "templatetags"}
    named = {Path(path).name for path in re.findall(r"`(workplan/[\w./-]+)`", README)}

    assert rooms - unnamed <= named


def test_every_make_target_and_command_it_names_is_there() -> None:
    targets = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(), re.M))
    commands = set(get_commands())

    assert set(re.findall(r"\bmake ([a-z]+)\b(?!\w)", README)) - {"run"} <= targets
    assert set(re.findall(r"manage\.py ([a-z_]+)", README)) <= commands


def test_every_address_it_names_leads_somewhere() -> None:
    named = set(re.findall(r"http://127\.0\.0\.1:8000(/[\w./-]*)", README)) | set(re.findall(r"`(/[\w./-]+/)`", README))
    named |= {
        f"/api/v1/{name}/" for name in re.findall(r"`([a-z]+)/`", README.split("Resources:")[1].split("Lists")[0])
    }
    lost = []
    for address in named:
        try:
            match = resolve(address)
        except Resolver404:
            lost.append(address)
        else:
            assert match.url_name or address == "/api/v1/", address

    assert lost == []


@pytest.mark.django_db
def test_its_example_of_an_activity_is_what_the_api_answers(plan: Any, api: Any) -> None:
    example = json.loads(re.search(r"```json\n(\{\"count\".*?)```", README, re.S)[1])["results"][0]  # type: ignore[index]
    answered = api().get("/api/v1/activities/?ref=A.1.1.4").json()["results"][0]

    assert list(example) == list(answered)
    of_the_moment = {"id", "url", "html_url", "updated_at", "provision"}
    assert {k: v for k, v in example.items() if k not in of_the_moment} == {
        k: v for k, v in answered.items() if k not in of_the_moment
    }


@pytest.mark.django_db
def test_its_example_of_a_refusal_is_what_the_api_answers(plan: Any, api: Any) -> None:
    example = json.loads(re.search(r"```json\n(\{\"error\": \{\"code\": \"invalid\".*?)```", README, re.S)[1])  # type: ignore[index]

    assert api().get("/api/v1/activities/?status=done").json() == example


def test_the_accounts_it_names_are_those_of_the_demo() -> None:
    bodies = json.loads((ROOT / "fixtures/bodies.json").read_text())
    acronyms = [row["fields"]["acronym"] for row in bodies if row["model"] == "workplan.sectoralbody"]

    for acronym in acronyms:
        assert f"`{acronym.lower().replace('-', '')}`" in README
