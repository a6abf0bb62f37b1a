"""People who act on one report at the same moment: one of them does it, the others are told."""

import datetime
import threading
from collections.abc import Callable, Sequence

import pytest
from django.db import connection

from tests.building import opened
from tests.conftest import Cast
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


def at_once(deeds: Sequence[Callable[[], object]]) -> list[BaseException | None]:
    """What each deed ended with, all of them begun at the same moment; ``None`` where it was done."""
    start = threading.Barrier(len(deeds))
    ends: list[BaseException | None] = [RuntimeError("did not end")] * len(deeds)

    def run(place: int, deed: Callable[[], object]) -> None:
        try:
            start.wait(timeout=30)
            deed()
            ends[place] = None
        except BaseException as problem:
            ends[place] = problem
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, deed)) for place, deed in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return ends


def as_(user: object) -> Actor:
    return Actor(user, "page", "r")  # type: ignore[arg-type]


@pytest.fixture
def stage(cast: Cast) -> tuple[Cast, Activity, ReportingRound, SectoralBody]:
    the_round = opened(WorkPlan.objects.get(), as_(cast.secretariat))
    return cast, Activity.objects.get(ref="A.1.1.1"), the_round, SectoralBody.objects.get(acronym="SOMTC")


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_and_an_author_at_the_same_moment(
    stage: tuple[Cast, Activity, ReportingRound, SectoralBody],
) -> None:
    cast, activity, the_round, somtc = stage
    outcomes = {"approved": 0, "returned": 0}
    draft = actions.begin_report(activity=activity, report=REPORT, by=as_(cast.somtc), the_round=the_round, body=somtc)
    for turn in range(TIMES):
        sent = actions.submit_report(update=draft, version=draft.version, by=as_(cast.somtc))
        seen = sent.version

        def approve(sent: StatusUpdate = sent, seen: int = seen) -> None:
            actions.approve_report(update=sent, version=seen, by=as_(cast.secretariat))

        def send_back(sent: StatusUpdate = sent, seen: int = seen) -> None:
            actions.return_report(update=sent, version=seen, reason="Say more.", by=as_(cast.colleague))

        def go_on(sent: StatusUpdate = sent, seen: int = seen) -> None:
            actions.save_report(update=sent, version=seen, report=REPORT, by=as_(cast.somtc))

        # Who is first in the row differs from turn to turn.
        deeds = [approve, send_back, go_on]
        ends = at_once(deeds[turn % 3 :] + deeds[: turn % 3])

        assert [end for end in ends if end is None] == [None], ends
        assert all(isinstance(end, Stale | WrongState) and end.message for end in ends if end is not None), ends
        sent.refresh_from_db()
        outcomes[sent.state] += 1
        assert Review.objects.filter(update=sent, submission=sent.submissions).count() == 1
        if sent.state == rules.APPROVED:
            # Once more from the beginning: what was approved stays, and a correction goes the same way.
            correction = Report(**{**REPORT.said, "kind": rules.CORRECTION})
            draft = actions.begin_report(
                activity=activity, report=correction, by=as_(cast.somtc), the_round=the_round, body=somtc
            )
        else:
            draft = sent
    assert sum(outcomes.values()) == TIMES
    activity.refresh_from_db()
    assert activity.version == 1 + outcomes["approved"]
    assert AuditEntry.objects.filter(action="report.returned").count() == outcomes["returned"]


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_one_draft_never_overwrite_each_other(
    stage: tuple[Cast, Activity, ReportingRound, SectoralBody],
) -> None:
    cast, activity, the_round, somtc = stage
    draft = actions.begin_report(activity=activity, report=REPORT, by=as_(cast.somtc), the_round=the_round, body=somtc)
    for turn in range(30):
        seen = draft.version

        def write(words: str, seen: int = seen) -> Callable[[], object]:
            report = Report(**{**REPORT.said, "narrative": words})
            return lambda: actions.save_report(update=draft, version=seen, report=report, by=as_(cast.somtc))

        ends = at_once([write(f"{turn} by one"), write(f"{turn} by the other")])

        (winner,) = [place for place, end in enumerate(ends) if end is None]
        assert isinstance(ends[1 - winner], Stale)
        draft.refresh_from_db()
        assert draft.narrative == f"{turn} by {('one', 'the other')[winner]}"
        assert draft.version == seen + 1


