"""With what people and their programs are let in, when it ends, and what the audit trail says of it."""

import datetime
import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from django.utils import timezone

from tests.conftest import PASSWORD, Cast
from workplan.accounts import forms
from workplan.actions import Actor
from workplan.actions import change_password as change_password_of
from workplan.api.views import tokens
from workplan.models import ApiToken, AuditEntry, User

Page = Callable[..., Client]
NEW = "rain on the roof"
ME = "/api/v1/activities/?limit=1"
EVERYWHERE = "/accounts/logout/everywhere/"


def token_of(username: str, password: str = PASSWORD) -> str:
    """The key that a program gets for a user name and a password."""
    answer = Client().post(
        "/api/v1/token/", {"username": username, "password": password}, content_type="application/json"
    )
    assert answer.status_code == 201, answer.content
    return str(answer.json()["token"])


def is_taken(token: str) -> bool:
    """Whether the API still knows the token."""
    status = Client().get(ME, headers={"Authorization": f"Token {token}"}).status_code
    assert status in (200, 401)
    return status == 200


def signed_in_by_page(username: str) -> Client:
    client = Client()
    answer = client.post("/accounts/login/", {"login": username, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def is_signed_in(client: Client) -> bool:
    return client.get("/accounts/password/change/").status_code == 200


def audit_entries() -> list[str]:
    """What the audit trail tells, the first action first."""
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def change_password(client: Client) -> None:
    words = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert client.post("/accounts/password/change/", words).status_code == 302


def reset_password(mailoutbox: list[Any]) -> None:
    client = Client()
    client.post("/accounts/password/reset/", {"email": "somchai@example.org"})
    link = re.search(r"/accounts/password/reset/key/\S+", mailoutbox[-1].body)
    assert link
    form = client.get(link[0], follow=True).request["PATH_INFO"]
    assert client.post(form, {"password1": NEW, "password2": NEW}).status_code == 302


def form_of(answer: Any) -> dict[str, Any]:
    """What the form of an administration page would send if nothing were typed."""
    forms = [answer.context["adminform"].form]
    for inline in answer.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset]
    values = {field.html_name: field.value() for form in forms for field in form}
    filled = {name: value for name, value in values.items() if value is not None and value is not False and value != []}
    return {name: "on" if value is True else value for name, value in filled.items()}


def deactivate(page: Page, cast: Cast) -> None:
    path = f"/admin/workplan/user/{cast.somtc.pk}/change/"
    client = page(cast.administrator)
    data = form_of(client.get(path))
    data.pop("is_active")
    assert client.post(path, data).status_code == 302


def set_password_in_admin(page: Page, cast: Cast) -> None:
    words = {"password1": NEW, "password2": NEW, "usable_password": "true", "set-password": "1"}
    path = f"/admin/workplan/user/{cast.somtc.pk}/password/"
    assert page(cast.administrator).post(path, words).status_code == 302


def disable_password_in_admin(page: Page, cast: Cast) -> None:
    words = {"usable_password": "false", "unset-password": "1"}
    path = f"/admin/workplan/user/{cast.somtc.pk}/password/"
    assert page(cast.administrator).post(path, words).status_code == 302


def sign_out_everywhere_in_admin(page: Page, cast: Cast) -> None:
    chosen = {"action": "sign_out_everywhere", "_selected_action": [cast.somtc.pk]}
    page(cast.administrator).post("/admin/workplan/user/", chosen)


def change_password_by_command(monkeypatch: Any) -> None:
    monkeypatch.setattr("getpass.getpass", lambda *_, **__: NEW)
    call_command("changepassword", "somchai", verbosity=0)


WAYS: dict[str, Callable[..., None]] = {
    "password changed": lambda mine, **_: change_password(mine),
    "password reset": lambda mailoutbox, **_: reset_password(mailoutbox),
    "password set by an administrator": lambda page, cast, **_: set_password_in_admin(page, cast),
    "password taken away by an administrator": lambda page, cast, **_: disable_password_in_admin(page, cast),
    "password changed by a command": lambda monkeypatch, **_: change_password_by_command(monkeypatch),
    "account deactivated": lambda page, cast, **_: deactivate(page, cast),
    "signed out everywhere": lambda mine, **_: mine.post(EVERYWHERE),
    "signed out everywhere by an administrator": lambda page, cast, **_: sign_out_everywhere_in_admin(page, cast),
}


@pytest.mark.parametrize("way", WAYS)
def test_tokens_and_sessions_end_with_what_let_them_in(
    way: str, cast: Cast, page: Page, mailoutbox: list[Any], monkeypatch: Any
) -> None:
    tokens = [token_of("somchai"), token_of("somchai")]
    other = token_of("aisyah")
    mine, elsewhere = signed_in_by_page("somchai"), signed_in_by_page("somchai")
    assert is_signed_in(mine) and is_signed_in(elsewhere)

    WAYS[way](mine=mine, page=page, cast=cast, mailoutbox=mailoutbox, monkeypatch=monkeypatch)

    assert not any(is_taken(token) for token in tokens)
    assert is_taken(other), "nobody else loses anything"
    assert not is_signed_in(elsewhere)
    assert is_signed_in(mine) is (way == "password changed"), "whoever changes it stays where they are"
    assert audit_entries().count("apitoken.ended") == 2


def test_an_account_that_is_opened_again_finds_no_session_and_no_token_of_before(cast: Cast, page: Page) -> None:
    token, session = token_of("somchai"), signed_in_by_page("somchai")
    deactivate(page, cast)
    User.objects.filter(pk=cast.somtc.pk).update(is_active=True)

    assert not is_taken(token)
    assert not is_signed_in(session)


def test_a_link_for_a_new_password_ends_with_the_account_and_with_signing_out_everywhere(
    cast: Cast, page: Page, mailoutbox: list[Any]
) -> None:
    def link() -> str:
        Client().post("/accounts/password/reset/", {"email": "somchai@example.org"})
        found = re.search(r"/accounts/password/reset/key/\S+", mailoutbox[-1].body)
        assert found
        return found[0]

    def works(path: str) -> bool:
        return "Choose a new password" in Client().get(path, follow=True).content.decode()

    first = link()
    assert works(first)
    signed_in_by_page("somchai").post(EVERYWHERE)
    assert not works(first)

    second = link()
    User.objects.filter(pk=cast.somtc.pk).update(is_active=False)
    assert not works(second)


def test_a_token_tells_when_it_ends_and_ends_then(cast: Cast, settings: Any) -> None:
    life = settings.PASSWORD_TOKEN_LIFE
    assert datetime.timedelta(0) < life <= settings.TOKEN_LIFE <= datetime.timedelta(days=366)
    with time_machine.travel(timezone.now(), tick=False):
        answer = Client().post(
            "/api/v1/token/", {"username": "somchai", "password": PASSWORD}, content_type="application/json"
        )
        expiry = datetime.datetime.fromisoformat(answer.json()["expiry"])
        assert expiry == timezone.now() + life
    token = answer.json()["token"]
    with time_machine.travel(expiry - datetime.timedelta(seconds=1), tick=False):
        assert is_taken(token)
    with time_machine.travel(expiry + datetime.timedelta(seconds=1), tick=False):
        assert not is_taken(token)
        call_command("send_messages", verbosity=0)
    assert not ApiToken.objects.exists()
    assert audit_entries() == ["apitoken.created", "apitoken.ended"]


def test_the_audit_trail_tells_of_a_token_that_is_made_and_given_back(cast: Cast) -> None:
    token = token_of("somchai")
    assert Client().delete("/api/v1/token/", headers={"Authorization": f"Token {token}"}).status_code == 204

    made, revoked = AuditEntry.objects.order_by("id")
    assert (made.action, made.actor, made.channel) == ("apitoken.created", cast.somtc, "api")
    assert (revoked.action, revoked.actor, revoked.channel) == ("apitoken.revoked", cast.somtc, "api")
    assert made.request_id and revoked.request_id and made.request_id != revoked.request_id
    assert token not in f"{made.record_label}{made.record_id}{made.changes}"
    assert made.changes["expiry"][1]


def test_the_audit_trail_tells_of_a_token_that_an_administrator_takes_away(cast: Cast, page: Page) -> None:
    token_of("somchai")
    pk = ApiToken.objects.get().pk
    page(cast.administrator).post(f"/admin/workplan/apitoken/{pk}/delete/", {"post": "yes"})
    entry = AuditEntry.objects.get(action="apitoken.revoked")
    assert (entry.actor, entry.channel) == (cast.administrator, "admin")


def test_the_audit_trail_tells_who_signed_in_and_who_signed_out_everywhere(cast: Cast) -> None:
    client = signed_in_by_page("somchai")
    client.post(EVERYWHERE)

    entries = AuditEntry.objects.order_by("id")
    assert [(one.action, one.actor, one.channel, one.record_id) for one in entries] == [
        ("user.signed_in", cast.somtc, "page", str(cast.somtc.pk)),
        ("user.signed_out_everywhere", cast.somtc, "page", str(cast.somtc.pk)),
    ]


@pytest.mark.parametrize(
    ("way", "action", "channel"),
    [
        ("password changed", "user.password_changed", "page"),
        ("password reset", "user.password_reset", "page"),
        ("password set by an administrator", "user.password_set", "admin"),
        ("password taken away by an administrator", "user.password_set", "admin"),
        ("password changed by a command", "user.password_set", "command"),
    ],
)
def test_the_audit_trail_tells_how_a_password_came_and_not_which(
    way: str, action: str, channel: str, cast: Cast, page: Page, mailoutbox: list[Any], monkeypatch: Any
) -> None:
    mine = page(cast.somtc)
    WAYS[way](mine=mine, page=page, cast=cast, mailoutbox=mailoutbox, monkeypatch=monkeypatch)

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.channel, entry.record_id) == (action, channel, str(cast.somtc.pk))
    assert NEW not in str(entry.changes)


