"""A whole plan is made of a file by the command: everything or nothing, with its source and its audit trail."""

import hashlib
import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from tests.imports import shapes
from tests.imports.word_files import Word, heading, table
from workplan.models import Activity, AuditEntry, PlanImport, WorkPlan
from workplan.monitoring import open_questions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]
CODE = "tip-2027-2031"


def run(file: Path, *options: str) -> str:
    out = io.StringIO()
    call_command("import_plan", str(file), "--code", CODE, "--title", "The next plan", *options, stdout=out)
    return out.getvalue()


@pytest.fixture
def t1(tmp_path: Path) -> Path:
    path = tmp_path / "plan.docx"
    path.write_bytes(shapes.t1().content())
    return path


def test_a_trial_shows_what_is_read_and_writes_nothing(t1: Path) -> None:
    shown = run(t1, "--dry-run")

    assert "column 3 “Proposed Programme /Project / Activities for 2016 - 2020”: Activity" in shown
    assert "B.1.1.1 a) Compilation of good practices" in shown and "lead: ACWC; cooperating: AICHR, SOMHD" in shown
    assert "Nothing was written" in shown and not WorkPlan.objects.filter(code=CODE).exists()


def test_the_plan_comes_in_with_bodies_places_notes_and_questions(t1: Path, plan: WorkPlan) -> None:
    run(t1, "--period", "2027-2031", "--predecessor", plan.code, "--edition", "Draft", "--yes")

    made = WorkPlan.objects.get(code=CODE)
    assert (made.period_start.year, made.period_end.year, made.predecessor, made.is_current) == (
        2027,
        2031,
        plan,
        False,
    )
    first = made.activitys.get(ref="B.1.2.1")
    assert first.source_cells == [[4, 3, 3]] and first.bodies_source_cells == [[4, 3, 5]]
    assert [(part.body.acronym, part.role, part.lead_country) for part in first.responsibilities.all()] == [
        ("ACWC", "lead", "Thailand"), ("AICHR", "cooperating", ""), ("SLOM", "cooperating", ""),
    ]  # fmt: skip
    assert made.collaborationareas.get(ref="C.1.1.1").parent == made.collaborationareas.get(ref="C.1.1")
    assert [body.acronym for body in made.collaborationareas.get(ref="B.1.1").proposed_by.all()] == ["ACWC"]
    assert made.activitys.get(ref="A.2.2.1").all_other_bodies_cooperate
    assert made.activitys.get(ref="C.3.1.1").kind == "area"
    asked = {question.ref for question in open_questions.of_plans([made], None) if question.kind == "reading"}
    assert "D.2.1.1" in asked and "A.1.1.4" not in asked


def test_the_file_is_kept_as_the_source_and_every_record_has_its_audit_entry(t1: Path) -> None:
    run(t1, "--yes")

    made = WorkPlan.objects.get(code=CODE)
    source = PlanImport.objects.get(plan=made)
    assert bytes(source.content) == t1.read_bytes() and source.sha256 == hashlib.sha256(t1.read_bytes()).hexdigest()
    entries = AuditEntry.objects.filter(plan=made)
    assert {entry.channel for entry in entries} == {"command"}
    assert entries.filter(action="activity.created").count() == made.activitys.count() > 20
    assert AuditEntry.objects.filter(action="planimport.imported", record_id=source.pk).exists()


def test_nothing_is_written_until_everything_is_answered(tmp_path: Path) -> None:
    path = tmp_path / "plan.docx"
    path.write_bytes(shapes.t7().content())
    years = ("--period", "2027-2031")

    with pytest.raises(CommandError, match="not everything is answered"):
        run(path, *years, "--yes")
    assert not WorkPlan.objects.filter(code=CODE).exists() and not PlanImport.objects.exists()
    run(path, *years, "--yes", "--waive", "Totals are worked out anew.")

    made = WorkPlan.objects.get(code=CODE)
    assert made.activitys.get(ref="A.1.1.1").attributes["Time frame / Q1"] == "marked by shading"
    created = AuditEntry.objects.get(action="workplan.created", plan=made)
    assert "Totals are worked out anew." in created.reason


