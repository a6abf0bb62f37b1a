"""A backup, by one command."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apta.backups import BackupProblem
from apta.backups.archive import recipients_of
from apta.backups.retention import remove_old
from apta.backups.writing import make_backup


def a_number(text: str) -> int:
    """A whole number from 1, as an argument.

    Raises:
        ValueError: it is none.
    """
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ValueError
    return int(text)


class Command(BaseCommand):
    help = (
        "Writes database and uploaded files, consistent with each other, to a new file in a folder, while people go on "
        "working. manage.py restore brings it back into an empty installation, on SQLite or PostgreSQL."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("target", type=Path, help="the folder; best on another machine")
        parser.add_argument(
            *("--recipient", "-r"),
            action="append",
            default=[],
            help="a public key of age (age1…): only its private key opens the backup; can be given several times",
        )
        parser.add_argument(
            "--recipients-file", type=Path, action="append", default=[], help="a file with a public key on each line"
        )
        parser.add_argument("--keep", type=a_number, help="so many of the newest backups stay")
        parser.add_argument(
            "--keep-days", type=a_number, help="backups younger than so many days stay; with --keep, either keeps one"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path = options["target"]
        try:
            recipients = recipients_of(options["recipient"], options["recipients_file"])
            if (options["recipient"] or options["recipients_file"]) and not recipients:
                raise BackupProblem("The files of public keys have none, so the backup would not be encrypted.")
            made = make_backup(target, recipients)
            removed = remove_old(target, count=options["keep"], days=options["keep_days"], now=timezone.now())
        except BackupProblem as problem:
            raise CommandError(str(problem)) from problem
        kind = "encrypted" if recipients else "not encrypted"
        self.stdout.write(
            f"{made.path}: {made.rows:,} rows and {made.files:,} files, {made.size:,} bytes, {kind}.\n"
            f"Fingerprint {made.fingerprint}"
        )
        for path in removed:
            self.stdout.write(f"Removed, as old: {path}")
        if made.damaged:
            raise CommandError(
                f"The backup is made, but {len(made.damaged)} uploaded file(s) are missing or changed, such as "
                f"{made.damaged[0]}. Run manage.py verify, and look for them in an older backup."
            )
