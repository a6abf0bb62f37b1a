"""The first administrator of an installation, invited instead of given a password on the command line."""

from smtplib import SMTPException
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workplan.actions import Actor, invite_first_administrator
from workplan.exceptions import Refusal
from workplan.management.mail import check_address
from workplan.models import User
from workplan.notifications.invitation import mail_of
from workplan.notifications.password_reset import link_for


class Command(BaseCommand):
    help = (
        "Makes the account of the first administrator and emails a link, which works once, to choose its password. "
        "Can be repeated until that is done."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="the name to sign in with")
        parser.add_argument("email", help="the address that the invitation is sent to")
        parser.add_argument("--name", default="", help="first and last name")
        parser.add_argument("--print-link", action="store_true", help="show the link here instead of emailing it")

    def handle(self, *args: Any, **options: Any) -> None:
        check_address()
        by = Actor(user=None, channel="command")
        try:
            user = invite_first_administrator(
                username=options["username"], email=options["email"], name=options["name"], by=by
            )
        except Refusal as refusal:
            words = [f"{field}: {text}" for field, texts in refusal.fields.items() for text in texts]
            raise CommandError(" ".join([refusal.message, *words])) from refusal
        if options["print_link"]:
            self.stdout.write(f"{user.username} chooses a password here, once:\n{link_for(user)}")
            return
        self._send(user)
        self.stdout.write(f"{user.username} is invited: a link to choose a password was sent to {user.email}.")

    def _send(self, user: User) -> None:
        # At once, and not by the worker: whoever sits here sees whether the mail server takes it.
        try:
            mail_of(user).send()
        except (SMTPException, OSError) as problem:
            raise CommandError(
                f"The account is made, and the mail server did not take the invitation: {problem}. Correct "
                "APTA_EMAIL_URL and run this again, or add --print-link."
            ) from problem
