"""Pages run once: what they show comes from querysets and actions, which their own rooms test on both databases."""

from pathlib import Path

import pytest

from tests.engines import used_of_the_engine

HERE = Path(__file__).resolve().parent
BECAUSE = "what a page makes of rows; that every page answers everybody is tested on both, in tests/permissions"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test of a page that itself uses nothing of the engine runs once; one that does (races) on both."""
    for item in items:
        if HERE in item.path.parents and not used_of_the_engine(item):
            item.add_marker(pytest.mark.engine_independent(because=BECAUSE))
