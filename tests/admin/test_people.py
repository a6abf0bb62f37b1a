"""Accounts, groups and tokens are kept by administrators."""

import pytest
from django.contrib.auth.models import Group

from tests.admin.forms import Page, errors_of, last_entry, page_of, record, typed
from tests.conftest import PASSWORD, Cast, make_person
from workplan import actions
from workplan.actions import Actor
from workplan.models import Activity, ApiToken, AuditEntry, Membership, SectoralBody, User


def test_an_administrator_makes_an_account_with_a_body_and_the_entry_keeps_no_password(cast: Cast, page: Page) -> None:
    client, path = page(cast.administrator), "/admin/workplan/user/add/"
    data = typed(
        client.get(path),
        username="maria",
        usable_password="true",
        password1="rain on the roof",
        password2="rain on the roof",
        email="maria@example.org",
        **{"memberships-TOTAL_FORMS": "1", "memberships-0-body": SectoralBody.objects.get(acronym="ACWC").pk},
    )
    response = client.post(path, data)
    assert response.status_code == 302, errors_of(response)
    maria = User.objects.get(username="maria")
    assert maria.check_password("rain on the roof")
    assert not maria.is_superuser
    assert not maria.is_staff
    assert [str(body) for body in maria.bodies.all()] == ["ACWC"]
    entries = AuditEntry.objects.all()[:2]
    assert [entry.action for entry in entries] == ["membership.created", "user.created"]
    assert entries[1].changes["password"] == ["…", "…"]
    assert maria.password not in str([entry.changes for entry in entries])
    assert page(maria).get("/").status_code == 200


def test_an_account_can_begin_without_a_password(cast: Cast, page: Page) -> None:
    client, path = page(cast.administrator), "/admin/workplan/user/add/"
    response = client.post(path, typed(client.get(path), username="maria", usable_password="false"))
    assert response.status_code == 302, errors_of(response)
    assert not User.objects.get(username="maria").has_usable_password()


def test_an_administrator_puts_a_person_into_a_group(cast: Cast, page: Page) -> None:
    client, secretariat = page(cast.administrator), Group.objects.get(name="Secretariat")
    data = typed(client.get(page_of(cast.newcomer)), groups=[secretariat.pk], first_name="Eleonora")
    response = client.post(page_of(cast.newcomer), data)
    assert response.status_code == 302, errors_of(response)
    assert last_entry().changes == {"first_name": ["Nora", "Eleonora"], "groups": [[], ["Secretariat"]]}
    assert page(User.objects.get(pk=cast.newcomer.pk)).get("/admin/").status_code == 200


def test_the_members_of_a_group_are_edited_on_its_page(cast: Cast, page: Page) -> None:
    client, group = page(cast.administrator), Group.objects.get(name="Secretariat")
    response = client.get(page_of(group))
    assert str(cast.secretariat.pk) in typed(response)["members"]
    response = client.post(page_of(group), typed(response, members=[cast.secretariat.pk], name="Kings"))
    assert response.status_code == 302, errors_of(response)
    assert list(group.user_set.all()) == [cast.secretariat]
    group.refresh_from_db()
    assert group.name == "Secretariat"
    entry = last_entry()
    assert entry.action == "group.changed"
    assert "Ben Staff" in entry.changes["user_set"][0]
    assert client.get("/admin/auth/group/add/").status_code == 403
    assert client.post(f"/admin/auth/group/{group.pk}/delete/", {"post": "yes"}).status_code == 403
    response = client.post(page_of(group), typed(client.get(page_of(group)), members=["x", "999999"]))
    assert "Select a valid choice" in errors_of(response) or "not a valid value" in errors_of(response)


def test_an_administrator_does_not_become_a_superuser(cast: Cast, page: Page) -> None:
    client = page(cast.administrator)
    everything = {"is_superuser": "on", "is_staff": "on", "user_permissions": ["1"], "is_demo": "on"}
    response = client.get(page_of(cast.administrator))
    assert not {"is_superuser", "is_staff", "user_permissions"} & set(typed(response))
    assert client.post(page_of(cast.administrator), typed(response, **everything)).status_code == 302
    path = "/admin/workplan/user/add/"
    data = typed(client.get(path), username="root", password1="rain on the roof", password2="rain on the roof")
    assert client.post(path, {**data, "usable_password": "true", **everything}).status_code == 302
    assert not User.objects.filter(is_superuser=True).exists()
    assert not User.objects.filter(is_staff=True).exists()
    assert not User.objects.filter(is_demo=True).exists()


