"""A connection to an SQLite file is kept from one request to the next, and left when another file takes its place."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.signals import request_started
from django.db import connections


def write(path: Path, word: str) -> None:
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE word (word text)")
        made.execute("INSERT INTO word VALUES (?)", [word])
    made.close()


@pytest.fixture
def other(tmp_path: Path, django_db_blocker: Any) -> Iterator[Any]:
    """A connection of Django's, among those of this thread, to a file of its own."""
    write(tmp_path / "one.sqlite3", "old")
    engine = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "one.sqlite3"), "OPTIONS": {}}
    connections.settings["other"] = connections["default"].settings_dict | engine
    with django_db_blocker.unblock():
        yield connections["other"]
        connections["other"].close()
    del connections["other"], connections.settings["other"]


def read(other: Any) -> str:
    request_started.send(None)
    with other.cursor() as cursor:
        cursor.execute("SELECT word FROM word")
        word: str = cursor.fetchone()[0]
    return word


def test_a_connection_is_kept_until_its_file_is_replaced(other: Any, tmp_path: Path) -> None:
    assert read(other) == "old"
    kept = other.connection
    assert (read(other), other.connection) == ("old", kept)

    write(tmp_path / "two.sqlite3", "new")
    (tmp_path / "two.sqlite3").rename(tmp_path / "one.sqlite3")
    assert read(other) == "new"
    assert other.connection is not kept
