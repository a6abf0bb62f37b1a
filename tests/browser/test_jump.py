"""Going straight to a place with the keyboard alone."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, OpenWindow
from tests.browser.places import LIST, PLAN
from tests.browser.test_every_page import problems_of
from tests.conftest import Cast


def opened(page: Page) -> None:
    page.keyboard.press("/")
    expect(page.get_by_role("dialog", name="Go to")).to_be_visible()
    expect(page.get_by_role("combobox", name="Go to a reference")).to_be_focused()


def test_a_reference_is_typed_and_gone_to_with_enter(window: OpenWindow, cast: Cast, complaints: list[str]) -> None:
    page = window()
    page.goto("/")
    opened(page)
    box = page.get_by_role("combobox", name="Go to a reference")
    page.keyboard.type("a11")
    options = page.get_by_role("listbox", name="Places to go to").get_by_role("option")
    expect(options.first).to_contain_text("A.1.1")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(box).to_have_attribute("aria-activedescendant", "quick-0")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert problems_of(page, complaints) == []

    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "quick-1")
    expect(options.first).to_have_attribute("aria-selected", "false")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/activities/A\.1\.1\.1/$"))


def test_whoever_types_fast_goes_where_they_meant_to(window: OpenWindow, cast: Cast) -> None:
    page = window(cast.secretariat)
    page.goto(f"{PLAN}/")
    opened(page)
    page.keyboard.type("somed")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/bodies/SOM-ED/$"))
    opened(page)
    page.keyboard.type("review")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/review/$"))
    opened(page)
    page.keyboard.type("training prosecutors")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/search/\?q=training%20prosecutors$"))


def test_escape_closes_the_box_and_a_slash_in_a_field_is_a_slash(window: OpenWindow, cast: Cast) -> None:
    page = window(viewport=NARROW)
    page.goto(LIST)
    opener = page.get_by_role("button", name="Go to")
    opener.focus()
    opened(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(opener).to_be_focused()

    search = page.get_by_label("Search the plan")
    search.fill("I-24")
    search.press("/")
    expect(search).to_have_value("I-24/")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_the_key_can_be_turned_off_and_the_button_stays(window: OpenWindow, cast: Cast) -> None:
    page = window()
    page.goto("/")
    opened(page)
    page.get_by_label("The key / opens this").uncheck()
    page.keyboard.press("Escape")
    page.goto(LIST)
    page.keyboard.press("/")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Go to").click()
    expect(page.get_by_role("combobox", name="Go to a reference")).to_be_focused()


def test_without_scripts_the_box_in_the_header_searches(window: OpenWindow, cast: Cast) -> None:
    page = window(javascript=False)
    page.goto("/")
    expect(page.get_by_role("button", name="Go to")).to_be_hidden()
    page.get_by_label("Search the plan").fill("SOMCT")
    page.get_by_role("search").get_by_role("button", name="Search").click()
    expect(page.get_by_text("Showing results for SOMTC")).to_be_visible()
    page.get_by_role("link", name="Go to SOMTC").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("SOMTC")


def test_results_are_narrowed_in_place(window: OpenWindow, cast: Cast) -> None:
    page = window()
    page.goto("/search/?q=victims")
    page.get_by_role("checkbox", name=re.compile("^B Protection of Victims")).check()
    page.wait_for_url(re.compile(r"[?&]section=B(&|$)"))
    expect(page.get_by_role("list", name="Filters in use")).to_contain_text("Section: B")
    page.get_by_role("link", name=re.compile("Section: B")).click()
    expect(page.get_by_role("list", name="Filters in use")).to_have_count(0)
