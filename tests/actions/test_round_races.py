"""People who act on one report at the same moment: one of them does it, the others are told."""

import datetime
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from tests.conftest import Cast
from tests.larger_plans import opened
from workplan import actions, rules
from workplan.actions import Actor, Report
from workplan.exceptions import Refusal, Stale, WrongState
from workplan.models import (
    Activity,
    AuditEntry,
    Obligation,
    ReportingRound,
    Review,
    SectoralBody,
    StatusUpdate,
    WorkPlan,
)

TIMES = 200
REPORT = Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="It went on.")


AtOnce = Callable[[Sequence[Callable[[], object]]], list[BaseException | None]]
MOST_AT_ONCE = 3


@pytest.fixture
def at_once(transactional_db: None) -> Iterator[AtOnce]:
    """What each action ended with, all of them begun at the same moment; ``None`` where it was done.

    Each runs in a thread with a connection of its own, which stays open from one attempt to the next.
    """
    with ThreadPoolExecutor(MOST_AT_ONCE) as threads:

        def run(operations: Sequence[Callable[[], object]]) -> list[BaseException | None]:
            start = threading.Barrier(len(operations))

            def begin(operation: Callable[[], object]) -> None:
                start.wait(timeout=60)
                operation()

            begun = [threads.submit(begin, operation) for operation in operations]
            return [one.exception(timeout=120) for one in begun]

        def close() -> None:
            connection.close()  # the thread's own

        yield run
        run([close] * MOST_AT_ONCE)


def as_(user: object) -> Actor:
    return Actor(user, "page", "r")  # type: ignore[arg-type]


@pytest.fixture
def scenario(cast: Cast) -> tuple[Cast, Activity, ReportingRound, SectoralBody]:
    reporting_round = opened(WorkPlan.objects.get(), as_(cast.secretariat))
    return cast, Activity.objects.get(ref="A.1.1.1"), reporting_round, SectoralBody.objects.get(acronym="SOMTC")


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_and_an_author_at_the_same_moment(
    at_once: AtOnce,
    scenario: tuple[Cast, Activity, ReportingRound, SectoralBody],
) -> None:
    cast, activity, reporting_round, somtc = scenario
    outcomes = {"approved": 0, "returned": 0}
    draft = actions.begin_report(
        activity=activity, report=REPORT, by=as_(cast.somtc), reporting_round=reporting_round, body=somtc
    )
    for attempt in range(TIMES):
        sent = actions.submit_report(update=draft, version=draft.version, by=as_(cast.somtc))
        seen = sent.version

        def approve(sent: StatusUpdate = sent, seen: int = seen) -> None:
            actions.approve_report(update=sent, version=seen, by=as_(cast.secretariat))

        def return_update(sent: StatusUpdate = sent, seen: int = seen) -> None:
            actions.return_report(update=sent, version=seen, reason="Say more.", by=as_(cast.colleague))

        def go_on(sent: StatusUpdate = sent, seen: int = seen) -> None:
            actions.save_report(update=sent, version=seen, report=REPORT, by=as_(cast.somtc))

        # Who is first in the row differs from turn to turn.
        operations = [approve, return_update, go_on]
        ends = at_once(operations[attempt % 3 :] + operations[: attempt % 3])

        assert [end for end in ends if end is None] == [None], ends
        assert all(isinstance(end, Stale | WrongState) and end.message for end in ends if end is not None), ends
        sent.refresh_from_db()
        outcomes[sent.state] += 1
        assert Review.objects.filter(update=sent, submission=sent.submissions).count() == 1
        if sent.state == rules.APPROVED:
            # Once more from the beginning: what was approved stays, and a correction goes the same way.
            correction = Report(**{**REPORT.field_values, "kind": rules.CORRECTION})
            draft = actions.begin_report(
                activity=activity, report=correction, by=as_(cast.somtc), reporting_round=reporting_round, body=somtc
            )
        else:
            draft = sent
    assert sum(outcomes.values()) == TIMES
    activity.refresh_from_db()
    assert activity.version == 1 + outcomes["approved"]
    assert AuditEntry.objects.filter(action="report.returned").count() == outcomes["returned"]


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_one_draft_never_overwrite_each_other(
    at_once: AtOnce,
    scenario: tuple[Cast, Activity, ReportingRound, SectoralBody],
) -> None:
    cast, activity, reporting_round, somtc = scenario
    draft = actions.begin_report(
        activity=activity, report=REPORT, by=as_(cast.somtc), reporting_round=reporting_round, body=somtc
    )
    for attempt in range(30):
        seen = draft.version

        def write(words: str, seen: int = seen) -> Callable[[], object]:
            report = Report(**{**REPORT.field_values, "narrative": words})
            return lambda: actions.save_report(update=draft, version=seen, report=report, by=as_(cast.somtc))

        ends = at_once([write(f"{attempt} by one"), write(f"{attempt} by the other")])

        (winner,) = [place for place, end in enumerate(ends) if end is None]
        assert isinstance(ends[1 - winner], Stale)
        draft.refresh_from_db()
        assert draft.narrative == f"{attempt} by {('one', 'the other')[winner]}"
        assert draft.version == seen + 1


