"""Measures which lines and branches of apta a process reaches; Python imports it by itself where it is on the path.

So processes that tests start (the server, the worker, commands) are measured as the tests are: ``tests.measuring``.
"""

import atexit
import json
import os
import tomllib
from pathlib import Path
from typing import Any

import slipcover

ROOT = Path(__file__).resolve().parents[2]
# The beginning of the files that the measurements are written to, one for each process.
FILES = "APTA_TEST_COVERAGE"


def begin() -> slipcover.Slipcover:
    """Measure what is imported from now on, as ``[tool.slipcover]`` in ``pyproject.toml`` says."""
    options: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["slipcover"]
    source = [str(ROOT / folder) for folder in options["source"]]
    measured = slipcover.Slipcover(
        branch=options["branch"], source=source, omit=options["omit"], exclude_also=options["exclude-also"]
    )
    matcher = slipcover.FileMatcher(sources=source, omit=options["omit"])
    slipcover.ImportManager(measured, matcher).__enter__()
    return measured


def write(measured: slipcover.Slipcover, process: object) -> None:
    """Write what was measured, for ``tests.run`` to put together."""
    Path(f"{os.environ[FILES]}.{process}.json").write_text(json.dumps(measured.get_coverage()))


if __name__ == "sitecustomize" and os.environ.get(FILES):
    _measured = begin()
    # By the process that ends: a server's processes are forks of one that began to measure.
    atexit.register(lambda: write(_measured, os.getpid()))
