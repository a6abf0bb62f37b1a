"""One command serves: it refuses unsafe settings, prepares, starts, reloads without a failed request, and stops."""

import configparser
import io
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from apta.serving import preparation, safety
from tests import measuring
from tests.project.test_start import ENOUGH, ROOT, collect, manage
from workplan.models import AuditEntry, User
from workplan.permissions import is_administrator

SMTP = "django.core.mail.backends.smtp.EmailBackend"
SAFE = {
    "TRIAL": False,
    "SECRET_KEY": "aB3-xY9_kL7+" * 5,
    "BASE_URL": "https://plan.example.org",
    "HTTPS": True,
    "BEHIND_PROXY": True,
    "EMAIL_BACKEND": SMTP,
}
REHEARSAL = SAFE | {"BASE_URL": "http://127.0.0.1:8000", "HTTPS": False, "BEHIND_PROXY": False}


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({}, []),
        ({"TRIAL": True, "SECRET_KEY": "a"}, ["APTA_DEBUG"]),
        ({"SECRET_KEY": "ab" * 40}, ["APTA_SECRET_KEY"]),
        ({"BASE_URL": ""}, ["APTA_BASE_URL"]),
        ({"HTTPS": False}, ["APTA_HTTPS"]),
        ({"BASE_URL": "http://plan.example.org"}, ["APTA_BASE_URL"]),
        ({"BASE_URL": "http://localhost:8000"}, ["APTA_HTTPS"]),
        ({"BEHIND_PROXY": False}, ["APTA_BEHIND_PROXY"]),
        ({"EMAIL_BACKEND": safety.NOT_SENT[0]}, ["APTA_EMAIL_URL"]),
        ({"HTTPS": False, "SECRET_KEY": "ab" * 40}, ["APTA_SECRET_KEY", "APTA_HTTPS"]),
    ],
)
def test_an_unsafe_setting_is_named(settings: Any, changed: dict[str, Any], named: list[str]) -> None:
    for name, value in (SAFE | changed).items():
        setattr(settings, name, value)
    assert [sentence.split()[0] for sentence in safety.unsafe_settings()] == named


def test_a_rehearsal_on_ones_own_machine_needs_neither_tls_nor_mail(settings: Any) -> None:
    for name, value in (REHEARSAL | {"EMAIL_BACKEND": safety.NOT_SENT[0]}).items():
        setattr(settings, name, value)
    assert safety.unsafe_settings() == []


