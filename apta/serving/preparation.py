"""What has to be done before a server of this version starts: the tables, and the static files."""

import fcntl
import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.db import connection

from apta.serving.safety import is_for_this_machine_only
from apta.start import uncollected_files

log = logging.getLogger(__name__)

# Any number that no other program takes on the same database: the first bytes of SHA-256 of "apta.serving".
LOCK = int.from_bytes(hashlib.sha256(b"apta.serving").digest()[:7], "big")
# What was collected last: the digest of the files as they were written.
MARK = "collected.sha256"


def prepare() -> None:
    """Bring database and static files to this version, then check the settings as Django does. Can be repeated.

    Several servers may start at once: one prepares, the others wait and find it done.

    Raises:
        CommandError: a migration or a check failed.
    """
    with one_at_a_time():
        call_command("migrate", interactive=False, verbosity=1)
        collect_files()
    level = "ERROR" if is_for_this_machine_only() else "WARNING"
    call_command("check", deploy=True, fail_level=level)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let only one process of this installation, on whichever machine, be in here."""
    with (settings.DATA_DIR / "prepare.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if connection.vendor != "postgresql":
            yield
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def collect_files() -> None:
    """Collect and compress the static files, unless that has been done for files of just this content."""
    mark = Path(settings.STATIC_ROOT) / MARK
    wanted = digest_of_files()
    if mark.exists() and mark.read_text() == wanted and not uncollected_files():
        return
    log.info("Static files are collected and compressed, which takes up to a minute.")
    call_command("collectstatic", interactive=False, verbosity=1)
    mark.write_text(wanted)


def digest_of_files() -> str:
    """SHA-256 of the names and contents of all static files, as they were written."""
    digest = hashlib.sha256()
    found = {name: storage for finder in finders.get_finders() for name, storage in finder.list([])}
    for name in sorted(found):
        with found[name].open(name) as file:
            content = hashlib.sha256(file.read()).hexdigest()
        digest.update(f"{name}\0{content}\n".encode())
    return digest.hexdigest()
