"""Which activities: the filters of list, matrix, figures, exports, API and saved views."""

import datetime
from collections.abc import Collection
from typing import Any, ClassVar

from django.db.models import Case, F, Value, When

from workplan import rules, search
from workplan.filters.base import (
    SORTING,
    AsOfFilter,
    BodyFilter,
    NameFilter,
    NumberFilter,
    OrderingFilter,
    PlanFilter,
    RefFilter,
    RoundFilter,
    SearchFilter,
    StrictFilterSet,
    VocabularyFilter,
    updated_since,
)
from workplan.filters.saved_views import ViewFilter
from workplan.models import Activity, CollaborationArea, Provision, ReportingRound, Section, SectoralBody

# What they filter by is known for today only.
CURRENT_ONLY = ("report_state", "timeliness")

# Rounds are two a year: more than any plan has.
MOST_ROUNDS = 40


class ActivityFilterSet(StrictFilterSet):
    """Which activities. The API documentation lists every parameter with these help texts.

    Args:
        bodies: whose role is meant where no body is named; ``None`` for any body's.
    """

    as_of = AsOfFilter(help_text="A day (to its end) or a time: statuses as of then. Document and bodies are today’s.")
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
    role = VocabularyFilter(
        method="in_role",
        choices=rules.ROLES.choices,
        help_text="With body: its role. Alone: some body has this role.",
    )
    status = VocabularyFilter(method="in_status", choices=rules.STATUSES.choices, help_text="Implementation status.")
    report_state = VocabularyFilter(
        method="reported",
        choices=rules.REPORT_STATES.choices,
        help_text="Has an update in this state; with round: a report of that round.",
    )
    timeliness = VocabularyFilter(
        method="timely",
        choices=rules.TIMELINESS.choices,
        help_text="Whether a report is due, or came in time, in the round that the plan is in now; with round: in it. "
        "Readers who take no part in reporting see it by what is published: without a published report, by the date. "
        "On an activity without a lead body no report is due.",
    )
    silent = NumberFilter(
        method="without_reports",
        most=MOST_ROUNDS,
        label="Rounds without report",
        help_text="Non-reporting: no report published in the last so many rounds that have been opened and are "
        "past their date, though in each one was due.",
    )
    round = RoundFilter(
        method="due_in_rounds",
        help_text="Code of a round, such as 2018-1, or its id: a report is or was due from a body in it.",
    )
    kind = VocabularyFilter(choices=rules.ACTIVITY_KINDS.choices, help_text="Activity, or area tracked as one.")
    gap = VocabularyFilter(method="lacking", choices=rules.GAPS.choices, help_text="Gaps in coverage.")
    q = SearchFilter(help_text=search.HELP)
    ref = RefFilter(model=Activity, must_exist=False, help_text="Reference of an activity, such as A.1.1.4.")
    attribute = NameFilter(
        field_name="attributes",
        label="Other column",
        help_text="Heading of another column of the plan, such as Timeline, that says something of the activity.",
    )
    updated_since = updated_since()
    view = ViewFilter(
        max_length=60, help_text="Slug of a saved view: its filters apply, together with the other parameters."
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
        tie_breakers=("-plan_id", "position"),
        help_text=SORTING,
    )

    class Meta:
        model = Activity
        fields: ClassVar[list[str]] = []

    def __init__(self, *args: Any, bodies: Collection[SectoralBody] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.body_scope = bodies

    def problems(self) -> dict[str, list[str]]:
        """Also refuses, as of another day, what is known for today only."""
        found = super().problems()
        if "as_of" in self.data:
            opened = self.form.cleaned_data.get("view")
            for name in CURRENT_ONLY:
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
    def supports_as_of(self) -> bool:
        """Whether the same can be asked as of another moment: neither it nor its view is for today only."""
        opened = self.form.cleaned_data.get("view")
        message = [self.data, opened.filterset.data] if opened else [self.data]
        return not any(name in query for query in message for name in CURRENT_ONLY)

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
        return rows.involving(self.body_scope, roles[0] if len(roles) == 1 else "")

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
        return rows.non_reporting_for(number) if number else rows

    def due_in_rounds(self, rows: Any, name: str, rounds: list[ReportingRound]) -> Any:
        return rows.due_in(rounds) if rounds else rows

    def lacking(self, rows: Any, name: str, gaps: list[str]) -> Any:
        return rows.in_gap(gaps) if gaps else rows
