"""What the tests of this folder begin with."""

import pytest

from workplan.models import Activity, WorkPlan


@pytest.fixture
def activity(plan: WorkPlan) -> Activity:
    return Activity.objects.get(plan=plan, ref="A.1.1.1")
