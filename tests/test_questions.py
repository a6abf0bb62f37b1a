"""What a plan leaves open, and what becomes of it: derived, settled, open again, undone."""

import datetime
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.building import opened
from tests.conftest import Cast
from tests.test_append_only import deeds_against, refused
from workplan import actions, questions, rules, timelines
from workplan.actions import Actor, Amendment, Proof, Report, settle_question
from workplan.exceptions import Invalid, NotAllowed, Refusal, Stale, WrongState
from workplan.models import (
    Activity,
    AuditEntry,
    CollaborationArea,
    Decision,
    Obligation,
    Provision,
    Responsibility,
    Section,
    SectoralBody,
    StatusUpdate,
    WorkPlan,
)
from workplan.questions import Question
from workplan.rules import CONTRADICTION, EMPTY_AREA, MISSING_LEAD, READING, TRANSFER

REPORTED, JOINT, LEADERLESS = "A.1.1.1", "A.1.1.4", "A.1.1.2"


class Rollback(Exception):
    """Ends one example, so that the next finds everything as it was."""


def by(user: Any, request: str = "r-1") -> Actor:
    return Actor(user, "page", request)


def body(acronym: str) -> SectoralBody:
    return SectoralBody.objects.get(acronym=acronym)


def asked(user: Any, **wanted: str) -> list[Question]:
    """The questions of the plan with these kinds, references or states."""
    found = questions.of_plans(WorkPlan.objects.all(), user)
    return [one for one in found if all(getattr(one, name) == value for name, value in wanted.items())]


def question(user: Any, kind: str, ref: str) -> Question:
    [found] = asked(user, kind=kind, ref=ref)
    return found


def settle(
    found: Question, user: Any, decision: str = rules.KEEP, reason: str = "Agreed.", request: str = "r-1", **change: Any
) -> Question:
    return settle_question(
        question=found,
        seen=found.tag,
        decision=decision,
        reason=reason,
        amendment=Amendment(**change),
        by=by(user, request),
    )


def report(
    cast: Cast, ref: str, status: str, day: tuple[int, int, int], kind: str = rules.PROGRESS, request: str = "r-0"
) -> StatusUpdate:
    activity = Activity.objects.get(ref=ref)
    said = Report(
        status=status,
        as_of=datetime.date(*day),
        narrative="What was done.",
        outputs_delivered="A module",
        reason="So it was decided.",
        kind=kind,
        evidence=(Proof("Minutes", "https://example.org/minutes"),),
    )
    return actions.record_status(
        activity=activity, version=activity.version, report=said, by=by(cast.secretariat, request)
    )


def change(record: Any, user: Any, request: str = "r-2", **values: Any) -> Any:
    """``record`` changed by somebody in the administration site."""
    stored = type(record).objects.get(pk=record.pk)
    for name, value in values.items():
        setattr(stored, name, value)
    actions.save_record(record=stored, by=by(user, request))
    return stored


# What is asked


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
        code, kind, record_type, ref = questions.split(one.key)
        again = questions.find(WorkPlan.objects.get(code=code), kind, record_type, ref, cast.visitor)
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


def said(status: str, day: int, kind: str = rules.PROGRESS) -> rules.Statement:
    return rules.Statement(kind, status, datetime.date(2018, 1, day))


@pytest.mark.parametrize(
    ("before", "after", "way"),
    [
        (said("ongoing", 1), said("completed", 2), ""),
        (said("ongoing", 1), said("ongoing", 1), ""),
        (said("ongoing", 2), said("ongoing", 1), ""),
        (said("not_started", 1), said("cancelled", 2), ""),
        (said("deferred", 1), said("ongoing", 2), ""),
        (said("ongoing", 1), said("completed", 1), rules.SAME_DAY),
        (said("completed", 3), said("ongoing", 2), rules.OUT_OF_ORDER),
        (said("completed", 1), said("ongoing", 2), rules.GOES_BACK),
        (said("completed", 1), said("cancelled", 2), rules.GOES_BACK),
        (said("cancelled", 1), said("ongoing", 2), rules.GOES_BACK),
        (said("ongoing", 1), said("not_started", 2), rules.GOES_BACK),
        (said("completed", 1), said("ongoing", 1, rules.CORRECTION), ""),
    ],
)
def test_two_reports_contradict_where_one_of_them_must_be_wrong(
    before: rules.Statement, after: rules.Statement, way: str
) -> None:
    assert rules.contradiction(before, after) == way


