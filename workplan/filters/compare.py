"""Which activities, as of two dates, and how their status changed between them."""

import datetime
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import django_filters
from django.core.exceptions import ValidationError
from django.utils import timezone

from workplan import rules
from workplan.filters.activities import CURRENT_ONLY, ActivityFilterSet
from workplan.filters.base import VocabularyFilter
from workplan.filters.fields import PastField, shown
from workplan.models import Activity, ReportingRound, WorkPlan
from workplan.querysets.days import secretariat_day

EARLIER, LATER = "from", "to"
# They choose among the activities that are compared; what is counted is all of these.
LISTING_PARAMETERS = ("moved", "before", "status")
MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class Point:
    """One end of a comparison.

    Attributes:
        moment: the moment as of which the activities are shown.
        asked: what an address says for it: a day, a time, or the code of a round.
        round: the round that is meant; ``None`` where a day or a time is.
    """

    moment: datetime.datetime
    asked: str
    round: ReportingRound | None = None

    @classmethod
    def of_day(cls, day: datetime.date) -> "Point":
        """The end of ``day``."""
        last = datetime.datetime.combine(day, datetime.time.max)
        return cls(timezone.make_aware(last), day.isoformat())

    @classmethod
    def of_round(cls, reporting_round: ReportingRound) -> "Point":
        """The moment of a round's results; now while it is open."""
        moment = reporting_round.ended_at() or cls.of_day(secretariat_day()).moment
        return cls(moment, reporting_round.code, reporting_round)

    @property
    def day(self) -> datetime.date:
        return secretariat_day(self.moment)

    @property
    def file_part(self) -> str:
        """Its name in the name of a file."""
        return self.round.code if self.round is not None else self.day.isoformat()

    @property
    def short(self) -> str:
        """Its name in the heading of a column."""
        return self.round.name if self.round is not None else f"{self.day.day} {self.day:%b %Y}"

    @property
    def label(self) -> str:
        """Its name in a sentence."""
        day = f"{self.day.day} {self.day:%B %Y}"
        if self.round is not None:
            return f"{self.round.name} ({self.round.get_state_display().lower()}, {day})"
        if self.asked == self.day.isoformat():
            return day
        return f"{day}, {timezone.localtime(self.moment):%H:%M:%S}"


class PointField(PastField):
    """A day (meant to its end), a time, or the code of a round of ``plan``."""

    def __init__(self, *, plan: WorkPlan | None = None, **kwargs: Any) -> None:
        self.plan = plan
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        if not value:
            return None
        try:
            moment = super().to_python(value)
        except ValidationError as refusal:
            reporting_round = self._round(value)
            if reporting_round is None:
                if value[:1].isdigit() and value.count("-") == 2:
                    raise refusal  # meant as a day or a time
                raise ValidationError(self._unknown(value)) from None
            if reporting_round.state == rules.PLANNED:
                raise ValidationError(
                    f"{reporting_round.name} ({reporting_round.code}) has not been opened yet. Give a date, or a "
                    f"round that was opened."
                ) from None
            return Point.of_round(reporting_round)
        assert moment is not None
        return Point(moment, value)

    def _round(self, code: str) -> ReportingRound | None:
        return ReportingRound.objects.named(code).filter(plan=self.plan).select_related("plan").first()

    def _unknown(self, value: str) -> str:
        opened = ReportingRound.objects.filter(plan=self.plan).exclude(state=rules.PLANNED).order_by("-period_start")
        codes = list(opened.values_list("code", flat=True)[:MOST_NAMED])
        named = f"Its rounds are {', '.join(codes)}." if codes else "No round of it was opened yet."
        return (
            f"“{shown(value)}” is neither a day such as 2018-06-30, nor a time such as 2018-06-30T08:00:00Z, nor the "
            f"code of a round of this plan. {named}"
        )


class PointFilter(django_filters.Filter):
    """One end of the comparison. Both are read together, by the filter set."""

    field_class = PointField

    def filter(self, qs: Any, value: Any) -> Any:
        return qs


