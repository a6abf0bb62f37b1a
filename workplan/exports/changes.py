"""The changes edition for a meeting: what changed between two dates or rounds, and what is overdue."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from workplan import rules
from workplan.columns import COMPARED, Column, report_column
from workplan.exports import xlsx
from workplan.exports.data import about_sheet
from workplan.exports.document import (
    Document,
    Heading,
    Line,
    Paragraph,
    StatusChart,
    Table,
    Text,
    cell,
    in_words,
    line,
    number,
    signed,
    status_line,
)
from workplan.exports.matrix import body_lines
from workplan.exports.provenance import Provenance
from workplan.models import Activity, Obligation, WorkPlan
from workplan.monitoring.comparison import NOT_IN_PLAN, Comparison

OF_REPORT = (
    report_column("outputs_delivered", "Outputs delivered"),
    report_column("challenges", "Challenges"),
)
GROUP = Column("group", "Group", lambda activity: rules.CHANGE_GROUPS.label(group_of(activity)))
IN_WORKBOOK = (GROUP, *COMPARED, *OF_REPORT)
WIDTHS = {"group": 20, "ref": 10, "section.title": 16, "text": 44, "lead_bodies": 14, "reported_by": 14}
LONG = {"latest_update.narrative", "latest_update.outputs_delivered", "latest_update.challenges"}


@dataclass(frozen=True, slots=True)
class Edition:
    """What the changes edition says.

    Attributes:
        found: the two ends, and how many activities went from which status to which.
        activities: those that are compared, in document order.
        overdue: the reports that are overdue today, by body.
    """

    about: Provenance
    found: Comparison
    activities: Sequence[Activity]
    overdue: Sequence[Obligation]

    @property
    def groups(self) -> list[tuple[rules.Term, list[Activity]]]:
        """The activities by how they changed; those that stayed as they were are left out."""
        found: dict[str, list[Activity]] = {}
        for activity in self.activities:
            found.setdefault(group_of(activity), []).append(activity)
        return [(term, found.get(term.value, [])) for term in rules.CHANGE_GROUPS if term.value != rules.STAYED]


def group_of(activity: Any) -> str:
    """How an activity that is compared is grouped: a value of ``rules.CHANGE_GROUPS``."""
    return rules.change_group(activity.earlier_status, activity.status)


def overdue_reports(plan: WorkPlan, user: Any, activities: Any) -> list[Obligation]:
    """The reports on ``activities`` that are overdue in the current round, as far as ``user`` may know, by body."""
    due = Obligation.objects.in_current_rounds().filter(
        round__plan=plan, activity__in=activities.order_by().values("pk")
    )
    shown = due.shown_to(user).filter(shown_timeliness="overdue").select_related("activity", "body", "round")
    return list(shown.order_by("body__position", "body__acronym", "activity__position", "pk"))


def document(edition: Edition) -> Document:
    """The edition for the agenda of a meeting."""
    found = edition.found
    facts = [("From", found.earlier.label), ("To", found.later.label)]
    made = Document(edition.about.plan.title, "Changes of implementation status", edition.about, facts)
    made.add(Heading(1, "Summary"), _totals(found), StatusChart(found.after))
    made.add(Heading(1, "Changes"))
    for term, activities in edition.groups:
        made.add(Heading(2, f"{term.label} ({len(activities):,})"), Paragraph(line(Text(term.meaning, "muted"))))
        if activities:
            made.add(_not_reported(activities) if term.value == rules.STILL_NOT_REPORTED else _group(term, activities))
    made.add(Heading(1, "Overdue, by body"), *_overdue(edition.overdue))
    return made


def _totals(found: Comparison) -> Table:
    rows = [
        [
            cell(status_line(one.term.value)),
            *(number(count) for count in (one.before, one.after)),
            signed(one.difference),
        ]
        for one in found.lines
    ]
    total = [cell("All"), number(found.before.total), number(found.after.total), signed(found.difference)]
    columns = [("Status", 30.0), (found.earlier.short, 20.0), (found.later.short, 20.0), ("Difference", 12.0)]
    return Table("Activities by status at both dates", columns, [*rows, total], last_is_total=True, numbers_from=1)


def _group(term: rules.Term, activities: Iterable[Activity]) -> Table:
    columns = [
        *(("Activity", 26.0), ("Lead", 9.0), ("Before", 10.0), ("After", 11.0)),
        *(("Progress and outputs delivered", 27.0), ("Challenges", 17.0)),
    ]
    return Table(f"{term.label}: activities", columns, [_row(activity) for activity in activities])


def _row(activity: Any) -> list[Any]:
    report = activity.latest_update
    after: list[Line] = [status_line(activity.status)]
    if activity.status_as_of:
        after.append(line(Text(f"as at {in_words(activity.status_as_of)}", "muted")))
    if report:
        after.append(line(Text(f"reported by {report.reported_by}", "muted")))
    delivered = (
        line(Text("Delivered: ", "strong"), report.outputs_delivered) if report and report.outputs_delivered else ()
    )
    return [
        cell(line(Text(f"{activity.ref} ", "reference"), activity.text)),
        cell(*body_lines(activity)[: max(1, len(activity.lead_bodies))]),
        cell(status_line(activity.earlier_status) if activity.earlier_status else NOT_IN_PLAN),
        cell(*after),
        cell(report.narrative if report else "", delivered),
        cell(report.challenges if report else ""),
    ]


def _not_reported(activities: Iterable[Activity]) -> Table:
    rows = [
        [
            cell(line(Text(f"{activity.ref} ", "reference"), activity.text)),
            cell(*body_lines(activity)),
        ]
        for activity in activities
    ]
    return Table("Not reported: activities", [("Activity", 75.0), ("Lead / cooperating body", 25.0)], rows)


def _overdue(reports: Sequence[Obligation]) -> list[Any]:
    note = "Overdue reports of the current round, as at the date of this file."
    if not reports:
        return [Paragraph(line("No report is overdue."))]
    by_body: dict[str, list[Obligation]] = {}
    for due in reports:
        by_body.setdefault(due.due_from, []).append(due)
    blocks: list[Any] = [Paragraph(line(Text(note, "muted")))]
    for body, owed in by_body.items():
        rows = [
            [cell(line(Text(f"{due.activity.ref} ", "reference"), due.activity.text)), cell(in_words(due.due_on))]
            for due in owed
        ]
        columns = [("Activity", 80.0), ("Due", 20.0)]
        blocks += [Heading(2, f"{body} ({len(owed):,})"), Table(f"Overdue reports of {body}", columns, rows)]
    return blocks


def workbook(edition: Edition) -> bytes:
    """The same, with a row for each activity that is in a group."""
    columns = [(column.label, 40 if column.name in LONG else WIDTHS.get(column.name, 14)) for column in IN_WORKBOOK]
    rows = [
        [column.value(activity) or None for column in IN_WORKBOOK]
        for _, activities in edition.groups
        for activity in activities
    ]
    owed = [[due.due_from, due.activity.ref, due.activity.text, due.round.code, due.due_on] for due in edition.overdue]
    found = edition.found
    totals: list[list[object]] = [[one.term.label, one.before, one.after, one.difference] for one in found.lines]
    totals.append(["All", found.before.total, found.after.total, found.difference])
    ends = [("Status", 20), (found.earlier.label, 24), (found.later.label, 24), ("Difference", 12)]
    sheets = [
        xlsx.Sheet("Changes", columns, rows),
        xlsx.Sheet("Summary", ends, totals, last_is_total=True),
        xlsx.Sheet("Overdue", [("Body", 16), ("Ref", 10), ("Activity", 70), ("Round", 12), ("Due", 12)], owed),
        about_sheet(edition.about),
    ]
    return xlsx.workbook(sheets, title=f"{edition.about.plan.title}: changes")
