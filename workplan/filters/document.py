"""Which plans, which parts of the document (sections, provisions, areas of collaboration), and which bodies."""

import datetime
from typing import Any, ClassVar

from django.db.models import F

from workplan import rules, search
from workplan.filters.base import (
    SORTING,
    TRUE,
    TRUE_OR_FALSE,
    AsOfFilter,
    OrderingFilter,
    PlanFilter,
    RefFilter,
    SearchFilter,
    StrictFilterSet,
    VocabularyFilter,
    updated_since,
)
from workplan.models import (
    Activity,
    CollaborationArea,
    Provision,
    Responsibility,
    Section,
    SectoralBody,
    WorkPlan,
)


class SectionFilterSet(StrictFilterSet):
    """Which sections and, by inheritance, which other records of the document."""

    plan = PlanFilter(field_name="plan__code", help_text="Code of a work plan.")
    ref = RefFilter(model=Section, must_exist=False, help_text="Reference.")
    q = SearchFilter(help_text=search.HELP_TEXT)
    updated_since = updated_since()
    ordering = OrderingFilter(
        {"ref": F("position"), "updated_at": F("updated_at")},
        tie_breakers=("plan", "position"),
        help_text=SORTING,
    )

    class Meta:
        model = Section
        fields: ClassVar[list[str]] = []


class PlaceFilterSet(SectionFilterSet):
    """Which provisions or areas."""

    empty = VocabularyFilter(
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
    area = RefFilter(method="around", model=CollaborationArea, help_text="Reference of an area in it.")

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


class PlanFilterSet(StrictFilterSet):
    """Which work plans."""

    plan = PlanFilter(field_name="code", help_text="Code of a work plan.")
    updated_since = updated_since()
    ordering = OrderingFilter(
        {"code": F("code"), "period_start": F("period_start"), "updated_at": F("updated_at")},
        tie_breakers=("-is_current", "code"),
        help_text=SORTING,
    )

    class Meta:
        model = WorkPlan
        fields: ClassVar[list[str]] = []


class BodyFilterSet(StrictFilterSet):
    """Which sectoral bodies."""

    plan = PlanFilter(method="in_plan", help_text="Code of a work plan: bodies that have a part in it.")
    pillar = VocabularyFilter(choices=rules.PILLARS.choices, help_text="Community pillar.")
    q = SearchFilter(help_text=search.HELP_BODIES)
    updated_since = updated_since()
    ordering = OrderingFilter(
        {"acronym": F("acronym"), "name": F("name"), "updated_at": F("updated_at")},
        tie_breakers=("position", "acronym"),
        help_text=SORTING,
    )

    class Meta:
        model = SectoralBody
        fields: ClassVar[list[str]] = []

    def in_plan(self, rows: Any, name: str, codes: list[str]) -> Any:
        if not codes:
            return rows
        activities = Activity.objects.filter(plan__code__in=codes)
        if activities.filter(all_other_bodies_cooperate=True).exists():
            return rows
        named = Responsibility.objects.filter(activity__in=activities.values("pk"))
        return rows.filter(pk__in=named.values("body"))
