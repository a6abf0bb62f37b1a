"""While the database is away every address answers, quickly, in its own shape, and never with a fault of apta."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from tests.every_address import addresses

AWAY: dict[str, dict[str, Any]] = {
    "postgresql": {"HOST": "127.0.0.1", "PORT": "1", "OPTIONS": {"connect_timeout": 2}},
    "sqlite": {"NAME": "/nowhere/apta.sqlite3"},
}
SESSION = "abcdefghijklmnopqrstuvwxyz012345"
TOKEN = "0123456789abcdef" * 4
METHODS = ("get", "head", "post", "put", "delete", "options")


@pytest.fixture
def away(db: None) -> Iterator[None]:
    """The connection of the tests stands aside for one that cannot be made."""
    kept = connections["default"]
    broken = connections.create_connection("default")
    broken.settings_dict = kept.settings_dict | AWAY[kept.vendor]
    connections["default"] = broken
    yield
    connections["default"] = kept


RESTRICTED_COLUMNS = (
    *("/nowhere/", "/static/nowhere.css", "/api/nowhere/", "/api/v1/nowhere/", "/admin/nowhere/"),
    *("/plans", "//", "/%00"),
)


def refused_with_503(answer: Any, address: str) -> None:
    assert answer.status_code == 503, f"{address}: {answer.status_code}"
    assert int(answer["Retry-After"]) > 0
    assert "no-store" in answer["Cache-Control"]
    if address.startswith("/api/"):
        assert json.loads(answer.content)["error"]["code"] == "busy"
    else:
        assert b"Nothing of yours was saved" in answer.content


@pytest.fixture
def asked(away: None) -> Callable[..., Any]:
    def ask(method: str, address: str, **more: Any) -> Any:
        client = Client(raise_request_exception=False, enforce_csrf_checks=True)
        client.cookies["sessionid"] = SESSION
        return getattr(client, method)(address, **more)

    return ask


def test_the_walk_meets_every_kind_of_address() -> None:
    found = set(addresses())
    assert {"/", "/plans/tip-2016-2020/activities/A.1.1.1/", "/api/v1/activities/17/", "/admin/login/"} <= found
    assert len(found) > 150 and not [one for one in found if set("<>()?^$\\") & set(one)]


@pytest.mark.parametrize("method", METHODS)
def test_no_address_fails(asked: Callable[..., Any], method: str) -> None:
    """Whoever was signed in: each answer is 503, or one for which nobody has to be asked."""
    wrong = {}
    # The administration has the same pages for every model: by the rarer methods those of one are enough.
    many = re.compile(r"/admin/(?:workplan|auth)/(?!activity/)") if method not in ("get", "post") else None
    for address in (*(one for one in addresses() if not (many and many.match(one))), *RESTRICTED_COLUMNS):
        answer = asked(method, address)
        if answer.status_code == 503:
            if method != "head":
                refused_with_503(answer, address)
        elif answer.status_code >= 500:
            wrong[address] = answer.status_code
    assert wrong == {}


@pytest.mark.parametrize("headers", [{}, {"Authorization": f"Token {TOKEN}"}], ids=["anybody", "a program"])
def test_no_address_of_the_api_fails(away: None, headers: dict[str, str]) -> None:
    for address in (*addresses(), *RESTRICTED_COLUMNS):
        if address.startswith("/api/"):
            answer = Client(raise_request_exception=False).get(address, headers=headers)
            if answer.status_code >= 500:
                refused_with_503(answer, address)


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", "/"),
        ("get", "/nowhere/"),
        ("get", "/static/nowhere.css"),
        ("get", "/admin/"),
        ("get", "/accounts/login/"),
        ("get", "/my/"),
        ("post", "/my/"),
        ("post", "/accounts/login/"),
        ("get", "/api/v1/plans/"),
        ("get", "/api/v1/activities/17/"),
        ("post", "/api/v1/activities/17/updates/"),
    ],
)
def test_who_was_signed_in_is_told_to_come_back(asked: Callable[..., Any], method: str, address: str) -> None:
    refused_with_503(asked(method, address), address)


@pytest.mark.parametrize("address", ["/", "/nowhere/", "/static/nowhere.css", "/plans/", "/api/v1/plans/"])
def test_a_visitor_is_told_to_come_back(away: None, address: str) -> None:
    refused_with_503(Client(raise_request_exception=False).get(address), address)


def test_a_form_without_its_token_is_told_to_come_back(asked: Callable[..., Any]) -> None:
    """The refusal of a form is a page, which says who is signed in."""
    refused_with_503(asked("post", "/plans/tip-2016-2020/activities/A.1.1.1/update/"), "/plans/")


def test_what_was_typed_is_given_back(asked: Callable[..., Any]) -> None:
    answer = asked("post", "/reports/17/edit/", data={"narrative": "Trained <b>forty</b> officers."})

    refused_with_503(answer, "/reports/17/edit/")
    assert "Trained &lt;b&gt;forty&lt;/b&gt; officers." in answer.content.decode()


def test_what_needs_no_database_goes_on(away: None) -> None:
    assert Client().get("/robots.txt").status_code == 200
    assert Client().get("/api/v1/nowhere/").status_code == 404
