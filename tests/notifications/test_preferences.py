"""What people want to be told, and the mails that the secretariat sees."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.conftest import Cast
from tests.notifications.mails import TOO_LATE, by, notice, notified, send, submitted
from workplan import actions, rules
from workplan.actions import messages as sending
from workplan.exceptions import Invalid, NotAllowed
from workplan.models import AuditEntry, MessagePreferences, Notice, ReportingRound, User


def test_once_a_day_is_once_a_day(cast: Cast) -> None:
    sending.save_preferences(user=cast.somtc, frequency=rules.DAILY, events=rules.EVENTS.values, by=by(cast.somtc))
    morning = datetime.datetime(2018, 7, 3, 1, tzinfo=datetime.UTC)
    for number, hours in enumerate((0, 3, 10, 24, 25)):
        with time_machine.travel(morning + datetime.timedelta(hours=hours), tick=False):
            notice(cast.somtc, key=str(number))
            send()

    assert [one.subject for one in mail.outbox] == [
        "1 notification in apta: round opened",
        "3 notifications in apta: round opened",
    ]


def test_what_is_not_wanted_is_not_told(reporting_round: ReportingRound, cast: Cast) -> None:
    mine: dict[str, Any] = {"user": cast.somtc, "by": by(cast.somtc)}
    sending.save_preferences(frequency=rules.SOON, events=["approved"], **mine)
    assert not Notice.objects.filter(user=cast.somtc).exists(), "What waited and is not wanted is not told."
    sent = submitted(reporting_round, cast)
    actions.return_report(update=sent, version=sent.version, reason="Name it.", by=by(cast.secretariat))
    assert notified("returned") == []

    sending.save_preferences(frequency=rules.NEVER, events=rules.EVENTS.values, **mine)
    with time_machine.travel(TOO_LATE, tick=False):
        send()
    assert "somchai@example.org" not in {one.to[0] for one in mail.outbox}


def test_everybody_chooses_for_themselves_on_a_page(cast: Cast, page: Callable[..., Client]) -> None:
    client = page(cast.somtc)
    text = client.get("/my/messages/").content.decode()
    staff_only = {"to_review", "undeliverable"}
    assert {term.value for term in rules.EVENTS if term.meaning not in text} == staff_only
    assert page().get("/my/messages/").status_code == 302

    saved = client.post("/my/messages/", {"frequency": "daily", "events": ["approved", "returned"]}, follow=True)
    assert "Saved" in saved.content.decode()
    chosen = MessagePreferences.objects.get(user=cast.somtc)
    assert chosen.frequency == "daily"
    assert set(rules.EVENTS.values) - set(chosen.muted) - staff_only == {"approved", "returned"}
    entry = AuditEntry.objects.get(action="preferences.changed")
    assert (entry.actor, entry.changes["frequency"]) == (cast.somtc, ["soon", "daily"])

    wrong = client.post("/my/messages/", {"frequency": "hourly", "events": ["approved", "gossip"]})
    assert wrong.status_code == 400
    assert "Use one of: soon, daily, never." in wrong.content.decode()
    assert 'value="approved" id="event-approved" checked' in wrong.content.decode()
    with pytest.raises(NotAllowed):
        sending.save_preferences(user=cast.somtc, frequency="never", events=[], by=by(cast.acwc))
    with pytest.raises(Invalid):
        sending.save_preferences(user=cast.somtc, frequency="never", events=["gossip"], by=by(cast.somtc))


def test_the_secretariat_chooses_among_what_concerns_it(cast: Cast, page: Callable[..., Client]) -> None:
    text = page(cast.secretariat).get("/my/messages/").content.decode()
    assert 'value="submitted"' in text
    assert 'value="returned"' not in text
    of_all = page(cast.newcomer).get("/my/messages/").content.decode()
    assert of_all.count('name="events"') == 1 and 'value="followed"' in of_all


def test_the_outbox_is_the_secretariats(cast: Cast, page: Callable[..., Client]) -> None:
    for answer in (page().get("/messages/"), page().post("/messages/", {"mail": "1"})):
        assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")
    for person in (cast.newcomer, cast.somtc):
        assert page(person).get("/messages/").status_code == 403
        assert page(person).post("/messages/", {"mail": "1"}).status_code == 403
    assert page(cast.secretariat).get("/messages/").status_code == 200
    assert page(cast.administrator).get("/messages/").status_code == 200


@pytest.mark.parametrize("wrong", ["state=gone", "page=0", "page=x", "state=sent&state=failed"])
def test_a_filter_of_the_outbox_that_cannot_be_meant_is_refused(
    cast: Cast, page: Callable[..., Client], wrong: str
) -> None:
    answer = page(cast.secretariat).get(f"/messages/?{wrong}")

    assert answer.status_code == 400
    assert "cannot be used" in answer.content.decode()


def test_the_outbox_finds_by_state_and_person_in_pages_and_few_queries(cast: Cast, page: Callable[..., Client]) -> None:
    client = page(cast.secretariat)
    notice(cast.somtc)
    send()

    def asked(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    addresses = ("/messages/", "/messages/?state=sent", "/messages/?state=unreachable")
    few = [asked(address) for address in addresses]
    people = User.objects.bulk_create(
        User(username=f"p{number}", first_name="Person", last_name=str(number), email=f"p{number}@example.org")
        for number in range(120)
    )
    for person in people:
        notice(person)
    send()
    without_notice = User.objects.bulk_create(User(username=f"silent{number}") for number in range(60))
    for person in without_notice:
        notice(person)

    many = [asked(address) for address in addresses]
    assert max(many) <= max(few) + 2, (few, many)  # the notices of the rows, once there are rows
    text = client.get("/messages/?page=2").content.decode()
    assert "Page 2 of 3" in text
    text = client.get("/messages/?person=somchai&state=sent").content.decode()
    assert "somchai@example.org" in text
    assert "p17@example.org" not in text
    assert client.post("/messages/", {"mail": "none"}).status_code == 404
