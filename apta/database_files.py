"""Connections to the file of an SQLite database outlive a request, but not the file.

To connect costs more than most answers: SQLite reads the whole schema each time. A file that is put in the place of
another, as whoever restores a copy does, is another database, and nobody may go on writing to the one that was there.
"""

import os
from typing import Any

from django.db import connections


def remember_file(connection: Any, **_: Any) -> None:
    """When a connection is made."""
    if connection.vendor == "sqlite":
        connection.file_at_connect = _file_of(connection)


def leave_replaced_file(**_: Any) -> None:
    """When a request begins: close the connection to a file that is no longer there, or no longer the same."""
    connection: Any
    for connection in connections.all(initialized_only=True):
        is_open = connection.vendor == "sqlite" and connection.connection is not None
        if is_open and not connection.in_atomic_block and _file_of(connection) != connection.file_at_connect:
            connection.close()


def _file_of(connection: Any) -> tuple[int, int] | None:
    """Which file stands under the name of the database; ``None`` in memory, or where there is none."""
    try:
        found = os.stat(connection.settings_dict["NAME"])
    except OSError:
        return None
    return found.st_dev, found.st_ino
