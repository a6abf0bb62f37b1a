"""Sends the notices that wait."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.crypto import get_random_string
from django_tasks_db.backend import DatabaseBackend

from workplan.management.mail import check_address, quiet_worker
from workplan.notifications import tasks


class Command(BaseCommand):
    help = "Reminds of what is due, collects what waits into one mail per person, and sends. Safe to run at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--queue-only", action="store_true", help="leave the sending to the worker")

    def handle(self, *args: Any, **options: Any) -> None:
        check_address()
        queued = tasks.send_messages()
        tasks.keep_records()
        if not options["queue_only"] and isinstance(tasks.send_digest.get_backend(), DatabaseBackend):
            # A name of its own: what it leaves when killed is free again after some minutes.
            worker = quiet_worker(f"send_messages-{os.getpid()}-{get_random_string(8)}")
            worker.configure_signals()
            worker.run()
        self.stdout.write(f"{queued} mail{'' if queued == 1 else 's'} queued.")
