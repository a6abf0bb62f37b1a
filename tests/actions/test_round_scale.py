"""A round of 2,000 activities and 40 bodies: the same questions to the database as a round of 73 and 10."""

import datetime
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.conftest import Cast
from tests.larger_plans import grow, opened
from workplan import actions, rules
from workplan.actions import Actor, Report
from workplan.models import Activity, Obligation, ReportingRound, SectoralBody, StatusUpdate, WorkPlan

CODE = "tip-2016-2020"
ACTIVITIES, BODIES = 2_000, 40

# The most queries of each page, and who asks. All of them show a page of rows, whatever their number.
BUDGETS = {
    "/my/": ("somtc", 50),
    "/review/": ("secretariat", 30),
    "/review/?body=SOMTC&section=A": ("secretariat", 32),
    f"/plans/{CODE}/rounds/": ("somtc", 20),
    f"/plans/{CODE}/rounds/2018-1/": ("secretariat", 34),
    f"/plans/{CODE}/rounds/2018-1/completion.csv": ("secretariat", 16),
    f"/plans/{CODE}/activities/?round=2018-1&timeliness=overdue": ("secretariat", 30),
    "/api/v1/rounds/{round}/completion/": ("secretariat", 12),
    "/api/v1/updates/?state=submitted&limit=100": ("secretariat", 14),
}


def a_large_plan(plan: WorkPlan) -> None:
    SectoralBody.objects.bulk_create(
        SectoralBody(
            acronym=f"SB{chr(65 + place // 26)}{chr(65 + place % 26)}", name=f"Body {place}", pillar="economic"
        )
        for place in range(BODIES - SectoralBody.objects.count())
    )
    grow(plan, ACTIVITIES - Activity.objects.filter(plan=plan).count())


def report_much(reporting_round: ReportingRound, cast: Cast) -> None:
    """Half of the reports due from SOMTC are submitted."""
    somtc = SectoralBody.objects.get(acronym="SOMTC")
    due = Obligation.objects.filter(round=reporting_round, body=somtc).values_list("activity", flat=True)
    actions.submit_bulk_report(
        reporting_round=reporting_round,
        body=somtc,
        activities=list(due)[::2],
        kind=rules.NIL_RETURN,
        by=Actor(cast.somtc, "page", "r"),
    )


def asked(action: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        action()
    return len(queries)


def test_opening_a_round_takes_one_transaction_of_bounded_queries(plan: WorkPlan, cast: Cast) -> None:
    by = Actor(cast.secretariat, "page", "r")
    a_large_plan(plan)
    actions.plan_rounds(plan=plan, by=by)
    reporting_round = ReportingRound.objects.get(code="2018-1")

    number = asked(lambda: actions.open_round(reporting_round=reporting_round, version=reporting_round.version, by=by))

    assert Obligation.objects.filter(round=reporting_round).values("activity").distinct().count() == ACTIVITIES
    assert (
        Obligation.objects.filter(round=reporting_round).exclude(body=None).values("body").distinct().count() == BODIES
    )
    # What grows is the writing itself, in batches as large as the engine takes them.
    batch = connection.ops.bulk_batch_size(Obligation._meta.concrete_fields[1:], [None] * 10_000)
    assert number <= 25 + Obligation.objects.count() / min(batch, 1_000)


@pytest.mark.parametrize("address", BUDGETS)
def test_a_page_of_a_round_takes_the_same_queries_for_a_round_of_any_size(
    plan: WorkPlan, cast: Cast, page: Callable[..., Client], address: str
) -> None:
    who, budget = BUDGETS[address]
    by = Actor(cast.secretariat, "page", "r")
    a_large_plan(plan)
    reporting_round = opened(plan, by)
    report_much(reporting_round, cast)
    client = page(getattr(cast, who))
    address = address.format(round=reporting_round.pk)
    client.get(address)

    def read() -> None:
        response = client.get(address)
        assert response.status_code == 200
        if response.streaming:
            b"".join(response)  # type: ignore[arg-type]

    assert asked(read) <= budget


def test_approving_a_thousand_reports_takes_hardly_more_queries_than_approving_ten(plan: WorkPlan, cast: Cast) -> None:
    by = Actor(cast.secretariat, "page", "r")
    a_large_plan(plan)
    reporting_round = opened(plan, by)
    activities = list(Activity.objects.filter(plan=plan).prefetch_related("responsibilities"))[:1_000]
    now = datetime.datetime(2018, 7, 15, tzinfo=datetime.UTC)
    said = Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="It went on.").field_values
    updates = StatusUpdate.objects.bulk_create(
        StatusUpdate(
            activity=activity,
            body=activity.responsibilities.all()[0].body if activity.responsibilities.all() else None,
            round=reporting_round,
            **said,
            state=rules.SUBMITTED,
            author=cast.somtc,
            author_name="Somchai",
            submitted_by=cast.somtc,
            submitted_by_name="Somchai",
            submitted_at=now,
            submissions=1,
        )
        for activity in activities
    )
    few, many = updates[:10], updates[10:]

    small = asked(lambda: actions.approve_reports(versions={update.pk: 1 for update in few}, by=by))
    large = asked(lambda: actions.approve_reports(versions={update.pk: 1 for update in many}, by=by))

    assert StatusUpdate.objects.filter(round=reporting_round, state=rules.APPROVED).count() == 1_000
    # Ten times a hundred rows are written in some batches more, never row by row.
    assert large <= small + 120
