from django.db import migrations, models


class Migration(migrations.Migration):
    """The secretariat's draft on a body's behalf no longer stands in the way of the body's own."""

    dependencies = [("workplan", "0006_status_as_known")]

    operations = [
        migrations.RemoveConstraint(model_name="statusupdate", name="statusupdate_one_draft_per_body"),
        migrations.AddConstraint(
            model_name="statusupdate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "draft")),
                fields=("activity", "round", "body", "is_direct"),
                name="statusupdate_one_draft_per_side",
                violation_error_message="Your side already has a draft for this activity in this round.",
            ),
        ),
    ]
