"""What becomes of a decision: kept for ever, undone, and open again when the matter changes."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Cast
from tests.models.test_append_only import attempts_against, refused
from tests.monitoring.questions import LEADERLESS, REPORTED, Rollback, asked, body, by, change, question, report, settle
from workplan import actions, rules
from workplan.exceptions import Refusal, WrongState
from workplan.models import Activity, AuditEntry, CollaborationArea, Decision, Provision, Responsibility, WorkPlan
from workplan.monitoring import open_questions
from workplan.monitoring.open_questions import Question
from workplan.rules import EMPTY_AREA, MISSING_LEAD, READING, TRANSFER

# What stays


def test_decisions_are_kept_for_ever_as_they_were_made(plan: WorkPlan, cast: Cast) -> None:
    settle(question(cast.secretariat, READING, REPORTED), cast.secretariat)
    made = Decision.objects.get()

    for name, value in (("reason", "Another reason"), ("decision", "amend"), ("decided_by_name", "Nobody")):
        for action in attempts_against(made, name, value).values():
            refused(action)
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
    assert actions.describe_undo("r-1") == "1 decision"
    settle(first, cast.colleague, reason="Again.", request="r-2")

    with pytest.raises(WrongState, match="somebody has decided on this question since"):
        undo(cast)
    undo(cast, "r-2")
    assert question(cast.secretariat, READING, REPORTED).state == rules.OPEN
    with pytest.raises(WrongState, match="resolved by a new decision"):
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
    plan: WorkPlan, cast: Cast, steps: list[tuple[str, int]]
) -> None:
    """Beside what apta says, this keeps its own book of what each decision was about."""
    in_force: dict[str, Any] = {}
    requests: dict[str, str] = {}
    refs = (REPORTED, LEADERLESS)

    def about(one: Question) -> Any:
        return [update.pk for update in one.reports] or one.matter

    def here() -> list[Question]:
        return [one for one in asked(cast.secretariat) if one.ref in refs]

    def act(number: int, action: str, choice: int) -> None:
        request = f"r-{number}"
        ref = refs[choice % 2]
        match action:
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
                in_force.pop(requests.get(undone, ""), None)
            case _:
                found = here()
                one = found[choice % len(found)] if found else None
                if one is None or (action == "reopen" and one.state == rules.OPEN):
                    return
                values: dict[str, Any] = {}
                if action == "amend":
                    values = {"lead": body("AICHR")} if one.kind == MISSING_LEAD else {"text": f"Words {number}"}
                decision = "keep" if action == "settle" else action
                after = settle(one, cast.secretariat, decision, request=request, **values)
                requests[request] = one.key
                in_force[one.key] = about(after) if action != "reopen" and after.is_raised else None

    with suppress(Rollback), transaction.atomic():
        for number, (action, choice) in enumerate(steps):
            with suppress(Refusal), transaction.atomic():
                act(number, action, choice)
            for one in here():
                latest = Decision.objects.filter(key=one.key).newest_first().first()
                assert (one.state == rules.SETTLED) == (latest is not None and latest.fingerprint == one.fingerprint)
                assert (one.state == rules.SETTLED) == (in_force.get(one.key) == about(one) is not None), steps[
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
    find = partial(open_questions.find, plan, record_type="activity", user=cast.visitor)

    gone = find(kind=MISSING_LEAD, ref=LEADERLESS)
    assert gone is not None
    assert (gone.is_raised, gone.state, gone.version, gone.choices) == (False, rules.SETTLED, 1, [])
    assert find(kind=MISSING_LEAD, ref=REPORTED) is None
    assert find(kind=READING, ref="A.9.9.9") is None
