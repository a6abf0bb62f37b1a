"""The suite itself: what runs once, with which clock, and where the time is known to go."""

import datetime
import re
from collections import Counter
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from tests import clock, outcome
from tests.engines import used_of_the_engine

TESTS = Path(__file__).parent
README = (TESTS / "README.md").read_text()


def test_what_runs_once_cannot_depend_on_the_database(request: pytest.FixtureRequest) -> None:
    for item in request.session.items:
        mark = item.get_closest_marker("engine_independent")
        if mark is None or not isinstance(item, pytest.Function):
            continue
        used = used_of_the_engine(item)
        assert not used, f"{item.nodeid} runs once and uses {', '.join(sorted(used))}"
        if "db" in item.fixturenames or "live_server" in item.fixturenames or item.get_closest_marker("django_db"):
            assert mark.kwargs.get("because"), f"{item.nodeid} reads tables and does not say why it runs once"


def test_what_reads_tables_runs_on_every_database_unless_it_says_why_not(request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("engine_independent"), "this test asks for no database"
    for item in request.session.items:
        because = [mark for mark in item.iter_markers("engine_independent") if mark.kwargs.get("because")]
        if "db" in getattr(item, "fixturenames", ()) and not because:
            assert item.get_closest_marker("engine_independent") is None, item.nodeid


def test_every_test_begins_at_the_same_moment() -> None:
    assert clock.beginning() <= timezone.now() < clock.beginning() + datetime.timedelta(hours=1)


@pytest.mark.real_clock
def test_a_test_can_go_by_the_clock_on_the_wall() -> None:
    assert not time_machine.escape_hatch.is_travelling()


def test_no_room_costs_more_than_its_budget() -> None:
    budgets = {
        room: int(seconds) for room, seconds in re.findall(r"^\| `(tests[\w/]*)` \| (\d+) \|", README, re.MULTILINE)
    }
    files = [f"tests/{path.relative_to(TESTS)}" for path in TESTS.rglob("test_*.py")]
    assert set(budgets) == {outcome.room_of(file) for file in files}
    spent = Counter[str]()
    for file, seconds in outcome.seconds_kept().items():
        assert file in files, f"{file} is gone; tests/seconds.json still names it"
        spent[outcome.room_of(file)] += round(seconds)
    assert {room: seconds for room, seconds in spent.items() if seconds > budgets[room]} == {}


def test_the_closing_figures_are_of_each_test_and_room() -> None:
    def report(nodeid: str, when: str, elapsed: float) -> pytest.TestReport:
        location = (nodeid.split("::")[0], 1, "")
        made = pytest.TestReport(nodeid, location, {}, "passed", None, when, [], elapsed)  # type: ignore[arg-type]
        made.processor = elapsed / 2  # type: ignore[attr-defined]
        return made

    one, other = "tests/api/test_x.py::test_one", "tests/api/test_y.py::test_other"
    costs = outcome.costs_of([report(one, "setup", 1), report(one, "call", 2), report(other, "call", 4)])
    assert costs == {one: outcome.Cost(3, 1.5), other: outcome.Cost(4, 2)}
    assert outcome.by(costs, outcome.room_of) == {"tests/api": outcome.Cost(7, 3.5)}


def test_longest_files_begin_first_and_a_new_one_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    class Item:
        def __init__(self, nodeid: str) -> None:
            self.nodeid = nodeid

    monkeypatch.setattr(outcome, "seconds_kept", lambda: {"a.py": 1.0, "b.py": 100.0})
    items = [Item("a.py::one"), Item("new.py::one"), Item("b.py::one"), Item("b.py::two")]
    outcome.pytest_collection_modifyitems(items)  # type: ignore[arg-type]
    assert [item.nodeid for item in items] == ["b.py::one", "b.py::two", "new.py::one", "a.py::one"]


def test_a_repeated_id_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    class Item:
        nodeid = "a.py::one"

    with pytest.raises(pytest.UsageError, match=r"a\.py::one"):
        outcome.pytest_collection_modifyitems([Item(), Item()])  # type: ignore[list-item]
