"""A restore, by one command."""

import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apta.backups import BackupProblem
from apta.backups.archive import identities_of
from apta.backups.restoring import checked, restore


class Command(BaseCommand):
    help = (
        "Restores a backup into an empty installation: makes the tables, loads rows and files, compares them with what "
        "was kept, and brings them to this version. Either all of it is there afterwards, or nothing."
    )
    # The tables are not there yet.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", type=Path, help="the file that manage.py backup wrote")
        parser.add_argument(
            *("--identity", "-i"),
            type=Path,
            action="append",
            default=[],
            help="the file with the private key of age, where the backup is encrypted",
        )
        parser.add_argument("--check-only", action="store_true", help="only see whether it is whole; restore nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        source: Path = options["source"]
        try:
            identities = identities_of(options["identity"])
            if options["check_only"]:
                with tempfile.TemporaryDirectory(prefix="restore-", dir=settings.DATA_DIR) as place:
                    folder = Path(place, "content")
                    folder.mkdir()
                    manifest = checked(source, folder, identities)
                self.stdout.write(f"{source} is whole.")
            else:
                manifest = restore(source, identities)
                self.stdout.write(f"{source} is restored.")
        except BackupProblem as problem:
            raise CommandError(str(problem)) from problem
        rows = sum(one["rows"] for one in manifest["tables"].values())
        self.stdout.write(
            f"Made at {manifest['at']} by apta {manifest['apta']} on {manifest['database']}: {rows:,} rows and "
            f"{len(manifest['files']):,} files.\nFingerprint {manifest['fingerprint']}"
        )
