"""Which tests can depend on the database engine: those that use what an engine does in its own way."""

import inspect
import types
from collections.abc import Iterator

import pytest

# SQL by hand, locks, refusals of constraints and triggers, several at once.
OF_THE_ENGINE = {
    *("connection", "connections", "vendor", "cursor", "raw", "RawSQL", "Thread", "select_for_update"),
    *("IntegrityError", "DatabaseError", "OperationalError", "transactional_db"),
}


def names_in(code: types.CodeType) -> Iterator[str]:
    """Every global name and attribute that a function uses, its inner functions included."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from names_in(constant)


def used_of_the_engine(item: pytest.Item) -> set[str]:
    """What a test itself uses of the engine; transactions of its own count as ``transaction``."""
    if not isinstance(item, pytest.Function):
        return set()
    used = OF_THE_ENGINE.intersection(names_in(inspect.unwrap(item.function).__code__), item.fixturenames)
    transactional = item.get_closest_marker("django_db")
    if transactional is not None and transactional.kwargs.get("transaction"):
        used.add("transaction")
    return used
