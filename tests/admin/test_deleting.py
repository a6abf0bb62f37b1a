"""What is deleted in the administration site goes through the action too; what is in use stays."""

import pytest

from tests.admin.forms import Page, list_of, record
from tests.conftest import Cast
from tests.larger_plans import saved
from workplan.models import Activity, AuditEntry, BodyAlias, Responsibility, SectoralBody, User


def test_a_body_in_use_is_not_deleted(cast: Cast, page: Page) -> None:
    client, body = page(cast.secretariat), SectoralBody.objects.get(acronym="SOMTC")
    path = f"/admin/workplan/sectoralbody/{body.pk}/delete/"
    response = client.post(path, {"post": "yes"})
    assert response.status_code == 200
    assert "Cannot delete sectoral body" in response.content.decode()
    assert SectoralBody.objects.filter(pk=body.pk).exists()


def test_what_the_action_refuses_to_delete_stays_with_a_message(
    cast: Cast, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Django's own look for what stands on a record has passed; somebody used it a moment later."""
    from workplan.admin.document import SectoralBodyAdmin

    monkeypatch.setattr(SectoralBodyAdmin, "get_deleted_objects", lambda *_: ([], {}, set(), []))
    client, body = page(cast.secretariat), SectoralBody.objects.get(acronym="SOMTC")
    entries = AuditEntry.objects.count()
    response = client.post(f"/admin/workplan/sectoralbody/{body.pk}/delete/", {"post": "yes"}, follow=True)
    assert "SOMTC cannot be deleted" in response.content.decode()
    response = client.post(
        list_of("sectoralbody"),
        {"action": "delete_selected", "_selected_action": [body.pk], "post": "yes"},
        follow=True,
    )
    assert "SOMTC cannot be deleted" in response.content.decode()
    assert SectoralBody.objects.filter(pk=body.pk).exists()
    assert body.aliases.count() == BodyAlias.objects.filter(body=body).count()
    assert AuditEntry.objects.count() == entries


def test_a_deleted_activity_leaves_an_entry_for_itself_and_each_of_its_parts(cast: Cast, page: Page) -> None:
    activity = Activity.objects.get(ref="A.1.1.2")
    parts = activity.responsibilities.count()
    client = page(cast.secretariat)
    path = f"/admin/workplan/activity/{activity.pk}/delete/"
    assert "Reason" in client.get(path).content.decode()
    assert client.post(path, {"post": "yes", "reason": "Merged with A.1.1.1"}).status_code == 302
    assert not Activity.objects.filter(pk=activity.pk).exists()
    entries = AuditEntry.objects.all()[: parts + 1]
    assert [entry.action for entry in entries] == ["activity.deleted", *["responsibility.deleted"] * parts]
    assert {entry.reason for entry in entries} == {"Merged with A.1.1.1"}


def test_delete_selected_goes_through_the_action_too(cast: Cast, page: Page) -> None:
    client, chosen = page(cast.secretariat), list(Responsibility.objects.all()[:3])
    response = client.post(
        list_of("responsibility"),
        {"action": "delete_selected", "_selected_action": [one.pk for one in chosen], "post": "yes"},
    )
    assert response.status_code == 302
    assert not Responsibility.objects.filter(pk__in=[one.pk for one in chosen]).exists()
    assert [entry.action for entry in AuditEntry.objects.all()[:3]] == ["responsibility.deleted"] * 3


def test_a_reported_activity_and_a_plan_stay(cast: Cast, page: Page, activity: Activity) -> None:
    record(activity, cast)
    client = page(cast.secretariat)
    client.post(f"/admin/workplan/activity/{activity.pk}/delete/", {"post": "yes"})
    assert Activity.objects.filter(pk=activity.pk).exists()
    assert client.post(f"/admin/workplan/workplan/{activity.plan_id}/delete/", {"post": "yes"}).status_code == 403


def test_a_person_with_a_history_leaves_and_hands_over(cast: Cast, page: Page, activity: Activity) -> None:
    view = saved(activity.plan, cast.somtc, "Ours")
    private = saved(activity.plan, cast.somtc, "Mine", is_shared=False)
    client, path = page(cast.administrator), f"/admin/workplan/user/{cast.somtc.pk}/delete/"
    page(cast.somtc).post("/accounts/settings/", {"time_zone": "Asia/Manila"})
    offered = client.get(path).content.decode()
    assert "Deactivate the account" in offered and "Nora New (nora)" in offered
    assert client.post(path, {"post": "yes"}).status_code == 200, "it is not deleted"

    for successor in ("x", str(cast.somtc.pk), "999999"):
        client.post(path, {"deactivate": "1", "successor": successor})
        assert User.objects.get(pk=cast.somtc.pk).is_active, successor
    answered = client.post(path, {"deactivate": "1", "successor": cast.newcomer.pk, "reason": "Retired"}, follow=True)

    assert "Bodies and shared views are transferred to Nora New." in answered.content.decode()
    assert not User.objects.get(pk=cast.somtc.pk).is_active
    assert [str(body) for body in cast.newcomer.bodies.all()] == ["SOMTC"]
    assert not cast.somtc.bodies.exists()
    view.refresh_from_db()
    private.refresh_from_db()
    assert (view.owner, view.version, private.owner) == (cast.newcomer, 2, cast.somtc)
    entries = AuditEntry.objects.filter(reason="Retired").values_list("action", flat=True)
    assert sorted(entries) == ["membership.created", "membership.deleted", "user.changed", "view.changed"]
    assert page(cast.secretariat).post(path, {"deactivate": "1"}).status_code == 403
    own = client.post(f"/admin/workplan/user/{cast.administrator.pk}/delete/", {"deactivate": "1"})
    assert own.status_code == 403


@pytest.mark.parametrize("chosen", ["nonsense", "99999999999999999999", "\x00"])
def test_choosing_what_cannot_exist_is_a_message(chosen: str, cast: Cast, page: Page) -> None:
    data = {"action": "delete_selected", "_selected_action": [chosen], "post": "yes"}
    assert page(cast.secretariat).post(list_of("activity"), data).status_code == 302
