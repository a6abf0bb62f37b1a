"""What the tests of this folder begin with."""

import pytest

from tests.conftest import Cast
from tests.larger_plans import opened
from tests.views.secretariat.reports import by
from workplan.models import ReportingRound, WorkPlan


@pytest.fixture
def reporting_round(plan: WorkPlan, cast: Cast) -> ReportingRound:
    return opened(plan, by(cast.secretariat), silence_days=14)
