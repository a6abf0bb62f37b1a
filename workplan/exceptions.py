"""Why not: refusals as data. Each channel shows them in its own way; none writes its own words."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import InterfaceError, OperationalError

if TYPE_CHECKING:
    from workplan.models import Activity

Fields = Mapping[str, Sequence[str]]


class Refusal(Exception):
    """The deed was not done, and nothing was written.

    Attributes:
        code: a word that programs can rely on.
        message: a full sentence for people.
        fields: what is wrong with which field.
    """

    code = "refused"
    message = "This cannot be done."

    def __init__(self, message: str = "", *, fields: Fields | None = None) -> None:
        self.message = message or self.message
        self.fields: dict[str, list[str]] = {name: list(texts) for name, texts in (fields or {}).items()}
        super().__init__(self.message)


class Invalid(Refusal):
    """The values break a rule; ``fields`` says which and why."""

    code = "invalid"
    message = "Some values cannot be accepted. Nothing was saved."


class NotAllowed(Refusal):
    """This person may not do this."""

    code = "permission_denied"
    message = "You are not allowed to do this."


class Stale(Refusal):
    """Somebody else changed the record after it was read.

    Attributes:
        current: the records that changed, as they stand now: activities, updates or rounds.
    """

    code = "stale_version"
    message = (
        "Somebody else has changed this since you read it. Nothing of yours was saved; "
        "look at the newer version and decide again."
    )

    def __init__(self, message: str = "", *, current: "Sequence[Activity] | Any" = ()) -> None:
        super().__init__(message)
        self.current = list(current)


class WrongState(Refusal):
    """The record is in a state in which this cannot be done, or somebody has done it already."""

    code = "wrong_state"
    message = "This cannot be done as things stand now. Nothing was changed."


class TooLarge(Refusal):
    """More was sent than is taken; it was not read."""

    code = "too_large"
    message = "The body is too large."


class InUse(Refusal):
    """The record cannot go because others stand on it."""

    code = "in_use"
    message = "Other records depend on this one, so it cannot be deleted."


def will_pass(problem: Exception) -> bool:
    """Whether the database may well answer in a moment: it is busy or away.

    SQLite gives the same error for a table or column that is not there, which waiting does not bring.
    """
    return isinstance(problem, OperationalError | InterfaceError) and not str(problem).startswith("no such")
