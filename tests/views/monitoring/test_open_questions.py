"""The queue of open questions, for everybody."""

import csv
import io
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.answer_text import text
from tests.conftest import Cast
from tests.larger_plans import grow
from tests.monitoring.questions import LEADERLESS, REPORTED, asked, change, question, report, settle
from tests.views.monitoring.questions import CODE, FILE, QUEUE, READ, Page
from workplan import rules
from workplan.models import Activity, WorkPlan
from workplan.rules import CONTRADICTION, EMPTY_AREA, MISSING_LEAD, READING, TRANSFER


def rows(response: Any) -> list[dict[str, str]]:
    content = b"".join(response.streaming_content).decode().removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(content)))


def test_the_queue_shows_each_question_with_its_words_and_where_they_stand(plan: WorkPlan, page: Page) -> None:
    seen = text(page().get(f"{QUEUE}?ref=B.2.3&kind={TRANSFER}"))

    assert "<strong>1</strong> question<" in seen
    assert "Should area B.2.3 be transferred, as a remark requests?" in seen
    assert "(can be transferred to Element C Provision C)" in seen
    assert "Create a venue where investigators and prosecutors could meet" in seen
    assert "cases. [SOMTC]" in seen  # as printed
    assert "line 144" in seen
    assert f'href="/plans/{CODE}/#B.2.3"' in seen
    assert "Resolve" not in seen.split("<main")[1].replace("resolves", "").replace("Resolved", "")


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("", 111),
        ("?state=open", 111),
        ("?state=settled", 0),
        (f"?kind={MISSING_LEAD}", 6),
        (f"?kind={MISSING_LEAD}&kind={EMPTY_AREA}", 12),
        (f"?kind={MISSING_LEAD}&section=C", 3),
        ("?record=section", 3),
        (f"?ref={LEADERLESS}", 2),
        ("?q=semicolons%20bullets", 1),
        ("?plan=tip-2016-2020&page=5", 111),
    ],
)
def test_page_and_file_show_the_same_rows_for_the_same_filter(
    plan: WorkPlan, page: Page, query: str, number: int
) -> None:
    listing = page().get(f"{QUEUE}{query}").context["listing"]
    assert listing.number == number
    assert len(rows(page().get(f"{FILE}{query}"))) == number


def test_the_number_beside_a_choice_is_the_number_of_rows_it_shows(plan: WorkPlan, cast: Cast, page: Page) -> None:
    settle(question(cast.secretariat, MISSING_LEAD, LEADERLESS), cast.secretariat)
    facets = page().get(f"{QUEUE}?section=A").context["listing"].facets

    assert [facet.name for facet in facets] == ["state", "kind", "section"]
    for facet in facets:
        for choice in facet.choices:
            others = "" if facet.name == "section" else "&section=A"
            listing = page().get(f"{QUEUE}?{facet.name}={choice.value}{others}").context["listing"]
            assert listing.number == choice.number, (facet.name, choice.value)


@pytest.mark.parametrize("query", ["kind=nonsense", "state=done", "section=Z", "page=x", "q=%00", "ref=x"])
def test_a_filter_that_cannot_be_meant_is_named(plan: WorkPlan, page: Page, query: str) -> None:
    for address in (QUEUE, FILE):
        if address == FILE and query == "page=x":
            continue
        response = page().get(f"{address}?{query}")
        assert response.status_code == 400
        assert query.split("=")[0] in text(response)


def test_readers_learn_what_was_decided_and_those_who_take_part_why(plan: WorkPlan, cast: Cast, page: Page) -> None:
    settle(question(cast.secretariat, READING, REPORTED), cast.secretariat, reason="Checked with SOMTC.")

    for person, knows in ((None, False), (cast.newcomer, False), (cast.somtc, True), (cast.secretariat, True)):
        for address in (f"{QUEUE}?state=settled", READ):
            seen = text(page(person).get(address))
            assert "Plan unchanged" in seen
            assert ("Checked with SOMTC." in seen) is knows
            assert ("Sari Staff (sari)" in seen) is knows
        [row] = rows(page(person).get(f"{FILE}?state=settled"))
        assert (row["Decision"], row["State"]) == ("Plan unchanged", "Resolved")
        assert row.get("Reason") == ("Checked with SOMTC." if knows else None)
        assert row.get("Decided by") == ("Sari Staff (sari)" if knows else None)


