"""Every list of the API, with rows in each of them."""

import datetime
import random
from typing import Any

import time_machine

from tests.conftest import Cast
from tests.larger_plans import grow, opened, saved, strew
from tests.random_history import play
from workplan import actions, rules
from workplan.actions import Actor, Report
from workplan.api.views import (
    Activities,
    Areas,
    Bodies,
    Contributions,
    Plans,
    Provisions,
    RoundObligations,
    Rounds,
    SavedViews,
    Sections,
    UpdateComments,
    Updates,
)
from workplan.models import (
    Activity,
    CollaborationArea,
    Provision,
    ReportingRound,
    Section,
    SectoralBody,
    StatusUpdate,
    WorkPlan,
)

API = "/api/v1/"
NOW = datetime.datetime(2019, 8, 2, 3, tzinfo=datetime.UTC)
LISTS = {
    "plans/": Plans,
    "sections/": Sections,
    "provisions/": Provisions,
    "areas/": Areas,
    "bodies/": Bodies,
    "activities/": Activities,
    "updates/": Updates,
    "contributions/": Contributions,
    "rounds/": Rounds,
    "rounds/{round}/obligations/": RoundObligations,
    "updates/{update}/comments/": UpdateComments,
    "views/": SavedViews,
}
COMPUTED = ("questions/", "compare/?from=2018-01-01&to=2019-08-01", "search/?q=training")


def with_query(address: str, *queries: str) -> str:
    queries = tuple(query for query in queries if query)
    return f"{API}{address}{'&' if '?' in address else '?'}{'&'.join(queries)}"


def play_lists(cast: Cast) -> dict[str, Any]:
    """Two plans; rounds behind them, with reports, comments and contributions of which some have no date."""
    plan = WorkPlan.objects.get()
    strew(plan, 15, random.Random(7))
    keeper, author = Actor(cast.secretariat, "page", "r"), Actor(cast.somtc, "page", "r")
    play(plan, cast, seed=3, steps=24)
    with time_machine.travel(NOW - datetime.timedelta(days=20), tick=False):
        other = WorkPlan.objects.create(
            code="second", title="Second", period_start=plan.period_start, period_end=plan.period_end
        )
        _add_document(other)
        reporting_round = opened(plan, keeper, code="2019-1")
        for number in range(6):
            saved(plan, cast.somtc, name=f"View {number}", query="status=ongoing")
        update = _reported(reporting_round, author)
        for number in range(5):
            actions.comment(update=update, text=f"Comment {number}", by=keeper)
        _contributed(reporting_round, Actor(cast.acwc, "page", "r"))
    return {"round": reporting_round.pk, "update": update.pk}


def _add_document(other: WorkPlan) -> None:
    """Activities of a second plan, whose places are numbered as those of the first."""
    section = Section.objects.create(plan=other, ref="A", position=1, text="Section")
    provision = Provision.objects.create(plan=other, section=section, ref="A.1", position=1, text="Provision")
    CollaborationArea.objects.create(plan=other, provision=provision, ref="A.1.1", position=1, text="Area")
    grow(other, 8)


def _reported(reporting_round: ReportingRound, author: Actor) -> StatusUpdate:
    somtc = SectoralBody.objects.get(acronym="SOMTC")
    led = Activity.objects.led_by([somtc]).filter(plan=reporting_round.plan_id, latest_update=None).order_by("position")
    drafts = []
    for activity in led[:6]:
        report = Report("ongoing", None, narrative="Begun.")
        drafts.append(
            actions.begin_report(
                activity=activity, report=report, by=author, reporting_round=reporting_round, body=somtc
            )
        )
    full = Report("ongoing", datetime.date(2019, 6, 30), narrative="On.")
    update = actions.save_report(update=drafts[0], version=drafts[0].version, report=full, by=author)
    return actions.submit_report(update=update, version=update.version, by=author)


def _contributed(reporting_round: ReportingRound, by: Actor) -> None:
    acwc = SectoralBody.objects.get(acronym="ACWC")
    rows = Activity.objects.filter(plan=reporting_round.plan_id).involving([acwc], rules.COOPERATING)
    for activity in rows.order_by("position")[:6]:
        actions.contribute(activity=activity, reporting_round=reporting_round, body=acwc, text="Added.", by=by)