@pytest.mark.django_db
def test_serve_refuses_an_unsafe_setting_before_it_touches_anything(settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("apta.management.commands.serve.prepare", lambda: pytest.fail("it prepared"))
    for name, value in (SAFE | {"HTTPS": False}).items():
        setattr(settings, name, value)
    with pytest.raises(CommandError, match=r"^apta does not start\. APTA_HTTPS is off"):
        call_command("serve")


@pytest.mark.django_db
def test_static_files_are_collected_once_for_each_content(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.STATIC_ROOT, settings.DATA_DIR = tmp_path / "static", tmp_path
    settings.STATIC_ROOT.mkdir()
    collected = []
    monkeypatch.setattr(preparation, "call_command", lambda name, **_: collected.append(name))
    with preparation.one_at_a_time():
        preparation.collect_files()
        preparation.collect_files()
    assert collected == ["collectstatic"]

    former = preparation.digest_of_files()
    changed = tmp_path / "more"
    changed.mkdir()
    (changed / "new.css").write_text("p {}")
    settings.STATICFILES_DIRS = [changed]
    finders.get_finder.cache_clear()  # type: ignore[attr-defined]
    try:
        assert preparation.digest_of_files() != former
    finally:
        settings.STATICFILES_DIRS = []
        finders.get_finder.cache_clear()  # type: ignore[attr-defined]


# The processes


class Readers(threading.Thread):
    """Somebody who reads pages without a pause, over connections that are kept, as a proxy does."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port, self.answers, self.failures, self.is_enough = port, 0, list[str](), False

    def run(self) -> None:
        line = HTTPConnection("127.0.0.1", self.port, timeout=ENOUGH)
        while not self.is_enough:
            try:
                line.request("GET", "/accounts/login/")
                answer = line.getresponse()
                answer.read()
                if answer.status != 200:
                    self.failures.append(str(answer.status))
                self.answers += 1
            except OSError as problem:
                self.failures.append(repr(problem))
                line.close()
        line.close()


def wait_for(log: Path, sentence: str, server: subprocess.Popen[bytes], times: int = 1) -> None:
    until = time.monotonic() + ENOUGH
    while log.read_text().count(sentence) < times:
        assert server.poll() is None and time.monotonic() < until, log.read_text()
        time.sleep(0.1)


def guide() -> tuple[list[str], list[str]]:
    """The commands of the rehearsal in the operator's guide: up to the server, and those in the other window."""
    text = (ROOT / "docs/operating.md").read_text()
    section = text.partition("## A rehearsal\n")[2].partition("\n## ")[0]
    first, second = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    return first.splitlines(), second.splitlines()


def for_the_test(command: str, folder: Path, port: int) -> str:
    """The command in the folder of the test, at a port of its own, with the Python of the tests."""
    targets = (ROOT / "Makefile").read_text()
    for name, line in (
        ("serve", "manage.py serve"),
        ("reload", 'kill -HUP "$(cat "${APTA_DATA_DIR:-var}/serve.pid")"'),
    ):
        if command == f"make {name}":
            assert line.removeprefix("manage.py").replace("$", "$$") in targets
            command = f".venv/bin/python {line}" if name == "serve" else line
    command = command.replace(".venv/bin/python", sys.executable).replace("python3", sys.executable)
    return command.replace("rehearsal", str(folder)).replace("8000", str(port))


@pytest.mark.real_clock
def test_the_commands_of_the_guide_lead_to_an_installation_that_is_served_backed_up_and_restored(
    tmp_path: Path,
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    before, others = ([for_the_test(line, tmp_path, port) for line in part] for part in guide())
    settings_of_the_guide = [line for line in before if line.startswith("export ")]
    # What ``collectstatic`` does, without a minute of compressing.
    collect(tmp_path / "data")
    (tmp_path / "data/static" / preparation.MARK).write_text(preparation.digest_of_files())
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("APTA_", "DATABASE_", "DJANGO_"))}
    values = kept | {"APTA_BIND": f"127.0.0.1:{port}", "APTA_WEB_PROCESSES": "1"}
    measured = values | measuring.of_processes()
    log = tmp_path / "log"
    script = "\n".join(["set -e", *before[:-1], f"exec {before[-1]}"])
    with log.open("wb") as file:
        server = subprocess.Popen(("bash", "-c", script), cwd=ROOT, env=measured, stdout=file, stderr=file)
    try:
        wait_for(log, "apta is served on ", server)
        first = re.findall(r"Booting worker with pid: (\d+)", log.read_text())
        readers = Readers(port)
        readers.start()
        said = {}
        for command in others:
            lines = "\n".join([*settings_of_the_guide, command])
            done = subprocess.run(
                ("bash", "-c", lines), cwd=ROOT, env=values, capture_output=True, text=True, timeout=ENOUGH
            )
            assert done.returncode == 0, (command, done.stdout, done.stderr)
            said[command.split("manage.py ")[-1].split()[0]] = done.stdout
        wait_for(log, "Reloaded.", server)
        readers.is_enough = True
        readers.join(ENOUGH)
        assert readers.failures == [] and readers.answers > 0
        second = re.findall(r"Booting worker with pid: (\d+)", log.read_text())[1:]
        assert second and not set(first) & set(second)
        assert "/accounts/password/reset/key/" in said["first_admin"] and '"ready": true' in said["curl"]
        fingerprint = re.search(r"Fingerprint \w+", said["backup"])[0]  # type: ignore[index]
        assert fingerprint in said["restore"] and "NOT" not in said["verify"]

        refused = manage(tmp_path / "data", "serve", **{**values, "APTA_BASE_URL": f"http://127.0.0.1:{port}"})
        assert f"apta does not start. APTA_BIND is 127.0.0.1:{port}, where nothing can listen" in refused.stderr
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(ENOUGH) == 0
    text = log.read_text()
    assert text.rindex("Shutting down: Master") < text.rindex("shutting down gracefully") < text.rindex("Stopped.")
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
        pass


# The first administrator


@pytest.fixture
def nobody_administers(cast: Any) -> None:
    User.objects.filter(pk=cast.administrator.pk).update(is_active=False)


def invite(*arguments: str) -> str:
    output = io.StringIO()
    call_command("first_admin", *arguments, stdout=output)
    return output.getvalue()


@pytest.mark.usefixtures("nobody_administers")
def test_the_first_administrator_chooses_a_password_by_a_link_that_works_once() -> None:
    assert "was sent to mira@example.org" in invite("mira", "mira@example.org", "--name", "Mira Sari Dewi")
    user = User.objects.get(username="mira")
    assert (user.first_name, user.last_name, user.has_usable_password()) == ("Mira", "Sari Dewi", False)
    assert AuditEntry.objects.filter(record_type="user", record_id=str(user.pk), channel="command").exists()
    sent = mail.outbox[0]
    assert sent.to == ["mira@example.org"] and "“mira”" in sent.body
    link = re.search(r"https?://[^/]+(/\S+)", str(sent.body))[1]  # type: ignore[index]

    client = Client()
    form = client.get(link, follow=True)
    address = form.redirect_chain[-1][0]
    words = {"password1": "nine green umbrellas", "password2": "nine green umbrellas"}
    assert client.post(address, words).status_code == 302
    user.refresh_from_db()
    assert user.check_password("nine green umbrellas") and is_administrator(user)
    assert "password1" not in Client().get(link, follow=True).content.decode()
    with pytest.raises(CommandError, match="There is an administrator already"):
        invite("other", "other@example.org")


@pytest.mark.usefixtures("nobody_administers")
def test_an_invitation_can_be_repeated_with_another_address_and_shown_instead_of_sent() -> None:
    invite("mira", "wrong@example.org")
    said = invite("mira", "mira@example.org", "--print-link")
    assert "/accounts/password/reset/key/" in said and len(mail.outbox) == 1
    assert User.objects.get(username="mira").email == "mira@example.org"
    with pytest.raises(CommandError, match=r"email: Enter a valid email address"):
        invite("mira", "nonsense")


@pytest.mark.usefixtures("nobody_administers")
def test_a_mail_server_that_fails_is_named_and_the_account_stays(settings: Any) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", 1
    with pytest.raises(CommandError, match="add --print-link"):
        invite("mira", "mira@example.org")
    assert User.objects.filter(username="mira").exists()


# The files for systemd and containers


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "deploy").glob("apta*")))
def test_units_of_systemd_run_commands_that_are_there(name: str) -> None:
    unit = configparser.RawConfigParser(strict=False, delimiters=("=",), comment_prefixes=("#",))
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(ROOT / "deploy" / name)
    assert unit.has_section("Unit")
    commands = re.findall(r"manage\.py (\w+)", (ROOT / "deploy" / name).read_text())
    assert name.endswith(".timer") or commands
    for command in commands:
        assert any((ROOT / app / f"management/commands/{command}.py").exists() for app in ("apta", "workplan"))


def test_the_container_holds_what_the_start_needs_and_runs_as_nobody_special() -> None:
    text = (ROOT / "Containerfile").read_text()
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        assert all((ROOT / path).exists() for path in source.split())
    assert "USER apta" in text and "--require-hashes" in text
    assert (ROOT / ".containerignore").read_text() == (ROOT / ".dockerignore").read_text()
