"""Lists that the database writes: one statement for a page, one to find that nothing has changed.

What a reader is answered depends on the address, on who they are, on the day (whether a report is due) and on the
revision. The first three name a statement that is compiled once; with the revision they make the entity tag, so that
an answer that is still right is recognised without being made. ``docs/decisions/0017-the-database-writes-lists.md``
says why.
"""

import hashlib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from django.core.exceptions import EmptyResultSet
from django.http import HttpResponse
from django.utils.http import parse_etags, quote_etag

from apta import __version__
from apta.addresses import origin
from workplan import permissions
from workplan.api.base import Records
from workplan.api.cursors import is_asked
from workplan.api.filtering import FORMAT, PAGING, filterset_of
from workplan.api.in_database import Place, Reading, json_of
from workplan.api.pagination import Pagination, rows_after
from workplan.api.renderers import to_json
from workplan.querysets.days import secretariat_day
from workplan.querysets.json_rows import Found, Statement, statements_of
from workplan.querysets.keyset import Keyset
from workplan.querysets.lately import MOST_KEPT, Lately
from workplan.querysets.revisions import revision_of, scopes_of
from workplan.rules import OF_DOCUMENT

# Each some ten thousand characters of SQL.
MOST_STATEMENTS = 200
# What does not change which rows there are.
UNCOUNTED = (*PAGING, "ordering", FORMAT)
# How often a list is compiled again where the document changes meanwhile.
MOST_TRIES = 3


@dataclass(frozen=True)
class Compiled:
    """A page of a list: its statements, and what Python still does to its rows.

    Attributes:
        counting: also counts the rows of all pages.
        statement: does not.
        keyset: the order of the rows, where the page begins after one of them.
    """

    counting: Statement
    statement: Statement
    reading: Reading
    limit: int
    offset: int
    keyset: Keyset | None = None

    def rows_of(self, found: Found) -> bytes:
        """The rows as one array."""
        late, texts = self.reading.late, found.rows[: self.limit]
        if not late:
            return f"[{','.join(texts)}]".encode()
        rows = [orjson.loads(row) for row in texts]
        for row in rows:
            row.update((name, make(row[name])) for name, make in late.items())
        return to_json(rows)


_statements: Lately[Compiled] = Lately(MOST_STATEMENTS)
# How many rows there were at a revision.
_counts: Lately[tuple[str, int]] = Lately(MOST_STATEMENTS)
_answers: Lately[tuple[str, bytes, dict[str, str]]] = Lately(MOST_KEPT)


def forget_answers() -> None:
    """Keep no bytes of what was answered; for measuring."""
    _answers.clear()


