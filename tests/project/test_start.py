"""A server that lacks something does not start, and says what to do. One that runs writes a line for each event."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from apta import start

ROOT = Path(__file__).resolve().parents[2]
KEY = "aB3-xY9_" * 10
ENOUGH = 600.0  # seconds: only what hangs for ever is to fail by it
GUNICORN = (sys.executable, "-m", "gunicorn", "apta.wsgi", "--workers", "1", "--threads", "1")
LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ [\w.]+ \[[^\]]+\] .+|\[?\d{4}-\d\d-\d\d .*\] .+")


def environment(folder: Path, **values: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("APTA_", "DATABASE_", "DJANGO_"))}
    return kept | {"APTA_SECRET_KEY": KEY, "APTA_DATA_DIR": str(folder), "APTA_HTTPS": "0"} | values


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=ENOUGH)


def manage(folder: Path, *arguments: str, **values: str) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "manage.py", *arguments, **environment(folder, **values))


def collect(folder: Path) -> None:
    """What ``collectstatic`` does, without a minute of compressing."""
    static = folder / "static"
    names = [name for finder in finders.get_finders() for name, _ in finder.list([])]
    for name in names:
        (static / name).parent.mkdir(parents=True, exist_ok=True)
        (static / name).symlink_to(finders.find(name))  # type: ignore[arg-type]
    paths = ", ".join(f'"{name}": "{name}"' for name in names)
    (static / "staticfiles.json").write_text(f'{{"version": "1.1", "hash": "", "paths": {{{paths}}}}}')


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of an installation that may start. Of its tables only the one that a start reads is there."""
    folder = tmp_path_factory.mktemp("installation")
    database = sqlite3.connect(folder / "apta.sqlite3")
    database.execute("CREATE TABLE django_migrations (id integer PRIMARY KEY, app text, name text, applied text)")
    applied = [(*key, "2026-11-24") for key in MigrationLoader(None).disk_migrations]
    database.executemany("INSERT INTO django_migrations (app, name, applied) VALUES (?, ?, ?)", applied)
    database.commit()
    database.close()
    collect(folder)
    return folder


