from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workplan", "0003_entries_of_the_secretariat")]

    operations = [
        migrations.AddConstraint(
            model_name="statusupdate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ("draft", "returned")),
                    models.Q(
                        ("submitted_at__isnull", False),
                        ("submitted_by__isnull", False),
                        models.Q(("submitted_by_name", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="statusupdate_submission_traceable",
                violation_error_message="A submitted update needs the person and the time of its submission.",
            ),
        ),
    ]
