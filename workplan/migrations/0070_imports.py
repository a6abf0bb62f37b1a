"""Files that people send to be imported, between preview and confirmation."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workplan", "0060_mail_that_still_holds"),
    ]

    operations = [
        migrations.CreateModel(
            name="Import",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("workbook", "Round workbook"), ("statuses", "Statuses")], max_length=20),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("previewed", "Previewed"), ("applied", "Applied"), ("expired", "Expired")],
                        default="previewed",
                        max_length=20,
                    ),
                ),
                ("user_name", models.CharField(max_length=300)),
                ("file_name", models.CharField(max_length=200)),
                ("file_size", models.PositiveBigIntegerField(help_text="In bytes.")),
                ("sha256", models.CharField(max_length=64)),
                ("content", models.BinaryField(null=True)),
                ("made_at", models.DateTimeField(null=True)),
                ("answers", models.JSONField(default=dict)),
                ("results", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField()),
                ("applied_at", models.DateTimeField(null=True)),
                ("request_id", models.CharField(blank=True, max_length=64)),
                (
                    "body",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imports",
                        to="workplan.sectoralbody",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="imports", to="workplan.workplan"
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imports",
                        to="workplan.reportinground",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="imports", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["state", "expires_at"], name="import_expiring"),
                    models.Index(fields=["round", "body", "state"], name="import_of_body"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["workbook", "statuses"])),
                        name="import_kind_known",
                        violation_error_message="The kind must be one of: workbook, statuses.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["previewed", "applied", "expired"])),
                        name="import_state_known",
                        violation_error_message="The state must be one of: previewed, applied, expired.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "workbook"), _negated=True),
                            models.Q(("body__isnull", False), ("round__isnull", False)),
                            _connector="OR",
                        ),
                        name="import_workbook_has_round",
                        violation_error_message="A round workbook is of a round and a body.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("content__isnull", False), ("state", "previewed")),
                            models.Q(models.Q(("state", "previewed"), _negated=True), ("content", None)),
                            _connector="OR",
                        ),
                        name="import_file_while_previewed",
                        violation_error_message="The file is kept as long as it can be confirmed, and no longer.",
                    ),
                ],
            },
        ),
    ]
