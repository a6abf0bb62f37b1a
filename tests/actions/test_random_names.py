"""Random renamings, moves and reports: every address that was ever shown leads to the record that it showed."""

import contextlib
import datetime
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.core.management import CommandError, call_command
from django.test import Client

from tests.conftest import Cast
from workplan import actions, rules
from workplan.actions import Actor, Report
from workplan.exceptions import Refusal
from workplan.models import (
    Activity,
    CollaborationArea,
    ReportingRound,
    Responsibility,
    SectoralBody,
    StatusUpdate,
    WorkPlan,
)

DAY = datetime.date(2018, 6, 30)
STEPS = 45
# Each is asked for; pages of plans and bodies are dear.
ASKED = 60


@dataclass
class Names:
    """What was shown, and written, while names changed.

    Attributes:
        shown: for each address ever shown, what it is in the page's context, and the id of the record.
        filters: for each query of the API, the field of the answer's rows that it chooses by, and the record's id.
        stated: for each report the activity that it is on, with its words.
    """

    plan: int
    by: Actor
    chance: random.Random
    shown: dict[str, tuple[str, int]] = field(default_factory=dict)
    bodies: dict[str, int] = field(default_factory=dict)
    stated: dict[int, tuple[int, str]] = field(default_factory=dict)

    def write_down(self) -> None:
        plan = WorkPlan.objects.get(pk=self.plan)
        self.shown[plan.get_absolute_url()] = ("plan", plan.pk)
        for activity in self.chance.sample(list(Activity.objects.select_related("plan")), 3):
            self.shown[activity.get_absolute_url()] = ("activity", activity.pk)
        for reporting_round in ReportingRound.objects.select_related("plan")[:3]:
            self.shown[reporting_round.get_absolute_url()] = ("round", reporting_round.pk)
        for body in SectoralBody.objects.all():
            self.shown[f"/plans/{plan.code}/bodies/{body.acronym}/"] = ("body", body.pk)
            self.bodies[body.acronym] = body.pk

    def step(self) -> None:
        act = self.chance.choice((*[self.rename] * 6, *[self.move] * 2, *[self.report] * 3, self.load))
        with contextlib.suppress(Refusal):  # the name has been another record's, or the move leads nowhere new
            act()
        self.write_down()

    def rename(self) -> None:
        model = self.chance.choice((Activity, Activity, SectoralBody, SectoralBody, ReportingRound, WorkPlan))
        record: Any = self.chance.choice(list(model.objects.all()))
        # Few names, so that what one record gives up another one soon asks for.
        number = self.chance.randint(1, 9)
        name = {
            Activity: f"A.1.1.{number}",
            SectoralBody: "ABCDEFGHIJ"[number] + self.chance.choice(("XX", "YY")),
            ReportingRound: f"round-{number}",
            WorkPlan: f"plan-{number}",
        }[model]
        setattr(record, record.NAMED_BY, name)
        if isinstance(record, ReportingRound):
            actions.save_round(reporting_round=record, version=record.version, by=self.by)
        else:
            actions.save_record(record=record, expected_version=record.version, by=self.by)

    def move(self) -> None:
        activity = self.chance.choice(list(Activity.objects.all()))
        activity.area = self.chance.choice(list(CollaborationArea.objects.all()))
        actions.save_record(record=activity, expected_version=activity.version, by=self.by)

    def report(self) -> None:
        activity = self.chance.choice(list(Activity.objects.all()))
        report = Report(status="ongoing", as_of=DAY, narrative=f"On {activity.text[:40]}", kind=rules.PROGRESS)
        made = actions.record_status(activity=activity, version=activity.version, report=report, by=self.by)
        self.stated[made.pk] = (activity.pk, activity.text)

    def load(self) -> None:
        """Load the document again: it agrees, or it is refused because something was moved; it changes nothing."""
        before = [list(model.objects.order_by("pk").values()) for model in (Activity, SectoralBody, Responsibility)]
        try:
            call_command("loaddata", "bodies", "tip-work-plan", verbosity=0)
        except CommandError as refusal:
            assert "area of collaboration is" in str(refusal) or "area is" in str(refusal), refusal
        after = [list(model.objects.order_by("pk").values()) for model in (Activity, SectoralBody, Responsibility)]
        assert before == after


def test_every_address_ever_shown_leads_to_the_record_that_it_showed(
    plan: WorkPlan, cast: Cast, page: Any, api: Any
) -> None:
    by = Actor(cast.secretariat, "page", "r")
    actions.plan_rounds(plan=plan, by=by)
    number = {model: model.objects.count() for model in (WorkPlan, SectoralBody, Activity, Responsibility)}
    names = Names(plan.pk, by, random.Random(20))
    names.write_down()
    for _ in range(STEPS):
        names.step()

    client: Client = page(cast.secretariat)
    assert len(names.shown) > 100 and len(names.stated) > 5
    for address, (kind, pk) in names.chance.sample(list(names.shown.items()), ASKED):
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, address
        assert answer.context[kind].pk == pk, address
    # Each report stands under the words that it was written for.
    rows = StatusUpdate.objects.select_related("activity").filter(pk__in=names.stated)
    assert {one.pk: (one.activity_id, one.activity.text) for one in rows} == names.stated
    # Figures equal a recount, under whatever name they are asked for, and nothing has become two.
    assert {model: model.objects.count() for model in number} == number
    parts = Counter(Responsibility.objects.values_list("body", flat=True))
    open_to_all = Activity.objects.filter(all_other_bodies_cooperate=True)
    for acronym, body in names.bodies.items():
        added = open_to_all.exclude(responsibilities__body=body).count()
        assert api().get(f"/api/v1/activities/?body={acronym}&limit=1").json()["count"] == parts[body] + added, acronym
    reported_activities = {activity for activity, _ in names.stated.values()}
    assert api().get("/api/v1/activities/?status=ongoing&limit=1").json()["count"] == len(reported_activities)
