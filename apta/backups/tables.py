"""The tables as a backup has them: rows as lines of JSON, and digests that are the same on every database."""

import base64
import datetime
import decimal
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

import orjson
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.migrations.loader import MigrationLoader

from apta.backups import BackupProblem

# Sessions would let the holder of a backup act as whoever was signed in; people sign in anew after a restore.
# Revisions are numbers that never come back, so that nobody takes what a restore has changed for what they have kept.
LEFT_OUT = frozenset({"sessions.session", "workplan.revision"})
CHUNK = 2_000
BATCH = 500

Model = type[models.Model]


def applied_migrations() -> list[tuple[str, str]]:
    """What has been applied to this database, of the migrations that this version has.

    Raises:
        BackupProblem: a newer version has been at work on the database.
    """
    loader = MigrationLoader(connection)
    applied = sorted(loader.applied_migrations)
    there = loader.disk_migrations or {}
    unknown = [f"{app}.{name}" for app, name in applied if app in loader.migrated_apps and (app, name) not in there]
    if unknown:
        raise BackupProblem(
            f"The database has migrations that this version of apta does not know ({', '.join(unknown[:3])}). "
            "Use the version that made them."
        )
    return [key for key in applied if key in loader.graph.nodes]


def models_at(applied: Sequence[tuple[str, str]]) -> list[Model]:
    """The models of the tables that a database has after the migrations ``applied``, in the order of their labels."""
    apps = MigrationLoader(connection).project_state(list(applied)).apps
    found = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and not model._meta.swapped
        if model._meta.label_lower not in LEFT_OUT
    ]
    return sorted(found, key=lambda model: model._meta.label_lower)


@contextmanager
def snapshot() -> Iterator[None]:
    """Read everything as it was at one moment, while others go on writing.

    Raises:
        TransactionManagementError: a transaction is under way.
    """
    if connection.vendor == "postgresql":
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
        return
    # Deferred, unlike the transactions of Django here: it takes no lock, and WAL keeps what it reads as it was.
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def columns_of(model: Model) -> list[models.Field[Any, Any]]:
    """The fields whose values are kept: all that have a column, but for those that the database computes."""
    return [field for field in model._meta.concrete_fields if not getattr(field, "generated", False)]


def rows_of(model: Model) -> Iterator[tuple[Any, ...]]:
    """The rows of a table by their keys."""
    names = [field.attname for field in columns_of(model)]
    return model._base_manager.order_by("pk").values_list(*names).iterator(chunk_size=CHUNK)


class Digest:
    """SHA-256 over rows, in which the order of the names within a JSON value does not count."""

    def __init__(self) -> None:
        self.rows = 0
        self._sha256 = hashlib.sha256()

    def add(self, row: Sequence[Any]) -> None:
        self.rows += 1
        self._sha256.update(orjson.dumps(row, _plain, orjson.OPT_SORT_KEYS) + b"\n")

    def stated(self) -> dict[str, Any]:
        return {"rows": self.rows, "sha256": self._sha256.hexdigest()}


def digest_of(model: Model) -> dict[str, Any]:
    """Number and digest of the rows of a table, as the manifest states them."""
    digest = Digest()
    for row in rows_of(model):
        digest.add(row)
    return digest.stated()


def write_rows(model: Model, file: IO[bytes]) -> dict[str, Any]:
    """Write the rows of a table as lines of JSON; what the manifest states of it."""
    digest = Digest()
    for row in rows_of(model):
        digest.add(row)
        file.write(orjson.dumps(row, _plain) + b"\n")
    return {**digest.stated(), "fields": [field.attname for field in columns_of(model)]}


def read_rows(model: Model, file: Iterable[bytes], names: Sequence[str]) -> int:
    """Put rows that ``write_rows`` wrote into the empty table of ``model``; how many."""
    fields = {field.attname: field for field in columns_of(model)}
    if list(fields) != list(names):
        raise BackupProblem(f"The table {model._meta.db_table} has other columns than the backup of it.")
    columns = list(fields.values())
    most = max(1, min(BATCH, connection.ops.bulk_batch_size(columns, [None] * BATCH)))
    batch: list[models.Model] = []
    total = 0
    for line in file:
        values = zip(columns, orjson.loads(line), strict=True)
        batch.append(model(**{field.attname: _value(field, value) for field, value in values}))
        if len(batch) == most:
            total += _insert(model, batch, columns)
    return total + _insert(model, batch, columns)


def _insert(model: Model, batch: list[models.Model], columns: list[models.Field[Any, Any]]) -> int:
    # Raw, as Django loads fixtures: no field may put the present time in place of what was kept.
    if batch:
        model._base_manager._insert(batch, fields=columns, using=connection.alias, raw=True)  # type: ignore[attr-defined]
    number = len(batch)
    batch.clear()
    return number


def _plain(value: Any) -> Any:
    """What JSON has no notion of, in the way that the field reads it again."""
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode("ascii")
    if isinstance(value, decimal.Decimal | datetime.timedelta):
        return str(value)
    raise TypeError(f"{type(value)} is no value of a field")


def _value(field: models.Field[Any, Any], value: Any) -> Any:
    return value if value is None or isinstance(field, models.JSONField) else field.to_python(value)


def empty(tables: Sequence[Model]) -> None:
    """Take out the rows that an installation has from its beginning, such as content types and permissions."""
    for model in tables:
        model._base_manager.all()._raw_delete(connection.alias)  # type: ignore[attr-defined]


# The next keys. A key that is given out a second time would put the audit entries of one record to another one.


def last_keys(tables: Sequence[Model]) -> dict[str, int]:
    """The last key that each table has given out, by the name of the table; deleted rows count."""
    found = {}
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, seq FROM sqlite_sequence")
            given = dict(cursor.fetchall())
            return {model._meta.db_table: given[model._meta.db_table] for model in tables if _given(model, given)}
        for model in tables:
            column = model._meta.pk.column
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{model._meta.db_table}"', column])
            (sequence,) = cursor.fetchone()
            if sequence:
                cursor.execute("SELECT pg_sequence_last_value(%s::regclass)", [sequence])
                (value,) = cursor.fetchone()
                if value is not None:
                    found[model._meta.db_table] = value
    return found


def _given(model: Model, given: dict[str, int]) -> bool:
    return given.get(model._meta.db_table, 0) > 0


def set_last_keys(tables: Sequence[Model], last: dict[str, int]) -> None:
    """Go on behind the keys that were given out: those of ``last``, and those of the rows that are there."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(tables)):
            cursor.execute(statement)
        for model in tables:
            table = model._meta.db_table
            if table not in last:
                continue
            if connection.vendor == "sqlite":
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last[table]])
            else:
                column = model._meta.pk.column
                cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{table}"', column])
                (sequence,) = cursor.fetchone()
                if sequence:
                    cursor.execute("SELECT setval(%s::regclass, %s)", [sequence, last[table]])
