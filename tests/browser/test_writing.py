"""A report saves itself as it is written; no broken connection, ended session or other person loses a word of it."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenWindow
from tests.browser.places import activity
from tests.conftest import PASSWORD, Cast, make_person
from tests.larger_plans import opened
from workplan.actions import Actor
from workplan.models import ReportingRound, StatusUpdate, WorkPlan

FORM = f"{activity('A.1.1.1')}report/"
FIRST, SECOND, THIRD = "Two trainings were held.", "Two trainings were held in Bangkok.", "Three were held."
# Saving waits until nobody types, then for the server.
SOON = 120_000


@pytest.fixture
def reporting_round(cast: Cast) -> ReportingRound:
    return opened(WorkPlan.objects.get(), Actor(cast.secretariat, "page", "r"))


def write(page: Page, words: str) -> None:
    page.get_by_label("Progress", exact=True).fill(words)


def expect_message(page: Page, words: str) -> None:
    """What the line beside the buttons says of the saving."""
    expect(page.locator("[data-saved]")).to_contain_text(words, timeout=SOON)


def reconnect(page: Page) -> None:
    """The words that this browser kept are offered, taken, and saved."""
    expect(page.locator("[data-kept-offer]")).to_be_visible()
    with page.expect_response(lambda answer: answer.request.method == "POST", timeout=SOON) as saved:
        page.locator("[data-kept-take]").click()
    assert saved.value.status == 200


def test_a_report_saves_itself_and_survives_a_broken_connection(
    window: OpenWindow, cast: Cast, reporting_round: ReportingRound, complaints: list[str]
) -> None:
    page = window(cast.somtc)
    page.goto(FORM)
    write(page, FIRST)
    expect_message(page, "Saved")
    draft = StatusUpdate.objects.get()
    assert (draft.narrative, draft.state) == (FIRST, "draft")

    page.context.set_offline(True)
    write(page, SECOND)
    expect_message(page, "no connection. What you typed is kept in this browser.")
    page.context.set_offline(False)
    expect_message(page, "Saved")
    draft.refresh_from_db()
    assert draft.narrative == SECOND

    # The window is closed before the connection is back: the words are offered on the next visit.
    # Refused one by one: a window "offline" for the browser may learn while closing that it is not, and save.
    context = page.context
    context.route("**/*", lambda request: request.abort("internetdisconnected"))
    write(page, THIRD)
    expect_message(page, "no connection")
    page.close()
    context.unroute_all()
    page = context.new_page()
    page.goto(FORM)
    expect(page.get_by_label("Progress", exact=True)).to_have_value(SECOND)
    reconnect(page)
    expect(page.get_by_label("Progress", exact=True)).to_have_value(THIRD)
    draft.refresh_from_db()
    assert draft.narrative == THIRD
    assert complaints and all("ERR_INTERNET_DISCONNECTED" in one for one in complaints)
    complaints.clear()


def test_a_session_that_ends_loses_nothing_typed(
    window: OpenWindow, cast: Cast, reporting_round: ReportingRound
) -> None:
    page = window(cast.somtc)
    page.goto(FORM)
    write(page, FIRST)
    expect_message(page, "Saved")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    write(page, SECOND)
    expect_message(page, "you are signed out")
    assert StatusUpdate.objects.get().narrative == FIRST

    page.get_by_role("button", name="Save draft").last.click()
    expect(page.get_by_role("heading", name="Nothing was saved")).to_be_visible()
    expect(page.get_by_text(SECOND)).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    page.get_by_label("Username").fill(cast.somtc.username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile(r"/reports/\d+/edit/"))
    reconnect(page)
    assert StatusUpdate.objects.get().narrative == SECOND


def test_two_people_on_one_draft_see_both_versions_and_decide(
    window: OpenWindow, cast: Cast, reporting_round: ReportingRound, complaints: list[str]
) -> None:
    one, other = window(cast.somtc), window(make_person("pia", name="Pia Focal", body="SOMTC"))
    one.goto(FORM)
    write(one, FIRST)
    expect_message(one, "Saved")
    other.goto(FORM)
    expect(other.get_by_label("Progress", exact=True)).to_have_value(FIRST)
    with other.expect_response(lambda answer: answer.request.method == "POST", timeout=SOON):
        write(other, SECOND)

    write(one, THIRD)
    expect_message(one, "somebody else has changed this report")
    assert StatusUpdate.objects.get().narrative == SECOND
    one.get_by_role("button", name="Save draft").last.click()
    expect(one.locator(".conflict")).to_contain_text(SECOND)
    expect(one.locator(".conflict")).to_contain_text(THIRD)
    expect(one.get_by_label("Progress", exact=True)).to_have_value(THIRD)
    one.get_by_role("button", name=re.compile("^Save")).last.click()
    one.wait_for_url(re.compile(r"/reports/\d+/edit/"))
    expect(one.locator(".conflict")).to_have_count(0)
    assert StatusUpdate.objects.get().narrative == THIRD
    assert complaints and all(one.endswith(": 409") for one in complaints)
    complaints.clear()
