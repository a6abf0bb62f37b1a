"""Addresses of saved views in any script, and names in the composed form in which they are compared."""

import unicodedata
from typing import Any

import django.core.validators
from django.db import IntegrityError, migrations, models, transaction

import workplan.models.saved_views

NAMES = {
    "SavedView": ("name",),
    "BodyAlias": ("name",),
    "ReportingRound": ("name",),
    "User": ("first_name", "last_name"),
}


def compose_names(apps: Any, schema_editor: Any) -> None:
    """Where another record has the composed name already, a name stays as it is."""
    for model_name, fields in NAMES.items():
        rows = apps.get_model("workplan", model_name).objects.using(schema_editor.connection.alias)
        for pk, *values in rows.values_list("pk", *fields).iterator(chunk_size=1_000):
            composed = [unicodedata.normalize("NFC", value) for value in values]
            if composed != values:
                try:
                    with transaction.atomic(using=schema_editor.connection.alias):
                        rows.filter(pk=pk).update(**dict(zip(fields, composed, strict=True)))
                except IntegrityError:
                    continue


class Migration(migrations.Migration):
    dependencies = [("workplan", "0031_names_of_before")]

    operations = [
        migrations.AlterField(
            model_name="savedview",
            name="slug",
            field=models.CharField(
                max_length=60,
                unique=True,
                validators=[
                    workplan.models.saved_views.validate_view_slug,
                    django.core.validators.RegexValidator(
                        "^(?:all|feed|mine|new|shared)\\Z",
                        "This word is the address of another page.",
                        inverse_match=True,
                    ),
                ],
            ),
        ),
        migrations.RunPython(compose_names, migrations.RunPython.noop, elidable=True),
    ]
