"""The time zone of a person, by whose calendar they say what is true today."""

from django.db import migrations, models

import workplan.models.people
import workplan.querysets.days


class Migration(migrations.Migration):
    dependencies = [("workplan", "0035_names_in_any_script")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="time_zone",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Where the person is, such as Asia/Manila; the secretariat's time zone where it is empty.",
                max_length=60,
                validators=[workplan.models.people.validate_zone],
            ),
        ),
        # The database knows no default. SQLite would make the table anew, without the triggers that keep its rows.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="evidence",
                    name="dated_on",
                    field=models.DateField(
                        default=workplan.querysets.days.secretariat_day,
                        help_text="The day of the document.",
                        verbose_name="date",
                    ),
                ),
            ],
        ),
    ]