def test_a_correction_puts_right_all_that_was_said_before_it() -> None:
    wrong = [said("completed", 1), said("ongoing", 2), said("ongoing", 3)]

    assert [way for *_, way in rules.contradictions(wrong)] == [rules.GOES_BACK]
    assert rules.contradictions([*wrong, said("completed", 3, rules.CORRECTION)]) == []
    again = [*wrong, said("completed", 3, rules.CORRECTION), said("ongoing", 4)]
    assert rules.contradictions(again) == [(again[-2], again[-1], rules.GOES_BACK)]


def test_contradictory_reports_are_asked_about_with_both_sides_and_days(plan: WorkPlan, cast: Cast) -> None:
    first = report(cast, JOINT, "completed", (2018, 6, 30))
    second = report(cast, JOINT, "ongoing", (2018, 12, 31))
    found = question(cast.visitor, CONTRADICTION, JOINT)

    assert found.matter == [
        "The secretariat reported “Completed” as of 30 June 2018; after that the secretariat reported “Ongoing” as of "
        "31 December 2018. What was completed or cancelled, or had begun, cannot go back but by a correction."
    ]
    assert [(one.before_id, one.pk) for one in found.reports] == [(first.pk, second.pk)]  # type: ignore[attr-defined]
    assert [one.key for one in questions.of_activity(Activity.objects.get(ref=JOINT), cast.visitor)] == [
        *(f"{plan.code}.reading.activity.{JOINT}", f"{plan.code}.contradictory_reports.activity.{JOINT}")
    ]

    report(cast, JOINT, "completed", (2018, 12, 31), kind=rules.CORRECTION)
    assert not asked(cast.visitor, kind=CONTRADICTION)


def test_what_is_not_published_contradicts_nothing(plan: WorkPlan, cast: Cast) -> None:
    the_round = opened(plan, by(cast.secretariat), publication=rules.WITH_ROUND)
    report(cast, REPORTED, "completed", (2018, 6, 30))
    draft = actions.begin_report(
        activity=Activity.objects.get(ref=REPORTED),
        report=Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="Not so.", reason="Not so."),
        by=by(cast.somtc),
        the_round=the_round,
        body=body("SOMTC"),
    )
    submitted = actions.submit_report(update=draft, version=draft.version, by=by(cast.somtc))
    actions.approve_report(update=submitted, version=submitted.version, by=by(cast.secretariat))
    assert not asked(cast.secretariat, kind=CONTRADICTION)

    the_round.refresh_from_db()
    closed = actions.close_round(the_round=the_round, version=the_round.version, by=by(cast.secretariat))
    actions.publish_round(the_round=closed, version=closed.version, by=by(cast.secretariat))
    [words] = question(cast.visitor, CONTRADICTION, REPORTED).matter
    assert "after that SOMTC reported “Ongoing”" in words


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
    assert questions.find(plan, READING, "section", "A", cast.visitor) is None
    assert len(asked(cast.newcomer)) == 111


# Settling


def test_a_decision_settles_with_its_reason_and_stays_in_the_trail(plan: WorkPlan, cast: Cast) -> None:
    after = settle(question(cast.secretariat, READING, REPORTED), cast.secretariat, reason=" Checked with SOMTC. ")

    assert (after.state, after.version) == (rules.SETTLED, 1)
    decision = Decision.objects.get()
    assert (decision.decision, decision.reason, decision.decided_by_name) == (
        *("keep", "Checked with SOMTC.", "Sari Staff (sari)"),
    )
    assert decision.matter == [Activity.objects.get(ref=REPORTED).reading_note]
    entry = AuditEntry.objects.get(action="question.settled")
    assert (entry.activity.ref, entry.plan, entry.reason) == (REPORTED, plan, " Checked with SOMTC. ".strip())  # type: ignore[union-attr]
    assert entry.changes["decision"] == [None, "keep"]


