"""The report of one body: what it leads and cooperates in, the last reports on it, and its reporting record."""

from collections.abc import Iterable, Sequence
from typing import Any

from workplan import rules
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
    status_line,
)
from workplan.exports.matrix import body_lines
from workplan.exports.provenance import Provenance
from workplan.models import Activity, ReportingRound, SectoralBody
from workplan.monitoring import completion, summary

# What a report says besides its progress, in this order.
PARTS = (("outputs_delivered", "Delivered"), ("challenges", "Challenges"), ("next_steps", "Next steps"))


def document(about: Provenance, body: SectoralBody, rows: Any, user: Any, facts: Sequence[tuple[str, str]]) -> Document:
    """The report of ``body`` on what it leads and cooperates in of ``rows``."""
    tally = summary.tally_by_body(rows, [body])[0]
    own = [("Body", f"{body.acronym}, {body.name}"), ("Community pillar", rules.PILLARS[body.pillar].meaning)]
    made = Document(f"{body.acronym}: report of the body", about.plan.title, about, [*own, *facts])
    made.add(Heading(1, "Summary"), _by_role(tally), StatusChart(tally.both))
    for role in rules.ROLES:
        activities = list(rows.involving([body], role.value).for_display())
        title = "Activities as lead body" if role.value == rules.LEAD else "Activities as cooperating body"
        made.add(Heading(1, f"{title} ({len(activities):,})"))
        made.add(_activities(title, activities) if activities else Paragraph(line("None.")))
    made.add(Heading(1, "Reporting record"), *_record(about, body, user))
    return made


def _by_role(tally: summary.BodyTally) -> Table:
    statuses = [(f"{term.sign} {term.label}", 10.0) for term in rules.STATUSES]
    rows = [
        [cell(f"As {role.label.lower()} body"), *(number(count) for _, count, _ in of.shares), number(of.total)]
        for role in rules.ROLES
        for of in [tally.of(role.value)]
    ]
    both = tally.both
    total = [cell("All"), *(number(count) for _, count, _ in both.shares), number(both.total)]
    return Table(
        "Activities of the body by role and implementation status",
        [("Role", 22.0), *statuses, ("All", 8.0)],
        [*rows, total],
        last_is_total=True,
        numbers_from=1,
    )


def _activities(name: str, activities: Iterable[Activity]) -> Table:
    columns = [("Activity", 32.0), ("Lead / cooperating body", 13.0), ("Status", 14.0), ("Latest report", 41.0)]
    return Table(name, columns, [_row(activity) for activity in activities])


def _row(activity: Activity) -> list[Any]:
    report = activity.latest_update
    status: list[Line] = [status_line(activity.status)]
    if activity.status_as_of:
        status.append(line(Text(f"as at {in_words(activity.status_as_of)}", "muted")))
    if report:
        status.append(line(Text(f"reported by {report.reported_by}", "muted")))
    said = [line(report.narrative)] if report else [line(Text("No report yet.", "muted"))]
    if report:
        said += [line(Text(f"{label}: ", "strong"), text) for name, label in PARTS if (text := getattr(report, name))]
    return [
        cell(line(Text(f"{activity.ref} ", "reference"), activity.text)),
        cell(*body_lines(activity)),
        cell(*status),
        cell(*said),
    ]


def _record(about: Provenance, body: SectoralBody, user: Any) -> list[Any]:
    """How many of the reports that each round asked of the body are in which state."""
    opened = ReportingRound.objects.visible_to(user).for_display().filter(plan=about.plan).exclude(state=rules.PLANNED)
    figures = completion.figures_for(user)
    rows = [
        [
            cell(f"{found.round.name} ({found.round.get_state_display().lower()})"),
            *(number(getattr(counts, figure.name)) for figure in figures),
        ]
        for found in completion.of_rounds(opened, user, [body])
        if (counts := found.of_body(body))
    ]
    if not rows:
        return [Paragraph(line(f"No report has been due from {body.acronym} in any round yet."))]
    columns = [("Round", 34.0), *((figure.label, 9.0) for figure in figures)]
    note = "Reports of each round, as at the date of this file."
    return [Paragraph(line(Text(note, "muted"))), Table("Reports by round", columns, rows, numbers_from=1)]
