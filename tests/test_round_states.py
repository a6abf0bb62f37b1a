"""Rounds, reports, reviews and time in any order: whatever people do, what must hold holds after every step."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.conftest import Cast
from workplan import actions, permissions, rules
from workplan.actions import Actor, Proof, Report
from workplan.exceptions import Refusal
from workplan.models import (
    Activity,
    AuditEntry,
    Obligation,
    ReportingRound,
    SectoralBody,
    StatusUpdate,
    User,
    WorkPlan,
)

BEGINNING = datetime.datetime(2018, 6, 20, 3, tzinfo=datetime.UTC)
# SOMTC alone, SOMTC with SLOM, ACWC, and one without a lead body.
REFS = ("A.1.1.1", "A.1.1.4", "A.3.1.1", "A.1.1.2")
PEOPLE = ("somtc", "acwc", "secretariat", "colleague")


class Reporting(RuleBasedStateMachine):
    """People of every side act on a handful of activities in three rounds, while days go by."""

    cast: Cast

    @initialize(four_eyes=st.booleans(), publication=st.sampled_from(rules.PUBLICATIONS.values))
    def begin(self, four_eyes: bool, publication: str) -> None:
        self.now = BEGINNING
        self.approved: dict[int, Any] = {}
        self.plan = WorkPlan.objects.get()
        WorkPlan.objects.update(four_eyes=four_eyes)
        ReportingRound.objects.update(publication=publication, silence_days=5)
        self.rounds = list(ReportingRound.objects.filter(code__in=("2018-1", "2018-2", "2019-1")))
        self.activities = list(Activity.objects.filter(ref__in=REFS).order_by("pk"))
        assert len(self.activities) == len(REFS)
        self.move_a_round(0, "open")

    def attempt(self, person: str, deed: Callable[[Actor], object]) -> None:
        """Do it, or be refused; a refusal leaves nothing behind."""
        self.now += datetime.timedelta(minutes=1)
        user = User.objects.get(pk=getattr(self.cast, person).pk)
        before = (AuditEntry.objects.count(), StatusUpdate.objects.count(), Obligation.objects.count())
        with time_machine.travel(self.now, tick=False):
            try:
                deed(Actor(user, "page", "r"))
            except Refusal as refusal:
                assert refusal.message.endswith(".")
                after = (AuditEntry.objects.count(), StatusUpdate.objects.count(), Obligation.objects.count())
                assert before == after

    @rule(days=st.integers(1, 40))
    def time_goes_by(self, days: int) -> None:
        self.now += datetime.timedelta(days=days)

    @rule(place=st.integers(0, 2), deed=st.sampled_from(("open", "close", "reopen", "publish")))
    def move_a_round(self, place: int, deed: str) -> None:
        the_round = ReportingRound.objects.get(pk=self.rounds[place].pk)
        moves: dict[str, Callable[..., object]] = {
            "open": actions.open_round,
            "close": actions.close_round,
            "publish": actions.publish_round,
        }
        if deed == "reopen":
            self.attempt(
                "secretariat",
                lambda by: actions.reopen_round(the_round=the_round, version=the_round.version, reason="Late.", by=by),
            )
        else:
            self.attempt("secretariat", lambda by: moves[deed](the_round=the_round, version=the_round.version, by=by))

    @rule(acronym=st.sampled_from(("SOMTC", "ACWC", "SLOM")), days=st.integers(1, 60))
    def give_more_time(self, acronym: str, days: int) -> None:
        the_round = ReportingRound.objects.current().first()
        body = SectoralBody.objects.get(acronym=acronym)
        if the_round is not None:
            until = self.now.date() + datetime.timedelta(days=days)
            self.attempt(
                "secretariat",
                lambda by: actions.give_exception(the_round=the_round, body=body, until=until, reason="Ill.", by=by),
            )

    @rule(place=st.sampled_from((0, 1)), status=st.sampled_from(("ongoing", "completed")))
    def report_as_lead(self, place: int, status: str) -> None:
        self.begin_a_report("somtc", place, "SOMTC", status, rules.PROGRESS, complete=True)

    @rule(
        person=st.sampled_from(PEOPLE),
        place=st.integers(0, len(REFS) - 1),
        acronym=st.sampled_from(("SOMTC", "ACWC", "SLOM", "")),
        status=st.sampled_from(["", *rules.STATUSES.values]),
        kind=st.sampled_from((rules.PROGRESS, rules.CORRECTION)),
        complete=st.booleans(),
    )
    def begin_a_report(self, person: str, place: int, acronym: str, status: str, kind: str, complete: bool) -> None:
        body = SectoralBody.objects.filter(acronym=acronym).first()
        report = self.report(status, kind, complete)
        the_round = ReportingRound.objects.current().first()
        self.attempt(
            person,
            lambda by: actions.begin_report(
                activity=self.activities[place], report=report, by=by, the_round=the_round, body=body
            ),
        )

    @rule(
        person=st.sampled_from(PEOPLE),
        place=st.integers(0, 20),
        deed=st.sampled_from(("edit", "submit", "discard", "approve", "return", "concur", "comment")),
        status=st.sampled_from(rules.STATUSES.values),
        stale=st.booleans(),
    )
    def act_on_a_report(self, person: str, place: int, deed: str, status: str, stale: bool) -> None:
        updates = list(StatusUpdate.objects.order_by("pk"))
        if updates:
            self.act(person, updates[place % len(updates)], deed, status, stale and place % 3 == 0)

    @rule(place=st.integers(0, 20), choice=st.integers(0, 20), status=st.sampled_from(rules.STATUSES.values))
    def do_what_is_allowed(self, place: int, choice: int, status: str) -> None:
        """What the pages offer as a button; most of it goes through, so that histories become long."""
        open_ones = list(StatusUpdate.objects.exclude(state=rules.APPROVED).for_display().order_by("pk"))
        if not open_ones:
            return
        update = open_ones[place % len(open_ones)]
        offered = [
            (person, deed)
            for person in PEOPLE
            for deed in permissions.allowed_actions(User.objects.get(pk=getattr(self.cast, person).pk), update)
            if deed not in ("comment", "discard")
        ]
        if offered:
            person, deed = offered[choice % len(offered)]
            self.act(person, update, deed, status, stale=False)

    @rule(reviewer=st.sampled_from(("secretariat", "colleague")), approves=st.booleans())
    def review_what_waits(self, reviewer: str, approves: bool) -> None:
        waiting = StatusUpdate.objects.to_review().first()
        if waiting is not None:
            self.act(reviewer, waiting, "approve" if approves else "return", "", stale=False)

    def act(self, person: str, update: StatusUpdate, deed: str, status: str, stale: bool) -> None:
        version = update.version - 1 if stale else update.version
        deeds: dict[str, Callable[[Actor], object]] = {
            "edit": lambda by: actions.save_report(
                update=update, version=version, report=self.report(status, update.kind, True), by=by
            ),
            "submit": lambda by: actions.submit_report(update=update, version=version, by=by),
            "discard": lambda by: actions.discard_report(update=update, version=version, by=by),
            "approve": lambda by: actions.approve_report(update=update, version=version, by=by),
            "return": lambda by: actions.return_report(update=update, version=version, reason="Say more.", by=by),
            "concur": lambda by: actions.concur(update=update, version=version, by=by),
            "comment": lambda by: actions.comment(update=update, text="Good.", by=by),
        }
        self.attempt(person, deeds[deed])

    @rule(kind=st.sampled_from(rules.KINDS_WITHOUT_NARRATIVE), acronym=st.sampled_from(("SOMTC", "ACWC")))
    def report_alike(self, kind: str, acronym: str) -> None:
        the_round = ReportingRound.objects.current().first()
        body = SectoralBody.objects.get(acronym=acronym)
        if the_round is not None:
            mine = Obligation.objects.filter(round=the_round, body=body, activity__in=self.activities)
            owed = list(mine.filter(state=rules.OWED).values_list("activity", flat=True))
            self.attempt(
                acronym.lower(),
                lambda by: actions.report_alike(the_round=the_round, body=body, activities=owed, kind=kind, by=by),
            )

    @rule(
        place=st.integers(0, len(REFS) - 1),
        status=st.sampled_from(rules.STATUSES.values),
        kind=st.sampled_from((rules.PROGRESS, rules.CORRECTION)),
        in_round=st.booleans(),
    )
    def enter_directly(self, place: int, status: str, kind: str, in_round: bool) -> None:
        activity = Activity.objects.get(pk=self.activities[place].pk)
        the_round = ReportingRound.objects.current().first() if in_round else None
        self.attempt(
            "secretariat",
            lambda by: actions.record_status(
                activity=activity,
                version=activity.version,
                report=self.report(status, kind, True),
                by=by,
                the_round=the_round,
            ),
        )

    def report(self, status: str, kind: str, complete: bool) -> Report:
        if not complete:
            return Report(status=status, as_of=None, kind=kind)
        return Report(
            status=status,
            as_of=self.now.date(),
            narrative="It went on.",
            outputs_delivered="A manual",
            reason="So it was decided.",
            kind=kind,
            evidence=(Proof("Manual", "https://example.org/manual"),),
        )

    @invariant()
    def one_report_counts(self) -> None:
        if not hasattr(self, "now"):
            return
        seen: dict[tuple[int, int | None, str], int] = {}
        for update in StatusUpdate.objects.exclude(round=None):
            if update.state == rules.APPROVED and update.kind != rules.CORRECTION:
                group = "approved"
            elif update.state in (rules.SUBMITTED, rules.RETURNED):
                group = "under way"
            else:
                continue
            key = (update.activity_id, update.round_id, group)
            seen[key] = seen.get(key, 0) + 1
        assert set(seen.values()) <= {1}
        assert ReportingRound.objects.filter(state=rules.OPEN).count() <= 1

    @invariant()
    def the_status_is_that_of_the_latest_published_report(self) -> None:
        if not hasattr(self, "now"):
            return
        for activity in Activity.objects.filter(ref__in=REFS):
            latest = activity.updates.published().order_by("approved_at", "pk").last()
            assert activity.latest_update_id == (latest.pk if latest else None)
            assert activity.status == (latest.status if latest else rules.NOT_REPORTED)
            assert activity.status_as_of == (latest.as_of if latest else None)
            told = AuditEntry.objects.filter(activity=activity, action="status.recorded").order_by("pk")
            assert activity.version == 1 + told.count()
            if told:
                assert told.last().changes["status"][1] == activity.status  # type: ignore[union-attr]

    @invariant()
    def every_move_is_in_the_trail(self) -> None:
        if not hasattr(self, "now"):
            return
        trail: dict[str, list[str]] = {}
        for entry in AuditEntry.objects.filter(record_type="statusupdate").order_by("pk"):
            if "state" in entry.changes:
                trail.setdefault(entry.record_id, []).append(entry.changes["state"][1])
            assert entry.actor_name and entry.request_id == "r"
        told = AuditEntry.objects.filter(action="status.recorded").values_list("changes", flat=True)
        recorded = {changes["latest_update"][1] for changes in told}
        for update in StatusUpdate.objects.all():
            moves = trail.get(str(update.pk), [])
            if update.is_direct and not moves and update.state == rules.APPROVED:
                assert update.pk in recorded  # the trail tells it of the activity
                continue
            assert (moves or [rules.DRAFT])[-1] == update.state
            handed_in = moves.count(rules.APPROVED) if update.is_direct else moves.count(rules.SUBMITTED)
            assert handed_in == update.submissions
        for the_round in self.rounds:
            states = [
                entry.changes["state"][1]
                for entry in AuditEntry.objects.filter(record_type="reportinground", record_id=the_round.pk).order_by(
                    "pk"
                )
                if "state" in entry.changes
            ]
            assert (states or [rules.PLANNED])[-1] == ReportingRound.objects.get(pk=the_round.pk).state

    @invariant()
    def nothing_approved_ever_changes(self) -> None:
        if not hasattr(self, "now"):
            return
        now: dict[int, Any] = {row["id"]: row for row in StatusUpdate.objects.filter(state=rules.APPROVED).values()}
        for pk, before in self.approved.items():
            assert now[pk] == before
        self.approved = now

    @invariant()
    def what_is_owed_follows_from_the_reports(self) -> None:
        if not hasattr(self, "now"):
            return
        for owed in Obligation.objects.filter(activity__ref__in=REFS).select_related("report"):
            reports = list(StatusUpdate.objects.filter(round=owed.round_id, activity=owed.activity_id))
            states = {report.state for report in reports if report.state != rules.DRAFT}
            own_draft = any(
                report.state == rules.DRAFT
                and report.body_id == owed.body_id
                and report.is_direct == (owed.body_id is None)
                for report in reports
            )
            strongest = [state for state in (rules.APPROVED, rules.SUBMITTED, rules.RETURNED) if state in states]
            assert owed.state == (strongest or [rules.DRAFT if own_draft else rules.OWED])[0]

    @invariant()
    def others_never_see_what_is_in_the_making(self) -> None:
        if not hasattr(self, "now"):
            return
        public = set(StatusUpdate.objects.published().values_list("pk", flat=True))
        assert set(StatusUpdate.objects.visible_to(self.cast.visitor).values_list("pk", flat=True)) == public
        person = User.objects.get(pk=self.cast.acwc.pk)
        for update in StatusUpdate.objects.visible_to(person).exclude(pk__in=public).select_related("body"):
            own = update.body in permissions.bodies_of(person) and not update.is_direct
            assert own or update.state != rules.DRAFT


@pytest.mark.django_db
def test_whatever_people_do_the_invariants_hold(plan: WorkPlan, cast: Cast) -> None:
    # Few activities, so that they meet often.
    Activity.objects.exclude(ref__in=REFS).delete()
    actions.plan_rounds(plan=plan, by=Actor(cast.secretariat, "page", "r"))

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
            max_examples=25,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
