"""Rounds, reports, reviews and time in any order: whatever people do, what must hold holds after every step."""

import datetime
import functools
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.conftest import Cast
from tests.larger_plans import everybody
from workplan import actions, permissions, rules
from workplan.actions import Actor, EvidenceItem, Report
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

    def attempt(self, person: str, action: Callable[[Actor], object]) -> None:
        """Do it, or be refused; a refusal leaves nothing behind."""
        self.now += datetime.timedelta(minutes=1)
        user = User.objects.get(pk=getattr(self.cast, person).pk)
        before = (AuditEntry.objects.count(), StatusUpdate.objects.count(), Obligation.objects.count())
        with time_machine.travel(self.now, tick=False):
            try:
                action(Actor(user, "page", "r"))
            except Refusal as refusal:
                assert refusal.message.endswith(".")
                after = (AuditEntry.objects.count(), StatusUpdate.objects.count(), Obligation.objects.count())
                assert before == after

    @rule(days=st.integers(1, 40))
    def time_goes_by(self, days: int) -> None:
        self.now += datetime.timedelta(days=days)

    @rule(place=st.integers(0, 2), action=st.sampled_from(("open", "close", "reopen", "publish", "withdraw")))
    def move_a_round(self, place: int, action: str) -> None:
        reporting_round = ReportingRound.objects.get(pk=self.rounds[place].pk)
        changes: dict[str, Callable[..., object]] = {
            "open": actions.open_round,
            "close": actions.close_round,
            "publish": functools.partial(actions.publish_round, confirmed_bodies=everybody()),
        }
        if action in ("reopen", "withdraw"):
            act: Callable[..., object] = actions.reopen_round if action == "reopen" else actions.withdraw_publication
            self.attempt(
                "secretariat",
                lambda by: act(reporting_round=reporting_round, version=reporting_round.version, reason="Late.", by=by),
            )
        else:
            self.attempt(
                "secretariat",
                lambda by: changes[action](reporting_round=reporting_round, version=reporting_round.version, by=by),
            )

    @rule(acronym=st.sampled_from(("SOMTC", "ACWC", "SLOM")), days=st.integers(1, 60))
    def give_more_time(self, acronym: str, days: int) -> None:
        reporting_round = ReportingRound.objects.current().first()
        body = SectoralBody.objects.get(acronym=acronym)
        if reporting_round is not None:
            given = reporting_round.exceptions.filter(body=body).first()
            version = given.version if given else None
            until = self.now.date() + datetime.timedelta(days=days)
            self.attempt(
                "secretariat",
                lambda by: actions.extend_deadline(
                    reporting_round=reporting_round, body=body, until=until, reason="Ill.", version=version, by=by
                ),
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
        reporting_round = ReportingRound.objects.current().first()
        self.attempt(
            person,
            lambda by: actions.begin_report(
                activity=self.activities[place], report=report, by=by, reporting_round=reporting_round, body=body
            ),
        )

    @rule(
        person=st.sampled_from(PEOPLE),
        place=st.integers(0, 20),
        action=st.sampled_from(("edit", "submit", "discard", "approve", "return", "concur", "comment")),
        status=st.sampled_from(rules.STATUSES.values),
        stale=st.booleans(),
    )
    def act_on_a_report(self, person: str, place: int, action: str, status: str, stale: bool) -> None:
        updates = list(StatusUpdate.objects.order_by("pk"))
        if updates:
            self.act(person, updates[place % len(updates)], action, status, stale and place % 3 == 0)

    @rule(place=st.integers(0, 20), choice=st.integers(0, 20), status=st.sampled_from(rules.STATUSES.values))
    def do_what_is_allowed(self, place: int, choice: int, status: str) -> None:
        """What the pages offer as a button; most of it goes through, so that histories become long."""
        open_ones = list(StatusUpdate.objects.exclude(state=rules.APPROVED).for_display().order_by("pk"))
        if not open_ones:
            return
        update = open_ones[place % len(open_ones)]
        offered = [
            (person, action)
            for person in PEOPLE
            for action in permissions.allowed_actions(User.objects.get(pk=getattr(self.cast, person).pk), update)
            if action not in ("comment", "discard")
        ]
        if offered:
            person, action = offered[choice % len(offered)]
            self.act(person, update, action, status, stale=False)

    @rule(reviewer=st.sampled_from(("secretariat", "colleague")), approves=st.booleans())
    def review_what_waits(self, reviewer: str, approves: bool) -> None:
        waiting = StatusUpdate.objects.to_review().first()
        if waiting is not None:
            self.act(reviewer, waiting, "approve" if approves else "return", "", stale=False)

    def act(self, person: str, update: StatusUpdate, action: str, status: str, stale: bool) -> None:
        version = update.version - 1 if stale else update.version
        operations: dict[str, Callable[[Actor], object]] = {
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
        self.attempt(person, operations[action])

    @rule(kind=st.sampled_from(rules.KINDS_WITHOUT_NARRATIVE), acronym=st.sampled_from(("SOMTC", "ACWC")))
    def submit_bulk_report(self, kind: str, acronym: str) -> None:
        reporting_round = ReportingRound.objects.current().first()
        body = SectoralBody.objects.get(acronym=acronym)
        if reporting_round is not None:
            mine = Obligation.objects.filter(round=reporting_round, body=body, activity__in=self.activities)
            due = list(mine.filter(state=rules.DUE).values_list("activity", flat=True))
            self.attempt(
                acronym.lower(),
                lambda by: actions.submit_bulk_report(
                    reporting_round=reporting_round, body=body, activities=due, kind=kind, by=by
                ),
            )

    @rule(
        place=st.integers(0, len(REFS) - 1),
        status=st.sampled_from(rules.STATUSES.values),
        kind=st.sampled_from((rules.PROGRESS, rules.CORRECTION)),
        in_round=st.booleans(),
    )
    def enter_directly(self, place: int, status: str, kind: str, in_round: bool) -> None:
        activity = Activity.objects.get(pk=self.activities[place].pk)
        reporting_round = ReportingRound.objects.current().first() if in_round else None
        self.attempt(
            "secretariat",
            lambda by: actions.record_status(
                activity=activity,
                version=activity.version,
                report=self.report(status, kind, True),
                by=by,
                reporting_round=reporting_round,
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
            evidence=(EvidenceItem("Manual", "https://example.org/manual"),),
        )

    @invariant()
    def one_report_is_in_effect(self) -> None:
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
            reports = list(activity.updates.published().order_by("approved_at", "pk"))
            latest = next((one for one in reversed(reports) if one.kind not in rules.KINDS_WITHOUT_NARRATIVE), None)
            assert activity.latest_update_id == (latest.pk if latest else None)
            assert activity.status == (latest.status if latest else rules.NOT_REPORTED)
            assert activity.status_as_of == (latest.as_of if latest else None)
            is_confirmed = latest is not None and reports[-1] != latest and reports[-1].as_of >= latest.as_of  # type: ignore[operator]
            assert activity.confirmed_on == (reports[-1].as_of if is_confirmed else None)
            entries = AuditEntry.objects.filter(activity=activity).order_by("pk")
            stated, confirmed = (entries.filter(action=f"status.{verb}") for verb in ("recorded", "confirmed"))
            assert activity.version == 1 + stated.count() + confirmed.count()
            if stated:
                assert stated.last().changes["status"][1] == activity.status  # type: ignore[union-attr]

    @invariant()
    def every_status_change_is_in_the_audit_trail(self) -> None:
        if not hasattr(self, "now"):
            return
        audit_entries: dict[str, list[str]] = {}
        for entry in AuditEntry.objects.filter(record_type="statusupdate").order_by("pk"):
            if "state" in entry.changes:
                audit_entries.setdefault(entry.record_id, []).append(entry.changes["state"][1])
            assert entry.actor_name and entry.request_id == "r"
        stated = AuditEntry.objects.filter(record_type="activity", action__startswith="status.")
        recorded = {(one.changes.get("latest_update") or one.changes["report"])[1] for one in stated}
        for update in StatusUpdate.objects.all():
            changes = audit_entries.get(str(update.pk), [])
            if update.is_direct and not changes and update.state == rules.APPROVED:
                assert update.pk in recorded  # the audit trail tells it of the activity
                continue
            assert (changes or [rules.DRAFT])[-1] == update.state
            submitted_reports = changes.count(rules.APPROVED) if update.is_direct else changes.count(rules.SUBMITTED)
            assert submitted_reports == update.submissions
        for reporting_round in self.rounds:
            states = [
                entry.changes["state"][1]
                for entry in AuditEntry.objects.filter(
                    record_type="reportinground", record_id=reporting_round.pk
                ).order_by("pk")
                if "state" in entry.changes
            ]
            assert (states or [rules.PLANNED])[-1] == ReportingRound.objects.get(pk=reporting_round.pk).state

    @invariant()
    def nothing_approved_ever_changes(self) -> None:
        if not hasattr(self, "now"):
            return
        now: dict[int, Any] = {row["id"]: row for row in StatusUpdate.objects.filter(state=rules.APPROVED).values()}
        for pk, before in self.approved.items():
            assert now[pk] == before
        self.approved = now

    @invariant()
    def obligations_follow_from_the_reports(self) -> None:
        if not hasattr(self, "now"):
            return
        for due in Obligation.objects.filter(activity__ref__in=REFS).select_related("report"):
            reports = list(StatusUpdate.objects.filter(round=due.round_id, activity=due.activity_id))
            states = {report.state for report in reports if report.state != rules.DRAFT}
            own_draft = any(
                report.state == rules.DRAFT
                and report.body_id == due.body_id
                and report.is_direct == (due.body_id is None)
                for report in reports
            )
            strongest = [state for state in (rules.APPROVED, rules.SUBMITTED, rules.RETURNED) if state in states]
            assert due.state == (strongest or [rules.DRAFT if own_draft else rules.DUE])[0]

    @invariant()
    def others_never_see_unpublished_reports(self) -> None:
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
