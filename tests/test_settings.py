"""A start with wrong settings stops, and says which one is wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
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
        timeout=60,
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


def test_the_deployment_check_of_django_finds_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={**os.environ, "APTA_SECRET_KEY": "aB3-xY9_" * 10, "APTA_DEBUG": "0"},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr


def test_a_production_server_serves_its_own_host() -> None:
    done = start(
        "print(settings.ALLOWED_HOSTS[-1], settings.CSRF_TRUSTED_ORIGINS[0])",
        APTA_SECRET_KEY=LONG_KEY,
        APTA_BASE_URL="https://plan.example.org",
    )

    assert done.stdout.split() == ["plan.example.org", "https://plan.example.org"], done.stderr
