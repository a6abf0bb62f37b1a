"""Accounts in the administration: nobody overwrites what somebody else has changed, and an administrator stays."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client

from tests.accounts.test_credentials import form_of
from tests.conftest import Cast, make_person
from workplan import actions
from workplan.actions import Actor
from workplan.exceptions import Refusal
from workplan.models import AuditEntry, Membership, SectoralBody, User
from workplan.permissions import ADMINISTRATORS_GROUP, SECRETARIAT_GROUP

Page = Callable[..., Client]
STALE = "Somebody else has changed this"
LAST = "last administrator"


def page_of(record: Any) -> str:
    return f"/admin/{record._meta.app_label}/{record._meta.model_name}/{record.pk}/change/"


def errors_of(answer: Any) -> str:
    return answer.content.decode() if answer.status_code == 200 else ""


# Nobody overwrites


def test_an_account_is_not_edited_over_somebody_elses_edit(cast: Cast, page: Page) -> None:
    client, path = page(cast.administrator), page_of(cast.somtc)
    mine, theirs = form_of(client.get(path)), form_of(client.get(path))
    assert client.post(path, theirs | {"last_name": "Changed"}).status_code == 302
    answer = client.post(path, mine | {"first_name": "Overwritten"})
    assert STALE in errors_of(answer)
    cast.somtc.refresh_from_db()
    assert cast.somtc.get_full_name() == "Somchai Changed"
    again = form_of(answer)
    assert client.post(path, again | {"first_name": "Mine"}).status_code == 302, "having seen it, one may decide anew"


def test_an_account_is_not_edited_over_a_change_of_its_groups(cast: Cast, page: Page) -> None:
    client, path = page(cast.administrator), page_of(cast.secretariat)
    mine = form_of(client.get(path))
    group = Group.objects.get(name=SECRETARIAT_GROUP)
    data = form_of(client.get(page_of(group)))
    data["members"] = [str(cast.colleague.pk)]
    assert client.post(page_of(group), data).status_code == 302
    answer = client.post(path, mine | {"first_name": "Overwritten"})
    assert STALE in errors_of(answer)
    assert not cast.secretariat.groups.exists(), "the group that was taken is not given back by an old page"


def test_an_account_is_not_edited_over_a_change_of_its_bodies(cast: Cast, page: Page) -> None:
    client, path = page(cast.administrator), page_of(cast.newcomer)
    mine = form_of(client.get(path))
    body = SectoralBody.objects.get(acronym="SLOM")
    by = Actor(cast.administrator, "admin", "r")
    actions.save_record(record=Membership(user=cast.newcomer, body=body), by=by)
    assert STALE in errors_of(client.post(path, mine | {"first_name": "Overwritten"}))


def test_members_of_a_group_are_not_edited_over_somebody_elses_edit(cast: Cast, page: Page) -> None:
    client = page(cast.administrator)
    group = Group.objects.get(name=SECRETARIAT_GROUP)
    path = page_of(group)
    mine = form_of(client.get(path))
    actions.save_record(record=cast.newcomer, by=Actor(cast.administrator, "admin", "r"), links={"groups": [group]})
    answer = client.post(path, mine | {"members": [str(cast.secretariat.pk)]})
    assert STALE in errors_of(answer)
    assert "Nora New" in errors_of(answer), "who is in it now is told"
    assert set(group.user_set.all()) == {cast.secretariat, cast.colleague, cast.newcomer}  # type: ignore[attr-defined]
    again = form_of(answer) | {"members": [str(cast.secretariat.pk)]}
    assert client.post(path, again).status_code == 302
    assert set(group.user_set.all()) == {cast.secretariat}  # type: ignore[attr-defined]


def test_signing_in_is_no_edit(cast: Cast, page: Page) -> None:
    client, path = page(cast.administrator), page_of(cast.somtc)
    mine = form_of(client.get(path))
    page(cast.somtc).get("/")
    Client().post("/accounts/login/", {"login": "somchai", "password": "correct horse battery"})
    assert client.post(path, mine | {"first_name": "Mine"}).status_code == 302


# An administrator stays


def deactivate(user: User, by: Actor) -> None:
    user.is_active = False
    actions.save_record(record=user, by=by)


def delete(user: User, by: Actor) -> None:
    actions.delete_record(record=user, by=by)


def take_group(user: User, by: Actor) -> None:
    actions.save_record(record=user, by=by, links={"groups": []})


def empty_group(user: User, by: Actor) -> None:
    group = Group.objects.get(name=ADMINISTRATORS_GROUP)
    actions.save_record(record=group, by=by, links={"user_set": []})


def delete_group(user: User, by: Actor) -> None:
    actions.delete_record(record=Group.objects.get(name=ADMINISTRATORS_GROUP), by=by)


ACTIONS: dict[str, Callable[[User, Actor], None]] = {
    "deactivate": deactivate,
    "delete": delete,
    "take group": take_group,
    "empty group": empty_group,
    "delete group": delete_group,
}


@pytest.mark.parametrize("way", ACTIONS)
@pytest.mark.parametrize("who", ["themselves", "a command"])
def test_no_action_removes_the_last_administrator(way: str, who: str, cast: Cast) -> None:
    ada = User.objects.get(pk=cast.administrator.pk)
    by = Actor(cast.administrator, "admin", "r") if who == "themselves" else Actor(None, "command")
    own = "account that they are signed in with" if (way, who) == ("delete", "themselves") else LAST
    with pytest.raises(Refusal, match=own):
        ACTIONS[way](ada, by)
    stored = User.objects.get(pk=cast.administrator.pk)
    assert stored.is_active and stored.groups.filter(name=ADMINISTRATORS_GROUP).exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("way", ["deactivate", "delete", "take group"])
def test_one_of_two_administrators_may_go(way: str, cast: Cast) -> None:
    make_person("eva", name="Eva Admin", group=ADMINISTRATORS_GROUP)
    ACTIONS[way](User.objects.get(pk=cast.administrator.pk), Actor(None, "command"))


@pytest.mark.parametrize("other", ["closed", "demo account in production"])
def test_an_administrator_who_cannot_sign_in_does_not_count(other: str, cast: Cast, settings: Any) -> None:
    eva = make_person("eva", name="Eva Admin", group=ADMINISTRATORS_GROUP)
    if other == "closed":
        User.objects.filter(pk=eva.pk).update(is_active=False)
    else:
        settings.TRIAL = False
        User.objects.filter(pk=eva.pk).update(is_demo=True)
    with pytest.raises(Refusal, match=LAST):
        take_group(User.objects.get(pk=cast.administrator.pk), Actor(cast.administrator, "admin", "r"))


def test_a_superuser_is_an_administrator_and_stays_one_if_the_last(cast: Cast) -> None:
    root = make_person("root")
    User.objects.filter(pk=root.pk).update(is_superuser=True)
    root = User.objects.get(pk=root.pk)
    by = Actor(root, "admin", "r")
    take_group(User.objects.get(pk=cast.administrator.pk), by)
    changed = User.objects.get(pk=root.pk)
    changed.is_superuser = False
    with pytest.raises(Refusal, match=LAST):
        actions.save_record(record=changed, by=by)


def test_what_does_not_touch_rights_is_not_hindered(cast: Cast) -> None:
    User.objects.filter(pk=cast.administrator.pk).update(is_active=False)
    cast.somtc.first_name = "Som"
    actions.save_record(record=cast.somtc, by=Actor(None, "command"))
    new = User(username="first")
    new.set_unusable_password()
    actions.save_record(record=new, by=Actor(None, "command"))


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("user", lambda data: data.pop("groups")),
        ("group", lambda data: data.update(members=[])),
    ],
    ids=["account", "group"],
)
def test_the_pages_say_why_not(path: str, change: Callable[[dict[str, Any]], Any], cast: Cast, page: Page) -> None:
    record = cast.administrator if path == "user" else Group.objects.get(name=ADMINISTRATORS_GROUP)
    client = page(cast.administrator)
    data = form_of(client.get(page_of(record)))
    change(data)
    answer = client.post(page_of(record), data)
    assert LAST in errors_of(answer), answer.context["errors"]


def test_choosing_several_accounts_to_delete_spares_the_last_administrator(cast: Cast, page: Page) -> None:
    eva = make_person("eva", name="Eva Admin", group=ADMINISTRATORS_GROUP)
    sari = cast.secretariat
    client = page(cast.administrator)
    chosen = {"action": "delete_selected", "_selected_action": [eva.pk, sari.pk], "post": "yes"}
    # By the time that it is confirmed the administrator who asks is none any more.
    User.objects.filter(pk=cast.administrator.pk).update(is_superuser=True)
    take_group(User.objects.get(pk=cast.administrator.pk), Actor(None, "command"))
    User.objects.filter(pk=cast.administrator.pk).update(is_superuser=False)
    assert client.post("/admin/workplan/user/", chosen).status_code == 403
    assert User.objects.filter(pk__in=[eva.pk, sari.pk]).count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_remove_each_other_at_the_same_moment_leave_one(cast: Cast) -> None:
    eva = make_person("eva", name="Eva Admin", group=ADMINISTRATORS_GROUP)
    pairs = [(cast.administrator, eva), (eva, cast.administrator)]
    start = threading.Barrier(2)
    refused: list[str] = []

    def remove(by: User, other: User) -> None:
        try:
            mine, theirs = User.objects.get(pk=by.pk), User.objects.get(pk=other.pk)
            theirs.is_active = False
            start.wait(timeout=60)
            actions.save_record(record=theirs, by=Actor(mine, "admin", "r"))
        except Refusal as refusal:
            refused.append(refusal.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=remove, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert len(refused) == 1 and LAST in refused[0]
    administrators = Group.objects.get(name=ADMINISTRATORS_GROUP).user_set.filter(is_active=True)  # type: ignore[attr-defined]
    assert administrators.count() == 1
