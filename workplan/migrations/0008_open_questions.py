"""Decisions on open questions, kept as they were made: the database itself refuses to change or delete one."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import workplan.models.base

KEPT = "A decision on an open question is kept for ever as it was made. Decide anew."
EVENTS = ("UPDATE", "DELETE")


def write(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION apta_decision_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION USING MESSAGE = '{KEPT}', ERRCODE = 'integrity_constraint_violation'; END $$",
            params=None,
        )
        schema_editor.execute(
            f"CREATE TRIGGER apta_decision_frozen BEFORE {' OR '.join(EVENTS)} ON workplan_decision "
            "FOR EACH ROW EXECUTE FUNCTION apta_decision_frozen()",
            params=None,
        )
        return
    for event in EVENTS:
        schema_editor.execute(
            f"CREATE TRIGGER decision_no_{event.lower()} BEFORE {event} ON workplan_decision FOR EACH ROW "
            f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END",
            params=None,
        )


def take_back(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION apta_decision_frozen() CASCADE", params=None)
        return
    for event in EVENTS:
        schema_editor.execute(f"DROP TRIGGER decision_no_{event.lower()}", params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("workplan", "0007_one_draft_per_side"),
    ]

    operations = [
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("reading", "Reading"),
                            ("missing_lead", "Missing lead"),
                            ("area_without_activity", "Area without activity"),
                            ("contradictory_reports", "Contradictory reports"),
                            ("transfer_note", "Transfer asked for"),
                        ],
                        max_length=30,
                    ),
                ),
                (
                    "record_type",
                    models.CharField(
                        choices=[
                            ("section", "Section"),
                            ("provision", "Provision"),
                            ("area", "Area of collaboration"),
                            ("activity", "Activity"),
                        ],
                        max_length=20,
                    ),
                ),
                ("record_id", models.PositiveBigIntegerField()),
                ("ref", models.CharField(max_length=40, verbose_name="reference")),
                ("key", models.CharField(max_length=160, verbose_name="question")),
                (
                    "matter",
                    models.JSONField(blank=True, default=list, validators=[workplan.models.base.check_sentences]),
                ),
                ("fingerprint", models.CharField(blank=True, max_length=16)),
                (
                    "decision",
                    models.CharField(
                        choices=[
                            ("keep", "Stands as it is"),
                            ("amend", "Plan changed"),
                            ("pass_on", "Passed on"),
                            ("reopen", "Open again"),
                        ],
                        max_length=20,
                    ),
                ),
                ("reason", models.CharField(max_length=2000)),
                ("decided_by_name", models.CharField(max_length=300)),
                ("decided_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "version",
                    models.PositiveIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1)]),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="workplan.workplan"
                    ),
                ),
            ],
            options={
                "ordering": ["-decided_at", "-id"],
                "indexes": [models.Index(fields=["plan", "-version"], name="decision_of_plan")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "record_type", "record_id", "version"),
                        name="decision_once_per_version",
                        violation_error_message="Somebody else has just decided on this question.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "reading",
                                    "missing_lead",
                                    "area_without_activity",
                                    "contradictory_reports",
                                    "transfer_note",
                                ],
                            )
                        ),
                        name="decision_kind_known",
                        violation_error_message="The kind of question must be one of: reading, missing_lead, area_without_activity, contradictory_reports, transfer_note.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("decision__in", ["keep", "amend", "pass_on", "reopen"])),
                        name="decision_known",
                        violation_error_message="The decision must be one of: keep, amend, pass_on, reopen.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("record_type__in", ["section", "provision", "area", "activity"])),
                        name="decision_record_known",
                        violation_error_message="A question is about a section, a provision, an area or an activity.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="decision_reason_present",
                        violation_error_message="Say why it is decided so.",
                    ),
                ],
            },
        ),
        migrations.RunPython(write, take_back),
    ]
