from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workplan", "0016_tokens_end")]

    operations = [
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.CheckConstraint(
                condition=models.Q(("expiry__isnull", False)),
                name="apitoken_ends",
                violation_error_message="A token must have a day on which it ends.",
            ),
        ),
    ]