class WrittenByDatabase(Records):
    """Records whose list the database writes, in the words of their serializer."""

    def rows_to_read(self) -> Any:
        """The rows that the reader may read, in their order, with nothing fetched yet."""
        raise NotImplementedError

    def is_written_by_database(self) -> bool:
        """Whether it is for this reader."""
        return True

    def list(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        others = set(request.query_params) - {*self.filterset_class.base_filters, *PAGING, FORMAT}
        if others or not self.is_written_by_database():
            return super().list(request, *args, **kwargs)
        asked, scopes = self._asked(), scopes_of(request.user)
        if self.form != "json":
            # Weak, because the bytes of a workbook differ each time. The revision is asked for before the rows are.
            tag = f"W/{self._tag((*asked, self.form), revision_of(*scopes))}"
            response = super().list(request, *args, **kwargs)
            response["ETag"] = tag
            return response
        is_public = not request.user.is_authenticated
        kept = _answers.get(asked) if is_public else None
        named = parse_etags(request.headers.get("If-None-Match", ""))
        revision = None
        if kept or named:
            revision = revision_of(*scopes)
            tag = self._tag(asked, revision)
            if tag in named:
                return self._answer(b"", tag)
            if kept and kept[0] == revision:
                return self._answer(kept[1], tag, kept[2])
        try:
            read = self._found(asked, scopes, revision)
        except EmptyResultSet:
            read = None
        if read is None:
            return super().list(request, *args, **kwargs)
        compiled, found = read
        content, headers = self._content(compiled, found)
        if is_public:
            _answers.put(asked, (found.revision, content, headers), len(content))
        return self._answer(content, self._tag(asked, found.revision), headers)

    def _asked(self) -> tuple[Hashable, ...]:
        """What the answer depends on, besides the revision."""
        request = self.request
        user = request.user
        reader: tuple[Any, ...] = ()
        if user.is_authenticated:
            reader = user.pk, permissions.is_secretariat(user), tuple(body.pk for body in permissions.bodies_of(user))
            if grant := permissions.grant_of(user):
                reader = (*reader, *sorted(grant.scopes))
        address = request.path, request.META.get("QUERY_STRING", "")
        return *address, reader, origin(request), secretariat_day(), __version__

    def _tag(self, asked: tuple[Hashable, ...], revision: str) -> str:
        return quote_etag(hashlib.sha256(repr((asked, revision)).encode()).hexdigest()[:24])

    def _answer(self, content: bytes, tag: str, headers: Mapping[str, str] | None = None) -> HttpResponse:
        return HttpResponse(content, content_type="application/json", headers={"ETag": tag, **(headers or {})})

    def _found(
        self, asked: tuple[Hashable, ...], scopes: tuple[str, ...], revision: str | None
    ) -> tuple[Compiled, Found] | None:
        """The page, by a statement in which what the filters name is as the document has it now.

        ``None`` where the document changes faster than it can be compiled.
        """
        compiled = _statements.get(asked)
        for _ in range(MOST_TRIES):
            compiled = compiled or self._compiled(scopes)
            found = self._page(compiled, asked, revision)
            if found.document == compiled.statement.document:
                _statements.put(asked, compiled)
                return compiled, found
            compiled = None
        return None

    def _page(self, compiled: Compiled, asked: tuple[Hashable, ...], revision: str | None) -> Found:
        """The page with the number of all rows, which are only counted where something has changed.

        Args:
            revision: what it was a moment ago; ``None`` where that was not asked.
        """
        params = self.request.query_params
        if compiled.keyset:
            return compiled.statement.ask()
        narrowed = ((name, *params.getlist(name)) for name in sorted(params) if name not in UNCOUNTED)
        same_rows = asked[0], *asked[2:], *narrowed
        known = _counts.get(same_rows)
        if known and revision not in (None, known[0]):
            known = None
        found = (compiled.statement if known else compiled.counting).ask()
        if known and found.revision == known[0]:
            return replace(found, count=known[1])
        found = compiled.counting.ask() if known else found
        _counts.put(same_rows, (found.revision, found.count or 0))
        return found

    def _compiled(self, scopes: tuple[str, ...]) -> Compiled:
        document = revision_of(OF_DOCUMENT)
        paginator: Any = self.paginator
        limit, keyset, key = paginator.get_limit(self.request), None, None
        rows = filterset_of(self.request, self.rows_to_read(), self.filterset_class, PAGING).qs
        if is_asked(self.request):
            keyset = Keyset(rows)
            # One more than the page holds says whether there is another one.
            rows, key, page = rows_after(keyset, self.request), keyset.key, slice(limit + 1)
        else:
            offset = paginator.get_offset(self.request)
            page = slice(offset, offset + limit)
        serializer: Any = self.get_serializer()
        reading = Reading(serializer.context, rows)
        item = json_of(serializer, Place(reading, rows.model))
        counting, statement = statements_of(rows, item, document=document, scopes=scopes, page=page, key=key)
        return Compiled(counting, statement, reading, limit, page.start or 0, keyset)

    def _content(self, compiled: Compiled, found: Found) -> tuple[bytes, dict[str, str]]:
        """The answer, and its headers."""
        pages = Pagination()
        if compiled.keyset:
            pages.note_page(self.request, compiled.keyset, compiled.limit, found.keys)
        else:
            pages.request, pages.count = self.request, found.count
            pages.limit, pages.offset = compiled.limit, compiled.offset
        head = {"count": found.count, "next": pages.get_next_link(), "previous": pages.get_previous_link()}
        return to_json(head)[:-1] + b',"results":' + compiled.rows_of(found) + b"}", pages.headers
