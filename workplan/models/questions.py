"""What the secretariat has decided on open questions of the plan. The questions themselves are derived from it."""

from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from workplan import rules
from workplan.models.base import SHORT_TEXT, CheckedAtOnce, check_sentences, in_vocabulary
from workplan.models.people import User
from workplan.models.plan import WorkPlan
from workplan.querysets import DecisionQuerySet

RECORD_TYPES = [
    ("section", "Section"),
    ("provision", "Provision"),
    ("area", "Area of collaboration"),
    ("activity", "Activity"),
]


class Decision(CheckedAtOnce):
    """What was decided on one open question. It never changes; a new decision takes its place.

    Attributes:
        record_type, record_id, ref: the record that the question is about, and its reference at the time.
        key: the question as addresses and programs name it.
        matter: the words that it was about when it was decided.
        fingerprint: identifies the matter on which was decided. When that changes, the question is open
            again. Empty where it was opened again, or nothing was left to ask.
        version: which decision on the question it is, from 1; the highest counts.
    """

    plan = models.ForeignKey(WorkPlan, models.PROTECT, related_name="decisions")
    kind = models.CharField(max_length=30, choices=rules.QUESTION_KINDS.choices)
    record_type = models.CharField(max_length=20, choices=RECORD_TYPES)
    record_id = models.PositiveBigIntegerField()
    ref = models.CharField("reference", max_length=40)
    key = models.CharField("question", max_length=160)
    matter = models.JSONField(default=list, blank=True, validators=[check_sentences])
    fingerprint = models.CharField(max_length=16, blank=True)
    decision = models.CharField(max_length=20, choices=rules.QUESTION_DECISIONS.choices)
    reason = models.CharField(max_length=SHORT_TEXT)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="decisions")
    decided_by_name = models.CharField(max_length=300)
    decided_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1, validators=[MinValueValidator(1)])

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-decided_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "record_type", "record_id", "version"],
                name="decision_once_per_version",
                violation_error_message="Somebody else has just decided on this question.",
            ),
            in_vocabulary("kind", rules.QUESTION_KINDS, name="decision_kind_known", what="The kind of question"),
            in_vocabulary("decision", rules.QUESTION_DECISIONS, name="decision_known", what="The decision"),
            models.CheckConstraint(
                condition=Q(record_type__in=[name for name, _ in RECORD_TYPES]),
                name="decision_record_known",
                violation_error_message="A question is about a section, a provision, an area or an activity.",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="decision_reason_present",
                violation_error_message="Say why it is decided so.",
            ),
        ]
        # The decisions of a plan are shown with its questions.
        indexes: ClassVar = [models.Index(fields=["plan", "-version"], name="decision_of_plan")]

    def __str__(self) -> str:
        return f"{rules.QUESTION_KINDS.label(self.kind)}, {self.ref}: {rules.QUESTION_DECISIONS.label(self.decision)}"

    def get_absolute_url(self) -> str:
        return reverse("question", args=[self.plan.code, self.kind, self.record_type, self.ref])
