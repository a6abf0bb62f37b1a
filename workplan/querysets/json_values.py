"""JSON that the database makes, by either engine, of values as Django asks for them.

The same text comes of it as the API's serializers write, but for spaces: texts and numbers as they are, days and times
as ISO 8601 has them, times in UTC.
"""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import BooleanField, CharField, DateTimeField, F, Func, JSONField, Subquery, TextField, Value
from django.db.models.fields import Field


class Json(Func):
    """A value that is JSON already."""

    output_field: Any = TextField()


class JsonObject(Json):
    """An object of expressions by name, in this order."""

    def __init__(self, **members: Any) -> None:
        self.names = tuple(members)
        super().__init__(*members.values())

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> Any:  # type: ignore[override]
        function = "json_build_object" if connection.vendor == "postgresql" else "json_object"
        values = [compiler.compile(expression) for expression in self.source_expressions]
        # As literals, because PostgreSQL needs to know the type of a name.
        members = (f"'{name}', {sql}" for name, (sql, _) in zip(self.names, values, strict=True))
        return f"{function}({', '.join(members)})", [param for _, params in values for param in params]


class JsonOrNull(Json):
    """The first expression, JSON, unless the second is null."""

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> Any:  # type: ignore[override]
        (value, values), (key, keys) = (compiler.compile(expression) for expression in self.source_expressions)
        sql = f"CASE WHEN {key} IS NULL THEN NULL ELSE {value} END"
        # SQLite forgets on the way through a CASE that a text is JSON.
        return f"json({sql})" if connection.vendor == "sqlite" else sql, [*keys, *values]


class JsonColumn(Json):
    """A column of JSON."""

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return compiler.compile(self.source_expressions[0])

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="json", **extra)


class JsonConstant(Json):
    """JSON that is the same for every row."""

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="CAST(%(expressions)s AS json)", **extra)

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="json", **extra)


class JsonTruth(Json):
    """A truth value, which SQLite stores as a number."""

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return compiler.compile(self.source_expressions[0])

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "json(CASE %(expressions)s WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)"
        return self.as_sql(compiler, connection, template=template, **extra)


class JsonTime(Json):
    """A moment in UTC, its fraction only where it has one."""

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = (
            "replace(to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), '.000000Z', 'Z')"
        )
        return self.as_sql(compiler, connection, template=template, **extra)

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="(replace(%(expressions)s, ' ', 'T') || 'Z')", **extra)


class JsonArray(Subquery):
    """An array of what the only column of a queryset, ``item``, gives, in the order of the queryset.

    Args:
        of_json: whether the items are JSON themselves, and not texts or numbers.
    """

    output_field: Any = TextField()

    def __init__(self, queryset: Any, *, of_json: bool) -> None:
        super().__init__(queryset)
        self.of_json = of_json

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> Any:  # type: ignore[override]
        item = "json(item)" if self.of_json else "item"
        of_sqlite = f"json((SELECT json_group_array({item}) FROM (%(subquery)s)))"
        is_sqlite = connection.vendor == "sqlite"
        template = of_sqlite if is_sqlite else "array_to_json(ARRAY(%(subquery)s))"
        try:
            return super().as_sql(compiler, connection, template=template, **extra)
        except EmptyResultSet:
            return ("json('[]')" if is_sqlite else "'[]'::json"), []


class JsonOfRow(Subquery):
    """The JSON in the only column of a queryset, of its only row; null where there is none."""

    output_field: Any = TextField()

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> Any:  # type: ignore[override]
        template = "json((%(subquery)s))" if connection.vendor == "sqlite" else "(%(subquery)s)"
        try:
            return super().as_sql(compiler, connection, template=template, **extra)
        except EmptyResultSet:
            return "NULL", []


def json_of_column(path: str, field: Field[Any, Any]) -> Any:
    """What a column of this kind is in JSON."""
    wrapped = {JSONField: JsonColumn, BooleanField: JsonTruth, DateTimeField: JsonTime}
    return next((wrap(F(path)) for kind, wrap in wrapped.items() if isinstance(field, kind)), F(path))


def text(value: str | None) -> Any:
    """A text, or null, that is the same for every row."""
    return Value(value, output_field=CharField())
