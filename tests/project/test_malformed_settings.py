"""A setting that cannot be used stops the start with one sentence that names it, whatever is wrong with it."""

import os
import re
import runpy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ROOT / "apta/settings.py"
NAMES = sorted(set(re.findall(r'"((?:APTA_|DATABASE_)[A-Z_]+)"', SETTINGS.read_text())))
SECRET = "s3cret-of-the-house"

SWITCH = ["maybe", "2", "yes please", "\uff11", "on\n", "true false"]
SIZE = ["-1", "0", "10", "1000000000", "1 MB", "1e3", "1.5", "9" * 5_000]
COUNT = ["-1", "0", "1000000000", "a few", "1e3", "1.5", "9" * 5_000]
MALFORMED: dict[str, list[str]] = {
    "APTA_ALLOWED_HOSTS": [
        *("*", "plan.example.org,*", " * ", "*.example.org", "https://plan.example.org", "plan.example.org:8000"),
        *("a b", ",", " , ", "[::1", "::1", "[fe80::1%eth0]", "exämple.org", "plan..org", ".", "-", "a/b", "a\nb"),
    ],
    "APTA_ANONYMOUS_BODY_KB": SIZE,
    "APTA_BASE_URL": [
        *("https://[::1", "https://[::zz]", "https://[fe80::1%25eth0]", "https://plan.example.org:99999"),
        *("https://plan.example.org:0", "https://plan.example.org:http", "https://plan.example.org:-1"),
        *(
            "https://",
            "https://:8000",
            "plan.example.org",
            "//plan.example.org",
            "ftp://plan.example.org",
            "https:///x",
        ),
        *(
            "https://plan.example.org/a//b",
            "https://plan.example.org/a/../b",
            "https://plan.example.org/a%20b",
            "https://plan.example.org?",
            "https://plan.example.org/#",
            "https://a b.org",
        ),
        *("https://ours@evil.example.org", "https://ours:pw@evil.example.org", "https://exämple.org", "https://..."),
        *("https://plan.example.org\\@evil.org", "https://plan.exa\nmple.org", "\udcff", "javascript:alert(1)"),
    ],
    "APTA_BEHIND_PROXY": SWITCH,
    "APTA_BIND": [
        "8000",
        ":8000",
        "127.0.0.1",
        "127.0.0.1:0",
        "127.0.0.1:99999",
        "[::1:80",
        "a b:80",
        "h:80\n",
        "::1:80",
    ],
    "APTA_BODY_KB": SIZE,
    "APTA_DATABASE_MAX_AGE": ["-1", "86401", "a minute", "1e2", "1.5", "9" * 5_000, "\uff16\uff10", "0x10", "-", "--1"],
    "APTA_DATA_DIR": ["/dev/null", "/dev/null/x", "/proc/apta", "/tmp/\udcff", "/tmp/a\nb", "x" * 300],
    "APTA_DEBUG": SWITCH,
    "APTA_EMAIL_FROM": ["apta", "apta@", "@example.org", "a@b@c.org", "Work plan", "<>", "a@example.org\nBcc: b@c.org"],
    "APTA_EMAIL_URL": [
        *("post", "http://mail.example.org", "smtp://", "smtp://:587", f"smtp://u:{SECRET}@mail.example.org:port"),
        *(f"smtp+tls://u:{SECRET}@mail.example.org:99999", "smtp://mail.example.org:0", "smtp://[::1", "smtp://[zz]"),
        *(f"imap://u:{SECRET}@mail.example.org", "smtp://a b", "smtp://mail.example.org/x", "filemail:", "smtp://h\n"),
        *("smtp://mail.example.org?colour=red", "smtp+tls://mail.example.org?email_use_ssl=1", "memorymail://"),
    ],
    "APTA_HTTPS": SWITCH,
    "APTA_IMPORT_COLUMNS": COUNT,
    "APTA_IMPORT_DAYS": COUNT,
    "APTA_IMPORT_MB": COUNT,
    "APTA_IMPORT_PARTS": COUNT,
    "APTA_IMPORT_RATIO": COUNT,
    "APTA_IMPORT_ROWS": COUNT,
    "APTA_IMPORT_UNPACKED_MB": COUNT,
    "APTA_LOG_FORMAT": ["xml", "JSON", "json\n", "\udcff"],
    "APTA_LOG_LEVEL": ["LOUD", "info ish", "10", "debug\n"],
    "APTA_METRICS_TOKEN": ["short", "t" * 19, "t" * 30 + "\n", "t" * 30 + "\udcff"],
    "APTA_PUBLIC_READ": SWITCH,
    "APTA_SECRET_KEY": ["short", "k" * 49, "k" * 60 + "\udcff", "k" * 60 + "\n", "k" * 60 + "\x7f"],
    "APTA_SECURITY_CONTACT": ["security", "http://example.org", "https://", "a@b@c.org", "javascript:x", "a@b.org\n"],
    "APTA_TIME_ZONE": ["Mars/Base", "../etc/passwd", "asia/jakarta", "+07:00", "UTC\n", "/etc/localtime"],
    "APTA_REMINDER_DAYS": ["-1", "91", "weekly", "1.5", "9" * 5_000, "\uff17"],
    "APTA_TOKEN_DAYS": ["0", "-1", "367", "never", "1.5", "9" * 5_000, "\uff19\uff10"],
    "APTA_PASSWORD_TOKEN_HOURS": ["0", "-1", "8785", "never", "1.5", "9" * 5_000, "\uff19\uff10"],
    "APTA_TOKEN_RATE": [
        "often",
        "0/min",
        "-1/min",
        "20",
        "20/fortnight",
        "9" * 5_000 + "/min",
        "20/min\n",
        "\uff12/min",
    ],
    "APTA_TRACEBACKS": SWITCH,
    "APTA_UPLOAD_MB": SIZE,
    "APTA_WEB_PROCESSES": ["0", "-1", "65", "many", "1.5", "9" * 5_000],
    "APTA_WEB_THREADS": ["0", "-1", "65", "many", "1.5", "9" * 5_000],
    "DATABASE_URL": [
        *("mysql://a/b", f"oracle://u:{SECRET}@a/b", "nonsense", "://", "postgres", f"postgres://u:{SECRET}@h"),
        *(
            f"postgres://u:{SECRET}@h:99999/n",
            f"postgres://u:{SECRET}@h:port/n",
            "postgres://h:0/n",
            "postgres://[::1/n",
        ),
        *("postgres://h/n?colour=red", "postgres://h/n?sslmode=maybe", "postgres://h/n?connect_timeout=soon"),
        *(f"postgres://u:{SECRET}@h/n\n", "sqlite:////tmp", "sqlite://folder/file.sqlite3", "sqlite://\udcff"),
    ],
}
USABLE: list[tuple[str, str]] = [
    ("APTA_ALLOWED_HOSTS", "plan.example.org, .example.org,[::1],10.0.0.1, "),
    ("APTA_BASE_URL", "https://Plan.Example.org/"),
    ("APTA_BASE_URL", "http://[::1]:8000"),
    ("APTA_BASE_URL", "http://127.0.0.1"),
    ("APTA_BASE_URL", "https://example.org/plans/apta/"),
    ("APTA_DATABASE_MAX_AGE", " 0 "),
    ("APTA_DEBUG", "Off"),
    ("APTA_EMAIL_FROM", "Secrétariat <plan@example.org>"),
    ("APTA_EMAIL_URL", "smtp+tls://user%40example.org:p%40ss@mail.example.org:587"),
    ("APTA_EMAIL_URL", "smtp://[::1]:25"),
    ("APTA_EMAIL_URL", "consolemail://"),
    ("APTA_EMAIL_URL", "filemail:///var/mails"),
    ("APTA_HTTPS", "ON"),
    ("APTA_REMINDER_DAYS", "0"),
    ("APTA_TOKEN_DAYS", "366"),
    ("APTA_PASSWORD_TOKEN_HOURS", "8784"),
    ("APTA_TOKEN_RATE", "100/day"),
    ("DATABASE_URL", "postgres://u:p@h:5432/n?sslmode=require&application_name=apta"),
    ("DATABASE_URL", "postgres://u@/n?host=/run/postgresql"),
    ("DATABASE_URL", "postgres://u@a:1,b:2/n"),
    ("DATABASE_URL", "sqlite:////nowhere/apta.sqlite3"),
]


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """A production environment with ``values`` besides what it needs."""
    with pytest.MonkeyPatch.context() as patch:
        for name in NAMES:
            patch.delenv(name, raising=False)
        for name, value in ({"APTA_DEBUG": "0", "APTA_SECRET_KEY": "aB3-xY9_" * 10} | values).items():
            patch.setenv(name, value)
        yield


