"""Recording a status, from the sign-in to every place that then tells of it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenWindow, sign_in
from tests.browser.places import LIST, PLAN, activity, update_of
from tests.conftest import Cast
from workplan.models import Activity, SectoralBody, StatusUpdate

REF, SECOND, THIRD = "A.1.1.1", "A.1.1.2", "A.1.1.3"
NARRATIVE = "The portal was opened in Bangkok."
REPORT, ADDRESS = "Minutes of the launch", "https://example.org/minutes"


def find_with_a_click(page: Page) -> None:
    """htmx brings the new results in place: the page itself, and whatever was noted on it, stays."""
    page.evaluate("window.notLeft = true")
    page.get_by_role("checkbox", name=re.compile("^Not reported")).check()
    page.wait_for_url(re.compile(r"[?&]status=not_reported(&|$)"))
    page.get_by_role("checkbox", name=re.compile("^ACWC")).check()
    page.wait_for_url(re.compile(r"[?&]body=ACWC(&|$)"))
    expect(page.get_by_role("checkbox", name=re.compile("^ACWC"))).to_be_checked()
    assert page.evaluate("window.notLeft")


def find_with_the_button(page: Page) -> None:
    page.get_by_role("checkbox", name=re.compile("^Not reported")).check()
    page.get_by_role("checkbox", name=re.compile("^ACWC")).check()
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url(re.compile(r"[?&]status=not_reported&body=ACWC(&|$)"))


def fill(page: Page, *, status: str = "Ongoing", narrative: str = NARRATIVE) -> None:
    page.get_by_role("radio", name=re.compile(f"^{status}")).check()
    page.get_by_label("Progress", exact=True).fill(narrative)


def add_link(page: Page, number: int, title: str, url: str) -> None:
    row = page.get_by_role("group", name=f"Evidence {number}", exact=True)
    row.get_by_label("Title").fill(title)
    row.get_by_label("Link").fill(url)


def send(page: Page, button: str = "Record this status") -> int:
    """Press the button and return the status of the answer."""
    with page.expect_navigation() as answer:
        page.get_by_role("button", name=button).click()
    return answer.value.status if answer.value else 0


def results(page: Page, path: str) -> Any:
    """What the API's list at this address holds."""
    response = page.goto(path)
    assert response is not None
    return response.json()["results"]


def row_of(page: Page, ref: str) -> Any:
    return page.locator("tr", has=page.get_by_role("rowheader", name=ref, exact=True))


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_the_secretariat_finds_an_activity_and_records_its_status_for_all_to_see(
    javascript: bool, window: OpenWindow, cast: Cast
) -> None:
    page = window(javascript=javascript)
    sign_in(page, cast.secretariat)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Activities").click()
    find_with_a_click(page) if javascript else find_with_the_button(page)
    found = Activity.objects.involving([SectoralBody.objects.get(acronym="ACWC")]).order_by("position")
    expect(page.locator(".count strong")).to_have_text(str(found.count()))
    ref = found[0].ref

    row_of(page, ref).get_by_role("link", name=ref, exact=True).click()
    page.get_by_role("link", name="Record status").click()
    fill(page)
    add_link(page, 1, REPORT, ADDRESS)
    add_link(page, 2, "Photographs", "https://example.org/photographs")
    page.get_by_role("button", name="Add another link or file").click()
    add_link(page, 3, "Decision", "https://example.org/decision")
    assert page.get_by_label("Progress", exact=True).input_value() == NARRATIVE
    assert page.get_by_role("radio", name=re.compile("^Ongoing")).is_checked()
    assert page.get_by_label("Link", exact=True).first.input_value() == ADDRESS
    assert send(page) == 200

    expect(page).to_have_url(re.compile(re.escape(activity(ref)) + "$"))
    expect(page.locator(".message")).to_contain_text(f"{ref} is “Ongoing”")
    expect(page.locator(".status-box")).to_contain_text("Ongoing")
    history = page.locator(".history > li")
    expect(history).to_have_count(1)
    expect(history).to_contain_text(NARRATIVE)
    assert [link.get_attribute("href") for link in history.get_by_role("link").all()] == [
        ADDRESS,
        "https://example.org/photographs",
        "https://example.org/decision",
        f"/reports/{StatusUpdate.objects.get().pk}/correct/",
    ]

    reader = window(javascript=javascript)
    reader.goto("/")
    expect(reader.locator(".stat.s-ongoing .stat-number")).to_have_text("1")
    reader.goto(f"{PLAN}/")
    expect(reader.locator(f'[id="{ref}"] .m-status')).to_contain_text("Ongoing")

    (shown,) = results(reader, f"/api/v1/activities/?ref={ref}")
    assert (shown["status"], shown["version"]) == ("ongoing", 2)
    (update,) = results(reader, f"/api/v1/activities/{shown['id']}/updates/")
    assert update["narrative"] == NARRATIVE
    assert {"title": REPORT, "url": ADDRESS}.items() <= update["evidence"][0].items()


