"""What everybody can see follows from what is published, and from nothing that is in the making.

Published is an approved report, at once or with its round as the round says; the dates and states of rounds; and a
deadline that was extended. A report that is begun, saved, submitted, returned, submitted again, commented on,
concurred with, discarded, or approved and not yet published changes no answer that a visitor gets.
"""

import datetime
import functools
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.conftest import Cast, make_person
from tests.larger_plans import everybody, opened, saved
from tests.permissions.pages import PAGES, READ
from workplan import actions, permissions, rules, search
from workplan.actions import Actor, EvidenceItem, Report
from workplan.exceptions import Refusal
from workplan.history import events
from workplan.models import (
    Activity,
    LateException,
    ReportingRound,
    SectoralBody,
    StatusUpdate,
    User,
    WorkPlan,
)
from workplan.monitoring import completion, open_questions, timeline
from workplan.search import results

CODE = "tip-2016-2020"
LIST, ROUND = f"/plans/{CODE}/activities/", f"/plans/{CODE}/rounds/2018-1/"
# SOMTC alone with ACWC cooperating, SOMTC with SLOM, ACWC, and one without a lead body.
REFS = ("A.1.1.1", "A.1.1.4", "A.3.1.1", "A.1.1.2")
# The first round asks for reports from 1 July 2018 on, calls them due soon from the 17th, and due on the 31st.
BEFORE, AFTER = "2018-07-05T05:00:00Z", "2018-09-03T05:00:00Z"
REPORT = Report(
    status="ongoing",
    as_of=datetime.date(2018, 6, 30),
    narrative="A secret module.",
    evidence=(EvidenceItem("Minutes", "https://example.org/minutes"),),
)

