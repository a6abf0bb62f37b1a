"""Rows as JSON that the database makes, read off the serializers: each field stays declared there and nowhere else.

A field of a column needs nothing more: its name and its source say what is read. A field that is computed in Python
says in ``IN_DATABASE`` of its serializer, or in a method ``in_database`` of its class, what the database computes.
``tests/api/test_in_database.py`` holds that both ways give the same, row by row and reader by reader.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, CharField, F, Model, OuterRef, Q, TextField, Value, When
from django.db.models.functions import Cast, Coalesce, Concat, NullIf
from django.urls import reverse
from rest_framework import serializers

from workplan import permissions
from workplan.querysets.json_values import (
    JsonArray,
    JsonObject,
    JsonOfRow,
    JsonOrNull,
    json_of_column,
    text,
)
from workplan.rules import Vocabulary

# What stands for a column in an address that is made once for all rows.
IN_ADDRESS = {"pk": 999_999_999, "code": "code-of-a-plan", "ref": "Z.9999.9999"}


@dataclass
class Reading:
    """For whom rows are read, and what is known before they are.

    Attributes:
        context: what the serializers are given: the request, its reader, and where they may report.
        rows: the queryset that the rows come from: as of which moment, and for whom.
        late: what Python makes of a member of each row once it is read, by name.
    """

    context: dict[str, Any]
    rows: Any
    late: dict[str, Callable[[Any], Any]] = field(default_factory=dict)

    @property
    def user(self) -> Any:
        return self.context["request"].user

    def address(self, name: str, *keys: str) -> Any:
        """The absolute address of a route whose arguments are columns, which are safe in an address."""
        stand_ins = [IN_ADDRESS[key.rpartition("__")[2]] for key in keys]
        rest = self.context["addresses"].origin + reverse(name, args=stand_ins)
        parts: list[Any] = []
        for stand_in, key in zip(stand_ins, keys, strict=True):
            before, _, rest = rest.partition(str(stand_in))
            parts += [text(before), Cast(F(key), TextField())]
        return Concat(*parts, text(rest), output_field=TextField())


@dataclass(frozen=True)
class Place:
    """Where a member stands: the record that it is of, and how that is reached from the row.

    Attributes:
        path: the relations on the way, each with ``__`` behind it.
    """

    reading: Reading
    model: type[Model]
    path: str = ""

    def column(self, name: str) -> str:
        """The column ``name`` of the record; of the row itself, as of the moment that it is seen at."""
        is_row = not self.path and self.model is self.reading.rows.model
        as_seen = getattr(self.reading.rows, "column", None)
        return as_seen(name) if is_row and as_seen else self.path + name


def json_of(serializer: serializers.Serializer[Any], place: Place) -> JsonObject:
    """What ``serializer`` writes of the record at ``place``."""
    return JsonObject(**{name: _member(serializer, name, one, place) for name, one in serializer.fields.items()})


def _member(serializer: Any, name: str, one: Any, place: Place) -> Any:
    computed = getattr(serializer, "IN_DATABASE", {}).get(name) or getattr(one, "in_database", None)
    if computed:
        return computed(place)
    if isinstance(one, serializers.ListSerializer):
        return _array(one, place)
    if isinstance(one, serializers.BaseSerializer):
        return _object(one, place)
    model: Any = place.model
    *relations, last = one.source_attrs
    for relation in relations:
        model = model._meta.get_field(relation).related_model
    return json_of_column(place.column("__".join(one.source_attrs)), model._meta.get_field(last))


def _object(one: Any, place: Place) -> Any:
    """The record that a relation leads to."""
    model: Any = place.model
    for relation in one.source_attrs:
        model = model._meta.get_field(relation).related_model
    path = place.path + "__".join(one.source_attrs)
    key = place.column(f"{path}_id")
    if key != f"{path}_id":
        # As of a moment another record stands there than the relation says.
        found = model.objects.filter(pk=OuterRef(key))
        return JsonOfRow(_items(found, json_of(one, Place(place.reading, model))))
    inner = json_of(one, Place(place.reading, model, f"{path}__"))
    return JsonOrNull(inner, F(f"{path}__pk")) if one.allow_null else inner


def _array(one: Any, place: Place) -> Any:
    """The records of a relation to many, in their own order."""
    relation: Any = place.model._meta.get_field(one.source)
    found = relation.related_model._default_manager.filter(**{relation.field.name: OuterRef(f"{place.path}pk")})
    order = [name for name in relation.related_model._meta.ordering if name != relation.field.name]
    inner = json_of(one.child, Place(place.reading, relation.related_model))
    return JsonArray(_items(found.order_by(*order), inner), of_json=True)


def _items(rows: Any, item: Any) -> Any:
    return rows.annotate(item=item).values("item")


def items(rows: Any, item: Any, *, of_json: bool) -> JsonArray:
    """``item`` of each of ``rows``, as an array."""
    return JsonArray(_items(rows, item), of_json=of_json)


def label_of(vocabulary: Vocabulary, name: str) -> Callable[[Place], Any]:
    """The label of the term in a column; null where there is none."""

    def computed(place: Place) -> Any:
        column = place.column(name)
        known = (When(Q(**{column: term.value}), then=Value(term.label)) for term in vocabulary)
        return Case(*known, default=None, output_field=CharField())

    return computed


def name_of_person(place: Place, name: str) -> Any:
    """The name of a person, for readers who may see names."""
    return NullIf(F(place.path + name), Value("")) if permissions.can_see_names(place.reading.user) else text(None)


def acronym_or(default: str) -> Callable[[Place], Any]:
    """The acronym of the body that a record is of, or what stands there for none."""
    return lambda place: Coalesce(F(f"{place.path}body__acronym"), Value(default), output_field=CharField())
