"""Tokens that had no end get one, counted from the upgrade, so that no program is cut off by it."""

from django.conf import settings
from django.db import migrations
from django.utils import timezone


def give_an_end(apps, schema_editor):
    tokens = apps.get_model("workplan", "ApiToken").objects.using(schema_editor.connection.alias)
    tokens.filter(expiry=None).update(expiry=timezone.now() + settings.REST_KNOX["TOKEN_TTL"])


class Migration(migrations.Migration):
    dependencies = [("workplan", "0015_account_versions")]

    operations = [migrations.RunPython(give_an_end, migrations.RunPython.noop)]
