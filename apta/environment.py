"""Reading settings from the environment. A value that cannot be used is refused with a sentence that names its setting.

No message repeats a value that may hold a password.
"""

import ipaddress
import os
import re
import warnings
from collections.abc import Callable
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
import psycopg2
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import URLValidator, validate_email
from psycopg2.extensions import make_dsn

# The characters that Django accepts in a Host header.
HOST_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
# Segments that need no escapes; none is "." or "..".
URL_PATH = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
WEB_PORTS = {"http": 80, "https": 443}
MAIL_SERVERS = frozenset({"smtp", "smtp+tls", "smtp+ssl", "smtps"})
MAIL_SCHEMES = MAIL_SERVERS | {"consolemail", "filemail"}
DATABASE_ADVICE = "give postgres://user:password@host:5432/name or sqlite:///file"
MAIL_ADVICE = "use smtp+tls://user:password@host:587"
# What libpq knows as the values of sslmode; https://www.postgresql.org/docs/current/libpq-connect.html
SSL_MODES = frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})
# A server that drops packets would otherwise hold a worker for minutes.
SECONDS_TO_CONNECT = 5
LARGEST_SECRET = 65_536  # bytes


def read_text(name: str, default: str = "") -> str:
    """Read the environment variable ``name``, or the file that ``name`` with ``_FILE`` names; empty counts as not set.

    A secret in a file is read by nobody who may list the processes of the machine, and is how systemd (credentials)
    and container engines hand secrets over. The line break at its end is no part of it.

    Raises:
        ImproperlyConfigured: the value has control characters, or bytes that are not UTF-8; the file cannot be read,
            or the variable is set as well.
    """
    value = os.environ.get(name, "")
    if file := os.environ.get(f"{name}_FILE", ""):
        if value:
            raise ImproperlyConfigured(f"{name} and {name}_FILE are both set; give one of them.")
        value = _content_of(file, f"{name}_FILE")
    if not value:
        return default
    # Bytes that are not UTF-8 arrive as lone surrogates, which are not printable either.
    if not value.replace("\u00a0", " ").isprintable():
        raise ImproperlyConfigured(
            f"{name} has a character that cannot be printed, such as a line break; remove the character."
        )
    return value


def _content_of(file: str, name: str) -> str:
    try:
        with Path(file).open("rb") as opened:
            content = opened.read(LARGEST_SECRET + 1)
    except (OSError, ValueError) as problem:
        raise ImproperlyConfigured(f"{name} names a file that cannot be read: {problem}") from problem
    if len(content) > LARGEST_SECRET:
        raise ImproperlyConfigured(f"{name} names a file of more than {LARGEST_SECRET} bytes, which is no setting.")
    return content.decode("utf-8", errors="surrogateescape").removesuffix("\n").removesuffix("\r")


def read_address(name: str, default: str) -> str:
    """Read where a server listens, as ``host:port``; an IPv6 address stands in brackets.

    Raises:
        ImproperlyConfigured: it is no such address.
    """
    value = read_text(name, default).strip().lower()
    host, _, port = value.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]") and is_ip6(host[1:-1])
    if not (bracketed or is_host_name(host)) or not re.fullmatch("[0-9]{1,5}", port) or not 0 < int(port) < 65_536:
        raise ImproperlyConfigured(f"{name} is {value!r}; give a host and a port, such as {default}.")
    return value


def read_bool(name: str, default: bool) -> bool:
    """Read a switch. Anything but the usual words for yes and no is refused, not taken as no."""
    value = read_text(name).strip().lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}; use 1 or 0.")


def read_one(name: str, default: str, known: Callable[[str], bool], advice: str) -> str:
    """Read a value that ``known`` must accept."""
    value = read_text(name, default).strip()
    if not known(value):
        raise ImproperlyConfigured(f"{name} is {value!r}; {advice}")
    return value


def read_number(name: str, default: int, lowest: int, highest: int) -> int:
    """Read a whole number from ``lowest`` to ``highest``."""
    value = read_text(name, str(default)).strip()
    if not re.fullmatch(r"-?[0-9]{1,18}", value) or not lowest <= int(value) <= highest:
        raise ImproperlyConfigured(f"{name} is {value}; use a number from {lowest} to {highest}.")
    return int(value)