def test_the_timeline_of_the_activity_tells_everybody_that_and_those_who_take_part_why(
    plan: WorkPlan, cast: Cast
) -> None:
    settle(question(cast.secretariat, READING, REPORTED), cast.secretariat, reason="Checked with SOMTC.")
    activity = Activity.objects.get(ref=REPORTED)

    for person, words, name in (
        (cast.visitor, "", ""),
        (cast.newcomer, "", ""),
        (cast.somtc, "Checked with SOMTC.", "Sari Staff (sari)"),
        (cast.secretariat, "Checked with SOMTC.", "Sari Staff (sari)"),
    ):
        [line] = timelines.of_activity(activity, person).lines
        assert line.sentence == f"The secretariat settled the question “Reading” on {REPORTED}: stands as it is."
        assert (line.words, line.person) == (words, name)
        assert line.href == f"/plans/{plan.code}/questions/reading/activity/{REPORTED}/"


def test_the_right_words_take_the_place_of_a_reading(plan: WorkPlan, cast: Cast) -> None:
    found = question(cast.secretariat, READING, REPORTED)
    after = settle(found, cast.secretariat, "amend", text="Link the websites", clear_note=True)

    activity = Activity.objects.get(ref=REPORTED)
    assert (activity.text, activity.reading_note) == ("Link the websites", "")
    assert activity.text_as_printed.startswith("Linking/Uploading")
    assert (after.is_asked, after.state) == (False, rules.SETTLED)
    assert not asked(cast.visitor, kind=READING, ref=REPORTED)
    assert {entry.action for entry in AuditEntry.objects.filter(request_id="r-1")} == {
        *("activity.changed", "question.settled"),
    }


@pytest.mark.parametrize("record_type", ["section", "provision", "area"])
def test_words_of_every_kind_of_record_can_be_put_right_and_the_note_can_stay(
    plan: WorkPlan, cast: Cast, record_type: str
) -> None:
    found = next(one for one in asked(cast.secretariat, kind=READING) if one.record_type == record_type)
    after = settle(found, cast.secretariat, "amend", text="The right words")

    assert type(found.record).objects.get(pk=found.record.pk).text == "The right words"
    assert (after.is_asked, after.state) == (True, rules.SETTLED)


def test_a_lead_is_named_and_owes_what_the_open_round_asks_for(plan: WorkPlan, cast: Cast) -> None:
    opened(plan, by(cast.secretariat))
    after = settle(question(cast.secretariat, MISSING_LEAD, LEADERLESS), cast.secretariat, "amend", lead=body("ACWC"))

    assert after.state == rules.SETTLED
    assert Activity.objects.get(ref=LEADERLESS).lead_bodies == [body("ACWC")]
    assert [one.body for one in Obligation.objects.filter(activity__ref=LEADERLESS)] == [body("ACWC")]


def test_a_body_that_cooperates_can_become_the_lead(plan: WorkPlan, cast: Cast) -> None:
    settle(question(cast.secretariat, MISSING_LEAD, LEADERLESS), cast.secretariat, "amend", lead=body("SOMTC"))

    activity = Activity.objects.get(ref=LEADERLESS)
    assert (activity.lead_bodies, [one.acronym for one in activity.cooperating_bodies]) == ([body("SOMTC")], ["SOM-ED"])


def test_a_lead_that_goes_again_leaves_the_question_open_again(plan: WorkPlan, cast: Cast) -> None:
    settle(question(cast.secretariat, MISSING_LEAD, LEADERLESS), cast.secretariat, "amend", lead=body("ACWC"))
    part = Responsibility.objects.get(activity__ref=LEADERLESS, body=body("ACWC"))
    actions.delete_record(record=part, by=by(cast.secretariat, "r-2"))

    found = question(cast.secretariat, MISSING_LEAD, LEADERLESS)
    assert (found.state, found.latest.decision) == (rules.OPEN, "amend")  # type: ignore[union-attr]


