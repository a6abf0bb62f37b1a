"""Which columns: one declaration for table headings, exports and, later, import headers."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from workplan import rules
from workplan.models import Activity


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the plan.

    Attributes:
        name: what programs call it, as in the API.
        label: what its heading says.
        value: its text for one activity.
        sorts: the name to sort by, empty where sorting makes no sense.
    """

    name: str
    label: str
    value: Callable[[Activity], str]
    sorts: str = ""


def _acronyms(role: str) -> Callable[[Activity], str]:
    def value(activity: Activity) -> str:
        named = ", ".join(body.acronym for body in activity.bodies_in(role))
        if role == rules.COOPERATING and activity.all_other_bodies_cooperate:
            return f"{named}, all other bodies" if named else "All other bodies"
        return named

    return value


def _compared(activity: Any) -> Any:
    """``activity`` with what a comparison adds to it."""
    return activity


def _status_before(activity: Any) -> str:
    return rules.STATUSES.label(activity.earlier_status) if activity.earlier_status else ""


def _day(day: datetime.date | None) -> str:
    return day.isoformat() if day else ""


def _reported_by(activity: Activity) -> str:
    return activity.latest_update.reported_by if activity.latest_update else ""


def _latest_narrative(activity: Activity) -> str:
    return activity.latest_update.narrative if activity.latest_update else ""


COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        Column("ref", "Ref", lambda activity: activity.ref, sorts="ref"),
        Column("section", "Section", lambda activity: activity.area.provision.section.text),
        Column("provision", "Provision", lambda activity: activity.area.provision.text),
        Column("area", "Area of collaboration", lambda activity: activity.area.text),
        Column("text", "Activity", lambda activity: activity.text),
        Column("kind", "Kind", lambda activity: rules.ACTIVITY_KINDS.label(activity.kind)),
        Column("expected_output", "Expected output", lambda activity: activity.expected_output),
        Column("lead_bodies", "Lead", _acronyms(rules.LEAD)),
        Column("cooperating_bodies", "Cooperating", _acronyms(rules.COOPERATING)),
        Column("status", "Status", lambda activity: rules.STATUSES.label(activity.status), sorts="status"),
        Column(
            "status_as_of",
            "As of",
            lambda activity: _day(activity.status_as_of),
            sorts="status_as_of",
        ),
        Column("narrative", "Progress", _latest_narrative),
        Column("updated_at", "Changed", lambda activity: activity.updated_at.isoformat(), sorts="updated_at"),
    )
}

# What is said of an activity that is compared with what it was at an earlier moment.
COMPARED: tuple[Column, ...] = (
    *(COLUMNS[name] for name in ("ref", "section", "text", "lead_bodies")),
    Column("moved", "Moved", lambda activity: rules.MOVES.label(_compared(activity).moved)),
    Column("before.status", "Status before", _status_before),
    Column("before.as_of", "As of, before", lambda activity: _day(_compared(activity).earlier_status_as_of)),
    Column("after.status", "Status after", lambda activity: rules.STATUSES.label(activity.status)),
    Column("after.as_of", "As of, after", lambda activity: _day(activity.status_as_of)),
    Column("reported_by", "Reported by", _reported_by),
    Column("narrative", "Progress", _latest_narrative),
)
