"""The app: what the plan is and what may happen to it."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_save


class WorkplanConfig(AppConfig):
    name = "workplan"
    verbose_name = "work plan"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from workplan.models.base import keep_on_loading

        post_migrate.connect(make_groups, sender=self)
        pre_save.connect(keep_on_loading)


def make_groups(using: str, **_: Any) -> None:
    """The groups that ``workplan.permissions`` reads exist in every database."""
    from django.contrib.auth.models import Group

    from workplan.permissions import ADMINISTRATORS_GROUP, SECRETARIAT_GROUP

    for name in (SECRETARIAT_GROUP, ADMINISTRATORS_GROUP):
        Group.objects.using(using).get_or_create(name=name)
