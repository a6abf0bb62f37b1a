"""Log lines: one for each event, with the id of the request it belongs to."""

import datetime
import json
import logging
import os
import re
import sys
from contextvars import ContextVar
from typing import Any, NamedTuple

LINE = "{asctime} {levelname} {name} [{request_id}] {message}"
# What an access log of gunicorn has stays as it is, for the programs that read it.
ACCESS_LINE = "{message} [{request_id}]"
NO_REQUEST = "-"
# What ends a line, or moves the cursor of a terminal.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class RequestIds(NamedTuple):
    """The ids of a request.

    Attributes:
        own: ours; no two requests have the same.
        client: the one that the client sent in ``X-Request-ID``, or nothing. Nothing keeps clients from sending the
            same one twice, or somebody else's.
    """

    own: str
    client: str = ""

    def __str__(self) -> str:
        return f"{self.own} client:{self.client}" if self.client else self.own


# For log lines only. Whoever writes to the plan is handed the ids by its caller.
current_request: ContextVar[RequestIds | None] = ContextVar("current_request", default=None)


def forget_request(**_: Any) -> None:
    """At the beginning and at the end of a request: later lines are not about the earlier request.

    An answer that breaks off stays the current one until the next request begins, because the server has yet to log it.
    """
    if sys.exception() is None:
        current_request.set(None)


class RequestIdFilter(logging.Filter):
    """Puts the id of the request into each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        # Django hands over the request where it logs an answer.
        ids = current_request.get() or getattr(getattr(record, "request", None), "ids", None)
        record.ids = ids
        record.request_id = str(ids) if ids else NO_REQUEST
        return True


class LineFormatter(logging.Formatter):
    """Writes a record in one line, the traceback included: line breaks are written as ``\\n``."""

    def __init__(self, fmt: str = LINE) -> None:
        super().__init__(fmt, style="{")

    def format(self, record: logging.LogRecord) -> str:
        return CONTROL.sub(_escaped, without_secrets(super().format(record)))


class JSONFormatter(logging.Formatter):
    """Writes a record as one line of JSON, for programs that collect logs.

    What a logger hands over as ``extra={"fields": …}`` stands beside the usual names.
    """

    def format(self, record: logging.LogRecord) -> str:
        ids = getattr(record, "ids", None)
        line = {
            "time": datetime.datetime.fromtimestamp(record.created, datetime.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
            "request_id": ids.own if ids else None,
            **({"client_request_id": ids.client} if ids and ids.client else {}),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


# What must not stand in a log, and may come into a line by an address or by the words of a database about a row.
SECRETS = (
    # Links for a new password and for no more mails, calendars and feeds of closed plans.
    (re.compile(r"(/password/reset/key/|/my/messages/stop/)[^/\s]+"), r"\1…"),
    (re.compile(r"([?&](?:key|token|q)=)[^&\s\"']+"), r"\1…"),
    (re.compile(r"(?i)\b(token|bearer) [\w.~+/=-]{8,}"), r"\1 …"),
    # PostgreSQL tells the whole row, with the text of a report, and values of keys.
    (re.compile(r"(?m)^(DETAIL|CONTEXT|HINT):.*$"), r"\1: …"),
    (re.compile(r"(\w+://[^:/\s]*:)[^@/\s]+@"), r"\1…@"),
)


def without_secrets(text: str) -> str:
    """``text`` without what lets somebody in, and without the rows that a database tells in its errors."""
    for pattern, instead in SECRETS:
        text = pattern.sub(instead, text)
    return text


def _escaped(character: re.Match[str]) -> str:
    return character[0].encode("unicode_escape").decode("ascii")


def use_for_gunicorn() -> None:
    """Let a worker of gunicorn write its own lines like all others; does nothing under another server.

    gunicorn configures its two loggers before it imports the application, and apart from all others.
    """
    for name, line in (("gunicorn.error", LINE), ("gunicorn.access", ACCESS_LINE)):
        for handler in logging.getLogger(name).handlers:
            is_json = os.environ.get("APTA_LOG_FORMAT") == "json"
            handler.setFormatter(JSONFormatter() if is_json else LineFormatter(line))
            handler.addFilter(RequestIdFilter())