def test_an_area_is_tracked_through_one_activity_in_its_place(plan: WorkPlan, cast: Cast) -> None:
    before = list(Activity.objects.order_by("position").values_list("ref", flat=True))
    settle(question(cast.secretariat, EMPTY_AREA, "B.2.3"), cast.secretariat, "amend", lead=body("SOMTC"))

    made = Activity.objects.get(ref="B.2.3.1")
    area = CollaborationArea.objects.get(ref="B.2.3")
    assert (made.kind, made.area, made.text, made.source_lines) == (rules.AREA, area, area.text, area.source_lines)
    assert made.lead_bodies == [body("SOMTC")]
    after = list(Activity.objects.order_by("position").values_list("ref", flat=True))
    place = after.index("B.2.3.1")
    assert (after[place - 1], after[place + 1]) == ("B.2.2.1", "B.2.4.1")
    assert [ref for ref in after if ref != "B.2.3.1"] == before
    positions = list(Activity.objects.values_list("position", flat=True))
    assert len(set(positions)) == len(positions)
    assert not asked(cast.visitor, kind=EMPTY_AREA, ref="B.2.3")


def test_whoever_edits_an_activity_that_moved_on_by_one_learns_of_it(plan: WorkPlan, cast: Cast) -> None:
    later = Activity.objects.get(ref="D.3.1.2")
    settle(question(cast.secretariat, EMPTY_AREA, "B.2.3"), cast.secretariat, "amend", lead=body("SOMTC"))

    later.text = "Other words"
    with pytest.raises(Stale):
        actions.save_record(record=later, by=by(cast.colleague), expected_version=later.version)


def test_an_area_moves_to_another_provision_with_all_under_it(plan: WorkPlan, cast: Cast) -> None:
    area = CollaborationArea.objects.get(ref="C.1.1")
    change(area, cast.secretariat, notes=["transfer to Group 1"])
    to = Provision.objects.get(ref="A.1")
    after = settle(question(cast.secretariat, TRANSFER, "C.1.1"), cast.secretariat, "amend", to=to)

    moved = CollaborationArea.objects.filter(ref__startswith="C.1.1")
    assert moved.count() == 5
    assert {one.provision for one in moved} == {to}
    assert {one.parent.ref for one in moved if one.parent} == {"C.1.1"}
    assert Activity.objects.get(ref="C.1.1.1.1").area.provision == to
    assert after.state == rules.SETTLED  # the remark stays, and it was followed


def test_an_activity_moves_to_another_area_and_keeps_its_reference(plan: WorkPlan, cast: Cast) -> None:
    change(Activity.objects.get(ref=REPORTED), cast.secretariat, notes=["(to be transferred to Group 2)"])
    to = CollaborationArea.objects.get(ref="B.1.1")
    settle(question(cast.secretariat, TRANSFER, REPORTED), cast.secretariat, "amend", to=to)

    assert Activity.objects.get(ref=REPORTED).area == to


def test_a_transfer_can_be_passed_on_without_a_change(plan: WorkPlan, cast: Cast) -> None:
    area = CollaborationArea.objects.get(ref="B.4.2")
    after = settle(question(cast.secretariat, TRANSFER, "B.4.2"), cast.secretariat, "pass_on")

    assert after.state == rules.SETTLED
    assert CollaborationArea.objects.get(ref="B.4.2").version == area.version


def test_contradictory_reports_stand_with_a_reason_until_another_one_comes(plan: WorkPlan, cast: Cast) -> None:
    report(cast, REPORTED, "completed", (2018, 6, 30))
    report(cast, REPORTED, "ongoing", (2018, 12, 31))
    settle(question(cast.secretariat, CONTRADICTION, REPORTED), cast.secretariat, reason="A second phase was added.")
    report(cast, REPORTED, "completed", (2019, 6, 30))
    assert question(cast.visitor, CONTRADICTION, REPORTED).state == rules.SETTLED

    report(cast, REPORTED, "ongoing", (2019, 6, 30))
    found = question(cast.visitor, CONTRADICTION, REPORTED)
    assert (found.state, len(found.reports)) == (rules.OPEN, 2)
    assert [one.reason for one in found.decisions] == ["A second phase was added."]


def test_another_note_opens_the_question_again_and_the_same_one_settles_it(plan: WorkPlan, cast: Cast) -> None:
    activity = Activity.objects.get(ref=REPORTED)
    settle(question(cast.secretariat, READING, REPORTED), cast.secretariat)

    change(activity, cast.colleague, reading_note="Read anew.")
    assert question(cast.visitor, READING, REPORTED).state == rules.OPEN
    change(activity, cast.colleague, expected_output="A website")
    change(activity, cast.colleague, reading_note=activity.reading_note)
    assert question(cast.visitor, READING, REPORTED).state == rules.SETTLED


