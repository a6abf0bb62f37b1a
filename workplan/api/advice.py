"""What a program is told besides the answer: that a status is of an older day than the one whose place it takes.

The answers themselves stay what they are. A program that wants to be refused instead, and to decide again, sends
``Prefer: handling=strict`` (RFC 7240, section 4.4); it is answered 409 with the code ``older_as_of``.
"""

import datetime
from collections.abc import Iterable
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from workplan import rules

ADVICE = "Apta-Advice"
STRICTLY = "handling=strict"
# Beyond these a header becomes longer than servers take.
MOST_ADVISED = 20

# For descriptions of operations.
TOLD = (
    "Where a status takes the place of one of a later day, the header `Apta-Advice` says so "
    '(`older_as_of;ref="A.1.1.4";as_of="2018-05-31";present="2018-06-30"`); with `Prefer: handling=strict` nothing is '
    "saved and the answer is 409 `older_as_of`."
)


def is_strict(request: Request) -> bool:
    """Whether the caller wants to be refused where they would only be advised. Of several wishes the first counts."""
    for wish in request.headers.get("Prefer", "").split(","):
        name, _, value = wish.partition(";")[0].partition("=")
        if name.strip().lower() == "handling":
            return value.strip().strip('"').lower() == "strict"
    return False


def advised(response: Response, pairs: Iterable[tuple[Any, datetime.date | None]], request: Request) -> Response:
    """``response`` with what there is to say of statuses of an older day.

    Args:
        pairs: activities as they were before, each with the day of the status that they come to.
    """
    stated = [
        f'older_as_of;ref="{activity.ref}";as_of="{as_of}";present="{activity.status_as_of}"'
        for activity, as_of in pairs
        if rules.advice_on_day(as_of, activity.status_as_of)
    ]
    if stated:
        response[ADVICE] = ", ".join(stated[:MOST_ADVISED])
    if is_strict(request):
        response["Preference-Applied"] = STRICTLY
    return response
