"""Which rows: one filter class per kind of row, for page, API and export alike.

A repeated parameter means "or". An unknown parameter, or a value that cannot be meant, is a
problem named after the parameter; it never quietly shows all rows or none.
"""

import datetime
from collections.abc import Collection
from typing import Any, ClassVar

from django.db.models import Case, F, Value, When

from workplan import rules, searching
from workplan.filters.base import (
    SORTING,
    AsOfFilter,
    BodyFilter,
    MomentFilter,
    NumberFilter,
    OrderingFilter,
    PlanFilter,
    RefFilter,
    RoundFilter,
    SearchFilter,
    StrictFilterSet,
    WordsFilter,
)
from workplan.filters.document import AreaFilterSet, ProvisionFilterSet, SectionFilterSet
from workplan.filters.saved_views import ViewFilter
from workplan.models import (
    Activity,
    CollaborationArea,
    Comment,
    Contribution,
    Obligation,
    Provision,
    ReportingRound,
    Responsibility,
    Section,
    SectoralBody,
    StatusUpdate,
    WorkPlan,
)

__all__ = [
    "ActivityFilterSet",
    "AreaFilterSet",
    "BodyFilterSet",
    "CommentFilterSet",
    "ContributionFilterSet",
    "ObligationFilterSet",
    "PlanFilterSet",
    "ProvisionFilterSet",
    "RoundFilterSet",
    "SectionFilterSet",
    "UpdateFilterSet",
]

# What they say is known for today only.
ONLY_NOW = ("report_state", "timeliness")

# Rounds are two a year: more than any plan has.
MOST_ROUNDS = 40


