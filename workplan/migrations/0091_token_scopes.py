"""Tokens get names, scopes, a body and when they were last used; accounts may be those of programs.

Tokens of before keep all rights: the database gives them every scope and no body.
"""

import django.db.models.deletion
from django.db import migrations, models

SETS_OF_SCOPES = [
    "read",
    "read plan",
    "read report",
    "read report plan",
    "read report review",
    "read report review plan",
]
EVERY_SCOPE = "read report review plan"


class Migration(migrations.Migration):
    dependencies = [("workplan", "0090_labels")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="is_service",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="The account of a program. It cannot sign in with a password; administrators make its "
                "tokens.",
                verbose_name="service account",
            ),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="name",
            field=models.CharField(blank=True, db_default="", default="", max_length=100),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="scopes",
            field=models.CharField(db_default=EVERY_SCOPE, default=EVERY_SCOPE, max_length=40),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="body",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tokens",
                to="workplan.sectoralbody",
            ),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="last_used_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.CheckConstraint(
                condition=models.Q(("scopes__in", SETS_OF_SCOPES)),
                name="apitoken_scopes_known",
                violation_error_message="The scopes must be some of: read, report, review, plan.",
            ),
        ),
    ]
