"""What the tests of this folder begin with."""

import copy

import pytest

from tests.conftest import Cast
from tests.larger_plans import opened
from tests.models.scenario import Scenario
from workplan.actions import Actor
from workplan.models import WorkPlan


@pytest.fixture(scope="module")
def opened_once(module_database: Cast) -> Scenario:
    plan = WorkPlan.objects.get()
    return Scenario(module_database, plan, opened(plan, Actor(module_database.secretariat, "page", "earlier")))


@pytest.fixture
def scenario(opened_once: Scenario, db: None) -> Scenario:
    return copy.deepcopy(opened_once)
