"""Rounds that were opened have asked about every activity, as their obligations say; final evaluations do so."""

from django.db import migrations
from django.db.models import Q


def keep_what_was_asked_for(apps, schema_editor):
    rounds = apps.get_model("workplan", "ReportingRound").objects
    rounds.filter(Q(opened_at__isnull=False) | Q(kind="final")).update(asks_for_all=True)


def drop_notices_of_publication(apps, schema_editor):
    """The constraint that is put back does not know their event."""
    apps.get_model("workplan", "Notice").objects.filter(event="publication").delete()


class Migration(migrations.Migration):
    dependencies = [("workplan", "0020_publication")]

    operations = [migrations.RunPython(keep_what_was_asked_for, drop_notices_of_publication)]
