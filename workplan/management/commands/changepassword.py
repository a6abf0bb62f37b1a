"""A new password for an account, by whoever works on the server."""

import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from workplan.actions import Actor, set_password
from workplan.exceptions import Refusal
from workplan.models import User

TRIES = 3


class Command(BaseCommand):
    help = "Gives an account another password. Its sessions and tokens end, and the audit trail says so."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="the user name of the account")

    def handle(self, *args: Any, **options: Any) -> None:
        user = next(iter(User.objects.named(options["username"])), None)
        if user is None:
            raise CommandError(f"There is no account with the user name “{options['username']}”.")
        password = self._ask(user)
        try:
            set_password(user=user, password=password, by=Actor(user=None, channel="command"))
        except Refusal as refusal:
            words = [f"{name}: {text}" for name, texts in refusal.fields.items() for text in texts]
            raise CommandError(" ".join([refusal.message, *words])) from refusal
        self.stdout.write(f"The password of {user.username} is changed. Its sessions and tokens have ended.")

    def _ask(self, user: User) -> str:
        for _ in range(TRIES):
            password = getpass.getpass("New password: ")
            if not password:
                raise CommandError("No password was typed, so nothing was changed.")
            if password != getpass.getpass("The same again: "):
                self.stderr.write("These are two different passwords.")
                continue
            try:
                validate_password(password, user)
            except ValidationError as problem:
                self.stderr.write(" ".join(problem.messages))
                continue
            return password
        raise CommandError(f"No password after {TRIES} tries, so nothing was changed.")