@pytest.mark.django_db(transaction=True)
def test_joint_leads_who_submit_at_the_same_moment_make_one_report(
    at_once: AtOnce,
    scenario: tuple[Cast, Activity, ReportingRound, SectoralBody],
) -> None:
    from tests.conftest import make_person

    cast, _, reporting_round, somtc = scenario
    slom, suda = SectoralBody.objects.get(acronym="SLOM"), make_person("suda", name="Suda Focal", body="SLOM")
    activity = Activity.objects.get(ref="A.1.1.4")
    drafts = [
        (
            actions.begin_report(
                activity=activity, report=REPORT, by=as_(user), reporting_round=reporting_round, body=body
            ),
            user,
        )
        for user, body in ((cast.somtc, somtc), (suda, slom))
    ]

    def submit(one: StatusUpdate, user: object) -> Callable[[], object]:
        return lambda: actions.submit_report(update=one, version=1, by=as_(user))

    ends = at_once([submit(one, user) for one, user in drafts])

    assert sum(end is None for end in ends) == 1
    assert sum(isinstance(end, Refusal) for end in ends) == 1
    assert StatusUpdate.objects.filter(activity=activity, state=rules.SUBMITTED).count() == 1
    states = Obligation.objects.filter(round=reporting_round, activity=activity).values_list("state", flat=True)
    assert set(states) == {rules.SUBMITTED}


@pytest.mark.django_db(transaction=True)
def test_a_round_that_closes_while_bodies_submit_takes_a_report_or_says_why_not(
    at_once: AtOnce,
    scenario: tuple[Cast, Activity, ReportingRound, SectoralBody],
) -> None:
    cast, activity, reporting_round, somtc = scenario
    draft = actions.begin_report(
        activity=activity, report=REPORT, by=as_(cast.somtc), reporting_round=reporting_round, body=somtc
    )
    for _ in range(20):
        reporting_round.refresh_from_db()
        version, seen = reporting_round.version, draft.version
        ends = at_once(
            [
                lambda: actions.close_round(reporting_round=reporting_round, version=version, by=as_(cast.secretariat)),  # noqa: B023
                lambda: actions.submit_report(update=draft, version=seen, by=as_(cast.somtc)),  # noqa: B023
            ]
        )
        assert ends[0] is None
        reporting_round.refresh_from_db()
        draft.refresh_from_db()
        assert (ends[1] is None) == (draft.state == rules.SUBMITTED)
        assert ends[1] is None or isinstance(ends[1], WrongState)
        if ends[1] is None:
            assert draft.submitted_at and reporting_round.closed_at and draft.submitted_at <= reporting_round.closed_at
            actions.return_report(update=draft, version=draft.version, reason="Again.", by=as_(cast.secretariat))
            draft.refresh_from_db()
        actions.reopen_round(
            reporting_round=reporting_round, version=reporting_round.version, reason="Again.", by=as_(cast.secretariat)
        )


@pytest.mark.django_db(transaction=True)
def test_two_rounds_opened_at_the_same_moment_leave_one_open(at_once: AtOnce, cast: Cast) -> None:
    by = as_(cast.secretariat)
    first, second = actions.plan_rounds(plan=WorkPlan.objects.get(), by=by)[:2]

    ends = at_once(
        [
            lambda: actions.open_round(reporting_round=first, version=1, by=by),
            lambda: actions.open_round(reporting_round=second, version=1, by=as_(cast.colleague)),
        ]
    )

    assert sum(end is None for end in ends) == 1
    assert sum(isinstance(end, WrongState) for end in ends) == 1, ends
    assert ReportingRound.objects.filter(state=rules.OPEN).count() == 1
