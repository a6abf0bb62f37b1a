"""Settling what the plan leaves open: a decision with its reason, and the change of the plan that it asks for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from workplan import permissions, rules
from workplan.actions import audit
from workplan.actions.actor import Actor
from workplan.actions.plan import save_record
from workplan.actions.reporting import MOST_AT_ONCE
from workplan.exceptions import Invalid, NotAllowed, Stale, WrongState
from workplan.models import Activity, CollaborationArea, Decision, Provision, Responsibility, SectoralBody, WorkPlan
from workplan.monitoring import open_questions
from workplan.monitoring.open_questions import Question

WANTED = {
    "text": "Enter the correct text, or remove the note.",
    "lead": "Select the lead body.",
    "to": "Select its new place.",
}
NO_LONGER_OPEN = "This question no longer arises from the plan, so there is nothing to resolve."


@dataclass(frozen=True, slots=True)
class Amendment:
    """What is to become of the plan, as it comes from a form or a program. What is left out stays as it is.

    Attributes:
        text: the right words of the record.
        expected_output: the right expected output of an activity.
        clear_note: whether the reading note goes, because nothing is ambiguous any more.
        lead: the body that is to lead.
        to: the area that an activity is moved to, or the provision that an area is moved to.
    """

    text: str | None = None
    expected_output: str | None = None
    clear_note: bool = False
    lead: SectoralBody | None = None
    to: CollaborationArea | Provision | None = None

    @property
    def given(self) -> list[str]:
        """The names of what is to change."""
        return [one.name for one in fields(self) if getattr(self, one.name) not in (None, False)]


NOTHING = Amendment()


@transaction.atomic
def settle_question(
    *, question: Question, seen: str, decision: str, reason: str, by: Actor, amendment: Amendment = NOTHING
) -> Question:
    """Decide on an open question, or anew on a settled one. Returns the question as it is then.

    Args:
        question: the question meant; it is read again under a lock of its record.
        seen: the ``tag`` of the question as the person has seen it.
        decision: a value of ``rules.QUESTION_DECISIONS`` that can be made on it.
        reason: why, in the person's words.
        by: who decides.
        amendment: what is to change in the plan, where the decision is that it changes.

    Raises:
        NotAllowed: the person may not settle questions.
        WrongState: it is asked no longer.
        Stale: somebody has decided on it since, or what it is about has changed.
        Invalid: the decision cannot be made on it, has no reason, or a rule refuses the change.
    """
    _require_permission(by)
    _lock(question)
    now = open_questions.again(question, by.user)
    if not now.is_raised:
        raise WrongState(f"{now.asks} {NO_LONGER_OPEN}")
    if not now.was_seen(seen, with_record=decision == rules.AMEND):
        raise Stale(current=[now])
    _refuse_problems(now, decision, reason, amendment)
    touched = None
    if decision == rules.AMEND:
        touched = CHANGES[now.kind](now.record, amendment, by, reason)
    after = open_questions.again(now, by.user)
    return _decide(
        now,
        decision=decision,
        reason=rules.normalised(reason),
        # Where the plan was changed so that nothing is asked, and later it is asked again, that is open.
        fingerprint="" if decision == rules.REOPEN else after.fingerprint,
        by=by,
        activity=touched if isinstance(touched, Activity) else None,
    )


@transaction.atomic
def settle_questions(
    *, plan: WorkPlan, chosen: Mapping[str, str], decision: str, reason: str, by: Actor
) -> list[Question]:
    """Take the same decision on several questions: on all of them, or on none.

    Args:
        plan: the plan that leaves them open.
        chosen: for the ``key`` of each question its ``tag`` as the person has seen it.
        decision: a value of ``rules.QUESTION_DECISIONS`` that can be made on each and changes nothing in the plan.
        reason: why, in the person's words; it stays with each.
        by: who decides.

    Raises:
        NotAllowed, WrongState, Invalid: as ``settle_question``, or there are too few or too many.
        Stale: ``current`` has those that are another matter now.
    """
    _require_permission(by)
    if not 1 <= len(chosen) <= MOST_AT_ONCE:
        raise Invalid(fields={"questions": [f"Choose from 1 to {MOST_AT_ONCE:,} questions."]})
    asked = [question for question in open_questions.of_plans([plan], by.user) if question.key in chosen]
    if gone := chosen.keys() - {question.key for question in asked}:
        named = [open_questions.split(key) for key in sorted(gone)]
        names = ", ".join(f"“{rules.QUESTION_KINDS.label(kind)}” on {ref}" for _, kind, _, ref in named)
        raise WrongState(f"These questions no longer arise from the plan: {names}.")
    settled, changed = [], []
    # In one order, so that two people who choose the same do not wait for each other.
    for question in sorted(asked, key=lambda one: (one.record_type, one.record.pk, one.kind)):
        seen = chosen[question.key]
        try:
            settled.append(settle_question(question=question, seen=seen, decision=decision, reason=reason, by=by))
        except Stale as refusal:
            changed += refusal.current
    if changed:
        raise Stale(current=changed)
    return settled


def reopen_questions(*, decisions: list[int], reason: str, by: Actor) -> None:
    """Open again what ``decisions`` settled, each the latest on its question: their request is undone."""
    for found in Decision.objects.filter(pk__in=decisions).order_by("pk"):
        record = open_questions.RECORDS[found.record_type].objects.get(pk=found.record_id)
        question = open_questions.on(found.kind, record, by.user)
        _decide(question, decision=rules.REOPEN, reason=reason, fingerprint="", by=by)


def _require_permission(by: Actor) -> None:
    if by.user is None or not permissions.can_settle_questions(by.user):
        raise NotAllowed("Only the secretariat resolves open questions.")


def _lock(question: Question) -> None:
    rows = type(question.record)._default_manager.select_for_update(of=("self",), no_key=True)
    if rows.filter(pk=question.record.pk).first() is None:
        raise WrongState(NO_LONGER_OPEN)


def _refuse_problems(question: Question, decision: str, reason: str, amendment: Amendment) -> None:
    found: dict[str, list[str]] = {}
    possible = {term.value: term.label for term in question.choices}
    if decision not in possible:
        found["decision"] = [f"Select a decision: {', '.join(possible)}."]
    if not rules.normalised(reason):
        found["reason"] = ["Enter the reason for the decision."]
    elif rules.UNREADABLE.search(reason):
        found["reason"] = [rules.UNREADABLE_TEXT]
    for name in amendment.given:
        if decision != rules.AMEND:
            found[name] = ["This changes the plan. Select “Plan changed”, or leave it empty."]
        elif name not in question.amends:
            found[name] = [f"This does not apply to {question.name}. Leave it empty."]
    if decision == rules.AMEND and not found and not amendment.given:
        found[question.amends[0]] = [WANTED[question.amends[0]]]
    if found:
        raise Invalid(fields=found)


def _decide(
    question: Question, *, decision: str, reason: str, fingerprint: str, by: Actor, activity: Activity | None = None
) -> Question:
    """Write the decision with its audit entry. Returns the question as it is then."""
    made = Decision(
        plan=question.plan,
        kind=question.kind,
        record_type=question.record_type,
        record_id=question.record.pk,
        ref=question.ref,
        key=question.key,
        matter=question.matter,
        fingerprint=fingerprint,
        decision=decision,
        reason=reason,
        decided_by=by.user,
        decided_by_name=by.name,
        version=question.version + 1,
    )
    try:
        made.full_clean()
    except ValidationError as problem:
        raise Invalid(fields=problem.message_dict) from problem
    made.save(force_insert=True)
    changes: dict[str, list[Any]] = {
        "key": [None, question.key],
        "matter": [None, question.matter],
        "decision": [question.latest.decision if question.latest else None, decision],
    }
    verb = "reopened" if decision == rules.REOPEN else "settled"
    entry = audit.entry(action=f"question.{verb}", record=made, changes=changes, by=by, reason=reason)
    entry.activity = activity or (question.record if isinstance(question.record, Activity) else None)
    entry.save()
    return open_questions.again(question, by.user)


def _amend_reading(record: Any, amendment: Amendment, by: Actor, reason: str) -> None:
    """Give a record the right words, and take its reading note away where nothing is ambiguous any more."""
    if amendment.text is not None:
        record.text = amendment.text
    if amendment.expected_output is not None:
        record.expected_output = amendment.expected_output
    if amendment.clear_note:
        record.reading_note = ""
    if not save_record(record=record, by=by, reason=reason):
        raise Invalid(fields={"text": ["This is the current text. Change it, or decide “Plan unchanged”."]})


def _add_lead(activity: Activity, amendment: Amendment, by: Actor, reason: str) -> None:
    """Make a body the lead of an activity; one that cooperates there leads from now on."""
    assert amendment.lead is not None
    parts = Responsibility.objects.filter(activity=activity)
    part = parts.filter(body=amendment.lead).first()
    if part is None:
        last = parts.aggregate(last=Max("position"))["last"] or 0
        part = Responsibility(activity=activity, body=amendment.lead, position=last + 1)
    part.role = rules.LEAD
    save_record(record=part, by=by, reason=reason)


def _track(area: CollaborationArea, amendment: Amendment, by: Actor, reason: str) -> Activity:
    """Track an area through one activity with the text of the area, and name its lead."""
    taken = set(Activity.objects.filter(plan=area.plan_id).values_list("ref", flat=True))
    activity = Activity(
        plan=area.plan,
        area=area,
        kind=rules.AREA,
        ref=next(ref for number in range(1, 10_000) if (ref := f"{area.ref}.{number}") not in taken),
        position=_room_for_activity_in(area),
        text=area.text,
        text_as_printed=area.text_as_printed,
        source_lines=area.source_lines,
    )
    save_record(record=activity, by=by, reason=reason)
    _add_lead(activity, amendment, by, reason)
    return activity


def _room_for_activity_in(area: CollaborationArea) -> int:
    """The position after all activities that precede ``area`` in document order; later ones are moved on by one."""
    provision, section = area.provision, area.provision.section
    before = (
        Q(area__provision__section__position__lt=section.position)
        | Q(area__provision__section=section, area__provision__position__lt=provision.position)
        | Q(area__provision=provision, area__position__lte=area.position)
    )
    in_plan = Activity.objects.filter(plan=area.plan_id)
    place: int = (in_plan.filter(before).aggregate(last=Max("position"))["last"] or 0) + 1
    if in_plan.filter(position=place).exists():
        later = in_plan.filter(position__gte=place)
        list(later.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))
        later.update(position=F("position") + 1, version=F("version") + 1, updated_at=timezone.now())
    return place


def _move(record: Any, amendment: Amendment, by: Actor, reason: str) -> None:
    """Move an activity to another area, or an area with all under it to another provision.

    References, markers and source lines stay: they say where the document has it, and others cite them.
    """
    to = amendment.to
    if isinstance(record, Activity):
        if not isinstance(to, CollaborationArea) or to.plan_id != record.plan_id or to == record.area:
            raise Invalid(fields={"to": ["Choose another area of this plan."]})
        record.area = to
        save_record(record=record, by=by, reason=reason)
        return
    if not isinstance(to, Provision) or to.plan_id != record.plan_id or to == record.provision:
        raise Invalid(fields={"to": ["Choose another provision of this plan."]})
    record.provision, record.parent = to, None
    save_record(record=record, by=by, reason=reason)
    moved = [record]
    for above in moved:
        for area in CollaborationArea.objects.filter(parent=above).select_related("plan"):
            area.provision, area.parent = to, above
            save_record(record=area, by=by, reason=reason)
            moved.append(area)


CHANGES: dict[str, Callable[[Any, Amendment, Actor, str], Any]] = {
    rules.READING: _amend_reading,
    rules.MISSING_LEAD: _add_lead,
    rules.EMPTY_AREA: _track,
    rules.TRANSFER: _move,
}
