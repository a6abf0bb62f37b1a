"""The file that a plan was read from, where each record stands in it, and what its other columns say."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import workplan.models.base
import workplan.models.plan_imports


class Migration(migrations.Migration):
    dependencies = [
        ("workplan", "0070_imports"),
    ]

    operations = [
        migrations.AddField(
            model_name="activity",
            name="attributes",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="What other columns of the plan say, by the heading of the column: {“Timeline”: “2026”}.",
                validators=[workplan.models.base.check_attributes],
            ),
        ),
        migrations.AddField(
            model_name="activity",
            name="bodies_source_cells",
            field=models.JSONField(blank=True, default=list, validators=[workplan.models.base.check_cells]),
        ),
        migrations.AddField(
            model_name="activity",
            name="source_cells",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="Table, row and cell in the source, each from 1. In a workbook the row and the column of a sheet.",
                validators=[workplan.models.base.check_cells],
            ),
        ),
        migrations.AddField(
            model_name="collaborationarea",
            name="source_cells",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="Table, row and cell in the source, each from 1. In a workbook the row and the column of a sheet.",
                validators=[workplan.models.base.check_cells],
            ),
        ),
        migrations.AddField(
            model_name="provision",
            name="source_cells",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="Table, row and cell in the source, each from 1. In a workbook the row and the column of a sheet.",
                validators=[workplan.models.base.check_cells],
            ),
        ),
        migrations.AddField(
            model_name="section",
            name="source_cells",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="Table, row and cell in the source, each from 1. In a workbook the row and the column of a sheet.",
                validators=[workplan.models.base.check_cells],
            ),
        ),
        migrations.AlterField(
            model_name="activity",
            name="bodies_as_printed",
            field=models.CharField(blank=True, help_text="Column 5 as the source has it.", max_length=20000),
        ),
        migrations.CreateModel(
            name="PlanImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("file_name", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=10)),
                ("sha256", models.CharField(max_length=64)),
                ("content", models.BinaryField()),
                ("code", models.SlugField(max_length=60)),
                ("title", models.CharField(max_length=300)),
                ("edition", models.CharField(blank=True, max_length=100)),
                ("period_start", models.DateField()),
                ("period_end", models.DateField()),
                (
                    "answers",
                    models.JSONField(blank=True, default=dict, validators=[workplan.models.plan_imports.check_answers]),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "In preview"), ("imported", "Imported"), ("discarded", "Discarded")],
                        default="open",
                        max_length=20,
                    ),
                ),
                ("created_by_name", models.CharField(max_length=300)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plan_imports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plan_import",
                        to="workplan.workplan",
                    ),
                ),
                (
                    "predecessor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workplan.workplan",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "imported", "discarded"])),
                        name="planimport_state_known",
                        violation_error_message="The state must be one of: open, imported, discarded.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("plan__isnull", False), ("state", "imported")),
                            models.Q(models.Q(("state", "imported"), _negated=True), ("plan__isnull", True)),
                            _connector="OR",
                        ),
                        name="planimport_plan_of_imported",
                        violation_error_message="A plan comes of a file that was imported, and of no other.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("period_end__gte", models.F("period_start"))),
                        name="planimport_period_in_order",
                        violation_error_message="The period must end on or after the day it starts.",
                    ),
                ],
            },
        ),
    ]
