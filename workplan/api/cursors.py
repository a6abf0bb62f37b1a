"""Where a page of a list begins, in one opaque word that a client hands back: ``?cursor=``.

The word says after which row, in which order, of which list and by which filters. It is signed, so that what comes
back is what was given out, or is refused.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

from django.core.signing import BadSignature, Signer
from rest_framework.request import Request

from workplan.exceptions import Invalid

CURSOR = "cursor"
# Parameters that may be others on the next page: how much of the same rows is given, and in which form.
FREE = frozenset((CURSOR, "limit", "format", "fields", "omit"))
MOST_CHARACTERS = 2_000

AGAIN = "Begin again with an empty cursor, or follow next as it was given."
DAMAGED = f"This is no cursor that was given out, or not all of it. {AGAIN}"
OTHER_LIST = f"This cursor is of another list. {AGAIN}"
OTHER_ORDER = f"This cursor is of another ordering. {AGAIN}"
OTHER_FILTERS = f"This cursor is of other filters. {AGAIN}"


def is_asked(request: Request) -> bool:
    """Whether the list is to be given page by page after a row."""
    return CURSOR in request.query_params


def values_asked(request: Request, order: str) -> list[Any] | None:
    """The values of the row after which the page begins that is asked for; ``None`` for the first page.

    Args:
        order: what distinguishes the order of the rows that are asked for.

    Raises:
        Invalid: the cursor is damaged, or of another list, ordering or filter; or it is given with an offset.
    """
    if "offset" in request.query_params:
        message = "Give either offset or cursor. A cursor says by itself where the page begins."
        raise Invalid("A parameter cannot be used.", fields={"offset": [message]})
    given = request.query_params.getlist(CURSOR)
    if len(given) > 1:
        _refuse("Give cursor once only.")
    if not given[0]:
        return None
    try:
        stated = _signer().unsign_object(given[0]) if len(given[0]) <= MOST_CHARACTERS else None
    except (BadSignature, ValueError):
        stated = None
    if not isinstance(stated, list) or len(stated) != 4:
        _refuse(DAMAGED)
    at, by, of, values = stated
    for found, wanted, message in (
        (at, _mark(request.path), OTHER_LIST),
        (by, _mark(order), OTHER_ORDER),
        (of, _filters(request), OTHER_FILTERS),
    ):
        if found != wanted:
            _refuse(message)
    return list(values)


def refuse_damaged() -> NoReturn:
    """Say that the values in a cursor cannot be those of a row.

    Raises:
        Invalid: always.
    """
    _refuse(DAMAGED)


def cursor_after(request: Request, order: str, values: Sequence[Any]) -> str:
    """The cursor of the page that begins after the row with these ``values``."""
    return _signer().sign_object([_mark(request.path), _mark(order), _filters(request), list(values)])


def after_in(items: Sequence[Any], values: Sequence[Any] | None, place: Callable[[Any], Sequence[Any]]) -> int:
    """How many of ``items``, which are no rows of a table, come before the page.

    Args:
        values: of the last item that was given, as ``place`` gave them; ``None`` for the first page.
        place: which item it is, the part of the list that it is in, and its place there; items are sorted by the
            second and third. An item that is still in its part is found by its name, wherever that part begins now.
    """
    if values is None:
        return 0
    places = [place(item) for item in items]
    anchor = next((one for one in places if list(one[:2]) == list(values[:2])), values)
    return sum(1 for one in places if list(one[1:]) <= list(anchor[1:]))


def _refuse(message: str) -> NoReturn:
    raise Invalid("A parameter cannot be used.", fields={CURSOR: [message]})


def _filters(request: Request) -> str:
    chosen: Iterable[tuple[str, list[str]]] = request.query_params.lists()
    return _mark(repr(sorted((name, sorted(values)) for name, values in chosen if name not in {*FREE, "ordering"})))


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _signer() -> Signer:
    return Signer(salt="workplan.api.cursors")