class ActivityFilterSet(StrictFilterSet):
    """Which activities. Every parameter stands in the API documentation with these help texts.

    Args:
        bodies: whose role is meant where no body is named; ``None`` for any body's.
    """

    as_of = AsOfFilter(
        help_text="A day (to its end) or a time: statuses as they were known then. Document and bodies are today’s."
    )
    plan = PlanFilter(field_name="plan__code", help_text="Code of a work plan.")
    section = RefFilter(
        field_name="area__provision__section__ref",
        model=Section,
        help_text="Reference of a section, such as A.",
    )
    provision = RefFilter(
        field_name="area__provision__ref", model=Provision, help_text="Reference of a provision, such as A.1."
    )
    area = RefFilter(
        method="in_area",
        model=CollaborationArea,
        help_text="Reference of an area of collaboration, such as A.1.1; areas under it count too.",
    )
    body = BodyFilter(method="of_body", help_text="Acronym or alias of a body that leads or cooperates.")
    role = WordsFilter(
        method="in_role",
        choices=rules.ROLES.choices,
        help_text="With body: its role. Alone: some body has this role.",
    )
    status = WordsFilter(method="in_status", choices=rules.STATUSES.choices, help_text="Implementation status.")
    report_state = WordsFilter(
        method="reported",
        choices=rules.REPORT_STATES.choices,
        help_text="Has an update in this state; with round: a report of that round.",
    )
    timeliness = WordsFilter(
        method="timely",
        choices=rules.TIMELINESS.choices,
        help_text="Whether a report is due, or came in time, in the round that the plan is in now; with round: in it.",
    )
    silent = NumberFilter(
        method="without_reports",
        most=MOST_ROUNDS,
        label="Rounds without report",
        help_text="No report published in the last so many rounds that have been opened and whose due date has passed, "
        "though each asked for one.",
    )
    round = RoundFilter(
        method="owed", help_text="Code of a round, such as 2018-1, or its id: a report is or was owed in it."
    )
    kind = WordsFilter(choices=rules.ACTIVITY_KINDS.choices, help_text="Activity, or area tracked as one.")
    gap = WordsFilter(method="lacking", choices=rules.GAPS.choices, help_text="What nobody has taken up.")
    q = SearchFilter(help_text=searching.HELP)
    ref = RefFilter(model=Activity, must_exist=False, help_text="Reference of an activity, such as A.1.1.4.")
    updated_since = MomentFilter(
        field_name="updated_at", lookup_expr="gte", help_text="Changed on or after this day or time."
    )
    view = ViewFilter(
        max_length=60, help_text="Slug of a saved view: all that it says applies, and all else said here."
    )
    ordering = OrderingFilter(
        {
            "ref": F("position"),
            "status": lambda rows: Case(
                *(
                    When(**{rows.column("status"): term.value}, then=Value(place))
                    for place, term in enumerate(rules.STATUSES)
                )
            ),
            "status_as_of": lambda rows: F(rows.column("status_as_of")),
            "updated_at": F("updated_at"),
        },
        tie_breakers=("plan", "position"),
        help_text=SORTING,
    )

    class Meta:
        model = Activity
        fields: ClassVar[list[str]] = []

    def __init__(self, *args: Any, bodies: Collection[SectoralBody] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bodies_meant = bodies

    def problems(self) -> dict[str, list[str]]:
        """Also: what is known for today only cannot be asked as of another day."""
        found = super().problems()
        if "as_of" in self.data:
            opened = self.form.cleaned_data.get("view")
            for name in ONLY_NOW:
                text = f"{name} is known for today only. Leave it out, or leave out as_of."
                if name in self.data:
                    found.setdefault(name, [text])
                if opened and name in opened.filterset.data:
                    found.setdefault("view", [f"“{opened.view}” chooses by {name}. {text}"])
        return found

    @property
    def moment(self) -> datetime.datetime | None:
        """The moment as of which the rows are seen; ``None`` for now."""
        moment: datetime.datetime | None = self.form.cleaned_data.get("as_of")
        return moment

    @property
    def chosen(self) -> dict[str, Any]:
        return {name: value for name, value in super().chosen.items() if name != "as_of"}

    def rows_as_of(self, moment: datetime.datetime | None) -> Any:
        """The rows that the same filters leave as of another moment; ``None`` for the one that was asked for."""
        values = self.form.cleaned_data | ({"as_of": moment} if moment else {})
        rows = self.seen(self.queryset.all())
        for name in self.form.cleaned_data:
            rows = self.filters[name].filter(rows, values[name])
        return rows

    @property
    def can_look_back(self) -> bool:
        """Whether the same can be asked as of another moment: neither it nor its view is for today only."""
        opened = self.form.cleaned_data.get("view")
        said = [self.data, opened.filterset.data] if opened else [self.data]
        return not any(name in query for query in said for name in ONLY_NOW)

    def in_status(self, rows: Any, name: str, values: list[str]) -> Any:
        return rows.in_status(values) if values else rows

    def in_area(self, rows: Any, name: str, refs: list[str]) -> Any:
        return rows.filter(area__in=CollaborationArea.objects.under(refs)) if refs else rows

    def of_body(self, rows: Any, name: str, bodies: list[SectoralBody]) -> Any:
        if not bodies:
            return rows
        roles = self.form.cleaned_data.get("role") or []
        return rows.involving(bodies, roles[0] if len(roles) == 1 else "")

    def in_role(self, rows: Any, name: str, roles: list[str]) -> Any:
        if not roles or self.form.cleaned_data.get("body"):
            return rows
        return rows.involving(self.bodies_meant, roles[0] if len(roles) == 1 else "")

    def reported(self, rows: Any, name: str, states: list[str]) -> Any:
        if not states:
            return rows
        return rows.with_report_in(
            states, getattr(self.request, "user", None), self.form.cleaned_data.get("round") or None
        )

    def timely(self, rows: Any, name: str, values: list[str]) -> Any:
        if not values:
            return rows
        rounds = self.form.cleaned_data.get("round")
        return rows.timely_in(rounds, values, getattr(self.request, "user", None)) if rounds else rows.timely(values)

    def without_reports(self, rows: Any, name: str, number: int) -> Any:
        return rows.silent_for(number) if number else rows

    def owed(self, rows: Any, name: str, rounds: list[ReportingRound]) -> Any:
        return rows.owed_in(rounds) if rounds else rows

    def lacking(self, rows: Any, name: str, gaps: list[str]) -> Any:
        return rows.in_gap(gaps) if gaps else rows


class PlanFilterSet(StrictFilterSet):
    """Which work plans."""

    plan = PlanFilter(field_name="code", help_text="Code of a work plan.")
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
    pillar = WordsFilter(choices=rules.PILLARS.choices, help_text="Community pillar.")
    q = SearchFilter(help_text=searching.HELP_BODIES)
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


class UpdateFilterSet(StrictFilterSet):
    """Which status updates."""

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
    status = WordsFilter(choices=rules.STATUSES.choices, help_text="Status it reports.")
    state = WordsFilter(choices=rules.REPORT_STATES.choices, help_text="Report state.")
    kind = WordsFilter(choices=rules.UPDATE_KINDS.choices, help_text="Kind of update.")
    q = SearchFilter(help_text=searching.HELP_UPDATES)
    updated_since = MomentFilter(
        field_name="updated_at", lookup_expr="gte", help_text="Changed on or after this day or time."
    )
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


class RoundFilterSet(StrictFilterSet):
    """Which reporting rounds."""

    plan = PlanFilter(field_name="plan__code", help_text="Code of a work plan.")
    state = WordsFilter(choices=rules.ROUND_STATES.choices, help_text="State of the round.")
    kind = WordsFilter(choices=rules.ROUND_KINDS.choices, help_text="Kind of round.")
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


class ContributionFilterSet(StrictFilterSet):
    """Which contributions of cooperating bodies."""

    plan = PlanFilter(field_name="activity__plan__code", help_text="Code of a work plan.")
    round = RoundFilter(field_name="round", help_text="Code of a round, such as 2018-1, or its id.")
    body = BodyFilter(field_name="body", help_text="Acronym or alias of the body that contributes.")
    activity = RefFilter(
        field_name="activity__ref", model=Activity, must_exist=False, help_text="Reference of an activity."
    )
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


class ObligationFilterSet(StrictFilterSet):
    """Which of the reports that are owed in a round."""

    body = BodyFilter(field_name="body", help_text="Acronym or alias of the body that owes.")
    section = RefFilter(
        field_name="activity__area__provision__section__ref",
        model=Section,
        help_text="Reference of a section, such as A.",
    )
    activity = RefFilter(
        field_name="activity__ref", model=Activity, must_exist=False, help_text="Reference of an activity."
    )
    state = WordsFilter(
        field_name="shown_state",
        choices=rules.OBLIGATION_STATES.choices,
        help_text="State of the report; a draft of another body counts as owed.",
    )
    timeliness = WordsFilter(choices=rules.TIMELINESS.choices, help_text="Whether it is due, or came in time.")
    ordering = OrderingFilter(
        {"ref": F("activity__position"), "due_on": F("due_on")},
        tie_breakers=("activity__position", "body__position", "id"),
        help_text=SORTING,
    )

    class Meta:
        model = Obligation
        fields: ClassVar[list[str]] = []