@contextmanager
def served(folder: Path, *arguments: str, **values: str) -> Iterator[tuple[str, Path]]:
    """A running gunicorn: its address, and the file its lines go to."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / f"log-{port}"
    with log.open("wb") as file:
        server = subprocess.Popen(
            (*GUNICORN, "--bind", f"127.0.0.1:{port}", *arguments),
            cwd=ROOT,
            env=environment(folder, **values),
            stdout=file,
            stderr=file,
        )
    try:
        until = time.monotonic() + ENOUGH
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert server.poll() is None and time.monotonic() < until, log.read_text()
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", log
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(ENOUGH)


def ask(address: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(
        address, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    try:
        with urllib.request.urlopen(request, timeout=ENOUGH) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, dict(answer.headers), answer.read()


# What stops the start


def test_gunicorn_does_not_start_without_tables_and_static_files(tmp_path: Path) -> None:
    done = run(*GUNICORN, "--bind", "127.0.0.1:0", **environment(tmp_path))

    assert done.returncode == 4
    said = [line for line in done.stderr.splitlines() if line.startswith("apta does not start. ")]
    assert len(said) == 2
    assert "The database lacks " in said[0] and said[0].endswith("Run: python manage.py migrate")
    assert "have not been collected" in said[1] and said[1].endswith("Run: python manage.py collectstatic --noinput")
    assert "Traceback" not in done.stderr


def test_gunicorn_does_not_start_with_a_malformed_setting(tmp_path: Path) -> None:
    done = run(*GUNICORN, "--bind", "127.0.0.1:0", **environment(tmp_path, APTA_BASE_URL="https://[::1"))

    assert done.returncode == 4
    assert "apta does not start. APTA_BASE_URL is 'https://[::1'; give an address " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["migrate", "runserver", "worker"])
def test_no_command_runs_with_a_malformed_setting(tmp_path: Path, command: str) -> None:
    done = manage(tmp_path, command, APTA_ALLOWED_HOSTS="*")

    assert done.returncode == 1
    assert done.stderr.startswith("apta does not start. APTA_ALLOWED_HOSTS is '*'")
    assert len(done.stderr.splitlines()) == 1


def test_a_trial_does_not_start_without_the_tables(tmp_path: Path) -> None:
    done = manage(tmp_path, "runserver", "127.0.0.1:0", APTA_DEBUG="1")

    assert done.returncode == 1
    assert "The database lacks " in done.stderr and "Run: python manage.py migrate" in done.stderr


def test_the_check_for_deployment_finds_nothing_where_everything_is_there(ready: Path) -> None:
    done = manage(ready, "check", "--deploy", "--fail-level", "WARNING", APTA_HTTPS="1")

    assert done.returncode == 0, done.stderr


@pytest.fixture
def production(settings: Any, tmp_path: Path) -> Path:
    """The static folder of an installation that is no trial."""
    settings.TRIAL = False
    settings.STATIC_ROOT = tmp_path / "static"
    manifest = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": manifest}
    collect(tmp_path)
    return tmp_path / "static"


def test_static_files_of_an_earlier_version_are_not_enough(production: Path, settings: Any) -> None:
    assert start.uncollected_files() == ""

    (production / "workplan/apta.css").unlink()
    manifest = production / "staticfiles.json"
    manifest.write_text(manifest.read_text().replace('"workplan/apta.js": ', '"workplan/former.js": '))
    settings.STATIC_ROOT = str(production)  # read anew

    said = start.uncollected_files()
    assert said.startswith("2 static file(s) have not been collected (workplan/apta.css, workplan/apta.js). ")
    settings.TRIAL = True
    assert start.uncollected_files() == ""


@pytest.mark.django_db
def test_the_check_for_deployment_says_what_is_missing(production: Path, settings: Any) -> None:
    assert start.check_for_deployment(None) == []

    latest = MigrationRecorder.Migration.objects.filter(app="workplan").latest("pk")
    latest.delete()
    (production / "staticfiles.json").unlink()
    settings.STATIC_ROOT = str(production)

    first, second = start.check_for_deployment(None)
    assert first.msg == f"The database lacks 1 migration(s) (workplan.{latest.name}). Run: python manage.py migrate"
    assert second.msg.endswith("Run: python manage.py collectstatic --noinput")


def test_a_server_starts_while_the_database_is_away_and_answers_503(ready: Path) -> None:
    """It may be back in a moment."""
    with served(ready, DATABASE_URL="postgres://apta@127.0.0.1:1/apta") as (address, log):
        for path in ("/", "/nowhere/", "/static/nowhere.css", "/api/v1/plans/"):
            status, headers, _ = ask(address + path, Cookie="sessionid=abcdefghijklmnopqrstuvwxyz012345")
            assert (status, "Retry-After" in headers) == (503, True), path
        status, headers, _ = ask(f"{address}/static/workplan/apta.css", Cookie="sessionid=abcdefghijklmnopqrstuvwxyz01")
        assert status == 200 and "public" in headers["Cache-Control"], "The style of a page is nobody’s secret."
    lines = log.read_text().splitlines()
    assert all(LINE.fullmatch(line) for line in lines), lines


# What it writes


def test_each_event_is_one_line_with_the_id_of_its_request(ready: Path) -> None:
    with served(ready, "--access-logfile", "-") as (address, log):
        status, headers, _ = ask(f"{address}/api/v1/nowhere/", X_Request_ID="program-run-0042")
        other, other_headers, _ = ask(f"{address}/api/v1/elsewhere/", Host="evil.example.org")
    lines = log.read_text().splitlines()

    assert (status, other) == (404, 400)
    assert all(LINE.fullmatch(line) or line.startswith("127.0.0.1 - - ") for line in lines), lines
    of_first = [line for line in lines if headers["X-Request-ID"] in line]
    assert [line for line in lines if "/nowhere/" in line] == of_first
    assert len(of_first) == 2, "What Django says of the answer, and the access log of gunicorn."
    assert all(f"[{headers['X-Request-ID']} client:program-run-0042]" in line for line in of_first)
    assert len([line for line in lines if other_headers["X-Request-ID"] in line]) == 2
    assert not [line for line in lines if "Worker exiting" in line and " [-] " not in line]
