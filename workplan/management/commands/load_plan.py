"""Bring the work plan and the sectoral bodies into an empty database."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction

from workplan.models import Activity, SectoralBody, WorkPlan

CODE = "tip-2016-2020"
FIXTURES = ("bodies", "tip-work-plan")


class Command(BaseCommand):
    help = "Loads the work plan against trafficking in persons, unless the database already has it."

    def handle(self, *args: Any, **options: Any) -> None:
        plan = WorkPlan.objects.named(CODE).first()
        if plan:
            # Whatever was edited since it was loaded stays as it is, its code included.
            self.stdout.write(f"“{plan}” is already here. Nothing was loaded, nothing was changed.")
            return
        with transaction.atomic():
            call_command("loaddata", *FIXTURES, verbosity=0)
        plan = WorkPlan.objects.get(code=CODE)
        activities = Activity.objects.filter(plan=plan).count()
        self.stdout.write(
            f"Loaded “{plan}”: {activities} activities of {SectoralBody.objects.count()} sectoral bodies."
        )
