"""The worker is killed in the middle of its mails, and everybody is told everything once."""

import email
import os
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django_tasks_db.models import DBTaskResult

from tests import measuring
from workplan.models import Digest, Notice, User

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = 500
EVENTS = ("opened", "due_soon")
ENDS_WITHIN = 90.0


class Sink(socketserver.ThreadingTCPServer):
    """A mail server on this machine that keeps what it is given, and calls back at two moments.

    Attributes:
        received: the mails in the order in which they were read to their end, whether or not that was answered.
        on_read: called with the number of the mail once it is read, before it is answered.
        on_answer: called with the number of the mail once it is answered, before the next word is read.
    """

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.received: list[Message] = []
        self.guard = threading.Lock()
        self.on_read: Callable[[int], None] = lambda number: None
        self.on_answer: Callable[[int], None] = lambda number: None

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever is killed hangs up in the middle of a sentence."""


class Conversation(socketserver.StreamRequestHandler):
    server: Sink

    def handle(self) -> None:
        self.say("220 sink")
        while line := self.rfile.readline():
            word = line.split(b" ")[0].strip().upper()
            if word == b"QUIT":
                self.say("221 bye")
                return
            if word == b"DATA":
                self.say("354 go on")
                self.take()
            else:
                self.say("250 ok")

    def take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return
            lines.append(line)
        with self.server.guard:
            self.server.received.append(email.message_from_bytes(b"".join(lines)))
            number = len(self.server.received)
        self.server.on_read(number)
        self.say("250 taken")
        self.server.on_answer(number)

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(timeout=60)


def environment(port: int) -> dict[str, str]:
    """What a process needs to work on the database of this test and to mail to the sink."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        url = f"sqlite:///{name}"
    else:
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith(("APTA_", "PYTEST", "COV_"))},
        "APTA_DEBUG": "1",
        "APTA_DATA_DIR": str(settings.DATA_DIR),
        "APTA_BASE_URL": "https://plan.example.org",
        "APTA_EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "APTA_LOG_LEVEL": "WARNING",
        "DATABASE_URL": url,
    }


@contextmanager
def process(*words: str, port: int, measured: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """``manage.py`` with ``words``, which never outlives the block."""
    running = subprocess.Popen(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=environment(port) | (measured or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate(timeout=ENDS_WITHIN)


@contextmanager
def worker(port: int, **more: Any) -> Iterator[subprocess.Popen[bytes]]:
    with process("worker", "--name", f"test-{os.getpid()}", port=port, **more) as running:
        yield running


def wait_until(done: Callable[[], bool], *, running: "subprocess.Popen[bytes] | None" = None) -> None:
    ends = time.monotonic() + ENDS_WITHIN
    while not done():
        assert time.monotonic() < ends, "It took too long."
        if running is not None and running.poll() is not None:
            output = running.stdout.read().decode() if running.stdout else ""
            raise AssertionError(f"The worker ended by itself: {output}")
        time.sleep(0.05)


def killed_at(sink: Sink, number: int, moment: str) -> None:
    """Run a worker that is killed when the sink has read the mail ``number``, or has answered it."""
    with worker(sink.port) as running:

        def kill(now: int) -> None:
            if now == number:
                os.kill(running.pid, signal.SIGKILL)
                running.wait(timeout=60)

        setattr(sink, moment, kill)
        wait_until(lambda: running.poll() is not None)
        setattr(sink, moment, lambda now: None)
        assert running.returncode == -signal.SIGKILL, running.stdout.read().decode() if running.stdout else ""
        assert len(sink.received) == number


def notify(people: list[User], event: str) -> None:
    Notice.objects.bulk_create(
        Notice(user=person, event=event, key=f"{event}:1", text=f"Told {person.username} of {event}.", path="/my/")
        for person in people
    )


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_of_500_mails_notifies_everybody_everything_once(sink: Sink) -> None:
    """Kill -9 twice, start again twice, and count.

    A mail server and a database cannot be made to agree at one moment: a worker killed after the server has read a
    mail and before that is noted cannot know whether it was taken, and hands it over again rather than lose it. The
    second copy has the same Message-ID, so mail servers and programs know it for the same mail, and it is counted
    once here. At most the one mail in flight when the worker was killed comes twice; both kills hit that window.
    """
    people = User.objects.bulk_create(
        User(username=f"person-{number}", email=f"person-{number}@example.org") for number in range(PEOPLE)
    )
    for event in EVENTS:
        notify(people, event)

    killed_at(sink, 200, "on_read")
    assert Digest.objects.filter(sent_at__isnull=False).count() == 199
    killed_at(sink, 350, "on_answer")
    with worker(sink.port) as running:
        wait_until(lambda: not Digest.objects.filter(sent_at=None).exists(), running=running)
        running.send_signal(signal.SIGTERM)
        running.wait(timeout=ENDS_WITHIN)
        assert running.returncode == 0, "It stops in order."

    copies = Counter(mail["Message-ID"] for mail in sink.received)
    once = {mail["Message-ID"]: mail for mail in sink.received}
    assert len(once) == PEOPLE
    assert sum(copies.values()) <= PEOPLE + 2
    assert max(copies.values()) <= 2
    notified = Counter((mail["To"], line) for mail in once.values() for line in words(mail) if line.startswith("Told"))
    assert notified == Counter(
        (person.email, f"Told {person.username} of {event}.") for person in people for event in EVENTS
    )
    assert Digest.objects.count() == PEOPLE
    assert not Notice.objects.filter(digest=None).exists()
    assert not DBTaskResult.objects.exclude(status="SUCCESSFUL").exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_told_to_stop_finishes_the_mail_in_its_hands(sink: Sink) -> None:
    people = User.objects.bulk_create(
        User(username=f"person-{number}", email=f"person-{number}@example.org") for number in range(20)
    )
    notify(people, "opened")

    with worker(sink.port, measured=measuring.of_processes()) as running:
        sink.on_read = lambda number: running.send_signal(signal.SIGTERM) if number == 5 else None
        assert running.wait(timeout=ENDS_WITHIN) == 0

    assert len(sink.received) == Digest.objects.filter(sent_at__isnull=False).count() == 5
    assert not DBTaskResult.objects.filter(status="RUNNING").exists()


@pytest.mark.django_db(transaction=True)
def test_the_command_run_twice_at_once_next_to_a_worker_sends_each_mail_once(sink: Sink) -> None:
    people = User.objects.bulk_create(
        User(username=f"person-{number}", email=f"person-{number}@example.org") for number in range(40)
    )
    notify(people, "opened")
    once = ("send_messages",)
    with process(*once, port=sink.port) as one, process(*once, port=sink.port) as other, worker(sink.port) as third:
        assert one.wait(timeout=ENDS_WITHIN) == 0, one.stdout.read().decode() if one.stdout else ""
        assert other.wait(timeout=ENDS_WITHIN) == 0, other.stdout.read().decode() if other.stdout else ""
        wait_until(lambda: not Digest.objects.filter(sent_at=None).exists(), running=third)
        with worker(sink.port) as second:
            assert second.wait(timeout=ENDS_WITHIN) == 1, "Another worker of this name is refused."
        third.send_signal(signal.SIGTERM)
        assert third.wait(timeout=ENDS_WITHIN) == 0

    assert sorted(mail["To"] for mail in sink.received) == sorted(person.email for person in people)
    assert Digest.objects.count() == len(people)


def words(mail: Message) -> list[str]:
    payload = mail.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode().splitlines()
