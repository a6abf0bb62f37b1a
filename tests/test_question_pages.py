"""The pages of open questions: what they show to whom, and what becomes of what is typed there."""

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.building import grow
from tests.conftest import Cast
from tests.reading import text
from tests.test_questions import LEADERLESS, REPORTED, asked, change, question, report, settle
from workplan import rules
from workplan.models import Activity, AuditEntry, CollaborationArea, Decision, SectoralBody, WorkPlan
from workplan.rules import CONTRADICTION, EMPTY_AREA, MISSING_LEAD, READING, TRANSFER

Page = Callable[..., Client]
CODE = "tip-2016-2020"
QUEUE, FILE = f"/plans/{CODE}/questions/", f"/plans/{CODE}/questions.csv"
READ = f"{QUEUE}reading/activity/{REPORTED}/"


def rows(response: Any) -> list[dict[str, str]]:
    content = b"".join(response.streaming_content).decode().removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(content)))


def typed(client: Client, address: str, **values: str) -> dict[str, str]:
    """What a browser would send of the form at ``address``, with these values typed."""
    form = client.get(address).context["form"]
    shown = {name: str(form[name].value() or "") for name in form.fields if name != "clear_note"}
    return {"seen": client.get(address).context["seen"], **shown, **values}


def test_the_queue_shows_each_question_with_its_words_and_where_they_stand(plan: WorkPlan, page: Page) -> None:
    seen = text(page().get(f"{QUEUE}?ref=B.2.3&kind={TRANSFER}"))

    assert "<strong>1</strong> question<" in seen
    assert "Does area B.2.3 stand in the right place, or is it to be moved as a remark asks?" in seen
    assert "(can be transferred to Element C Provision C)" in seen
    assert "Create a venue where investigators and prosecutors could meet" in seen
    assert "cases. [SOMTC]" in seen  # as printed
    assert "line 144" in seen
    assert f'href="/plans/{CODE}/#B.2.3"' in seen
    assert "Settle" not in seen.split("<main")[1].replace("settles", "").replace("Settled", "")


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


@pytest.mark.parametrize("query", ["kind=nonsense", "state=done", "section=Z", "foo=1", "page=x", "q=%00", "ref=x"])
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
            assert "Stands as it is" in seen
            assert ("Checked with SOMTC." in seen) is knows
            assert ("Sari Staff (sari)" in seen) is knows
        [row] = rows(page(person).get(f"{FILE}?state=settled"))
        assert (row["Decision"], row["State"]) == ("Stands as it is", "Settled")
        assert row.get("Reason") == ("Checked with SOMTC." if knows else None)
        assert row.get("Decided by") == ("Sari Staff (sari)" if knows else None)


def test_a_question_that_is_open_again_says_so_and_shows_what_was_decided_before(
    plan: WorkPlan, cast: Cast, page: Page
) -> None:
    settle(question(cast.secretariat, READING, REPORTED), cast.secretariat)
    change(Activity.objects.get(ref=REPORTED), cast.colleague, reading_note="Read anew.")

    assert "what it is about has changed since" in text(page().get(f"{QUEUE}?ref={REPORTED}"))
    seen = text(page().get(READ))
    assert "so the question is open again" in seen
    assert "What it was about then" in seen


def test_the_secretariat_settles_and_goes_on_with_the_queue(plan: WorkPlan, cast: Cast, page: Page) -> None:
    client = page(cast.secretariat)
    response = client.post(READ, typed(client, READ, decision="keep", reason="Checked."), follow=True)

    assert response.redirect_chain == [(f"{QUEUE}?state=open&kind=reading", 302)]
    assert f"“Reading” on {REPORTED} is settled." in text(response)
    decision = Decision.objects.get()
    assert (decision.reason, decision.decided_by) == ("Checked.", cast.secretariat)
    assert AuditEntry.objects.get(action="question.settled").channel == "page"


@pytest.mark.parametrize(
    ("kind", "record", "ref", "values", "changed"),
    [
        (READING, "activity", REPORTED, {"text": "Link the websites", "clear_note": "on"}, "activity.changed"),
        (READING, "activity", REPORTED, {"clear_note": "on"}, "activity.changed"),
        (READING, "section", "A", {"text": "Prevention"}, "section.changed"),
        (MISSING_LEAD, "activity", LEADERLESS, {"lead": "ACWC"}, "responsibility.created"),
        (EMPTY_AREA, "area", "B.2.3", {"lead": "SOMTC"}, "activity.created"),
        (TRANSFER, "area", "B.4.2", {"to": "A.1"}, "collaborationarea.changed"),
    ],
)
def test_the_form_changes_the_plan_with_the_decision(
    plan: WorkPlan, cast: Cast, page: Page, kind: str, record: str, ref: str, values: dict[str, str], changed: str
) -> None:
    client, address = page(cast.secretariat), f"{QUEUE}{kind}/{record}/{ref}/"
    response = client.post(address, typed(client, address, decision="amend", reason="Agreed.", **values))

    assert response.status_code == 302, text(response)
    assert changed in set(AuditEntry.objects.values_list("action", flat=True))
    assert AuditEntry.objects.values("request_id").distinct().count() == 1


