"""Rounds ask about every activity or about those that go on, and can be published on a day set before."""

from django.db import migrations, models

EVENTS = ["opened", "due_soon", "overdue", "submitted", "returned", "approved", "exception", "publication", "followed"]


class Migration(migrations.Migration):
    dependencies = [("workplan", "0019_standard_terms")]

    operations = [
        migrations.AddField(
            model_name="reportinground",
            name="asks_for_all",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Whether completed and cancelled activities are reported on, too, as in a final evaluation.",
                verbose_name="asks about every activity",
            ),
        ),
        migrations.AddField(
            model_name="reportinground",
            name="publish_on",
            field=models.DateField(
                blank=True,
                editable=False,
                help_text="The day on which it is published by itself, where nothing stands in the way.",
                null=True,
                verbose_name="to be published on",
            ),
        ),
        migrations.RemoveConstraint(model_name="notice", name="notice_event_known"),
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
                ],
                max_length=30,
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(event__in=EVENTS),
                name="notice_event_known",
                violation_error_message=f"The event must be one of: {', '.join(EVENTS)}.",
            ),
        ),
        migrations.AlterField(
            model_name="obligation",
            name="state",
            field=models.CharField(
                choices=[
                    ("owed", "Due"),
                    ("draft", "Draft"),
                    ("submitted", "Submitted"),
                    ("returned", "Returned"),
                    ("approved", "Approved"),
                ],
                default="owed",
                max_length=20,
            ),
        ),
    ]
