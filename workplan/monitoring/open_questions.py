"""What is left open in a plan: one queue, derived from the plan and its published reports each time.

A question is settled while the latest decision is on the matter as it is now. When the matter changes
(another note, another contradictory report), it is open again and shows what was decided before.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from workplan import permissions, rules
from workplan.models import (
    Activity,
    CollaborationArea,
    Decision,
    Provision,
    Section,
    StatusUpdate,
    WorkPlan,
)
from workplan.models.plan import REF_PATTERN
from workplan.models.questions import RECORD_TYPES

RECORDS: dict[str, type[Any]] = {
    "section": Section,
    "provision": Provision,
    "area": CollaborationArea,
    "activity": Activity,
}
KEY = re.compile(rf"([-a-zA-Z0-9_]{{1,60}})\.([a-z_]{{1,30}})\.([a-z]{{1,20}})\.({REF_PATTERN})")
TYPES = {model: name for name, model in RECORDS.items()}
_KIND_ORDER = {kind: place for place, kind in enumerate(rules.QUESTION_KINDS.values)}


@dataclass(slots=True)
class Question:
    """One thing that the plan leaves open.

    Attributes:
        kind: a value of ``rules.QUESTION_KINDS``.
        record: the section, provision, area or activity that it is about.
        section: the section of the record.
        matter: the words that it is about.
        marks: what distinguishes this matter from another.
        reports: the published updates that contradict the ones before them.
        decisions: what was decided, the latest first.
        is_raised: whether the plan still leaves it open; else only its decisions are left.
    """

    kind: str
    record: Any
    section: Section
    matter: list[str]
    marks: list[Any]
    reports: list[StatusUpdate] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    is_raised: bool = True

    @property
    def plan(self) -> WorkPlan:
        """The plan of the record that the question is about."""
        plan: WorkPlan = self.record.plan
        return plan

    @property
    def record_type(self) -> str:
        """What kind of record the question is about, as its address says it."""
        return TYPES[type(self.record)]

    @property
    def ref(self) -> str:
        """The reference of the record in the document."""
        return str(self.record.ref)

    @property
    def key(self) -> str:
        """How programs name the question: plan, kind, record and reference, of which only the last has dots."""
        return f"{self.plan.code}.{self.kind}.{self.record_type}.{self.ref}"

    @property
    def fingerprint(self) -> str:
        """The mark of the matter; empty where nothing is asked any more."""
        return rules.fingerprint(self.kind, self.marks) if self.is_raised else ""

    @property
    def version(self) -> int:
        """The number of decisions on it so far."""
        return self.decisions[0].version if self.decisions else 0

    @property
    def tag(self) -> str:
        """What somebody has seen of it who decides: the decisions, the matter, and the record that may be changed."""
        return f"{self.version}-{self.fingerprint}-{self.record.version}"

    @property
    def as_seen(self) -> str:
        """The question and its tag in one word, for a form that is about several."""
        return f"{self.key}:{self.tag}"

    def was_seen(self, seen: str, *, with_record: bool) -> bool:
        """Whether ``seen``, a ``tag``, is of the question as it is, ``with_record`` of its record as well."""
        stated, now = seen.split("-"), self.tag.split("-")
        return stated == now if with_record else stated[:2] == now[:2]

    @property
    def latest(self) -> Decision | None:
        """The decision that counts now; ``None`` as long as nobody has decided."""
        return self.decisions[0] if self.decisions else None

    @property
    def state(self) -> str:
        """A value of ``rules.QUESTION_STATES``."""
        if not self.is_raised:
            return rules.SETTLED
        if self.latest is None:
            return rules.OPEN
        return rules.SETTLED if self.latest.fingerprint == self.fingerprint else rules.OPEN

    @property
    def name(self) -> str:
        """The record in words: "area B.2.3"."""
        return f"{self.record_type} {self.ref}"

    @property
    def record_label(self) -> str:
        """What kind of record it is about, in words."""
        return dict(RECORD_TYPES)[self.record_type]

    @property
    def asks(self) -> str:
        """What is asked, in one sentence."""
        match self.kind:
            case rules.READING:
                return f"Is the transcription of {self.name} correct?"
            case rules.MISSING_LEAD:
                return f"Which body leads {self.name}, for which no lead body is named?"
            case rules.EMPTY_AREA:
                return f"Should {self.name}, which has no activity, be tracked?"
            case rules.CONTRADICTION:
                return f"Which of the reports on {self.name} is correct?"
        return f"Should {self.name} be transferred, as a remark requests?"

    @property
    def choices(self) -> list[rules.Term]:
        """What can be decided now."""
        values = [*rules.DECISIONS_ON[self.kind]] if self.is_raised else []
        if self.is_raised and self.state == rules.SETTLED:
            values.append(rules.REOPEN)
        return [rules.QUESTION_DECISIONS[value] for value in values]

    @property
    def amends(self) -> list[str]:
        """What a change of the plan can consist of: names of fields."""
        names = rules.AMENDS[self.kind]
        return [name for name in names if name != "expected_output" or isinstance(self.record, Activity)]

    @property
    def record_address(self) -> str:
        """Where the record itself is shown."""
        if isinstance(self.record, Activity):
            return self.record.get_absolute_url()
        return f"{self.plan.get_absolute_url()}#{self.ref}"

    def get_absolute_url(self) -> str:
        """The page of the question."""
        return reverse("question", args=[self.plan.code, self.kind, self.record_type, self.ref])

    @property
    def _order(self) -> tuple[Any, ...]:
        return (self.state != rules.OPEN, self.plan.code, *_place(self.record), _KIND_ORDER[self.kind])


def of_plans(plans: Iterable[WorkPlan], user: Any) -> list[Question]:
    """All questions of some plans, as far as ``user`` may read: what is open first, each in document order."""
    by_pk = {plan.pk: plan for plan in plans}
    if not by_pk or not permissions.may_read(user):
        return []
    sections = {one.pk: _with(one, plan=by_pk) for one in Section.objects.filter(plan__in=by_pk)}
    provisions = {one.pk: _with(one, plan=by_pk, section=sections) for one in Provision.objects.filter(plan__in=by_pk)}
    areas = {
        one.pk: _with(one, plan=by_pk, provision=provisions) for one in CollaborationArea.objects.filter(plan__in=by_pk)
    }
    rows = Activity.objects.visible_to(user).with_open_questions().filter(plan__in=by_pk)
    activities = {one.pk: _with(one, plan=by_pk, area=areas) for one in rows}
    reports = _contradictions(StatusUpdate.objects.filter(activity__plan__in=by_pk).select_related("activity"))
    for pk, updates in reports.items():
        activities.setdefault(pk, _with(updates[0].activity, plan=by_pk, area=areas))
    titles = _titles(sections.values())

    found = [question for record in (*sections.values(), *provisions.values()) for question in _reading(record)]
    busy = _busy(by_pk)
    for area in areas.values():
        found += _about_area(area, is_busy=area.pk in busy, titles=titles)
    for activity in activities.values():
        # What came only for its reports has no reading note, no remark, and a lead.
        has_lead = getattr(activity, "has_lead", True)
        found += _about_activity(activity, has_lead=has_lead, reports=reports.get(activity.pk, []), titles=titles)
    _decided(found, Decision.objects.filter(plan__in=by_pk))
    return sorted(found, key=lambda question: question._order)


def of_activity(activity: Activity, user: Any) -> list[Question]:
    """The questions about one activity. Reads its bodies and places as ``for_display`` fetched them."""
    if not permissions.may_read(user):
        return []
    reports = _contradictions(StatusUpdate.objects.filter(activity=activity)).get(activity.pk, [])
    titles = _titles(Section.objects.filter(plan=activity.plan_id)) if activity.notes else {}
    found = list(_about_activity(activity, has_lead=bool(activity.lead_bodies), reports=reports, titles=titles))
    _decided(found, Decision.objects.filter(record_type="activity", record_id=activity.pk))
    return sorted(found, key=lambda question: question._order)


def find(plan: WorkPlan, kind: str, record_type: str, ref: str, user: Any) -> Question | None:
    """One question by its name; of one that is asked no longer what was decided; ``None`` where there is neither."""
    if kind not in rules.QUESTION_KINDS or record_type not in RECORDS or not permissions.may_read(user):
        return None
    model = RECORDS[record_type]
    record = _stored(model, plan=plan, ref=ref)
    if record is None and (called := model._default_manager.named(ref).filter(plan=plan).first()):
        record = _stored(model, pk=called.pk)
    question = on(kind, record, user) if record is not None else None
    return question if question and (question.is_raised or question.decisions) else None


def again(question: Question, user: Any) -> Question:
    """The question as it is now, asked or not; its record is there, because somebody has locked it."""
    return on(question.kind, _stored(type(question.record), pk=question.record.pk), user)


def on(kind: str, record: Any, user: Any) -> Question:
    """The question of one kind on a record, asked or not."""
    for question in of_record(record, user):
        if question.kind == kind:
            return question
    gone = Question(kind, record, _section(record), matter=[], marks=[], is_raised=False)
    _decided([gone], Decision.objects.filter(record_type=gone.record_type, record_id=record.pk))
    return gone


def of_record(record: Any, user: Any) -> list[Question]:
    """The questions about one section, provision, area or activity."""
    if isinstance(record, Activity):
        return of_activity(record, user)
    if isinstance(record, CollaborationArea):
        busy = _busy([record.plan_id])
        titles = _titles(Section.objects.filter(plan=record.plan_id))
        found = list(_about_area(record, is_busy=record.pk in busy, titles=titles))
    else:
        found = list(_reading(record))
    _decided(found, Decision.objects.filter(record_type=TYPES[type(record)], record_id=record.pk))
    return found


def split(key: str) -> tuple[str, str, str, str]:
    """Plan, kind, type of record and reference that ``key`` names; empty where it does not."""
    found = KEY.fullmatch(key)
    return (found[1], found[2], found[3], found[4]) if found else ("", "", "", "")


def _stored(model: type[Any], **named: Any) -> Any:
    rows: Any = model.objects.filter(**named)
    if model is Activity:
        return rows.for_display().first()
    above = {Section: (), Provision: ("section",), CollaborationArea: ("provision__section", "parent")}[model]
    return rows.select_related("plan", *above).first()


def _with(record: Any, **above: dict[int, Any]) -> Any:
    """``record`` with its parent records, which were fetched once for all."""
    for name, known in above.items():
        setattr(record, name, known[getattr(record, f"{name}_id")])
    return record


def _busy(plans: Collection[int]) -> set[int]:
    """The areas of ``plans`` that have an activity, themselves or in an area under them."""
    areas = CollaborationArea.objects.filter(plan__in=plans).holding(Activity.objects.all(), any_of_them=True)
    return set(areas.values_list("pk", flat=True))


def _contradictions(updates: Any) -> dict[int, list[StatusUpdate]]:
    found: dict[int, list[StatusUpdate]] = {}
    for update in updates.contradicting().select_related("body", "activity"):
        found.setdefault(update.activity_id, []).append(update)
    return found


def _titles(sections: Iterable[Section]) -> dict[int, str]:
    return {section.pk: section.text for section in sections}


def _section(record: Any) -> Section:
    match record:
        case Activity():
            return record.area.provision.section
        case CollaborationArea():
            return record.provision.section
        case Provision():
            return record.section
    section: Section = record
    return section


def _place(record: Any) -> tuple[int, int, int, int]:
    """The position of a record in document order, before its children."""
    match record:
        case Activity():
            return (*_place(record.area)[:3], record.position)
        case CollaborationArea():
            return (*_place(record.provision)[:2], record.position, 0)
        case Provision():
            return (record.section.position, record.position, 0, 0)
    return (record.position, 0, 0, 0)


def _reading(record: Any) -> Iterable[Question]:
    if record.reading_note:
        yield _question(rules.READING, record, [record.reading_note])


def _transfer(record: Any, titles: dict[int, str]) -> Iterable[Question]:
    own = _section(record)
    in_plan = [title for pk, title in titles.items() if pk != own.pk]
    notes = [note for note in record.notes if rules.asks_for_transfer(note, in_plan)]
    if notes:
        yield _question(rules.TRANSFER, record, notes)


def _about_area(area: Any, *, is_busy: bool, titles: dict[int, str]) -> Iterable[Question]:
    yield from _reading(area)
    if not is_busy:
        yield _question(rules.EMPTY_AREA, area, [area.text])
    yield from _transfer(area, titles)


def _about_activity(
    activity: Any, *, has_lead: bool, reports: list[StatusUpdate], titles: dict[int, str]
) -> Iterable[Question]:
    yield from _reading(activity)
    if not has_lead:
        yield _question(
            rules.MISSING_LEAD, activity, [activity.bodies_as_printed] if activity.bodies_as_printed else []
        )
    if reports:
        question = _question(rules.CONTRADICTION, activity, [_contradicts(update) for update in reports])
        question.reports = reports
        question.marks = [[update.before_id, update.pk] for update in reports]  # type: ignore[attr-defined]
        yield question
    yield from _transfer(activity, titles)


def _question(kind: str, record: Any, matter: list[str]) -> Question:
    return Question(kind, record, _section(record), matter=matter, marks=list(matter))


def _contradicts(update: Any) -> str:
    """Two reports that cannot both be right, and why, in words."""
    before = rules.Statement("", update.before_status, update.before_as_of)
    way = rules.contradiction(before, rules.Statement(update.kind, update.status, update.as_of))
    first = f"{update.before_body or 'The secretariat'} reported “{rules.STATUSES.label(before.status)}”"
    then = f"{update.body or 'the secretariat'} reported “{rules.STATUSES.label(update.status)}”"
    return (
        f"{first} as at {before.as_of:%-d %B %Y}; then {then} as at {update.as_of:%-d %B %Y}. "
        f"{rules.CONTRADICTIONS[way].meaning}"
    )


def _decided(found: Iterable[Question], decisions: Any) -> None:
    """Add to each question the decisions on it."""
    known: dict[tuple[str, str, int], list[Decision]] = {}
    for decision in decisions.newest_first():
        known.setdefault((decision.kind, decision.record_type, decision.record_id), []).append(decision)
    for question in found:
        question.decisions = known.get((question.kind, question.record_type, question.record.pk), [])
