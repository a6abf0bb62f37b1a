"""The revision of what readers see, raised by the database itself with every write.

``workplan.models.revisions`` says what it means. A table that readers see more of is added to ``SCOPES`` by a migration
that creates the triggers anew. On SQLite, which refuses to rename a table that a trigger names, triggers are there only
between migrations: ``workplan.models.revisions`` removes them before each ``migrate`` and writes them after it.
"""

from django.db import migrations, models

# Which scope a write to a table belongs to.
SCOPES = {
    "document": (
        *("workplan", "section", "provision", "collaborationarea", "collaborationarea_proposed_by"),
        *("sectoralbody", "bodyalias", "reportinground", "lateexception", "savedview", "decision", "recordname"),
    ),
    "activities": ("activity", "responsibility"),
    "reporting": ("review", "concurrence", "comment", "contribution"),
}
# Here it depends on the row: what is published is for every reader, all else for those who take part.
BY_ROW = ("statusupdate", "obligation", "evidence")
EVENTS = ("insert", "update", "delete")

# A random number from 1 to about a million million, so that no two sums are the same by chance.
POSTGRESQL_STEP = "1 + floor(random() * 1099511627776)::bigint"
SQLITE_STEP = "1 + abs(random() % 1099511627776)"


def is_public(row):
    """As ``workplan.querysets.PUBLIC``, of a report or of what is due and says how far the report is."""
    return (
        f"({row}.state = 'approved' AND ({row}.round_id IS NULL OR EXISTS ("
        f"SELECT 1 FROM workplan_reportinground r WHERE r.id = {row}.round_id "
        "AND (r.publication = 'at_once' OR r.state = 'published'))))"
    )


def of_public_report(row):
    return f"EXISTS (SELECT 1 FROM workplan_statusupdate u WHERE u.id = {row}.update_id AND {is_public('u')})"


def postgresql():
    yield (
        "CREATE FUNCTION apta_raise_revision(raised text) RETURNS void LANGUAGE plpgsql AS $$ "
        "DECLARE added bigint; "
        "BEGIN "
        f"INSERT INTO workplan_revision (scope, number) VALUES (raised, {POSTGRESQL_STEP}) RETURNING id INTO added; "
        # Rows that others are putting together are left to them: nobody waits.
        "IF added % 200 = 0 THEN WITH many AS ("
        "DELETE FROM workplan_revision WHERE id IN ("
        "SELECT id FROM workplan_revision WHERE scope = raised FOR UPDATE SKIP LOCKED) RETURNING number"
        ") INSERT INTO workplan_revision (scope, number) SELECT raised, sum(number) FROM many HAVING count(*) > 0; "
        "END IF; END $$"
    )
    yield (
        "CREATE FUNCTION apta_after_write() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN PERFORM apta_raise_revision(TG_ARGV[0]); RETURN NULL; END $$"
    )
    conditions = {
        "reports": f"EXISTS (SELECT 1 FROM written w WHERE {is_public('w')})",
        "evidence": f"EXISTS (SELECT 1 FROM written w WHERE {of_public_report('w')})",
        "obligations": (
            f"EXISTS (SELECT 1 FROM written w JOIN before b USING (id) WHERE {is_public('w')} OR {is_public('b')} "
            "OR (w.due_on, w.due_soon_from) IS DISTINCT FROM (b.due_on, b.due_soon_from))"
        ),
    }
    for name, condition in conditions.items():
        yield (
            f"CREATE FUNCTION apta_after_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM "
            f"apta_raise_revision(CASE WHEN {condition} THEN 'activities' ELSE 'reporting' END); RETURN NULL; END $$"
        )

    def trigger(table, event, call, rows=""):
        name = "_".join((table, "revision", *event.lower().split()[:1]))
        return (
            f"CREATE TRIGGER {name} AFTER {event} ON workplan_{table} {rows} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION apta_after_{call}"
        )

    for scope, tables in SCOPES.items():
        for table in tables:
            yield trigger(table, "INSERT OR UPDATE OR DELETE OR TRUNCATE", f"write('{scope}')")
    new, old = "REFERENCING NEW TABLE AS written", "REFERENCING OLD TABLE AS written"
    yield trigger("statusupdate", "INSERT", "reports()", new)
    yield trigger("statusupdate", "UPDATE", "reports()", new)
    yield trigger("statusupdate", "DELETE", "reports()", old)
    yield trigger("evidence", "INSERT", "evidence()", new)
    yield trigger("evidence", "UPDATE", "evidence()", new)
    yield trigger("evidence", "DELETE", "evidence()", old)
    yield trigger("obligation", "INSERT OR DELETE", "write('activities')")
    yield trigger("obligation", "UPDATE", "obligations()", f"{new} OLD TABLE AS before")
    for table in BY_ROW:
        yield trigger(table, "TRUNCATE", "write('activities')")


def postgresql_backwards():
    for function in ("write()", "reports()", "evidence()", "obligations()"):
        yield f"DROP FUNCTION apta_after_{function} CASCADE"
    yield "DROP FUNCTION apta_raise_revision(text)"


def sqlite_scopes():
    """For each table and event, the scope as an expression."""
    for scope, tables in SCOPES.items():
        for table in tables:
            for event in EVENTS:
                yield table, event, f"'{scope}'"
    for event in EVENTS:
        row = "OLD" if event == "delete" else "NEW"
        dates = "NEW.due_on <> OLD.due_on OR NEW.due_soon_from <> OLD.due_soon_from"
        public = {
            "statusupdate": is_public(row),
            "evidence": of_public_report(row),
            "obligation": f"{is_public('NEW')} OR {is_public('OLD')} OR {dates}" if event == "update" else "1",
        }
        for table, condition in public.items():
            yield table, event, f"CASE WHEN {condition} THEN 'activities' ELSE 'reporting' END"


def sqlite_triggers():
    for table, event, scope in sqlite_scopes():
        yield (
            f"CREATE TRIGGER IF NOT EXISTS {table}_revision_{event} AFTER {event.upper()} ON workplan_{table} BEGIN "
            f"INSERT INTO workplan_revision (scope, number) SELECT {scope}, 0 "
            f"WHERE NOT EXISTS (SELECT 1 FROM workplan_revision WHERE scope = {scope}); "
            f"UPDATE workplan_revision SET number = number + {SQLITE_STEP} WHERE scope = {scope}; END"
        )


def sqlite_without_triggers():
    for table, event, _ in sqlite_scopes():
        yield f"DROP TRIGGER IF EXISTS {table}_revision_{event}"


def raise_with_every_write(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for statement in postgresql():
            schema_editor.execute(statement, params=None)


def no_longer(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for statement in postgresql_backwards():
            schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("workplan", "0038_notices_name_body_and_round"),
    ]

    operations = [
        migrations.CreateModel(
            name="Revision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("document", "Document, bodies and rounds"),
                            ("activities", "Activities and published reports"),
                            ("reporting", "Reports in the making"),
                        ],
                        max_length=20,
                    ),
                ),
                ("number", models.BigIntegerField()),
            ],
            options={"ordering": ["id"]},
        ),
        migrations.RunPython(raise_with_every_write, no_longer),
    ]