def test_an_administrator_does_not_take_over_a_superuser(cast: Cast, page: Page) -> None:
    root = make_person("root")
    root.is_superuser = True
    root.save()
    client = page(cast.administrator)
    assert client.get(page_of(root)).status_code == 200
    data = {"email": "ada@example.org", "username": "root", "is_active": "on"}
    assert client.post(page_of(root), data).status_code == 403
    assert client.get(f"/admin/workplan/user/{root.pk}/password/").status_code == 403
    words = {"password1": "rain on the roof", "password2": "rain on the roof", "usable_password": "true"}
    assert client.post(f"/admin/workplan/user/{root.pk}/password/", words).status_code == 403
    assert client.post(f"/admin/workplan/user/{root.pk}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [root.pk], "post": "yes"}
    assert client.post("/admin/workplan/user/", chosen).status_code == 403
    root.refresh_from_db()
    assert root.check_password(PASSWORD)
    assert root.email == "root@example.org"
    response = page(root).get(page_of(cast.newcomer))
    assert "is_superuser" in response.content.decode()
    assert page(root).post(page_of(cast.newcomer), typed(response, is_superuser="on")).status_code == 302
    cast.newcomer.refresh_from_db()
    assert cast.newcomer.is_superuser


def test_nobody_shuts_or_deletes_the_account_they_are_signed_in_with(cast: Cast, page: Page) -> None:
    client = page(cast.administrator)
    data = typed(client.get(page_of(cast.administrator)))
    data.pop("is_active", None)
    client.post(page_of(cast.administrator), data)
    assert client.post(page_of(cast.administrator).replace("change", "delete"), {"post": "yes"}).status_code == 403
    cast.administrator.refresh_from_db()
    assert cast.administrator.is_active


def test_a_password_set_by_an_administrator_leaves_an_entry_without_it(cast: Cast, page: Page) -> None:
    client, path = page(cast.administrator), f"/admin/workplan/user/{cast.somtc.pk}/password/"
    words = {"password1": "rain on the roof", "password2": "rain on the roof", "usable_password": "true"}
    assert client.get(path).status_code == 200
    assert client.post(path, {**words, "set-password": "1"}).status_code == 302
    cast.somtc.refresh_from_db()
    assert cast.somtc.check_password("rain on the roof")
    entry = last_entry()
    assert (entry.action, entry.changes, entry.actor) == (
        "user.password_set",
        {"password": ["…", "…"]},
        cast.administrator,
    )
    response = client.post(path, {**words, "password2": "something else", "set-password": "1"})
    assert "match" in response.content.decode()


def test_an_account_that_breaks_a_rule_gets_no_password_and_a_message(cast: Cast, page: Page) -> None:
    User.objects.filter(pk=cast.somtc.pk).update(email="nonsense")
    path = f"/admin/workplan/user/{cast.somtc.pk}/password/"
    words = {"password1": "rain on the roof", "password2": "rain on the roof", "usable_password": "true"}
    response = page(cast.administrator).post(path, {**words, "set-password": "1"}, follow=True)
    assert "email: Enter a valid email address." in response.content.decode()
    cast.somtc.refresh_from_db()
    assert cast.somtc.check_password(PASSWORD)


def test_a_closed_account_is_out_at_once(cast: Cast, page: Page) -> None:
    theirs, client = page(cast.secretariat), page(cast.administrator)
    assert theirs.get("/admin/").status_code == 200
    data = typed(client.get(page_of(cast.secretariat)))
    del data["is_active"]
    assert client.post(page_of(cast.secretariat), data).status_code == 302
    assert theirs.get("/admin/").status_code == 302


def test_no_filter_reads_a_password(cast: Cast, page: Page) -> None:
    client = page(cast.administrator)
    for lookup in ("password__startswith", "auth_token_set__digest__startswith"):
        assert client.get(f"/admin/workplan/user/?{lookup}=a").status_code == 400


def test_an_unused_account_is_deleted_with_its_memberships_and_one_that_did_something_stays(
    cast: Cast, page: Page, activity: Activity
) -> None:
    client = page(cast.administrator)
    assert client.post(page_of(cast.somtc).replace("change", "delete"), {"post": "yes"}).status_code == 302
    assert [entry.action for entry in AuditEntry.objects.all()[:2]] == ["user.deleted", "membership.deleted"]
    assert not Membership.objects.filter(user=cast.somtc.pk).exists()
    record(activity, cast)
    client.post(page_of(cast.secretariat).replace("change", "delete"), {"post": "yes"})
    assert User.objects.filter(pk=cast.secretariat.pk).exists()


def test_an_administrator_takes_a_token_away_and_the_entry_keeps_no_hash(cast: Cast, page: Page) -> None:
    token, _ = ApiToken.objects.create(user=cast.somtc)
    client = page(cast.administrator)
    seen = client.get(page_of(token))
    assert seen.status_code == 200
    assert 'name="_save"' not in seen.content.decode()
    assert client.post(page_of(token).replace("change", "delete"), {"post": "yes"}).status_code == 302
    assert not ApiToken.objects.exists()
    entry = last_entry()
    assert entry.action == "apitoken.revoked"
    assert token.digest not in f"{entry.record_label} {entry.record_id} {entry.changes}"


def test_the_secretariat_does_not_touch_tokens_or_groups_even_by_the_action(cast: Cast) -> None:
    from workplan.exceptions import NotAllowed

    token, _ = ApiToken.objects.create(user=cast.administrator)
    by = Actor(cast.secretariat, "admin")
    with pytest.raises(NotAllowed):
        actions.delete_record(record=token, by=by)
    with pytest.raises(NotAllowed):
        actions.save_record(
            record=Group.objects.get(name="Administrators"), by=by, links={"user_set": [cast.secretariat]}
        )
