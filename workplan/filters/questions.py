"""Which of the open questions. They are derived, not stored, so the filters choose among them."""

from collections.abc import Callable, Collection, Iterable
from typing import Any, ClassVar, Protocol, TypeVar

import django_filters

from workplan import rules
from workplan.filters.base import PlanFilter, RefFilter, StrictFilterSet, VocabularyFilter
from workplan.models import Decision, Section, WorkPlan
from workplan.models.questions import RECORD_TYPES


class Question(Protocol):
    """What the filters need to know of an open question (``workplan.monitoring.open_questions``)."""

    kind: str
    record: Any
    section: Section
    matter: list[str]

    @property
    def plan(self) -> WorkPlan: ...

    @property
    def state(self) -> str: ...

    @property
    def record_type(self) -> str: ...

    @property
    def ref(self) -> str: ...


Asked = TypeVar("Asked", bound=Question)

# What of a question each parameter is compared with.
_VALUES: dict[str, Callable[[Question], str]] = {
    "plan": lambda question: question.plan.code,
    "kind": lambda question: question.kind,
    "state": lambda question: question.state,
    "section": lambda question: question.section.ref,
    "record": lambda question: question.record_type,
    "ref": lambda question: question.ref,
}


class QuestionFilterSet(StrictFilterSet):
    """Which open questions."""

    plan = PlanFilter(help_text="Code of a work plan.")
    kind = VocabularyFilter(choices=rules.QUESTION_KINDS.choices, help_text="Kind of question.")
    state = VocabularyFilter(choices=rules.QUESTION_STATES.choices, help_text="State of the question.")
    section = RefFilter(model=Section, help_text="Reference of the section of the record, such as A.")
    record = VocabularyFilter(choices=RECORD_TYPES, help_text="Kind of record that the question is about.")
    ref = RefFilter(model=Section, must_exist=False, help_text="Reference of the record, such as B.2.3.")
    q = django_filters.CharFilter(
        max_length=200, help_text="Words that all occur in what the question is about, or in the record."
    )

    class Meta:
        model = Decision
        fields: ClassVar[list[str]] = []

    def among(self, questions: Iterable[Asked], *, without: Collection[str] = ()) -> list[Asked]:
        """The questions that the parameters leave, ``without`` some of them."""
        chosen = {name: set(values) for name, values in self._given("plan", *_VALUES) if name not in without}
        words = [] if "q" in without else (self.form.cleaned_data.get("q") or "").casefold().split()
        return [
            question
            for question in questions
            if all(_VALUES[name](question) in values for name, values in chosen.items())
            and all(word in _text(question) for word in words)
        ]

    def _given(self, *names: str) -> Iterable[tuple[str, Any]]:
        values = self.form.cleaned_data
        return ((name, values[name]) for name in names if values.get(name))


def _text(question: Question) -> str:
    return " ".join((question.ref, question.record.text, *question.matter)).casefold()
