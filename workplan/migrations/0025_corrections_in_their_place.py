import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Coalesce


class Migration(migrations.Migration):
    dependencies = [
        ("workplan", "0022_deferred_until"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="statusupdate",
            name="statusupdate_as_known",
        ),
        migrations.AddField(
            model_name="activity",
            name="confirmed_on",
            field=models.DateField(editable=False, null=True, verbose_name="confirmed without change on"),
        ),
        migrations.AddField(
            model_name="statusupdate",
            name="corrects",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                help_text="The report that it corrects and whose place it takes; never itself a correction that names one.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrections",
                to="workplan.statusupdate",
            ),
        ),
        migrations.AddField(
            model_name="statusupdate",
            name="original_approved_at",
            field=models.DateTimeField(
                blank=True, editable=False, help_text="When the report that it corrects was approved.", null=True
            ),
        ),
        migrations.AddIndex(
            model_name="statusupdate",
            index=models.Index(
                models.F("activity"),
                models.OrderBy(Coalesce("original_approved_at", "approved_at"), descending=True),
                models.OrderBy(Coalesce("corrects_id", "id", output_field=models.BigIntegerField()), descending=True),
                models.OrderBy(models.F("approved_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("state", "approved")),
                name="statusupdate_in_its_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="statusupdate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("draft", "submitted", "returned"))),
                fields=("corrects", "is_direct"),
                name="statusupdate_one_correction_underway",
                violation_error_message="A correction of this report is already under way.",
            ),
        ),
    ]
