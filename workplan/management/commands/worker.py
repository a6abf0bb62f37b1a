"""The background worker."""

import fcntl
import logging
import math
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS
from django_tasks_db.backend import DatabaseBackend
from django_tasks_db.management.commands.db_worker import Worker

from workplan import tasks

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
        from workplan.management.commands.send_messages import check_address

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
                    number = tasks.take_back(name)
                    taken_back = True
                    if number:
                        log.warning("Taken back from a worker that was killed: %d task(s).", number)
                if time.monotonic() >= next_run:
                    tasks.send_messages()
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


class PatientWorker(Worker):
    """A worker of the queue that can be asked to stop between two tasks."""

    until = math.inf

    def run_until(self, moment: float) -> None:
        """Work until the queue is empty or ``moment`` of the monotonic clock has come.

        A mail server that does not answer makes each task slow. Reminders and new mails do not wait for that.
        """
        self.until, self.max_tasks = moment, None
        self.run()

    def run_task(self, db_task_result: Any) -> None:
        super().run_task(db_task_result)
        if time.monotonic() >= self.until:
            self.max_tasks = 0


def quiet_worker(name: str) -> PatientWorker:
    """A worker of the queue that ends when the queue is empty, and logs only what is out of the ordinary."""
    for name_of_log in ("django_tasks", "django_tasks_db"):
        logging.getLogger(name_of_log).setLevel(logging.WARNING)
    return PatientWorker(
        queue_names=["*"],
        excluded_queue_names=[],
        interval=0,
        batch=True,
        backend_name=DEFAULT_TASK_BACKEND_ALIAS,
        startup_delay=False,
        max_tasks=None,
        worker_id=name,
    )


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
