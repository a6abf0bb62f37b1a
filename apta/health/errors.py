"""The latest errors of this machine, kept in a file of bounded length for the system page."""

import datetime
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from apta.logs import without_secrets

FILE = "errors.jsonl"
LONGEST = 2_000  # characters of a message
LARGEST = 512 * 1024  # bytes, after which a new file begins and the one before stays
MOST_SHOWN = 50


class LatestErrors(logging.Handler):
    """Appends each error as one line of JSON, without its traceback, which stands in the log."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.path = Path(folder) / FILE

    def emit(self, record: logging.LogRecord) -> None:
        try:
            problem = record.exc_info[1] if record.exc_info else None
            line = {
                "at": datetime.datetime.fromtimestamp(record.created, datetime.UTC).isoformat(timespec="seconds"),
                "logger": record.name,
                "message": without_secrets(record.getMessage())[:LONGEST],
                "kind": type(problem).__name__ if problem else "",
                "request_id": getattr(record, "request_id", ""),
            }
            if self.path.exists() and self.path.stat().st_size > LARGEST:
                self.path.replace(self.path.with_suffix(".1.jsonl"))
            # One write to the end of the file, so that lines of several processes do not mix.
            opened = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(opened, json.dumps(line).encode() + b"\n")
            finally:
                os.close(opened)
        except OSError:
            # The disk is full, or the folder gone: the log still has it.
            return


def latest_errors(folder: Path) -> list[dict[str, Any]]:
    """The latest errors of this machine, the newest first."""
    return list(_lines(folder))[::-1][:MOST_SHOWN]


def _lines(folder: Path) -> Iterator[dict[str, Any]]:
    for path in (Path(folder, FILE).with_suffix(".1.jsonl"), Path(folder, FILE)):
        if not path.exists():
            continue
        for line in path.read_text(errors="replace").splitlines():
            try:
                found = json.loads(line)
                yield {**found, "at": datetime.datetime.fromisoformat(found["at"])}
            except (ValueError, KeyError, TypeError):
                continue  # cut off by a full disk
