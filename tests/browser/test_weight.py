"""A first visit of any public page: light on the line, and nothing moves while somebody begins to read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser

from tests.browser.conftest import NARROW, WIDE, listen, wait_for_the_server
from tests.browser.places import PUBLIC, REPORTED, REPORTING, VISITOR, Place
from tests.conftest import Cast
from tests.larger_plans import make_scenario

MOST_BYTES = 100_000
# Of what is in sight, the part that moved times how far: Chromium calls less than 0.1 good.
MOST_SHIFT = 0.02
VISITED_AGAIN = 2

WATCH = """
    window.shift = 0;
    window.refused = [];
    new PerformanceObserver(list => list.getEntries().forEach(entry => { window.shift += entry.value; }))
        .observe({type: "layout-shift", buffered: true});
    addEventListener("securitypolicyviolation", event => window.refused.push(event.violatedDirective));
"""
# Two frames drawn, and nothing left to do.
SETTLED = """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(
    () => requestIdleCallback(done, {timeout: 1000}))))"""


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


@pytest.fixture
def first_visitor(server: str, browser: Browser, complaints: list[str]) -> Iterator[Callable[[Place, Any], Visit]]:
    """Opens a page in a window of some width as if for the first time, with nothing kept from before."""
    context = browser.new_context(base_url=server)
    listen(context, complaints)
    context.add_init_script(WATCH)
    page = context.new_page()
    line = context.new_cdp_session(page)
    sizes: list[float] = []
    line.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    line.send("Network.enable")
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def visit(place: Place, viewport: Any) -> Visit:
        """What is wrong with a page is so on each visit.

        On a busy machine alone the browser paints a page that has come in part, and what the page before it still
        loads is counted with this one.
        """
        found = visited(place, viewport)
        for _ in range(VISITED_AGAIN):
            if found.problems:
                found = min(found, visited(place, viewport), key=lambda one: (len(one.problems), one.shift))
        return found

    def visited(place: Place, viewport: Any) -> Visit:
        context.clear_cookies()
        if page.viewport_size != viewport:
            page.set_viewport_size(viewport)
        sizes.clear()
        response = page.goto(place.path)
        page.evaluate(SETTLED)
        shift, refused = page.evaluate("[window.shift, window.refused]")
        name = f"{place.name}, {viewport['width']} px wide"
        return Visit(replace(place, name=name), int(sum(sizes)), shift, refused, response.status if response else 0)

    yield visit
    context.close()


def test_a_first_visit_is_light_and_nothing_moves(
    first_visitor: Callable[[Place, Any], Visit], cast: Cast, record: Any
) -> None:
    names = make_scenario(secretariat=cast.secretariat, lead=cast.somtc).names
    record(REPORTED, by=cast.secretariat)
    public = [place for place in (*PUBLIC, *REPORTING) if place.who == VISITOR]
    places = {place.path.format(**names): place for place in public}

    visits = [
        first_visitor(Place(one.name, path, one.status, may_weigh=one.may_weigh), viewport)
        for viewport in (WIDE, NARROW)
        for path, one in places.items()
    ]

    print("\n" + "\n".join(map(str, visits)))
    assert [problem for one in visits for problem in one.problems] == []
    assert all(one.bytes > 1_000 for one in visits)
