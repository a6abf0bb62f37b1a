"""A first visit of any public page: light on the line, and nothing moves while somebody begins to read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, Page

from tests.browser.conftest import NARROW, WIDE, listen, wait_for_the_server
from tests.browser.places import PUBLIC, REPORTED, REPORTING, VISITOR, Place
from tests.building import staged
from tests.conftest import Cast

MOST_BYTES = 100_000
# Of what is in sight, the part that moved times how far: Chromium calls less than 0.1 good.
MOST_SHIFT = 0.02

WATCH = """
    window.shift = 0;
    window.refused = [];
    new PerformanceObserver(list => list.getEntries().forEach(entry => { window.shift += entry.value; }))
        .observe({type: "layout-shift", buffered: true});
    addEventListener("securitypolicyviolation", event => window.refused.push(event.violatedDirective));
"""
SETTLED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 100))))"


@dataclass(frozen=True)
class Visit:
    """What one first visit cost."""

    place: Place
    bytes: int
    shift: float
    refused: list[str]
    status: int

    def __str__(self) -> str:
        return f"{self.place.name}: {self.bytes:,} bytes, shift {self.shift:.4f}"

    @property
    def problems(self) -> list[str]:
        found = [f"{self}, refused {refused}" for refused in self.refused]
        if self.bytes > MOST_BYTES and not self.place.may_weigh:
            found.append(f"{self}: more than {MOST_BYTES:,} bytes")
        if self.shift > MOST_SHIFT:
            found.append(f"{self}: moves more than {MOST_SHIFT}")
        if self.status != self.place.status:
            found.append(f"{self}: answered {self.status}")
        return found


@pytest.fixture
def server(transactional_db: None, settings: Any) -> Iterator[str]:
    """apta as ``make run`` serves it: sheets and scripts come through the middleware, compressed like the pages.

    The server of the other tests hands out files before any middleware sees them.
    """
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    thread = LiveServerThread("127.0.0.1", static_handler=lambda application: application)  # type: ignore[arg-type]
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    yield f"http://127.0.0.1:{thread.port}"
    wait_for_the_server()
    thread.terminate()


def visit(place: Place, browser: Browser, server: str, viewport: Any, complaints: list[str]) -> Visit:
    """Open the page with an empty cache and let it settle."""
    context = browser.new_context(base_url=server, viewport=viewport)
    try:
        listen(context, complaints)
        context.add_init_script(WATCH)
        page: Page = context.new_page()
        line = context.new_cdp_session(page)
        sizes: list[float] = []
        line.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        line.send("Network.enable")
        response = page.goto(place.path)
        page.evaluate(SETTLED)
        shift, refused = page.evaluate("[window.shift, window.refused]")
        return Visit(place, int(sum(sizes)), shift, refused, response.status if response else 0)
    finally:
        context.close()


@pytest.mark.parametrize("viewport", [pytest.param(WIDE, id="1440"), pytest.param(NARROW, id="390")])
def test_a_first_visit_is_light_and_nothing_moves(
    viewport: dict[str, int], server: str, cast: Cast, browser: Browser, record: Any, complaints: list[str]
) -> None:
    names = staged(secretariat=cast.secretariat, lead=cast.somtc).names
    record(REPORTED, by=cast.secretariat)
    public = [place for place in (*PUBLIC, *REPORTING) if place.who == VISITOR]
    places = {place.path.format(**names): place for place in public}

    visits = [
        visit(Place(one.name, path, one.status, may_weigh=one.may_weigh), browser, server, viewport, complaints)
        for path, one in places.items()
    ]

    print("\n" + "\n".join(map(str, visits)))
    assert [problem for one in visits for problem in one.problems] == []
    assert all(one.bytes > 1_000 for one in visits)
