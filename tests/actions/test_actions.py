"""What the actions do, refuse and leave behind."""

import datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from tests.conftest import FIXTURES, Cast
from workplan import actions
from workplan.actions import Actor, EvidenceItem, Report
from workplan.exceptions import InUse, Invalid, NotAllowed, Stale
from workplan.models import (
    Activity,
    AuditEntry,
    CollaborationArea,
    Evidence,
    Provision,
    Responsibility,
    SectoralBody,
    StatusUpdate,
    WorkPlan,
)

DAY = datetime.date(2020, 6, 30)
REPORT = Report(
    status="ongoing",
    as_of=DAY,
    narrative="The first workshop was held.",
    evidence=(EvidenceItem("Report", "https://a.org/r"),),
)


def get(ref: str = "A.1.1.1") -> Activity:
    return Activity.objects.get(ref=ref)


def by(user: Any, channel: str = "page") -> Actor:
    return Actor(user=user, channel=channel, request_id="test-request")


def test_a_recorded_status_stands_on_the_activity_with_its_update_and_its_audit_entry(cast: Cast) -> None:
    before = get()

    update = actions.record_status(activity=before, version=before.version, report=REPORT, by=by(cast.secretariat))

    activity = get()
    assert (activity.status, activity.status_as_of, activity.latest_update) == ("ongoing", DAY, update)
    assert activity.version == before.version + 1
    assert activity.updated_at == update.created_at > before.updated_at
    assert update.state == "approved"
    assert (update.author, update.author_name) == (cast.secretariat, "Sari Staff (sari)")
    assert update.approved_at and update.approved_by == cast.secretariat
    assert [link.url for link in update.evidence.all()] == ["https://a.org/r"]
    entry = AuditEntry.objects.get(record_type="activity", record_id=str(activity.pk))
    assert (entry.action, entry.channel, entry.request_id) == ("status.recorded", "page", "test-request")
    assert entry.changes["status"] == ["not_reported", "ongoing"]
    assert entry.changes["latest_update"] == [None, update.pk]


def test_the_first_update_stays_when_a_second_one_corrects_it(cast: Cast) -> None:
    activity = get()
    first = actions.record_status(activity=activity, version=1, report=REPORT, by=by(cast.secretariat))
    correction = Report(status="not_reported", as_of=DAY, narrative="Reported by mistake.", kind="correction")

    actions.record_status(activity=activity, version=2, report=correction, by=by(cast.colleague))

    first.refresh_from_db()
    assert (first.status, first.narrative) == ("ongoing", "The first workshop was held.")
    assert get().status == "not_reported"
    assert get().updates.count() == 2


@pytest.mark.parametrize("who", ["newcomer", "somtc", "acwc"])
def test_only_the_secretariat_records_a_status(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        actions.record_status(activity=get(), version=1, report=REPORT, by=by(getattr(cast, who)))

    assert not StatusUpdate.objects.exists()


def test_nobody_in_particular_cannot_record_a_status(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        actions.record_status(activity=get(), version=1, report=REPORT, by=Actor(user=None, channel="command"))


def test_a_version_that_has_passed_is_refused_with_the_newer_one(cast: Cast) -> None:
    actions.record_status(activity=get(), version=1, report=REPORT, by=by(cast.secretariat))

    with pytest.raises(Stale) as refusal:
        actions.record_status(activity=get(), version=1, report=REPORT, by=by(cast.colleague))

    assert [activity.status for activity in refusal.value.current] == ["ongoing"]
    assert StatusUpdate.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"status": "done"}, "status"),
        ({"kind": "gossip"}, "kind"),
        ({"narrative": ""}, "narrative"),
        ({"narrative": "x" * 20_001}, "narrative"),
        ({"as_of": None}, "as_of"),
        ({"as_of": datetime.date(2999, 1, 1)}, "as_of"),
        ({"evidence": (EvidenceItem("A file", "javascript:alert(1)"),)}, "evidence"),
        ({"evidence": (EvidenceItem("", "https://a.org"),)}, "evidence"),
    ],
)
def test_values_that_break_a_rule_are_refused_by_field_and_nothing_is_written(
    cast: Cast, changes: dict[str, Any], field: str
) -> None:
    values = {"status": "ongoing", "as_of": DAY, "narrative": "Held.", **changes}

    with pytest.raises(Invalid) as refusal:
        actions.record_status(activity=get(), version=1, report=Report(**values), by=by(cast.secretariat))

    assert field in refusal.value.fields
    assert not StatusUpdate.objects.exists()
    assert not Evidence.objects.exists()
    assert not AuditEntry.objects.exists()
    assert get().version == 1


