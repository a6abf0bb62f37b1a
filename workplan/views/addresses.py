"""Which pages are meant for everybody to find."""

import re

from django.conf import settings

# What search programs leave alone: it is asked who reads, or it is the same again in another order.
# In the manner of robots.txt: the beginning of an address, with * for anything; no part of an address has a slash.
NOT_TO_FIND = (
    "/accounts/",
    "/admin/",
    "/api/v1/",
    "/audit/",
    "/evidence/",
    "/messages/",
    "/my/",
    "/review/",
    "/search/",
    "/style/",
    "/views/",
    "/plans/*/activities/update/",
    "/plans/*/activities/*/update/",
    "/plans/*/activities/*/report/",
    "/plans/*/activities/*/contribution/",
    "/plans/*/bodies/*/deadlines.ics",
    "/plans/*/embed/",
    "/plans/*/questions/*/",
    "/plans/*/rounds/new/",
    "/plans/*/rounds/plan/",
    "/plans/*/rounds/*/*/",
    "/plans/*/views/",
    "/reports/*/edit/",
)
_NOT_TO_FIND = re.compile("|".join(re.escape(one).replace(r"\*", "[^/]*") for one in NOT_TO_FIND))


def is_to_be_found(path: str) -> bool:
    """Whether the page at ``path`` is one that search programs and link previews may show."""
    return settings.PUBLIC_READ and not _NOT_TO_FIND.match(path)
