"""More plan than the real one has, for tests of speed and of filters."""

import datetime
import random
from dataclasses import dataclass, field
from typing import Any

from workplan import actions, rules
from workplan.actions import Actor, EvidenceItem, Report
from workplan.models import (
    Activity,
    CollaborationArea,
    ReportingRound,
    Responsibility,
    SavedView,
    SectoralBody,
    StatusUpdate,
    User,
    WorkPlan,
)
from workplan.rules import COOPERATING, LEAD


def grow(plan: WorkPlan, number: int) -> list[Activity]:
    """Add ``number`` activities to ``plan``, spread over its areas, each with a lead and two cooperating bodies."""
    areas = list(CollaborationArea.objects.filter(plan=plan).order_by("position"))
    bodies = list(SectoralBody.objects.all())
    start = Activity.objects.filter(plan=plan).count() + 1
    activities = Activity.objects.bulk_create(
        Activity(
            plan=plan,
            area=areas[place % len(areas)],
            ref=f"{areas[place % len(areas)].ref}.{1000 + start + place // len(areas)}",
            position=start + place,
            text=f"Workshop number {place} on victim identification",
        )
        for place in range(number)
    )
    Responsibility.objects.bulk_create(
        Responsibility(
            activity=activity,
            body=bodies[(place + step) % len(bodies)],
            role=LEAD if step == 0 else COOPERATING,
            position=step + 1,
        )
        for place, activity in enumerate(activities)
        for step in range(3)
    )
    return activities


def add_areas(plan: WorkPlan, number: int) -> list[CollaborationArea]:
    """Add ``number`` areas without activity to the last provision of ``plan``."""
    last = CollaborationArea.objects.filter(plan=plan, parent=None).latest("position")
    return CollaborationArea.objects.bulk_create(
        CollaborationArea(
            plan=plan,
            provision=last.provision,
            ref=f"{last.provision.ref}.{1000 + place}",
            position=last.position + 1000 + place,
            text=f"Area number {place}",
        )
        for place in range(number)
    )


def opened(plan: WorkPlan, by: Actor, code: str = "2018-1", **values: Any) -> ReportingRound:
    """An open round of ``plan``: the first half of 2018, due on 31 July, unless another one is named."""
    actions.plan_rounds(plan=plan, by=by)
    reporting_round = ReportingRound.objects.get(plan=plan, code=code)
    for name, value in values.items():
        setattr(reporting_round, name, value)
    if values:
        actions.save_round(reporting_round=reporting_round, version=reporting_round.version, by=by)
        reporting_round.refresh_from_db()
    return actions.open_round(reporting_round=reporting_round, version=reporting_round.version, by=by)


def everybody() -> list[str]:
    """All who can lose something when a round is published, as a confirmation names them."""
    return [*SectoralBody.objects.values_list("acronym", flat=True), "secretariat"]


@dataclass(frozen=True)
class Scenario:
    """An open round with a report of SOMTC in each state, on activities that SOMTC leads alone."""

    round: ReportingRound
    reports: dict[str, StatusUpdate]
    files: dict[str, int] = field(default_factory=dict)

    @property
    def names(self) -> dict[str, int]:
        """What stands in addresses: the ids of the report in each state, the draft's evidence, the round and files."""
        evidence = self.reports[rules.DRAFT].evidence.get().pk
        pks = {state: update.pk for state, update in self.reports.items()}
        return {**pks, "draft_evidence": evidence, "round": self.round.pk, **self.files}


def make_scenario(*, secretariat: User, lead: User, more_time: str = "") -> Scenario:
    """Play a round of the plan as far as one report in each state; ``lead`` is a focal point of SOMTC.

    Args:
        more_time: the acronym of a body that is given more time, if any is.
    """
    keeper, author = Actor(secretariat, "page", "r"), Actor(lead, "page", "r")
    reporting_round = opened(WorkPlan.objects.get(), keeper)
    somtc = SectoralBody.objects.get(acronym="SOMTC")
    report = Report(
        status="ongoing",
        as_of=datetime.date(2018, 6, 30),
        narrative="Begun.",
        evidence=(EvidenceItem("Minutes", "https://example.org/minutes"),),
    )
    found = {}
    alone = [one for one in Activity.objects.led_by([somtc]).for_display() if one.lead_bodies == [somtc]]
    for activity, state in zip(alone[1:], rules.REPORT_STATES.values, strict=False):
        update = actions.begin_report(
            activity=activity, report=report, by=author, reporting_round=reporting_round, body=somtc
        )
        if state != rules.DRAFT:
            update = actions.submit_report(update=update, version=update.version, by=author)
        if state == rules.RETURNED:
            update = actions.return_report(update=update, version=update.version, reason="More.", by=keeper)
        if state == rules.APPROVED:
            update = actions.approve_report(update=update, version=update.version, by=keeper)
        found[state] = update
    if more_time:
        body, until = SectoralBody.objects.get(acronym=more_time), datetime.date(2199, 12, 31)
        actions.extend_deadline(reporting_round=reporting_round, body=body, until=until, reason="Ill.", by=keeper)
    return Scenario(reporting_round, found)


def saved(plan: WorkPlan, owner: User, name: str = "Ongoing work", query: str = "", **values: Any) -> SavedView:
    """A view that ``owner`` has saved, shared unless said otherwise."""
    kept: dict[str, Any] = {"page": rules.IN_LIST, "is_shared": True, **values}
    return actions.save_view(plan=plan, name=name, query=query, by=Actor(owner, "page", "r"), **kept)


def strew(plan: WorkPlan, number: int, chance: random.Random) -> list[Activity]:
    """Add ``number`` activities as odd as a plan may hold: many leads, none, nobody at all, all the other bodies."""
    activities = grow(plan, number)
    bodies = list(SectoralBody.objects.all())
    Responsibility.objects.filter(activity__in=activities).delete()
    parts = []
    for activity in activities:
        activity.kind = chance.choice(rules.ACTIVITY_KINDS.values)
        activity.all_other_bodies_cooperate = chance.random() < 0.3
        named = chance.sample(bodies, chance.choice((0, 0, 1, 2, 3, len(bodies))))
        leads = chance.randint(0, min(len(named), 3))
        parts += [
            Responsibility(
                activity=activity, body=body, role=LEAD if place < leads else COOPERATING, position=place + 1
            )
            for place, body in enumerate(named)
        ]
    Activity.objects.bulk_update(activities, ["kind", "all_other_bodies_cooperate"])
    Responsibility.objects.bulk_create(parts)
    return activities