def test_several_activities_are_updated_all_or_none(cast: Cast) -> None:
    chosen = list(Activity.objects.order_by("position")[:3])
    versions = {activity.pk: activity.version for activity in chosen}
    actions.record_status(activity=chosen[2], version=1, report=REPORT, by=by(cast.colleague))

    with pytest.raises(Stale) as refusal:
        actions.record_status_of_many(versions=versions, report=REPORT, by=by(cast.secretariat, "bulk"))

    assert refusal.value.current == [chosen[2]]
    assert StatusUpdate.objects.count() == 1
    versions[chosen[2].pk] = 2
    assert len(actions.record_status_of_many(versions=versions, report=REPORT, by=by(cast.secretariat, "bulk"))) == 3
    assert set(Activity.objects.filter(pk__in=versions).values_list("status", flat=True)) == {"ongoing"}
    assert AuditEntry.objects.filter(channel="bulk").count() == 3


def test_an_activity_that_is_gone_stops_the_whole_bulk_update(cast: Cast) -> None:
    with pytest.raises(Invalid) as refusal:
        actions.record_status_of_many(versions={get().pk: 1, 10**9: 1}, report=REPORT, by=by(cast.secretariat))

    assert "activities" in refusal.value.fields
    assert not StatusUpdate.objects.exists()


def test_an_edit_of_the_plan_leaves_an_audit_entry_with_both_values(cast: Cast) -> None:
    activity = get()
    activity.expected_output = "A page on the website"

    assert actions.save_record(
        record=activity, by=by(cast.secretariat, "admin"), expected_version=1, reason="Agreed in May"
    )

    entry = AuditEntry.objects.get()
    assert entry.action == "activity.changed"
    assert entry.changes == {"expected_output": ["", "A page on the website"]}
    assert (entry.actor_name, entry.channel, entry.reason) == ("Sari Staff (sari)", "admin", "Agreed in May")
    assert get().version == 2


def test_an_edit_that_changes_nothing_leaves_nothing(cast: Cast) -> None:
    assert not actions.save_record(record=get(), by=by(cast.secretariat), expected_version=1)

    assert not AuditEntry.objects.exists()
    assert get().version == 1


def test_an_edit_of_an_old_copy_cannot_take_back_a_status(cast: Cast) -> None:
    old_copy = get()
    actions.record_status(activity=get(), version=1, report=REPORT, by=by(cast.colleague))
    old_copy.expected_output = "A page"

    with pytest.raises(Stale):
        actions.save_record(record=old_copy, by=by(cast.secretariat), expected_version=1)
    actions.save_record(record=old_copy, by=by(cast.secretariat))

    assert (get().status, get().expected_output) == ("ongoing", "A page")


def test_a_change_of_a_responsibility_raises_the_version_of_its_activity(cast: Cast) -> None:
    activity = get()
    part = activity.responsibilities.get(role="cooperating")
    part.role = "lead"

    actions.save_record(record=part, by=by(cast.secretariat, "admin"))

    assert get().version == activity.version + 1
    assert get().updated_at > activity.updated_at


def test_a_change_of_a_provision_is_a_change_of_its_activities_too(cast: Cast) -> None:
    before = get()
    provision = Provision.objects.get(ref="A.1")
    provision.text = "Increase awareness"

    actions.save_record(record=provision, by=by(cast.secretariat, "admin"))

    assert get().updated_at > before.updated_at
    assert Activity.objects.get(ref="B.1.1.1").updated_at == Activity.objects.get(ref="B.1.1.1").updated_at
    assert get().version == before.version


