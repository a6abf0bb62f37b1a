"""Writers at the same moment: they wait for each other, and nobody waits in a circle."""

import contextlib
import datetime
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client

from tests.conftest import Cast
from workplan.actions import Actor, Report, record_status_of_many, save_record
from workplan.exceptions import Stale
from workplan.models import Activity, AuditEntry, Responsibility, SectoralBody, StatusUpdate, WorkPlan

ROUNDS = 6


@pytest.mark.django_db(transaction=True)
def test_bulk_updates_and_edits_of_plan_body_and_part_never_lock_each_other_out(cast: Cast) -> None:
    by = Actor(cast.secretariat, "page", "r")
    report = Report(status="ongoing", as_of=datetime.date(2020, 6, 30), narrative="Begun.")
    failed: list[BaseException] = []

    def in_bulk(attempt: int) -> None:
        versions = dict(Activity.objects.values_list("pk", "version"))
        record_status_of_many(versions=versions, report=report, by=by)

    def edit_plan(attempt: int) -> None:
        plan = WorkPlan.objects.get()
        plan.source_note = f"Note {attempt} of {threading.get_ident()}"
        save_record(record=plan, by=by)

    def edit_body(attempt: int) -> None:
        body = SectoralBody.objects.get(acronym="SOMTC")
        body.name = f"Name {attempt} of {threading.get_ident()}"
        save_record(record=body, by=by)

    def edit_activity_then_part(attempt: int) -> None:
        part = Responsibility.objects.earliest("pk")
        part.lead_country = f"Country {attempt}"
        save_record(record=part, by=by)

    def repeat(operation: Callable[[int], None]) -> None:
        try:
            for attempt in range(ROUNDS):
                with contextlib.suppress(Stale):  # somebody was faster, and the loser is told
                    operation(attempt)
        except BaseException as problem:
            failed.append(problem)
        finally:
            connection.close()

    operations = (in_bulk, in_bulk, edit_plan, edit_plan, edit_body, edit_activity_then_part)
    threads = [threading.Thread(target=repeat, args=(operation,)) for operation in operations]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)

    assert failed == []
    for activity in Activity.objects.select_related("latest_update"):
        recorded = AuditEntry.objects.filter(record_id=str(activity.pk), action="status.recorded").count()
        assert StatusUpdate.objects.filter(activity=activity).count() == recorded
        assert activity.latest_update == activity.updates.order_by("-id").first()


@pytest.mark.parametrize("problem", [OperationalError("database is locked"), InterfaceError("connection closed")])
def test_a_busy_database_is_a_page_that_says_nothing_was_saved(
    cast: Cast, page: Callable[..., Client], monkeypatch: Any, problem: Exception
) -> None:
    def too_busy(**_: Any) -> None:
        raise problem

    monkeypatch.setattr("workplan.views.secretariat.record_status.record_status", too_busy)
    form = {
        "version": "1",
        "status": "ongoing",
        "as_of": "2020-06-30",
        "narrative": "Begun.",
        "kind": "progress",
        "evidence-TOTAL_FORMS": "0",
        "evidence-INITIAL_FORMS": "0",
    }

    response = page(cast.secretariat).post("/plans/tip-2016-2020/activities/A.1.1.1/update/", form)

    assert response.status_code == 503
    assert response["Retry-After"] == "2"
    assert "Your changes were not saved" in response.content.decode()


def test_a_database_without_its_tables_is_not_called_busy(page: Callable[..., Client], monkeypatch: Any) -> None:
    def unmigrated(*_: Any, **__: Any) -> None:
        raise OperationalError("no such table: workplan_workplan")

    monkeypatch.setattr("workplan.views.plan.plan.render", unmigrated)
    client = page()
    client.raise_request_exception = False

    assert client.get("/plans/").status_code == 500
