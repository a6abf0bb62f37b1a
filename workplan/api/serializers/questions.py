"""Open questions in JSON, and what a decision on one must look like to be read."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from workplan import permissions, rules
from workplan.api.fields import (
    Addresses,
    BodyAcronymField,
    Moment,
    PageAddress,
    StrictBoolean,
    StrictChoice,
    StrictSerializer,
    StrictText,
    TermField,
)
from workplan.api.serializers.document import Lines, SectionInBrief, Texts
from workplan.api.serializers.refusals import Error
from workplan.models import Decision
from workplan.models.base import LONG_TEXT, SHORT_TEXT
from workplan.models.questions import RECORD_TYPES
from workplan.monitoring.open_questions import TYPES, Question

RESOURCES = {"section": "sections", "provision": "provisions", "area": "areas", "activity": "activities"}


class DecisionSerializer(serializers.ModelSerializer[Decision]):
    """What was decided on a question."""

    decision = TermField(rules.QUESTION_DECISIONS)
    reason = serializers.SerializerMethodField(help_text="For those who take part in reporting; null for others.")
    decided_by = serializers.SerializerMethodField(help_text="For those who take part in reporting; null for others.")
    decided_at = Moment(read_only=True)
    about = Texts(source="matter", help_text="What the question was about then.")

    class Meta:
        model = Decision
        fields = ["version", "decision", "reason", "decided_by", "decided_at", "about"]
        read_only_fields = fields

    def get_reason(self, decision: Decision) -> str | None:
        return decision.reason if self._knows_why else None

    def get_decided_by(self, decision: Decision) -> str | None:
        return decision.decided_by_name if self._knows_why else None

    @property
    def _knows_why(self) -> bool:
        return permissions.can_see_why_decided(self.context["request"].user)


class RecordInQuestion(serializers.Serializer[Any]):
    """The section, provision, area or activity that a question is about."""

    type = serializers.SerializerMethodField()
    id = serializers.IntegerField(source="pk", read_only=True)
    ref = serializers.CharField(read_only=True)
    url = serializers.SerializerMethodField()
    marker = serializers.CharField(read_only=True)
    text = serializers.CharField(read_only=True)
    text_as_printed = serializers.CharField(read_only=True)
    source_lines = Lines(read_only=True, help_text="First and last line in the source, from 1.")

    @extend_schema_field({"type": "string", "enum": [name for name, _ in RECORD_TYPES]})
    def get_type(self, record: Any) -> str:
        return TYPES[type(record)]

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, record: Any) -> str:
        addresses: Addresses = self.context["addresses"]
        return addresses.of(RESOURCES[TYPES[type(record)]], record.pk)


class QuestionSerializer(serializers.Serializer[Question]):
    """One thing that the plan leaves open."""

    key = serializers.CharField(read_only=True, help_text="Plan, kind, type of record and reference.")
    url = serializers.SerializerMethodField()
    html_url = PageAddress()
    plan = serializers.CharField(source="plan.code", read_only=True, help_text="Code of the work plan.")
    kind = serializers.ChoiceField(choices=rules.QUESTION_KINDS.choices, read_only=True)
    state = serializers.ChoiceField(choices=rules.QUESTION_STATES.choices, read_only=True)
    asks = serializers.CharField(read_only=True, help_text="What is asked, in one sentence.")
    about = Texts(source="matter", read_only=True, help_text="The words that it is about.")
    section = SectionInBrief(read_only=True)
    record = RecordInQuestion(read_only=True)
    reports = serializers.SerializerMethodField(
        help_text="Addresses of the published updates that contradict each other, the earliest first."
    )
    decisions = DecisionSerializer(many=True, read_only=True, help_text="What was decided, the latest first.")
    tag = serializers.CharField(
        read_only=True,
        help_text="What If-Match takes: it changes with decisions, with what is asked, and with the record.",
    )
    allowed_decisions = serializers.SerializerMethodField(help_text="What the calling user can decide on it now.")
    allowed_actions = serializers.SerializerMethodField(help_text="What the calling user can do to it now.")

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, question: Question) -> str:
        return self._addresses.of("questions", question.key)

    @extend_schema_field({"type": "array", "items": {"type": "string", "format": "uri"}})
    def get_reports(self, question: Question) -> list[str]:
        keys = dict.fromkeys(key for one in question.reports for key in (one.before_id, one.pk))  # type: ignore[attr-defined]
        return [self._addresses.of("updates", key) for key in keys]

    @extend_schema_field({"type": "array", "items": {"type": "string", "enum": rules.QUESTION_DECISIONS.values}})
    def get_allowed_decisions(self, question: Question) -> list[str]:
        return [term.value for term in question.choices] if self.get_allowed_actions(question) else []

    @extend_schema_field({"type": "array", "items": {"type": "string", "enum": list(permissions.QUESTION_ACTIONS)}})
    def get_allowed_actions(self, question: Question) -> list[str]:
        return permissions.allowed_question_actions(self.context["request"].user, question)

    @property
    def _addresses(self) -> Addresses:
        addresses: Addresses = self.context["addresses"]
        return addresses


class StaleQuestionError(Error):
    """Somebody else has changed it since it was read; ``current`` is the question as it is now."""

    current = QuestionSerializer()


class Settlement(StrictSerializer):
    """What is decided on a question, and why; with `amend`, what changes in the plan."""

    decision = StrictChoice(choices=rules.QUESTION_DECISIONS.choices)
    reason = StrictText(allow_blank=True, max_length=SHORT_TEXT, help_text="Why, in a sentence or more.")
    text = StrictText(
        required=False,
        allow_blank=True,
        max_length=LONG_TEXT,
        help_text="A transcription: the correct text of the record.",
    )
    expected_output = StrictText(
        required=False, allow_blank=True, max_length=LONG_TEXT, help_text="A transcription of an activity: its output."
    )
    clear_note = StrictBoolean(required=False, help_text="A transcription: remove the transcription note.")
    lead = BodyAcronymField(required=False, help_text="A missing lead, or an area to be tracked: the body that leads.")
    to = StrictText(
        required=False,
        max_length=40,
        help_text="A transfer: reference of the area that an activity, or the provision that an area is moved to.",
    )
