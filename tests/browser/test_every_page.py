"""Every page, wide and narrow: usable by everybody, as wide as its window, and nothing for the browser to object to."""

from dataclasses import replace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page

from tests.browser.conftest import NARROW, WIDE, OpenWindow
from tests.browser.places import (
    CONTESTED,
    FRESH,
    LONG_VIEW,
    PUBLIC,
    REPORTED,
    REPORTING,
    SIGNED_IN,
    VIEWS,
    Place,
)
from tests.building import saved, staged
from tests.conftest import Cast
from workplan.models import SavedView, WorkPlan

AXE = Axe()
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
# Of a window of 1440 px: as wide as a tablet lying and standing, half as wide, and as narrow as WCAG asks for.
ZOOMS = (1, 1.4, 1.75, 2, 4.5)
WINDOWS = [pytest.param(WIDE, id="1440"), pytest.param(NARROW, id="390")]


@pytest.mark.parametrize("viewport", WINDOWS)
@pytest.mark.parametrize("places", [pytest.param(PUBLIC, id="public"), pytest.param(SIGNED_IN, id="signed in")])
def test_every_page_can_be_used_by_everybody(
    places: tuple[Place, ...], viewport: dict[str, int], window: OpenWindow, cast: Cast, record: Any, complaints: Any
) -> None:
    record(REPORTED, by=cast.secretariat)
    record(REPORTED, by=cast.colleague, status="completed")
    windows: dict[str, Page] = {}
    found = []
    for place in places:
        page = windows.get(place.who) or window(getattr(cast, place.who), viewport=viewport)
        windows[place.who] = page
        found += [f"{place.name}: {problem}" for problem in problems_at(place, page, complaints)]

    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("viewport", WINDOWS)
def test_every_page_of_a_round_can_be_used_by_everybody(
    viewport: dict[str, int], window: OpenWindow, cast: Cast, complaints: Any
) -> None:
    names = staged(secretariat=cast.secretariat, lead=cast.somtc).names
    windows: dict[str, Page] = {}
    found = []
    for place in REPORTING:
        page = windows.get(place.who) or window(getattr(cast, place.who), viewport=viewport)
        windows[place.who] = page
        there = replace(place, path=place.path.format(**names))
        found += [f"{place.name}: {problem}" for problem in problems_at(there, page, complaints)]

    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("viewport", WINDOWS)
def test_every_page_of_saved_views_can_be_used_by_everybody(
    viewport: dict[str, int], window: OpenWindow, cast: Cast, plan: WorkPlan, complaints: Any
) -> None:
    slugs = {
        "shared": saved(plan, cast.somtc, LONG_VIEW[:100], "section=A&body=SOMTC&role=lead&q=training").slug,
        "private": saved(plan, cast.somtc, "Mine", "status=not_reported", is_shared=False).slug,
        "broken": saved(plan, cast.somtc, "Broken", "section=A").slug,
    }
    SavedView.objects.filter(slug=slugs["broken"]).update(query="section=Z")
    windows: dict[str, Page] = {}
    found = []
    for place in VIEWS:
        page = windows.get(place.who) or window(getattr(cast, place.who), viewport=viewport)
        windows[place.who] = page
        there = replace(place, path=place.path.format(**slugs))
        found += [f"{place.name}: {problem}" for problem in problems_at(there, page, complaints)]

    assert not found, "\n" + "\n".join(found)


def problems_at(place: Place, page: Page, complaints: list[str]) -> list[str]:
    response = page.goto(place.path)
    found = []
    if response is None or response.status != place.status:
        found.append(f"answered {response and response.status}")
    if place.heading and place.heading not in page.get_by_role("heading", level=1).inner_text():
        found.append(f"is headed {page.get_by_role('heading', level=1).inner_text()!r}")
    try:
        if place.then:
            place.then(page)
    except PlaywrightError as problem:
        found.append(f"does not do what it is asked: {problem.message}")
    return found + problems_of(page, complaints, allowed=dict(place.allowed), may_overflow=bool(place.may_overflow))


def problems_of(
    page: Page, complaints: list[str], *, allowed: dict[str, str] | None = None, may_overflow: bool = False
) -> list[str]:
    """What is wrong with the page as it stands. What the browser says is heard before axe adds its own script."""
    found = [f"the browser says {complaint}" for complaint in complaints]
    if not may_overflow:
        found += overflows(page)
    found += violations(AXE.run(page), allowed or {})
    # The administration has Django's dark, which is not ours to mend.
    if page.locator("link[href*='workplan/apta']").count():
        page.emulate_media(color_scheme="dark")
        found += [f"in the dark, {text}" for text in violations(AXE.run(page, options=COLOURS), allowed or {})]
        page.emulate_media(color_scheme="light")
    complaints.clear()
    return found


def overflows(page: Page) -> list[str]:
    """Where the page is wider than its window; of a wide one also on tablets, at 200 % and at 400 % zoom."""
    size = page.viewport_size
    assert size is not None
    found = []
    for zoom in ZOOMS if size == WIDE else (1,):
        if zoom > 1:
            page.set_viewport_size({"width": round(size["width"] / zoom), "height": size["height"]})
        overflow = page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
        if overflow > 0:
            found.append(f"at {zoom:.0%} is {overflow} px wider than its window")
    page.set_viewport_size(size)
    return found


def violations(results: Any, allowed: dict[str, str]) -> list[str]:
    found = []
    for violation in results.response["violations"]:
        if violation["id"] not in allowed:
            nodes = violation["nodes"]
            found.append(f"{violation['id']}: {violation['help']}, {len(nodes)} times, first {nodes[0]['html'][:200]}")
    return found


@pytest.mark.parametrize("viewport", WINDOWS)
def test_a_conflict_can_be_settled_by_everybody(
    viewport: dict[str, int], window: OpenWindow, cast: Cast, record: Any, complaints: list[str]
) -> None:
    one, many = (window(cast.secretariat, viewport=viewport) for _ in range(2))
    one.goto(f"/plans/tip-2016-2020/activities/{CONTESTED}/update/")
    many.goto(f"/plans/tip-2016-2020/activities/update/?ref={FRESH}&ref={CONTESTED}")
    record(CONTESTED, by=cast.colleague)
    for page in (one, many):
        page.get_by_label("Completed").check()
        page.get_by_label("Progress", exact=True).fill("A handbook was printed.")
        with page.expect_navigation() as answer:
            page.locator("form.form .form-buttons button").click()
        assert answer.value.status == 409

    assert problems_of(one, complaints) == []
    assert problems_of(many, complaints) == []
