"""A year is played on a turned clock; each mail is read when it leaves, and none says what is no longer so.

Rounds open and close, reports are submitted, returned and approved, people leave, bodies and rounds get other names,
and the mail server is away for days or refuses an address. What a mail says is judged by ``facts``.
"""

import datetime
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import time_machine
from django.test import override_settings

from tests.conftest import Cast, make_person
from tests.larger_plans import saved
from tests.notifications.facts import Judge
from tests.notifications.mails import by, send
from workplan import actions, rules
from workplan.actions import Report
from workplan.exceptions import Refusal
from workplan.models import (
    Activity,
    Membership,
    Notice,
    Obligation,
    ReportingRound,
    SectoralBody,
    StatusUpdate,
    User,
    WorkPlan,
)
from workplan.permissions import SECRETARIAT_GROUP

BEGIN = datetime.date(2018, 6, 25)
DAYS = 365


class Year:
    """Who acts, and what they may do on a day."""

    def __init__(self, plan: WorkPlan, cast: Cast, seed: int) -> None:
        self.plan, self.cast, self.chance, self.today = plan, cast, random.Random(seed), BEGIN
        self.successor = make_person("vera", name="Vera Successor")
        for name, body in (
            ("linh", "SLOM"),
            ("tomas", "SOMTC"),
            ("ria", "AICHR"),
            ("joko", "SOMSWD"),
            ("mai", "SOMHD"),
        ):
            make_person(name, name=f"{name.title()} Focal", body=body)
        actions.plan_rounds(plan=plan, by=self.staff)
        view = saved(plan, cast.secretariat, "Everything", "")
        for follower in (cast.newcomer, cast.acwc, cast.colleague):
            actions.follow_view(view=view, by=by(follower))
        self.calendar: dict[datetime.date, list[Callable[[], None]]] = {}
        for code, opens in (("2018-1", datetime.date(2018, 7, 2)), ("2018-2", datetime.date(2019, 1, 2))):
            self.on(opens, self.open, code)
            self.on(opens + datetime.timedelta(days=50), self.close, code)
            self.on(opens + datetime.timedelta(days=80), self.publish, code)
        self.on(datetime.date(2018, 7, 13), self.give_time, "SLOM")
        self.on(datetime.date(2018, 7, 18), self.take_time, "SLOM")
        self.on(datetime.date(2018, 7, 16), self.rename, "SOMTC", "SOMTIP")
        self.on(datetime.date(2018, 7, 24), self.rename_round, "2018-1", "Midsummer round")
        self.on(datetime.date(2018, 7, 26), self.leave, "tomas")
        self.on(datetime.date(2018, 8, 3), self.close_account, "aisyah")
        self.on(datetime.date(2018, 8, 6), self.refuse, "linh@example.org")
        self.on(datetime.date(2018, 9, 10), self.mend, "linh")
        self.on(datetime.date(2019, 1, 14), self.rename, "AICHR", "AICHRX")
        self.on(datetime.date(2019, 1, 28), self.leave_secretariat, "ben")

    def on(self, day: datetime.date, do: Callable[..., None], *what: Any) -> None:
        self.calendar.setdefault(day, []).append(lambda: do(*what))

    @property
    def staff(self) -> actions.Actor:
        return by(self.cast.secretariat)

    def reviewer(self) -> User:
        return self.chance.choice(
            list(User.objects.filter(groups__name=SECRETARIAT_GROUP, is_active=True).order_by("pk"))
        )

    def round_of(self, code: str) -> ReportingRound:
        return ReportingRound.objects.get(plan=self.plan, code=code)

    def open(self, code: str) -> None:
        found = self.round_of(code)
        actions.open_round(reporting_round=found, version=found.version, by=self.staff)

    def close(self, code: str) -> None:
        found = self.round_of(code)
        actions.close_round(reporting_round=found, version=found.version, by=self.staff)

    def publish(self, code: str) -> None:
        found = self.round_of(code)
        for update in StatusUpdate.objects.filter(round=found, state=rules.SUBMITTED):
            with suppress(Refusal):
                actions.approve_report(update=update, version=update.version, by=self.staff)
        with suppress(Refusal):
            actions.publish_round(reporting_round=found, version=found.version, by=self.staff)

    def rename(self, before: str, after: str) -> None:
        body = SectoralBody.objects.get(acronym=before)
        body.acronym = after
        actions.save_record(record=body, by=self.staff)
        Judge.former_names.add(before)

    def rename_round(self, code: str, name: str) -> None:
        found = self.round_of(code)
        Judge.former_names.add(found.name)
        found.name = name
        actions.save_round(reporting_round=found, version=found.version, by=self.staff)

    def leave(self, username: str) -> None:
        for membership in Membership.objects.filter(user__username=username):
            actions.delete_record(record=membership, by=by(self.cast.administrator))

    def close_account(self, username: str) -> None:
        person = User.objects.get(username=username)
        actions.close_account(user=person, successor=self.successor, by=by(self.cast.administrator))

    def leave_secretariat(self, username: str) -> None:
        User.objects.get(username=username).groups.clear()

    def refuse(self, address: str) -> None:
        Judge.refuses = {address}

    def mend(self, username: str) -> None:
        Judge.refuses = set()
        person = User.objects.get(username=username)
        if person.is_refused:
            actions.confirm_address(user=person, by=self.staff)

    def report(self) -> None:
        """Somebody submits a report, or revises one that was returned, or reports no change on several."""
        membership = self.chance.choice(list(Membership.objects.filter(user__is_active=True).order_by("pk")))
        person = by(membership.user)
        due = Obligation.objects.filter(body=membership.body, state=rules.DUE, round__state=rules.OPEN).order_by("pk")
        back = StatusUpdate.objects.filter(body=membership.body, state=rules.RETURNED).order_by("pk")
        if back and self.chance.random() < 0.6:
            update = self.chance.choice(list(back))
            actions.submit_report(update=update, version=update.version, by=person)
        elif len(due) > 4 and self.chance.random() < 0.15:
            chosen = [one.activity_id for one in due[:3]]
            actions.submit_bulk_report(
                reporting_round=due[0].round,
                body=membership.body,
                activities=chosen,
                kind=rules.NIL_RETURN,
                by=person,
            )
        elif due:
            one = self.chance.choice(list(due))
            status = self.chance.choice(["not_started", "ongoing", "deferred"])
            report = Report(status=status, as_of=one.round.period_end, narrative="What was done.", reason="It rests.")
            draft = actions.begin_report(
                activity=one.activity, report=report, by=person, reporting_round=one.round, body=membership.body
            )
            actions.submit_report(update=draft, version=draft.version, by=person)

    def review(self) -> None:
        """Somebody of the secretariat returns or approves a report, or a joint lead concurs."""
        waiting = list(StatusUpdate.objects.filter(state=rules.SUBMITTED).order_by("pk"))
        if not waiting:
            return
        update, reviewer = self.chance.choice(waiting), by(self.reviewer())
        lot = self.chance.random()
        if lot < 0.4:
            actions.comment(update=update, text="Which year is the table of?", by=reviewer)
            update.refresh_from_db()
            reason = f"Name the places, please ({self.today:%j})."
            actions.return_report(update=update, version=update.version, reason=reason, by=reviewer)
        elif lot < 0.85:
            actions.approve_report(update=update, version=update.version, by=reviewer)
        else:
            for membership in Membership.objects.exclude(body=update.body_id).order_by("pk"):
                with suppress(Refusal):
                    actions.concur(update=update, version=update.version, by=by(membership.user))
                update.refresh_from_db()

    def deadline(self) -> None:
        """A body is given more time, or it is taken back."""
        body = self.chance.choice(list(SectoralBody.objects.filter(memberships__isnull=False).distinct()))
        self.chance.choice((self.give_time, self.take_time))(body.acronym)

    def give_time(self, acronym: str) -> None:
        body = SectoralBody.objects.get(acronym=acronym)
        for found in ReportingRound.objects.filter(state=rules.OPEN).exclude(exceptions__body=body):
            until = found.due_on + datetime.timedelta(days=self.chance.randint(5, 14))
            actions.extend_deadline(reporting_round=found, body=body, until=until, reason="A holiday.", by=self.staff)

    def take_time(self, acronym: str) -> None:
        body = SectoralBody.objects.get(acronym=acronym)
        for given in body.late_exceptions.filter(round__state=rules.OPEN).select_related("round"):
            actions.withdraw_extension(
                reporting_round=given.round,
                body=body,
                version=given.version,
                reason="It was a mistake.",
                by=self.staff,
            )

    def record(self) -> None:
        """The secretariat records a status."""
        activity = self.chance.choice(list(Activity.objects.order_by("pk")[:40]))
        report = Report(
            status=self.chance.choice(["not_started", "ongoing", "deferred"]),
            as_of=self.today - datetime.timedelta(days=1),
            narrative="As we have heard.",
            reason="It rests.",
        )
        actions.record_status(activity=activity, version=activity.version, report=report, by=self.staff)

    def play(self) -> None:
        """What happens on a day."""
        for do in self.calendar.pop(self.today, []):
            do()
        lots = ((self.report, 0.6), (self.review, 0.45), (self.deadline, 0.03), (self.record, 0.06))
        for do, chance in (*lots, *lots):
            if self.chance.random() < chance:
                with suppress(Refusal):
                    do()


