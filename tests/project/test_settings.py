"""A start with wrong settings stops, and says which one is wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from apta.environment import read_database, read_text

ROOT = Path(__file__).resolve().parents[2]
LONG_KEY = "k" * 50


def start(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("APTA_", "DATABASE_", "DJANGO_"))}
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "import django; django.setup(); from django.conf import settings; " + "".join(arguments),
        ],
        cwd=ROOT,
        env={**kept, "DJANGO_SETTINGS_MODULE": "apta.settings", **environment},
        capture_output=True,
        text=True,
        timeout=180,
    )


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, "APTA_SECRET_KEY is not set"),
        ({"APTA_SECRET_KEY": "short"}, "APTA_SECRET_KEY is shorter than 50 characters"),
        ({"APTA_DEBUG": "maybe"}, "APTA_DEBUG is 'maybe'; use 1 or 0."),
        ({"APTA_DEBUG": "1", "APTA_BASE_URL": "apta"}, "APTA_BASE_URL is 'apta'; give an address"),
        (
            {"APTA_DEBUG": "1", "DATABASE_URL": "mysql://a/b"},
            "DATABASE_URL names a database that apta does not support",
        ),
        ({"APTA_DEBUG": "1", "APTA_DATA_DIR": "/dev/null/x"}, "APTA_DATA_DIR is /dev/null/x, which cannot be written"),
        ({"APTA_DEBUG": "1", "APTA_TOKEN_RATE": "often"}, "APTA_TOKEN_RATE is 'often'"),
        ({"APTA_DEBUG": "1", "APTA_TIME_ZONE": "Mars/Base"}, "APTA_TIME_ZONE is 'Mars/Base'"),
        ({"APTA_DEBUG": "1", "APTA_LOG_LEVEL": "LOUD"}, "APTA_LOG_LEVEL is 'LOUD'"),
        ({"APTA_DEBUG": "1", "APTA_EMAIL_URL": "post"}, "APTA_EMAIL_URL"),
        (
            {"APTA_DEBUG": "1", "DATABASE_URL": "postgres://a/b", "APTA_DATABASE_MAX_AGE": "-1"},
            "APTA_DATABASE_MAX_AGE is -1; use a number from 0 to 86400.",
        ),
    ],
)
def test_a_value_that_cannot_be_used_stops_the_start(environment: dict[str, str], message: str) -> None:
    done = start(**environment)

    assert done.returncode != 0
    assert message in done.stderr.splitlines()[-1]


def test_production_is_safe_unless_told_otherwise() -> None:
    done = start(
        "print(settings.TRIAL or settings.DEBUG, settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE,"
        " settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS > 0)",
        APTA_SECRET_KEY=LONG_KEY,
    )

    assert done.stdout.split() == ["False", "True", "True", "True", "True"], done.stderr


def test_a_production_server_serves_its_own_host() -> None:
    done = start(
        "print(settings.ALLOWED_HOSTS[-1], settings.CSRF_TRUSTED_ORIGINS[0])",
        APTA_SECRET_KEY=LONG_KEY,
        APTA_BASE_URL="https://plan.example.org",
    )

    assert done.stdout.split() == ["plan.example.org", "https://plan.example.org"], done.stderr


def test_cookies_are_for_this_host_alone_where_it_speaks_tls() -> None:
    words = (
        "from workplan.accounts.attempts import DEVICE_COOKIE; "
        "print(settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, DEVICE_COOKIE, settings.SESSION_COOKIE_DOMAIN, "
        "settings.SESSION_COOKIE_PATH, settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE)"
    )
    names = ["__Host-sessionid", "__Host-csrftoken", "__Host-apta_device"]
    assert start(words, APTA_SECRET_KEY=LONG_KEY).stdout.split() == [*names, "None", "/", "True"]
    plain = start(words, APTA_SECRET_KEY=LONG_KEY, APTA_HTTPS="0").stdout.split()
    assert plain[:3] == ["sessionid", "csrftoken", "apta_device"]
    # The script finds the token under either name.
    script = (ROOT / "workplan/static/workplan/apta.js").read_text()
    assert script.count('cookie("__Host-csrftoken") || cookie("csrftoken")') == script.count('cookie("csrftoken")') == 2


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(LONG_KEY + "\n")
    (tmp_path / "database").write_text("postgres://u:a-secret@h/n")
    files = {"APTA_SECRET_KEY_FILE": str(tmp_path / "key"), "DATABASE_URL_FILE": str(tmp_path / "database")}
    words = "print(len(settings.SECRET_KEY), settings.DATABASES['default']['PASSWORD'])"
    assert start(words, **files).stdout.split() == ["50", "a-secret"]

    both = start("", **files, APTA_SECRET_KEY=LONG_KEY)
    assert both.stderr.splitlines()[-1].endswith(
        "APTA_SECRET_KEY and APTA_SECRET_KEY_FILE are both set; give one of them."
    )


@pytest.mark.parametrize("content", [None, b"k" * 70_000, b"k" * 60 + b"\xff"], ids=["no file", "too long", "no UTF-8"])
def test_a_file_that_holds_no_secret_is_refused_without_its_content(
    tmp_path: Path, content: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    monkeypatch.setenv("APTA_SECRET_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.delenv("APTA_SECRET_KEY", raising=False)
    with pytest.raises(ImproperlyConfigured, match=r"^APTA_SECRET_KEY") as refusal:
        read_text("APTA_SECRET_KEY")
    assert "kkk" not in str(refusal.value)


def test_a_commit_on_sqlite_waits_for_the_disk() -> None:
    """WAL with NORMAL may lose the last commits in a power cut, though they were acknowledged."""
    options = read_database("APTA_NOTHING", Path("apta.sqlite3"), Path("test.sqlite3"), max_age=0)["OPTIONS"]
    assert "journal_mode=WAL" in options["init_command"] and "synchronous=FULL" in options["init_command"]
