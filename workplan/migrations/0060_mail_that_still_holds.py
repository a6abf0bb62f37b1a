"""What notices are about, so that their words hold when they leave; addresses that are refused; keys of subscriptions."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workplan", "0055_audit_seals"),
    ]

    operations = [
        migrations.CreateModel(
            name="SubscriptionKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("purpose", models.CharField(choices=[("calendar", "Calendars"), ("feed", "Feeds")], max_length=20)),
                ("version", models.PositiveIntegerField(default=0)),
                ("is_revoked", models.BooleanField(default=False)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["user", "purpose"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="digest",
            name="digest_one_underway",
        ),
        migrations.RemoveConstraint(
            model_name="notice",
            name="notice_event_known",
        ),
        migrations.AddField(
            model_name="digest",
            name="refused_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="notice",
            name="about",
            field=models.ForeignKey(
                help_text="The person whose address is refused.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="details",
            field=models.TextField(blank=True, db_default="", default="", help_text="What the mail says besides."),
        ),
        migrations.AddField(
            model_name="notice",
            name="update",
            field=models.ForeignKey(
                help_text="The report that it is about.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="workplan.statusupdate",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="view",
            field=models.ForeignKey(
                help_text="The followed view that it is about.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="workplan.savedview",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="refusal",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=500),
        ),
        migrations.AddField(
            model_name="user",
            name="refused_address",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=300),
        ),
        migrations.AddField(
            model_name="user",
            name="refused_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="notice",
            name="event",
            field=models.CharField(
                choices=[
                    ("opened", "Round opened"),
                    ("due_soon", "Due soon"),
                    ("overdue", "Overdue"),
                    ("submitted", "Submitted"),
                    ("returned", "Returned"),
                    ("approved", "Approved"),
                    ("exception", "More time"),
                    ("publication", "Publication"),
                    ("followed", "Followed view"),
                    ("to_review", "Reports to review"),
                    ("undeliverable", "Mail refused"),
                ],
                max_length=30,
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="round",
            field=models.ForeignKey(
                help_text="The round that it is about.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="workplan.reportinground",
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="text",
            field=models.CharField(max_length=2500),
        ),
        migrations.AddConstraint(
            model_name="digest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("refused_at", None), ("sent_at", None)),
                fields=("user",),
                name="digest_one_underway",
            ),
        ),
        migrations.AddIndex(
            model_name="digest",
            index=models.Index(
                condition=models.Q(("refused_at__isnull", False)), fields=["user"], name="digest_refused"
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "event__in",
                        [
                            "opened",
                            "due_soon",
                            "overdue",
                            "submitted",
                            "returned",
                            "approved",
                            "exception",
                            "publication",
                            "followed",
                            "to_review",
                            "undeliverable",
                        ],
                    )
                ),
                name="notice_event_known",
                violation_error_message="The event must be one of: opened, due_soon, overdue, submitted, returned, approved, exception, publication, followed, to_review, undeliverable.",
            ),
        ),
        migrations.AddField(
            model_name="subscriptionkey",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="subscription_keys",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="subscriptionkey",
            constraint=models.UniqueConstraint(fields=("user", "purpose"), name="subscriptionkey_once_per_purpose"),
        ),
        migrations.AddConstraint(
            model_name="subscriptionkey",
            constraint=models.CheckConstraint(
                condition=models.Q(("purpose__in", ["calendar", "feed"])),
                name="subscriptionkey_purpose_known",
                violation_error_message="The purpose must be one of: calendar, feed.",
            ),
        ),
    ]
