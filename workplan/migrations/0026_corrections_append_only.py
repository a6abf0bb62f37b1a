"""What a correction corrects stays as it was when the correction was begun.

Triggers, as in ``append_only``: that one lists the columns that stay, and was written before these two.
"""

from django.db import migrations

NAME = "statusupdate_correction"
MESSAGE = "What a correction corrects never changes."
ONLY = "Only a correction names the report that it corrects."
COLUMNS = ("corrects_id", "original_approved_at")
NAMED_WRONGLY = (
    "(NEW.corrects_id IS NULL) <> (NEW.original_approved_at IS NULL) "
    "OR (NEW.corrects_id IS NOT NULL AND NEW.kind <> 'correction')"
)


def write(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        changed = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in COLUMNS)

        def refuse(message):
            return f"RAISE EXCEPTION USING MESSAGE = '{message}', ERRCODE = 'integrity_constraint_violation';"

        schema_editor.execute(
            f"CREATE FUNCTION apta_{NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP = 'UPDATE' THEN IF {changed} THEN {refuse(MESSAGE)} END IF; END IF; "
            f"IF {NAMED_WRONGLY} THEN {refuse(ONLY)} END IF; RETURN NEW; END $$",
            params=None,
        )
        schema_editor.execute(
            f"CREATE TRIGGER {NAME} BEFORE INSERT OR UPDATE ON workplan_statusupdate "
            f"FOR EACH ROW EXECUTE FUNCTION apta_{NAME}()",
            params=None,
        )
        return
    changed = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in COLUMNS)
    for event, condition, message in (
        ("update", changed, MESSAGE),
        ("insert", NAMED_WRONGLY, ONLY),
        ("kind", NAMED_WRONGLY, ONLY),
    ):
        when = "INSERT" if event == "insert" else "UPDATE"
        schema_editor.execute(
            f"CREATE TRIGGER {NAME}_{event} BEFORE {when} ON workplan_statusupdate FOR EACH ROW WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END",
            params=None,
        )


def take_back(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP FUNCTION apta_{NAME}() CASCADE", params=None)
        return
    for event in ("update", "insert", "kind"):
        schema_editor.execute(f"DROP TRIGGER {NAME}_{event}", params=None)


class Migration(migrations.Migration):
    dependencies = [("workplan", "0025_corrections_in_their_place")]

    operations = [migrations.RunPython(write, take_back)]