def test_a_question_that_is_open_again_says_so_and_shows_what_was_decided_before(
    plan: WorkPlan, cast: Cast, page: Page
) -> None:
    settle(question(cast.secretariat, READING, REPORTED), cast.secretariat)
    change(Activity.objects.get(ref=REPORTED), cast.colleague, reading_note="Read anew.")

    assert "the matter has changed since" in text(page().get(f"{QUEUE}?ref={REPORTED}"))
    seen = text(page().get(READ))
    assert "so the question is open again" in seen
    assert "The matter at that time" in seen


@pytest.mark.parametrize(
    "address",
    [
        "reading/activity/A.9.9.9/",
        "nonsense/activity/A.1.1.1/",
        "reading/body/A.1.1.1/",
        "missing_lead/activity/A.1.1.1/",
    ],
)
def test_there_is_no_page_for_what_is_not_asked(plan: WorkPlan, page: Page, address: str) -> None:
    assert page().get(f"{QUEUE}{address}").status_code == 404


def test_contradictory_reports_lead_to_the_form_of_a_correction(plan: WorkPlan, cast: Cast, page: Page) -> None:
    report(cast, REPORTED, "completed", (2018, 6, 30))
    report(cast, REPORTED, "ongoing", (2018, 12, 31))
    address = f"{QUEUE}{CONTRADICTION}/activity/{REPORTED}/"

    assert f'href="/plans/{CODE}/activities/{REPORTED}/update/"' in text(page(cast.secretariat).get(address))
    assert "/update/" not in text(page().get(address)).split("<main")[1]


def test_an_activity_shows_what_is_asked_about_it(plan: WorkPlan, cast: Cast, page: Page) -> None:
    address = f"/plans/{CODE}/activities/{LEADERLESS}/"
    seen = text(page().get(address))

    assert f'href="{QUEUE}missing_lead/activity/{LEADERLESS}/"' in seen
    assert f"Is the transcription of activity {LEADERLESS} correct?" in seen
    assert "Open questions" not in text(page().get(f"/plans/{CODE}/activities/A.1.2.1/")).split("<main")[1]


def test_everybody_finds_the_queue_among_the_pages(
    plan: WorkPlan, cast: Cast, page: Page, settings: LazySettings
) -> None:
    link = f'href="{QUEUE}?state=open">Open questions'

    assert link in text(page(cast.secretariat).get("/"))
    assert link in text(page().get("/"))
    settings.PUBLIC_READ = False
    assert link not in text(page().get("/accounts/login/"))


def test_a_closed_installation_asks_every_reader_to_sign_in(cast: Cast, page: Page, settings: Any) -> None:
    settings.PUBLIC_READ = False

    for address in (QUEUE, FILE, READ):
        assert page().get(address).status_code == 302, address
        assert page(cast.newcomer).get(address).status_code == 200, address


def test_the_queue_asks_the_same_of_the_database_for_ten_and_for_thousands(
    plan: WorkPlan, cast: Cast, page: Page
) -> None:
    def number(address: str) -> int:
        page().get(address)
        with CaptureQueriesContext(connection) as queries:
            response = page().get(address)
            if response.streaming:
                b"".join(response)  # type: ignore[arg-type]
        return len(queries)

    report(cast, REPORTED, "completed", (2018, 6, 30))
    report(cast, REPORTED, "ongoing", (2018, 12, 31))
    settle(question(cast.secretariat, READING, "A"), cast.secretariat)
    addresses = (QUEUE, FILE, READ)
    small = [number(address) for address in addresses]
    grown = grow(plan, 1_000)
    Activity.objects.filter(pk__in=[one.pk for one in grown]).update(reading_note="Read so.", notes=["transfer it"])
    for one in asked(cast.secretariat, kind=READING)[:20]:
        settle(one, cast.secretariat)

    assert [number(address) for address in addresses] == small
    assert small[0] <= 10


def test_a_change_of_the_filters_is_answered_in_place(plan: WorkPlan, page: Page) -> None:
    response = page().get(f"{QUEUE}?state=open", headers={"HX-Request": "true"})

    assert "<html" not in response.content.decode()
    assert '<ol class="questions">' in response.content.decode()
    assert rules.QUESTION_STATES.label("open") in text(response)
