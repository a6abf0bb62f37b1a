"""Who does it, and by which way."""

import datetime
from dataclasses import dataclass
from typing import Any, Self

from workplan import permissions
from workplan.exceptions import MissingScope
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

    def require_scope(self, scope: str) -> None:
        """Go on only where the person came in without a token, or by one that has ``scope``.

        Raises:
            MissingScope: the token has not.
        """
        missing = permissions.missing_scope(self.user, scope)
        if missing:
            raise MissingScope(missing, scope=scope)

    @property
    def today(self) -> datetime.date:
        """Today where the person is: they may report what is true on that day, and no later one."""
        return day_of(self.user)

    @property
    def name(self) -> str:
        """The name as it is stored with the action, whatever happens to the account later."""
        return f"{self.user} ({self.user.username})" if self.user else "Command on the server"
