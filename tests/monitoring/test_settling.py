"""Open questions are settled: what a decision changes, who may take it, and what it is taken on."""

from typing import Any

import pytest

from tests.conftest import Cast
from tests.larger_plans import opened
from tests.monitoring.questions import LEADERLESS, REPORTED, asked, body, by, change, question, report, settle
from workplan import actions, rules
from workplan.exceptions import Invalid, NotAllowed, Stale, WrongState
from workplan.history import events
from workplan.models import (
    Activity,
    AuditEntry,
    CollaborationArea,
    Decision,
    Obligation,
    Provision,
    Responsibility,
    WorkPlan,
)
from workplan.rules import CONTRADICTION, EMPTY_AREA, MISSING_LEAD, READING, TRANSFER


def test_a_decision_settles_with_its_reason_and_stays_in_the_audit_trail(plan: WorkPlan, cast: Cast) -> None:
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
        [line] = events.of_activity(activity, person).events
        assert line.sentence == f"The secretariat resolved the question “Transcription” on {REPORTED}: plan unchanged."
        assert (line.words, line.person) == (words, name)
        assert line.href == f"/plans/{plan.code}/questions/reading/activity/{REPORTED}/"


def test_the_right_words_take_the_place_of_a_reading(plan: WorkPlan, cast: Cast) -> None:
    found = question(cast.secretariat, READING, REPORTED)
    after = settle(found, cast.secretariat, "amend", text="Link the websites", clear_note=True)

    activity = Activity.objects.get(ref=REPORTED)
    assert (activity.text, activity.reading_note) == ("Link the websites", "")
    assert activity.text_as_printed.startswith("Linking/Uploading")
    assert (after.is_raised, after.state) == (False, rules.SETTLED)
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
    assert (after.is_raised, after.state) == (True, rules.SETTLED)


def test_a_lead_is_named_and_the_report_of_the_open_round_is_due_from_it(plan: WorkPlan, cast: Cast) -> None:
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

    with pytest.raises(WrongState, match="no longer arises from the plan"):
        settle(seen, cast.secretariat)
