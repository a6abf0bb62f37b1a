"""Figures of random rounds, extensions and publications: everywhere as a recount by the rules has them."""

import csv
import datetime
import io
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
import time_machine
from django.test import Client

from tests.conftest import Cast
from tests.larger_plans import everybody, opened
from workplan import actions, permissions, rules
from workplan.actions import Actor, EvidenceItem, Report
from workplan.exceptions import Refusal
from workplan.models import (
    Activity,
    LateException,
    ReportingRound,
    Responsibility,
    SectoralBody,
    StatusUpdate,
    WorkPlan,
)
from workplan.monitoring import completion

BEGINNING = datetime.datetime(2018, 6, 20, 3, tzinfo=datetime.UTC)
JAKARTA = datetime.timedelta(hours=7)
FIGURES = [figure.name for figure in completion.figures_for(None)]
CODES = ("2018-1", "2018-2", "2019-1")


@dataclass
class Played:
    """What happened, as far as the tables do not keep it.

    Attributes:
        asked: by round, the activities that it asks about, by the statuses as they were.
        first: by round and activity, the day on which a report was first submitted.
    """

    now: datetime.datetime = BEGINNING
    asked: dict[int, set[int]] = field(default_factory=dict)
    first: dict[tuple[int, int], datetime.date] = field(default_factory=dict)

    @property
    def today(self) -> datetime.date:
        return (self.now + JAKARTA).date()

    def follow(self) -> None:
        """What an open round asks about: what is not completed or cancelled, and what its own report has ended."""
        for one in ReportingRound.objects.filter(state=rules.OPEN):
            reported = set()
            if one.publication == rules.AT_ONCE:
                reported = set(one.updates.filter(state=rules.APPROVED).values_list("activity", flat=True))
            self.asked[one.pk] = {
                activity.pk
                for activity in Activity.objects.all()
                if one.asks_for_all or activity.pk in reported or not rests(activity, one.period_end)
            }


def rests(activity: Activity, until: datetime.date) -> bool:
    """Whether nothing is due on it: it is completed, cancelled, or deferred until a day after ``until``."""
    if activity.status == "deferred":
        reports = [one for one in StatusUpdate.objects.published().filter(activity=activity) if one.narrative]
        last = max(reports, key=lambda one: (one.approved_at, one.pk))
        return last.deferred_until is not None and last.deferred_until > until
    return activity.status in ("completed", "cancelled")


