"""Until when an activity is deferred; once submitted, it stays as it was said, as all else of a report."""

from django.db import migrations, models

SUBMITTED = "A submitted status update takes a decision and nothing else."


def write(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION apta_statusupdate_deferral() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION USING MESSAGE = '{SUBMITTED}', ERRCODE = 'integrity_constraint_violation'; END $$",
            params=None,
        )
        schema_editor.execute(
            "CREATE TRIGGER apta_statusupdate_deferral BEFORE UPDATE ON workplan_statusupdate FOR EACH ROW "
            "WHEN (OLD.state = 'submitted' AND OLD.deferred_until IS DISTINCT FROM NEW.deferred_until) "
            "EXECUTE FUNCTION apta_statusupdate_deferral()",
            params=None,
        )
        return
    schema_editor.execute(
        "CREATE TRIGGER statusupdate_deferral BEFORE UPDATE ON workplan_statusupdate FOR EACH ROW "
        "WHEN OLD.state = 'submitted' AND OLD.deferred_until IS NOT NEW.deferred_until "
        f"BEGIN SELECT RAISE(ABORT, '{SUBMITTED}'); END",
        params=None,
    )


def take_back(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION apta_statusupdate_deferral() CASCADE", params=None)
    else:
        schema_editor.execute("DROP TRIGGER statusupdate_deferral", params=None)


class Migration(migrations.Migration):
    dependencies = [("workplan", "0021_what_rounds_asked_for")]

    operations = [
        migrations.AddField(
            model_name="statusupdate",
            name="deferred_until",
            field=models.DateField(
                blank=True,
                help_text="Of a deferred activity, the day from which a report on it is due again; "
                "empty: in each round.",
                null=True,
                verbose_name="deferred until",
            ),
        ),
        migrations.RunPython(write, take_back),
    ]
