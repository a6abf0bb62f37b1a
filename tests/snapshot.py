"""The database as the tests find it, kept aside, and put back after a test that has committed.

Most tests are rolled back. Those that need transactions of their own (races, a running server) leave rows behind;
Django would empty every table after them, and the plan would have to be loaded again. Copying it back takes
milliseconds instead.
"""

import sqlite3
from typing import Any, Protocol

from django.db import connection

# Beside the tables of the tests, in the same database.
KEPT = "kept_for_tests"


class Snapshot(Protocol):
    def restore(self) -> None: ...


class SQLiteSnapshot:
    """The whole file, search index, sequences and triggers included, copied into memory page by page."""

    def __init__(self) -> None:
        self._copy = sqlite3.connect(":memory:")
        connection.ensure_connection()
        connection.connection.backup(self._copy)

    def restore(self) -> None:
        connection.ensure_connection()
        self._copy.backup(connection.connection)


class PostgresSnapshot:
    """A copy of each table in a schema of its own, and where its sequences stood.

    It is put back with triggers at rest: those that keep reports and the audit trail for ever would refuse to
    delete, and those that keep the search in step need not run, because their tables are copied like all others.
    """

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {KEPT} CASCADE")
            cursor.execute(f"CREATE SCHEMA {KEPT}")
            statements = ["SET LOCAL session_replication_role = replica"]
            for table, columns in _tables(cursor):
                cursor.execute(f"CREATE TABLE {KEPT}.{table} AS SELECT {columns} FROM public.{table}")
                statements.append(f"DELETE FROM public.{table}")
                statements.append(f"INSERT INTO public.{table} ({columns}) SELECT {columns} FROM {KEPT}.{table}")
            cursor.execute("SELECT schemaname, sequencename FROM pg_sequences WHERE schemaname = 'public'")
            for schema, name in cursor.fetchall():
                sequence = f'{schema}."{name}"'
                cursor.execute(f"SELECT last_value, is_called FROM {sequence}")
                value, is_called = cursor.fetchone()
                statements.append(f"SELECT setval('{sequence}', {value}, {is_called})")
        self._statements = ";\n".join(["BEGIN", *statements, "COMMIT"])

    def restore(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(self._statements)


def _tables(cursor: Any) -> list[tuple[str, str]]:
    """Every table with its columns, but for columns that PostgreSQL computes itself."""
    cursor.execute(
        """
        SELECT quote_ident(relname), string_agg(quote_ident(attname), ', ' ORDER BY attnum)
        FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
          AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
        GROUP BY relname ORDER BY relname
        """
    )
    return [(table, columns) for table, columns in cursor.fetchall()]


def may_be_taken() -> bool:
    """Whether the tests may put a snapshot back: on PostgreSQL triggers rest for a superuser only."""
    if connection.vendor == "sqlite":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SHOW is_superuser")
        return bool(cursor.fetchone()[0] == "on")


def take() -> Snapshot:
    return SQLiteSnapshot() if connection.vendor == "sqlite" else PostgresSnapshot()
