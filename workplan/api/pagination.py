"""How lists are handed out: ``limit`` with ``offset``, or with ``cursor``, which loses no row while rows change."""

import re
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from apta.addresses import absolute_url
from workplan.api.cursors import CURSOR, MOST_CHARACTERS, after_in, cursor_after, is_asked, refuse_damaged, values_asked
from workplan.api.files import FORMAT_PARAMETER
from workplan.exceptions import Invalid
from workplan.querysets.keyset import KEY, Keyset

MOST_ROWS = 1_000
# Beyond every list, and within the whole numbers that databases take.
FARTHEST = 1_000_000_000
BY_CURSOR = (
    "Pages that lose no row while rows change. Leave it empty for the first page, then follow `next` (also the header "
    '`Link: <…>; rel="next"`) until it is null; `limit`, `format`, `fields` and `omit` may change on the way, and '
    "nothing else. A row that is there throughout, and whose own value in the ordering stays as it is, is given once, "
    "whatever is added, deleted, moved in the document or leaves the filter meanwhile. A row whose own value changes "
    "stands where it belongs now: with `ordering=updated_at` it comes again at the end, with a descending order it may "
    "be passed over. To copy a list, leave `ordering` out or sort by `updated_at`. There is no `count` (null), no "
    "`previous`, and no `offset` with it."
)


class Pagination(LimitOffsetPagination):
    """Takes numbers as they are meant or refuses them; never hands out other rows than were asked for."""

    default_limit = 50
    max_limit = MOST_ROWS
    by_cursor = False
    next_cursor: str | None = None

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        """The page of ``queryset``, which may be a list whose view says by ``place_of_item`` how it is sorted."""
        if not is_asked(request):
            return super().paginate_queryset(queryset, request, view)
        limit = self.get_limit(request)
        if isinstance(queryset, list):
            return self._page_of_items(queryset, request, limit, view.place_of_item)
        keyset = Keyset(queryset)
        rows = rows_after(keyset, request).annotate(**{KEY: keyset.key})
        found = list(rows[: limit + 1])
        self.note_page(request, keyset, limit, [getattr(row, KEY) for row in found])
        return found[:limit]

    def note_page(self, request: Request, keyset: Keyset, limit: int, keys: list[str]) -> None:
        """Note that this is a page by cursor, and where the next one begins.

        Args:
            keys: what ``Keyset.key`` says of the rows; of more than ``limit`` where there is a next page.
        """
        self.request, self.limit, self.by_cursor, self.count = request, limit, True, None
        if len(keys) > limit:
            before = keys[limit - 2] if limit > 1 else ""
            self.next_cursor = cursor_after(request, keyset.signature, keyset.values_in(keys[limit - 1], before))

    def _page_of_items(self, items: list[Any], request: Request, limit: int, place: Any) -> list[Any]:
        self.request, self.limit, self.by_cursor, self.count = request, limit, True, None
        start = after_in(items, values_asked(request, ""), place)
        page = items[start : start + limit]
        if start + limit < len(items):
            self.next_cursor = cursor_after(request, "", place(page[-1]))
        return page

    def get_limit(self, request: Request) -> int:
        limit = read_number(request, "limit", lowest=1, highest=MOST_ROWS)
        return self.default_limit if limit is None else limit

    def get_offset(self, request: Request) -> int:
        return read_number(request, "offset", lowest=0, highest=FARTHEST) or 0

    def get_next_link(self) -> str | None:
        if self.by_cursor and self.request:
            here = self.request.get_full_path()
            return self._as_ours(self.next_cursor and replace_query_param(here, CURSOR, self.next_cursor))
        return self._as_ours(super().get_next_link())

    def get_previous_link(self) -> str | None:
        if self.by_cursor:
            return None
        return self._as_ours(super().get_previous_link())

    @property
    def headers(self) -> dict[str, str]:
        """What the answer says besides: the next page of those by cursor (RFC 8288)."""
        link = self.get_next_link() if self.by_cursor else None
        return {"Link": f'<{link}>; rel="next"'} if link else {}

    def get_paginated_response(self, data: Any) -> Response:
        response: Response = super().get_paginated_response(data)
        for name, value in self.headers.items():
            response[name] = value
        return response

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
                "description": "Rows to leave out from the beginning. Rows that are added or leave the filter between "
                "two pages move the others on; `cursor` does not mind them.",
                "schema": {"type": "integer", "minimum": 0, "maximum": FARTHEST, "default": 0},
            },
            {
                "name": CURSOR,
                "in": "query",
                "description": BY_CURSOR,
                "schema": {"type": "string", "maxLength": MOST_CHARACTERS},
            },
            FORMAT_PARAMETER,
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {
                    "type": ["integer", "null"],
                    "minimum": 0,
                    "examples": [123],
                    "description": "How many rows there are on all pages; null with `cursor`, which does not count.",
                },
                "next": {"type": ["string", "null"], "format": "uri"},
                "previous": {"type": ["string", "null"], "format": "uri"},
                "results": schema,
            },
        }


def rows_after(keyset: Keyset, request: Request) -> Any:
    """The rows of ``keyset`` from where the cursor of ``request`` says.

    Raises:
        Invalid: it cannot be meant.
    """
    values = values_asked(request, keyset.signature)
    if values is None:
        return keyset.rows
    try:
        return keyset.after(values)
    except ValueError:
        refuse_damaged()


def rows_of_file(view: Any, rows: Any) -> tuple[Any, dict[str, str]]:
    """Which of ``rows`` a file holds, and the headers of the answer: all of them, unless a page is asked for.

    Raises:
        Invalid: a parameter of paging cannot be used.
    """
    pages, request = Pagination(), view.request
    offset = pages.get_offset(request)
    if is_asked(request) or read_number(request, "limit", lowest=1, highest=MOST_ROWS):
        return pages.paginate_queryset(rows, request, view), pages.headers
    return rows[offset:] if offset else rows, {}


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
