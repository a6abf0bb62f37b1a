"""Reading the plan without a mouse, and on paper."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenWindow
from tests.browser.places import LIST, PLAN
from tests.conftest import Cast
from workplan.models import WorkPlan

MOST_STEPS = 60

# What the person sees of the element that the keyboard is on.
FOCUS = """() => {
    const on = document.activeElement, box = on.getBoundingClientRect(), style = getComputedStyle(on);
    return {
        id: on.id,
        href: on.getAttribute("href") || "",
        name: on.id || on.outerHTML.slice(0, 120),
        // Within a date field the focus comes to Chromium's own button, which Chromium marks itself.
        outlined: !on.matches(":focus") || style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        inSight: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    };
}"""


def step_until(page: Page, reached: str) -> None:
    """Press Tab until the element with this id, or with this address, has the focus; every step must be seen."""
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        focus: dict[str, Any] = page.evaluate(FOCUS)
        assert focus["outlined"], f"the focus on {focus['name']} is not marked"
        assert focus["inSight"], f"the focus on {focus['name']} is out of sight"
        if reached in (focus["id"], focus["href"]):
            return
    raise AssertionError(f"{MOST_STEPS} steps did not lead to {reached}")


def test_the_keyboard_alone_leads_to_a_filter_and_to_an_activity(window: OpenWindow) -> None:
    page = window()
    page.goto(LIST)
    step_until(page, "#main")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()

    step_until(page, "filter-body-AICHR")
    page.keyboard.press("Space")
    page.wait_for_url(re.compile(r"[?&]body=AICHR(&|$)"))
    expect(page.get_by_role("list", name="Filters in use")).to_contain_text("Body: AICHR")
    # The person goes on from where the focus was, though htmx has put new elements in the place of the old.
    expect(page.locator("#filter-body-AICHR")).to_be_focused()

    address = page.locator("tbody .c-ref a").first.get_attribute("href") or ""
    step_until(page, address)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(re.escape(address) + "$"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_going_back_brings_back_the_list_as_it_was(window: OpenWindow) -> None:
    page = window()
    page.goto(LIST)
    everything = page.locator(".count").inner_text()
    page.get_by_role("checkbox", name=re.compile("^AICHR")).check()
    page.wait_for_url(re.compile(r"[?&]body=AICHR(&|$)"))
    expect(page.locator(".count")).not_to_have_text(everything)
    filtered = page.locator(".count").inner_text()
    page.locator("tbody .c-ref a").first.click()

    page.go_back()
    expect(page.locator(".count")).to_have_text(filtered)
    expect(page.get_by_role("checkbox", name=re.compile("^AICHR"))).to_be_checked()
    page.go_back()
    expect(page.locator(".count")).to_have_text(everything)
    expect(page.get_by_role("checkbox", name=re.compile("^AICHR"))).not_to_be_checked()


def test_the_matrix_on_paper_has_its_headings_and_nothing_of_the_site_around_it(
    window: OpenWindow, cast: Cast, plan: WorkPlan
) -> None:
    page = window(cast.secretariat, viewport={"width": 1032, "height": 702})  # A4 landscape within its margins
    page.goto(f"{PLAN}/")
    page.emulate_media(media="print")

    expect(page.locator(".matrix")).to_have_count(plan.sections.count())
    for table in page.locator(".matrix").all():
        expect(table.locator("thead")).to_have_css("display", "table-header-group")
        expect(table.locator("thead th")).to_have_count(6)
        for heading in table.locator("thead th").all():
            expect(heading).to_be_visible()
    for part in (".top", ".foot", ".jump", ".skip", ".m-status .small"):
        for shown in page.locator(part).all():
            expect(shown).to_be_hidden()
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