def test_of_two_people_with_the_same_form_the_second_sees_both_versions_and_decides(
    window: OpenWindow, cast: Cast
) -> None:
    first, second = window(cast.secretariat), window(cast.colleague)
    for page in (first, second):
        page.goto(update_of(REF))
    fill(first, status="Ongoing", narrative="A first training was held.")
    assert send(first) == 200
    fill(second, status="Completed", narrative="All trainings are done.")
    add_link(second, 1, REPORT, ADDRESS)
    second.get_by_label("Outputs delivered").fill("A manual.")
    second.get_by_label("Next steps").fill("None.")

    assert send(second) == 409

    theirs, mine = second.locator(".versions > div").all()
    expect(theirs).to_contain_text("A first training was held.")
    expect(theirs).to_contain_text("Ongoing")
    expect(theirs).to_contain_text("Sari Staff")
    expect(mine).to_contain_text("All trainings are done.")
    expect(mine).to_contain_text("Completed")
    assert theirs.bounding_box()["y"] == mine.bounding_box()["y"]  # type: ignore[index]
    expect(second.locator(".conflict")).to_be_focused()
    expect(second.get_by_label("Progress", exact=True)).to_have_value("All trainings are done.")
    expect(second.get_by_label("Next steps")).to_have_value("None.")
    expect(second.get_by_role("radio", name=re.compile("^Completed"))).to_be_checked()
    expect(second.get_by_role("group", name="Evidence 1").get_by_label("Link")).to_have_value(ADDRESS)
    assert StatusUpdate.objects.count() == 1

    assert send(second, "Record my version") == 200

    expect(second.locator(".status-box")).to_contain_text("Completed")
    history = second.locator(".history > li")
    expect(history).to_have_count(2)
    expect(history.first).to_contain_text("All trainings are done.")
    expect(history.last).to_contain_text("A first training was held.")


def choose_three(page: Page) -> None:
    page.goto(f"{LIST}?section=A")
    for ref in (REF, SECOND, THIRD):
        page.get_by_role("checkbox", name=f"Choose {ref}", exact=True).check()
    page.get_by_role("button", name="Update selected").click()
    expect(page.locator(".chosen > li")).to_have_count(3)


def test_one_status_is_recorded_on_several_activities_at_once(window: OpenWindow, cast: Cast) -> None:
    page = window(cast.secretariat)
    choose_three(page)
    fill(page, status="Not started", narrative="The funds are awaited.")
    add_link(page, 1, REPORT, ADDRESS)

    assert send(page, "Record on all 3") == 200

    expect(page).to_have_url(re.compile(re.escape(f"{LIST}?section=A") + "$"))
    expect(page.locator(".message")).to_contain_text("3 activities are “Not started”")
    for ref in (REF, SECOND, THIRD):
        expect(row_of(page, ref)).to_contain_text("Not started")
    assert StatusUpdate.objects.filter(evidence__url=ADDRESS).count() == 3


