"""Who does it, and by which way."""

from dataclasses import dataclass
from typing import Any, Self

from workplan.models import User


@dataclass(frozen=True, slots=True)
class Actor:
    """The person behind a deed.

    Attributes:
        user: the account; ``None`` only for a command run on the server.
        channel: a value of ``rules.CHANNELS``.
        request_id: the id of the request it came in, which log lines carry too.
    """

    user: User | None
    channel: str
    request_id: str = ""

    @classmethod
    def of(cls, request: Any, channel: str) -> Self:
        """The signed-in person of ``request``."""
        return cls(user=request.user, channel=channel, request_id=getattr(request, "id", ""))

    @property
    def name(self) -> str:
        """The name as it is kept beside the deed, whatever happens to the account later."""
        return f"{self.user} ({self.user.username})" if self.user else "Command on the server"