def play(plan: WorkPlan, cast: Cast, seed: int, steps: int = 45) -> Played:
    """Random people do random things in three rounds, of which some are published, and some of these withdrawn."""
    chance = random.Random(seed)
    played = Played()
    keeper, reviewer = Actor(cast.secretariat, "page", "r"), Actor(cast.colleague, "page", "r")
    authors = {"SOMTC": Actor(cast.somtc, "page", "r"), "ACWC": Actor(cast.acwc, "page", "r")}
    bodies = {body.acronym: body for body in SectoralBody.objects.filter(acronym__in=authors)}
    led = {name: list(Activity.objects.led_by([body]).order_by("position")[:6]) for name, body in bodies.items()}
    codes = iter(CODES)

    def report() -> Report:
        status = chance.choice(("not_started", "ongoing", "completed", "deferred", "cancelled"))
        until = played.today + datetime.timedelta(days=chance.randint(1, 300))
        return Report(
            status=status,
            deferred_until=until if status == "deferred" and chance.random() < 0.6 else None,
            as_of=played.today - datetime.timedelta(days=chance.randint(0, 40)),
            narrative="What was done.",
            outputs_delivered="A draft.",
            reason="The meeting decided so.",
            evidence=(EvidenceItem("Minutes", "https://example.org/minutes"),),
        )

    def begin(reporting_round: ReportingRound, name: str) -> None:
        activity = chance.choice(led[name])
        update = actions.begin_report(
            activity=activity, report=report(), by=authors[name], reporting_round=reporting_round, body=bodies[name]
        )
        if chance.random() < 0.8:
            actions.submit_report(update=update, version=update.version, by=authors[name])
            played.first.setdefault((reporting_round.pk, activity.pk), played.today)

    def review(reporting_round: ReportingRound) -> None:
        waiting = list(StatusUpdate.objects.filter(state=rules.SUBMITTED).order_by("pk"))
        update = chance.choice(waiting) if waiting else None
        if update is not None and chance.random() < 0.25:
            actions.return_report(update=update, version=update.version, reason="Name it.", by=reviewer)
        elif update is not None:
            actions.approve_report(update=update, version=update.version, by=reviewer)

    def record(reporting_round: ReportingRound) -> None:
        activity = Activity.objects.order_by("position")[chance.randint(0, 40)]
        actions.record_status(activity=activity, version=activity.version, report=report(), by=keeper)

    def extend(reporting_round: ReportingRound) -> None:
        body = bodies[chance.choice(list(bodies))]
        given = LateException.objects.filter(round=reporting_round, body=body).first()
        until = played.today + datetime.timedelta(days=chance.randint(5, 60))
        version = given.version if given else None
        actions.extend_deadline(
            reporting_round=reporting_round, body=body, until=until, reason="Ill.", version=version, by=keeper
        )

    def move(reporting_round: ReportingRound) -> None:
        version = reporting_round.version
        if reporting_round.state == rules.OPEN:
            actions.close_round(reporting_round=reporting_round, version=version, by=keeper)
        elif reporting_round.state == rules.CLOSED and chance.random() < 0.7:
            names = everybody() if chance.random() < 0.7 else []
            actions.publish_round(reporting_round=reporting_round, version=version, confirmed_bodies=names, by=keeper)
        elif reporting_round.state == rules.CLOSED:
            actions.reopen_round(reporting_round=reporting_round, version=version, reason="Left out.", by=keeper)
        elif chance.random() < 0.3:
            actions.withdraw_publication(reporting_round=reporting_round, version=version, reason="Error.", by=keeper)
        else:
            opened(
                plan,
                keeper,
                code=next(codes, CODES[0]),
                publication=chance.choice(rules.PUBLICATIONS.values),
                asks_for_all=chance.random() < 0.3,
            )

    with time_machine.travel(played.now, tick=False):
        opened(plan, keeper, code=next(codes), asks_for_all=False)
        played.follow()
    for _ in range(steps):
        played.now += datetime.timedelta(hours=chance.randint(1, 100))
        with time_machine.travel(played.now, tick=False):
            reporting_round = ReportingRound.objects.current().get()
            act: Any = chance.choices(
                (lambda one: begin(one, chance.choice(list(bodies))), review, record, extend, move), (8, 6, 4, 2, 3)
            )[0]
            with suppress(Refusal):  # then nothing has happened
                act(reporting_round)
            played.follow()
    return played