def read_base_url(name: str) -> tuple[str, str]:
    """Read the address of an installation, ``scheme://host`` with a port where it is not the usual one; or nothing.

    Returns:
        The address as browsers write it in ``Origin``: in lower case, without the usual port and the last slash; and
        the path behind it, without the last slash, empty for none.

    Raises:
        ImproperlyConfigured: it is no such address.
    """
    value = read_text(name).strip()
    if not value:
        return "", ""
    problem = ImproperlyConfigured(
        f"{name} is {value!r}; give an address such as https://apta.example.org, "
        "with a port from 1 to 65535 where it needs one, and behind it at most a path such as /apta."
    )
    try:
        parts = urlsplit(value)
        scheme, host, port, path = parts.scheme, parts.hostname or "", parts.port, parts.path.removesuffix("/")
    except ValueError as error:
        raise problem from error
    bracketed = is_ip6(host)
    if (
        scheme not in WEB_PORTS
        or not (bracketed or is_host_name(host))
        or not URL_PATH.fullmatch(path)
        or port == 0
        or set("@?#\\ ") & set(value)
    ):
        raise problem
    origin = f"{scheme}://{f'[{host}]' if bracketed else host}"
    return (origin if port in {None, WEB_PORTS[scheme]} else f"{origin}:{port}"), path


def host_of(origin: str) -> str:
    """The host of an address that ``read_base_url`` returned, as ``ALLOWED_HOSTS`` has it."""
    return origin.partition("://")[2].rsplit(":", 1)[0] if not origin.endswith("]") else origin.partition("://")[2]


def read_hosts(name: str, default: list[str], *, any_host: bool) -> list[str]:
    """Read host names, separated by commas; ``.example.org`` means all under a name.

    Args:
        any_host: whether ``*``, every host, is accepted.

    Raises:
        ImproperlyConfigured: one of them is no host name, or there is none.
    """
    value = read_text(name)
    if not value:
        return default
    hosts = [host.strip().lower() for host in value.split(",") if host.strip()]
    if "*" in hosts and not any_host:
        raise ImproperlyConfigured(
            f"{name} is {value!r}, which accepts every host name and so lets a visitor choose it; "
            "name the hosts, such as plan.example.org."
        )
    for host in hosts:
        address = host[1:-1] if host.startswith("[") and host.endswith("]") else ""
        if host != "*" and not is_ip6(address) and not is_host_name(host.removeprefix(".")):
            raise ImproperlyConfigured(
                f"{name} has {host!r}, which is no host name; "
                "give names such as plan.example.org, without scheme and port, separated by commas."
            )
    if not hosts:
        raise ImproperlyConfigured(f"{name} is {value!r}, which names no host; give a name such as plan.example.org.")
    return hosts


def is_host_name(text: str) -> bool:
    """Whether ``text`` is a host name or an IPv4 address, in ASCII."""
    return bool(HOST_NAME.fullmatch(text)) and ".." not in text


def is_ip6(text: str) -> bool:
    """Whether ``text`` is an IPv6 address, without brackets and without a zone."""
    try:
        return "%" not in text and ipaddress.ip_address(text).version == 6
    except ValueError:
        return False


def read_folder(name: str, default: Path, *inner: str) -> Path:
    """Read the path of a folder, and make it with its ``inner`` folders where they are missing.

    What is made here is for nobody but the account that apta runs under.

    Raises:
        ImproperlyConfigured: it cannot be made or written.
    """
    folder = Path(read_text(name, str(default)))
    try:
        for one in (folder, *(folder / part for part in inner)):
            one.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError("nothing may be written there")
    except OSError as problem:
        raise ImproperlyConfigured(f"{name} is {folder}, which cannot be written: {problem}") from problem
    return folder


def read_database(name: str, default_file: Path, test_file: Path, *, max_age: int) -> dict[str, Any]:
    """Read the address of the database, with the options that each engine needs for safe writing.

    Args:
        default_file: the SQLite file that is taken where nothing is set.
        test_file: the SQLite file of the tests.
        max_age: the seconds that a connection is kept.

    Raises:
        ImproperlyConfigured: it is no address, or of a database that apta does not support.
    """
    value = read_text(name)
    try:
        with warnings.catch_warnings():
            # Its warnings are about what it ignores, and repeat the password.
            warnings.simplefilter("error")
            database: dict[str, Any] = environ.Env.db_url_config(value or f"sqlite:///{default_file}")
    except (ValueError, KeyError, TypeError, UserWarning, environ.ImproperlyConfigured) as problem:
        raise ImproperlyConfigured(f"{name} cannot be read; {DATABASE_ADVICE}") from problem
    engine = database.get("ENGINE", "")
    if engine == "django.db.backends.sqlite3":
        if Path(database["NAME"]).is_dir():
            raise ImproperlyConfigured(f"{name} names a folder; {DATABASE_ADVICE}")
        # IMMEDIATE takes the write lock when a transaction begins, so that two writers
        # queue instead of failing half-way; WAL lets readers go on meanwhile. FULL waits until the disk has a commit,
        # so that what was acknowledged is there after a power cut, too (https://www.sqlite.org/pragma.html).
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        }
        # A file: threads of one test share it as the processes of a server do.
        database["TEST"] = {"NAME": test_file}
        database["CONN_MAX_AGE"] = max_age
    elif engine == "django.db.backends.postgresql":
        _refuse_what_postgresql_does_not_know(name, value, database)
        database["CONN_MAX_AGE"] = max_age
        database["CONN_HEALTH_CHECKS"] = True
        database.setdefault("OPTIONS", {}).setdefault("connect_timeout", SECONDS_TO_CONNECT)
    else:
        raise ImproperlyConfigured(f"{name} names a database that apta does not support; use postgres or sqlite.")
    return database


