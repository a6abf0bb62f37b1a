"""A small plan put together at random: odd bodies, none, all the others, several leads, empty provisions and areas."""

import datetime
import random

from tests.conftest import Cast
from tests.random_history import RandomHistory, play
from workplan import actions, rules
from workplan.actions import Actor
from workplan.models import Activity, CollaborationArea, Provision, Responsibility, Section, SectoralBody, WorkPlan

CODE = "scattered"


def scattered(chance: random.Random) -> WorkPlan:
    """A plan beside the real one, with references that the real one has too."""
    plan = WorkPlan.objects.create(
        code=CODE, title="Scattered", period_start=datetime.date(2016, 1, 1), period_end=datetime.date(2020, 12, 31)
    )
    areas: list[CollaborationArea] = []
    for letter in "AB":
        section = Section.objects.create(plan=plan, ref=letter, position=ord(letter), text=f"Section {letter}")
        for number in range(1, chance.randint(3, 5)):
            provision = Provision.objects.create(
                plan=plan,
                section=section,
                ref=f"{letter}.{number}",
                position=100 * ord(letter) + number,
                text=f"=Provision {number}",  # what a spreadsheet would take for a formula
            )
            for place in range(1, chance.randint(1, 4)):
                area = _area(provision, f"{provision.ref}.{place}", len(areas) + 1)
                areas.append(area)
                if chance.random() < 0.4:
                    areas.append(_area(provision, f"{area.ref}.1", len(areas) + 1, parent=area))
    position = 0
    for area in areas:
        for number in range(chance.choice((0, 1, 2, 3))):
            position += 1
            give_parts(_activity(area, 50 + number, position, chance), chance)
    return plan


def give_parts(activity: Activity, chance: random.Random) -> None:
    """Bodies as a plan may have them: none, some without a lead, several leads."""
    bodies = chance.sample(list(SectoralBody.objects.exclude(acronym="ACMW")), chance.choice((0, 1, 2, 3, 5)))
    leads = chance.choice((0, 1, 1, 2))
    Responsibility.objects.bulk_create(
        Responsibility(
            activity=activity, body=body, role=rules.LEAD if place < leads else rules.COOPERATING, position=place + 1
        )
        for place, body in enumerate(bodies)
    )


def with_a_history(chance: random.Random, cast: Cast, *, seed: int) -> RandomHistory:
    """A scattered plan that was reported on; what is added at the end was not there before."""
    history = play(scattered(chance), cast, seed=seed, steps=40)
    area = CollaborationArea.objects.filter(plan=history.plan).latest("position")
    import time_machine

    with time_machine.travel(history.now, tick=False):
        late = Activity(plan=history.plan, area=area, ref=f"{area.ref}.99", position=9_999, text="Added at the end.")
        actions.save_record(record=late, by=Actor(cast.secretariat, "admin", "r"))
        give_parts(late, chance)
    return history


def _area(provision: Provision, ref: str, position: int, parent: CollaborationArea | None = None) -> CollaborationArea:
    return CollaborationArea.objects.create(
        plan=provision.plan, provision=provision, parent=parent, ref=ref, position=position, text=f"Area {ref}"
    )


def _activity(area: CollaborationArea, number: int, position: int, chance: random.Random) -> Activity:
    return Activity.objects.create(
        plan=area.plan,
        area=area,
        ref=f"{area.ref}.{number}",
        position=position,
        text=f"Activity {position}",
        kind=chance.choice(rules.ACTIVITY_KINDS.values),
        all_other_bodies_cooperate=chance.random() < 0.2,
    )
