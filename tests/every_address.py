"""One address for every pattern, for tests that walk them all."""

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

# By the converter of a part. Most records that are named are there, if the plan is loaded.
PARTS = {
    "int": "17",
    "slug": "tip-2016-2020",
    "str": "SOMTC",
    "ref": "A.1.1.1",
    "path": "some/where",
}


def addresses(patterns: Any = None, before: str = "/") -> Iterator[str]:
    """One address for every pattern."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        path = str(one.pattern)
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, before + filled(path))
        elif isinstance(one, URLPattern):
            yield before + filled(path)


def filled(pattern: str) -> str:
    """An address for a pattern of either kind."""
    pattern = re.sub(r"\(\?P<\w+>.*?\)(?=[/.$-]|$)", "x7", pattern)
    pattern = re.sub(r"<(?:(\w+):)?\w+>", lambda found: PARTS[found[1] or "str"], pattern)
    return pattern.lstrip("^").removesuffix("$").removesuffix(r"\Z").replace("\\", "")