def test_what_is_settled_can_be_decided_anew_and_opened_again(plan: WorkPlan, cast: Cast) -> None:
    first = settle(question(cast.secretariat, TRANSFER, "B.4.2"), cast.secretariat, "pass_on")
    second = settle(first, cast.colleague, "keep", "Group 1 declined.")
    assert (second.state, [one.decision for one in second.decisions]) == (rules.SETTLED, ["keep", "pass_on"])

    third = settle(second, cast.secretariat, "reopen", "They think again.")
    assert (third.state, third.version) == (rules.OPEN, 3)
    assert "reopen" not in [term.value for term in third.choices]


@pytest.mark.parametrize("person", ["visitor", "newcomer", "somtc", "acwc"])
def test_only_the_secretariat_settles(plan: WorkPlan, cast: Cast, person: str) -> None:
    found = question(cast.secretariat, READING, REPORTED)

    with pytest.raises(NotAllowed):
        settle(found, getattr(cast, person) if person != "visitor" else None)
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("kind", "ref", "decision", "values", "field"),
    [
        (READING, REPORTED, "", {}, "decision"),
        (READING, REPORTED, "nonsense", {}, "decision"),
        (READING, REPORTED, "pass_on", {}, "decision"),
        (READING, REPORTED, "reopen", {}, "decision"),
        (READING, REPORTED, "keep", {"reason": " "}, "reason"),
        (READING, REPORTED, "keep", {"reason": "\x07"}, "reason"),
        (READING, REPORTED, "keep", {"reason": "x" * 2_001}, "reason"),
        (READING, REPORTED, "keep", {"text": "Other words"}, "text"),
        (READING, REPORTED, "amend", {}, "text"),
        (READING, REPORTED, "amend", {"text": ""}, "text"),
        (READING, REPORTED, "amend", {"text": "Bad \x00 words"}, "text"),
        (READING, "A", "amend", {"expected_output": "A website"}, "expected_output"),
        (MISSING_LEAD, LEADERLESS, "amend", {}, "lead"),
        (MISSING_LEAD, LEADERLESS, "amend", {"text": "Other words"}, "text"),
        (EMPTY_AREA, "B.2.3", "amend", {}, "lead"),
        (TRANSFER, "B.4.2", "amend", {}, "to"),
    ],
)
def test_what_cannot_be_decided_is_refused_beside_its_field(
    plan: WorkPlan, cast: Cast, kind: str, ref: str, decision: str, values: dict[str, Any], field: str
) -> None:
    entries = AuditEntry.objects.count()

    with pytest.raises(Invalid) as refusal:
        settle(question(cast.secretariat, kind, ref), cast.secretariat, decision, **values)

    assert field in refusal.value.fields
    assert (Decision.objects.count(), AuditEntry.objects.count()) == (0, entries)


@pytest.mark.parametrize("wrong", ["B.4", "same"])
def test_nothing_moves_to_where_it_cannot_stand(plan: WorkPlan, cast: Cast, wrong: str) -> None:
    area = CollaborationArea.objects.get(ref="B.4.2")
    to: Any = area.provision if wrong == "same" else CollaborationArea.objects.get(ref="B.4.1")

    with pytest.raises(Invalid) as refusal:
        settle(question(cast.secretariat, TRANSFER, "B.4.2"), cast.secretariat, "amend", to=to)
    assert refusal.value.fields == {"to": ["Choose another provision of this plan."]}


def test_words_that_are_as_they_were_are_no_change(plan: WorkPlan, cast: Cast) -> None:
    found = question(cast.secretariat, READING, REPORTED)

    with pytest.raises(Invalid) as refusal:
        settle(found, cast.secretariat, "amend", text=found.record.text)
    assert "text" in refusal.value.fields
    assert not Decision.objects.exists()


def test_who_was_slower_is_shown_what_stands_there_now(plan: WorkPlan, cast: Cast) -> None:
    seen = question(cast.secretariat, READING, REPORTED)
    settle(question(cast.colleague, READING, REPORTED), cast.colleague, reason="First.")

    with pytest.raises(Stale) as refusal:
        settle(seen, cast.secretariat, reason="Second.")
    [now] = refusal.value.current
    assert (now.version, now.latest.reason) == (1, "First.")
    assert Decision.objects.count() == 1


