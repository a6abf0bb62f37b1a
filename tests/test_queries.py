"""How many questions the database is asked: the same number for a small plan and for a large one.

A page is asked once before it is counted, so that what Django keeps between requests does not count.
"""

import csv
import io
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.conftest import Cast
from tests.larger_plans import add_areas, grow, saved
from workplan.models import Activity, WorkPlan

CODE = "tip-2016-2020"

# The most queries that a page may take, for a visitor and for the secretariat (who is signed in: session,
# account, groups and bodies come on top).
BUDGETS = {
    "/": (12, 17),
    f"/plans/{CODE}/embed/status/?section=A&body=SOMTC&as_of=2020-01-01": (5, 7),
    f"/plans/{CODE}/status.svg": (3, 5),
    "/sitemap.xml": (5, 7),
    f"/plans/{CODE}/": (11, 15),
    f"/plans/{CODE}/dashboard/": (22, 26),
    f"/plans/{CODE}/dashboard/?as_of=2020-01-01&section=A&body=SOMTC&silent=1": (30, 34),
    f"/plans/{CODE}/activities/": (20, 24),
    f"/plans/{CODE}/activities/?status=not_reported&body=SOMTC&role=lead&section=A&q=a&page_size=250": (25, 29),
    f"/plans/{CODE}/activities/?as_of=2020-01-01&status=not_reported&ordering=status": (22, 26),
    f"/plans/{CODE}/data.csv?type=bodies": (5, 8),
    f"/plans/{CODE}/matrix.docx?section=A": (16, 19),
    f"/plans/{CODE}/changes.xlsx?moved=moved": (9, 12),
    f"/plans/{CODE}/activities/A.1.1.1/": (15, 19),
    f"/plans/{CODE}/questions/": (10, 14),
    f"/plans/{CODE}/questions.csv": (8, 11),
    f"/plans/{CODE}/questions/transfer_note/area/B.4.2/": (6, 12),
    f"/plans/{CODE}/bodies/": (7, 11),
    f"/plans/{CODE}/compare/?moved=all&body=SOMTC&section=A": (20, 24),
    f"/plans/{CODE}/compare.csv?moved=all": (9, 12),
    f"/plans/{CODE}/timeline/": (12, 16),
    f"/plans/{CODE}/timeline/?as_of=2020-01-01&section=A&half=2018-1&became=ongoing": (12, 16),
    f"/plans/{CODE}/bodies/SOMTC/": (19, 24),
    f"/plans/{CODE}/coverage/": (29, 33),
    f"/plans/{CODE}/coverage/?show=status&section=A&body=SOMTC&role=lead&gap=no_lead&as_of=2020-01-01": (33, 37),
    f"/plans/{CODE}/coverage.csv": (16, 20),
    f"/plans/{CODE}/coverage.xlsx": (21, 25),
    f"/plans/{CODE}/activities/?view=ongoing-work": (24, 28),
    f"/plans/{CODE}/?view=ongoing-work": (15, 19),
    "/views/": (7, 11),
    "/views/ongoing-work/feed/": (5, 7),
    "/search/?q=workshop": (23, 27),
    "/search/?q=workshopp+identificatoin": (39, 43),
    "/search/?q=workshop&kind=activity&section=A&body=SOMTC&status=not_reported": (23, 27),
    "/search/?q=A.1.1": (25, 29),
    "/jump/?q=a1": (12, 16),
}


def count(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        response = client.get(address)
        assert response.status_code == 200
        if response.streaming:
            b"".join(response)  # type: ignore[arg-type]
    return len(asked)


@pytest.mark.parametrize("address", BUDGETS)
def test_a_page_takes_the_same_queries_for_a_plan_of_any_size(
    plan: WorkPlan, cast: Cast, page: Callable[..., Client], address: str
) -> None:
    saved(plan, cast.somtc, query="section=A&body=SOMTC")
    people = (page(), page(cast.secretariat))
    small = tuple(count(client, address) for client in people)
    grow(plan, 1_000)

    large = tuple(count(client, address) for client in people)

    assert small == large
    assert all(number <= budget for number, budget in zip(large, BUDGETS[address], strict=True)), large


def test_my_activities_take_the_same_queries_for_a_plan_of_any_size(
    plan: WorkPlan, cast: Cast, page: Callable[..., Client]
) -> None:
    client = page(cast.somtc)
    small = count(client, "/my/?page_size=250")
    grow(plan, 1_000)

    assert small == count(client, "/my/?page_size=250") <= 28


def test_a_plan_may_have_more_areas_than_a_database_takes_conditions(
    plan: WorkPlan, page: Callable[..., Client]
) -> None:
    """SQLite ends at 1,000 alternatives in one condition; one row of each area stands on these pages."""
    add_areas(plan, 1_001)
    grow(plan, 1_100)
    number = Activity.objects.filter(plan=plan).count()

    matrix = page().get(f"/plans/{CODE}/")
    export = b"".join(page().get(f"/plans/{CODE}/activities.csv")).decode()  # type: ignore[arg-type]

    assert matrix.content.decode().count('class="m-activity') == number
    assert len(list(csv.reader(io.StringIO(export)))) == number + 1
