"""Everything that must hold before a change lands: ``make test``.

First the checks that need no test run, then the whole suite twice, on SQLite and on PostgreSQL,
and the coverage of both together. Also the pytest plugin that makes a skipped test a failure.
"""

import argparse
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import pytest

from tests.chromium import HOW_TO_GET_IT, chromium_path
from tests.postgres import postgres_url

ROOT = Path(__file__).resolve().parent.parent
COVERAGE_FLOOR = 90
# Each worker's tests open some 25 connections, and the PostgreSQL of the tests allows 200.
MOST_WORKERS = 4
ENDS_WITHIN = 30.0


class Check(NamedTuple):
    """One check of the code: what it looks at, its command, and what to do when it fails."""

    subject: str
    command: tuple[str, ...]
    remedy: str


PYTHON = sys.executable
CHECKS = (
    Check("Python style", (PYTHON, "-m", "ruff", "check", "--no-cache", "."), "make format repairs most of it."),
    Check("Python layout", (PYTHON, "-m", "ruff", "format", "--no-cache", "--check", "."), "make format repairs it."),
    Check("settings and models", (PYTHON, "manage.py", "check", "--fail-level", "WARNING"), "See above."),
    Check(
        "migrations",
        (PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"),
        "A model changed and has no migration; manage.py makemigrations writes one.",
    ),
    Check("templates", (PYTHON, "-m", "djlint", "--lint", "--quiet", "templates"), "See the rules named above."),
    Check("types", (PYTHON, "-m", "mypy"), "See above."),
)


def main() -> int:
    """Run what was asked for and return the exit code: 0 only when everything held."""
    parser = argparse.ArgumentParser(prog="python -m tests.run", description=__doc__)
    parser.add_argument("--checks-only", action="store_true", help="check the code, run no test")
    options = parser.parse_args()
    # The server of the tests is stopped in `finally` blocks, which a plain SIGTERM would pass by.
    signal.signal(signal.SIGTERM, _stop_in_order)
    try:
        if not code_is_in_order():
            return 1
        return 0 if options.checks_only else run_tests()
    except KeyboardInterrupt:
        say("Stopped.")
        return 130
    except RuntimeError as problem:
        say(str(problem))
        return 1


def code_is_in_order() -> bool:
    """Run the checks one by one; the first that fails ends them."""
    for check in CHECKS:
        say(f"Checking the {check.subject} ...")
        # In memory: a check must not leave a database behind.
        if run(check.command, DATABASE_URL="sqlite://:memory:") != 0:
            say(f"The check of the {check.subject} failed. {check.remedy}")
            return False
    return True


def run_tests() -> int:
    """Run the suite on both databases, then judge the coverage; every result is told at the end."""
    find_chromium()
    forget_coverage()
    results = [run_suite("SQLite")]
    with postgres_url() as url:
        # A failure on the first does not spare the second: both results are wanted at once.
        results.append(run_suite("PostgreSQL", DATABASE_URL=url))
    covered, sentence = judge_coverage()
    say("\n".join([*(sentence for _, sentence in results), sentence]))
    return 0 if covered and all(passed for passed, _ in results) else 1


def find_chromium() -> None:
    """See that there is a Chromium; where apta may install Debian's, it does.

    Raises:
        RuntimeError: there is none and it cannot be installed here.
    """
    try:
        say(f"Browser of the tests: {chromium_path()}")
        return
    except FileNotFoundError as problem:
        if os.environ.get("APTA_CHROMIUM") or not may_install_packages():
            raise RuntimeError(str(problem)) from problem
    say("Installing Debian's chromium for the tests of the pages ...")
    for step in (("update",), ("install", "--yes", "--no-install-recommends", "chromium")):
        if run(("apt-get", "-qq", *step), DEBIAN_FRONTEND="noninteractive") != 0:
            raise RuntimeError(f"Debian's chromium could not be installed. {HOW_TO_GET_IT}")
    chromium_path()


def may_install_packages() -> bool:
    """Only root on Debian: elsewhere the package is named or made differently."""
    try:
        system = platform.freedesktop_os_release().get("ID")
    except OSError:
        return False
    return system == "debian" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def run_suite(database: str, **environment: str) -> tuple[bool, str]:
    """Run the whole suite on one database; return whether it passed, and a sentence that says so."""
    say(f"Running every test on {database} ...")
    began = time.monotonic()
    code = run(
        (PYTHON, "-m", "pytest", "-p", "tests.run", "-n", str(workers()), "--cov", "--cov-report="),
        **environment,
        COVERAGE_FILE=f".coverage.{database.lower()}",
    )
    outcome = "passed" if code == 0 else "FAILED"
    return code == 0, f"Tests on {database}: {outcome} ({time.monotonic() - began:.0f} s)."


def workers() -> int:
    return min(os.cpu_count() or 1, MOST_WORKERS)


def forget_coverage() -> None:
    """Earlier figures must not lift this one."""
    for file in ROOT.glob(".coverage*"):
        file.unlink()


def judge_coverage() -> tuple[bool, str]:
    """Put the measurements of both runs together; return whether they reach the floor, and a sentence."""
    say("Lines and branches that no test reached:")
    coverage = (PYTHON, "-m", "coverage")
    if run((*coverage, "combine", "--quiet")) != 0:
        return False, "Coverage: not measured."
    run((*coverage, "report", "--show-missing", "--skip-covered"))
    total = subprocess.run(
        (*coverage, "report", "--format=total"), cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    ).stdout.strip()
    reached = bool(total) and float(total) >= COVERAGE_FLOOR
    verdict = "" if reached else ", TOO LOW"
    return reached, f"Coverage of both runs together: {total} % (at least {COVERAGE_FLOOR} %){verdict}."


def run(command: tuple[str, ...], **environment: str) -> int:
    """Run a command of the suite in the checkout, its output in sight, and return its exit code.

    A developer's own settings of apta stay out of it, so that a result is the same everywhere.
    """
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name == "APTA_CHROMIUM" or not name.startswith(("APTA_", "DATABASE_URL"))
    }
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        env={**inherited, "APTA_DEBUG": "1", **environment},
    )
    try:
        return process.wait()
    except BaseException as problem:
        # A Ctrl-C has reached pytest too, which now closes its browsers; any other end it is told of.
        if not isinstance(problem, KeyboardInterrupt):
            process.send_signal(signal.SIGINT)
        try:
            process.wait(ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise


def say(text: str) -> None:
    print(f"\n{text}", flush=True)


def _stop_in_order(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


# The plugin, loaded into pytest by `-p tests.run`.


def skipped_tests(session: pytest.Session) -> int:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    return len(reporter.stats.get("skipped", [])) if reporter else 0


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A test that did not run has not passed."""
    if session.exitstatus == pytest.ExitCode.OK and skipped_tests(session):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        terminalreporter.section("skipped tests fail this run", red=True)
    for report in skipped:
        terminalreporter.line(f"{report.nodeid}: {report.longrepr[-1]}")


if __name__ == "__main__":
    sys.exit(main())