@pytest.mark.django_db(transaction=True)
def test_joint_leads_who_submit_at_the_same_moment_make_one_report(
    stage: tuple[Cast, Activity, ReportingRound, SectoralBody],
) -> None:
    from tests.conftest import make_person

    cast, _, the_round, somtc = stage
    slom, suda = SectoralBody.objects.get(acronym="SLOM"), make_person("suda", name="Suda Focal", body="SLOM")
    activity = Activity.objects.get(ref="A.1.1.4")
    drafts = [
        (actions.begin_report(activity=activity, report=REPORT, by=as_(user), the_round=the_round, body=body), user)
        for user, body in ((cast.somtc, somtc), (suda, slom))
    ]

    def submit(one: StatusUpdate, user: object) -> Callable[[], object]:
        return lambda: actions.submit_report(update=one, version=1, by=as_(user))

    ends = at_once([submit(one, user) for one, user in drafts])

    assert sum(end is None for end in ends) == 1
    assert sum(isinstance(end, Refusal) for end in ends) == 1
    assert StatusUpdate.objects.filter(activity=activity, state=rules.SUBMITTED).count() == 1
    states = Obligation.objects.filter(round=the_round, activity=activity).values_list("state", flat=True)
    assert set(states) == {rules.SUBMITTED}


@pytest.mark.django_db(transaction=True)
def test_a_round_that_closes_while_bodies_submit_takes_a_report_or_says_why_not(
    stage: tuple[Cast, Activity, ReportingRound, SectoralBody],
) -> None:
    cast, activity, the_round, somtc = stage
    draft = actions.begin_report(activity=activity, report=REPORT, by=as_(cast.somtc), the_round=the_round, body=somtc)
    for _ in range(20):
        the_round.refresh_from_db()
        version, seen = the_round.version, draft.version
        ends = at_once(
            [
                lambda: actions.close_round(the_round=the_round, version=version, by=as_(cast.secretariat)),  # noqa: B023
                lambda: actions.submit_report(update=draft, version=seen, by=as_(cast.somtc)),  # noqa: B023
            ]
        )
        assert ends[0] is None
        the_round.refresh_from_db()
        draft.refresh_from_db()
        assert (ends[1] is None) == (draft.state == rules.SUBMITTED)
        assert ends[1] is None or isinstance(ends[1], WrongState)
        if ends[1] is None:
            assert draft.submitted_at and the_round.closed_at and draft.submitted_at <= the_round.closed_at
            actions.return_report(update=draft, version=draft.version, reason="Again.", by=as_(cast.secretariat))
            draft.refresh_from_db()
        actions.reopen_round(the_round=the_round, version=the_round.version, reason="Again.", by=as_(cast.secretariat))


@pytest.mark.django_db(transaction=True)
def test_two_rounds_opened_at_the_same_moment_leave_one_open(cast: Cast) -> None:
    by = as_(cast.secretariat)
    first, second = actions.plan_rounds(plan=WorkPlan.objects.get(), by=by)[:2]

    ends = at_once(
        [
            lambda: actions.open_round(the_round=first, version=1, by=by),
            lambda: actions.open_round(the_round=second, version=1, by=as_(cast.colleague)),
        ]
    )

    assert sum(end is None for end in ends) == 1
    assert sum(isinstance(end, WrongState) for end in ends) == 1, ends
    assert ReportingRound.objects.filter(state=rules.OPEN).count() == 1
