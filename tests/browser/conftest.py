"""A window on the running site: one browser for the session, a fresh profile for each person of a test."""

import asyncio
import datetime
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    WebError,
    expect,
    sync_playwright,
)
from pytest_django.live_server_helper import LiveServer

from tests.chromium import launch_options
from tests.conftest import PASSWORD, Cast
from workplan.actions import Actor, EvidenceItem, Report, record_status
from workplan.models import Activity, StatusUpdate

HERE = Path(__file__).parent

WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 390, "height": 844}
# An answer takes a tenth of a second; a busy machine gets all the time it needs.
PATIENCE = 60_000

OpenWindow = Callable[..., Page]


@dataclass(frozen=True)
class Engine:
    """The running Chromium, and the event loop that Playwright talks to it in."""

    browser: Browser
    loop: asyncio.AbstractEventLoop


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a browser makes of a page does not depend on the database; and it goes by the clock on the wall."""
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.engine_independent(because="what Chromium makes of pages, sheets and scripts"))
            item.add_marker(pytest.mark.real_clock)


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        loop = asyncio.get_running_loop()
        with nobody_sees(loop):
            yield Engine(browser, loop)
        browser.close()


@contextmanager
def nobody_sees(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Between two tests with a window, Python must not say that an event loop is running.

    Playwright leaves its own running; Django and ``asyncio`` would take every later test for asynchronous code.
    """
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(loop)


@pytest.fixture
def browser(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """Chromium, ready to be used; the test may ask the database too."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    asyncio._set_running_loop(engine.loop)
    yield engine.browser
    # While a loop runs, Django takes the test for a task of its own and has opened a second connection for it.
    connections.close_all()
    asyncio._set_running_loop(None)


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What the browser had to complain about: errors, refusals by the content security policy, missing files.

    A test that ends with complaints has failed.
    """
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture
def window(live_server: LiveServer, cast: Cast, complaints: list[str], browser: Browser) -> Iterator[OpenWindow]:
    """Opens a window, for a visitor or for somebody who is signed in: ``window(cast.secretariat)``.

    A ``fresh`` one shows no public page that was kept from before.
    """
    contexts: list[BrowserContext] = []

    def open_window(
        user: Any = None, *, viewport: dict[str, int] = WIDE, javascript: bool = True, fresh: bool = False
    ) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport=viewport,  # type: ignore[arg-type]
            java_script_enabled=javascript,
            reduced_motion="reduce",
            extra_http_headers={"Cache-Control": "no-cache"} if fresh else {},
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        if user is not None and user.is_authenticated:
            context.add_cookies([session_of(user, live_server.url)])
        listen(context, complaints)
        return context.new_page()

    yield open_window
    for context in contexts:
        context.close()
    wait_for_the_server()


def wait_for_the_server() -> None:
    """Let the server finish with the windows that were closed, before the database is emptied under it."""
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(PATIENCE / 1000)


def session_of(user: Any, url: str) -> Any:
    """The cookie of somebody who has signed in."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": url}


def listen(context: BrowserContext, complaints: list[str]) -> None:
    def of_console(message: ConsoleMessage) -> None:
        # Which answers failed is heard below; that a page was refused is for its test to judge.
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            complaints.append(f"{message.page and message.page.url}: {message.text}")

    def of_script(problem: WebError) -> None:
        complaints.append(f"{problem.page and problem.page.url}: {problem.error}")

    def of_response(response: Response) -> None:
        mildest = 500 if response.request.resource_type == "document" else 400
        if response.status >= mildest:
            complaints.append(f"{response.url}: {response.status}")

    def of_failure(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":
            complaints.append(f"{request.url}: {request.failure}")

    context.on("console", of_console)
    context.on("weberror", of_script)
    context.on("response", of_response)
    context.on("requestfailed", of_failure)


def sign_in(page: Page, user: Any) -> None:
    """Sign in as a person does, through the form."""
    page.goto("/")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Username").fill(user.username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".account summary")).to_have_text(str(user))


@pytest.fixture
def record(cast: Cast) -> Callable[..., StatusUpdate]:
    """Records a status behind the back of whoever has the form open: ``record("A.1.1.1", by=cast.colleague)``."""

    def record(ref: str, *, by: Any, status: str = "ongoing", narrative: str = "Two trainings held.") -> StatusUpdate:
        activity = Activity.objects.get(ref=ref)
        report = Report(
            status=status,
            as_of=datetime.date(2020, 3, 2),
            narrative=narrative,
            outputs_delivered="A manual.",
            evidence=(EvidenceItem("Manual", "https://example.org/manual"),),
        )
        return record_status(
            activity=activity, version=activity.version, report=report, by=Actor(user=by, channel="page")
        )

    return record