class CompareFilterSet(ActivityFilterSet):
    """Which activities of one plan, and between which two moments.

    Args:
        plan: the plan that is compared; ``None`` for the one that the parameter names, else the current one.
    """

    UNSUPPORTED: ClassVar[dict[str, str]] = {
        "as_of": "A comparison has two dates. Give them as from and to instead of as_of.",
        **{name: f"{name} is known for today only, and cannot be compared. Leave it out." for name in CURRENT_ONLY},
    }

    as_of = None  # type: ignore[assignment]
    report_state = None  # type: ignore[assignment]
    timeliness = None  # type: ignore[assignment]
    moved = VocabularyFilter(
        method="with_status_change",
        choices=rules.STATUS_CHANGE_CHOICES.choices,
        help_text="Change of status: any (moved, the default), one kind, or all activities, changed or unchanged.",
    )
    before = VocabularyFilter(
        method="from_status", choices=rules.STATUSES.choices, help_text="Status at from; status is that at to."
    )

    class Meta:
        model = Activity
        fields: ClassVar[list[str]] = []

    @classmethod
    def get_filters(cls) -> Any:
        """Also the two ends, one of which has a name that Python keeps for itself."""
        ends = {
            EARLIER: PointFilter(
                field_name=EARLIER,
                help_text="The earlier moment: a day (to its end), a time, or the code of a round, such as 2018-1: "
                "when it was published, else closed, else today. Where it is left out: the round that ended last "
                "before to, else the first day of the plan.",
            ),
            LATER: PointFilter(
                field_name=LATER, help_text="The later moment, in the same form. Where it is left out: today."
            ),
        }
        return {**ends, **super().get_filters()}

    def __init__(self, *args: Any, plan: WorkPlan | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = self.data.getlist("plan")
        if plan is None and len(named) == 1:
            plan = WorkPlan.objects.named(named[0]).first()
        elif plan is None:
            plan = WorkPlan.objects.current()
        self.compared_plan = plan
        for name in (EARLIER, LATER):
            self.filters[name].extra["plan"] = plan

    def problems(self) -> dict[str, list[str]]:
        """Also: a comparison is of one plan, and goes from the earlier moment to the later one."""
        found = super().problems()
        if len(self.data.getlist("plan")) > 1:
            found["plan"] = ["A comparison is of one plan. Name it once."]
        if not found:
            earlier, later = self.ends
            if earlier.moment > later.moment:
                sentence = f"{earlier.label} comes after {later.label}. Give the earlier one as from, the later as to."
                found[EARLIER] = [sentence]
        return found

    @cached_property
    def ends(self) -> tuple[Point, Point]:
        """The two moments, where both are given as they should be."""
        given = self.form.cleaned_data
        later: Point = given[LATER] or Point.of_day(secretariat_day())
        return given[EARLIER] or self._before(later), later

    def _before(self, later: Point) -> Point:
        """What ``later`` is compared with where nothing is said: the round before it, else the plan’s beginning."""
        ended = ReportingRound.objects.ended(before=later.moment).filter(plan=self.compared_plan).select_related("plan")
        reporting_round = ended.first()
        if reporting_round is not None:
            return Point.of_round(reporting_round)
        first = self.compared_plan.period_start if self.compared_plan else later.day
        return Point.of_day(first) if first < later.day else later

    def seen(self, rows: Any) -> Any:
        earlier, later = self.ends
        return rows.filter(plan=self.compared_plan).compared(earlier.moment, later.moment)

    @property
    def moment(self) -> datetime.datetime | None:
        return self.ends[1].moment

    @property
    def asked(self) -> list[str]:
        """Which changes of status are asked for; any, where none is named."""
        asked: list[str] = self.form.cleaned_data.get("moved") or [rules.CHANGED]
        return asked

    @property
    def qs(self) -> Any:
        rows = super().qs
        return rows if self.form.cleaned_data.get("moved") else rows.with_status_change([rules.CHANGED])

    def with_status_change(self, rows: Any, name: str, asked: list[str]) -> Any:
        return rows.with_status_change(asked) if asked and rules.ALL not in asked else rows

    def from_status(self, rows: Any, name: str, values: list[str]) -> Any:
        return rows.from_status(values) if values else rows
