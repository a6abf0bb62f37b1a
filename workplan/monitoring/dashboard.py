"""What people look at before a meeting: the figures of the dashboard, each with the filter of the rows it counts."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from workplan import permissions, rules
from workplan.filters import CURRENT_ONLY, ActivityFilterSet
from workplan.models import LateException, Provision, ReportingRound, Section, SectoralBody, WorkPlan
from workplan.monitoring import achievements, charts, completion, summary
from workplan.monitoring.achievements import Achievement
from workplan.monitoring.completion import Figure
from workplan.monitoring.summary import Tally
from workplan.querysets.days import secretariat_day
from workplan.rules import COMPLETED, Term

NON_REPORTING_ROUNDS = 2
RECENT, UPCOMING = 6, 8

# In the order of stacking: completed first, at the base.
STACKED = (COMPLETED, "ongoing", "not_started", "deferred", "cancelled", "not_reported")

TOTAL = Figure("total", "Activities", "Activities of the plan, and areas that are tracked as one.")
NON_REPORTING = Figure(
    "silent",
    "No report in two or more rounds",
    "In each of the last two rounds that were opened and are past their due date a report was due, and none was "
    "published.",
)
LEAD = Figure("lead", "Lead", "Activities that the body leads, alone or with others.")
COOPERATING = Figure(
    "cooperating", "Cooperating", "Activities in which the body cooperates; “all other SB” means every body."
)
ASKED = Figure(
    "asked", "Expected", "Activities on which a report is expected from a body in the round, each counted once."
)
WITHOUT_LEAD = Figure(
    "no_lead", "No lead body", "No report on these activities is due from a body. Their lead body is an open question."
)


@dataclass(frozen=True, slots=True)
class Counted:
    """A number of activities, and the filter that leaves exactly these in list, files and API."""

    number: int
    query: str


@dataclass(frozen=True, slots=True)
class Line:
    """What one place, body or moment counts: all of its activities, and those in each status."""

    total: Counted
    statuses: list[tuple[Term, Counted]]
    tally: Tally


@dataclass(frozen=True, slots=True)
class ProvisionLine:
    """A provision with its figures."""

    provision: Provision
    line: Line


@dataclass(frozen=True, slots=True)
class SectionLine:
    """A section with its figures and its provisions."""

    section: Section
    line: Line
    provisions: list[ProvisionLine]


@dataclass(frozen=True, slots=True)
class BodyLine:
    """The activities of one body, in the role that is asked for or in both.

    Attributes:
        lead, cooperating: ``None`` where only the other role is asked for.
    """

    body: SectoralBody
    lead: Counted | None
    cooperating: Counted | None
    line: Line


@dataclass(frozen=True, slots=True)
class PointLine:
    """The statuses of the activities as of one moment.

    Attributes:
        round: the round that ended then; for the last point the one that is open, if any.
        at: ``None`` for now, or for the day that is chosen.
    """

    round: ReportingRound | None
    at: datetime.datetime | None
    line: Line


@dataclass(frozen=True, slots=True)
class RoundLine:
    """How timely the reports of a round are; each activity counts once."""

    round: ReportingRound
    asked: Counted
    on_time: Counted
    late: Counted
    overdue: Counted
    not_received: Counted

    @property
    def remainder(self) -> int:
        """Neither submitted, as far as the reader may know, nor missing."""
        parts = (self.on_time, self.late, self.overdue, self.not_received)
        return self.asked.number - sum(part.number for part in parts)

    @property
    def is_over(self) -> bool:
        """Whether the round is published, so that what is missing is not received, and overdue no more."""
        return self.round.state == rules.PUBLISHED

    @property
    def missing(self) -> Counted:
        """What is missing, under the one name that it has in this round."""
        return self.not_received if self.is_over else self.overdue


@dataclass(frozen=True, slots=True)
class Deadline:
    """A day that is coming, and what it is the day of."""

    day: datetime.date
    words: str
    round: ReportingRound
    body: SectoralBody | None = None


@dataclass(slots=True)
class Dashboard:
    """The figures of a plan.

    Attributes:
        moment: the moment that is chosen; ``None`` for now.
        columns: the statuses that are asked for, and so counted.
        non_reporting: what ``NON_REPORTING`` means.
        without_lead: what ``WITHOUT_LEAD`` means.
        points: the trend; empty where the filters ask for what is known for today only.
        rounds: how timely each opened round was; ``None`` where that is not known for what is asked.
        current: the round that the plan is in now, of ``rounds``.
        all_completed: ``None`` where other statuses are asked for.
        completed: those that became so last.
        deadlines: ``None`` where the dashboard is as of an earlier moment.
        roles: of those that bodies have, the ones that are asked for.
        times: how timely a report may be, as far as this reader may know it.
    """

    moment: datetime.datetime | None
    whole: Line
    columns: list[Term]
    non_reporting: Counted
    without_lead: Counted
    sections: list[SectionLine]
    bodies: list[BodyLine]
    points: list[PointLine]
    rounds: list[RoundLine] | None
    current: RoundLine | None
    all_completed: Counted | None
    completed: list[Achievement]
    deadlines: list[Deadline] | None
    roles: list[Figure]
    times: dict[str, Figure]

    @property
    def chart(self) -> charts.Columns[Term]:
        """The trend as columns."""
        return charts.columns(
            [
                (
                    one.round.code if one.round and one.at else "this day" if self.moment else "today",
                    [(rules.STATUSES[status], one.line.tally.by_status[status]) for status in STACKED],
                )
                for one in self.points
            ]
        )


class Counting:
    """Counts what a filter set leaves, and says for each number which filter leads to it.

    A figure narrows what the reader has chosen: its link repeats the choice, and names its own place, body, status
    or moment in the place of what was chosen of that kind.
    """

    def __init__(self, plan: WorkPlan, filterset: ActivityFilterSet, user: Any) -> None:
        self.plan, self.filterset, self.user = plan, filterset, user
        self.rows = filterset.qs
        self.values: Mapping[str, Any] = filterset.form.cleaned_data
        self.base = {name: texts for name, texts in filterset.data.lists() if name in filterset.filters}
        self.base.pop("ordering", None)
        wanted = self.values["status"]
        self.columns = [term for term in rules.STATUSES if not wanted or term.value in wanted]

    def counted(self, number: int, **narrowed: Any) -> Counted:
        """A number with the filters that leave just these rows: those of the page, and ``narrowed``."""
        return Counted(number, urlencode(self.base | narrowed, doseq=True))

    def line(self, tally: Tally, **narrowed: Any) -> Line:
        """The figures of a tally, whole and by status, each with the filters that lead to its rows."""
        statuses = [
            (term, self.counted(tally.by_status[term.value], **narrowed, status=term.value)) for term in self.columns
        ]
        return Line(self.counted(tally.total, **narrowed), statuses, tally)

    def sections(self) -> list[SectionLine]:
        """Each section that is asked for, with its provisions."""
        provisions = self.plan.provisions.order_by("position").select_related("section")
        if self.values["provision"]:
            provisions = provisions.filter(ref__in=self.values["provision"])
        if self.values["section"]:
            provisions = provisions.filter(section__ref__in=self.values["section"])
        found: dict[Section, list[tuple[Provision, Tally]]] = {}
        for provision, tally in summary.tally_by_place(self.rows, provisions):
            found.setdefault(provision.section, []).append((provision, tally))
        return [
            SectionLine(
                section,
                self.line(sum((tally for _, tally in below), Tally()), section=section.ref),
                [
                    ProvisionLine(provision, self.line(tally, provision=provision.ref, section=section.ref))
                    for provision, tally in below
                ],
            )
            for section, below in sorted(found.items(), key=lambda one: one[0].position)
        ]

    def bodies(self) -> tuple[list[Figure], list[BodyLine]]:
        """The roles that are asked for, and the activities of each chosen body in them."""
        asked = self.values["role"]
        roles = [figure for figure in (LEAD, COOPERATING) if len(asked) != 1 or figure.name in asked]
        found = []
        for entry in summary.tally_by_body(self.rows, self.values["body"] or SectoralBody.objects.all()):
            acronym = entry.body.acronym
            by_role = {
                figure.name: self.counted(getattr(entry, figure.name).total, body=acronym, role=figure.name)
                for figure in roles
            }
            tally = entry.both if len(roles) > 1 else getattr(entry, roles[0].name)
            line = self.line(tally, body=acronym)
            found.append(BodyLine(entry.body, by_role.get("lead"), by_role.get("cooperating"), line))
        return roles, sorted(found, key=lambda one: one.body.position)

    def points(self, whole: Line, rounds: list[ReportingRound]) -> list[PointLine]:
        """The ends of the rounds that have ended, and last the moment that is looked at."""
        if not self.filterset.supports_as_of:
            return []
        moment = self.filterset.moment
        over = [one for one in rounds if one.ended_at(moment)]
        found = []
        for point in summary.trend(self.filterset, over):
            assert point.at is not None, "only rounds that have ended are queried"
            found.append(PointLine(point.round, point.at, self.line(point.tally, as_of=as_of_parameter(point.at))))
        running = next((one for one in rounds if one not in over), None)
        return [*found, PointLine(running, None, whole)]

    def rounds(self, opened: list[ReportingRound]) -> list[RoundLine] | None:
        """How timely each round was; not known for another day, nor of what reports themselves choose."""
        if self.filterset.moment or any(self.values[name] for name in CURRENT_ONLY):
            return None
        chosen = {one.pk for one in self.values["round"]}
        wanted = [one for one in opened if not chosen or one.pk in chosen]
        return [
            RoundLine(
                found.round,
                self.counted(found.total.total, round=found.round.code),
                *(
                    self.counted(getattr(found.total, name), round=found.round.code, timeliness=name)
                    for name in ("on_time", "late", "overdue", "not_received")
                ),
            )
            for found in completion.of_rounds(wanted, self.user, activities=self.rows)
        ]

    def non_reporting(self) -> Counted:
        """The activities without a report for as many rounds as the filter says, or for ``NON_REPORTING_ROUNDS``."""
        number = max(NON_REPORTING_ROUNDS, self.values["silent"] or 0)
        return self.counted(self.rows.non_reporting_for(number).count(), silent=number)

    def without_lead(self) -> Counted:
        """How many activities have no lead body."""
        return self.counted(self.rows.in_gap([rules.NO_LEAD]).count(), gap=rules.NO_LEAD)

    def deadlines(self, rounds: list[ReportingRound]) -> list[Deadline] | None:
        """The next days of the plan's rounds, with more time that was given, for those who take part."""
        if self.filterset.moment:
            return None
        today = secretariat_day()
        found = []
        for one in rounds:
            if one.state == rules.PLANNED:
                found.append(Deadline(one.opens_on, "opens", one))
            if one.state in (rules.PLANNED, rules.OPEN):
                found.append(Deadline(one.due_on, "reports are due", one))
                found.append(Deadline(one.closes_on, "closes", one))
        if permissions.can_see_progress(self.user):
            taken = [one for one in rounds if one.state in (rules.OPEN, rules.CLOSED)]
            given = LateException.objects.filter(round__in=taken).select_related("body")
            if self.values["body"]:
                given = given.filter(body__in=self.values["body"])
            by_pk = {one.pk: one for one in taken}
            words = "reports are due, by deadline extension"
            found += [Deadline(one.until, words, by_pk[one.round_id], one.body) for one in given]
        return sorted((one for one in found if one.day >= today), key=lambda one: one.day)[:UPCOMING]


