"""Submitted reports, decisions and audit entries stay as they are in both databases, and every action is recorded."""

import datetime
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, connection, models, transaction

from tests.models.scenario import JOINT, ONGOING, Scenario
from workplan import actions, rules
from workplan.models import AuditEntry, Evidence, Review, StatusUpdate


def refused(operation: Callable[[], Any]) -> None:
    """``operation`` is refused by the database and leaves nothing behind."""
    with pytest.raises(DatabaseError), transaction.atomic():
        operation()


def by_hand(model: type[models.Model], statement: str, *values: Any) -> Callable[[], Any]:
    """Plain SQL, past everything of ours."""

    def operation() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement.format(table=model._meta.db_table), values)

    return operation


def attempts_against(record: Any, field: str, value: Any) -> dict[str, Callable[[], Any]]:
    """Every way to change or delete ``record`` behind the actions' back."""
    model = type(record)
    rows = model._default_manager.filter(pk=record.pk)

    def saved() -> None:
        changed = rows.get()
        setattr(changed, field, value)
        changed.save()

    def bulk() -> None:
        changed = rows.get()
        setattr(changed, field, value)
        model._default_manager.bulk_update([changed], [field])

    column = model._meta.get_field(field).column
    return {
        "update of a queryset": lambda: rows.update(**{field: value}),
        "update of many": bulk,
        "saving it": saved,
        "UPDATE": by_hand(model, f"UPDATE {{table}} SET {column} = %s WHERE id = %s", value, record.pk),
        "deleting it": lambda: rows.get().delete(),
        "deleting a queryset": lambda: rows.delete(),
        "deleting without asking": lambda: rows._raw_delete("default"),  # type: ignore[attr-defined]
        "DELETE": by_hand(model, "DELETE FROM {table} WHERE id = %s", record.pk),
        "DELETE of all": by_hand(model, "DELETE FROM {table}"),
    }


@pytest.mark.parametrize("state", [rules.SUBMITTED, rules.APPROVED])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("narrative", "Changed behind their back."),
        ("status", "completed"),
        ("as_of", datetime.date(2017, 1, 1)),
        ("author_name", "Somebody"),
        ("submitted_by_name", "Somebody"),
        ("state", rules.DRAFT),
    ],
)
def test_submitted_reports_stay_as_they_are(scenario: Scenario, state: str, field: str, value: Any) -> None:
    update = scenario.submitted() if state == rules.SUBMITTED else scenario.approved()
    before = StatusUpdate.objects.filter(pk=update.pk).values().get()

    for operation in attempts_against(update, field, value).values():
        refused(operation)

    assert StatusUpdate.objects.filter(pk=update.pk).values().get() == before


def test_an_approved_report_takes_no_second_decision(scenario: Scenario) -> None:
    update = scenario.approved()

    for field, value in (("state", rules.RETURNED), ("state", rules.SUBMITTED), ("approved_by_name", "X")):
        refused(partial(StatusUpdate.objects.filter(pk=update.pk).update, **{field: value}))


def test_a_returned_report_can_be_mended_and_not_deleted(scenario: Scenario) -> None:
    update = scenario.returned()
    against = attempts_against(update, "narrative", "x")

    for name in ("deleting it", "deleting a queryset", "deleting without asking", "DELETE"):
        refused(against[name])
    actions.save_report(update=update, version=3, report=ONGOING, by=scenario.by(scenario.cast.somtc))
    again = actions.submit_report(update=update, version=4, by=scenario.by(scenario.cast.somtc))
    assert (again.state, again.submissions) == (rules.SUBMITTED, 2)


@pytest.mark.parametrize("state", [rules.SUBMITTED, rules.APPROVED])
def test_evidence_of_such_a_report_stays_as_well(scenario: Scenario, state: str) -> None:
    update = scenario.submitted() if state == rules.SUBMITTED else scenario.approved()
    one = update.evidence.get()

    for operation in attempts_against(one, "url", "https://evil.example/").values():
        # A plain DELETE of everything meets this row, too; nothing else is there.
        refused(operation)
    assert Evidence.objects.get(pk=one.pk).url == "https://asean.org/minutes"


def test_reviews_stay(scenario: Scenario) -> None:
    review = scenario.returned().reviews.get()

    for operation in attempts_against(review, "reason", "Another reason").values():
        refused(operation)
    assert Review.objects.get(pk=review.pk).reason == "Why?"


@pytest.mark.parametrize(
    ("field", "value"), [("actor_name", "Nobody"), ("reason", "x"), ("request_id", "x"), ("channel", "command")]
)
def test_the_audit_trail_stays(scenario: Scenario, field: str, value: Any) -> None:
    entry = AuditEntry.objects.first()
    assert entry is not None
    number = AuditEntry.objects.count()

    for operation in attempts_against(entry, field, value).values():
        refused(operation)

    assert AuditEntry.objects.count() == number
    assert AuditEntry.objects.values_list(field, flat=True).get(pk=entry.pk) == getattr(entry, field)


def test_drafts_can_be_changed_and_discarded(scenario: Scenario) -> None:
    update = scenario.begun()
    StatusUpdate.objects.filter(pk=update.pk).update(narrative="Still ours.")
    actions.discard_report(update=update, version=1, by=scenario.by(scenario.cast.somtc))

    assert not StatusUpdate.objects.filter(pk=update.pk).exists()


def test_decisions_still_pass(scenario: Scenario) -> None:
    for ref, decide in (("A.1.1.1", scenario.approved), (JOINT, scenario.returned)):
        decided = decide(ref)
        assert StatusUpdate.objects.get(pk=decided.pk).state == decided.state
        assert decided.reviews.count() == 1


def test_the_database_says_why(scenario: Scenario) -> None:
    update = scenario.approved()

    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        StatusUpdate.objects.filter(pk=update.pk).update(narrative="x")
    with pytest.raises(DatabaseError, match="kept for ever"), transaction.atomic():
        AuditEntry.objects.all().delete()
