"""The app: what the plan is and what may happen to it."""

from typing import Any

from django.apps import AppConfig, apps
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate

from workplan.permissions import ADMINISTRATORS_GROUP, SECRETARIAT_GROUP
from workplan.search.index import restore_search_indexes
from workplan.search.words import register_sqlite_functions


class WorkplanConfig(AppConfig):
    name = "workplan"
    verbose_name = "work plan"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(make_groups, sender=self)
        post_migrate.connect(restore_search_indexes, sender=self)
        connection_created.connect(register_sqlite_functions)


def make_groups(using: str, **_: Any) -> None:
    """The groups that ``workplan.permissions`` reads exist in every database."""
    groups = apps.get_model("auth", "Group").objects.using(using)
    for name in (SECRETARIAT_GROUP, ADMINISTRATORS_GROUP):
        groups.get_or_create(name=name)
