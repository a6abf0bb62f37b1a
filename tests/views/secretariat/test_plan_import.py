"""The pages on which the secretariat makes a plan of a file."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.conftest import Cast
from tests.imports import shapes
from tests.imports.workbooks_of_plans import t13
from workplan.imports.plan.template import template
from workplan.models import AuditEntry, PlanImport, WorkPlan

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]
CODE = "tip-2027-2031"
PLAN = {
    "code": CODE,
    "title": "The next plan",
    "first_year": "2027",
    "last_year": "2031",
    "edition": "",
    "predecessor": "",
}


@pytest.fixture
def secretariat(client: Client, cast: Cast) -> Client:
    client.force_login(cast.secretariat)
    return client


def send(client: Client, content: bytes, name: str = "plan.docx", **changes: str) -> PlanImport:
    file = SimpleUploadedFile(name, content)
    answer = client.post("/plans/import/", {**PLAN, "file": file, **changes})
    assert answer.status_code == 302, re.sub(r"<[^>]+>|\s+", " ", answer.content.decode())[:3000]
    return PlanImport.objects.latest("pk")


def answers(pending: PlanImport, do: str, **said: str) -> dict[str, str]:
    return {**PLAN, "version": str(PlanImport.objects.get(pk=pending.pk).version), "do": do, **said}


def test_a_file_is_shown_and_then_imported_with_its_audit_trail(secretariat: Client, cast: Cast) -> None:
    content = shapes.t1().content()
    pending = send(secretariat, content)
    shown = secretariat.get(f"/plans/import/{pending.pk}/").content.decode()
    assert "All questions are answered" in shown and "Compilation of good practices" in shown
    assert not WorkPlan.objects.filter(code=CODE).exists()

    answer = secretariat.post(f"/plans/import/{pending.pk}/", answers(pending, "import"))

    assert answer["Location"] == f"/plans/{CODE}/"
    made = WorkPlan.objects.get(code=CODE)
    entries = AuditEntry.objects.filter(plan=made, action="activity.created")
    assert entries.count() == made.activitys.count() and {entry.actor for entry in entries} == {cast.secretariat}
    assert {entry.channel for entry in entries} == {"import"} and len({entry.request_id for entry in entries}) == 1
    assert secretariat.get(f"/plans/{CODE}/").status_code == 200
    kept = secretariat.get(f"/plans/import/{pending.pk}/file/")
    assert kept.content == content
    assert "The next plan" in secretariat.get(f"/plans/import/{pending.pk}/").content.decode()


def test_names_and_cells_are_answered_on_the_page_before_it_can_be_imported(secretariat: Client) -> None:
    pending = send(secretariat, shapes.t6().content())
    path = f"/plans/import/{pending.pk}/"

    refused = secretariat.post(path, answers(pending, "import"))
    assert refused.status_code == 400 and "not known bodies" in refused.content.decode()
    secretariat.post(path, answers(pending, "answer", **{"body-0": "SLOM", "t1-c4": "output"}))
    assert PlanImport.objects.get(pk=pending.pk).answers["bodies"] == {"Ministry of Labour and Social Affairs": "SLOM"}
    fields = re.findall(r'name="(body-\d)" id="body-\d"', secretariat.get(path).content.decode())
    said = dict(zip(sorted(fields), ("none", "SLOM"), strict=True))
    secretariat.post(path, answers(pending, "import", **said, **{"t1-c4": "output"}))

    made = WorkPlan.objects.get(code=CODE)
    first = made.activitys.get(ref="A.1.1.1")
    assert [part.body.acronym for part in first.responsibilities.all()] == ["SLOM"]
    assert "Named among the bodies, and none of them: Other Government agencies (e.g. Police)" in first.notes


def test_each_cell_that_is_left_is_assigned_or_waived(secretariat: Client) -> None:
    pending = send(secretariat, shapes.t7().content())
    path = f"/plans/import/{pending.pk}/"
    shown = secretariat.get(path).content.decode()
    assert 'name="note-1.5.1"' in shown and "Import this plan" not in shown

    left = {"note-1.5.1": "a.1.1", "waive-1.5.8": "A total."}
    still = secretariat.post(path, answers(pending, "import", **left))
    assert still.status_code == 400
    secretariat.post(path, answers(pending, "import", **left, waive="Worked out anew."))

    made = WorkPlan.objects.get(code=CODE)
    assert "Total output 1" in made.collaborationareas.get(ref="A.1.1").notes
    assert "A total." in AuditEntry.objects.get(action="workplan.created", plan=made).reason


def test_the_template_is_read_with_its_example(secretariat: Client) -> None:
    content = secretariat.get("/plans/import/template.xlsx").content
    assert len(content) == len(template())
    pending = send(secretariat, content, "template.xlsx")

    secretariat.post(
        f"/plans/import/{pending.pk}/", answers(pending, "import", waive="It says how the template is filled in.")
    )

    one = WorkPlan.objects.get(code=CODE).activitys.get()
    assert (one.ref, one.marker, one.area.provision.section.text) == (
        "A.1.1.1",
        "1.10",
        "Prevention of trafficking in persons",
    )
    assert one.attributes == {"Timeline": "2027-2028"}


def test_two_people_do_not_overwrite_each_other(secretariat: Client) -> None:
    pending = send(secretariat, t13(), "plan.xlsx")
    path = f"/plans/import/{pending.pk}/"
    first = answers(pending, "answer", waive="Not of the plan.")
    secretariat.post(path, first)

    second = secretariat.post(path, {**first, "waive": "Another reason."})

    assert second.status_code == 400 and "Somebody else has changed this" in second.content.decode()
    assert PlanImport.objects.get(pk=pending.pk).answers["waive"] == "Not of the plan."


def test_a_discarded_file_is_kept_no_longer(secretariat: Client) -> None:
    pending = send(secretariat, shapes.t3().content())

    secretariat.post(f"/plans/import/{pending.pk}/", answers(pending, "discard"))

    pending.refresh_from_db()
    assert (pending.state, bytes(pending.content)) == ("discarded", b"")
    assert secretariat.get(f"/plans/import/{pending.pk}/file/").status_code == 404
    again = secretariat.post(f"/plans/import/{pending.pk}/", answers(pending, "import"))
    assert again.status_code == 200 and not WorkPlan.objects.filter(code=CODE).exists()


@pytest.mark.parametrize(
    ("content", "name", "changes", "words"),
    [
        (b"", "plan.docx", {}, "The file is empty"),
        (b"%PDF-1.7", "plan.pdf", {}, "A PDF has no tables"),
        (shapes.t1().content(), "plan.xlsx", {}, "holds a Word document"),
        (shapes.t1().content(), "plan.docx", {"last_year": "2026"}, "before the first"),
        (shapes.t1().content(), "plan.docx", {"code": "tip-2016-2020"}, "taken by another plan"),
        (shapes.t1().content(), "plan.docx", {"code": "import"}, "the address of another page"),
    ],
)
def test_what_cannot_be_read_is_refused_beside_its_field(
    secretariat: Client, content: bytes, name: str, changes: dict[str, str], words: str
) -> None:
    answer = secretariat.post("/plans/import/", {**PLAN, **changes} | {
        "file": SimpleUploadedFile(name, content)
    })  # fmt: skip

    assert answer.status_code == 400 and words in answer.content.decode()
    assert not PlanImport.objects.exists()


def test_nobody_else_imports_plans(client: Client, cast: Cast) -> None:
    assert client.get("/plans/import/")["Location"].startswith("/accounts/login/")
    client.force_login(cast.somtc)
    assert client.get("/plans/import/").status_code == 403
