"""What permissions need to know of a record, as types that any object of this shape has.

Models, querysets and monitoring ask permissions, so permissions name none of their classes.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol


class Account(Protocol):
    """The account of a person."""

    @property
    def pk(self) -> Any: ...

    @property
    def is_superuser(self) -> bool: ...

    @property
    def is_service(self) -> bool: ...


class Body(Protocol):
    """A sectoral body."""

    @property
    def pk(self) -> Any: ...


class Plan(Protocol):
    """A work plan. ``four_eyes``: nobody approves a report in which they had a part."""

    @property
    def four_eyes(self) -> bool: ...


class Activity(Protocol):
    """An activity with its bodies, as ``Activity.objects.for_display`` fetches them."""

    @property
    def plan(self) -> Plan: ...

    @property
    def lead_bodies(self) -> Sequence[Body]: ...

    @property
    def cooperating_bodies(self) -> Sequence[Body]: ...

    @property
    def all_other_bodies_cooperate(self) -> bool: ...


class Concurrences(Protocol):
    def all(self) -> Iterable[Any]: ...


class Update(Protocol):
    """A status update: who wrote, changed and submitted it, for which body, and how far it has come."""

    @property
    def pk(self) -> Any: ...

    @property
    def activity(self) -> Activity: ...

    @property
    def state(self) -> str: ...

    @property
    def is_direct(self) -> bool: ...

    @property
    def body_id(self) -> int | None: ...

    @property
    def author_id(self) -> int: ...

    @property
    def edited_by_id(self) -> int | None: ...

    @property
    def submitted_by_id(self) -> int | None: ...

    @property
    def concurrences(self) -> Concurrences: ...


class Round(Protocol):
    """A reporting round."""

    @property
    def pk(self) -> Any: ...

    @property
    def publish_on(self) -> Any: ...

    @property
    def state(self) -> str: ...


class Contribution(Protocol):
    """What a cooperating body adds to the report on an activity."""

    @property
    def body(self) -> Body: ...

    @property
    def activity(self) -> Activity: ...


class LateException(Protocol):
    """A deadline extension of a body in a round."""

    @property
    def body(self) -> Body: ...


class SavedView(Protocol):
    """A choice of filters that somebody has saved."""

    @property
    def owner_id(self) -> int: ...

    @property
    def is_shared(self) -> bool: ...


class Question(Protocol):
    """An open question. ``is_raised``: whether the plan still leaves it open."""

    @property
    def is_raised(self) -> bool: ...


class ReportingWindows(Protocol):
    """In which round which body of one person may report now."""

    def round_for(self, activity: Any, body: Any) -> Round | None: ...

    def reports_on(self, activity: Any, reporting_round: Any) -> Sequence[Update]: ...


class Import(Protocol):
    """A file that somebody has sent to be imported."""

    @property
    def user_id(self) -> int: ...
