"""Why not: refusals as data. Each channel shows them in its own way; none writes its own words."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError

Fields = Mapping[str, Sequence[str]]


class Refusal(Exception):
    """The action was refused, and nothing was written.

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
        current: the records that changed, as they are now: activities, updates or rounds.
    """

    code = "stale_version"
    message = (
        "Somebody else has changed this since you read it. Your changes were not saved; check the current version and "
        "decide again."
    )

    def __init__(self, message: str = "", *, current: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.current = list(current)


class WrongState(Refusal):
    """The record is in a state in which this cannot be done, or somebody has done it already."""

    code = "wrong_state"
    message = "This cannot be done at present. Nothing was changed."


class Unconfirmed(Refusal):
    """A status is of an older day than the one whose place it would take, and nobody has confirmed that it is meant.

    Attributes:
        fields: under ``as_of``, for each activity a sentence that names both days.
    """

    code = "older_as_of"
    message = (
        "This is older than the current status. Nothing was saved; confirm that it is to replace the current status."
    )

    def __init__(self, advice: Sequence[str]) -> None:
        super().__init__(fields={"as_of": advice})


class EndsRights(Refusal):
    """Publishing would take from bodies what they may still do, and nobody has confirmed that this is meant.

    Attributes:
        fields: under ``confirmed_bodies``, for each body that is not confirmed a sentence that says what it loses.
        bodies: the names of all bodies that lose something, as a confirmation has to repeat them.
    """

    code = "ends_rights"
    message = (
        "Publishing now ends rights of bodies that may still report or be reviewed. Nothing was changed; name these "
        "bodies to confirm it."
    )

    def __init__(self, losses: Sequence[str], bodies: Sequence[str]) -> None:
        super().__init__(fields={"confirmed_bodies": losses})
        self.bodies = list(bodies)


class LastAdministrator(Refusal):
    """Nobody would be left who keeps the accounts."""

    code = "last_administrator"
    message = (
        "This would remove the last administrator who can sign in. Nothing was changed; "
        "make somebody else an administrator first."
    )


class TooManyAttempts(Refusal):
    """A password was tried in vain too often, or too many links for a new one were asked for.

    Attributes:
        seconds: how long to wait before the next try is looked at.
    """

    code = "throttled"

    def __init__(self, *, seconds: int) -> None:
        self.seconds = seconds
        wait = f"{seconds} seconds" if seconds < 120 else f"{math.ceil(seconds / 60)} minutes"
        super().__init__(f"There were too many attempts. Wait {wait}, then try again.")


class TooManyTokens(Refusal):
    """The account has as many tokens as it may have."""

    code = "too_many_tokens"
    message = "This account has as many tokens as it may have. Revoke one that is no longer used."


class TooLarge(Refusal):
    """More was sent than is taken; it was not read."""

    code = "too_large"
    message = "The body is too large."


class BadFile(Refusal):
    """A file cannot be read, or not safely; the message says why and what to do."""

    code = "bad_file"
    message = "This file cannot be read. Nothing was written."


class InUse(Refusal):
    """The record cannot be deleted, because others depend on it."""

    code = "in_use"
    message = "Other records depend on this one, so it cannot be deleted."


# What SQLite says of a file that is no database, or is one no more.
NOT_A_DATABASE = ("file is not a database", "database disk image is malformed")


def will_pass(problem: Exception) -> bool:
    """Whether the database may well answer in a moment: it is busy or away.

    SQLite gives the same error for a table or column that is not there, which waiting does not bring.
    """
    message = str(problem)
    if isinstance(problem, OperationalError | InterfaceError):
        return not message.startswith("no such")
    return isinstance(problem, DatabaseError) and message.startswith(NOT_A_DATABASE)