def loaded(**values: str) -> dict[str, Any]:
    """The settings as they are with ``values`` in the environment."""
    with environment(**values):
        return runpy.run_path(str(SETTINGS))


def refusal(name: str, value: str) -> str:
    with pytest.raises(ImproperlyConfigured) as refused:
        loaded(**{name: value})
    return str(refused.value)


def test_the_values_below_are_of_every_setting() -> None:
    assert set(NAMES) <= set(MALFORMED)


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name, values in MALFORMED.items() for value in values],
    ids=[f"{name}-{place}" for name, values in MALFORMED.items() for place, _ in enumerate(values)],
)
def test_a_malformed_value_is_refused_by_the_name_of_its_setting(name: str, value: str) -> None:
    if name not in NAMES:
        pytest.fail(f"{name} is no setting any more.")
    said = refusal(name, value)

    assert said.startswith(name)
    assert said.isprintable(), "One line, that every terminal and log can show."
    assert SECRET not in said


@given(name=st.sampled_from(sorted({*NAMES} - {"APTA_DATA_DIR"})), value=st.text(max_size=60))
def test_any_text_is_either_taken_or_refused_by_name(name: str, value: str) -> None:
    try:
        os.fsencode(value)
        loaded(**{name: value})
    except ImproperlyConfigured as problem:
        assert str(problem).startswith(name) and str(problem).isprintable()
    except (UnicodeEncodeError, ValueError) as problem:
        # What no environment can hold: NUL, and surrogates that stand for no byte.
        assert "\0" in value or isinstance(problem, UnicodeEncodeError)


