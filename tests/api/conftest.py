"""What the tests of this folder begin with."""

import pytest

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
