"""Pages of a queryset that begin after a row instead of after a number of rows.

A page is asked for by the values of its order in the last row that was given (keyset paging). Whatever is added,
deleted or leaves the filter meanwhile, a row that is there throughout and whose own value in the order does not change
is given once. What many rows share in the order, their place in the document or a value of another record, may change
for all of them together, as where an activity is put in between; it is read anew from the last row.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import BooleanField, DateTimeField, F, Model, Q, Subquery, TextField, Value
from django.db.models.expressions import OrderBy
from django.db.models.functions import Cast, Coalesce

from workplan.querysets.json_values import JsonObject, JsonTime, JsonTruth

KEY = "key_of_row"
_PLACES = {"position"}


@dataclass(frozen=True)
class Term:
    """One part of an order.

    Attributes:
        expression: what is compared.
        descending: whether the largest comes first. What is null comes last either way.
        nullable: whether it can be null.
        shared: the path of columns, where the value changes for many rows together; else empty.
    """

    expression: Any
    descending: bool
    nullable: bool
    shared: str = ""


class Keyset:
    """The rows of a queryset in its order, made complete by the key where it is not.

    Args:
        rows: a queryset that is not sliced.
    """

    def __init__(self, rows: Any) -> None:
        self.model: type[Model] = rows.model
        self.terms = _terms(rows)
        self.names = [f"order_{place}" for place in range(len(self.terms))]
        pairs = list(zip(self.names, self.terms, strict=True))
        aliased = rows.alias(**{name: term.expression for name, term in pairs})
        order = [
            OrderBy(F(name), descending=term.descending, nulls_last=True if term.nullable else None)
            for name, term in pairs
        ]
        self.fields = [aliased.query.annotations[name].output_field for name in self.names]
        self.rows = aliased.order_by(*order)

    @property
    def signature(self) -> str:
        """What distinguishes this order from another one of the same rows."""
        return repr([(str(term.expression), term.descending) for term in self.terms])

    @cached_property
    def key(self) -> Any:
        """An expression: the key of a row and its values in the order, as a text for ``after``."""
        wraps = {BooleanField: JsonTruth, DateTimeField: JsonTime}
        values = {
            name: next((wrap(F(name)) for kind, wrap in wraps.items() if isinstance(field, kind)), F(name))
            for name, field in zip(self.names, self.fields, strict=True)
        }
        return Cast(JsonObject(**values), TextField())

    def values_in(self, key: str, before: str = "") -> list[Any]:
        """The values in what ``key`` gave of a row, for ``after``; the last but one is the key of the row.

        Args:
            before: what ``key`` gave of the row before, which stands in for this one where it is deleted.
        """
        values, others = self._values(key), self._values(before) if before else []
        own = [place for place, term in enumerate(self.terms[:-1]) if not term.shared]
        stands_in = bool(others) and all(values[place] == others[place] for place in own)
        return [*values, others[-1] if stands_in else None]

    def _values(self, key: str) -> list[Any]:
        found = json.loads(key)
        return [found[name] for name in self.names]

    def after(self, values: Sequence[Any]) -> Any:
        """The rows after the one that had ``values``, as ``values_in`` gave them, in their order.

        Raises:
            ValueError: these are no values of this order.
        """
        try:
            known = [field.to_python(value) for field, value in zip(self.fields, values[:-1], strict=True)]
            stand_in = self.fields[-1].to_python(values[-1])
        except (ValidationError, IndexError) as problem:
            raise ValueError("no values of this order") from problem
        anchors = [known[-1], stand_in] if stand_in is not None else [known[-1]]
        beyond = Q()
        for name, term, field, value in reversed(list(zip(self.names, self.terms, self.fields, known, strict=True))):
            beyond = _beyond(name, term, self._now(term, field, value, anchors), beyond)
        return self.rows.filter(beyond)

    def _now(self, term: Term, field: Any, value: Any, anchors: Sequence[Any]) -> Any:
        """What the first of ``anchors`` that there still is has in this term now; ``value`` where there is none."""
        is_key = term is self.terms[-1]
        if value is None or not (term.shared or (is_key and len(anchors) > 1 and self.is_shared)):
            return value
        column = term.shared or "pk"
        there = [self.model._base_manager.filter(pk=pk).order_by().values(column) for pk in anchors]
        found = [Subquery(one[:1]) for one in there]
        return Coalesce(*found, Value(value, output_field=field), output_field=field)

    @property
    def is_shared(self) -> bool:
        """Whether there is anything in this order that changes for many rows together."""
        return any(term.shared for term in self.terms)


def _beyond(name: str, term: Term, value: Any, rest: Q) -> Q:
    """What comes after ``value`` in this term, and among its equals what ``rest`` says: a comparison of rows.

    The bound in front says nothing new; an index can be searched by it.
    """
    if value is None:
        return Q(**{f"{name}__isnull": True}) & rest
    way = "lt" if term.descending else "gt"
    farther, bound = Q(**{f"{name}__{way}": value}), Q(**{f"{name}__{way}e": value})
    if term.nullable:
        is_null = Q(**{f"{name}__isnull": True})
        farther, bound = farther | is_null, bound | is_null
    return bound & (farther | rest) if rest else farther


def _terms(rows: Any) -> list[Term]:
    query = rows.query
    order = query.order_by or (rows.model._meta.ordering if query.default_ordering else ())
    found: dict[str, Term] = {}
    for one in order:
        for term in _expanded(one, rows.model):
            # A column that is named again decides nothing any more.
            found.setdefault(str(term.expression), term)
    key = str(F(rows.model._meta.pk.name))
    if key in found:
        place = list(found).index(key)
        return list(found.values())[: place + 1]
    return [*found.values(), Term(F(rows.model._meta.pk.name), descending=False, nullable=False)]


def _expanded(one: Any, model: type[Model], turned: bool = False) -> Iterator[Term]:
    """The terms of one part of an ordering; a relation stands for the order of the records that it leads to."""
    if not isinstance(one, str):
        ordered = one if isinstance(one, OrderBy) else OrderBy(one)
        inner: Any = ordered.expression
        is_column = isinstance(inner, F)
        yield _of_column(inner.name, model, ordered.descending) if is_column else Term(inner, ordered.descending, True)
        return
    path, descending = one.removeprefix("-"), one.startswith("-") != turned
    field = _field(model, path)
    if field is None or not field.is_relation or path.rpartition("__")[2] == field.attname:
        yield _of_column(path, model, descending)
        return
    for further in field.related_model._meta.ordering or ["pk"]:
        sign = "-" if further.startswith("-") else ""
        yield from _expanded(f"{sign}{path}__{further.removeprefix('-')}", model, descending)


def _of_column(path: str, model: type[Model], descending: bool) -> Term:
    path = str(model._meta.pk.name) if path == "pk" else path  # type: ignore[union-attr]
    field = _field(model, path)
    if field is None:
        return Term(F(path), descending, nullable=True)  # an annotation
    is_shared = "__" in path or path in _PLACES
    return Term(F(path), descending, _is_nullable(model, path), path if is_shared else "")


def _fields(model: type[Model], path: str) -> Iterator[Any]:
    at: Any = model
    for part in path.split("__"):
        field = at._meta.pk if part == "pk" else at._meta.get_field(part)
        yield field
        at = field.related_model


def _field(model: type[Model], path: str) -> Any:
    """The field at the end of ``path``; ``None`` where it is no path of columns."""
    try:
        return list(_fields(model, path))[-1]
    except (FieldDoesNotExist, AttributeError):
        return None


def _is_nullable(model: type[Model], path: str) -> bool:
    return any(field.null for field in _fields(model, path))
