"""The chain of seals over the audit trail, checksums of files, and records of backups.

Entries that are there already are sealed by the worker, in batches, and not here: the tables are new and empty, and code
of before does not know them. Like the trail, the chain is kept by triggers (see 0005).
"""

import django.utils.timezone
from django.db import migrations, models

KEPT = "The chain of seals is kept for ever as it was written."
NAMES = ("auditseal_no_update", "auditseal_no_delete")


def write(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION apta_auditseal_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION USING MESSAGE = '{KEPT}', ERRCODE = 'integrity_constraint_violation'; END $$",
            params=None,
        )
        schema_editor.execute(
            "CREATE TRIGGER apta_auditseal_frozen BEFORE UPDATE OR DELETE ON workplan_auditseal "
            "FOR EACH ROW EXECUTE FUNCTION apta_auditseal_frozen()",
            params=None,
        )
        return
    for name in NAMES:
        event = name.rpartition("_")[2].upper()
        schema_editor.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON workplan_auditseal FOR EACH ROW "
            f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END",
            params=None,
        )


def take_back(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION apta_auditseal_frozen() CASCADE", params=None)
        return
    for name in NAMES:
        schema_editor.execute(f"DROP TRIGGER {name}", params=None)


class Migration(migrations.Migration):
    dependencies = [("workplan", "0042_updates_newest_first")]

    operations = [
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("entry_id", models.BigIntegerField(unique=True)),
                ("digest", models.CharField(max_length=64)),
                ("sealed_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={"ordering": ["position"]},
        ),
        migrations.CreateModel(
            name="FileChecksum",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, unique=True)),
                ("size", models.BigIntegerField(help_text="In bytes.")),
                ("sha256", models.CharField(max_length=64)),
                ("noted_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={"ordering": ["name"]},
        ),
        migrations.CreateModel(
            name="BackupRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("path", models.CharField(max_length=1000)),
                ("size", models.BigIntegerField(help_text="In bytes.")),
                ("is_encrypted", models.BooleanField(default=False)),
                ("fingerprint", models.CharField(max_length=64)),
                ("position", models.BigIntegerField(default=0)),
                ("digest", models.CharField(blank=True, max_length=64)),
            ],
            options={"ordering": ["-at", "-id"]},
        ),
        migrations.RunPython(write, take_back),
    ]
