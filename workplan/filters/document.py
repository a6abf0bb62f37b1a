"""Which parts of the document: sections, provisions, areas of collaboration."""

import datetime
from typing import Any, ClassVar

from django.db.models import F

from workplan import searching
from workplan.filters.base import (
    SORTING,
    AsOfFilter,
    OrderingFilter,
    PlanFilter,
    RefFilter,
    SearchFilter,
    StrictFilterSet,
    WordsFilter,
)
from workplan.models import Activity, CollaborationArea, Provision, Section

TRUE = "true"
TRUE_OR_FALSE = ((TRUE, "Yes"), ("false", "No"))


class SectionFilterSet(StrictFilterSet):
    """Which sections and, by inheritance, which other records of the document."""

    plan = PlanFilter(field_name="plan__code", help_text="Code of a work plan.")
    ref = RefFilter(model=Section, must_exist=False, help_text="Reference.")
    q = SearchFilter(help_text=searching.HELP_TEXT)
    ordering = OrderingFilter(
        {"ref": F("position"), "updated_at": F("updated_at")},
        tie_breakers=("plan", "position"),
        help_text=SORTING,
    )

    class Meta:
        model = Section
        fields: ClassVar[list[str]] = []


class PlaceFilterSet(SectionFilterSet):
    """Which of the places that activities stand in."""

    empty = WordsFilter(
        method="holding", choices=TRUE_OR_FALSE, help_text="Whether it has no activity; below an area counts too."
    )
    as_of = AsOfFilter(
        method="with_empty", help_text="With empty: activities that had entered the plan by this day or time."
    )

    def problems(self) -> dict[str, list[str]]:
        """Also: a day by which nothing is judged would change nothing."""
        found = super().problems()
        if "as_of" in self.data and "empty" not in self.data:
            found.setdefault("as_of", ["as_of says when a place was empty. Give empty with it, or leave it out."])
        return found

    def holding(self, rows: Any, name: str, wanted: list[str]) -> Any:
        if len(wanted) != 1:
            return rows
        activities = Activity.objects.visible_to(getattr(self.request, "user", None))
        moment: datetime.datetime | None = self.form.cleaned_data.get("as_of")
        if moment is not None:
            activities = activities.as_of(moment)
        return rows.holding(activities, any_of_them=wanted != [TRUE])

    def with_empty(self, rows: Any, name: str, moment: datetime.datetime) -> Any:
        return rows


class ProvisionFilterSet(PlaceFilterSet):
    section = RefFilter(field_name="section__ref", model=Section, help_text="Reference of its section.")
    area = RefFilter(method="around", model=CollaborationArea, help_text="Reference of an area that stands under it.")

    class Meta:
        model = Provision
        fields: ClassVar[list[str]] = []

    def around(self, rows: Any, name: str, refs: list[str]) -> Any:
        return rows.filter(pk__in=CollaborationArea.objects.under(refs).values("provision")) if refs else rows


class AreaFilterSet(PlaceFilterSet):
    section = RefFilter(field_name="provision__section__ref", model=Section, help_text="Reference of its section.")
    provision = RefFilter(field_name="provision__ref", model=Provision, help_text="Reference of its provision.")
    area = RefFilter(
        method="under", model=CollaborationArea, help_text="Reference of an area; areas under it are meant too."
    )

    class Meta:
        model = CollaborationArea
        fields: ClassVar[list[str]] = []

    def under(self, rows: Any, name: str, refs: list[str]) -> Any:
        return rows.under(refs) if refs else rows
