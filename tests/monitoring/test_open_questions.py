"""What a plan leaves open: derived from its words and from what is reported."""

import datetime
from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Cast
from tests.larger_plans import opened
from tests.monitoring.questions import (
    JOINT,
    LEADERLESS,
    REPORTED,
    Rollback,
    asked,
    body,
    by,
    change,
    question,
    report,
    settle,
    statement,
)
from workplan import actions, rules
from workplan.actions import Report
from workplan.models import Activity, CollaborationArea, Section, StatusUpdate, WorkPlan
from workplan.monitoring import open_questions
from workplan.rules import CONTRADICTION, EMPTY_AREA, MISSING_LEAD, READING, TRANSFER


def test_the_real_plan_leaves_open_what_its_readers_noted(plan: WorkPlan, cast: Cast) -> None:
    found = asked(cast.visitor)

    assert Counter(one.kind for one in found) == {READING: 94, MISSING_LEAD: 6, EMPTY_AREA: 6, TRANSFER: 5}
    assert {one.state for one in found} == {rules.OPEN}
    assert [one.ref for one in found if one.kind == MISSING_LEAD] == [
        *("A.1.1.2", "A.1.1.3", "B.7.1.2", "C.5.4.1", "C.5.4.2", "C.5.4.3")
    ]
    assert [one.ref for one in found if one.kind == EMPTY_AREA] == [
        "B.2.3",
        "C.1.2",
        "C.1.3",
        "C.2.2",
        "C.5.2",
        "D.1.1",
    ]
    assert {one.ref: one.matter for one in found if one.kind == TRANSFER} == {
        "B.2.3": ["(can be transferred to Element C Provision C)"],
        "B.4.2": ["*recommendation: transfer to Group 1: Prevention"],
        "C.4.1": ["(Recommendation from Group 3:for Protection of Victims)"],
        "C.4.2": ["(recommendation from Group 3: for Protection of Victims)"],
        "C.5.4": ["(for Protection of Victims)"],
    }
    assert Counter(one.record_type for one in found if one.kind == READING) == {
        **{"section": 3, "provision": 19, "area": 16, "activity": 56}
    }


def test_each_question_is_one_sentence_with_a_name_of_its_own(plan: WorkPlan, cast: Cast) -> None:
    found = asked(cast.visitor)

    assert len({one.key for one in found}) == len(found)
    for one in found:
        assert one.asks.endswith("?") and one.ref in one.asks
        code, kind, record_type, ref = open_questions.split(one.key)
        again = open_questions.find(WorkPlan.objects.get(code=code), kind, record_type, ref, cast.visitor)
        assert again is not None
        assert (again.key, again.tag, again.matter) == (one.key, one.tag, one.matter)


def test_questions_stand_in_document_order_and_settled_ones_last(plan: WorkPlan, cast: Cast) -> None:
    settle(question(cast.secretariat, READING, "A"), cast.secretariat)
    found = asked(cast.visitor)

    assert (found[-1].ref, found[-1].state) == ("A", rules.SETTLED)
    assert [one.ref for one in found[:4]] == ["A.1", "A.1.1.1", "A.1.1.2", "A.1.1.2"]
    assert [one.section.ref for one in found[:-1]] == sorted(one.section.ref for one in found[:-1])


def test_that_all_others_cooperate_gives_an_activity_no_lead(plan: WorkPlan, cast: Cast) -> None:
    change(Activity.objects.get(ref=LEADERLESS), cast.secretariat, all_other_bodies_cooperate=True)

    assert question(cast.visitor, MISSING_LEAD, LEADERLESS).state == rules.OPEN


def test_an_area_is_empty_only_if_nothing_under_it_is_tracked(plan: WorkPlan, cast: Cast) -> None:
    assert not asked(cast.visitor, kind=EMPTY_AREA, ref="C.1.1")  # its sub-areas have activities

    for area in CollaborationArea.objects.filter(parent__ref="C.1.1"):
        for activity in area.activities.all():
            change(activity, cast.secretariat, area=CollaborationArea.objects.get(ref="C.1.3"))

    empty = {one.ref for one in asked(cast.visitor, kind=EMPTY_AREA)}
    assert {"C.1.1", "C.1.1.1", "C.1.1.4"} <= empty
    assert "C.1.3" not in empty


@pytest.mark.parametrize(
    ("note", "asks"),
    [
        ("(can be transferred to Element C Provision C)", True),
        ("*recommendation: transfer to Group 1: Prevention", True),
        ("Moved to the next plan?", True),
        ("(for protection  of victims)", True),
        ("(inputs from Group 2)", False),
        ("*coordinate with SOM-ED for clarification", False),
        ("(to be presented to ACWC in Feb 2017, for inclusion in their work plan)", False),
        ("Prevention of the movement of traffickers", False),
    ],
)
def test_a_remark_asks_for_a_transfer_in_so_many_words_or_by_naming_another_section(note: str, asks: bool) -> None:
    assert rules.asks_for_transfer(note, ["Protection of Victims"]) is asks


def test_a_remark_that_names_its_own_section_asks_for_nothing(plan: WorkPlan, cast: Cast) -> None:
    own = Section.objects.get(ref="A").text
    change(Activity.objects.get(ref=REPORTED), cast.secretariat, notes=[f"(for {own})", "(ongoing)"])

    assert not asked(cast.visitor, kind=TRANSFER, ref=REPORTED)


