"""The application log tells who came in, who did not, and who left: one line each, and never a password."""

import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from apta.logs import RequestIdFilter
from tests.conftest import PASSWORD, Cast

AWAY = "203.0.113.9"
WRONG = "my very secret words"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], list[str]]]:
    """The lines of the log that tell of accounts, each with the id of its request."""
    by_id = RequestIdFilter()
    caplog.handler.addFilter(by_id)
    caplog.set_level(logging.INFO)

    def logged() -> list[str]:
        mine = [one for one in caplog.records if one.name.startswith("workplan.")]
        return [f"{one.levelname} [{one.request_id}] {one.getMessage()}" for one in mine]  # type: ignore[attr-defined]

    yield logged
    caplog.handler.removeFilter(by_id)


def sign_in(name: str = "somchai", password: str = PASSWORD) -> Client:
    client = Client(REMOTE_ADDR=AWAY)
    client.post("/accounts/login/", {"login": name, "password": password})
    return client


def get_token(name: str = "somchai", password: str = PASSWORD) -> Any:
    body = {"username": name, "password": password}
    return Client(REMOTE_ADDR=AWAY).post("/api/v1/token/", body, content_type="application/json")


def test_who_signs_in_and_out_is_told_with_the_request(cast: Cast, lines: Callable[[], list[str]]) -> None:
    client = sign_in()
    client.post("/accounts/logout/")
    sign_in_required, signed_out = lines()
    assert re.fullmatch(rf"INFO \[[0-9a-f]{{32}}\] Signed in: somchai from {AWAY}\.", sign_in_required)
    assert re.fullmatch(r"INFO \[[0-9a-f]{32}\] Signed out: somchai\.", signed_out)


def test_a_token_that_is_made_is_told(cast: Cast, lines: Callable[[], list[str]]) -> None:
    token = get_token().json()["token"]
    [line] = lines()
    assert "Token made for the account somchai" in line and AWAY in line
    assert token not in line


@pytest.mark.parametrize("door", [sign_in, get_token], ids=["sign-in page", "token"])
def test_a_wrong_password_is_told_and_not_which(
    door: Callable[..., Any], cast: Cast, lines: Callable[[], list[str]]
) -> None:
    door("somchai", WRONG)
    [line] = lines()
    assert re.fullmatch(rf"WARNING \[[0-9a-f]{{32}}\] Wrong password for the account somchai from {AWAY}\.", line)
    assert WRONG not in line


@pytest.mark.parametrize("door", [sign_in, get_token], ids=["sign-in page", "token"])
def test_a_name_that_may_be_a_password_is_not_told(
    door: Callable[..., Any], cast: Cast, lines: Callable[[], list[str]]
) -> None:
    door("hunter2-in-the-wrong-field", "x")
    door("hunter2-in-the-wrong-field", "y")
    door("another", "y")
    first, second, third = (line.split("] ")[1] for line in lines())
    assert "hunter2" not in first and "another" not in third
    assert "26 characters" in first
    assert first == second, "equal names are logged to be equal"
    assert first != third


def test_tries_that_are_not_looked_at_are_told(cast: Cast, lines: Callable[[], list[str]]) -> None:
    for _ in range(6):
        get_token("somchai", WRONG)
    assert re.search(r"WARNING \[[0-9a-f]{32}\] Too many tries for the account somchai from", lines()[-1])


def test_a_wrong_old_password_is_told(cast: Cast, page: Callable[..., Client], lines: Callable[[], list[str]]) -> None:
    words = {"oldpassword": WRONG, "password1": "rain on the roof", "password2": "rain on the roof"}
    page(cast.somtc).post("/accounts/password/change/", words)
    [line] = lines()
    assert "Wrong password for the account somchai" in line
    assert WRONG not in line


def test_signing_out_everywhere_and_a_new_password_are_told(
    cast: Cast, page: Callable[..., Client], lines: Callable[[], list[str]]
) -> None:
    page(cast.somtc).post("/accounts/logout/everywhere/")
    cast.somtc.refresh_from_db()
    words = {"oldpassword": PASSWORD, "password1": "rain on the roof", "password2": "rain on the roof"}
    page(cast.somtc).post("/accounts/password/change/", words)
    everywhere, changed = lines()
    assert "Signed out everywhere: somchai." in everywhere
    assert "Password changed: somchai" in changed
    assert "rain" not in changed


def test_nothing_that_is_told_breaks_the_line(cast: Cast, lines: Callable[[], list[str]]) -> None:
    get_token("somchai\nINFO Signed in: ada", "x")
    client = Client(REMOTE_ADDR=AWAY, headers={"X-Forwarded-For": "1.2.3.4\tx"})
    client.post("/accounts/login/", {"login": "ada\r\nroot", "password": "x"})
    assert not any("\n" in line or "\r" in line for line in lines())
