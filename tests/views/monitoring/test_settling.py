"""Open questions are settled by a form, one or several at once."""

import re
from typing import Any

import pytest
from django.test import Client

from tests.answer_text import text
from tests.conftest import Cast
from tests.monitoring.questions import LEADERLESS, REPORTED, change, question, settle
from tests.views.monitoring.questions import CODE, QUEUE, READ, Page
from workplan.models import Activity, AuditEntry, CollaborationArea, Decision, SectoralBody, WorkPlan
from workplan.rules import EMPTY_AREA, MISSING_LEAD, READING, TRANSFER


def typed(client: Client, address: str, **values: str) -> dict[str, str]:
    """What a browser would send of the form at ``address``, with these values typed."""
    form = client.get(address).context["form"]
    shown = {name: str(form[name].value() or "") for name in form.fields if name != "clear_note"}
    return {"seen": client.get(address).context["seen"], **shown, **values}


def test_the_secretariat_settles_and_goes_on_with_the_queue(plan: WorkPlan, cast: Cast, page: Page) -> None:
    client = page(cast.secretariat)
    response = client.post(READ, typed(client, READ, decision="keep", reason="Checked."), follow=True)

    assert response.redirect_chain == [(f"{QUEUE}?state=open&kind=reading", 302)]
    assert f"“Transcription” on {REPORTED} is resolved." in text(response)
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
        ({"decision": "", "reason": "Because."}, "decision", "Select a decision."),
        ({"decision": "keep", "reason": ""}, "reason", "Enter the reason for the decision."),
        ({"decision": "pass_on", "reason": "Because."}, "decision", "Select a valid choice"),
        ({"decision": "amend", "reason": "Because."}, "text", "Enter the correct text"),
        ({"decision": "amend", "reason": "Because.", "text": ""}, "text", "This field cannot be blank."),
        ({"decision": "keep", "reason": "Because.", "text": "Other"}, "decision", "You entered a change"),
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
        assert form[name].value() == value.replace("\x07", "\ufffd")
    assert not Decision.objects.exists()


def test_who_was_slower_sees_what_was_decided_and_can_decide_again(plan: WorkPlan, cast: Cast, page: Page) -> None:
    client = page(cast.secretariat)
    sent = typed(client, READ, decision="keep", reason="Mine.")
    settle(question(cast.colleague, READING, REPORTED), cast.colleague, reason="First.")

    response = client.post(READ, sent)
    seen = text(response)
    assert response.status_code == 409
    assert "This question has changed since you opened it" in seen
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
    assert "This question is no longer open" in text(response)
    assert "Mine." in text(response)
    seen = text(page().get(address))
    assert "This question is no longer open." in seen
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


UNDECIDED = (f"{MISSING_LEAD}.activity.A.1.1.2", f"{MISSING_LEAD}.activity.C.5.4.1", f"{EMPTY_AREA}.area.B.2.3")


LEFT_OPEN = f"{QUEUE}?state=open&kind={MISSING_LEAD}&kind={EMPTY_AREA}"


def test_several_that_stand_are_settled_at_once_with_one_reason(plan: WorkPlan, cast: Cast, page: Page) -> None:
    client = page(cast.secretariat)
    response = client.post(
        LEFT_OPEN, {"question": ticked(client, LEFT_OPEN, *UNDECIDED), "reason": "So it was meant."}, follow=True
    )

    assert response.redirect_chain == [(LEFT_OPEN, 302)]
    assert "3 questions resolved; the plan is unchanged." in text(response)
    assert response.context["listing"].number == 12 - 3
    assert {one.reason for one in Decision.objects.all()} == {"So it was meant."}
    entries = AuditEntry.objects.filter(action="question.settled", channel="bulk")
    assert len({entry.request_id for entry in entries}) == 1 and len(entries) == 3


def test_of_several_all_are_settled_or_none(plan: WorkPlan, cast: Cast, page: Page) -> None:
    client = page(cast.secretariat)
    sent = ticked(client, LEFT_OPEN, *UNDECIDED)
    settle(question(cast.colleague, EMPTY_AREA, "B.2.3"), cast.colleague, reason="First.")

    response = client.post(LEFT_OPEN, {"question": sent, "reason": "Mine."})
    seen = text(response)
    assert response.status_code == 409
    assert "No question was resolved" in seen and "First." in seen
    assert [one.reason for one in Decision.objects.all()] == ["First."]
    assert seen.count(" checked>") == 2 + len(response.context["listing"].filterset.chosen["kind"]) + 1
    assert 'name="reason" value="Mine."' in seen

    ticked_again = ticked(client, LEFT_OPEN, *UNDECIDED)
    name_lead = question(cast.colleague, MISSING_LEAD, "C.5.4.1")
    settle(name_lead, cast.colleague, "amend", lead=SectoralBody.objects.get(acronym="ACWC"))
    response = client.post(LEFT_OPEN, {"question": ticked_again, "reason": "Mine."})
    assert response.status_code == 409
    assert "These questions no longer arise from the plan: “Missing lead” on C.5.4.1." in text(response)


@pytest.mark.parametrize(
    ("sent", "stated", "status"),
    [
        ({"reason": "Because."}, "No question is selected", 400),
        ({"question": "nonsense", "reason": "Because."}, "problem with the list", 400),
        ({"question": f"{CODE}.wondering.activity.A.1.1.1:0-ab-1", "reason": "Because."}, "problem with the list", 400),
        ({"question": f"{CODE}.reading.activity.A.1.1.1:1", "reason": "Because."}, "problem with the list", 400),
        (
            {"question": f"{CODE}.reading.activity.Z.1:0-ab-1", "reason": "Because."},
            "no longer arise from the plan: “Transcription” on Z.1",
            409,
        ),
        ({"question": "AS THEY ARE", "reason": " "}, "Enter the reason for the decision.", 400),
        ({"question": "AS THEY ARE", "reason": "x" * 9_999}, "characters", 400),
    ],
)
def test_what_is_wrong_with_several_is_said_and_settles_none(
    plan: WorkPlan, cast: Cast, page: Page, sent: dict[str, Any], stated: str, status: int
) -> None:
    client = page(cast.secretariat)
    chosen = ticked(client, LEFT_OPEN, *UNDECIDED)
    response = client.post(LEFT_OPEN, {**sent, "question": chosen} if sent.get("question") == "AS THEY ARE" else sent)

    assert response.status_code == status
    assert stated in text(response)
    assert not Decision.objects.exists()


def test_only_the_secretariat_settles_several(plan: WorkPlan, cast: Cast, page: Page) -> None:
    sent = {"question": ticked(page(cast.secretariat), LEFT_OPEN, *UNDECIDED), "reason": "Because."}

    visitor = page().post(QUEUE, sent)
    assert visitor.status_code == 403 and f"/accounts/login/?next={QUEUE}" in text(visitor)
    for person in (cast.newcomer, cast.somtc):
        assert page(person).post(QUEUE, sent).status_code == 403
        assert 'name="question"' not in text(page(person).get(QUEUE))
    assert not Decision.objects.exists()
