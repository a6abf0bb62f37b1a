"""Labels and help texts in the standard terms."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workplan", "0080_plan_imports"),
    ]

    operations = [
        migrations.AlterField(
            model_name="statusupdate",
            name="as_of",
            field=models.DateField(blank=True, null=True, verbose_name="status as at"),
        ),
    ]