@pytest.mark.parametrize("action", ["user.signed_in", "user.signed_out_everywhere", "apitoken.ended"])
def test_what_the_audit_trail_tells_of_credentials_reads_as_words(action: str, cast: Cast, page: Page) -> None:
    token_of("somchai")
    signed_in_by_page("somchai").post(EVERYWHERE)
    shown = page(cast.secretariat).get("/audit/", {"action": action})
    assert shown.status_code == 200
    text = shown.content.decode()
    assert action not in re.sub(r"<option.*?>|<a [^>]*>|<input[^>]*>", "", text)
    assert "Somchai" in text


def test_the_calendar_of_a_closed_plan_ends_with_signing_out_everywhere(cast: Cast, settings: Any) -> None:
    settings.PUBLIC_READ = False
    client = signed_in_by_page("somchai")
    shown = client.get("/plans/tip-2016-2020/bodies/SOMTC/").content.decode()
    found = re.search(r"/plans/tip-2016-2020/bodies/SOMTC/deadlines\.ics\?key=[^\"<\s]+", shown)
    assert found
    assert Client().get(found[0]).status_code == 200
    client.post(EVERYWHERE)
    assert Client().get(found[0]).status_code == 302


def test_signing_out_everywhere_is_for_whoever_is_signed_in_and_asks_first(cast: Cast, page: Page) -> None:
    assert page().post(EVERYWHERE).status_code == 302
    client = page(cast.somtc)
    assert client.get(EVERYWHERE)["Location"] == "/accounts/logout/"
    assert is_signed_in(client)
    assert EVERYWHERE in client.get("/accounts/logout/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_tokens_of_before_get_an_end_with_the_upgrade(cast: Cast, settings: Any) -> None:
    upgrade = import_module("workplan.migrations.0016_tokens_end")
    (constraint,) = (one for one in ApiToken._meta.constraints if one.name == "apitoken_ends")
    loader = MigrationLoader(connection)
    before = loader.project_state(("workplan", "0016_tokens_end")).apps
    without = loader.project_state()
    without.remove_constraint("workplan", "apitoken", constraint.name)
    token, _ = ApiToken.objects.create(user=cast.somtc)
    kept, _ = ApiToken.objects.create(user=cast.somtc)
    with connection.schema_editor() as editor:
        editor.remove_constraint(without.apps.get_model("workplan", "ApiToken"), constraint)
    try:
        ApiToken.objects.filter(pk=token.pk).update(expiry=None)
        with connection.schema_editor() as editor:
            upgrade.give_an_end(before, editor)
    finally:
        with connection.schema_editor() as editor:
            editor.add_constraint(ApiToken, constraint)
    token.refresh_from_db()
    life = settings.REST_KNOX["TOKEN_TTL"]
    assert token.expiry is not None
    assert timezone.now() + life - datetime.timedelta(minutes=5) < token.expiry <= timezone.now() + life
    assert ApiToken.objects.get(pk=kept.pk).expiry == kept.expiry


@pytest.mark.django_db(transaction=True)
def test_a_token_that_is_asked_for_while_the_password_changes_does_not_outlive_it(cast: Cast, monkeypatch: Any) -> None:
    """The old password was right when it was checked; by the time the token is made it is not."""
    checked = tokens.authenticate

    def check_and_be_overtaken(*args: Any, **kwargs: Any) -> Any:
        user = checked(*args, **kwargs)
        mine = User.objects.get(username="somchai")
        change_password_of(user=mine, password=NEW, by=Actor(mine, "page", "r"))
        return user

    monkeypatch.setattr(tokens, "authenticate", check_and_be_overtaken)
    answer = Client().post(
        "/api/v1/token/", {"username": "somchai", "password": PASSWORD}, content_type="application/json"
    )
    assert answer.status_code == 401
    assert not ApiToken.objects.exists()


def test_two_people_with_one_link_do_not_both_choose_the_password(
    cast: Cast, mailoutbox: list[Any], monkeypatch: Any
) -> None:
    reset = forms.reset_password

    def be_overtaken(**values: Any) -> None:
        User.objects.filter(pk=cast.somtc.pk).update(password="of-the-other")
        reset(**values)

    client = Client()
    client.post("/accounts/password/reset/", {"email": "somchai@example.org"})
    link = re.search(r"/accounts/password/reset/key/\S+", mailoutbox[-1].body)
    assert link
    form = client.get(link[0], follow=True).request["PATH_INFO"]
    monkeypatch.setattr(forms, "reset_password", be_overtaken)
    answer = client.post(form, {"password1": NEW, "password2": NEW})
    assert answer.status_code == 200
    assert "no longer works" in answer.content.decode()
    assert User.objects.get(pk=cast.somtc.pk).password == "of-the-other"
