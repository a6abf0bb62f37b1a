"""What the tests of this folder begin with."""

import pytest

from tests.conftest import Cast, make_person
from tests.larger_plans import opened
from tests.views.reporting.reports import by
from workplan.models import ReportingRound, User, WorkPlan


@pytest.fixture
def reporting_round(plan: WorkPlan, cast: Cast) -> ReportingRound:
    return opened(plan, by(cast.secretariat))


@pytest.fixture
def slom(plan: WorkPlan) -> User:
    """Sopha, focal point of the other lead body."""
    return make_person("sopha", name="Sopha Focal", body="SLOM")
