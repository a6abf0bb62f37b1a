"""A plan with a history, and texts that are hard to write into files."""

import copy
import datetime

import pytest
import time_machine

from tests.conftest import Cast
from tests.random_history import RandomHistory, play
from workplan import actions
from workplan.actions import Actor, Report
from workplan.models import Activity, WorkPlan

# A formula, and the languages of the region whose scripts need fonts of their own.
TEXTS = {
    "A.1.1.1": "=SUM(A1:A2) is what the workbook of the body said",
    "A.1.1.4": "ການຝຶກອົບຮົມ ກ່ຽວກັບການຄ້າມະນຸດ",
    "A.1.2.1": "សិក្ខាសាលាស្តីពីការប្រឆាំងអំពើជួញដូរមនុស្ស",
    "A.1.2.2": "การประชุมเชิงปฏิบัติการเรื่องการค้ามนุษย์",
    "A.2.1.1": "လူကုန်ကူးမှု တားဆီးကာကွယ်ရေး",
    "A.2.2.1": "Hội thảo về phòng chống mua bán người",
}


@pytest.fixture(scope="module")
def reported(module_database: Cast) -> RandomHistory:
    """Two rounds of reports, then one of each of ``TEXTS``."""
    plan = WorkPlan.objects.get()
    history = play(plan, module_database, seed=11, steps=50)
    by = Actor(module_database.secretariat, "page", "r")
    with time_machine.travel(history.now + datetime.timedelta(days=1), tick=False):
        for ref, text in TEXTS.items():
            activity = Activity.objects.get(plan=plan, ref=ref)
            report = Report(
                status="ongoing",
                as_of=datetime.date(2018, 6, 30),
                narrative=text,
                outputs_delivered="-1 manual\nand a <b>list</b> & more",
                challenges="@everybody: funding",
                reason="The meeting decided so.",
            )
            actions.record_status(activity=activity, version=activity.version, report=report, by=by)
        history.now += datetime.timedelta(days=1)
        history.write_down()
    return history


@pytest.fixture
def history(reported: RandomHistory, db: None) -> RandomHistory:
    return copy.deepcopy(reported)
