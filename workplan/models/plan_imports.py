"""Files that a whole plan was read from, or is to be."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from workplan import rules
from workplan.models.base import Record, in_vocabulary
from workplan.models.people import User
from workplan.models.plan import WorkPlan


def check_answers(value: Any) -> None:
    """Answers are an object with ``tables``, ``bodies``, ``cells`` and ``waive``.

    Raises:
        ValidationError: they are not.
    """
    known = {"tables", "bodies", "cells", "waive"}
    if not isinstance(value, dict) or not set(value) <= known:
        raise ValidationError("Give an object with tables, bodies, cells and waive.", code="invalid_answers")


class PlanImport(Record):
    """A file that a plan is made of: what people said of it, and the plan that came of it.

    The file is kept in the database, so that it is written with the plan or not at all, and stands in every backup.

    Attributes:
        sha256: of the file, in hexadecimal.
        code, title, edition, period_start, period_end, predecessor: of the plan that it is to become.
        answers: as ``workplan.imports.plan.records.Answers`` has them.
        plan: what was made of it.
    """

    file_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    code = models.SlugField(max_length=60)
    title = models.CharField(max_length=300)
    edition = models.CharField(max_length=100, blank=True)
    period_start = models.DateField()
    period_end = models.DateField()
    predecessor = models.ForeignKey(WorkPlan, models.PROTECT, null=True, blank=True, related_name="+")
    answers = models.JSONField(default=dict, blank=True, validators=[check_answers])
    state = models.CharField(max_length=20, choices=rules.PLAN_IMPORT_STATES.choices, default=rules.OPEN)
    plan = models.OneToOneField(WorkPlan, models.PROTECT, null=True, blank=True, related_name="plan_import")
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="plan_imports")
    created_by_name = models.CharField(max_length=300)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            in_vocabulary("state", rules.PLAN_IMPORT_STATES, name="planimport_state_known", what="The state"),
            models.CheckConstraint(
                condition=Q(state=rules.IMPORTED, plan__isnull=False) | ~Q(state=rules.IMPORTED) & Q(plan__isnull=True),
                name="planimport_plan_of_imported",
                violation_error_message="A plan comes of a file that was imported, and of no other.",
            ),
            models.CheckConstraint(
                condition=Q(period_end__gte=models.F("period_start")),
                name="planimport_period_in_order",
                violation_error_message="The period must end on or after the day it starts.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.code})"

    def get_absolute_url(self) -> str:
        return reverse("plan-import", args=[self.pk])
