"""The chart where others see it: alone in a tab, and within a page of another site."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.places import PLAN
from workplan.exports.chart_colours import palettes

CHART, EMBED = f"{PLAN}/status.svg", f"{PLAN}/embed/status/"
FILL = """() => getComputedStyle(document.querySelector(".f-not_reported")).fill"""


def rgb(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[place : place + 2], 16)) for place in (1, 3, 5))})"


@pytest.mark.parametrize("address", [CHART, EMBED])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_chart_has_its_colours_wherever_it_is_opened(window: OpenWindow, address: str, scheme: str) -> None:
    page = window()
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(address)

    (palette,) = [one for one in palettes() if one["is_dark"] == (scheme == "dark")]
    assert page.evaluate(FILL) == rgb(palette["statuses"][0]["area"])


@pytest.fixture
def another_site() -> Iterator[Callable[[str], str]]:
    """Serves one page of somebody else's, and says where."""
    servers = []

    def serve(page: str) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(page.encode())

            def log_message(self, *said: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_another_site_can_show_the_chart_and_its_reader_comes_to_the_rows(
    window: OpenWindow, another_site: Callable[[str], str]
) -> None:
    home = window()
    home.goto("/")
    home.get_by_text("Embed this chart").click()
    lines = home.locator(".snippet").inner_text()
    page = window()
    page.goto(another_site(f"<!doctype html><title>News</title><link rel=icon href='data:,'><main>{lines}</main>"))

    framed = page.frame_locator("iframe")
    expect(framed.get_by_role("img", name="Implementation status")).to_be_visible()
    box = page.locator("iframe").bounding_box()
    assert box and framed.locator("body").evaluate("body => body.scrollHeight") <= box["height"]
    with page.context.expect_page() as opened:
        framed.get_by_role("link").click()
    expect(opened.value.get_by_role("heading", level=1)).to_contain_text("Activities")
    assert opened.value.evaluate("window.opener") is None
