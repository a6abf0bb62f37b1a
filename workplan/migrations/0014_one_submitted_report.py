"""A report that was returned to a body keeps no other lead body of its activity from reporting in the round."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workplan", "0013_evidence_links"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="statusupdate",
            name="statusupdate_one_underway",
        ),
        migrations.AddConstraint(
            model_name="statusupdate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("submitted", "returned"))),
                fields=("activity", "round", "body"),
                name="statusupdate_one_underway",
                violation_error_message="A report of this body on this activity is already under way in this round.",
            ),
        ),
        migrations.AddConstraint(
            model_name="statusupdate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "submitted")),
                fields=("activity", "round"),
                name="statusupdate_one_submitted",
                violation_error_message="A report on this activity is already submitted in this round.",
            ),
        ),
    ]
