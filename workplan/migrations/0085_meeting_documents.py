"""Documents as they were taken to meetings. Triggers keep them as they are, like the audit trail (see 0005)."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

KEPT = "Documents of meetings are kept as they are."
NAMES = ("meetingdocument_no_update", "meetingdocument_no_delete")


def write(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION apta_meetingdocument_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION USING MESSAGE = '{KEPT}', ERRCODE = 'integrity_constraint_violation'; END $$",
            params=None,
        )
        schema_editor.execute(
            "CREATE TRIGGER apta_meetingdocument_frozen BEFORE UPDATE OR DELETE ON workplan_meetingdocument "
            "FOR EACH ROW EXECUTE FUNCTION apta_meetingdocument_frozen()",
            params=None,
        )
        return
    for name in NAMES:
        event = name.rpartition("_")[2].upper()
        schema_editor.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON workplan_meetingdocument FOR EACH ROW "
            f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END",
            params=None,
        )


def take_back(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION apta_meetingdocument_frozen() CASCADE", params=None)
        return
    for name in NAMES:
        schema_editor.execute(f"DROP TRIGGER {name}", params=None)


class Migration(migrations.Migration):
    dependencies = [("workplan", "0080_plan_imports")]

    operations = [
        migrations.CreateModel(
            name="MeetingDocument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("matrix", "Matrix"), ("changes", "Changes edition"), ("body", "Report of a body")],
                        max_length=20,
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("scope", models.TextField()),
                ("source", models.CharField(max_length=2000)),
                ("shown_at", models.DateTimeField()),
                ("file_name", models.CharField(max_length=200)),
                ("file_size", models.PositiveBigIntegerField(help_text="In bytes.")),
                ("sha256", models.CharField(max_length=64)),
                ("content", models.BinaryField()),
                ("kept_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("kept_by_name", models.CharField(max_length=300)),
                (
                    "kept_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meeting_documents",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meeting_documents",
                        to="workplan.workplan",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meeting_documents",
                        to="workplan.reportinground",
                    ),
                ),
            ],
            options={
                "ordering": ["-kept_at", "-id"],
                "indexes": [models.Index(fields=["plan", "-kept_at", "-id"], name="meetingdocument_of_plan")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["matrix", "changes", "body"])),
                        name="meetingdocument_kind_known",
                        violation_error_message="The kind must be one of: matrix, changes, body.",
                    )
                ],
            },
        ),
        migrations.RunPython(write, take_back),
    ]
