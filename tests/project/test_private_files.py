"""The files of an installation are for nobody but the account that apta runs under."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db.backends.sqlite3.base import DatabaseWrapper

from apta.environment import read_folder
from apta.private_files import protect_files
from workplan.models.reporting import evidence_path


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    """A server whose new files everybody may read."""
    former = os.umask(0o022)
    yield
    os.umask(former)


def mode(path: Path | str) -> int:
    return stat.S_IMODE(Path(path).stat().st_mode)


def database(path: Path) -> DatabaseWrapper:
    """A connection to the SQLite file ``path``, made as that of an installation is."""
    options = {"init_command": "PRAGMA journal_mode=WAL;"}
    settings = {"NAME": path, "OPTIONS": options, "ENGINE": "django.db.backends.sqlite3", "TIME_ZONE": None}
    more = {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False, "AUTOCOMMIT": True, "ATOMIC_REQUESTS": False, "TEST": {}}
    return DatabaseWrapper(settings | more, alias="private")


def write(connection: DatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS report (words text)")
        cursor.execute("INSERT INTO report VALUES ('nobody else’s')")


def files_of(path: Path) -> dict[str, int]:
    return {one.name: mode(one) for one in path.parent.glob(f"{path.name}*")}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "apta.sqlite3"


@pytest.mark.django_db
def test_a_new_database_is_for_nobody_else(file: Path) -> None:
    connection = database(file)
    try:
        write(connection)
        assert set(files_of(file).values()) == {0o600} and len(files_of(file)) == 3
    finally:
        connection.close()


@pytest.mark.django_db
def test_a_database_of_an_earlier_version_is_taken_from_everybody_else(file: Path) -> None:
    earlier = sqlite3.connect(file, isolation_level=None)
    earlier.execute("PRAGMA journal_mode=WAL")
    earlier.execute("CREATE TABLE report (words text)")
    assert set(files_of(file).values()) == {0o644} and len(files_of(file)) == 3

    connection = database(file)
    try:
        write(connection)
        assert set(files_of(file).values()) == {0o600} and len(files_of(file)) == 3
    finally:
        connection.close()
        earlier.close()


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.STATIC_ROOT = tmp_path / "static"
    return tmp_path


def test_evidence_is_for_nobody_else(folder: Path) -> None:
    large = TemporaryUploadedFile("minutes.pdf", "application/pdf", 5, None)
    large.write(b"large")
    for content in (ContentFile(b"small"), large):
        name = default_storage.save(evidence_path(None, "minutes.pdf"), content)  # type: ignore[arg-type]
        assert mode(folder / "files" / name) == 0o600
        for above in (folder / "files" / name).parents:
            if above.is_relative_to(folder / "files"):
                assert mode(above) == 0o700
    large.close()


def test_collected_static_files_are_for_nobody_else(folder: Path) -> None:
    name = StaticFilesStorage().save("workplan/apta.css", ContentFile(b"a {}"))

    assert (mode(folder / "static" / name), mode(folder / "static/workplan")) == (0o600, 0o700)


def test_files_of_an_earlier_version_are_taken_from_everybody_else(folder: Path, settings: Any) -> None:
    others = folder / "others.txt"
    others.write_text("not apta's")
    old = [folder / name for name in ("files/2026/ab/x.pdf", "static/workplan/apta.css")]
    for path in old:
        path.parent.mkdir(parents=True)
        path.write_text("old")
    (folder / "files/link").symlink_to(others)
    before = mode(folder)

    protect_files()
    protect_files()

    for path in old:
        assert mode(path) == 0o600
        assert {mode(above) for above in path.parents if folder in above.parents} == {0o700}
    assert mode(others) == 0o644, "What a link leads to is not ours."
    assert mode(folder) == before, "The folder may be one that others use."


def test_what_cannot_be_protected_is_told_and_does_not_stop_the_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "files").mkdir()

    def refuse(*_: Any) -> None:
        raise PermissionError("not the owner")

    monkeypatch.setattr(Path, "chmod", refuse)
    protect_files()

    assert "Others may be able to read" in caplog.text and str(folder / "files") in caplog.text


def test_a_new_data_folder_is_for_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APTA_DATA_DIR", str(tmp_path / "new"))

    assert read_folder("APTA_DATA_DIR", tmp_path, "static") == tmp_path / "new"
    assert mode(tmp_path / "new") == mode(tmp_path / "new/static") == 0o700
