"""Check constraints are asked of the database at once, and refuse in the words of each."""

import logging
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from tests.conftest import Cast
from tests.larger_plans import make_scenario
from workplan.models import Activity, ReportingRound, Responsibility, SectoralBody, StatusUpdate, WorkPlan
from workplan.models.base import CheckedAtOnce

MODELS: tuple[type[Any], ...] = (WorkPlan, Activity, Responsibility, SectoralBody, ReportingRound, StatusUpdate)


@pytest.fixture
def records(plan: WorkPlan, cast: Cast) -> list[CheckedAtOnce]:
    make_scenario(secretariat=cast.secretariat, lead=cast.somtc)
    return [record for model in MODELS for record in model._default_manager.all()[:2]]


def number_of_checks(record: CheckedAtOnce) -> int:
    return sum(isinstance(one, models.CheckConstraint) for _, those in record.get_constraints() for one in those)


def test_what_keeps_them_all_is_asked_in_one_statement(
    records: list[CheckedAtOnce], caplog: pytest.LogCaptureFixture
) -> None:
    for record in records:
        assert number_of_checks(record) > 0
        with CaptureQueriesContext(connection) as asked, caplog.at_level(logging.WARNING):
            record.validate_constraints()
        # Conditions of unique constraints are asked as well, by what is there.
        of_checks = [one for one in asked if "_check" in one["sql"] and "EXISTS" not in one["sql"]]
        assert len(of_checks) == 1, type(record)
    # A condition that a database cannot evaluate would be passed over with a warning.
    assert caplog.records == []


def test_each_one_that_is_broken_is_told_as_by_django(records: list[CheckedAtOnce]) -> None:
    [reporting_round] = [one for one in records if isinstance(one, ReportingRound)][:1]
    reporting_round.state, reporting_round.kind = "unheard of", "neither"

    with pytest.raises(ValidationError) as refused:
        reporting_round.validate_constraints()
    with pytest.raises(ValidationError) as by_django:
        models.Model.validate_constraints(reporting_round)

    assert refused.value.message_dict == by_django.value.message_dict
    assert len(refused.value.messages) >= 2


def test_a_field_that_is_not_looked_at_breaks_nothing(records: list[CheckedAtOnce]) -> None:
    [update] = [one for one in records if isinstance(one, StatusUpdate)][:1]
    update.status = "unheard of"

    update.validate_constraints(exclude={"status"})
    update.status, update.state = "ongoing", "unheard of"
    with pytest.raises(ValidationError):
        update.validate_constraints(exclude={"status"})
