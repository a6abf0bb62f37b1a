"""A random history of a plan, played through the actions, with what was true after each step written down."""

import datetime
import random
from dataclasses import dataclass, field

import time_machine

from tests.conftest import Cast
from tests.larger_plans import everybody, opened
from workplan import actions, rules
from workplan.actions import Actor, EvidenceItem, Report
from workplan.exceptions import Refusal
from workplan.models import Activity, ReportingRound, SectoralBody, StatusUpdate, WorkPlan

BEGINNING = datetime.datetime(2018, 6, 20, 3, tzinfo=datetime.UTC)

# What an activity repeats of its latest update: status, its day, and the update.
Known = tuple[str, datetime.date | None, int | None]


@dataclass
class RandomHistory:
    """What every activity of the plan was known to be, after each step that changed one.

    Attributes:
        pages: the moment of each change, with all activities by id as they stood from then on.
    """

    plan: WorkPlan
    now: datetime.datetime = BEGINNING
    pages: list[tuple[datetime.datetime, dict[int, Known]]] = field(default_factory=list)

    def write_down(self) -> None:
        rows = Activity.objects.filter(plan=self.plan).values_list("pk", "status", "status_as_of", "latest_update")
        current = {pk: (status, day, update) for pk, status, day, update in rows}
        if not self.pages or self.pages[-1][1] != current:
            self.pages.append((self.now, current))

    def at(self, moment: datetime.datetime) -> dict[int, Known]:
        """What was true at ``moment``: the page written last before it."""
        unwritten: Known = (rules.NOT_REPORTED, None, None)
        found = dict.fromkeys(self.pages[0][1], unwritten)
        for written, current in self.pages:
            if written > moment:
                break
            found = current
        return found

    def moments(self, chance: random.Random, number: int) -> list[datetime.datetime]:
        """Random moments from before the first change to after the last, and the very moments of some changes."""
        span = (self.now - BEGINNING).total_seconds()
        anywhere = [
            BEGINNING + datetime.timedelta(seconds=chance.uniform(-0.05, 1.05) * span) for _ in range(number // 2)
        ]
        return [*anywhere, *(chance.choice(self.pages)[0] for _ in range(number - len(anywhere)))]


def play(plan: WorkPlan, cast: Cast, *, seed: int, steps: int = 120) -> RandomHistory:
    """Let the secretariat and a focal point of SOMTC do ``steps`` random things in two rounds of ``plan``.

    In the first round approved reports count at once, in the second when it is published.
    """
    chance = random.Random(seed)
    history = RandomHistory(plan)
    keeper, reviewer, author = (Actor(user, "page", "r") for user in (cast.secretariat, cast.colleague, cast.somtc))
    body = SectoralBody.objects.get(acronym="SOMTC")
    activities = list(Activity.objects.filter(plan=plan).order_by("position")[:12])
    history.write_down()
    codes = iter((("2018-1", rules.AT_ONCE), ("2018-2", rules.WITH_ROUND)))

    def open_the_next() -> ReportingRound | None:
        code, publication = next(codes, ("", ""))
        return opened(plan, keeper, code=code, publication=publication) if code else None

    reporting_round: ReportingRound | None = None
    for step in range(steps):
        history.now += datetime.timedelta(seconds=chance.randint(1, 90_000))
        with time_machine.travel(history.now, tick=False):
            try:
                if step in (0, steps // 2):
                    if reporting_round is not None:
                        _finish(reporting_round, keeper, reviewer)
                    reporting_round = open_the_next()
                elif step == steps * 3 // 4 and reporting_round is not None:
                    _finish(reporting_round, keeper, reviewer)
                    reporting_round = None
                else:
                    _do_something(chance, history, activities, reporting_round, body, keeper, reviewer, author)
            except Refusal:
                pass  # what the rules refuse leaves no trace, which the pages then show
        history.write_down()
    return history


def _finish(reporting_round: ReportingRound, keeper: Actor, reviewer: Actor) -> None:
    for update in StatusUpdate.objects.filter(round=reporting_round, state=rules.SUBMITTED):
        actions.approve_report(update=update, version=update.version, by=reviewer)
    reporting_round.refresh_from_db()
    reporting_round = actions.close_round(reporting_round=reporting_round, version=reporting_round.version, by=keeper)
    actions.publish_round(
        reporting_round=reporting_round,
        version=reporting_round.version,
        confirmed_bodies=everybody(),
        by=keeper,
    )


def _do_something(
    chance: random.Random,
    history: RandomHistory,
    activities: list[Activity],
    reporting_round: ReportingRound | None,
    body: SectoralBody,
    keeper: Actor,
    reviewer: Actor,
    author: Actor,
) -> None:
    activity = chance.choice(activities)
    activity.refresh_from_db()
    report = Report(
        status=chance.choice(rules.STATUSES.values[1:]),
        as_of=history.now.date() - datetime.timedelta(days=chance.randint(0, 60)),
        narrative=f"What was done by {history.now:%d %B}.",
        outputs_delivered="A draft.",
        reason="The meeting decided so.",
        kind=chance.choice((rules.PROGRESS, rules.CORRECTION)),
        evidence=(EvidenceItem("Minutes", "https://example.org/minutes"),),
    )
    waiting = StatusUpdate.objects.filter(state=rules.SUBMITTED).order_by("submitted_at", "pk").first()
    if reporting_round is None or chance.random() < 0.3:
        actions.record_status(activity=activity, version=activity.version, report=report, by=keeper)
    elif waiting is not None and chance.random() < 0.6:
        actions.approve_report(update=waiting, version=waiting.version, by=reviewer)
    else:
        update = actions.begin_report(
            activity=activity, report=report, by=author, reporting_round=reporting_round, body=body
        )
        actions.submit_report(update=update, version=update.version, by=author)