def test_an_activity_can_be_moved_by_the_form(plan: WorkPlan, cast: Cast, page: Page) -> None:
    change(Activity.objects.get(ref=REPORTED), cast.secretariat, notes=["transfer to Group 2"])
    client, address = page(cast.secretariat), f"{QUEUE}{TRANSFER}/activity/{REPORTED}/"
    client.post(address, typed(client, address, decision="amend", reason="Agreed.", to="B.1.1"))

    assert Activity.objects.get(ref=REPORTED).area == CollaborationArea.objects.get(ref="B.1.1")


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"decision": "", "reason": "Because."}, "decision", "Choose what is decided."),
        ({"decision": "keep", "reason": ""}, "reason", "Say why it is decided so."),
        ({"decision": "pass_on", "reason": "Because."}, "decision", "Select a valid choice"),
        ({"decision": "amend", "reason": "Because."}, "text", "Give the right words"),
        ({"decision": "amend", "reason": "Because.", "text": ""}, "text", "This field cannot be blank."),
        ({"decision": "keep", "reason": "Because.", "text": "Other"}, "decision", "You gave what is to change"),
        ({"decision": "keep", "reason": "Bad \x07 text"}, "reason", "no readable text"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(
    plan: WorkPlan, cast: Cast, page: Page, values: dict[str, str], field: str, words: str
) -> None:
    client = page(cast.secretariat)
    response = client.post(READ, typed(client, READ, **values))

    assert response.status_code == 400
    form = response.context["form"]
    assert any(words in error for error in form.errors[field]), form.errors
    for name, value in values.items():
        assert form[name].value() == value
    assert not Decision.objects.exists()


def test_who_was_slower_sees_what_was_decided_and_can_decide_again(plan: WorkPlan, cast: Cast, page: Page) -> None:
    client = page(cast.secretariat)
    sent = typed(client, READ, decision="keep", reason="Mine.")
    settle(question(cast.colleague, READING, REPORTED), cast.colleague, reason="First.")

    response = client.post(READ, sent)
    seen = text(response)
    assert response.status_code == 409
    assert "Things have changed since you read this question" in seen
    assert "First." in seen
    assert response.context["form"]["reason"].value() == "Mine."
    assert client.post(READ, {**sent, "seen": response.context["seen"]}).status_code == 302
    assert [one.reason for one in Decision.objects.newest_first()] == ["Mine.", "First."]


def test_what_is_asked_no_longer_is_said_and_the_reason_is_not_lost(plan: WorkPlan, cast: Cast, page: Page) -> None:
    client, address = page(cast.secretariat), f"{QUEUE}{MISSING_LEAD}/activity/{LEADERLESS}/"
    sent = typed(client, address, decision="keep", reason="Mine.")
    found = question(cast.colleague, MISSING_LEAD, LEADERLESS)
    settle(found, cast.colleague, "amend", lead=SectoralBody.objects.get(acronym="ACWC"))

    response = client.post(address, sent)
    assert response.status_code == 409
    assert "This is no longer asked" in text(response)
    assert "Mine." in text(response)
    seen = text(page().get(address))
    assert "This question is no longer asked." in seen
    assert "Plan changed" in seen


def test_a_form_without_what_was_seen_is_not_taken(plan: WorkPlan, cast: Cast, page: Page) -> None:
    for seen in ("", "nonsense", "1", "0-xyz-1"):
        response = page(cast.secretariat).post(READ, {"decision": "keep", "reason": "Because.", "seen": seen})
        assert response.status_code == 400
        assert "Send it again" in text(response)
    assert not Decision.objects.exists()


def test_only_the_secretariat_may_send_the_form(plan: WorkPlan, cast: Cast, page: Page) -> None:
    sent = typed(page(cast.secretariat), READ, decision="keep", reason="Because.")

    visitor = page().post(READ, sent)
    assert visitor.status_code == 403 and f"/accounts/login/?next={READ}" in text(visitor)
    for person in (cast.newcomer, cast.somtc):
        assert page(person).post(READ, sent).status_code == 403
        assert "<form class" not in text(page(person).get(READ)).split("<main")[1]
    assert not Decision.objects.exists()


def ticked(client: Client, address: str, *keys: str) -> list[str]:
    """What a browser would send for the questions ``keys``, ticked in the queue at ``address``."""
    form = client.get(address).content.decode()
    values: list[str] = re.findall(r'name="question" value="([^"]*)"', form)
    return [value for value in values if value.rpartition(":")[0].split(".", 1)[1] in keys]


STAND = (f"{MISSING_LEAD}.activity.A.1.1.2", f"{MISSING_LEAD}.activity.C.5.4.1", f"{EMPTY_AREA}.area.B.2.3")
LEFT_OPEN = f"{QUEUE}?state=open&kind={MISSING_LEAD}&kind={EMPTY_AREA}"


def test_several_that_stand_are_settled_at_once_with_one_reason(plan: WorkPlan, cast: Cast, page: Page) -> None:
    client = page(cast.secretariat)
    response = client.post(
        LEFT_OPEN, {"question": ticked(client, LEFT_OPEN, *STAND), "reason": "So it was meant."}, follow=True
    )

    assert response.redirect_chain == [(LEFT_OPEN, 302)]
    assert "3 questions settled: they stand as they are." in text(response)
    assert response.context["listing"].number == 12 - 3
    assert {one.reason for one in Decision.objects.all()} == {"So it was meant."}
    entries = AuditEntry.objects.filter(action="question.settled", channel="bulk")
    assert len({entry.request_id for entry in entries}) == 1 and len(entries) == 3


def test_of_several_all_are_settled_or_none(plan: WorkPlan, cast: Cast, page: Page) -> None:
    client = page(cast.secretariat)
    sent = ticked(client, LEFT_OPEN, *STAND)
    settle(question(cast.colleague, EMPTY_AREA, "B.2.3"), cast.colleague, reason="First.")

    response = client.post(LEFT_OPEN, {"question": sent, "reason": "Mine."})
    seen = text(response)
    assert response.status_code == 409
    assert "None was settled" in seen and "First." in seen
    assert [one.reason for one in Decision.objects.all()] == ["First."]
    assert seen.count(" checked>") == 2 + len(response.context["listing"].filterset.chosen["kind"]) + 1
    assert 'name="reason" value="Mine."' in seen

    ticked_again = ticked(client, LEFT_OPEN, *STAND)
    name_lead = question(cast.colleague, MISSING_LEAD, "C.5.4.1")
    settle(name_lead, cast.colleague, "amend", lead=SectoralBody.objects.get(acronym="ACWC"))
    response = client.post(LEFT_OPEN, {"question": ticked_again, "reason": "Mine."})
    assert response.status_code == 409
    assert "The plan no longer leaves this open: “Missing lead” on C.5.4.1." in text(response)


@pytest.mark.parametrize(
    ("sent", "told", "status"),
    [
        ({"reason": "Because."}, "No question is chosen", 400),
        ({"question": "nonsense", "reason": "Because."}, "cannot be read", 400),
        ({"question": f"{CODE}.wondering.activity.A.1.1.1:0-ab-1", "reason": "Because."}, "cannot be read", 400),
        ({"question": f"{CODE}.reading.activity.A.1.1.1:1", "reason": "Because."}, "cannot be read", 400),
        (
            {"question": f"{CODE}.reading.activity.Z.1:0-ab-1", "reason": "Because."},
            "no longer leaves this open: “Reading” on Z.1",
            409,
        ),
        ({"question": "AS THEY ARE", "reason": " "}, "Say why it is decided so.", 400),
        ({"question": "AS THEY ARE", "reason": "x" * 9_999}, "characters", 400),
    ],
)
def test_what_is_wrong_with_several_is_said_and_settles_none(
    plan: WorkPlan, cast: Cast, page: Page, sent: dict[str, Any], told: str, status: int
) -> None:
    client = page(cast.secretariat)
    chosen = ticked(client, LEFT_OPEN, *STAND)
    response = client.post(LEFT_OPEN, {**sent, "question": chosen} if sent.get("question") == "AS THEY ARE" else sent)

    assert response.status_code == status
    assert told in text(response)
    assert not Decision.objects.exists()


def test_only_the_secretariat_settles_several(plan: WorkPlan, cast: Cast, page: Page) -> None:
    sent = {"question": ticked(page(cast.secretariat), LEFT_OPEN, *STAND), "reason": "Because."}

    visitor = page().post(QUEUE, sent)
    assert visitor.status_code == 403 and f"/accounts/login/?next={QUEUE}" in text(visitor)
    for person in (cast.newcomer, cast.somtc):
        assert page(person).post(QUEUE, sent).status_code == 403
        assert 'name="question"' not in text(page(person).get(QUEUE))
    assert not Decision.objects.exists()


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
    assert f"Is activity {LEADERLESS} read as the document means it?" in seen
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
