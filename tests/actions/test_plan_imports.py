"""Making a plan of a file: all of it or nothing, with a reason that names the record."""

import datetime
from typing import Any

import pytest

from tests.conftest import Cast
from workplan import actions, rules
from workplan.actions import Actor, NewRecord
from workplan.exceptions import Invalid, NotAllowed, Refusal, Stale, WrongState
from workplan.models import Activity, AuditEntry, PlanImport, Section, WorkPlan

VALUES = {
    "code": "next",
    "title": "The next plan",
    "period_start": datetime.date(2021, 1, 1),
    "period_end": datetime.date(2025, 12, 31),
}
SECTION = NewRecord("section", "A", "", {"text": "Prevention"})
PROVISION = NewRecord("provision", "A.1", "A", {"text": "Awareness"})
AREA = NewRecord("area", "A.1.1", "A.1", {"text": "Media"}, [("ACWC", "", "")])
OF_NOBODY = NewRecord("area", "A.1.1", "A.1", {"text": "x"}, [("NOBODY", "", "")])
INNER = NewRecord("area", "A.1.1.1", "A.1.1", {"text": "Radio"})
ACTIVITY = NewRecord("activity", "A.1.1.1.1", "A.1.1.1", {"text": "Broadcast"}, [("SOMTC", "lead", "Laos")])


def by(user: Any) -> Actor:
    return Actor(user, "page", "r")


@pytest.fixture
def pending(plan: WorkPlan, cast: Cast) -> PlanImport:
    return actions.begin_plan_import(
        file_name="plan.docx", kind="docx", content=b"x", values=VALUES, by=by(cast.secretariat)
    )


def imported(pending: PlanImport, user: Any, *records: NewRecord, version: int = 1) -> WorkPlan:
    return actions.import_plan(pending=pending, version=version, records=records, reason="All read.", by=by(user))


def test_areas_stand_under_areas_whatever_the_order_of_the_records(pending: PlanImport, cast: Cast) -> None:
    plan = imported(pending, cast.secretariat, SECTION, PROVISION, INNER, AREA, ACTIVITY)

    activity = Activity.objects.get(plan=plan)
    assert activity.area.parent is not None and activity.area.parent.ref == "A.1.1"
    assert activity.area.provision.ref == "A.1"
    assert [body.acronym for body in activity.area.parent.proposed_by.all()] == ["ACWC"]
    [part] = activity.responsibilities.all()
    assert (part.body.acronym, part.role, part.lead_country) == ("SOMTC", "lead", "Laos")


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ((SECTION, SECTION), "Two records have the same reference"),
        ((SECTION, INNER), "A.1.1.1: the record above is missing"),
        ((NewRecord("section", "A", "", {"text": ""}),), "A: text:"),
        ((NewRecord("section", "A", "", {"text": "x", "marker": "y" * 999}),), "A: marker:"),
        (
            (SECTION, PROVISION, NewRecord("area", "A.1.1", "A.1", {"text": "x"}, [("NOBODY", "", "")])),
            "no body “NOBODY”",
        ),
    ],
)
def test_a_record_that_cannot_be_is_named_and_nothing_is_written(
    records: tuple[NewRecord, ...], words: str, pending: PlanImport, cast: Cast
) -> None:
    with pytest.raises(Invalid) as refused:
        imported(pending, cast.secretariat, *records)

    assert words in " ".join(refused.value.fields["records"])
    assert not WorkPlan.objects.filter(code="next").exists() and not Section.objects.filter(text="Prevention").exists()
    assert PlanImport.objects.get().state == rules.OPEN


def test_who_comes_too_late_or_may_not_is_refused(pending: PlanImport, cast: Cast) -> None:
    def change(user: Any, version: int, **values: Any) -> PlanImport:
        return actions.change_plan_import(pending=pending, version=version, values=values, by=by(user))

    for attempt, kind in (
        (lambda: imported(pending, cast.somtc, SECTION), NotAllowed),
        (lambda: imported(pending, cast.secretariat, SECTION, version=9), Stale),
        (lambda: change(cast.secretariat, 9, title="x"), Stale),
        (lambda: change(cast.secretariat, 1, code="tip-2016-2020"), Invalid),
        (lambda: change(cast.secretariat, 1, code="import"), Invalid),
        (lambda: change(cast.secretariat, 1, period_end=datetime.date(2000, 1, 1)), Invalid),
    ):
        with pytest.raises(kind):
            attempt()
    assert change(cast.secretariat, 1, title="The next plan").version == 1
    changed = change(cast.secretariat, 1, title="Another title", answers={"tables": {}})
    assert changed.version == 2
    [entry] = AuditEntry.objects.filter(action="planimport.changed")
    assert entry.changes == {"title": ["The next plan", "Another title"], "answers": [{}, {"tables": {}}]}

    actions.discard_plan_import(pending=changed, version=2, by=by(cast.secretariat))
    with pytest.raises(WrongState) as refused:
        imported(pending, cast.secretariat, SECTION, version=3)
    assert isinstance(refused.value, Refusal) and "not in preview any more" in refused.value.message
