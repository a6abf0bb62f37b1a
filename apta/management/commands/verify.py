"""Whether an installation is whole."""

import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apta.backups.tables import snapshot
from apta.backups.writing import present_fingerprint
from apta.verification import verify


class Command(BaseCommand):
    help = (
        "Proves the audit trail by its chain of seals, and checks references between tables, statuses, and the "
        "checksums of uploaded files. Ends with 1 where something is not as it must be. Changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head", help="a head that was noted earlier, as POSITION:DIGEST, to be found in the trail"
        )
        parser.add_argument(
            "--fingerprint", action="store_true", help="also show the fingerprint of all tables and files"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        head = None
        if options["head"]:
            match = re.fullmatch(r"([1-9][0-9]{0,17}):([0-9a-f]{64})", options["head"])
            if not match:
                raise CommandError("--head is no head; give it as manage.py verify shows it, POSITION:DIGEST.")
            head = (int(match[1]), match[2])
        # At one moment, because a report that comes meanwhile would stand in some of the tables only.
        with snapshot():
            result = verify(head)
            fingerprint = present_fingerprint()[0] if options["fingerprint"] else ""
        for name, problems in result.problems.items():
            self.stdout.write(f"{name.capitalize()}: {'as it must be' if not problems else 'NOT as it must be'}.")
            for problem in problems:
                self.stdout.write(f"  {problem}")
        position, digest = result.head
        self.stdout.write(f"Head of the audit trail: {position}:{digest}" if digest else "Nothing is sealed yet.")
        if result.unsealed:
            self.stdout.write(f"{result.unsealed:,} audit entries are not sealed yet; the worker does it each minute.")
        if fingerprint:
            self.stdout.write(f"Fingerprint {fingerprint}")
        if not result.is_whole:
            raise CommandError("The installation is not whole. docs/operating.md says what to do.")
