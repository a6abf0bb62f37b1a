"""One click in a mail program stops mails of one kind for one person (RFC 8058), and looking stops nothing."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.test import Client, override_settings

from tests.conftest import Cast
from tests.notifications.mails import by, notice, send
from workplan import rules
from workplan.actions import messages
from workplan.exceptions import NotAllowed
from workplan.models import AuditEntry, MessagePreferences, Notice, User
from workplan.notifications import unsubscribing

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
Page = Callable[..., Client]


@pytest.fixture
def path(cast: Cast) -> str:
    """The address in a mail to SOMTC's focal point about a return."""
    notice(cast.somtc, "returned", "1", "A report came back.")
    with override_settings(BASE_URL="https://plan.example.org"):
        send()
    headers = mail.outbox[0].message()
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = headers["List-Unsubscribe"]
    assert address.startswith("<https://plan.example.org/") and address.endswith(">")
    assert address[1:-1] in str(mail.outbox[0].body)
    return urlsplit(address[1:-1]).path


def muted(person: User) -> list[str]:
    return list(MessagePreferences.objects.filter(user=person).values_list("muted", flat=True))


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_mail_program_stops_the_kind_by_one_request(cast: Cast, path: str, closed: bool, content_type: str) -> None:
    program = Client(enforce_csrf_checks=True)
    with override_settings(PUBLIC_READ=not closed):
        if content_type.startswith("multipart"):
            answer = program.post(path, ONE_CLICK)
        else:
            answer = program.post(path, "List-Unsubscribe=One-Click", content_type=content_type)

    assert answer.status_code == 200
    assert not answer.cookies
    assert muted(cast.somtc) == [["returned"]]
    entry = AuditEntry.objects.get(action="preferences.changed")
    assert (entry.actor, entry.changes) == (cast.somtc, {"muted": [[], ["returned"]]})
    notice(cast.somtc, "approved", "2", "A report is approved.")
    notice(cast.acwc, "returned", "2", "Another came back.")
    send()
    assert [one.to for one in mail.outbox[1:]] == [[cast.somtc.email], [cast.acwc.email]]


def test_looking_asks_and_changes_nothing(cast: Cast, page: Page, path: str) -> None:
    for client in (page(), page(cast.acwc), Client(enforce_csrf_checks=True)):
        assert client.head(path).status_code == 200
        text = client.get(path).content.decode()
        assert "Stop these emails?" in text and "Returned" in text
        assert cast.somtc.email not in text and "Somchai" not in text, "Mails are passed on."
    assert muted(cast.somtc) == []

    done = Client(enforce_csrf_checks=True).post(path)
    again = Client(enforce_csrf_checks=True).post(path)
    assert [("These emails have been stopped" in one.content.decode()) for one in (done, again)] == [True, True]
    assert AuditEntry.objects.filter(action="preferences.changed").count() == 1


def test_news_of_the_kind_that_waits_is_not_mailed(cast: Cast, page: Page, path: str) -> None:
    notice(cast.somtc, "returned", "2", "It waits.")
    notice(cast.somtc, "opened", "3", "Of another kind.")

    page().post(path, ONE_CLICK)

    assert [one.text for one in Notice.objects.filter(user=cast.somtc, digest=None)] == ["Of another kind."]


def test_what_stays_chosen_stays(cast: Cast, page: Page, path: str) -> None:
    wanted = [event for event in rules.EVENTS.values if event != "opened"]
    messages.save_preferences(user=cast.somtc, frequency="daily", events=wanted, by=by(cast.somtc))

    page().post(path, ONE_CLICK)

    preferences = MessagePreferences.objects.get(user=cast.somtc)
    assert (preferences.frequency, preferences.muted) == ("daily", ["opened", "returned"])


def test_an_address_that_nobody_signed_stops_nothing(cast: Cast, page: Page, path: str) -> None:
    for wrong in (
        path.replace(".", "x"),
        path.replace("returned", "approved"),
        f"{path[:-1]}x/",
        "/my/messages/stop/x/",
    ):
        for answer in (page().get(wrong), page().post(wrong, ONE_CLICK)):
            assert answer.status_code == 404
            assert "This link does not work" in answer.content.decode()
    assert muted(cast.somtc) == []
    assert page().put(path).status_code == 405


def test_the_address_ends_with_the_account_and_is_the_owners_alone(cast: Cast, page: Page) -> None:
    address = urlsplit(unsubscribing.address_for(cast.newcomer, ["followed"])).path
    with pytest.raises(NotAllowed):
        messages.stop_events(user=cast.newcomer, events=["followed"], by=by(cast.acwc))
    cast.newcomer.delete()

    assert page().post(address, ONE_CLICK).status_code == 404


def test_a_mail_of_several_kinds_names_each(cast: Cast) -> None:
    notice(cast.somtc, "returned", "1")
    notice(cast.somtc, "opened", "2")
    send()

    key = str(mail.outbox[0].message()["List-Unsubscribe"])[1:-1].rstrip("/").rpartition("/")[2]
    found = unsubscribing.read(key)
    assert found is not None
    assert (found[0], [term.value for term in found[1]]) == (cast.somtc, ["opened", "returned"])
    assert "round opened, returned" in str(mail.outbox[0].body)
