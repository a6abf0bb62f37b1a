"""Tokens that people and administrators make for programs: on “My account”, in the administration, by API."""

import datetime
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from knox.settings import knox_settings
from rest_framework.test import APIClient

from tests.conftest import PASSWORD, Cast, make_person
from workplan import actions
from workplan.actions import Actor
from workplan.exceptions import Invalid, NotAllowed
from workplan.models import ApiToken, AuditEntry, Membership, SectoralBody, User
from workplan.permissions import SECRETARIAT_GROUP
from workplan.querysets.people import administrators

Page = Callable[..., Client]
TOKENS = "/api/v1/tokens/"
ACCOUNT, CHANGE = "/accounts/settings/", "/accounts/settings/tokens/"
TYPED = {"do": "make", "name": "Nightly copy", "scopes": ["read"], "body": "", "days": "7"}
KEY = re.compile(r"\b[0-9a-f]{64}\b")


@pytest.fixture(autouse=True)
def standing_clock() -> Iterator[None]:
    with time_machine.travel(timezone.now(), tick=False):
        yield


@pytest.fixture
def robot(cast: Cast) -> User:
    """A service account that reports for ACWC."""
    made = User.objects.create(username="robot", email="robot@example.org", is_service=True)
    Membership.objects.create(user=made, body=SectoralBody.objects.get(acronym="ACWC"))
    return made


def program(key: str) -> APIClient:
    return APIClient(headers={"Authorization": f"Bearer {key}"})


def session_of(user: User) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client


def made(by: User, **values: Any) -> tuple[ApiToken, APIClient]:
    token, key = actions.make_token(user=by, by=Actor(by, "command"), **values)
    return token, program(key)


def entries() -> list[tuple[str, str, str]]:
    rows = AuditEntry.objects.filter(record_type="apitoken").order_by("id")
    return [(row.action, row.actor_name.split(" (")[-1].rstrip(")"), row.channel) for row in rows]


# On “My account”


def test_a_person_makes_a_token_that_is_shown_once_and_revokes_it(cast: Cast, page: Page) -> None:
    client = page(cast.somtc)
    answer = client.post(CHANGE, TYPED | {"scopes": ["report"], "body": SectoralBody.objects.get(acronym="SOMTC").pk})
    assert answer.status_code == 201 and answer["Cache-Control"] == "no-store"
    (key,) = set(KEY.findall(answer.content.decode()))

    token = ApiToken.objects.get()
    assert (token.name, token.scopes, str(token.body)) == ("Nightly copy", "read report", "SOMTC")
    assert token.expiry == timezone.now() + datetime.timedelta(days=7)
    listed = client.get(ACCOUNT).content.decode()
    assert "Nightly copy" in listed and key[:8] in listed and key not in listed and "never" in listed

    assert program(key).get("/api/v1/updates/").status_code == 200
    assert "never" not in client.get(ACCOUNT).content.decode().split('id="tokens"')[1].split("</table>")[0]
    assert client.post(CHANGE, {"do": "revoke", "prefix": token.token_key}).status_code == 302
    assert program(key).get("/api/v1/updates/").status_code == 401
    assert entries() == [("apitoken.created", "somchai", "page"), ("apitoken.revoked", "somchai", "page")]
    assert key not in str(list(AuditEntry.objects.values()))
    assert AuditEntry.objects.get(action="apitoken.created").changes["scopes"] == [None, "read report"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "Say what the token is for."),
        ({"name": "x" * 101}, "at most 100 characters"),
        ({"scopes": []}, "Choose at least one."),
        ({"scopes": ["write"]}, "write is not one of the available choices"),
        ({"days": "0"}, "greater than or equal to 1"),
        ({"days": "367"}, "less than or equal to 90"),
        ({"days": "soon"}, "Enter a whole number."),
        ({"body": "1"}, "Choose a body that you act for."),
    ],
)
def test_what_is_wrong_is_said_beside_what_was_typed(cast: Cast, page: Page, wrong: dict[str, Any], words: str) -> None:
    acwc = SectoralBody.objects.get(acronym="ACWC")
    sent = TYPED | {name: str(acwc.pk) if name == "body" else value for name, value in wrong.items()}
    answer = page(cast.somtc).post(CHANGE, sent)
    shown = answer.content.decode()
    assert answer.status_code == 400
    assert words in shown.replace("&quot;", "").replace("“", "")
    assert "name" in wrong or 'value="Nightly copy"' in shown
    assert not ApiToken.objects.exists()


def test_nobody_revokes_the_token_of_somebody_else_on_the_page(cast: Cast, page: Page) -> None:
    token, theirs = made(cast.acwc, name="Theirs")
    assert page(cast.somtc).post(CHANGE, {"do": "revoke", "prefix": token.token_key}).status_code == 302
    assert theirs.get("/api/v1/updates/").status_code == 200
    assert page(cast.somtc).post(CHANGE, {"do": "something"}).status_code == 400


