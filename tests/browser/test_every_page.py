"""Every page, wide and narrow: usable by everybody, as wide as its window, and nothing for the browser to object to.

Each is loaded once, brought into its state, and then looked at in every width, zoom and colour.
"""

import datetime
from collections.abc import Iterable
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
from tests.conftest import Cast
from tests.imports.scene import keep_workbook
from tests.larger_plans import make_scenario, saved
from workplan import actions
from workplan.actions import Actor, EvidenceItem, Report
from workplan.models import SavedView, WorkPlan

# Only what is violated comes back, and of that what a failure shows.
RUN_AXE = """async options => (await axe.run(document, {resultTypes: ["violations"], ...options})).violations
    .map(one => ({id: one.id, help: one.help, nodes: one.nodes.map(node => node.html)}))"""
OTHER_THAN_COLOURS = {"rules": {"color-contrast": {"enabled": False}, "link-in-text-block": {"enabled": False}}}
# One element of each kind of text: of the same colour and size, on the same grounds, within the same positioned parts.
# Whatever axe finds of one of them it would find of all. All texts are looked at once, in a wide window in the light.
RUN_AXE_ON_COLOURS = """async () => {
    const found = new Map();
    const visit = (element, grounds, around) => {
        const style = getComputedStyle(element);
        if (style.display === "none") return;
        grounds += [style.backgroundColor, style.backgroundImage, style.opacity, style.filter, style.mixBlendMode,
            style.position === "static" ? "" : style.position].join() + ";";
        const speaks = element.matches("input, select, textarea")
            || [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
        if (speaks && element.checkVisibility({visibilityProperty: true})) {
            const text = [element.localName, style.color, style.fontSize, style.fontWeight, style.textShadow,
                style.textDecorationLine, style.borderBottom, around, element.matches(":disabled"), grounds].join();
            if (!found.has(text)) found.set(text, element);
        }
        for (const child of element.children) visit(child, grounds, style.color);
    };
    visit(document.body, getComputedStyle(document.documentElement).backgroundColor, "");
    const rules = {type: "rule", values: ["color-contrast", "link-in-text-block"]};
    const results = await axe.run({include: [...found.values()]}, {resultTypes: ["violations"], runOnly: rules});
    return results.violations.map(one => ({id: one.id, help: one.help, nodes: one.nodes.map(node => node.html)}));
}"""
# Of a window of 1440 px: as wide as a tablet lying and standing, half as wide, and as narrow as WCAG asks for.
ZOOMS = (1, 1.4, 1.75, 2, 4.5)


@pytest.mark.parametrize("places", [pytest.param(PUBLIC, id="public"), pytest.param(SIGNED_IN, id="signed in")])
def test_every_page_can_be_used_by_everybody(
    places: tuple[Place, ...], window: OpenWindow, cast: Cast, record: Any, complaints: Any
) -> None:
    record(REPORTED, by=cast.secretariat)
    record(REPORTED, by=cast.colleague, status="completed")

    walk(places, {}, window, cast, complaints)


def test_every_page_of_a_round_can_be_used_by_everybody(window: OpenWindow, cast: Cast, complaints: Any) -> None:
    scenario = make_scenario(secretariat=cast.secretariat, lead=cast.somtc, more_time="ACWC")
    draft = scenario.reports["draft"]
    kept = keep_workbook(
        scenario.round,
        cast.somtc,
        {
            ("C.1.1.1.1", "Progress"): "A study was begun.\nIt takes a year.",
            ("C.1.1.2.1", "Status"): "nearly there",
            (draft.activity.ref, "Progress"): "Written without a connection.",
        },
    )
    minutes = EvidenceItem("Minutes", "https://example.org/minutes")
    day = datetime.date(2018, 6, 30)
    meanwhile = Report(status="ongoing", as_of=day, narrative="Written meanwhile.", evidence=(minutes,))
    actions.save_report(update=draft, version=draft.version, report=meanwhile, by=Actor(cast.somtc, "page", "s"))
    walk(REPORTING, {**scenario.names, "import": kept.pk}, window, cast, complaints)


def test_every_page_of_saved_views_can_be_used_by_everybody(
    window: OpenWindow, cast: Cast, plan: WorkPlan, complaints: Any
) -> None:
    slugs = {
        "shared": saved(plan, cast.somtc, LONG_VIEW[:100], "section=A&body=SOMTC&role=lead&q=training").slug,
        "private": saved(plan, cast.somtc, "Mine", "status=not_reported", is_shared=False).slug,
        "broken": saved(plan, cast.somtc, "Broken", "section=A").slug,
    }
    SavedView.objects.filter(slug=slugs["broken"]).update(query="section=Z")

    walk(VIEWS, slugs, window, cast, complaints)


