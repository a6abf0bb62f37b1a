"""The id that a client gave a request is kept besides our own.

By a plain statement on both databases: Django would copy the table on SQLite, and the triggers that keep the trail as
it was written would not be copied with it.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workplan", "0010_search")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE workplan_auditentry ADD COLUMN client_request_id varchar(64) DEFAULT '' NOT NULL",
            "ALTER TABLE workplan_auditentry DROP COLUMN client_request_id",
            state_operations=[
                migrations.AddField(
                    model_name="auditentry",
                    name="client_request_id",
                    field=models.CharField(blank=True, db_default="", default="", max_length=64),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["client_request_id"], name="auditentry_of_client_request"),
        ),
    ]
