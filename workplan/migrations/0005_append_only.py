"""What was submitted, decided or noted in the trail cannot be changed behind the actions' back.

Triggers, because they hold for every way into the database, by either engine. A submitted report takes a
decision (approved, returned) and nothing else; an approved one, a review and an audit entry take nothing.
"""

from django.db import migrations

FROZEN = (
    "activity_id body_id round_id is_direct kind status as_of narrative outputs_delivered challenges next_steps reason "
    "author_id author_name created_at submissions submitted_by_id submitted_by_name submitted_at"
).split()

APPROVED = "An approved status update never changes. Send a correction."
SUBMITTED = "A submitted status update takes a decision and nothing else."
KEPT = "A status update that was submitted is kept for ever."
EVIDENCE = "Evidence of a submitted status update never changes."
TRAIL = "The audit trail is kept for ever as it was written."
REVIEW = "A review is kept for ever as it was written."


def same(prefix_old, prefix_new, distinct):
    return " OR ".join(f"{prefix_old}.{name} {distinct} {prefix_new}.{name}" for name in FROZEN)


def sqlite():
    changed = same("OLD", "NEW", "IS NOT")
    frozen_parent = "EXISTS (SELECT 1 FROM workplan_statusupdate u WHERE u.id = OLD.update_id AND u.state IN ('submitted', 'approved'))"

    def trigger(name, event, table, condition, message):
        when = f"WHEN {condition} " if condition else ""
        text = message.replace("'", "''")
        yield (
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW {when}"
            f"BEGIN SELECT RAISE(ABORT, '{text}'); END"
        )

    update = "workplan_statusupdate"
    yield from trigger("statusupdate_approved", "UPDATE", update, "OLD.state = 'approved'", APPROVED)
    yield from trigger(
        "statusupdate_submitted",
        "UPDATE",
        update,
        f"OLD.state = 'submitted' AND (NEW.state NOT IN ('approved', 'returned') OR {changed})",
        SUBMITTED,
    )
    yield from trigger("statusupdate_kept", "DELETE", update, "OLD.state <> 'draft' OR OLD.submissions > 0", KEPT)
    for event in ("UPDATE", "DELETE"):
        lower = event.lower()
        yield from trigger(f"evidence_no_{lower}", event, "workplan_evidence", frozen_parent, EVIDENCE)
        yield from trigger(f"auditentry_no_{lower}", event, "workplan_auditentry", "", TRAIL)
        yield from trigger(f"review_no_{lower}", event, "workplan_review", "", REVIEW)


def postgresql():
    changed = same("OLD", "NEW", "IS DISTINCT FROM")

    def function(name, body):
        return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"

    def refuse(message):
        text = message.replace("'", "''")
        return f"RAISE EXCEPTION USING MESSAGE = '{text}', ERRCODE = 'integrity_constraint_violation';"

    yield function(
        "apta_statusupdate_update",
        f"IF OLD.state = 'approved' THEN {refuse(APPROVED)} END IF; "
        f"IF OLD.state = 'submitted' AND (NEW.state NOT IN ('approved', 'returned') OR {changed}) "
        f"THEN {refuse(SUBMITTED)} END IF; RETURN NEW;",
    )
    yield function(
        "apta_statusupdate_delete",
        f"IF OLD.state <> 'draft' OR OLD.submissions > 0 THEN {refuse(KEPT)} END IF; RETURN OLD;",
    )
    yield function(
        "apta_evidence_frozen",
        "IF EXISTS (SELECT 1 FROM workplan_statusupdate u WHERE u.id = OLD.update_id "
        f"AND u.state IN ('submitted', 'approved')) THEN {refuse(EVIDENCE)} END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;",
    )
    yield function("apta_auditentry_frozen", refuse(TRAIL))
    yield function("apta_review_frozen", refuse(REVIEW))
    for table, event, name in (
        ("statusupdate", "UPDATE", "apta_statusupdate_update"),
        ("statusupdate", "DELETE", "apta_statusupdate_delete"),
        ("evidence", "UPDATE OR DELETE", "apta_evidence_frozen"),
        ("auditentry", "UPDATE OR DELETE", "apta_auditentry_frozen"),
        ("review", "UPDATE OR DELETE", "apta_review_frozen"),
    ):
        yield (f"CREATE TRIGGER {name} BEFORE {event} ON workplan_{table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def write(apps, schema_editor):
    statements = postgresql if schema_editor.connection.vendor == "postgresql" else sqlite
    for statement in statements():
        schema_editor.execute(statement, params=None)


def take_back(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name in (
            "statusupdate_update",
            "statusupdate_delete",
            "evidence_frozen",
            "auditentry_frozen",
            "review_frozen",
        ):
            schema_editor.execute(f"DROP FUNCTION apta_{name}() CASCADE", params=None)
        return
    for statement in sqlite():
        schema_editor.execute(f"DROP TRIGGER {statement.split()[2]}", params=None)


class Migration(migrations.Migration):
    dependencies = [("workplan", "0004_submission_traceable")]

    operations = [migrations.RunPython(write, take_back)]
