"""Demonstration accounts of every role."""

from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from workplan.actions import Actor, save_record
from workplan.models import Membership, SectoralBody, User
from workplan.permissions import ADMINISTRATORS_GROUP, SECRETARIAT_GROUP

PASSWORD = "apta-demo"


class Command(BaseCommand):
    help = "Makes demo accounts with a known password. Works with APTA_DEBUG=1 only, and so do the accounts."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.TRIAL:
            raise CommandError(
                "Demo accounts have a password that everybody knows. They are for a trial: set APTA_DEBUG=1."
            )
        self.by = Actor(user=None, channel="command")
        # One hash for all of them: everybody knows what is behind it, and hashing is slow on purpose.
        self.password = make_password(PASSWORD)
        rows = [
            self._account("admin", "Demo Administrator", group=ADMINISTRATORS_GROUP, is_superuser=True),
            self._account("secretariat", "Demo Secretariat", group=SECRETARIAT_GROUP),
        ]
        bodies = SectoralBody.objects.all()
        for body in bodies:
            username = body.acronym.lower().replace("-", "")
            rows.append(self._account(username, f"{body.acronym} Focal Point", body=body))

        width = max(len(username) for username, _, _ in rows)
        for username, part, note in rows:
            self.stdout.write(f"  {username:<{width}}  {part}{note}")
        self.stdout.write(f"The password of every demo account is {PASSWORD}")
        if not bodies:
            self.stdout.write("There are no sectoral bodies yet, so no focal points. Run load_plan, then this again.")

    def _account(
        self, username: str, name: str, *, group: str = "", body: SectoralBody | None = None, is_superuser: bool = False
    ) -> tuple[str, str, str]:
        """Make the account unless its name is taken; what the table says of it."""
        part = f"focal point of {body}" if body else group
        existing = User.objects.filter(username=username).first()
        if existing:
            note = "" if existing.is_demo else " (somebody's own account, left as it is)"
            return username, part, note
        first, _, last = name.partition(" ")
        user = User(
            username=username,
            first_name=first,
            last_name=last,
            password=self.password,
            is_superuser=is_superuser,
            is_demo=True,
        )
        groups = [Group.objects.get_or_create(name=group)[0]] if group else []
        save_record(record=user, by=self.by, links={"groups": groups})
        if body:
            save_record(record=Membership(user=user, body=body), by=self.by)
        return username, part, ""