def test_a_decision_on_another_note_is_refused(plan: WorkPlan, cast: Cast) -> None:
    seen = question(cast.secretariat, READING, REPORTED)
    change(seen.record, cast.colleague, reading_note="Read anew.")

    with pytest.raises(Stale):
        settle(seen, cast.secretariat)


def test_words_are_not_written_over_newer_ones_and_a_reading_can_still_be_kept(plan: WorkPlan, cast: Cast) -> None:
    seen = question(cast.secretariat, READING, REPORTED)
    change(seen.record, cast.colleague, text="Newer words")

    with pytest.raises(Stale):
        settle(seen, cast.secretariat, "amend", text="Older words")
    assert settle(seen, cast.secretariat).state == rules.SETTLED
    assert Activity.objects.get(ref=REPORTED).text == "Newer words"


def test_what_is_no_longer_asked_cannot_be_settled(plan: WorkPlan, cast: Cast) -> None:
    seen = question(cast.secretariat, READING, REPORTED)
    change(seen.record, cast.colleague, reading_note="")

    with pytest.raises(WrongState, match="no longer leaves this open"):
        settle(seen, cast.secretariat)


# What stays


def test_decisions_are_kept_for_ever_as_they_were_made(plan: WorkPlan, cast: Cast) -> None:
    settle(question(cast.secretariat, READING, REPORTED), cast.secretariat)
    made = Decision.objects.get()

    for name, value in (("reason", "Another reason"), ("decision", "amend"), ("decided_by_name", "Nobody")):
        for deed in deeds_against(made, name, value).values():
            refused(deed)
    assert Decision.objects.values().get() == Decision.objects.filter(reason="Agreed.").values().get()
    with pytest.raises(DatabaseError, match="kept for ever"), transaction.atomic():
        Decision.objects.all().delete()


def undo(cast: Cast, request: str = "r-1") -> None:
    actions.undo_request(request_id=request, reason="A mistake.", by=by(cast.colleague, "r-undo"))


@pytest.mark.parametrize(
    ("kind", "ref", "values", "restored"),
    [
        (READING, REPORTED, {"text": "Other words"}, lambda: Activity.objects.get(ref=REPORTED).text[:7] == "Linking"),
        (MISSING_LEAD, LEADERLESS, {"lead": "ACWC"}, lambda: not Activity.objects.get(ref=LEADERLESS).lead_bodies),
        (EMPTY_AREA, "B.2.3", {"lead": "SOMTC"}, lambda: not Activity.objects.filter(ref="B.2.3.1").exists()),
        (TRANSFER, "B.4.2", {"to": "A.1"}, lambda: CollaborationArea.objects.get(ref="B.4.2").provision.ref == "B.4"),
    ],
)
def test_undoing_puts_the_plan_back_and_opens_the_question_again(
    plan: WorkPlan, cast: Cast, kind: str, ref: str, values: dict[str, Any], restored: Callable[[], bool]
) -> None:
    if "lead" in values:
        values = {"lead": body(values["lead"])}
    if "to" in values:
        values = {"to": Provision.objects.get(ref=values["to"])}
    settle(question(cast.secretariat, kind, ref), cast.secretariat, "amend", **values)
    assert not restored()

    undo(cast)

    found = question(cast.secretariat, kind, ref)
    assert restored()
    assert (found.state, [one.decision for one in found.decisions]) == (rules.OPEN, ["reopen", "amend"])
    assert AuditEntry.objects.filter(request_id="r-undo", action="question.reopened").count() == 1


def test_a_decision_alone_can_be_undone_but_not_once_it_was_decided_anew(plan: WorkPlan, cast: Cast) -> None:
    first = settle(question(cast.secretariat, READING, REPORTED), cast.secretariat)
    assert actions.what_it_would_do("r-1") == "1 decision"
    settle(first, cast.colleague, reason="Again.", request="r-2")

    with pytest.raises(WrongState, match="somebody has decided on this question since"):
        undo(cast)
    undo(cast, "r-2")
    assert question(cast.secretariat, READING, REPORTED).state == rules.OPEN
    with pytest.raises(WrongState, match="settled by a new decision"):
        undo(cast, "r-undo")