def of_plan(plan: WorkPlan, filterset: ActivityFilterSet, user: Any) -> Dashboard:
    """The figures of ``plan`` for the rows that ``filterset`` leaves, as ``user`` may know them."""
    counting = Counting(plan, filterset, user)
    rounds = list(ReportingRound.objects.visible_to(user).for_display().filter(plan=plan))
    opened = [one for one in rounds if one.was_opened(filterset.moment)]
    sections = counting.sections()
    whole = counting.line(sum((one.line.tally for one in sections), Tally()))
    roles, bodies = counting.bodies()
    timely = counting.rounds(opened)
    current = max(opened, key=lambda one: (one.state == rules.OPEN, one.period_end, one.pk), default=None)
    has_completed = any(term.value == COMPLETED for term in counting.columns)
    return Dashboard(
        moment=filterset.moment,
        whole=whole,
        columns=counting.columns,
        non_reporting=counting.non_reporting(),
        without_lead=counting.without_lead(),
        sections=sections,
        bodies=bodies,
        points=counting.points(whole, opened),
        rounds=timely,
        current=next((one for one in timely or [] if one.round == current), None),
        all_completed=counting.counted(whole.tally.by_status[COMPLETED], status=COMPLETED) if has_completed else None,
        completed=achievements.latest_of(counting.rows, RECENT) if has_completed else [],
        deadlines=counting.deadlines(rounds),
        roles=roles,
        times={figure.name: figure for figure in completion.times_for(user)},
    )


def as_of_parameter(moment: datetime.datetime) -> str:
    """``moment`` as the parameter ``as_of`` takes it, to the microsecond."""
    return f"{moment.astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
