"""The search indexes of SQLite, restored after a migration that made a searched table anew.

SQLite alters most columns by making the table anew, and loses the triggers that fill the indexes on the way. Django
does so as well when a field with a default is added. The SQL of the indexes is that of migration 0012.
"""

from importlib import import_module
from typing import Any

from django.db import connections, transaction

INDEX = import_module("workplan.migrations.0012_search_words")


def restore_search_indexes(using: str, **_: Any) -> None:
    """Write missing triggers again, and fill the indexes; called after each ``migrate``.

    Args:
        using: alias of the database.
    """
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'trigger')")
        there = dict(cursor.fetchall())
    missing = {f"{table}_search_{event}" for table in INDEX.SEARCHED for event in INDEX.EVENTS} - there.keys()
    # Before migration 0012 there is nothing to restore.
    if not missing or INDEX.TOKENIZER not in there.get("workplan_activity_stems", ""):
        return
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for statement in (*INDEX.sqlite_without_triggers(), *INDEX.sqlite_triggers(), *INDEX.sqlite_filling()):
            cursor.execute(statement)
