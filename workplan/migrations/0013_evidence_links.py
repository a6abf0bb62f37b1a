"""One rule says what can be a link to evidence; nothing changes in the database."""

from django.db import migrations, models

import workplan.models.reporting


class Migration(migrations.Migration):
    dependencies = [
        ("workplan", "0012_search_words"),
    ]

    operations = [
        migrations.AlterField(
            model_name="evidence",
            name="url",
            field=models.CharField(
                blank=True, max_length=2000, validators=[workplan.models.reporting.validate_link], verbose_name="link"
            ),
        ),
    ]
