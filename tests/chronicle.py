"""A random history of a plan, played through the actions, with what was true after each step written down."""

import datetime
import random
from dataclasses import dataclass, field

import time_machine

from tests.building import opened
from tests.conftest import Cast
from workplan import actions, rules
from workplan.actions import Actor, Proof, Report
from workplan.exceptions import Refusal
from workplan.models import Activity, ReportingRound, SectoralBody, StatusUpdate, WorkPlan

BEGINNING = datetime.datetime(2018, 6, 20, 3, tzinfo=datetime.UTC)

# What an activity repeats of its latest update: status, its day, and the update.
Known = tuple[str, datetime.date | None, int | None]


@dataclass
class Chronicle:
    """What every activity of the plan was known to be, after each step that changed one.

    Attributes:
        pages: the moment of each change, with all activities by id as they stood from then on.
    """

    plan: WorkPlan
    now: datetime.datetime = BEGINNING
    pages: list[tuple[datetime.datetime, dict[int, Known]]] = field(default_factory=list)

    def write_down(self) -> None:
        rows = Activity.objects.filter(plan=self.plan).values_list("pk", "status", "status_as_of", "latest_update")
        standing = {pk: (status, day, update) for pk, status, day, update in rows}
        if not self.pages or self.pages[-1][1] != standing:
            self.pages.append((self.now, standing))

    def at(self, moment: datetime.datetime) -> dict[int, Known]:
        """What was true at ``moment``: the page written last before it."""
        unwritten: Known = (rules.NOT_REPORTED, None, None)
        found = dict.fromkeys(self.pages[0][1], unwritten)
        for written, standing in self.pages:
            if written > moment:
                break
            found = standing
        return found

    def moments(self, chance: random.Random, number: int) -> list[datetime.datetime]:
        """Random moments from before the first change to after the last, and the very moments of some changes."""
        span = (self.now - BEGINNING).total_seconds()
        anywhere = [
            BEGINNING + datetime.timedelta(seconds=chance.uniform(-0.05, 1.05) * span) for _ in range(number // 2)
        ]
        return [*anywhere, *(chance.choice(self.pages)[0] for _ in range(number - len(anywhere)))]


def play(plan: WorkPlan, cast: Cast, *, seed: int, steps: int = 120) -> Chronicle:
    """Let the secretariat and a focal point of SOMTC do ``steps`` random things in two rounds of ``plan``.

    In the first round approved reports count at once, in the second when it is published.
    """
    chance = random.Random(seed)
    story = Chronicle(plan)
    keeper, reviewer, author = (Actor(user, "page", "r") for user in (cast.secretariat, cast.colleague, cast.somtc))
    body = SectoralBody.objects.get(acronym="SOMTC")
    activities = list(Activity.objects.filter(plan=plan).order_by("position")[:12])
    story.write_down()
    codes = iter((("2018-1", rules.AT_ONCE), ("2018-2", rules.WITH_ROUND)))

    def open_the_next() -> ReportingRound | None:
        code, publication = next(codes, ("", ""))
        return opened(plan, keeper, code=code, publication=publication) if code else None

    the_round: ReportingRound | None = None
    for step in range(steps):
        story.now += datetime.timedelta(seconds=chance.randint(1, 90_000))
        with time_machine.travel(story.now, tick=False):
            try:
                if step in (0, steps // 2):
                    if the_round is not None:
                        _finish(the_round, keeper, reviewer)
                    the_round = open_the_next()
                elif step == steps * 3 // 4 and the_round is not None:
                    _finish(the_round, keeper, reviewer)
                    the_round = None
                else:
                    _do_something(chance, story, activities, the_round, body, keeper, reviewer, author)
            except Refusal:
                pass  # what the rules refuse leaves no trace, which the pages then show
        story.write_down()
    return story


def _finish(the_round: ReportingRound, keeper: Actor, reviewer: Actor) -> None:
    for update in StatusUpdate.objects.filter(round=the_round, state=rules.SUBMITTED):
        actions.approve_report(update=update, version=update.version, by=reviewer)
    the_round.refresh_from_db()
    the_round = actions.close_round(the_round=the_round, version=the_round.version, by=keeper)
    actions.publish_round(the_round=the_round, version=the_round.version, by=keeper)


def _do_something(
    chance: random.Random,
    story: Chronicle,
    activities: list[Activity],
    the_round: ReportingRound | None,
    body: SectoralBody,
    keeper: Actor,
    reviewer: Actor,
    author: Actor,
) -> None:
    activity = chance.choice(activities)
    activity.refresh_from_db()
    report = Report(
        status=chance.choice(rules.STATUSES.values[1:]),
        as_of=story.now.date() - datetime.timedelta(days=chance.randint(0, 60)),
        narrative=f"What was done by {story.now:%d %B}.",
        outputs_delivered="A draft.",
        reason="The meeting decided so.",
        kind=chance.choice((rules.PROGRESS, rules.CORRECTION)),
        evidence=(Proof("Minutes", "https://example.org/minutes"),),
    )
    waiting = StatusUpdate.objects.filter(state=rules.SUBMITTED).order_by("submitted_at", "pk").first()
    if the_round is None or chance.random() < 0.3:
        actions.record_status(activity=activity, version=activity.version, report=report, by=keeper)
    elif waiting is not None and chance.random() < 0.6:
        actions.approve_report(update=waiting, version=waiting.version, by=reviewer)
    else:
        update = actions.begin_report(activity=activity, report=report, by=author, the_round=the_round, body=body)
        actions.submit_report(update=update, version=update.version, by=author)
