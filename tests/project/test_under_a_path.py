"""Served under a path of a host, every address that apta writes begins with that path."""

import io
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_started
from django.db import close_old_connections
from django.test import Client
from django.urls import set_script_prefix

from apta.static_files import Collected
from tests.conftest import Cast
from workplan.models import WorkPlan

PATH = "/plans/of/asean"


class Addresses(HTMLParser):
    """The addresses within the host that a page names."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {value or "" for name, value in attrs if (value or "").startswith("/") and name != "placeholder"}


@pytest.fixture
def served() -> Any:
    """Asks apta as a server does that has taken the path off."""
    handler = WSGIHandler()
    answered: list[Any] = []

    def begin(status: str, headers: Any, error: Any = None, /) -> Any:
        answered.append((status[:3], dict(headers)))

    def ask(address: str, **more: str) -> tuple[str, dict[str, str], str]:
        answered.clear()
        path, _, query = address.partition("?")
        environ = {
            "REQUEST_METHOD": "GET",
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "wsgi.input": io.BytesIO(),
        }
        environ |= {"SCRIPT_NAME": PATH, "PATH_INFO": path, "QUERY_STRING": query, "wsgi.url_scheme": "http", **more}
        response = handler(environ, begin)
        body = b"".join(response).decode()
        return (*answered[0], body)

    # As Django's own client does: the test goes on with the connection.
    request_started.disconnect(close_old_connections)
    yield ask
    request_started.connect(close_old_connections)
    set_script_prefix("/")


def test_every_address_on_a_page_has_the_path(plan: WorkPlan, cast: Cast, client: Client, served: Any) -> None:
    client.force_login(cast.secretariat)
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    pages = (
        f"/plans/{plan.code}/",
        f"/plans/{plan.code}/activities/A.1.1.1/",
        "/accounts/settings/",
        "/admin/",
        "/nowhere/",
    )
    for address in pages:
        status, _, body = served(address, HTTP_COOKIE=cookie)
        page = Addresses()
        page.feed(body)
        assert status in ("200", "404")
        assert any("/static/" in one for one in page.found)
        assert [one for one in page.found if not one.startswith(f"{PATH}/")] == [], address


def test_what_is_told_from_addresses_is_told_under_a_path_too(plan: WorkPlan, served: Any) -> None:
    status, headers, body = served("/api/v1/nowhere/")
    assert (status, headers["Content-Type"]) == ("404", "application/json")
    status, _, body = served("/api/v1/plans/")
    assert f"http://testserver{PATH}/api/v1/plans/" in body
    robots = served("/robots.txt")[2]
    assert f"Disallow: {PATH}/accounts/" in robots
    assert [line for line in re.findall(r"Disallow: (.*)", robots) if not line.startswith(PATH)] == []
    assert served("/my/")[1]["Location"].startswith(f"{PATH}/accounts/login/?next={PATH}/my/")


@pytest.mark.parametrize("prefix", ["/", f"{PATH}/"])
def test_collected_files_have_the_path(prefix: str) -> None:
    set_script_prefix(prefix)
    try:
        assert staticfiles_storage.url("workplan/apta.css") == f"{prefix}static/workplan/apta.css"
        assert Collected().base_url == f"{prefix}static/"
    finally:
        set_script_prefix("/")
