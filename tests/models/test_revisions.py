"""Every write raises the revision in its own transaction, and no writer waits for another because of it."""

import datetime
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction

from tests.conftest import Cast
from tests.larger_plans import opened
from workplan import actions, rules
from workplan.actions import Actor, Report
from workplan.models import Activity, Evidence, Revision, SectoralBody, StatusUpdate, WorkPlan
from workplan.querysets.revisions import revision_of

REPORT = Report("ongoing", datetime.date(2018, 6, 30), narrative="Going on.")
PUBLIC = (rules.OF_DOCUMENT, rules.OF_ACTIVITIES)
# What no list of the plan shows: accounts and what belongs to them, mails, backups, files that were sent or kept, and
# audit entries with their seals and checksums, which are written with a change.
UNSEEN = {
    *("user", "membership", "apitoken", "user_groups", "user_user_permissions", "follow", "attemptcounter"),
    *("messagepreferences", "digest", "notice", "subscriptionkey", "auditentry", "revision", "auditseal"),
    *("filechecksum", "backuprecord", "import", "planimport", "meetingdocument"),
}


def triggers() -> set[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_revision_%'")
        else:
            cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%_revision_%'")
        return {table for (table,) in cursor.fetchall()}


def test_every_table_that_readers_see_raises_it(db: None) -> None:
    tables = {model._meta.db_table for model in apps.get_app_config("workplan").get_models(include_auto_created=True)}
    assert triggers() == tables - {f"workplan_{name}" for name in UNSEEN}


@pytest.fixture
def raised(plan: WorkPlan) -> Callable[[], tuple[bool, bool]]:
    """Whether the revision of visitors, and that of those who take part, is another than when it was last asked."""
    known = [revision_of(*PUBLIC), revision_of(*PUBLIC, rules.OF_REPORTING)]

    def compare() -> tuple[bool, bool]:
        before, known[:] = known[:], [revision_of(*PUBLIC), revision_of(*PUBLIC, rules.OF_REPORTING)]
        return known[0] != before[0], known[1] != before[1]

    return compare


def test_plain_sql_raises_it_too(plan: WorkPlan, raised: Callable[[], Any]) -> None:
    Activity.objects.update(marker="x")
    assert raised() == (True, True)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE workplan_sectoralbody SET name = 'Other' WHERE acronym = 'SOMTC'")
    assert raised() == (True, True)
    assert raised() == (False, False)


def test_what_is_undone_leaves_the_revision_as_it_was(plan: WorkPlan, raised: Callable[[], Any]) -> None:
    with transaction.atomic():
        Activity.objects.update(marker="x")
        assert raised() == (True, True)
        transaction.set_rollback(True)
    raised()
    before = revision_of(*PUBLIC)
    with transaction.atomic():
        Activity.objects.update(marker="y")
        undone = revision_of(*PUBLIC)
        transaction.set_rollback(True)
    assert revision_of(*PUBLIC) == before
    Activity.objects.update(marker="z")
    assert revision_of(*PUBLIC) not in (before, undone)  # the number of what was undone does not come back


@pytest.mark.parametrize("publication", [rules.AT_ONCE, rules.WITH_ROUND])
def test_visitors_see_it_rise_when_a_report_is_published_and_not_before(
    plan: WorkPlan, cast: Cast, raised: Callable[[], Any], publication: str
) -> None:
    keeper, author = Actor(cast.secretariat, "page", "r"), Actor(cast.somtc, "page", "r")
    reporting_round = opened(plan, keeper, publication=publication)
    raised()
    body = SectoralBody.objects.get(acronym="SOMTC")
    activity = Activity.objects.led_by([body]).earliest("position")
    update = actions.begin_report(
        activity=activity, report=REPORT, by=author, reporting_round=reporting_round, body=body
    )
    assert raised() == (False, True)
    Evidence.objects.create(update=update, title="Minutes", url="https://example.org/minutes")
    assert raised() == (False, True)
    update = actions.submit_report(update=update, version=update.version, by=author)
    assert raised() == (False, True)
    actions.approve_report(update=update, version=update.version, by=keeper)
    assert raised() == (publication == rules.AT_ONCE, True)
    reporting_round.refresh_from_db()
    closed = actions.close_round(reporting_round=reporting_round, version=reporting_round.version, by=keeper)
    actions.publish_round(reporting_round=closed, version=closed.version, by=keeper)
    assert raised() == (True, True)


def test_many_writes_are_put_together_without_another_sum(plan: WorkPlan) -> None:
    before, revision = Revision.objects.count(), int(revision_of(*PUBLIC))
    for number in range(250):
        Activity.objects.filter(ref="A.1.1.1").update(marker=str(number))
        revision, earlier = int(revision_of(*PUBLIC)), revision
        assert revision > earlier
    assert Revision.objects.count() < before + 250


@pytest.mark.django_db(transaction=True)
def test_two_writers_do_not_wait_and_a_reader_sees_rows_and_revision_of_one_moment(cast: Cast) -> None:
    """While one transaction has written and not ended, another writes and ends, on PostgreSQL without waiting."""
    first, second = Activity.objects.order_by("position")[:2]
    seen: dict[str, Any] = {"before": revision_of(*PUBLIC)}
    has_written, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Activity.objects.filter(pk=first.pk).update(marker="first")
                has_written.set()
                may_end.wait(20)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert has_written.wait(20)
    seen["while one is open"] = revision_of(*PUBLIC)
    if connection.vendor == "postgresql":
        Activity.objects.filter(pk=second.pk).update(marker="second")
        seen["after the second"] = revision_of(*PUBLIC)
    may_end.set()
    holder.join()
    seen["after both"] = revision_of(*PUBLIC)

    assert seen["while one is open"] == seen["before"]
    assert len(set(seen.values())) == len(seen) - 1
    assert StatusUpdate.objects.count() == 0
