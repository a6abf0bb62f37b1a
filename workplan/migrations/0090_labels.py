"""What people read of the values of a field; the database is left as it is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workplan", "0085_meeting_documents"),
    ]

    operations = [
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
                    ("exception", "Deadline extension"),
                    ("publication", "Publication"),
                    ("followed", "Followed view"),
                    ("to_review", "Reports to review"),
                    ("undeliverable", "Mail refused"),
                ],
                max_length=30,
            ),
        ),
    ]
