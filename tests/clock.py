"""The clock of the tests: each begins at the same moment, whatever day it is outside.

``APTA_TEST_CLOCK=2026-06-01`` lets all of them begin on another day, to see that none leans on this one.
"""

import datetime
import os
from contextlib import AbstractContextManager
from typing import Any

import time_machine

VARIABLE = "APTA_TEST_CLOCK"
# A day after all that the tests report on, and before nothing that they expect. Noon in Jakarta, so that
# no test is still running at midnight.
USUAL_DAY = datetime.date(2026, 11, 24)
NOON = datetime.time(5, tzinfo=datetime.UTC)


def beginning() -> datetime.datetime:
    """The moment at which every test begins.

    Raises:
        ValueError: ``APTA_TEST_CLOCK`` is not a day such as 2026-06-01.
    """
    day = os.environ.get(VARIABLE)
    return datetime.datetime.combine(datetime.date.fromisoformat(day) if day else USUAL_DAY, NOON)


def clock_of_the_tests(*, earlier: datetime.timedelta = datetime.timedelta()) -> AbstractContextManager[Any]:
    """The clock, set to the beginning or so much ``earlier``, and running on from there."""
    return time_machine.travel(beginning() - earlier, tick=True)
