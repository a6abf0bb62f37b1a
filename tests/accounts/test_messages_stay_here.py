"""What a page says once is kept on the server: no cookie tells who somebody is or what they did."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client

from tests.conftest import PASSWORD, Cast

NAMES = ("Somchai", "Focal", "somchai", "Sari", "Ada", "example.org")
OURS = {"sessionid", "csrftoken", "apta_device"}


def told_by_cookies(client: Client) -> str:
    assert set(client.cookies) <= OURS
    return unquote(" ".join(morsel.value for morsel in client.cookies.values()))


def test_signing_in_and_out_puts_no_name_into_a_cookie(cast: Cast) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": "somchai", "password": PASSWORD})
    assert not any(name in told_by_cookies(client) for name in NAMES)
    assert "You are signed in as Somchai Focal." in client.get("/").content.decode()
    client.post("/accounts/logout/")
    assert not any(name in told_by_cookies(client) for name in NAMES)
    assert "You are signed out." in client.get("/").content.decode()
    assert "You are signed out." not in client.get("/").content.decode(), "it is said once"


def test_the_administration_puts_no_name_into_a_cookie(cast: Cast, page: Callable[..., Client]) -> None:
    client: Any = page(cast.administrator)
    client.post("/admin/workplan/user/", {"action": "sign_out_everywhere", "_selected_action": [cast.somtc.pk]})
    new = {"username": "somchai2", "usable_password": "false", "first_name": "Somchai", "last_name": "Focal"}
    more = {f"memberships-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL")}
    assert client.post("/admin/workplan/user/add/", new | more).status_code == 302
    assert not any(name in told_by_cookies(client) for name in NAMES)
    assert "somchai2" in client.get("/admin/").content.decode() or "Somchai" in client.get("/admin/").content.decode()


@pytest.mark.parametrize("path", ["/", "/plans/tip-2016-2020/activities/", "/accounts/login/"])
def test_whoever_only_reads_gets_no_session(path: str, cast: Cast) -> None:
    client = Client()
    client.get(path)
    assert "sessionid" not in client.cookies