def test_an_account_has_no_more_tokens_than_it_may_have(cast: Cast, page: Page, monkeypatch: Any) -> None:
    monkeypatch.setattr(knox_settings, "TOKEN_LIMIT_PER_USER", 1)
    client = page(cast.somtc)
    assert client.post(CHANGE, TYPED).status_code == 201
    answer = client.post(CHANGE, TYPED)
    assert answer.status_code == 400 and "as many tokens as it may have" in answer.content.decode()
    assert session_of(cast.somtc).post(TOKENS, {"name": "x", "scopes": ["read"]}).status_code == 409


# By API


def test_a_person_keeps_tokens_by_api_in_a_session(cast: Cast) -> None:
    client = session_of(cast.somtc)
    answer = client.post(TOKENS, {"name": "Nightly copy", "scopes": ["read"], "body": "SOMTC", "days": 7})
    assert answer.status_code == 201, answer.content
    said = answer.json()
    assert answer["Cache-Control"] == "no-store" and answer["Location"] == said["url"]
    assert (said["account"], said["scopes"], said["body"]) == ("somchai", ["read"], "SOMTC")
    assert said["token"].startswith(said["prefix"]) and KEY.fullmatch(said["token"])

    listed = client.get(TOKENS).json()["results"]
    assert [{**one, "token": said["token"]} for one in listed] == [said]
    assert client.get(said["url"])["ETag"] == answer["ETag"]
    assert program(said["token"]).get("/api/v1/updates/").status_code == 200
    used = client.get(said["url"]).json()["last_used_at"]
    assert datetime.datetime.fromisoformat(used) == timezone.now()
    assert client.get(f"{TOKENS}?q=nightly&account=somchai").json()["count"] == 1
    assert client.delete(said["url"]).status_code == 204
    assert client.get(said["url"]).status_code == 404 == client.delete(said["url"]).status_code
    assert entries() == [("apitoken.created", "somchai", "api"), ("apitoken.revoked", "somchai", "api")]


def test_nobody_knows_of_the_tokens_of_others(cast: Cast) -> None:
    token, theirs = made(cast.acwc, name="Theirs")
    for user in (cast.somtc, cast.secretariat, cast.administrator):
        client = session_of(user)
        assert client.get(TOKENS).json()["count"] == 0
        assert client.delete(f"{TOKENS}{token.token_key}/").status_code == 404
    assert APIClient().get(TOKENS).status_code == 401
    assert theirs.get("/api/v1/updates/").status_code == 200


def test_a_token_that_takes_something_away_neither_lists_nor_makes_nor_revokes_tokens(cast: Cast) -> None:
    token, limited = made(cast.somtc, name="Reports", scopes=["review", "plan"], body=SectoralBody.objects.get(pk=1))
    another, _ = made(cast.somtc, name="Another")
    for answer in (
        limited.get(TOKENS),
        limited.get(f"{TOKENS}{another.token_key}/"),
        limited.post(TOKENS, {"name": "Wider", "scopes": ["read"]}),
        limited.delete(f"{TOKENS}{another.token_key}/"),
    ):
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "insufficient_scope"
    assert limited.delete("/api/v1/token/").status_code == 204, "It gives itself back."
    assert not ApiToken.objects.filter(pk=token.pk).exists()


