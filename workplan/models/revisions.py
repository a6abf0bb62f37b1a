"""The revision of what readers see: a number that rises with every write, in the transaction of the write."""

import random
from importlib import import_module
from typing import Any, ClassVar

from django.db import connections, models, transaction
from django.db.models import F
from django.db.models.signals import post_migrate, pre_migrate
from django.dispatch import receiver

from workplan.rules import REVISION_SCOPES

MIGRATION = "workplan.migrations.0040_revisions"


class Revision(models.Model):
    """A part of the revision of one scope; the sum over its rows is the revision.

    Triggers of the database add to it, so that no way into the database can forget to. On PostgreSQL each write adds a
    row: writers never wait for one another, and a snapshot of the database sees a number and exactly the writes that
    make it up. Rows are put together now and then. What is added is a random number: a revision does not come back,
    not even after a transaction that was undone or a database that was restored from a copy.

    Attributes:
        scope: what was written to, of ``rules.REVISION_SCOPES``.
    """

    scope = models.CharField(max_length=20, choices=REVISION_SCOPES.choices)
    number = models.BigIntegerField()

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.scope} +{self.number}"


@receiver(pre_migrate)
def remove_triggers(sender: Any, using: str, **_: Any) -> None:
    """Before each ``migrate``: SQLite renames no table that a trigger names."""
    _on_sqlite(sender, using, "sqlite_without_triggers")


@receiver(post_migrate)
def write_triggers(sender: Any, using: str, **_: Any) -> None:
    """After each ``migrate``, which may have written as well."""
    if _on_sqlite(sender, using, "sqlite_triggers"):
        Revision.objects.using(using).update(number=F("number") + random.randrange(1, 2**40))


def _on_sqlite(sender: Any, using: str, statements: str) -> bool:
    """Whether ``statements`` of the migration were executed, once, on a database of SQLite that has revisions."""
    connection = connections[using]
    if sender.label != Revision._meta.app_label or connection.vendor != "sqlite":
        return False
    if Revision._meta.db_table not in connection.introspection.table_names():
        return False
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for statement in getattr(import_module(MIGRATION), statements)():
            cursor.execute(statement)
    return True
