"""Which reports, and which of what others add to them."""

from typing import ClassVar

from django.db.models import F

from workplan import rules, search
from workplan.filters.base import (
    SORTING,
    AsOfFilter,
    BodyFilter,
    OrderingFilter,
    PlanFilter,
    RefFilter,
    RoundFilter,
    SearchFilter,
    StrictFilterSet,
    VocabularyFilter,
    updated_since,
)
from workplan.models import Activity, Comment, Contribution, Section, StatusUpdate


class UpdateFilterSet(StrictFilterSet):
    """Which status updates."""

    as_of = AsOfFilter(help_text="A day (to its end) or a time: what had been approved and published by then.")
    plan = PlanFilter(field_name="activity__plan__code", help_text="Code of a work plan.")
    section = RefFilter(
        field_name="activity__area__provision__section__ref",
        model=Section,
        help_text="Reference of a section, such as A.",
    )
    activity = RefFilter(
        field_name="activity__ref", model=Activity, must_exist=False, help_text="Reference of an activity."
    )
    round = RoundFilter(field_name="round", help_text="Code of the round it is a report of, or the round’s id.")
    body = BodyFilter(field_name="body", help_text="Acronym or alias of the body that reports.")
    status = VocabularyFilter(choices=rules.STATUSES.choices, help_text="Status it reports.")
    state = VocabularyFilter(choices=rules.REPORT_STATES.choices, help_text="Report state.")
    kind = VocabularyFilter(choices=rules.UPDATE_KINDS.choices, help_text="Kind of update.")
    q = SearchFilter(help_text=search.HELP_UPDATES)
    updated_since = updated_since()
    ordering = OrderingFilter(
        {
            "created_at": F("created_at"),
            "as_of": F("as_of"),
            "submitted_at": F("submitted_at"),
            "updated_at": F("updated_at"),
        },
        tie_breakers=("-id",),
        help_text=SORTING,
    )

    class Meta:
        model = StatusUpdate
        fields: ClassVar[list[str]] = []


class ContributionFilterSet(StrictFilterSet):
    """Which contributions of cooperating bodies."""

    plan = PlanFilter(field_name="activity__plan__code", help_text="Code of a work plan.")
    round = RoundFilter(field_name="round", help_text="Code of a round, such as 2018-1, or its id.")
    body = BodyFilter(field_name="body", help_text="Acronym or alias of the body that contributes.")
    activity = RefFilter(
        field_name="activity__ref", model=Activity, must_exist=False, help_text="Reference of an activity."
    )
    updated_since = updated_since()
    ordering = OrderingFilter(
        {"created_at": F("created_at"), "updated_at": F("updated_at")},
        tie_breakers=("activity__position", "body__position", "id"),
        help_text=SORTING,
    )

    class Meta:
        model = Contribution
        fields: ClassVar[list[str]] = []


class CommentFilterSet(StrictFilterSet):
    """Which comments on a report."""

    ordering = OrderingFilter({"at": F("at")}, tie_breakers=("id",), help_text=SORTING)

    class Meta:
        model = Comment
        fields: ClassVar[list[str]] = []
