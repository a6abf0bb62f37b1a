import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workplan", "0017_no_token_without_end")]

    operations = [
        migrations.CreateModel(
            name="AttemptCounter",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("free_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("forgotten_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("known_until", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["forgotten_at"], name="attemptcounter_forgotten")],
            },
        ),
    ]
