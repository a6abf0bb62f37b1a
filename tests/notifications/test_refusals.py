"""A mail server refuses an address for good, or a mail for now: who hears of it, and that nobody else waits."""

import datetime
from collections.abc import Callable, Iterator
from smtplib import (
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client, override_settings
from django.utils import timezone

from tests.conftest import Cast
from tests.notifications.mails import by, notice, send
from workplan import actions, permissions
from workplan.actions import messages as sending
from workplan.exceptions import NotAllowed, WrongState
from workplan.models import AuditEntry, Digest, Notice, User
from workplan.notifications.password_reset import send_reset_links
from workplan.notifications.refusals import words_of_refusal

UNKNOWN = "550 5.1.1 No such user here"


class Choosy(EmailBackend):
    """A mail server that answers for each address as it is told, and takes all other mail."""

    answers: dict[str, SMTPException] = {}
    asked: list[str] = []

    def send_messages(self, messages: Any) -> int:
        for message in messages:
            (address,) = message.to
            self.asked.append(address)
            if address in self.answers:
                raise self.answers[address]
        return super().send_messages(messages)


@pytest.fixture
def server() -> Iterator[type[Choosy]]:
    Choosy.answers, Choosy.asked = {}, []
    with override_settings(EMAIL_BACKEND="tests.notifications.test_refusals.Choosy"):
        yield Choosy


def refused(person: User) -> SMTPRecipientsRefused:
    return SMTPRecipientsRefused({person.email: (550, b"5.1.1 No such user here")})


def run_at(start: datetime.datetime, **after: float) -> None:
    with time_machine.travel(start + datetime.timedelta(**after), tick=False):
        send()


def receivers() -> list[str]:
    return [address for one in mail.outbox for address in one.to]


def test_a_refused_address_is_marked_told_to_the_secretariat_and_left_alone(cast: Cast, server: type[Choosy]) -> None:
    server.answers = {cast.somtc.email: refused(cast.somtc)}
    notice(cast.somtc, key="1", text="First.")
    notice(cast.acwc, key="1", text="First.")
    start = timezone.now()

    run_at(start)
    notice(cast.somtc, key="2", text="Second.")
    for hours in (1, 2, 24, 72):
        run_at(start, hours=hours)

    cast.somtc.refresh_from_db()
    assert (cast.somtc.refused_address, cast.somtc.refusal) == (cast.somtc.email, UNKNOWN)
    assert server.asked.count(cast.somtc.email) == 1, "It is not tried again."
    assert sorted(receivers()) == sorted([cast.acwc.email, cast.colleague.email, cast.secretariat.email])
    words = str(mail.outbox[-1].body)
    assert cast.somtc.email in words and UNKNOWN in words
    digest = Digest.objects.get(user=cast.somtc)
    assert (digest.state, digest.attempts, digest.last_error) == ("refused", 1, UNKNOWN)
    entry = AuditEntry.objects.get(action="user.address_refused")
    assert (entry.actor, entry.record_label, entry.changes) == (
        None,
        str(cast.somtc),
        {"refused_address": ["", cast.somtc.email]},
    )


@pytest.mark.parametrize("how", ["confirmed", "changed"])
def test_what_waits_leaves_in_one_mail_when_the_address_is_mended(cast: Cast, server: type[Choosy], how: str) -> None:
    server.answers = {cast.somtc.email: refused(cast.somtc)}
    notice(cast.somtc, key="1", text="First.")
    send()
    notice(cast.somtc, key="2", text="Second.")
    send()
    server.answers = {}

    cast.somtc.refresh_from_db()
    if how == "confirmed":
        actions.confirm_address(user=cast.somtc, by=by(cast.somtc))
    else:
        cast.somtc.email = "right@example.org"
        actions.save_record(record=cast.somtc, by=by(cast.administrator))
    send()
    send()

    (sent,) = [one for one in mail.outbox if one.to == [cast.somtc.email]]
    assert "First." in sent.body and "Second." in sent.body
    assert not Notice.objects.filter(user=cast.somtc).waiting().exists()
    assert Digest.objects.in_state("refused").get().subject == "No notifications left"


def test_only_its_owner_and_the_secretariat_confirm_an_address(cast: Cast, server: type[Choosy]) -> None:
    User.objects.filter(pk=cast.somtc.pk).update(refused_address=cast.somtc.email, refusal=UNKNOWN)
    cast.somtc.refresh_from_db()
    for person in (cast.acwc, cast.newcomer):
        with pytest.raises(NotAllowed):
            actions.confirm_address(user=cast.somtc, by=by(person))
    assert [
        permissions.can_confirm_address(one, cast.somtc) for one in (cast.visitor, cast.somtc, cast.secretariat)
    ] == [
        False,
        True,
        True,
    ]

    actions.confirm_address(user=cast.somtc, by=by(cast.secretariat))

    with pytest.raises(WrongState):
        actions.confirm_address(user=cast.somtc, by=by(cast.secretariat))
    assert AuditEntry.objects.get(action="user.address_confirmed").actor == cast.secretariat


def test_the_outbox_shows_who_is_refused_and_lets_the_secretariat_confirm(
    cast: Cast, page: Callable[..., Client], server: type[Choosy]
) -> None:
    server.answers = {cast.somtc.email: refused(cast.somtc)}
    notice(cast.somtc, text="A round is open.")
    send()
    client = page(cast.secretariat)

    assert "A round is open." in client.get("/messages/?state=refused").content.decode()
    text = client.get("/messages/?state=unreachable&person=somchai").content.decode()
    assert UNKNOWN in text and "Confirm this address" in text
    own = page(cast.somtc).get("/my/messages/").content.decode()
    assert UNKNOWN in own and "Confirm this address" in own
    assert UNKNOWN in page(cast.somtc).get("/accounts/settings/").content.decode()

    Digest.objects.get()
    refused_mail = client.post("/messages/?state=refused", {"mail": str(Digest.objects.get().pk)}, follow=True)
    assert "has been permanently refused" in refused_mail.content.decode()
    for person in (cast.acwc, cast.newcomer):
        assert page(person).post("/messages/", {"confirm": str(cast.somtc.pk)}).status_code == 403
    done = client.post("/messages/?state=unreachable", {"confirm": str(cast.somtc.pk)}, follow=True)
    assert "Email will be sent to somchai@example.org again" in done.content.decode()
    cast.somtc.refresh_from_db()
    assert not cast.somtc.is_refused
    assert client.post("/messages/", {"confirm": "x"}).status_code == 404


def test_a_person_confirms_their_own_address_on_a_page(cast: Cast, page: Callable[..., Client]) -> None:
    User.objects.filter(pk=cast.somtc.pk).update(refused_address=cast.somtc.email, refusal=UNKNOWN)
    client = page(cast.somtc)

    assert client.get("/my/messages/address/").status_code == 302
    assert "again" in client.post("/my/messages/address/", follow=True).content.decode()
    assert "not refused" in client.post("/my/messages/address/", follow=True).content.decode()
    assert page().post("/my/messages/address/").status_code == 302
    cast.somtc.refresh_from_db()
    assert cast.somtc.refused_address == ""


def test_others_do_not_wait_behind_a_mail_that_fails(cast: Cast, server: type[Choosy]) -> None:
    server.answers = {cast.somtc.email: SMTPServerDisconnected("gone")}
    start = timezone.now()
    for number, minutes in enumerate((0, 1, 3, 7)):
        with time_machine.travel(start + datetime.timedelta(minutes=minutes), tick=False):
            for person in (cast.somtc, cast.acwc):
                notice(person, key=str(number), text=f"News {number}.")
            server.asked.clear()
            send()
            assert receivers()[-1] == cast.acwc.email and f"News {number}." in str(mail.outbox[-1].body)
            assert server.asked == [cast.acwc.email, cast.somtc.email] if number else True, "New mails come first."
            digest = Digest.objects.get(user=cast.somtc)
            assert digest.retry_at is not None
            assert digest.retry_at - timezone.now() == datetime.timedelta(minutes=2**number), "Rests become longer."
    cast.somtc.refresh_from_db()
    assert not cast.somtc.is_refused
    server.answers = {}
    run_at(start, minutes=15)
    run_at(start, minutes=16)
    theirs = "".join(str(one.body) for one in mail.outbox if one.to == [cast.somtc.email])
    assert all(f"News {number}." in theirs for number in range(4))


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (SMTPRecipientsRefused({"a@b": (550, b"5.1.1 No such user here")}), UNKNOWN),
        (SMTPRecipientsRefused({"a@b": (553, b"not\r\nallowed")}), "553 not allowed"),
        (SMTPDataError(554, b"No mailbox here"), "554 No mailbox here"),
        (SMTPDataError(550, "5.2.1 Mailbox disabled"), "550 5.2.1 Mailbox disabled"),
        (SMTPRecipientsRefused({"a@b": (450, b"4.2.1 greylisted")}), ""),
        (SMTPRecipientsRefused({"a@b": (554, b"5.7.1 Relay access denied")}), ""),
        (SMTPDataError(552, b"5.3.4 Message too big"), ""),
        (SMTPDataError(451, b"try later"), ""),
        (SMTPSenderRefused(550, b"5.1.8 unknown sender", "apta@localhost"), ""),
        (SMTPAuthenticationError(535, b"5.7.8 wrong password"), ""),
        (SMTPServerDisconnected("gone"), ""),
        (ConnectionRefusedError("nobody answers"), ""),
        (SMTPRecipientsRefused({}), ""),
    ],
)
def test_only_what_is_about_the_address_is_a_refusal_of_the_address(problem: Exception, words: str) -> None:
    assert words_of_refusal(problem) == words


def test_a_link_for_a_new_password_marks_the_address_too(cast: Cast, server: type[Choosy]) -> None:
    server.answers = {cast.somtc.email: refused(cast.somtc)}

    send_reset_links.enqueue(cast.somtc.email)
    send_reset_links.enqueue(cast.somtc.email)

    assert server.asked == [cast.somtc.email]
    cast.somtc.refresh_from_db()
    assert cast.somtc.is_refused
    assert sending.mail_obstacle(cast.somtc).endswith(f"Its answer: “{UNKNOWN}”.")


def test_whoever_shares_the_address_is_not_asked_to_fail_as_well(cast: Cast, server: type[Choosy]) -> None:
    User.objects.filter(pk=cast.acwc.pk).update(email=cast.somtc.email)
    server.answers = {cast.somtc.email: refused(cast.somtc)}
    for person in (cast.somtc, cast.acwc):
        notice(person)

    send()
    send()

    assert server.asked.count(cast.somtc.email) <= 2
    assert User.objects.filter(refused_address=cast.somtc.email).count() == 2
    assert Notice.objects.filter(event="undeliverable").count() == 4
