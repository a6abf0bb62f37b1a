"""Activities whose last report says that nothing has changed show again the status, date and report before it.

Until now "no change" and nil returns took the place of the report before them. Each activity that changes gets a
line in the audit trail and a new version, so that programs that keep in step fetch it again.
"""

from django.db import migrations
from django.db.models import F, Q
from django.utils import timezone

WITHOUT_CHANGE = ("no_change", "nil_return")
AT_A_TIME = 200
REASON = "“No change” and nil returns no longer take the place of the report before them."


def published(apps):
    in_effect = Q(round=None) | Q(round__publication="at_once") | Q(round__state="published")
    return apps.get_model("workplan", "StatusUpdate").objects.filter(in_effect, state="approved")


def in_steps(rows):
    """The rows by their ids, a bounded number at a time, whatever is written to them meanwhile."""
    after = 0
    while found := list(rows.filter(pk__gt=after).order_by("pk")[:AT_A_TIME]):
        yield found
        after = found[-1].pk


def reports_of(apps, activities):
    """For each activity its published reports, the latest last."""
    found = {}
    rows = published(apps).filter(activity__in=[one.pk for one in activities])
    for report in rows.order_by("approved_at", "pk").only("activity_id", "kind", "status", "as_of"):
        found.setdefault(report.activity_id, []).append(report)
    return found


def day(value):
    return value.isoformat() if value else None


def restate(apps, schema_editor):
    Activity, AuditEntry = apps.get_model("workplan", "Activity"), apps.get_model("workplan", "AuditEntry")
    rows = Activity.objects.filter(latest_update__kind__in=WITHOUT_CHANGE)
    now = timezone.now()
    for activities in in_steps(rows):
        reports = reports_of(apps, activities)
        entries = []
        for activity in activities:
            last = reports.get(activity.pk, [])
            stated = next((one for one in reversed(last) if one.kind not in WITHOUT_CHANGE), None)
            confirmed = last[-1].as_of if last and last[-1].kind in WITHOUT_CHANGE else None
            if stated is None or (confirmed and confirmed < stated.as_of):
                confirmed = None
            before = (activity.status, day(activity.status_as_of), activity.latest_update_id, None, activity.version)
            activity.status = stated.status if stated else "not_reported"
            activity.status_as_of = stated.as_of if stated else None
            activity.latest_update = stated
            activity.confirmed_on = confirmed
            activity.version += 1
            activity.updated_at = now
            after = (
                *(activity.status, day(activity.status_as_of), stated.pk if stated else None),
                *(day(confirmed), activity.version),
            )
            names = ("status", "status_as_of", "latest_update", "confirmed_on", "version")
            entries.append(
                AuditEntry(
                    actor_name="apta",
                    channel="command",
                    action="status.restated",
                    plan_id=activity.plan_id,
                    activity_id=activity.pk,
                    record_type="activity",
                    record_id=str(activity.pk),
                    record_label=f"{activity.ref} {activity.text}"[:300],
                    changes={
                        name: [old, new] for name, old, new in zip(names, before, after, strict=True) if old != new
                    },
                    reason=REASON,
                )
            )
        fields = ["status", "status_as_of", "latest_update", "confirmed_on", "version", "updated_at"]
        Activity.objects.bulk_update(activities, fields)
        AuditEntry.objects.bulk_create(entries)


def take_back(apps, schema_editor):
    """The report that was approved last states the status again, whatever it says."""
    Activity = apps.get_model("workplan", "Activity")
    without = published(apps).filter(kind__in=WITHOUT_CHANGE).values("activity")
    for activities in in_steps(Activity.objects.filter(pk__in=without)):
        reports = reports_of(apps, activities)
        for activity in activities:
            last = reports[activity.pk][-1]
            activity.status, activity.status_as_of, activity.latest_update = last.status, last.as_of, last
        Activity.objects.bulk_update(activities, ["status", "status_as_of", "latest_update"])
        Activity.objects.filter(pk__in=[one.pk for one in activities]).update(version=F("version") + 1)


class Migration(migrations.Migration):
    dependencies = [("workplan", "0026_corrections_append_only")]

    operations = [migrations.RunPython(restate, take_back)]
