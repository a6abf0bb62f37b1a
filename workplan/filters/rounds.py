"""Which of the reports that a round asks for."""

from typing import Any, ClassVar

from workplan import completion, rules
from workplan.filters.base import StrictFilterSet, WordsFilter
from workplan.filters.fields import BodyField
from workplan.models import Obligation, SectoralBody


class OwingField(BodyField):
    """Bodies by any spelling, and the secretariat, which owes what has no lead."""

    def resolve(self, values: list[str]) -> list[Any]:
        named = [value for value in values if value != completion.SECRETARIAT]
        return [*super().resolve(named), *([None] if len(named) < len(values) else [])]


class OwingFilter(WordsFilter):
    field_class = OwingField


class OwedFilterSet(StrictFilterSet):
    """Which rows of what is owed, a queryset of ``completion.shown_to``."""

    body = OwingFilter(method="of_bodies", label="Body", help_text="Acronym, or “secretariat”.")
    state = WordsFilter(field_name="shown_state", choices=rules.OBLIGATION_STATES.choices, label="State")
    timeliness = WordsFilter(field_name="shown_timeliness", choices=rules.TIMELINESS.choices, label="Timeliness")

    class Meta:
        model = Obligation
        fields: ClassVar[list[str]] = []

    def of_bodies(self, rows: Any, name: str, bodies: list[SectoralBody | None]) -> Any:
        if not bodies:
            return rows
        wanted = rows.filter(body__in=[body for body in bodies if body])
        return wanted | rows.filter(body=None) if None in bodies else wanted
