"""Which columns: one declaration for table headings, documents, data files and, later, import headers."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workplan import permissions, rules
from workplan.history.audit_entries import Row
from workplan.models import Activity, StatusUpdate


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a kind of row.

    Attributes:
        name: what programs call it: where the API has the value, with a dot for each step down.
        label: what its heading says.
        value: its text for one row.
        sorts: the name to sort by, empty where sorting makes no sense.
        data: its value as the API gives it, where that is not the text.
        names_people: whether it is for those only who may see the names of people.
    """

    name: str
    label: str
    value: Callable[[Any], str]
    sorts: str = ""
    data: Callable[[Any], object] | None = None
    names_people: bool = False

    def datum(self, row: Any) -> object:
        """The value that a data file holds: what the API gives for the same row."""
        return self.data(row) if self.data else self.value(row)


def moment(at: datetime.datetime | None) -> str | None:
    """A time as the API writes it."""
    return at.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z") if at else None


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


def _named(role: str) -> Callable[[Activity], list[str]]:
    return lambda activity: [body.acronym for body in activity.bodies_in(role)]


def report_column(name: str, label: str) -> Column:
    """What the latest report of an activity says; nothing where there is none."""

    def value(activity: Activity) -> object:
        return getattr(activity.latest_update, name) if activity.latest_update else None

    return Column(f"latest_update.{name}", label, lambda activity: str(value(activity) or ""), data=value)


def _plain(name: str, label: str, data: Callable[[Any], object], *, names_people: bool = False) -> Column:
    """A column of data files alone."""
    return Column(name, label, lambda row: text_of(data(row)), data=data, names_people=names_people)


def _attribute(name: str, label: str, *, names_people: bool = False) -> Column:
    return _plain(name, label, lambda row: getattr(row, name), names_people=names_people)


def _time(name: str, label: str) -> Column:
    return _plain(name, label, lambda row: moment(getattr(row, name)))


def _status_label(update: StatusUpdate) -> str | None:
    return rules.STATUSES.label(update.status) if update.status else None


def _number_in(term: rules.Term) -> Column:
    return _plain(f"by_status.{term.value}", term.label, lambda tally: tally.both.by_status[term.value])


def changes_of(row: Row) -> str:
    """What an entry of the audit trail changed, a line for each field."""
    return "\n".join(f"{one.field}: {one.before or 'nothing'} → {one.after or 'nothing'}" for one in row.changes)


