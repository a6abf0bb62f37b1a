"""Measures which lines and branches of apta the tests reach.

A plugin of pytest, loaded by ``-p tests.measuring`` before anything of apta is imported. Slipcover marks each line
and branch in the compiled code and removes the mark when it was reached; on Python 3.11 that costs a fifth of the
time, where a tracer costs two thirds. Its own command would also change how pytest compiles the tests, which are
not measured, so only its library is used.
"""

import os
from pathlib import Path

import pytest

from tests.measured.sitecustomize import FILES, begin, write

# The process that distributes the tests runs none of them.
_worker = os.environ.get("PYTEST_XDIST_WORKER")
_measured = begin() if os.environ.get(FILES) and _worker else None


def of_processes() -> dict[str, str]:
    """The environment in which a process that a test starts is measured as well; none where nothing is measured.

    A process begins some seconds later by it, so it is for the tests whose subject is the process.
    """
    if _measured is None:
        return {}
    return {FILES: str(Path(os.environ[FILES]).resolve()), "PYTHONPATH": str(Path(__file__).with_name("measured"))}


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    if _measured is not None:
        write(_measured, _worker)
