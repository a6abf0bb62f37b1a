"""Log lines that carry the id of the request they belong to."""

import logging
from contextvars import ContextVar

# For log lines only. Whoever writes to the plan is handed the id by its caller.
current_request_id: ContextVar[str] = ContextVar("request_id", default="-")


class RequestIdFilter(logging.Filter):
    """Puts the id of the request into each log line."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id.get()
        return True
