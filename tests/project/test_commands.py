"""What an administrator runs on the server."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from tests.conftest import Cast
from workplan import permissions
from workplan.management.commands import load_demo, load_plan
from workplan.models import (
    Activity,
    AuditEntry,
    BodyAlias,
    CollaborationArea,
    Membership,
    Provision,
    Responsibility,
    Section,
    SectoralBody,
    User,
    WorkPlan,
)


def run(name: str) -> str:
    output = io.StringIO()
    call_command(name, stdout=output)
    return output.getvalue()


def empty_the_database() -> None:
    for model in (Responsibility, Activity):
        model.objects.all().delete()
    CollaborationArea.objects.filter(parent__isnull=False).delete()
    for model in (CollaborationArea, Provision, Section, WorkPlan, Membership, BodyAlias, SectoralBody):  # type: ignore[assignment]
        model.objects.all().delete()


def test_the_plan_is_loaded_once_and_what_was_edited_stays(cast: Cast) -> None:
    empty_the_database()
    output = run("load_plan")
    plan = WorkPlan.objects.get(code=load_plan.CODE)
    count = Activity.objects.filter(plan=plan).count()
    assert f"{count} activities" in output
    assert count > 50
    assert SectoralBody.objects.filter(acronym="SOM-ED").exists()

    Activity.objects.filter(ref="A.1.1.1").update(text="Edited")
    assert "already here" in run("load_plan")
    assert Activity.objects.get(ref="A.1.1.1").text == "Edited"
    assert Activity.objects.filter(plan=plan).count() == count


def test_demo_accounts_need_a_trial(cast: Cast, settings: Any) -> None:
    settings.TRIAL = False
    with pytest.raises(CommandError, match="APTA_DEBUG=1"):
        run("load_demo")
    assert not User.objects.filter(is_demo=True).exists()


def test_demo_accounts_have_every_role_and_can_sign_in(cast: Cast, settings: Any, client: Client) -> None:
    settings.TRIAL = True
    output = run("load_demo")
    assert load_demo.PASSWORD in output
    demo = User.objects.filter(is_demo=True)
    assert demo.count() == SectoralBody.objects.count() + 2
    admin, secretariat = User.objects.get(username="admin"), User.objects.get(username="secretariat")
    assert admin.is_superuser
    assert permissions.is_administrator(admin)
    assert permissions.is_secretariat(secretariat)
    assert not permissions.is_administrator(secretariat)
    somed = User.objects.get(username="somed")
    assert [body.acronym for body in permissions.bodies_of(somed)] == ["SOM-ED"]
    for user in (admin, secretariat, somed):
        assert user.username in output
        words = {"login": user.username, "password": load_demo.PASSWORD}
        assert client.post("/accounts/login/", words).status_code == 302
        client.logout()


def test_every_demo_account_leaves_an_audit_entry_of_the_command(cast: Cast, settings: Any) -> None:
    settings.TRIAL = True
    run("load_demo")
    entries = AuditEntry.objects.filter(channel="command")
    assert entries.filter(action="user.created").count() == User.objects.filter(is_demo=True).count()
    assert entries.filter(action="membership.created").count() == SectoralBody.objects.count()
    assert all(user.password not in str(list(entries.values())) for user in User.objects.filter(is_demo=True)[:1])


def test_loading_the_demo_again_changes_nothing(cast: Cast, settings: Any) -> None:
    settings.TRIAL = True
    User.objects.create_user("secretariat", password="somebody's own")
    output = run("load_demo")
    assert "left as it is" in output
    User.objects.filter(username="somtc").update(first_name="Changed")
    before = list(User.objects.order_by("pk").values())
    entries = AuditEntry.objects.count()
    run("load_demo")
    assert list(User.objects.order_by("pk").values()) == before
    assert AuditEntry.objects.count() == entries
    own = User.objects.get(username="secretariat")
    assert own.check_password("somebody's own")
    assert not own.is_demo
    assert not permissions.is_secretariat(own)


def test_without_bodies_the_demo_says_what_to_do(cast: Cast, settings: Any) -> None:
    settings.TRIAL = True
    empty_the_database()
    assert "Run load_plan" in run("load_demo")
