"""What the tests of this folder begin with."""

import pytest

from tests.conftest import Cast, make_person
from tests.larger_plans import opened
from workplan.actions import Actor
from workplan.models import ReportingRound, User, WorkPlan


@pytest.fixture
def reporting_round(plan: WorkPlan, cast: Cast) -> ReportingRound:
    return opened(plan, Actor(cast.secretariat, "command"))


@pytest.fixture
def slom(cast: Cast) -> User:
    return make_person("slamet", name="Slamet Focal", body="SLOM")
