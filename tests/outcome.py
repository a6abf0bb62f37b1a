"""What a run of ``make test`` adds to pytest: longest files first, a skipped test fails, and where the time went.

A plugin, loaded by ``-p tests.outcome``. The seconds that files took are kept in ``tests/seconds.json``, which
``python -m tests.run --keep-seconds`` writes anew.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import NamedTuple

import pytest

KEPT_SECONDS = Path(__file__).with_name("seconds.json")
# Where the run says how many tests passed and how long each file took.
OUTCOME_FILE = "APTA_TEST_OUTCOME"
# A file without known seconds is new: it begins early rather than holds up the end.
OF_A_NEW_FILE = 20.0
SLOWEST = 20


class Cost(NamedTuple):
    """What something cost, in seconds.

    Attributes:
        elapsed: from its beginning to its end; on a busy machine it waits as well.
        processor: what this process computed, without Chromium and the database server.
    """

    elapsed: float = 0.0
    processor: float = 0.0

    def __add__(self, other: "Cost") -> "Cost":  # type: ignore[override]
        return Cost(self.elapsed + other.elapsed, self.processor + other.processor)


def seconds_kept() -> dict[str, float]:
    """The seconds that each file took when they were last written down."""
    kept: dict[str, float] = json.loads(KEPT_SECONDS.read_text()) if KEPT_SECONDS.exists() else {}
    return kept


def file_of(nodeid: str) -> str:
    return nodeid.split("::")[0]


def room_of(nodeid: str) -> str:
    """The folder of a test: ``tests/views/plan``."""
    return file_of(nodeid).rpartition("/")[0]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Longest files first, so that no worker is idle while another one is in the middle of a long file.

    Raises:
        UsageError: two tests have the same id, of which workers would run one.
    """
    repeated = [nodeid for nodeid, number in Counter(item.nodeid for item in items).items() if number > 1]
    if repeated:
        raise pytest.UsageError(f"Give each test an id of its own; these are repeated: {', '.join(repeated[:5])}.")
    kept = seconds_kept()
    items.sort(key=lambda item: -kept.get(file_of(item.nodeid), OF_A_NEW_FILE))


_computed = 0.0


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logstart() -> None:
    global _computed
    _computed = time.process_time()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note in each report what its phase has computed; reports travel from the workers as they are."""
    global _computed
    report = yield
    now = time.process_time()
    report.processor, _computed = now - _computed, now  # type: ignore[attr-defined]
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A test that did not run has not passed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.exitstatus == pytest.ExitCode.OK and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        terminalreporter.section("skipped tests fail this run", red=True)
    for report in skipped:
        terminalreporter.line(f"{report.nodeid}: {report.longrepr[-1]}")
    costs = costs_of(report for reports in terminalreporter.stats.values() for report in reports)
    terminalreporter.section("seconds: elapsed, and of these computed by the tests' own process")
    for heading, rows in (("By room", by(costs, room_of)), (f"The {SLOWEST} slowest tests", costs)):
        terminalreporter.line(f"{heading}:")
        for name, cost in sorted(rows.items(), key=lambda row: -row[1].elapsed)[: SLOWEST if rows is costs else None]:
            terminalreporter.line(f"  {cost.elapsed:8.1f} {cost.processor:8.1f}  {name}")
    where = os.environ.get(OUTCOME_FILE)
    if where:
        stated = {
            "passed": len(terminalreporter.stats.get("passed", [])),
            "left_out": len(terminalreporter.stats.get("deselected", [])),
            "seconds": {name: cost.elapsed for name, cost in by(costs, file_of).items()},
        }
        Path(where).write_text(json.dumps(stated))


def costs_of(reports: Iterable[object]) -> dict[str, Cost]:
    """What each test cost, from the reports of its phases."""
    costs: dict[str, Cost] = {}
    for report in reports:
        if isinstance(report, pytest.TestReport):
            cost = Cost(report.duration, getattr(report, "processor", 0.0))
            costs[report.nodeid] = costs.get(report.nodeid, Cost()) + cost
    return costs


def by(costs: dict[str, Cost], name_of: Callable[[str], str]) -> dict[str, Cost]:
    rows: dict[str, Cost] = {}
    for nodeid, cost in costs.items():
        rows[name_of(nodeid)] = rows.get(name_of(nodeid), Cost()) + cost
    return rows


def keep(seconds: dict[str, float]) -> None:
    """Write down what each file took, so that the next runs begin with the longest."""
    rounded = {name: round(value, 1) for name, value in sorted(seconds.items())}
    KEPT_SECONDS.write_text(json.dumps(rounded, indent=1) + "\n")
