"""Which rounds, and which of the reports that a round asks for."""

from typing import Any, ClassVar

from django.db.models import F

from workplan import rules
from workplan.filters.base import (
    SORTING,
    BodyFilter,
    OrderingFilter,
    PlanFilter,
    RefFilter,
    StrictFilterSet,
    VocabularyFilter,
    updated_since,
)
from workplan.filters.fields import BodyField
from workplan.models import Activity, Obligation, ReportingRound, Section, SectoralBody

# The value in addresses for activities without a lead body, which the secretariat reports on where anybody does.
SECRETARIAT = "secretariat"


class ResponsibleBodyField(BodyField):
    """Bodies by any spelling, and what is called the secretariat’s: activities without a lead body."""

    def resolve(self, values: list[str]) -> list[Any]:
        named = [value for value in values if value != SECRETARIAT]
        return [*super().resolve(named), *([None] if len(named) < len(values) else [])]


class ResponsibleBodyFilter(VocabularyFilter):
    field_class = ResponsibleBodyField


class DueReportFilterSet(StrictFilterSet):
    """Which of the reports due, those of ``Obligation.objects.shown_to``."""

    body = ResponsibleBodyFilter(
        method="of_bodies", label="Body", help_text="Acronym, or “secretariat” for activities without a lead body."
    )
    state = VocabularyFilter(
        field_name="shown_state",
        choices=rules.SHOWN_STATES.choices,
        label="State",
        help_text="State of the report that is due.",
    )
    timeliness = VocabularyFilter(
        field_name="shown_timeliness",
        choices=rules.TIMELINESS.choices,
        label="Timeliness",
        help_text="Whether the report is due, overdue, on time, late or was not received.",
    )

    class Meta:
        model = Obligation
        fields: ClassVar[list[str]] = []

    def of_bodies(self, rows: Any, name: str, bodies: list[SectoralBody | None]) -> Any:
        if not bodies:
            return rows
        wanted = rows.filter(body__in=[body for body in bodies if body])
        return wanted | rows.filter(body=None) if None in bodies else wanted


class RoundFilterSet(StrictFilterSet):
    """Which reporting rounds."""

    plan = PlanFilter(field_name="plan__code", help_text="Code of a work plan.")
    state = VocabularyFilter(choices=rules.ROUND_STATES.choices, help_text="State of the round.")
    kind = VocabularyFilter(choices=rules.ROUND_KINDS.choices, help_text="Kind of round.")
    updated_since = updated_since()
    ordering = OrderingFilter(
        {
            "period_start": F("period_start"),
            "opens_on": F("opens_on"),
            "due_on": F("due_on"),
            "updated_at": F("updated_at"),
        },
        tie_breakers=("plan", "period_start", "id"),
        help_text=SORTING,
    )

    class Meta:
        model = ReportingRound
        fields: ClassVar[list[str]] = []


class ObligationFilterSet(StrictFilterSet):
    """Which of the reports due in a round."""

    body = BodyFilter(field_name="body", help_text="Acronym or alias of the body from which the report is due.")
    section = RefFilter(
        field_name="activity__area__provision__section__ref",
        model=Section,
        help_text="Reference of a section, such as A.",
    )
    activity = RefFilter(
        field_name="activity__ref", model=Activity, must_exist=False, help_text="Reference of an activity."
    )
    state = VocabularyFilter(
        field_name="shown_state",
        choices=rules.SHOWN_STATES.choices,
        help_text="State of the report; “owed” is due and not started; a draft of another body counts as this.",
    )
    timeliness = VocabularyFilter(choices=rules.TIMELINESS.choices, help_text="Whether it is due, or came in time.")
    ordering = OrderingFilter(
        {"ref": F("activity__position"), "due_on": F("due_on")},
        tie_breakers=("activity__position", "body__position", "id"),
        help_text=SORTING,
    )

    class Meta:
        model = Obligation
        fields: ClassVar[list[str]] = []