def test_a_token_makes_none_that_lasts_longer_than_itself(cast: Cast) -> None:
    token, whole = made(cast.somtc, life=datetime.timedelta(hours=2))
    said = whole.post(TOKENS, {"name": "Longer", "scopes": ["read"], "days": 30}).json()
    assert datetime.datetime.fromisoformat(said["expiry"]) == token.expiry


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"scopes": ["read"]}, "name"),
        ({"name": "x"}, "scopes"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": ["write"]}, "scopes"),
        ({"name": "x", "scopes": ["read"], "body": "ACWC"}, "body"),
        ({"name": "x", "scopes": ["read"], "body": "NONE"}, "body"),
        ({"name": "x", "scopes": ["read"], "days": 91}, "days"),
        ({"name": "x", "scopes": ["read"], "account": "aisyah"}, "account"),
        ({"name": "x", "scopes": ["read"], "account": "robot"}, "account"),
        ({"name": "x", "scopes": ["read"], "user": "somchai"}, "user"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_field(cast: Cast, robot: User, sent: dict[str, Any], field: str) -> None:
    answer = session_of(cast.somtc).post(TOKENS, sent)
    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == [field]


# Service accounts


def test_an_administrator_makes_a_token_for_a_service_account_and_revokes_it(
    cast: Cast, robot: User, page: Page
) -> None:
    client = page(cast.administrator)
    address = "/admin/workplan/apitoken/add/"
    assert "robot" in client.get(address).content.decode()
    acwc = SectoralBody.objects.get(acronym="ACWC")
    sent = {"user": robot.pk, "name": "Import", "scopes": ["report"], "days": "30", "body": acwc.pk, "reason": ""}
    answer = client.post(address, sent)
    assert answer.status_code == 201, answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    (key,) = set(KEY.findall(answer.content.decode()))
    assert program(key).get("/api/v1/updates/").status_code == 200

    somtc = SectoralBody.objects.get(acronym="SOMTC")
    assert "does not act for SOMTC" in client.post(address, sent | {"body": somtc.pk}).content.decode()
    assert client.post(address, sent | {"user": cast.somtc.pk}).status_code == 200, "People make theirs themselves."
    token = ApiToken.objects.get()
    delete = f"/admin/workplan/apitoken/{token.pk}/delete/"
    assert client.post(delete, {"post": "yes"}).status_code == 302
    assert program(key).get("/api/v1/updates/").status_code == 401
    assert entries() == [("apitoken.created", "ada", "admin"), ("apitoken.revoked", "ada", "admin")]


def test_an_administrator_keeps_the_tokens_of_service_accounts_by_api(cast: Cast, robot: User) -> None:
    client = session_of(cast.administrator)
    said = client.post(TOKENS, {"name": "Import", "scopes": ["report"], "account": "robot"}).json()
    assert said["account"] == "robot" and said["body"] is None
    assert client.get(TOKENS).json()["count"] == 1
    assert session_of(cast.secretariat).get(TOKENS).json()["count"] == 0
    assert client.delete(said["url"]).status_code == 204


def test_a_service_account_cannot_sign_in_with_a_password(cast: Cast, mailoutbox: list[Any]) -> None:
    robot = make_person("robot", name="Ro Bot")
    client = Client()
    client.post("/accounts/login/", {"login": "robot", "password": PASSWORD})
    assert client.get(ACCOUNT).status_code == 200
    _, key = actions.make_token(user=robot, by=Actor(robot, "command"))
    User.objects.filter(pk=robot.pk).update(is_service=True)

    assert client.get(ACCOUNT).status_code == 302, "Its sessions end."
    assert program(key).get("/api/v1/updates/").status_code == 200
    again = Client().post("/accounts/login/", {"login": "robot", "password": PASSWORD})
    assert again.status_code == 200
    asked = APIClient().post("/api/v1/token/", {"username": "robot", "password": PASSWORD})
    assert asked.status_code == 401
    Client().post("/accounts/password/reset/", {"email": "robot@example.org"})
    assert mailoutbox == []


def test_a_service_account_is_not_the_last_administrator(cast: Cast, robot: User) -> None:
    robot.groups.set(Group.objects.filter(name="Administrators"))
    assert list(administrators()) == [cast.administrator]


def test_nobody_makes_a_token_for_another_person(cast: Cast, robot: User) -> None:
    for user, by in ((cast.somtc, cast.administrator), (robot, cast.secretariat), (robot, cast.somtc)):
        with pytest.raises(NotAllowed):
            actions.make_token(user=user, by=Actor(by, "command"), name="x")
    boss = make_person("boss", group=SECRETARIAT_GROUP)
    User.objects.filter(pk=boss.pk).update(is_superuser=True, is_service=True)
    with pytest.raises(NotAllowed):
        actions.make_token(user=User.objects.get(pk=boss.pk), by=Actor(cast.administrator, "command"), name="x")


# How long, and how used


def test_a_token_lasts_no_longer_than_the_setting(cast: Cast) -> None:
    assert made(cast.somtc)[0].expiry == timezone.now() + settings.TOKEN_LIFE
    for days in (-1, 0, 91):
        with pytest.raises(Invalid) as refusal:
            made(cast.somtc, life=datetime.timedelta(days=days))
        assert "days" in refusal.value.fields


def test_when_a_token_was_used_is_told_to_the_hour(cast: Cast) -> None:
    token, reader = made(cast.somtc)
    first = timezone.now()
    reader.get("/api/v1/updates/")
    with time_machine.travel(first + datetime.timedelta(minutes=59), tick=False):
        reader.get("/api/v1/updates/")
        token.refresh_from_db()
        assert token.last_used_at == first
    with time_machine.travel(first + datetime.timedelta(minutes=60), tick=False):
        reader.get("/api/v1/updates/")
        token.refresh_from_db()
        assert token.last_used_at == timezone.now()


def test_tokens_end_with_what_ends_access(cast: Cast, page: Page) -> None:
    _, reader = made(cast.somtc, name="Reads", scopes=["read"])
    assert reader.get("/api/v1/updates/").status_code == 200
    page(cast.somtc).post("/accounts/logout/everywhere/")
    assert reader.get("/api/v1/updates/").status_code == 401
    assert [action for action, _, _ in entries()] == ["apitoken.created", "apitoken.ended"]
    _, reader = made(cast.acwc, name="Reads", scopes=["read"])
    User.objects.filter(pk=cast.acwc.pk).update(is_active=False)
    assert reader.get("/api/v1/updates/").status_code == 401