@pytest.mark.parametrize(
    ("before", "after", "way"),
    [
        (statement("ongoing", 1), statement("completed", 2), ""),
        (statement("ongoing", 1), statement("ongoing", 1), ""),
        (statement("ongoing", 2), statement("ongoing", 1), ""),
        (statement("not_started", 1), statement("cancelled", 2), ""),
        (statement("deferred", 1), statement("ongoing", 2), ""),
        (statement("ongoing", 1), statement("completed", 1), rules.SAME_DAY),
        (statement("completed", 3), statement("ongoing", 2), rules.OUT_OF_ORDER),
        (statement("completed", 1), statement("ongoing", 2), rules.REGRESSION),
        (statement("completed", 1), statement("cancelled", 2), rules.REGRESSION),
        (statement("cancelled", 1), statement("ongoing", 2), rules.REGRESSION),
        (statement("ongoing", 1), statement("not_started", 2), rules.REGRESSION),
        (statement("completed", 1), statement("ongoing", 1, rules.CORRECTION), ""),
    ],
)
def test_two_reports_contradict_where_one_of_them_must_be_wrong(
    before: rules.Statement, after: rules.Statement, way: str
) -> None:
    assert rules.contradiction(before, after) == way


def test_a_correction_puts_right_all_that_was_said_before_it() -> None:
    wrong = [statement("completed", 1), statement("ongoing", 2), statement("ongoing", 3)]

    assert [way for *_, way in rules.contradictions(wrong)] == [rules.REGRESSION]
    assert rules.contradictions([*wrong, statement("completed", 3, rules.CORRECTION)]) == []
    again = [*wrong, statement("completed", 3, rules.CORRECTION), statement("ongoing", 4)]
    assert rules.contradictions(again) == [(again[-2], again[-1], rules.REGRESSION)]


def test_contradictory_reports_are_asked_about_with_both_sides_and_days(plan: WorkPlan, cast: Cast) -> None:
    first = report(cast, JOINT, "completed", (2018, 6, 30))
    second = report(cast, JOINT, "ongoing", (2018, 12, 31))
    found = question(cast.visitor, CONTRADICTION, JOINT)

    assert found.matter == [
        "The secretariat reported “Completed” as at 30 June 2018; then the secretariat reported “Ongoing” as at "
        "31 December 2018. "
        "A completed, cancelled or ongoing activity returns to an earlier status only by a correction."
    ]
    assert [(one.before_id, one.pk) for one in found.reports] == [(first.pk, second.pk)]  # type: ignore[attr-defined]
    assert [one.key for one in open_questions.of_activity(Activity.objects.get(ref=JOINT), cast.visitor)] == [
        *(f"{plan.code}.reading.activity.{JOINT}", f"{plan.code}.contradictory_reports.activity.{JOINT}")
    ]

    report(cast, JOINT, "completed", (2018, 12, 31), kind=rules.CORRECTION)
    assert not asked(cast.visitor, kind=CONTRADICTION)


def test_what_is_not_published_contradicts_nothing(plan: WorkPlan, cast: Cast) -> None:
    reporting_round = opened(plan, by(cast.secretariat), publication=rules.WITH_ROUND)
    report(cast, REPORTED, "completed", (2018, 6, 30))
    draft = actions.begin_report(
        activity=Activity.objects.get(ref=REPORTED),
        report=Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="Not so.", reason="Not so."),
        by=by(cast.somtc),
        reporting_round=reporting_round,
        body=body("SOMTC"),
    )
    submitted = actions.submit_report(update=draft, version=draft.version, by=by(cast.somtc))
    actions.approve_report(update=submitted, version=submitted.version, by=by(cast.secretariat))
    assert not asked(cast.secretariat, kind=CONTRADICTION)

    reporting_round.refresh_from_db()
    closed = actions.close_round(
        reporting_round=reporting_round, version=reporting_round.version, by=by(cast.secretariat)
    )
    actions.publish_round(reporting_round=closed, version=closed.version, by=by(cast.secretariat))
    [words] = question(cast.visitor, CONTRADICTION, REPORTED).matter
    assert "then SOMTC reported “Ongoing”" in words


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(("not_started", "ongoing", "completed", "cancelled")),
            st.integers(1, 3),
            st.sampled_from((rules.PROGRESS, rules.PROGRESS, rules.PROGRESS, rules.CORRECTION)),
        ),
        min_size=2,
        max_size=7,
    )
)
def test_the_database_finds_the_contradictions_that_the_rule_names(
    plan: WorkPlan, cast: Cast, history: list[tuple[str, int, str]]
) -> None:
    with suppress(Rollback), transaction.atomic():
        for status, day, kind in history:
            report(cast, REPORTED, status, (2018, 1, day), kind)
        updates = list(StatusUpdate.objects.filter(activity__ref=REPORTED).order_by("approved_at", "pk"))
        statements = [rules.Statement(one.kind, one.status, one.as_of) for one in updates]  # type: ignore[arg-type]
        expected = []
        for before, after, _ in rules.contradictions(statements):
            place = next(n for n, one in enumerate(statements) if one is after)
            assert statements[place - 1] is before
            expected.append((updates[place - 1].pk, updates[place].pk))

        found = StatusUpdate.objects.contradicting()
        assert [(one.before_id, one.pk) for one in found] == expected  # type: ignore[attr-defined]
        raise Rollback


def test_a_closed_plan_tells_visitors_nothing(plan: WorkPlan, cast: Cast, settings: Any) -> None:
    settings.PUBLIC_READ = False

    assert asked(cast.visitor) == []
    assert open_questions.find(plan, READING, "section", "A", cast.visitor) is None
    assert len(asked(cast.newcomer)) == 111