def test_a_body_that_carries_activities_cannot_be_deleted(cast: Cast) -> None:
    with pytest.raises(InUse):
        actions.delete_record(record=SectoralBody.objects.get(acronym="SOMTC"), by=by(cast.secretariat))

    assert SectoralBody.objects.filter(acronym="SOMTC").exists()
    assert not AuditEntry.objects.exists()


def test_a_deleted_responsibility_stays_in_the_audit_trail(cast: Cast) -> None:
    part = get().responsibilities.get(role="cooperating")

    actions.delete_record(record=part, by=by(cast.secretariat), reason="Withdrawn")

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.reason) == ("responsibility.deleted", "Withdrawn")
    assert entry.changes["role"] == ["cooperating", None]
    assert get().version == 2


def test_a_record_stands_in_the_plan_of_the_record_above_it(cast: Cast) -> None:
    activity = get()
    activity.plan = WorkPlan.objects.create(
        code="next", title="Next", period_start=DAY, period_end=DAY + datetime.timedelta(days=1)
    )

    with pytest.raises(Invalid) as refusal:
        actions.save_record(record=activity, by=by(cast.secretariat))

    assert refusal.value.fields == {"area": ["A.1.1 belongs to another plan."]}


@pytest.mark.parametrize(
    ("ref", "parent", "message"),
    [
        ("C.1.1", "C.1.1", "An area cannot be placed under itself."),
        ("C.1.1", "C.1.1.1", "An area cannot be placed under itself."),
        ("C.1.1", "A.1.1", "The area above belongs to another provision."),
    ],
)
def test_an_area_never_stands_under_itself(cast: Cast, ref: str, parent: str, message: str) -> None:
    area = CollaborationArea.objects.get(ref=ref)
    area.parent = CollaborationArea.objects.get(ref=parent)

    with pytest.raises(Invalid) as refusal:
        actions.save_record(record=area, by=by(cast.secretariat))

    assert refusal.value.fields == {"parent": [message]}


def test_loading_the_document_again_leaves_what_was_reported_and_every_version(cast: Cast) -> None:
    update = actions.record_status(activity=get(), version=1, report=REPORT, by=by(cast.secretariat))
    body = SectoralBody.objects.get(acronym="ACWC")
    body.acronym = "ACWCX"
    actions.save_record(record=body, by=by(cast.secretariat), expected_version=1)
    before = get()

    call_command("loaddata", *FIXTURES, verbosity=0)

    assert (get().status, get().latest_update, get().version) == ("ongoing", update, 2)
    assert get().updated_at == before.updated_at
    body.refresh_from_db()
    assert (body.acronym, body.version) == ("ACWCX", 2)


@pytest.mark.parametrize("who", ["newcomer", "somtc"])
def test_only_the_secretariat_edits_the_plan(cast: Cast, who: str) -> None:
    activity = get()
    activity.text = "Something else"

    with pytest.raises(NotAllowed):
        actions.save_record(record=activity, by=by(getattr(cast, who)))
    with pytest.raises(NotAllowed):
        actions.delete_record(record=Responsibility.objects.earliest("pk"), by=by(getattr(cast, who)))


def test_the_secretariat_does_not_manage_accounts(cast: Cast) -> None:
    cast.newcomer.is_superuser = True

    with pytest.raises(NotAllowed):
        actions.save_record(record=cast.newcomer, by=by(cast.secretariat))


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Activity, {"status": "finished"}),
        (Activity, {"status": "ongoing"}),
        (Activity, {"kind": "other"}),
        (Responsibility, {"role": "observer"}),
        (SectoralBody, {"pillar": "other"}),
    ],
)
def test_the_database_itself_refuses_what_must_never_be(cast: Cast, model: Any, values: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.filter(pk=model.objects.first().pk).update(**values)


def test_the_database_refuses_two_rows_with_one_reference(cast: Cast) -> None:
    activity = get()
    activity.pk = None
    activity._state.adding = True

    with pytest.raises(IntegrityError), transaction.atomic():
        activity.save()