def _refuse_what_postgresql_does_not_know(name: str, value: str, database: dict[str, Any]) -> None:
    """Find by the client library, without connecting, what would only fail at the first request.

    Raises:
        ImproperlyConfigured: the name is missing, or an option is unknown.
    """
    options = database.get("OPTIONS", {})
    if not database["NAME"] and "service" not in options:
        raise ImproperlyConfigured(f"{name} names no database; {DATABASE_ADVICE}")
    # Several servers, separated by commas, each have a port.
    ports = re.findall(r":([0-9]+)(?:,|$)", value.partition("://")[2].partition("/")[0].rpartition("@")[2])
    if not all(0 < int(port) < 65_536 for port in ports):
        raise ImproperlyConfigured(f"{name} has a port that is none; {DATABASE_ADVICE}")
    try:
        make_dsn(**{key: str(value) for key, value in options.items()})
    except psycopg2.ProgrammingError as problem:
        raise ImproperlyConfigured(
            f"{name} has an option that PostgreSQL does not know: {str(problem).strip()}"
        ) from problem
    if options.get("sslmode", "prefer") not in SSL_MODES:
        raise ImproperlyConfigured(f"{name} has an sslmode that is none; use one of {', '.join(sorted(SSL_MODES))}.")
    if not str(options.get("connect_timeout", 0)).isdecimal():
        raise ImproperlyConfigured(f"{name} has a connect_timeout that is no number of seconds.")


def read_mail(name: str) -> dict[str, Any]:
    """Read the address of the mail server, as Django's settings for mail; empty where it is not set.

    Raises:
        ImproperlyConfigured: it is no such address.
    """
    value = read_text(name).strip()
    if not value:
        return {}
    try:
        parts = urlsplit(value)
        found: dict[str, Any] = environ.Env.email_url_config(value)
    except (ValueError, KeyError, TypeError, environ.ImproperlyConfigured) as problem:
        raise ImproperlyConfigured(f"{name} cannot be read; {MAIL_ADVICE}") from problem
    if parts.scheme not in MAIL_SCHEMES:
        raise ImproperlyConfigured(f"{name} names a way of sending mail that apta does not know; {MAIL_ADVICE}")
    if parts.scheme in MAIL_SERVERS:
        host = parts.hostname or ""
        if not (is_host_name(host) or is_ip6(host)):
            raise ImproperlyConfigured(f"{name} names no mail server; {MAIL_ADVICE}")
        if parts.port == 0:
            raise ImproperlyConfigured(f"{name} has a port that is none; {MAIL_ADVICE}")
        if parts.path not in {"", "/"}:
            raise ImproperlyConfigured(f"{name} has a path, which mail servers do not have; {MAIL_ADVICE}")
    elif parts.scheme == "filemail" and not found["EMAIL_FILE_PATH"]:
        raise ImproperlyConfigured(f"{name} names no folder for the mails; use filemail:///path or {MAIL_ADVICE[4:]}")
    if found.get("EMAIL_USE_TLS") and found.get("EMAIL_USE_SSL"):
        raise ImproperlyConfigured(f"{name} asks for TLS and SSL, of which a mail server takes one; {MAIL_ADVICE}")
    if unknown := found.pop("OPTIONS", {}):
        names = ", ".join(sorted(unknown))
        raise ImproperlyConfigured(f"{name} has an option that is not known: {names}; {MAIL_ADVICE}")
    return found


def read_contact(name: str) -> str:
    """Read where somebody is reached: a mail address, or a page of https; as a URI, or nothing where it is not set.

    Raises:
        ImproperlyConfigured: it is neither.
    """
    value = read_text(name).strip()
    if not value:
        return ""
    try:
        if value.startswith("https://"):
            URLValidator(schemes=["https"])(value)
            return value
        validate_email(value)
    except ValidationError as problem:
        advice = "give a mail address such as security@example.org, or a page that begins with https://."
        raise ImproperlyConfigured(f"{name} is {value!r}; {advice}") from problem
    return f"mailto:{value}"


def read_sender(name: str, default: str) -> str:
    """Read the sender of mails: an address, or a name with an address in angle brackets.

    Raises:
        ImproperlyConfigured: it is no such address.
    """
    value = read_text(name, default).strip()
    try:
        validate_email(parseaddr(value)[1])
    except ValidationError as problem:
        advice = "give an address such as apta@example.org or “Work plan <apta@example.org>”."
        raise ImproperlyConfigured(f"{name} is {value!r}; {advice}") from problem
    return value
