"""Which columns: one declaration for table headings, exports and, later, import headers."""

from collections.abc import Callable
from dataclasses import dataclass

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
            lambda activity: activity.status_as_of.isoformat() if activity.status_as_of else "",
            sorts="status_as_of",
        ),
        Column("narrative", "Progress", _latest_narrative),
        Column("updated_at", "Changed", lambda activity: activity.updated_at.isoformat(), sorts="updated_at"),
    )
}
