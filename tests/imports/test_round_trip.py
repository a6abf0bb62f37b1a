"""A plan that was exported and is imported again is the same plan, record by record."""

import datetime
import io
import random
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.conftest import Cast
from tests.imports import seed_documents
from tests.random_plans import scattered
from workplan import rules
from workplan.imports.plan.source import words
from workplan.models import Activity, CollaborationArea, Provision, Section, WorkPlan
from workplan.models.plan import DocumentRecord

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]
AGAIN = "again"


def again(plan: WorkPlan, folder: Path, ending: str) -> WorkPlan:
    """``plan``, exported and imported as another plan."""
    file = folder / f"plan.{ending}"
    call_command("export_plan", "--plan", plan.code, "--format", ending, "--out", str(file), stdout=io.StringIO())
    period = f"{plan.period_start:%Y}-{plan.period_end:%Y}"
    options = ("--code", AGAIN, "--title", plan.title, "--period", period, "--waive", "Reports stay where they are.")
    call_command("import_plan", str(file), *options, "--yes", stdout=io.StringIO())
    return WorkPlan.objects.get(code=AGAIN)


def places(plan: WorkPlan, model: type[DocumentRecord], *names: str) -> dict[str, list[Any]]:
    """Records of a plan by their references."""
    return {one.ref: [getattr(one, name) for name in names] for one in model._default_manager.filter(plan=plan)}


def bodies(plan: WorkPlan) -> dict[str, Any]:
    """Who leads and cooperates in each activity."""
    return {
        one.ref: (
            [[part.body.acronym, part.role] for part in one.responsibilities.all()],
            one.all_other_bodies_cooperate,
        )
        for one in Activity.objects.filter(plan=plan).prefetch_related("responsibilities__body")
    }


def by_role(found: dict[str, Any]) -> dict[str, Any]:
    """``found`` with leads before those that cooperate, as files have them."""
    return {ref: (sorted(parts, key=lambda part: part[1] != "lead"), others) for ref, (parts, others) in found.items()}


def countries(plan: WorkPlan) -> dict[tuple[str, str], str]:
    return {
        (one.ref, part.body.acronym): part.lead_country
        for one in Activity.objects.filter(plan=plan)
        for part in one.responsibilities.all()
        if part.lead_country
    }


def _scattered(seed: int) -> WorkPlan:
    """A plan put together at random, in which what is tracked as an area has the words of its area."""
    made = scattered(random.Random(seed))
    for one in Activity.objects.filter(plan=made, kind=rules.AREA).select_related("area"):
        Activity.objects.filter(pk=one.pk).update(text=one.area.text)
    return made


@pytest.mark.parametrize("which", ["the real plan", 1, 2, 3, 4])
def test_a_document_comes_back_as_the_same_plan(which: Any, plan: WorkPlan, cast: Cast, tmp_path: Path) -> None:
    old = plan if isinstance(which, str) else _scattered(which)

    new = again(old, tmp_path, "docx")

    assert places(new, Section, "text") == places(old, Section, "text")
    assert places(new, Provision, "text", "marker", "notes") == places(old, Provision, "text", "marker", "notes")
    assert places(new, CollaborationArea, "text", "marker", "notes") == places(
        old, CollaborationArea, "text", "marker", "notes"
    )
    of_activity = ("text", "kind", "notes", "expected_output", "attributes")
    assert places(new, Activity, *of_activity) == places(old, Activity, *of_activity)
    assert bodies(new) == by_role(bodies(old)) and countries(new) == countries(old)
    above = {one.ref: one.parent.ref for one in old.collaborationareas.all() if one.parent}
    assert {one.ref: one.parent.ref for one in new.collaborationareas.all() if one.parent} == above
    proposed = {one.ref: sorted(body.acronym for body in one.proposed_by.all()) for one in old.collaborationareas.all()}
    assert {
        one.ref: sorted(body.acronym for body in one.proposed_by.all()) for one in new.collaborationareas.all()
    } == proposed


@pytest.mark.parametrize("which", ["the real plan", 5, 6])
def test_a_workbook_comes_back_with_all_that_it_carries(which: Any, plan: WorkPlan, tmp_path: Path) -> None:
    old = plan if isinstance(which, str) else _scattered(which)

    new = again(old, tmp_path, "xlsx")

    assert places(new, Activity, "text", "expected_output") == places(old, Activity, "text", "expected_output")
    assert bodies(new) == by_role(bodies(old))
    for model, name in ((Section, "section"), (Provision, "provision"), (CollaborationArea, "area")):
        # A row for each activity: places without any are not in it.
        with_activities = {_above(one, name).ref for one in Activity.objects.filter(plan=old)}
        expected = {ref: found for ref, found in places(old, model, "text").items() if ref in with_activities}
        assert places(new, model, "text") == expected


def _above(activity: Activity, name: str) -> Any:
    area = activity.area
    return {"area": area, "provision": area.provision, "section": area.provision.section}[name]


def test_a_document_that_libreoffice_saved_has_the_styles_that_are_read(plan: WorkPlan) -> None:
    """Styles by which references and remarks are known stay in a file of another program, under their names."""
    from workplan.exports.docx import LOOKS
    from workplan.imports.plan.word_text import OWN_REFERENCE, OWN_REMARK

    assert (LOOKS["reference"], LOOKS["muted"]) == (OWN_REFERENCE, OWN_REMARK)


@pytest.mark.parametrize("shape", seed_documents.SHAPES)
def test_the_plan_as_a_document_of_another_shape_comes_in_whole(shape: str, plan: WorkPlan, tmp_path: Path) -> None:
    file = tmp_path / "plan.docx"
    file.write_bytes(seed_documents.written(plan, shape))

    options = ("--code", AGAIN, "--title", "Again", "--period", "2016-2020")
    call_command("import_plan", str(file), *options, "--yes", stdout=io.StringIO())

    new = WorkPlan.objects.get(code=AGAIN)
    assert _words_of(new) == _words_of(plan)
    assert by_role(bodies(new)) == by_role(bodies(plan)) and countries(new) == countries(plan)
    assert new.period_end == datetime.date(2020, 12, 31)


def _words_of(plan: WorkPlan) -> dict[str, tuple[str, list[str]]]:
    """The words of each activity and area, with the remarks at it, however they are divided."""
    records = [*Activity.objects.filter(plan=plan), *CollaborationArea.objects.filter(plan=plan)]
    return {
        one.ref: (
            one.kind if isinstance(one, Activity) else "",
            sorted(words(" ".join([one.text, *one.notes]))),
        )
        for one in records
    }
