"""The names that records had before they were kept, as the audit trail tells them."""

from django.db import migrations

NAMED_BY = {
    "workplan": ("WorkPlan", "code"),
    "sectoralbody": ("SectoralBody", "acronym"),
    "reportinground": ("ReportingRound", "code"),
    "section": ("Section", "ref"),
    "provision": ("Provision", "ref"),
    "collaborationarea": ("CollaborationArea", "ref"),
    "activity": ("Activity", "ref"),
}
# Of these there is no plan in which they would be named.
WITHOUT_PLAN = ("workplan", "sectoralbody")


def keep_names_of_before(apps, schema_editor):
    """A former name leads on to its record, unless another record has been given it since."""
    names = apps.get_model("workplan", "RecordName").objects
    aliases = apps.get_model("workplan", "BodyAlias").objects
    entries = apps.get_model("workplan", "AuditEntry").objects.filter(
        record_type__in=NAMED_BY, action__endswith=".changed"
    )
    for entry in entries.order_by("id").values("record_type", "record_id", "changes").iterator(chunk_size=1_000):
        model_name, field = NAMED_BY[entry["record_type"]]
        if field not in entry["changes"]:
            continue
        model = apps.get_model("workplan", model_name)
        record = model.objects.filter(pk=int(entry["record_id"])).first()
        name = entry["changes"][field][0]
        if record is None or not name:
            continue
        plan = None if entry["record_type"] in WITHOUT_PLAN else record.plan_id
        scope = {} if plan is None else {"plan_id": plan}
        if model.objects.filter(**scope, **{field: name}).exclude(pk=record.pk).exists():
            continue
        names.get_or_create(
            record_type=entry["record_type"], plan_id=plan, name=name, defaults={"record_id": record.pk}
        )
        if entry["record_type"] == "sectoralbody" and name != record.acronym:
            aliases.get_or_create(name=name, defaults={"body": record})


class Migration(migrations.Migration):
    dependencies = [("workplan", "0030_record_names")]

    operations = [migrations.RunPython(keep_names_of_before, migrations.RunPython.noop, elidable=True)]
