"""How long lists are handed out: ``limit`` and ``offset``."""

import re
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request

from apta.addresses import absolute_url
from workplan.exceptions import Invalid

MOST_ROWS = 1_000
# Beyond every list, and within the whole numbers that databases take.
FARTHEST = 1_000_000_000


class Pagination(LimitOffsetPagination):
    """Takes numbers as they are meant or refuses them; never hands out other rows than were asked for."""

    default_limit = 50
    max_limit = MOST_ROWS

    def get_limit(self, request: Request) -> int:
        limit = read_number(request, "limit", lowest=1, highest=MOST_ROWS)
        return self.default_limit if limit is None else limit

    def get_offset(self, request: Request) -> int:
        return read_number(request, "offset", lowest=0, highest=FARTHEST) or 0

    def get_next_link(self) -> str | None:
        return self._as_ours(super().get_next_link())

    def get_previous_link(self) -> str | None:
        return self._as_ours(super().get_previous_link())

    def _as_ours(self, link: str | None) -> str | None:
        """The link with the host of this installation, in place of the one that the client asked."""
        if link is None:
            return None
        parts = urlsplit(link)
        return absolute_url(urlunsplit(("", "", parts.path, parts.query, "")), self.request)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "limit",
                "in": "query",
                "description": "Most rows to give.",
                "schema": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": MOST_ROWS,
                    "default": self.default_limit,
                },
            },
            {
                "name": "offset",
                "in": "query",
                "description": "Rows to leave out from the beginning.",
                "schema": {"type": "integer", "minimum": 0, "maximum": FARTHEST, "default": 0},
            },
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {"type": "integer", "minimum": 0, "examples": [123]},
                "next": {"type": ["string", "null"], "format": "uri"},
                "previous": {"type": ["string", "null"], "format": "uri"},
                "results": schema,
            },
        }


def read_number(request: Request, name: str, *, lowest: int, highest: int) -> int | None:
    """The whole number that the parameter ``name`` gives, ``None`` where it is left out.

    Raises:
        Invalid: it is given twice, or is no whole number from ``lowest`` to ``highest``.
    """
    given = request.query_params.getlist(name)
    if not given:
        return None
    number = int(given[0]) if re.fullmatch(r"[0-9]{1,12}", given[0]) else -1
    if len(given) > 1 or not lowest <= number <= highest:
        message = f"Give a whole number from {lowest} to {highest:,}, once."
        raise Invalid("A parameter cannot be used.", fields={name: [message]})
    return number