def test_when_one_of_several_has_changed_meanwhile_none_is_recorded_and_nothing_typed_is_lost(
    window: OpenWindow, cast: Cast, record: Callable[..., StatusUpdate]
) -> None:
    page = window(cast.secretariat)
    choose_three(page)
    fill(page, status="Deferred", narrative="Put off to next year.")
    page.get_by_label("Why it goes back, is deferred or cancelled").fill("The venue was closed.")
    add_link(page, 1, REPORT, ADDRESS)
    record(SECOND, by=cast.colleague, narrative="The materials are at the printer.")

    assert send(page, "Record on all 3") == 409

    expect(page.locator(".conflict")).to_contain_text("not saved on any of the activities")
    changed = page.locator(".chosen-changed")
    expect(changed).to_have_count(1)
    expect(changed).to_contain_text(SECOND)
    expect(changed).to_contain_text("The materials are at the printer.")
    expect(page.get_by_label("Progress", exact=True)).to_have_value("Put off to next year.")
    expect(page.get_by_role("radio", name=re.compile("^Deferred"))).to_be_checked()
    expect(page.get_by_role("group", name="Evidence 1").get_by_label("Link")).to_have_value(ADDRESS)
    assert StatusUpdate.objects.count() == 1

    assert send(page, "Record my version") == 200
    expect(page.locator(".message")).to_contain_text("3 activities are “Deferred”")


def test_what_is_missing_is_named_and_nothing_typed_is_lost(window: OpenWindow, cast: Cast) -> None:
    page = window(cast.secretariat)
    page.goto(update_of(REF))
    page.get_by_label("Challenges").fill("Funds.")
    add_link(page, 1, "", ADDRESS)

    assert send(page) == 400

    problems = page.locator("#error-summary")
    expect(problems).to_be_focused()
    problems.get_by_role("link", name=re.compile("^Status")).click()
    expect(page.locator("#id_status_0")).to_be_focused()
    problems.get_by_role("link", name=re.compile("^Evidence 1, title")).click()
    expect(page.get_by_role("group", name="Evidence 1").get_by_label("Title")).to_be_focused()
    expect(page.get_by_label("Challenges")).to_have_value("Funds.")
    expect(page.get_by_role("group", name="Evidence 1").get_by_label("Link")).to_have_value(ADDRESS)
    assert not StatusUpdate.objects.exists()


def test_a_focal_point_finds_what_the_body_leads_and_what_it_helps_with(window: OpenWindow, cast: Cast) -> None:
    page = window()
    sign_in(page, cast.acwc)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="My work").click()
    lead, cooperating = page.locator("#lead"), page.locator("#cooperating")
    for row in lead.locator("tbody tr").all():
        expect(row.locator(".c-lead_bodies")).to_contain_text("ACWC")
    for row in cooperating.locator("tbody tr").all():
        expect(row.locator(".c-lead_bodies")).not_to_contain_text("ACWC")
    before = lead.locator("tbody tr").count(), cooperating.locator("tbody tr").count()
    assert min(before) > 0

    page.evaluate("window.notLeft = true")
    page.get_by_role("checkbox", name=re.compile("^A ")).check()
    page.wait_for_url(re.compile(r"/my/\?.*section=A"))

    expect(page.get_by_role("list", name="Filters in use")).to_contain_text("Section: A")
    assert page.evaluate("window.notLeft")
    assert (lead.locator("tbody tr").count(), cooperating.locator("tbody tr").count()) < before
    for ref in page.locator("tbody .c-ref").all_inner_texts():
        assert ref.startswith("A.")

    for path in ("/my/", LIST, f"{PLAN}/", activity(REF)):
        page.goto(path)
        expect(page.get_by_role("link", name=re.compile("^Update"))).to_have_count(0)
        expect(page.get_by_role("button", name=re.compile("^Update"))).to_have_count(0)
    refused = page.goto(update_of(REF))
    assert refused and refused.status == 403
