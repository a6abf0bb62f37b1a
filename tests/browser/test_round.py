"""A whole reporting round, played by four people: page, API and completion tell the same at each step."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenWindow
from tests.browser.places import PLAN, activity
from tests.browser.test_recording import send
from tests.conftest import Cast, make_person
from workplan.models import Activity, Notice, Obligation, ReportingRound, StatusUpdate

# SLOM and SOMTC lead it together, AICHR cooperates.
REF = "A.1.1.4"
ROUND = f"{PLAN}/rounds/2020-2/"
FIRST = "A regional programme for 30 July was drafted."
MENDED = "A regional programme for 30 July was drafted by nine countries."
REASON = "Say how many countries took part."
ADDED = "AICHR offered two speakers."
COMMENT = "Please keep us informed of the date."


@pytest.fixture
def people(window: OpenWindow, cast: Cast) -> Iterator[dict[str, Page]]:
    """The four of them, each at their own window, and a visitor."""
    yield {
        "secretariat": window(cast.secretariat),
        "lead": window(cast.somtc),
        "co-lead": window(make_person("suda", name="Suda Focal", body="SLOM")),
        "cooperating": window(make_person("andi", name="Andi Focal", body="AICHR")),
        "visitor": window(fresh=True),
    }


def read(page: Page, path: str) -> Any:
    response = page.request.get(path)
    assert response.ok, f"{path}: {response.status}"
    return response.json()


def figure(page: Page, body: str, label: str) -> int:
    """A number of the completion table on the page of the round."""
    table = page.locator("table.table-figures")
    headings = [text.strip() for text in table.locator("thead th").all_inner_texts()]
    row = table.locator("tr", has=page.get_by_role("rowheader", name=re.compile(f"^{body}")))
    return int(row.locator("th, td").nth(headings.index(label)).inner_text())


def the_round_is(people: dict[str, Page], state: str) -> None:
    """Where the round stands, on its page and by the API, for whoever looks."""
    reporting_round = ReportingRound.objects.get(code="2020-2")
    assert reporting_round.state == state
    for who, page in people.items():
        page.goto(ROUND)
        expect(page.locator(".page-head")).to_contain_text(state.capitalize())
        for path in ("", "completion/"):
            assert read(page, f"/api/v1/rounds/{reporting_round.pk}/{path}")["state"] == state, (who, path)


def all_is_due(people: dict[str, Page]) -> None:
    """Nobody has reported: all reports are due, whoever looks, on the page as by the API."""
    reporting_round = ReportingRound.objects.get(code="2020-2")
    for who in ("secretariat", "visitor"):
        page = people[who]
        page.goto(ROUND)
        stated = read(page, f"/api/v1/rounds/{reporting_round.pk}/completion/")
        rows = {entry["body"] or "Secretariat": entry["counts"] for entry in stated["bodies"]} | {
            "All": stated["total"]
        }
        for name, counts in rows.items():
            assert counts["owed"] == counts["total"] == figure(page, name, "Due") == figure(page, name, "Expected")


def the_joint_lead_concurs(people: dict[str, Page]) -> None:
    """Both leads and the secretariat read it, on the page as by the API."""
    update = StatusUpdate.objects.get(activity__ref=REF)
    for who in ("secretariat", "lead", "co-lead"):
        page = people[who]
        page.goto(f"/reports/{update.pk}/")
        expect(page.locator(".concurrences")).to_contain_text("concurs")
        stated = read(page, f"/api/v1/updates/{update.pk}/")
        assert [(one["body"], one["way"]) for one in stated["concurrences"]] == [("SLOM", "given")]


def agree(people: dict[str, Page], state: str) -> None:
    """The state of the report on ``REF``, wherever the secretariat and the lead look for it."""
    reporting_round = ReportingRound.objects.get(code="2020-2")
    expected = {
        body: Obligation.objects.filter(round=reporting_round, body__acronym=body, state=state).count()
        for body in ("SOMTC", "SLOM")
    }
    assert expected["SOMTC"] == 1
    for who in ("secretariat", "lead"):
        page = people[who]
        page.goto(ROUND)
        stated = read(page, f"/api/v1/rounds/{reporting_round.pk}/completion/")
        counts = {entry["body"]: entry["counts"] for entry in stated["bodies"]}
        for body, number in expected.items():
            assert counts[body][state] == number, (who, body)
            assert figure(page, body, state.capitalize()) == number, (who, body)
        assert stated["total"][state] == figure(page, "All", state.capitalize()) == 1
        listed = read(page, f"/api/v1/activities/?round=2020-2&report_state={state}")["results"]
        assert [row["ref"] for row in listed] == [REF]
        (row,) = read(page, f"/api/v1/updates/?activity={REF}&state={state}")["results"]
        assert row["state"] == state
        page.goto(f"/reports/{row['id']}/")
        expect(page.locator(".status-box .tag").first).to_have_text(re.compile(state, re.IGNORECASE))


def nothing_leaks(people: dict[str, Page]) -> None:
    """What is in the making is not for visitors, wherever they look."""
    page = people["visitor"]
    update = StatusUpdate.objects.get(activity__ref=REF)
    assert page.request.get(f"/reports/{update.pk}/").status == 404
    assert page.request.get(f"/api/v1/updates/{update.pk}/").status == 404
    for path in (
        "/",
        "/plans/tip-2016-2020/bodies/SOMTC/",
        activity(REF),
        ROUND,
        f"{PLAN}/rounds/",
        f"{PLAN}/",
        "/search/?q=programme",
    ):
        text = page.request.get(path).text()
        for words in (FIRST, MENDED, REASON, ADDED, COMMENT, "Somchai"):
            assert words not in text, (path, words)
    counts = read(page, f"/api/v1/rounds/{update.round_id}/completion/")["total"]
    assert counts["approved"] == counts["submitted"] == counts["returned"] == counts["draft"] == 0
    (row,) = read(page, f"/api/v1/activities/?ref={REF}")["results"]
    assert row["status"] == "not_reported" and row["latest_update"] is None


def test_a_round_from_its_opening_to_its_publication(people: dict[str, Page]) -> None:
    sari, somchai, suda, andi = (people[who] for who in ("secretariat", "lead", "co-lead", "cooperating"))

    # The secretariat plans the half-years and opens the last of them, whose reports count when it is published.
    sari.goto("/")
    sari.get_by_role("navigation", name="Main").get_by_role("link", name="Rounds").click()
    sari.get_by_role("link", name="Plan the half-years").click()
    send(sari, "Plan 10 rounds")
    sari.get_by_role("link", name="Second half of 2020").click()
    expect(sari.get_by_text("Final evaluation").first).to_be_visible()
    sari.get_by_role("link", name="Change").click()
    sari.get_by_label("Due on").fill("2099-01-31")
    sari.get_by_label("Closes on").fill("2099-02-15")
    sari.get_by_label(re.compile("are published")).select_option("with_round")
    send(sari, "Save")
    sari.get_by_role("link", name="Open…").click()
    expect(sari.get_by_role("row", name=re.compile("^SOMTC"))).to_be_visible()
    sari.locator("form.form button[type=submit]").last.click()
    sari.wait_for_url(re.compile(re.escape(ROUND)))
    due = Obligation.objects.filter(body__acronym="SOMTC", state="owed").count()
    assert figure(sari, "SOMTC", "Due") == due > 1
    assert Notice.objects.filter(event="opened", user__username="somchai").count() == 1
    the_round_is(people, "open")
    all_is_due(people)

    # The lead finds it and writes; what is not complete is not submitted, and nothing typed is lost.
    somchai.goto("/my/")
    somchai.get_by_role("link", name=f"Report {REF}", exact=True).click()
    somchai.get_by_role("radio", name=re.compile("^Ongoing")).check()
    somchai.get_by_role("button", name="Save draft").last.click()
    somchai.wait_for_url(re.compile(r"/reports/\d+/edit/"))
    agree(people, "draft")
    nothing_leaks(people)
    draft = StatusUpdate.objects.get(activity__ref=REF)
    assert suda.request.get(f"/reports/{draft.pk}/").status == 404
    somchai.goto(f"/reports/{draft.pk}/edit/")
    somchai.get_by_role("button", name="Submit for review").click()
    expect(somchai.locator("#error-summary")).to_contain_text("Enter in one or more sentences what was done")
    somchai.get_by_label("Progress", exact=True).fill(FIRST)
    somchai.get_by_role("button", name="Submit for review").click()
    somchai.wait_for_url(lambda url: "/edit/" not in url)
    agree(people, "submitted")
    nothing_leaks(people)

    # A cooperating body adds its part.
    andi.goto("/my/")
    andi.get_by_text("Activities in which you cooperate").click()
    andi.get_by_role("link", name=f"Add a contribution to {REF}").click()
    andi.get_by_role("textbox").last.fill(ADDED)
    send(andi, "Save")
    assert andi.request.get(f"/reports/{draft.pk}/").status == 404

    # The secretariat reads it all and returns it with a reason.
    sari.get_by_role("navigation", name="Main").get_by_role("link", name="Review").click()
    sari.get_by_role("link", name=REF).click()
    expect(sari.get_by_text(ADDED)).to_be_visible()
    sari.get_by_text("Return with a reason").click()
    sari.locator("#return textarea").fill(REASON)
    sari.get_by_role("button", name="Return", exact=True).click()
    sari.wait_for_load_state()
    agree(people, "returned")
    nothing_leaks(people)

    # The lead mends and submits again.
    somchai.goto("/my/")
    expect(somchai.get_by_text(REASON)).to_be_visible()
    somchai.get_by_role("link", name=f"Revise and resubmit {REF}", exact=True).click()
    somchai.get_by_label("Progress", exact=True).fill(MENDED)
    somchai.get_by_role("button", name="Submit for review").click()
    somchai.wait_for_url(lambda url: "/edit/" not in url)
    agree(people, "submitted")

    # The joint lead concurs and comments.
    suda.goto("/my/")
    suda.get_by_role("link", name=f"View the report on {REF}").first.click()
    expect(suda.get_by_text(MENDED).first).to_be_visible()
    suda.get_by_role("button", name="SLOM concurs").click()
    expect(suda.locator(".concurrences")).to_contain_text("concurs")
    suda.locator("#comments textarea").fill(COMMENT)
    suda.get_by_role("button", name="Comment", exact=True).click()
    expect(suda.locator(".comments")).to_contain_text(COMMENT)
    the_joint_lead_concurs(people)
    agree(people, "submitted")
    nothing_leaks(people)

    # The secretariat sees both and approves; the public waits for the round.
    sari.goto("/review/")
    sari.get_by_role("link", name=REF).click()
    expect(sari.get_by_text(COMMENT)).to_be_visible()
    sari.get_by_role("button", name="Approve", exact=True).click()
    expect(sari.locator(".status-box")).to_contain_text("Approved")
    agree(people, "approved")
    nothing_leaks(people)

    # Closed and published: now it is the status, for everybody.
    for action, state in (("Close…", "closed"), ("Publish…", "published")):
        nothing_leaks(people)
        sari.goto(ROUND)
        sari.get_by_role("link", name=action).click()
        # Before the due date, publishing ends what each body that is named can still do.
        if sari.get_by_role("checkbox", name="I confirm").count():
            sari.get_by_role("checkbox", name="I confirm").check()
        sari.locator("form.form button[type=submit]").last.click()
        sari.wait_for_url(re.compile(f"{re.escape(ROUND)}$"))
        the_round_is(people, state)
        agree(people, "approved")
    visitor = people["visitor"]
    visitor.goto(activity(REF))
    expect(visitor.locator(".status-box")).to_contain_text("Ongoing")
    expect(visitor.get_by_text(MENDED).first).to_be_visible()
    for words in (FIRST, REASON, ADDED, COMMENT, "Somchai", "Suda", "Sari"):
        assert words not in visitor.content(), words
    (row,) = read(visitor, f"/api/v1/activities/?ref={REF}")["results"]
    assert row["status"] == "ongoing"
    assert row["latest_update"]["narrative"] == MENDED and row["latest_update"]["author"] is None
    reporting_round = ReportingRound.objects.get(code="2020-2")
    assert read(visitor, f"/api/v1/rounds/{reporting_round.pk}/completion/")["total"]["approved"] == 1
    stated = visitor.request.get(f"{PLAN}/rounds/2020-2/completion.csv").text()
    assert "All (each activity once),67,66,1,1,0" in stated and "No lead body (not in the total),6,6,0,0,0" in stated
    assert Activity.objects.get(ref=REF).version == 2
