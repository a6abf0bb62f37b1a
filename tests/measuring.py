"""Measures which lines and branches of apta the tests reach.

A plugin of pytest, loaded by ``-p tests.measuring`` before anything of apta is imported. Slipcover marks each line
and branch in the compiled code and removes the mark when it was reached; on Python 3.11 that costs a fifth of the
time, where a tracer costs two thirds. Its own command would also change how pytest compiles the tests, which are
not measured, so only its library is used.
"""

import json
import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
import slipcover

ROOT = Path(__file__).resolve().parent.parent
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


# The process that distributes the tests runs none of them.
_measured = begin() if os.environ.get(FILES) and os.environ.get("PYTEST_XDIST_WORKER") else None


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    if _measured is not None:
        file = Path(f"{os.environ[FILES]}.{os.environ['PYTEST_XDIST_WORKER']}.json")
        file.write_text(json.dumps(_measured.get_coverage()))
