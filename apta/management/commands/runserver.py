"""The server of a trial, which starts under the same conditions as one of production."""

from typing import Any

from django.core.management.base import CommandError
from whitenoise.runserver_nostatic.management.commands.runserver import Command as WithoutStatic

from apta.start import missing


class Command(WithoutStatic):
    def handle(self, *args: Any, **options: Any) -> None:
        # Before the process that watches the files begins, which would wait for a change of the code.
        if problems := missing():
            raise CommandError(" ".join(problems))
        super().handle(*args, **options)