def test_answers_come_from_a_file(tmp_path: Path) -> None:
    path, answers = tmp_path / "plan.docx", tmp_path / "answers.json"
    path.write_bytes(shapes.t6().content())
    said: dict[str, Any] = {
        "tables": {"1": {"4": "output"}},
        "bodies": {"Ministry of Labour and Social Affairs": "SLOM"},
    }
    answers.write_text(json.dumps(said))

    run(
        path,
        "--period",
        "2027-2031",
        "--answers",
        str(answers),
        "--body",
        "Other Government agencies (e.g. Police)=",
        "--yes",
    )

    first = Activity.objects.get(plan__code=CODE, ref="A.1.1.1")
    assert [part.body.acronym for part in first.responsibilities.all()] == ["SLOM"]
    assert first.expected_output == "· Number of people trained\n· Number of credits" and first.attributes == {}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--period", "2031-2027", "--yes"), "the first and the last year"),
        (("--predecessor", "nothing", "--yes"), "There is no plan “nothing”"),
        (("--body", "SLOM", "--yes"), "an equals sign"),
        ((), "Add --yes"),
    ],
)
def test_what_cannot_be_is_refused(t1: Path, options: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        run(t1, *options)
    assert not PlanImport.objects.exists()


@pytest.mark.parametrize(
    ("written", "words"),
    [("{", "is no JSON"), ("[]", "has to hold an object"), ('{"bodies": {}}', "Add --yes")],
)
def test_a_file_of_answers_is_an_object_of_json(t1: Path, tmp_path: Path, written: str, words: str) -> None:
    answers = tmp_path / "answers.json"
    answers.write_text(written)
    with pytest.raises(CommandError, match=words):
        run(t1, "--answers", str(answers))


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"cannot be read: No such file"):
        run(tmp_path / "nothing.docx", "--yes")
    broken = tmp_path / "broken.docx"
    broken.write_bytes(b"no archive")
    with pytest.raises(CommandError, match=r"is called \.docx but is none"):
        run(broken, "--yes")


def test_somebody_at_a_terminal_is_asked(t1: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["", "y"])
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("builtins.input", lambda question: next(answers))

    assert "Nothing was written." in run(t1) and not PlanImport.objects.exists()
    assert "was made of plan.docx" in run(t1)


def test_a_file_that_names_no_period_needs_one(tmp_path: Path) -> None:
    path = tmp_path / "plan.docx"
    word = Word().add(
        table([heading("Areas of collaboration", "Activities"), ["Media", "Print posters"]], [2000, 2000])
    )
    path.write_bytes(word.content())

    with pytest.raises(CommandError, match=r"--period 2027-2031\. The file names: none"):
        run(path, "--yes")
    assert "lead: " in run(path, "--period", "2027-2031", "--yes") or Activity.objects.filter(plan__code=CODE).exists()


def test_a_code_that_is_taken_is_refused(t1: Path, plan: WorkPlan) -> None:
    run(t1, "--yes")

    with pytest.raises(CommandError, match="taken by another plan"):
        run(t1, "--yes")


def test_a_plan_without_activities_is_refused_with_its_tables(tmp_path: Path) -> None:
    path = tmp_path / "form.docx"
    path.write_bytes(shapes.t9().content())

    with pytest.raises(CommandError, match="not everything is answered"):
        run(path, "--period", "2027-2031", "--yes")


def test_other_columns_are_kept_shown_filtered_and_exported(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "plan.docx"
    path.write_bytes(shapes.t7().content())
    run(path, "--period", "2027-2031", "--yes", "--waive", "Totals are worked out anew.")

    page = client.get(f"/plans/{CODE}/activities/A.1.1.2/").content.decode()
    assert "Monitoring framework / Expenditures" in page and "4,200" in page and "table 1, row 4, cell 2" in page
    found = client.get("/api/v1/activities/", {"plan": CODE, "attribute": "Monitoring framework / Expenditures"}).json()
    assert [one["ref"] for one in found["results"]] == ["A.1.1.2"]
    assert found["results"][0]["attributes"]["Time frame / Q4"] == "x"
    rows = client.get(f"/plans/{CODE}/data.ndjson?columns=ref,attributes").getvalue().decode().splitlines()
    marked = dict.fromkeys(("Time frame / Q1", "Time frame / Q2"), "marked by shading")
    assert json.loads(rows[0]) == {"ref": "A.1.1.1", "attributes": {"Budget": "10,000"} | marked}
    csv = client.get(f"/plans/{CODE}/data.csv?columns=ref,attributes&attribute=Budget").getvalue().decode()
    assert "Budget: 10,000\nTime frame / Q1: marked by shading" in csv
    assert "A.1.1.2" not in client.get(f"/plans/{CODE}/activities/?attribute=Time+frame+/+Q1").content.decode()
