"""Everything that must hold before a change lands: ``make test``.

First the checks that need no test run, then every test on SQLite, then on PostgreSQL those whose result can depend
on the database, and the coverage of the first run. ``tests/README.md`` tells how the suite is built.
"""

import argparse
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from tests import clock, measuring, outcome
from tests.chromium import HOW_TO_GET_IT, chromium_path
from tests.postgres import postgres_url

ROOT = Path(__file__).resolve().parent.parent
COVERAGE_FLOOR = 97
# Each worker's tests open some 25 connections, and the PostgreSQL of the tests allows 200.
MOST_WORKERS = 4
ENDS_WITHIN = 30.0


class Check(NamedTuple):
    """One check of the code: what it looks at, its command, and what to do when it fails."""

    subject: str
    command: tuple[str, ...]
    remedy: str


PYTHON = sys.executable


def lint_imports() -> tuple[str, ...]:
    """The command that judges the imports by the contracts of ``pyproject.toml``; it is no module of its own."""
    return (str(Path(PYTHON).with_name("lint-imports")), "--no-logo", "--no-cache")


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
    Check("imports", lint_imports(), "A room uses one above it; pyproject.toml has their order. See above."),
)


class Pass(NamedTuple):
    """One run of pytest.

    Attributes:
        database: on which it ran.
        succeeded: whether every test passed.
        tests: how many passed.
        elapsed: seconds from its beginning to its end.
        seconds: by file, what its tests took.
    """

    database: str
    succeeded: bool
    tests: int
    elapsed: float
    seconds: dict[str, float]

    def __str__(self) -> str:
        verdict = "passed" if self.succeeded else "FAILED"
        return f"Tests on {self.database}: {verdict} ({self.tests} tests passed, {self.elapsed:.0f} s)."


def main() -> int:
    """Run what was asked for and return the exit code: 0 only when everything held."""
    parser = argparse.ArgumentParser(prog="python -m tests.run", description=__doc__)
    parser.add_argument("--checks-only", action="store_true", help="check the code, run no test")
    parser.add_argument("--keep-seconds", action="store_true", help="write tests/seconds.json anew")
    options = parser.parse_args()
    # The server of the tests is stopped in `finally` blocks, which a plain SIGTERM would pass by.
    signal.signal(signal.SIGTERM, _stop_in_order)
    try:
        if not code_is_in_order():
            return 1
        return 0 if options.checks_only else run_tests(keep_seconds=options.keep_seconds)
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


def run_tests(*, keep_seconds: bool = False) -> int:
    """Run the suite on both databases, then judge the coverage; every result is told at the end."""
    began = time.monotonic()
    find_chromium()
    forget_coverage()
    first = run_suite("SQLite", "-p", "tests.measuring", **{measuring.FILES: ".coverage"})
    with postgres_url() as url:
        # A failure on the first does not spare the second: both results are wanted at once.
        second = run_suite("PostgreSQL", "-m", "not engine_independent", DATABASE_URL=url)
    covered, coverage = judge_coverage()
    once = f"The other {first.tests - second.tests} tests do not depend on the database and ran once."
    say("\n".join([str(first), f"{second} {once}", coverage, f"All of it took {time.monotonic() - began:.0f} s."]))
    if keep_seconds:
        outcome.keep(first.seconds)
    return 0 if covered and first.succeeded and second.succeeded else 1


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


def run_suite(database: str, *options: str, **environment: str) -> Pass:
    """Run the suite on one database, as the options of pytest choose it."""
    say(f"Running the tests on {database} ...")
    began = time.monotonic()
    distributed = ("-n", str(workers()), "--dist", "loadfile", "--no-loadscope-reorder")
    with tempfile.TemporaryDirectory(prefix="apta-tests-") as folder:
        stated = Path(folder) / "outcome.json"
        code = run(
            (PYTHON, "-m", "pytest", "-p", "tests.outcome", *distributed, *options),
            **environment,
            **{outcome.OUTCOME_FILE: str(stated)},
        )
        said: dict[str, Any] = json.loads(stated.read_text()) if stated.exists() else {"passed": 0, "seconds": {}}
    return Pass(database, code == 0, said["passed"], time.monotonic() - began, said["seconds"])


def workers() -> int:
    return min(os.cpu_count() or 1, MOST_WORKERS)


def forget_coverage() -> None:
    """Earlier figures must not lift this one."""
    for file in ROOT.glob(".coverage*"):
        file.unlink()


def judge_coverage() -> tuple[bool, str]:
    """Put the measurements of the workers together; return whether they reach the floor, and a sentence."""
    say("Lines and branches that no test reached:")
    files = sorted(str(file.relative_to(ROOT)) for file in ROOT.glob(".coverage.*.json"))
    merged = ".coverage.json"
    if not files or run((PYTHON, "-m", "slipcover", "--skip-covered", "--out", merged, "--merge", *files)) != 0:
        return False, "Coverage: not measured."
    total = float(json.loads((ROOT / merged).read_text())["summary"]["percent_covered"])
    verdict = "" if total >= COVERAGE_FLOOR else ", TOO LOW"
    return not verdict, f"Coverage: {total:.1f} % (at least {COVERAGE_FLOOR} %){verdict}."


def run(command: tuple[str, ...], **environment: str) -> int:
    """Run a command of the suite in the checkout, its output in sight, and return its exit code.

    A developer's own settings of apta stay out of it, so that a result is the same everywhere.
    """
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name in {"APTA_CHROMIUM", clock.VARIABLE}
        # Compiled files are what lets the second run begin in a third of the time.
        or not name.startswith(("APTA_", "DATABASE_URL", "PYTHONDONTWRITEBYTECODE"))
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


if __name__ == "__main__":
    sys.exit(main())
