"""What the tests of this folder begin with."""

import pytest

from tests.conftest import Cast, make_person
from tests.history.played import ONGOING, activity, body, by
from tests.larger_plans import opened
from workplan import actions
from workplan.models import StatusUpdate, WorkPlan


@pytest.fixture
def played(plan: WorkPlan, cast: Cast) -> StatusUpdate:
    """A report of SOMTC, returned, mended and approved at once, with a comment and the concurrence of SLOM."""
    slom = make_person("slomina", name="Slomina Focal", body="SLOM")
    reporting_round = opened(plan, by(cast.secretariat, "r-open"))
    draft = actions.begin_report(
        activity=activity(), report=ONGOING, by=by(cast.somtc), reporting_round=reporting_round, body=body("SOMTC")
    )
    actions.submit_report(update=draft, version=1, by=by(cast.somtc))
    actions.return_report(update=draft, version=2, reason="Name the module.", by=by(cast.secretariat, "r-return"))
    actions.submit_report(update=draft, version=3, by=by(cast.somtc))
    actions.comment(update=draft, text="Between ourselves.", by=by(cast.secretariat))
    actions.concur(update=draft, version=4, by=by(slom))
    return actions.approve_report(update=draft, version=4, by=by(cast.colleague, "r-approve"))
