"""Who does it, and by which way."""

import datetime
from dataclasses import dataclass
from typing import Any, Self

from workplan.models import User
from workplan.querysets import day_of


@dataclass(frozen=True, slots=True)
class Actor:
    """The person behind an action.

    Attributes:
        user: the account; ``None`` only for a command run on the server.
        channel: a value of ``rules.CHANNELS``.
        request_id: our id of the request it came in, which log lines carry too.
        client_request_id: the id that the client gave the request, if it did. It identifies nothing: anybody can send
            anybody's.
    """

    user: User | None
    channel: str
    request_id: str = ""
    client_request_id: str = ""

    @classmethod
    def of(cls, request: Any, channel: str, *, user: User | None = None) -> Self:
        """The signed-in person of ``request``, or ``user`` in a request in which nobody is signed in."""
        ids = getattr(request, "ids", None)
        return cls(
            user=user or request.user,
            channel=channel,
            request_id=ids.own if ids else "",
            client_request_id=ids.client if ids else "",
        )

    @property
    def is_server(self) -> bool:
        """Whether it is a command run on the server, which needs nobody's permission."""
        return self.user is None and self.channel == "command"

    @property
    def today(self) -> datetime.date:
        """Today where the person is: they may report what is true on that day, and no later one."""
        return day_of(self.user)

    @property
    def name(self) -> str:
        """The name as it is stored with the action, whatever happens to the account later."""
        return f"{self.user} ({self.user.username})" if self.user else "Command on the server"

    def written_and_submitted(self, now: datetime.datetime) -> dict[str, Any]:
        """The columns of an update that the person writes and submits at once, at the moment ``now``."""
        return {
            "author": self.user,
            "author_name": self.name,
            "created_at": now,
            "updated_at": now,
            "submissions": 1,
            "submitted_by": self.user,
            "submitted_by_name": self.name,
            "submitted_at": now,
        }
