"""Rows of a queryset as JSON, with the revision that they are of, in one statement.

The rows are chosen first, by their keys, and only what is shown is joined to them.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models.sql.compiler import SQLCompiler

from workplan.querysets.keyset import KEY
from workplan.querysets.revisions import revision_sql
from workplan.rules import OF_DOCUMENT

# Statements that a connection keeps prepared, and those that a process keeps as SQL.
MOST_PREPARED = 50

_prepared: WeakKeyDictionary[Any, OrderedDict[str, None]] = WeakKeyDictionary()
_numbers = iter(range(1, 2**62))
_lock = threading.Lock()


class _OnPage(SQLCompiler):
    """Compiles a query that shows the rows which another has chosen, in the order in which they are.

    What is chosen stands first in the join, so that PostgreSQL joins nothing to other rows (it keeps the order of long
    joins).
    """

    def __init__(
        self, query: Any, connection: Any, using: str, chosen: tuple[str, tuple[Any, ...]], also: tuple[str, ...]
    ) -> None:
        super().__init__(query, connection, using)
        self.chosen, self.also = chosen, also

    def get_from_clause(self) -> Any:
        (table, *joined), params = super().get_from_clause()
        sql, values = self.chosen
        page = f"(SELECT ROW_NUMBER() OVER () AS place, found.* FROM ({sql}) found) page"
        return [f"{page} INNER JOIN {table} ON ({table}.id = page.id)", *joined], [*values, *params]

    def get_select(self, *args: Any, **kwargs: Any) -> Any:
        select, *rest = super().get_select(*args, **kwargs)
        shown: list[Any] = [(None, (f"page.{name}", []), name) for name in ("place", *self.also)]
        return [*select, *shown], *rest


@dataclass(frozen=True)
class Found:
    """What a statement gave: revisions (of the document, and of all that the reader sees), how many, and the rows.

    ``count`` is ``None`` where the statement did not count; ``keys`` say where each row stands in the order, where
    that was asked.
    """

    document: str
    revision: str
    count: int | None
    rows: list[str]
    keys: list[str]


@dataclass
class Statement:
    """A statement compiled once and asked often; PostgreSQL plans it once, too.

    Attributes:
        sql: the SQL; on PostgreSQL with all values.
        params: its values, where they are not in the SQL.
        document: the revision of the document that it was compiled by: what filters name is resolved in it.
    """

    sql: str
    params: tuple[Any, ...] | None
    document: str
    name: str = field(default_factory=lambda: f"apta_{next(_numbers)}")
    asked: int = 0

    def ask(self) -> Found:
        """The page as it is now, in one statement."""
        self.asked += 1
        with connection.cursor() as cursor:
            cursor.execute(self._shortest(), self.params)
            head, *rows = cursor.fetchall()
        _, document, revision, count, _ = head
        return Found(document, revision, count, [row for *_, row in rows], [key for _, key, *_ in rows])

    def _shortest(self) -> str:
        """The statement itself or, from the second time on, the name by which this connection keeps it prepared.

        Where a pool of connections stands between (``DISABLE_SERVER_SIDE_CURSORS``), nothing can be prepared.
        """
        is_kept = connection.vendor == "postgresql" and not connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS")
        if self.asked < 2 or not is_kept:
            return self.sql
        connection.ensure_connection()
        with _lock:
            known = _prepared.setdefault(connection.connection, OrderedDict())
        if self.name in known:
            known.move_to_end(self.name)
            return f"EXECUTE {self.name}"
        known[self.name] = None
        forgotten = f"DEALLOCATE {known.popitem(last=False)[0]}; " if len(known) > MOST_PREPARED else ""
        return f"{forgotten}PREPARE {self.name} AS {self.sql}; EXECUTE {self.name}"


def statements_of(
    rows: Any, item: Any, *, document: str, scopes: tuple[str, ...], page: slice, key: Any = None
) -> tuple[Statement, Statement]:
    """The statements that give ``item``, which is JSON, of the rows on one page: one also counts all, one does not.

    Args:
        rows: which rows, and in which order.
        item: an expression of one row.
        document: the revision of the document, read before ``rows`` were made.
        scopes: what the reader sees writes of.
        key: an expression, a text, of where a row stands in the order; ``None`` where nobody asks.

    Raises:
        EmptyResultSet: there can be no such rows.
    """
    of_row = rows.model._default_manager.all()
    of_row = of_row.as_of(rows.moment) if getattr(rows, "moment", None) else of_row
    counted = rows.order_by().values("id").query.sql_with_params()
    also = () if key is None else (KEY,)
    keyed = rows if key is None else rows.annotate(**{KEY: key})
    chosen = keyed.values("id", *also)[page].query.sql_with_params()
    shown = of_row.order_by().annotate(item=item).values("item").query
    shown_sql, shown_params = _OnPage(shown, connection, DEFAULT_DB_ALIAS, chosen, also).as_sql()
    body = f"SELECT place, {KEY if also else 'NULL'}, NULL, NULL, CAST(item AS text) FROM ({shown_sql}) shown"

    def with_head(count: str, params: tuple[Any, ...]) -> Statement:
        """The statement whose first row tells the number of rows and their revision, before the rows of the page."""
        head = f"SELECT 0 AS place, {revision_sql(OF_DOCUMENT)}, {revision_sql(*scopes)}, {count}, NULL"
        return _statement(f"{head} UNION ALL {body} ORDER BY 1", (*params, *shown_params), document)

    return with_head(f"(SELECT COUNT(*) FROM ({counted[0]}) counted)", counted[1]), with_head("NULL", ())


def _statement(sql: str, params: tuple[Any, ...], document: str) -> Statement:
    if connection.vendor != "postgresql":
        return Statement(sql, params, document)
    # Only a statement without parameters is planned once and for all.
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        return Statement(cursor.mogrify(sql, params).decode(), None, document)
