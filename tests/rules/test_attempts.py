"""How the wait grows with wrong passwords."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workplan import rules
from workplan.rules import AttemptLimit

NOTHING = datetime.timedelta(0)
numbers = st.integers(min_value=0, max_value=10**9)

pytestmark = pytest.mark.engine_independent


@pytest.mark.parametrize(
    "limit", [rules.OF_PLACE, rules.OF_ACCOUNT, rules.OF_MAILBOX], ids=["place", "account", "mail"]
)
@given(failures=numbers)
def test_the_wait_begins_after_the_free_tries_and_never_falls(limit: AttemptLimit, failures: int) -> None:
    wait = limit.wait_after(failures)
    assert (wait == NOTHING) is (failures < limit.free)
    assert wait <= limit.wait_after(failures + 1) <= limit.longest_wait


def test_each_wrong_try_doubles_it_up_to_the_longest() -> None:
    limit = AttemptLimit(free=2, forgotten_after=datetime.timedelta(hours=1))
    waits = [limit.wait_after(number).total_seconds() for number in range(9)]
    assert waits == [0, 0, 30, 60, 120, 240, 480, 900, 900]


def test_an_account_is_tried_in_vain_a_hundred_times_a_day_at_most() -> None:
    tries, waited = 0, NOTHING
    while waited < datetime.timedelta(days=1):
        tries += 1
        waited += rules.OF_ACCOUNT.wait_after(tries)
    assert tries <= 110
