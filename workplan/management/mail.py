"""What the commands that send mails have in common: the address that mails lead to, and the worker of the queue."""

import logging
import math
import time
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS
from django_tasks_db.management.commands.db_worker import Worker


def check_address() -> None:
    """Mails lead to pages, so there must be an address that leads there."""
    if not settings.BASE_URL and not settings.TRIAL:
        raise CommandError("APTA_BASE_URL is not set. Mails lead to pages: give the address that people use.")


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