def recount(played: Played, one: ReportingRound, user: Any) -> dict[str, Counter[str]]:
    """What the round's figures have to be for ``user``: by body, of all (``""``), and without lead (``"none"``)."""
    leads: dict[int, list[SectoralBody]] = {}
    for part in Responsibility.objects.filter(role=rules.LEAD).select_related("body").order_by("activity", "position"):
        leads.setdefault(part.activity_id, []).append(part.body)
    until = dict(LateException.objects.filter(round=one).values_list("body", "until"))
    reports: dict[int, list[StatusUpdate]] = {}
    for update in StatusUpdate.objects.filter(round=one).order_by("pk"):
        reports.setdefault(update.activity_id, []).append(update)
    is_over, takes_part = one.state == rules.PUBLISHED, permissions.can_see_progress(user)
    is_public = is_over or one.publication == rules.AT_ONCE

    def row(activity: int, body: SectoralBody | None, due_on: datetime.date) -> list[str]:
        there = reports.get(activity, [])
        states = {update.state for update in there}
        own = {update.state for update in there if body and update.body_id == body.pk}
        in_order = [state for state in (rules.APPROVED, rules.SUBMITTED, rules.RETURNED) if state in states]
        state = in_order[0] if in_order else rules.DRAFT if rules.DRAFT in own else "owed"
        if not takes_part and not (state == rules.APPROVED and is_public):
            state = "owed"
        if state in (rules.APPROVED, rules.SUBMITTED):
            return ["total", state, "on_time" if played.first[one.pk, activity] <= due_on else "late"]
        if is_over:
            return ["total", "not_received"]
        return ["total", state, *(["overdue"] if body and due_on < played.today else [])]

    found: dict[str, Counter[str]] = {"": Counter(), "none": Counter()}
    for activity in played.asked[one.pk]:
        rows = [
            (max(one.due_on, until.get(body.pk, one.due_on)), -place, body)
            for place, body in enumerate(leads.get(activity, []))
        ]
        if not rows:
            found["none"].update(row(activity, None, one.due_on))
            continue
        for due_on, _, body in rows:
            found.setdefault(body.acronym, Counter()).update(row(activity, body, due_on))
        # Once, by whoever may report last; a draft of another lead counts as begun.
        due_on, _, last = max(rows, key=lambda each: each[:2])
        once = row(activity, last, due_on)
        if once[1] == "owed" and any(row(activity, body, due_on)[1] == rules.DRAFT for _, _, body in rows):
            once[1] = rules.DRAFT
        found[""].update(once)
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_figures_are_everywhere_what_a_recount_says(
    plan: WorkPlan, cast: Cast, page: Callable[..., Client], api: Any, seed: int
) -> None:
    played = play(plan, cast, seed)
    rounds = list(ReportingRound.objects.exclude(state=rules.PLANNED).order_by("period_start"))
    with time_machine.travel(played.now, tick=False):
        for person in (cast.visitor, cast.somtc, cast.secretariat):
            client, program = page(person), api(person)
            counted = {one.code: recount(played, one, person) for one in rounds}
            text = b"".join(client.get("/plans/tip-2016-2020/rounds/completion.csv")).decode("utf-8-sig")  # type: ignore[arg-type]
            lines = {
                (line.pop("Round"), line.pop("Body")): [int(value) for value in list(line.values())[2:]]
                for line in csv.DictReader(io.StringIO(text))
            }
            columns = [figure.name for figure in completion.figures_for(person, *rounds)]
            shown = {
                one.round.code: one for one in client.get("/plans/tip-2016-2020/dashboard/").context["dashboard"].rounds
            }
            by_round = {one["code"]: one["counts"] for one in program.get("/api/v1/summary/").json()["by_round"]}
            for one in rounds:
                expected = counted[one.code]
                whole = expected.pop("")
                apart = expected.pop("none")
                answer = program.get(f"/api/v1/rounds/{one.pk}/completion/").json()
                assert +Counter(answer["total"]) == whole == +Counter(by_round[one.code])
                assert {each["body"]: +Counter(each["counts"]) for each in answer["bodies"]} == expected
                assert +Counter(answer["without_lead"]) == apart
                context = client.get(one.get_absolute_url()).context["one"]
                assert {body.acronym: counts.approved for body, counts in context.bodies} == {
                    name: counts["approved"] for name, counts in expected.items()
                }
                assert lines[one.code, "All (each activity once)"] == [whole[name] for name in columns]
                for name, counts in expected.items():
                    assert lines[one.code, name] == [counts[column] for column in columns]
                line = shown[one.code]
                assert line.asked.number == whole["total"]
                for name in ("on_time", "late", "overdue", "not_received"):
                    assert getattr(line, name).number == whole[name]
                    query = f"round={one.code}&timeliness={name}&limit=1"
                    assert program.get(f"/api/v1/activities/?{query}").json()["count"] == whole[name]
                if one.state == rules.PUBLISHED:
                    assert not sum(whole[name] for name in ("owed", "draft", "returned", "overdue"))
                else:
                    assert not whole["not_received"]
        _their_own(played, cast, page)


def _their_own(played: Played, cast: Cast, page: Callable[..., Client]) -> None:
    """Home and worklist of a focal point: what the body can still do something about, and nothing else."""
    current = ReportingRound.objects.current().get()
    extension = LateException.objects.filter(round=current, body__acronym="SOMTC", until__gte=played.today)
    may_report = current.state == rules.OPEN or (current.state == rules.CLOSED and extension.exists())
    counts = recount(played, current, cast.somtc).get("SOMTC", Counter()) if may_report else Counter[str]()
    waiting = page(cast.somtc).get("/").context["waiting"]
    assert waiting.due == counts["owed"] + counts["draft"] + counts["returned"]
    assert waiting.overdue == counts["overdue"]
    work = page(cast.somtc).get("/my/").context["work"]
    rows = [row for group in work.groups for row in group.rows if row.obligation.pk]
    assert Counter(row.obligation.state for row in rows) == Counter(
        {state: counts[state] for state in rules.OBLIGATION_STATES.values if counts[state]}
    )
    assert sum(row.obligation.timeliness == "overdue" for row in rows) == counts["overdue"]
