"""What a notice is about, so that before it leaves it can be asked whether it still holds."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workplan", "0037_user_names_ignore_case")]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="body",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="workplan.sectoralbody",
                help_text="The body as whose focal point the person is notified.",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="round",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="workplan.reportinground",
                help_text="The round whose reports are due, of a reminder.",
            ),
        ),
    ]