# Whatever happens

NOTES = ("Read so.", "Read anew.", "")


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(("settle", "settle", "settle", "amend", "reopen", "note", "lead", "report", "undo")),
            st.integers(0, 30),
        ),
        min_size=3,
        max_size=12,
    )
)
def test_a_question_is_settled_exactly_while_its_latest_decision_is_about_what_is_asked(
    plan: WorkPlan, cast: Cast, deeds: list[tuple[str, int]]
) -> None:
    """Beside what apta says, this keeps its own book of what each decision was about."""
    stands: dict[str, Any] = {}
    requests: dict[str, str] = {}
    refs = (REPORTED, LEADERLESS)

    def about(one: Question) -> Any:
        return [update.pk for update in one.reports] or one.matter

    def here() -> list[Question]:
        return [one for one in asked(cast.secretariat) if one.ref in refs]

    def act(number: int, deed: str, choice: int) -> None:
        request = f"r-{number}"
        ref = refs[choice % 2]
        match deed:
            case "note":
                change(Activity.objects.get(ref=ref), cast.colleague, request, reading_note=NOTES[choice % 3])
            case "lead":
                part = Responsibility.objects.filter(activity__ref=ref, role=rules.LEAD).first()
                if part:
                    actions.delete_record(record=part, by=by(cast.colleague, request))
            case "report":
                status = ("ongoing", "completed", "cancelled")[choice % 3]
                report(cast, ref, status, (2018, 1, 1 + choice % 4), request=request)
            case "undo":
                undone = f"r-{choice % max(1, number)}"
                actions.undo_request(request_id=undone, reason="Wrong.", by=by(cast.colleague, request))
                stands.pop(requests.get(undone, ""), None)
            case _:
                found = here()
                one = found[choice % len(found)] if found else None
                if one is None or (deed == "reopen" and one.state == rules.OPEN):
                    return
                values: dict[str, Any] = {}
                if deed == "amend":
                    values = {"lead": body("AICHR")} if one.kind == MISSING_LEAD else {"text": f"Words {number}"}
                decision = "keep" if deed == "settle" else deed
                after = settle(one, cast.secretariat, decision, request=request, **values)
                requests[request] = one.key
                stands[one.key] = about(after) if deed != "reopen" and after.is_asked else None

    with suppress(Rollback), transaction.atomic():
        for number, (deed, choice) in enumerate(deeds):
            with suppress(Refusal), transaction.atomic():
                act(number, deed, choice)
            for one in here():
                latest = Decision.objects.filter(key=one.key).newest_first().first()
                assert (one.state == rules.SETTLED) == (latest is not None and latest.fingerprint == one.fingerprint)
                assert (one.state == rules.SETTLED) == (stands.get(one.key) == about(one) is not None), deeds[
                    : number + 1
                ]
        raise Rollback


def test_a_question_keeps_its_decisions_when_its_record_gets_another_reference(plan: WorkPlan, cast: Cast) -> None:
    settle(question(cast.secretariat, READING, REPORTED), cast.secretariat)
    change(Activity.objects.get(ref=REPORTED), cast.secretariat, ref="A.1.1.99")

    found = question(cast.visitor, READING, "A.1.1.99")
    assert (found.state, found.key) == (rules.SETTLED, f"{plan.code}.reading.activity.A.1.1.99")


def test_what_is_asked_no_longer_still_shows_what_was_decided(plan: WorkPlan, cast: Cast) -> None:
    settle(question(cast.secretariat, MISSING_LEAD, LEADERLESS), cast.secretariat, "amend", lead=body("ACWC"))
    find = partial(questions.find, plan, record_type="activity", user=cast.visitor)

    gone = find(kind=MISSING_LEAD, ref=LEADERLESS)
    assert gone is not None
    assert (gone.is_asked, gone.state, gone.version, gone.choices) == (False, rules.SETTLED, 1, [])
    assert find(kind=MISSING_LEAD, ref=REPORTED) is None
    assert find(kind=READING, ref="A.9.9.9") is None
