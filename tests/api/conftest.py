"""What the tests of this folder begin with."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from tests.api.lists import NOW, play_lists
from tests.conftest import Cast, make_person
from tests.larger_plans import opened
from workplan.actions import Actor
from workplan.models import ReportingRound, User, WorkPlan


def pytest_itemcollected(item: pytest.Item) -> None:
    """Each operation of made-up requests is a test of its own: pytest 9 leaves it out of the id that it is run by."""
    operation = getattr(item, "operation_label", None)
    if operation:
        item._id = item.id.with_params(operation)


@pytest.fixture
def reporting_round(plan: WorkPlan, cast: Cast) -> ReportingRound:
    return opened(plan, Actor(cast.secretariat, "command"))


@pytest.fixture
def slom(cast: Cast) -> User:
    return make_person("slamet", name="Slamet Focal", body="SLOM")


@pytest.fixture(scope="module")
def played_lists(module_database: Cast) -> dict[str, Any]:
    return play_lists(module_database)


@pytest.fixture
def names(played_lists: dict[str, Any], db: None) -> Iterator[dict[str, Any]]:
    """What stands in the addresses of ``lists.LISTS``, each of which has rows."""
    with time_machine.travel(NOW, tick=False):
        yield copy.deepcopy(played_lists)