def walk(places: Iterable[Place], names: Any, window: OpenWindow, cast: Cast, complaints: list[str]) -> None:
    """Look at every place, each person in one window, and fail with all that is wrong with any of them."""
    windows: dict[str, Page] = {}
    found = []
    for place in places:
        page = windows.get(place.who) or window(getattr(cast, place.who))
        windows[place.who] = page
        there = replace(place, path=place.path.format(**names)) if names else place
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
    allowed = dict(place.allowed)
    return found + problems_in_each_width(page, complaints, allowed=allowed, may_overflow=bool(place.may_overflow))


def problems_in_each_width(page: Page, complaints: list[str], **expected: Any) -> list[str]:
    found = []
    for viewport in (WIDE, NARROW):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        problems = problems_of(page, complaints, all_texts=viewport == WIDE, **expected)
        found += [f"{viewport['width']} px wide, {problem}" for problem in problems]
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    return found


def problems_of(
    page: Page,
    complaints: list[str],
    *,
    allowed: dict[str, str] | None = None,
    may_overflow: bool = False,
    all_texts: bool = True,
) -> list[str]:
    """What is wrong with the page as it stands. What the browser says is heard before axe adds its own script.

    Args:
        all_texts: whether the colours of every text are looked at, or of one of each kind.
    """
    found = [f"the browser says {complaint}" for complaint in complaints]
    if not may_overflow:
        found += overflows(page)
    found += violations(page, allowed or {}, RUN_AXE, {} if all_texts else OTHER_THAN_COLOURS)
    if not all_texts:
        found += violations(page, allowed or {}, RUN_AXE_ON_COLOURS)
    # The administration has Django's dark, which is not ours to mend.
    if page.locator("link[href*='workplan/apta']").count():
        page.emulate_media(color_scheme="dark")
        found += [f"in the dark, {text}" for text in violations(page, allowed or {}, RUN_AXE_ON_COLOURS)]
        page.emulate_media(color_scheme="light")
    complaints.clear()
    return found


# The innermost element that ends to the right of the window.
WIDEST = """() => [...document.querySelectorAll("body *")]
    .filter(one => one.getBoundingClientRect().right > innerWidth).pop()?.outerHTML.slice(0, 200)"""


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
            widest = page.evaluate(WIDEST)
            found.append(f"at {zoom:.0%} is {overflow} px wider than its window, by {widest}")
    if size == WIDE:
        page.set_viewport_size(size)
    return found


def violations(page: Page, allowed: dict[str, str], script: str, options: Any = None) -> list[str]:
    """What axe finds in the page, but for the rules that it may break."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    return [
        f"{one['id']}: {one['help']}, {len(one['nodes'])} times, first {one['nodes'][0][:200]}"
        for one in page.evaluate(script, options)
        if one["id"] not in allowed
    ]


def test_a_conflict_can_be_settled_by_everybody(
    window: OpenWindow, cast: Cast, record: Any, complaints: list[str]
) -> None:
    one, many = (window(cast.secretariat) for _ in range(2))
    one.goto(f"/plans/tip-2016-2020/activities/{CONTESTED}/update/")
    many.goto(f"/plans/tip-2016-2020/activities/update/?ref={FRESH}&ref={CONTESTED}")
    record(CONTESTED, by=cast.colleague)
    for page in (one, many):
        page.get_by_label("Completed").check()
        page.get_by_label("Progress", exact=True).fill("A handbook was printed.")
        with page.expect_navigation() as answer:
            page.locator("form.form .form-buttons button").click()
        assert answer.value.status == 409

    assert problems_in_each_width(one, complaints) == []
    assert problems_in_each_width(many, complaints) == []


def test_what_axe_finds_of_all_texts_in_the_dark_it_finds_of_one_of_each_kind(window: OpenWindow, cast: Cast) -> None:
    page = window()
    page.goto("about:blank")
    page.set_content(
        """<!doctype html><html lang="en"><title>Kinds of text</title><style>
        @media (prefers-color-scheme: dark) {
          body { background: #000; color: #fff } .ground { background: #ddd } a { color: #eee; text-decoration: none }
        }</style><main><h1>Kinds</h1>
        <table><tr><td>Read</td><td>Read</td></tr><tr><td>Read</td><td class="ground">Not to be read</td></tr></table>
        <p>As <a href="/">a link</a> does, it looks like the words around it.</p></main>"""
    )
    assert violations(page, {}, RUN_AXE_ON_COLOURS) == []
    page.emulate_media(color_scheme="dark")

    found = violations(page, {}, RUN_AXE_ON_COLOURS)

    assert [one.split(":")[0] for one in found] == ["color-contrast", "link-in-text-block"]
    assert "Not to be read" in found[0]
