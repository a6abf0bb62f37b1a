"""Accounts are found by their names whatever their case; tables stay as they are."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("workplan", "0036_time_zone_of_a_person")]

    operations = [migrations.AlterModelManagers(name="user", managers=[])]
