"""What was recorded before there were rounds: direct entries of the secretariat, submitted as they were recorded."""

from django.db import migrations
from django.db.models import F


def fill(apps, schema_editor):
    apps.get_model("workplan", "StatusUpdate").objects.filter(state="approved", submitted_by=None).update(
        is_direct=True,
        submissions=1,
        submitted_by=F("author"),
        submitted_by_name=F("author_name"),
        submitted_at=F("created_at"),
        updated_at=F("created_at"),
    )


class Migration(migrations.Migration):
    dependencies = [("workplan", "0002_reporting_rounds")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