@pytest.mark.parametrize("seed", [1])
def test_no_mail_of_a_year_says_what_is_no_longer_so(plan: WorkPlan, cast: Cast, seed: int) -> None:
    Judge.reset()
    with time_machine.travel(datetime.datetime(2018, 6, 24, 12, tzinfo=datetime.UTC), tick=False):
        year = Year(plan, cast, seed)
    with override_settings(EMAIL_BACKEND="tests.notifications.facts.Judge"):
        for number in range(DAYS):
            year.today = BEGIN + datetime.timedelta(days=number)
            # In the months between rounds less happens.
            if year.today.month in (4, 5, 6, 10, 11, 12) and number % 6 and year.today not in year.calendar:
                continue
            Judge.is_away = number % 11 in (3, 4, 5)
            moment = datetime.datetime.combine(year.today, datetime.time(2 + number % 7), datetime.UTC)
            with time_machine.travel(moment, tick=False):
                year.play()
                send()
            assert Judge.false == []

    assert not year.calendar, "All of it was played."
    kinds = set(Judge.sentences) - {"receiver", "names", "link", "answer"}
    assert kinds == {
        *("opened", "overdue", "due_soon", "submitted", "submitted_together", "to_concur_with", "returned", "approved"),
        *("extended", "withdrawn", "followed", "waiting", "refused"),
    }
    assert sum(Judge.sentences[kind] for kind in kinds) > 300
    assert Notice.objects.filter(user__username="linh", created_at__date__gt=datetime.date(2018, 9, 10)).exists()