# Of the pages that a visitor may open, those that show reports, statuses or figures; and what asks for them by filter.
NOTHING_OF_REPORTS = re.compile(r"^/(style|jump|robots|api/docs)|coverage|compare|^(schema|plans|sections|provisions)/")
ADDRESSES = [
    *(path for path, answers in PAGES if answers[0] == 200 and "{" not in path and not NOTHING_OF_REPORTS.search(path)),
    *(f"/api/v1/{path}" for path in READ if not NOTHING_OF_REPORTS.search(path)),
    *(
        f"{way}{name}={value}"
        for way in (f"{LIST}?", "/api/v1/activities/?round=2018-1&")
        for name, value in (("timeliness", "overdue"), ("report_state", "submitted"), ("silent", "1"))
    ),
    "/api/v1/summary/?timeliness=overdue",
    f"/plans/{CODE}/dashboard/?body=SOMTC",
    f"/plans/{CODE}/coverage.csv",
    f"/plans/{CODE}/compare.csv",
    f"{ROUND}?state=owed",
    f"{ROUND}?timeliness=overdue",
    f"{LIST}?updated_since=2018-07-02",
    f"{LIST}?view=overdue-work",
    "/views/overdue-work/feed/",
    "/search/?q=secret",
    "/search/?q=secrte",
    "/api/v1/search/?q=somtc&kind=update",
    "/api/v1/updates/?round=2018-1",
    "/api/v1/updates/?state=submitted",
    # Addresses of the report itself, where a visitor finds nothing, or the way to sign in.
    "/reports/{update}/",
    "/reports/{update}/edit/",
    "/evidence/{evidence}/",
    "/api/v1/updates/{update}/comments/",
]
HEADERS = ("ETag", "Last-Modified", "Location", "Cache-Control", "Vary")
# What is another one in each answer.
ONE_TIME = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"|nonce="[^"]+"')


@pytest.fixture
def few(plan: WorkPlan) -> WorkPlan:
    """The plan with a handful of activities, so that every answer is quick."""
    Activity.objects.exclude(ref__in=REFS).delete()
    return plan


def answers(**names: int) -> dict[str, Any]:
    """Every answer that a visitor gets, without what differs each time."""
    found = {}
    for path in ADDRESSES:
        answer: Any = Client().get(path.format(**names))
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        lasting = ONE_TIME.sub(b"", content)
        headers = [answer.headers.get(name) for name in HEADERS if name != "ETag" or lasting == content]
        found[path] = (answer.status_code, *headers, lasting)
    return found


def on_its_way(cast: Cast, reporting_round: ReportingRound, ref: str) -> Iterator[tuple[str, StatusUpdate]]:
    """A report of SOMTC, step by step, as far as the secretariat has approved it."""
    author, keeper = Actor(cast.somtc, "page", "r"), Actor(cast.secretariat, "page", "r")
    joint = Actor(make_person("suda", body="SLOM"), "page", "r")
    somtc, activity = SectoralBody.objects.get(acronym="SOMTC"), Activity.objects.get(ref=ref)
    update = actions.begin_report(
        activity=activity, report=REPORT, by=author, reporting_round=reporting_round, body=somtc
    )
    yield "begun", update
    kept = EvidenceItem("Minutes", "https://example.org/minutes", kept=update.evidence.get().pk)
    report = Report(**REPORT.field_values, evidence=(kept,))
    update = actions.save_report(update=update, version=update.version, report=report, by=author)
    update = actions.submit_report(update=update, version=update.version, by=author)
    actions.comment(update=update, text="A secret remark.", by=keeper)
    actions.concur(update=update, version=update.version, by=joint)
    yield "submitted", update
    update = actions.return_report(update=update, version=update.version, reason="Name it.", by=keeper)
    yield "returned", update
    update = actions.submit_report(update=update, version=update.version, by=author)
    update = actions.approve_report(update=update, version=update.version, by=keeper)
    yield "approved", update


@pytest.mark.parametrize(
    ("publication", "steps"),
    [(rules.AT_ONCE, ("submitted", "returned")), (rules.WITH_ROUND, ("begun", "approved"))],
)
def test_no_answer_to_a_visitor_tells_how_far_a_report_is_before_it_is_published(
    few: WorkPlan, cast: Cast, publication: str, steps: tuple[str, str]
) -> None:
    with time_machine.travel(BEFORE, tick=False):
        reporting_round = opened(few, Actor(cast.secretariat, "page", "r"), publication=publication)
        saved(few, cast.somtc, "Overdue work", "timeliness=overdue")
        saved(few, cast.somtc)
    activity = Activity.objects.get(ref="A.1.1.4")
    seen: list[dict[str, Any]] = []
    with time_machine.travel(AFTER, tick=False):
        for step, update in on_its_way(cast, reporting_round, activity.ref):
            if step in steps:
                evidence = update.evidence.get().pk
                seen.append(
                    answers(round=reporting_round.pk, activity=activity.pk, update=update.pk, evidence=evidence)
                )
            if step == steps[-1]:
                break
    first, last = seen
    assert [path for path in first if first[path] != last[path]] == []


def known_to(user: Any, plan: WorkPlan) -> list[Any]:
    """What the figures, filters, histories and the search tell ``user``, as every page and file shows it."""
    rows = Activity.objects.visible_to(user).filter(plan=plan).for_display()
    rounds = list(ReportingRound.objects.exclude(state=rules.PLANNED))
    due = ("activity", "body", "due_on", "shown_state", "shown_timeliness", "shown_first_submitted_on")
    query = search.parse_query("secret somtc")

    def keys(found: Any) -> list[Any]:
        return list(found.order_by("pk").values_list("pk", flat=True))

    return [
        [(one.pk, one.status, one.status_as_of, one.version, one.updated_at, one.timeliness) for one in rows],
        [(one.round.pk, one.total, one.bodies) for one in completion.of_rounds(rounds, user)],
        [list(completion.reports_of(one, user).values_list(*due)) for one in rounds],
        keys(rows.timely(["overdue", "on_time"])),
        keys(rows.timely_in(rounds, ["overdue", "on_time"], user)),
        keys(rows.with_report_in([rules.SUBMITTED, rules.RETURNED], user)),
        keys(rows.non_reporting_for(1)),
        list(StatusUpdate.objects.visible_to(user).order_by("pk").values()),
        [events.of_round(one, user).events for one in rounds],
        events.of_activity(rows[0], user).events,
        [(one.key, one.tag, one.state) for one in open_questions.of_plans([plan], user)],
        timeline.status_histories(rows),
        results.all_hits(query, user, [plan.code]),
    ]


def what_is_published(plan: WorkPlan) -> Any:
    """All that a visitor's answers may follow from."""
    rounds = ReportingRound.objects.filter(plan=plan).values_list("pk", "version", "state", "published_at")
    extended = LateException.objects.values_list("round", "body", "until")
    reports = StatusUpdate.objects.published().values_list("pk", "version")
    return (timezone.localdate(), *(tuple(sorted(found.order_by("pk"))) for found in (rounds, extended, reports)))


class Reporting(RuleBasedStateMachine):
    """People report, review and extend deadlines in two rounds, while days go by."""

    cast: Cast

    @initialize(publication=st.sampled_from(rules.PUBLICATIONS.values))
    def begin(self, publication: str) -> None:
        self.now = datetime.datetime.fromisoformat(BEFORE)
        self.plan = WorkPlan.objects.get()
        self.known: dict[Any, list[Any]] = {}
        ReportingRound.objects.update(publication=publication)
        self.move_the_round("open")

    def attempt(self, person: str, act: Callable[[Actor], object]) -> None:
        """Do it or be refused; where nothing else is published by then, a visitor knows what they knew."""
        # The same person as a new request would read them, with nothing remembered.
        visitor, user = self.cast.visitor, User.objects.get(pk=getattr(self.cast, person).pk)
        with time_machine.travel(self.now, tick=False):
            before = what_is_published(self.plan)
            if before not in self.known:
                self.known[before] = known_to(visitor, self.plan)
            try:
                act(Actor(user, "page", "r"))
            except Refusal:
                return
            after = what_is_published(self.plan)
            if after in self.known:
                assert known_to(visitor, self.plan) == self.known[after]

    @rule(days=st.integers(5, 30))
    def time_goes_by(self, days: int) -> None:
        self.now += datetime.timedelta(days=days)

    @rule(change_state=st.sampled_from(("open", "close", "publish")))
    def move_the_round(self, change_state: str) -> None:
        states = {"open": rules.PLANNED, "close": rules.OPEN, "publish": rules.CLOSED}
        reporting_round = ReportingRound.objects.filter(state=states[change_state]).order_by("period_start").first()
        act: Any = getattr(actions, f"{change_state}_round")
        if change_state == "publish":
            act = functools.partial(act, confirmed_bodies=everybody())
        if reporting_round is not None:
            version = reporting_round.version
            self.attempt("secretariat", lambda by: act(reporting_round=reporting_round, version=version, by=by))

    @rule(acronym=st.sampled_from(("SOMTC", "ACWC")), days=st.integers(1, 60))
    def extend(self, acronym: str, days: int) -> None:
        body, reporting_round = SectoralBody.objects.get(acronym=acronym), ReportingRound.objects.current().get()
        until = self.now.date() + datetime.timedelta(days=days)
        given = reporting_round.exceptions.filter(body=body).first()
        version = given.version if given else None
        self.attempt(
            "secretariat",
            lambda by: actions.extend_deadline(
                reporting_round=reporting_round, body=body, until=until, reason="Ill.", version=version, by=by
            ),
        )

    @rule(
        ref=st.sampled_from(REFS[:3]),
        kind=st.sampled_from((rules.PROGRESS, rules.CORRECTION)),
        submits=st.booleans(),
    )
    def report(self, ref: str, kind: str, submits: bool) -> None:
        activity, reporting_round = Activity.objects.get(ref=ref), ReportingRound.objects.current().get()
        person = "acwc" if ref == "A.3.1.1" else "somtc"
        body = SectoralBody.objects.get(acronym=person.upper())
        said = Report(**{**REPORT.field_values, "kind": kind, "as_of": self.now.date()}, evidence=REPORT.evidence)

        def act(by: Actor) -> None:
            begun = actions.begin_report(
                activity=activity, report=said, by=by, reporting_round=reporting_round, body=body
            )
            if submits:
                actions.submit_report(update=begun, version=begun.version, by=by)

        self.attempt(person, act)

    @rule(place=st.integers(0, 20), choice=st.integers(0, 20))
    def do_what_is_allowed(self, place: int, choice: int) -> None:
        """What the pages offer as a button for a report that is not published."""
        waiting = StatusUpdate.objects.exclude(pk__in=StatusUpdate.objects.published().values("pk"))
        updates = list(waiting.for_display().order_by("pk"))
        if not updates:
            return
        update = updates[place % len(updates)]
        offered = [
            (person, action)
            for person in ("somtc", "acwc", "colleague")
            for action in permissions.allowed_actions(User.objects.get(pk=getattr(self.cast, person).pk), update)
        ]
        if offered:
            person, action = offered[choice % len(offered)]
            version = update.version
            acts: dict[str, Callable[[Actor], object]] = {
                "edit": lambda by: actions.save_report(update=update, version=version, report=REPORT, by=by),
                "submit": lambda by: actions.submit_report(update=update, version=version, by=by),
                "discard": lambda by: actions.discard_report(update=update, version=version, by=by),
                "approve": lambda by: actions.approve_report(update=update, version=version, by=by),
                "return": lambda by: actions.return_report(update=update, version=version, reason="More.", by=by),
                "concur": lambda by: actions.concur(update=update, version=version, by=by),
                "comment": lambda by: actions.comment(update=update, text="A secret remark.", by=by),
            }
            self.attempt(person, acts[action])

    @rule()
    def contribute(self) -> None:
        activity, reporting_round = Activity.objects.get(ref="A.1.1.1"), ReportingRound.objects.current().get()
        acwc = SectoralBody.objects.get(acronym="ACWC")
        self.attempt(
            "acwc",
            lambda by: actions.contribute(
                activity=activity, reporting_round=reporting_round, body=acwc, text="A secret workshop.", by=by
            ),
        )

    @rule()
    def nil_return(self) -> None:
        reporting_round, somtc = ReportingRound.objects.current().get(), SectoralBody.objects.get(acronym="SOMTC")
        due = reporting_round.obligations.filter(body=somtc, state=rules.DUE)
        chosen = list(due.values_list("activity", flat=True))
        self.attempt(
            "somtc",
            lambda by: actions.submit_bulk_report(
                reporting_round=reporting_round, body=somtc, activities=chosen, kind=rules.NIL_RETURN, by=by
            ),
        )


@pytest.mark.django_db
def test_whatever_people_do_a_visitor_knows_what_is_published_and_no_more(few: WorkPlan, cast: Cast) -> None:
    actions.plan_rounds(plan=few, by=Actor(cast.secretariat, "page", "r"))
    ReportingRound.objects.exclude(code__in=("2018-1", "2018-2")).delete()

    class InOneTransaction(Reporting):
        def __init__(self) -> None:
            super().__init__()
            self.cast = cast
            self.inside = transaction.atomic()
            self.inside.__enter__()

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.inside.__exit__(None, None, None)

    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        InOneTransaction,
        settings=settings(
            max_examples=8, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
