"""What the tests of this folder begin with."""

from collections.abc import Iterator

import pytest
import time_machine

from tests.conftest import Cast, make_person
from tests.larger_plans import opened
from tests.notifications.mails import IN_TIME, by
from workplan.models import ReportingRound, User, WorkPlan


@pytest.fixture
def slom(cast: Cast) -> User:
    return make_person("linh", name="Linh Lead", body="SLOM")


@pytest.fixture
def reporting_round(plan: WorkPlan, cast: Cast, slom: User) -> Iterator[ReportingRound]:
    with time_machine.travel(IN_TIME, tick=False):
        yield opened(plan, by(cast.secretariat))