@given(
    name=st.sampled_from(["APTA_BASE_URL", "APTA_EMAIL_URL", "DATABASE_URL"]),
    scheme=st.sampled_from(["http", "https", "smtp", "smtp+tls", "postgres", "sqlite", "pgsql", ""]),
    rest=st.text(alphabet="[]:/@?#%&=.,;-_ az09é\\*$", max_size=30),
)
def test_any_address_is_either_taken_or_refused_by_name(name: str, scheme: str, rest: str) -> None:
    try:
        loaded(**{name: f"{scheme}://{rest}"})
    except ImproperlyConfigured as problem:
        assert str(problem).startswith(name) and str(problem).isprintable()


@pytest.mark.parametrize(("name", "value"), USABLE)
def test_a_value_that_can_be_used_is_taken(name: str, value: str) -> None:
    assert loaded(**{name: value})


def test_the_address_of_the_installation_is_accepted_as_browsers_write_it() -> None:
    found = loaded(APTA_BASE_URL="https://Plan.Example.org:443/")
    assert (found["BASE_URL"], found["ALLOWED_HOSTS"][-1]) == ("https://plan.example.org", "plan.example.org")
    assert found["CSRF_TRUSTED_ORIGINS"] == ["https://plan.example.org"]

    found = loaded(APTA_BASE_URL="http://[::1]:8443")
    assert (found["BASE_URL"], found["ALLOWED_HOSTS"][-1]) == ("http://[::1]:8443", "[::1]")


def test_every_host_is_accepted_on_a_trial_only() -> None:
    assert loaded(APTA_DEBUG="1", APTA_ALLOWED_HOSTS="*")["ALLOWED_HOSTS"] == ["*"]
    assert "every host" in refusal("APTA_ALLOWED_HOSTS", "*")
