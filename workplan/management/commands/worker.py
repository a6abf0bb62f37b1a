"""The background worker."""

import fcntl
import logging
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django_tasks_db.backend import DatabaseBackend

from workplan.management.mail import check_address, quiet_worker
from workplan.notifications import tasks

log = logging.getLogger(__name__)

SECONDS_BETWEEN_RUNS = 60
SECONDS_OF_SLEEP = 1.0
SECONDS_AFTER_TROUBLE = 5.0


class Command(BaseCommand):
    help = (
        "Sends mails as long as it runs. Start it again when it ends, whatever the end: it takes up what it left. "
        "Several may run, each under a name of its own."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", default=socket.gethostname(), help="its name (default: that of the machine)")

    def handle(self, *args: Any, **options: Any) -> None:
        check_address()
        name = options["name"][:64]
        if not name:
            raise CommandError("The name of the worker is empty. Leave it out, or give one.")
        if not isinstance(tasks.send_digest.get_backend(), DatabaseBackend):
            raise CommandError("Tasks are not queued in the database here, so there is nothing for a worker to do.")
        with only_one(name):
            self.work(name)

    def work(self, name: str) -> None:
        worker = quiet_worker(name)
        # What is under way is finished; a second signal ends it at once.
        worker.configure_signals()
        log.info("The worker %s begins.", name)
        next_run, taken_back = 0.0, False
        while worker.running:
            try:
                if not taken_back:
                    number = tasks.reclaim_tasks(name)
                    taken_back = True
                    if number:
                        log.warning("Recovered from a worker that was killed: %d task(s).", number)
                if time.monotonic() >= next_run:
                    tasks.send_messages()
                    tasks.keep_records()
                    next_run = time.monotonic() + SECONDS_BETWEEN_RUNS
                worker.run_until(next_run)
            except (DatabaseError, InterfaceError):
                # The database restarts, or somebody holds it for long: no reason to end.
                log.exception("The worker rests for a moment.")
                connection.close()
                time.sleep(SECONDS_AFTER_TROUBLE)
            if worker.running:
                close_old_connections()
                time.sleep(SECONDS_OF_SLEEP)
        log.info("The worker %s ends.", name)


@contextmanager
def only_one(name: str) -> Iterator[None]:
    """Refuse a second worker of the same name: it would take the work out of the first one's hands.

    The lock goes with the process, whichever way that ends.
    """
    plain = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in name)
    path = settings.DATA_DIR / f"worker-{plain}.lock"
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            raise CommandError(f"Another worker of the name {name} is running. Give this one a --name.") from problem
        yield
