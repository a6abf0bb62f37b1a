"""Telling people what waits to be told."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.crypto import get_random_string
from django_tasks_db.backend import DatabaseBackend

from workplan import tasks
from workplan.management.commands.worker import quiet_worker


class Command(BaseCommand):
    help = "Reminds of what is due, collects what waits into one mail per person, and sends. Safe to run at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--queue-only", action="store_true", help="leave the sending to the worker")

    def handle(self, *args: Any, **options: Any) -> None:
        check_address()
        queued = tasks.send_messages()
        if not options["queue_only"] and isinstance(tasks.send_digest.get_backend(), DatabaseBackend):
            # A name of its own: what it leaves when killed is free again after some minutes.
            worker = quiet_worker(f"send_messages-{os.getpid()}-{get_random_string(8)}")
            worker.configure_signals()
            worker.run()
        self.stdout.write(f"{queued} mail{'' if queued == 1 else 's'} queued.")


def check_address() -> None:
    """Mails lead to pages, so there must be an address that leads there."""
    if not settings.BASE_URL and not settings.TRIAL:
        raise CommandError("APTA_BASE_URL is not set. Mails lead to pages: give the address that people use.")