def text_of(value: object) -> str:
    """A value of a data file where only texts can stand."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "\n".join(f"{name}: {text_of(one)}" for name, one in sorted(value.items()))
    if isinstance(value, (list, tuple)):
        return ", ".join(text_of(one) for one in value)
    return str(value)


COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        Column("ref", "Ref", lambda activity: activity.ref, sorts="ref"),
        Column("section.title", "Section", lambda activity: activity.area.provision.section.text),
        Column("provision.text", "Provision", lambda activity: activity.area.provision.text),
        Column("area.text", "Area of collaboration", lambda activity: activity.area.text),
        Column("text", "Activity", lambda activity: activity.text),
        Column(
            "kind",
            "Kind",
            lambda activity: rules.ACTIVITY_KINDS.label(activity.kind),
            data=lambda activity: activity.kind,
        ),
        Column("expected_output", "Expected output", lambda activity: activity.expected_output),
        Column("lead_bodies", "Lead", _acronyms(rules.LEAD), data=_named(rules.LEAD)),
        Column("cooperating_bodies", "Cooperating", _acronyms(rules.COOPERATING), data=_named(rules.COOPERATING)),
        Column(
            "status",
            "Status",
            lambda activity: rules.STATUSES.label(activity.status),
            sorts="status",
            data=lambda activity: activity.status,
        ),
        Column(
            "status_as_of",
            "Status as at",
            lambda activity: _day(activity.status_as_of),
            sorts="status_as_of",
            data=lambda activity: activity.status_as_of,
        ),
        Column(
            "confirmed_on",
            "Confirmed without change",
            lambda activity: _day(activity.confirmed_on),
            data=lambda activity: activity.confirmed_on,
        ),
        report_column("narrative", "Progress"),
        Column(
            "updated_at",
            "Changed",
            lambda activity: activity.updated_at.isoformat(),
            sorts="updated_at",
            data=lambda activity: moment(activity.updated_at),
        ),
    )
}

# What is said of an activity that is compared with what it was at an earlier moment.
COMPARED: tuple[Column, ...] = (
    *(COLUMNS[name] for name in ("ref", "section.title", "text", "lead_bodies")),
    Column("moved", "Change", lambda activity: rules.change_label(_compared(activity).moved, activity.status)),
    Column("before.status", "Status before", _status_before),
    Column("before.as_of", "As at, before", lambda activity: _day(_compared(activity).earlier_status_as_of)),
    Column("after.status", "Status after", lambda activity: rules.STATUSES.label(activity.status)),
    Column("after.as_of", "As at, after", lambda activity: _day(activity.status_as_of)),
    report_column("reported_by", "Reported by"),
    report_column("narrative", "Progress"),
)

ACTIVITIES, UPDATES, BODIES, RESPONSIBILITIES, AUDIT = "activities", "updates", "bodies", "responsibilities", "audit"

# The columns of data files, for each kind of row.
DATA: Mapping[str, tuple[Column, ...]] = {
    ACTIVITIES: (
        *COLUMNS.values(),
        _attribute("id", "Id"),
        _plain("plan", "Plan", lambda activity: activity.plan.code),
        _plain("section.ref", "Section, ref", lambda activity: activity.area.provision.section.ref),
        _plain("provision.ref", "Provision, ref", lambda activity: activity.area.provision.ref),
        _plain("area.ref", "Area, ref", lambda activity: activity.area.ref),
        _attribute("marker", "Marker"),
        _attribute("notes", "Notes"),
        _attribute("attributes", "Other columns of the plan"),
        _attribute("all_other_bodies_cooperate", "All other bodies cooperate"),
        _plain("status_label", "Status in words", lambda activity: rules.STATUSES.label(activity.status)),
        _attribute("timeliness", "Timeliness"),
        report_column("id", "Latest report, id"),
        report_column("reported_by", "Reported by"),
        report_column("outputs_delivered", "Outputs delivered"),
        report_column("challenges", "Challenges"),
        report_column("next_steps", "Next steps"),
        _attribute("reading_note", "Transcription note"),
        _attribute("version", "Version"),
    ),
    UPDATES: (
        _attribute("id", "Id"),
        _plain("activity.ref", "Activity, ref", lambda update: update.activity.ref),
        _plain("activity.plan", "Plan", lambda update: update.activity.plan.code),
        _plain("round_code", "Round", lambda update: update.round.code if update.round else None),
        _attribute("reported_by", "Reported by"),
        _plain("body", "Body", lambda update: update.body.acronym if update.body else None),
        _attribute("kind", "Kind"),
        _attribute("state", "State of the report"),
        _plain("status", "Status", lambda update: update.status or None),
        _plain("status_label", "Status in words", lambda update: _status_label(update)),
        _attribute("as_of", "Status as at"),
        _attribute("narrative", "Progress"),
        _attribute("outputs_delivered", "Outputs delivered"),
        _attribute("challenges", "Challenges"),
        _attribute("next_steps", "Next steps"),
        _attribute("reason", "Reason"),
        _attribute("is_direct", "Entered by the secretariat"),
        _time("created_at", "Created"),
        _time("submitted_at", "Submitted"),
        _time("approved_at", "Approved"),
        _plain("author", "Author", lambda update: update.author_name or None, names_people=True),
        _plain("submitted_by", "Submitted by", lambda update: update.submitted_by_name or None, names_people=True),
        _plain("approved_by", "Approved by", lambda update: update.approved_by_name or None, names_people=True),
        _attribute("version", "Version"),
    ),
    BODIES: (
        _plain("acronym", "Body", lambda tally: tally.body.acronym),
        _plain("name", "Name", lambda tally: tally.body.name),
        _plain("pillar", "Community pillar", lambda tally: tally.body.pillar),
        _plain("lead", "Activities as lead", lambda tally: tally.lead.total),
        _plain("cooperating", "Activities as cooperating body", lambda tally: tally.cooperating.total),
        _plain("count", "Activities", lambda tally: tally.total),
        *(_number_in(term) for term in rules.STATUSES),
    ),
    RESPONSIBILITIES: (
        _plain("activity.ref", "Activity, ref", lambda part: part.activity.ref),
        _plain("body", "Body", lambda part: part.body.acronym),
        _attribute("role", "Role"),
        _attribute("lead_country", "Lead country"),
        _attribute("position", "Order in the source"),
        _plain("body_name", "Name of the body", lambda part: part.body.name),
        _plain("activity.text", "Activity", lambda part: part.activity.text),
        _plain("activity.status", "Status", lambda part: part.activity.status),
        _plain("activity.status_as_of", "Status as at", lambda part: part.activity.status_as_of),
    ),
    AUDIT: (
        _plain("at", "Time", lambda row: moment(row.entry.at)),
        _plain("person", "Person", lambda row: row.entry.actor_name),
        _plain("channel", "Source", lambda row: row.entry.channel),
        _plain("action", "Action", lambda row: row.entry.action),
        _plain("action_label", "Action in words", lambda row: row.action),
        _plain("record_type", "Kind of record", lambda row: row.entry.record_type),
        _plain("record_id", "Id of the record", lambda row: row.entry.record_id),
        _plain("record", "Record", lambda row: row.entry.record_label),
        _plain("activity", "Activity", lambda row: row.entry.activity.ref if row.entry.activity else None),
        _plain("body", "Body", lambda row: row.entry.body.acronym if row.entry.body else None),
        _plain("round", "Round", lambda row: row.entry.round.code if row.entry.round else None),
        _plain("changes", "Changes", lambda row: changes_of(row)),
        _plain("reason", "Reason", lambda row: row.entry.reason),
        _plain("request", "Change set", lambda row: row.entry.request_id),
        _plain("client_request", "Client request ID", lambda row: row.entry.client_request_id),
    ),
}


def data_columns(kind: str, user: Any) -> dict[str, Column]:
    """The columns of ``DATA`` that ``user`` may have of rows of this kind, by name."""
    may_see = permissions.can_see_names(user)
    return {column.name: column for column in DATA[kind] if may_see or not column.names_people}
