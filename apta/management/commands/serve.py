"""The server of production, by one command."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apta.serving.preparation import prepare
from apta.serving.safety import unsafe_settings
from apta.serving.supervisor import Supervisor
from workplan.management.mail import check_address


class Command(BaseCommand):
    help = (
        "Checks the settings, migrates, collects static files, and runs the web server and the worker until SIGTERM. "
        "SIGHUP takes over a new version without a failed request."
    )
    # They are run after the preparation, without which some fail.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--prepare-only", action="store_true", help="check, migrate and collect; start nothing (as SIGHUP does)"
        )
        parser.add_argument(
            "--without-worker", action="store_true", help="only the web server, where a worker runs elsewhere"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if problems := unsafe_settings():
            raise CommandError("\n".join(f"apta does not start. {problem}" for problem in problems))
        check_address()
        prepare()
        if not options["prepare_only"]:
            sys.exit(Supervisor(with_worker=not options["without_worker"]).run())
