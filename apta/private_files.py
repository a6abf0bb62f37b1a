"""The files of an installation are for nobody but the account that apta runs under: reports are in them, and people."""

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

log = logging.getLogger(__name__)

# What SQLite puts next to the file of a database.
RESTRICTED_COLUMNS = ("", "-wal", "-shm", "-journal")


def protect_files() -> None:
    """Take from everybody else the files that are there already, such as those that an earlier version wrote.

    Evidence, collected static files, and the file of an SQLite database. The folder that ``APTA_DATA_DIR`` names is
    left as it is, because it may be a folder that others use as well.
    """
    for folder in (settings.MEDIA_ROOT, settings.STATIC_ROOT):
        for path in _in(Path(folder)):
            protect(path)
    for database in settings.DATABASES.values():
        if database["ENGINE"].endswith("sqlite3"):
            protect_database(database["NAME"])


def protect_database(name: str | Path) -> None:
    """Take from everybody else the file ``name`` of an SQLite database and what SQLite puts next to it."""
    for ending in RESTRICTED_COLUMNS:
        protect(Path(f"{name}{ending}"))


def protect_new_database(connection: Any, **_: Any) -> None:
    """When a connection is made: SQLite makes the file of a database for everybody to read."""
    if connection.vendor == "sqlite":
        protect_database(connection.settings_dict["NAME"])


def protect(path: Path) -> None:
    """Take ``path`` from everybody but its owner; what is not there, or no file of ours, is left alone."""
    try:
        mode = path.lstat().st_mode
        is_folder = stat.S_ISDIR(mode)
        wanted = settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS if is_folder else settings.FILE_UPLOAD_PERMISSIONS
        if (is_folder or stat.S_ISREG(mode)) and stat.S_IMODE(mode) & ~wanted:
            path.chmod(stat.S_IMODE(mode) & wanted)
    except FileNotFoundError:
        pass
    except OSError as problem:
        log.warning("Others may be able to read %s: %s", path, problem)


def _in(folder: Path) -> Iterator[Path]:
    """``folder`` and all that is in it; links are not followed."""
    yield folder
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            yield Path(place, name)
