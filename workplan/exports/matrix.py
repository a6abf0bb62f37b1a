"""The matrix as a document and as a workbook: the plan's own six columns, with a cover."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from workplan import rules
from workplan.columns import COLUMNS
from workplan.exports import xlsx
from workplan.exports.data import about_sheet
from workplan.exports.document import (
    Cell,
    Document,
    Heading,
    Line,
    PageBreak,
    StatusChart,
    Table,
    Text,
    cell,
    first_sentence,
    in_words,
    line,
    number,
    status_line,
)
from workplan.exports.provenance import Provenance
from workplan.models import Activity, CollaborationArea, Provision, WorkPlan
from workplan.monitoring import summary
from workplan.monitoring.matrix import AreaBlock, ProvisionBlock, SectionBlock, arrange

NO_ACTIVITY, NO_AREA = "No activity is proposed.", "No area of collaboration."
TRACKED_AS_AREA = "Tracked as an area: no activity is proposed."


def headings(plan: WorkPlan) -> list[str]:
    """The six columns, as the plan has them."""
    return [
        "Provision of the ACTIP / section of the APA",
        "Possible area of collaboration",
        f"Proposed activity {plan.period_start:%Y}–{plan.period_end:%Y}",
        "Expected output",
        "Lead / cooperating body",
        "Implementation status",
    ]


SHARES = (16, 18, 22, 11, 11, 22)
WIDTHS = {"ref": 10, "section.title": 16, "provision.text": 30, "area.text": 28, "text": 40, "expected_output": 18}
WIDTHS |= {"lead_bodies": 12, "cooperating_bodies": 16, "status": 13, "status_as_of": 11, "latest_update.narrative": 40}
IN_WORKBOOK = [COLUMNS[name] for name in WIDTHS]
# What is written anew in each row, so that rows can be sorted and filtered, and stands back where it repeats.
PLACES = ("section.title", "provision.text", "area.text")


def document(
    about: Provenance,
    activities: Sequence[Activity],
    rows: Any,
    *,
    complete: bool,
    facts: Sequence[tuple[str, str]] = (),
) -> Document:
    """The matrix for a meeting.

    Args:
        activities: what stands in it, in document order.
        rows: the same as a queryset, for the summary.
        complete: whether places without activity are shown, as in the document.
        facts: what the cover says besides.
    """
    made = Document(about.plan.title, "Matrix of activities and implementation status", about, facts)
    made.add(Heading(1, "Summary"), *summary_blocks(about.plan, rows))
    blocks = arrange(about.plan, list(activities), complete=complete)
    for block in blocks:
        # A section begins on a page of its own: the heading of its table is repeated from there on.
        made.add(PageBreak(), Heading(1, f"{block.section.ref}. {block.section.text}"), _section_table(about, block))
    if not blocks:
        made.add(Heading(1, "Activities"))
    return made


def summary_blocks(plan: WorkPlan, rows: Any) -> list[Any]:
    """How many activities have which status, by section and in all, as a table and as a chart."""
    tally = summary.tally(rows)
    return [_by_section(plan, rows, tally), StatusChart(tally)]


def _by_section(plan: WorkPlan, rows: Any, whole: summary.Tally) -> Table:
    found = [
        (f"{section.ref}. {section.text}", tally)
        for section, tally in summary.tally_by_place(rows, plan.sections.order_by("position"))
        if tally.total
    ]
    statuses = [(f"{term.sign} {term.label}", 10.0) for term in rules.STATUSES]
    return Table(
        name="Activities by section and implementation status",
        columns=[("Section", 30.0), *statuses, ("All", 8.0)],
        rows=[_tally_row(label, tally) for label, tally in [*found, ("All sections", whole)]],
        last_is_total=True,
        numbers_from=1,
    )


def _tally_row(label: str, tally: summary.Tally) -> list[Cell]:
    heading = Cell((line(label),), is_heading=True)
    return [heading, *(number(count) for _, count, _ in tally.shares), number(tally.total)]


def _section_table(about: Provenance, block: SectionBlock) -> Table:
    return Table(
        name=f"Section {block.section.ref}: {block.section.text}",
        columns=list(zip(headings(about.plan), map(float, SHARES), strict=True)),
        rows=[row for part in block.provisions for row in _provision_rows(part)],
        band=f"{block.section.ref}. {block.section.text}",
    )


def _provision_rows(part: ProvisionBlock) -> Iterator[list[Cell]]:
    first = [_provision_cell(part.provision, part.lines)]
    if not part.areas:
        yield [*first, cell(Text(NO_AREA, "muted"), colspan=5)]
    for block in part.areas:
        for row in _area_rows(block):
            yield [*first, *row]
            first = []


def _area_rows(block: AreaBlock) -> Iterator[list[Cell]]:
    area = [area_cell(block.area, block.lines)]
    if not block.activities:
        yield [*area, cell(Text(NO_ACTIVITY, "muted"), colspan=4)]
    for activity in block.activities:
        yield [*area, *activity_cells(activity)]
        area = []


def _place(record: Any) -> list[Line]:
    """Reference, marker and words of a place, and the drafting remarks at it."""
    words = line(Text(f"{record.ref} ", "reference"), f"{record.marker} " if record.marker else "", record.text)
    return [words, *(line(Text(note, "muted")) for note in record.notes)]


def _provision_cell(provision: Provision, lines: int) -> Cell:
    return cell(*_place(provision), rowspan=lines)


def area_cell(area: CollaborationArea, lines: int) -> Cell:
    """An area with the bodies that proposed it, in square brackets as printed."""
    words, *notes = _place(area)
    proposing = ", ".join(body.acronym for body in area.proposed_by.all())
    return cell((*words, Text(f" [{proposing}]")) if proposing else words, *notes, rowspan=lines)


def activity_cells(activity: Activity) -> list[Cell]:
    """Columns 3 to 6 of one activity."""
    reference = Text(f"{activity.ref} ", "reference")
    is_area = activity.kind == rules.AREA
    words = line(reference, Text(TRACKED_AS_AREA, "muted") if is_area else activity.text)
    return [
        cell(words, *(Text(note, "muted") for note in activity.notes)),
        cell(activity.expected_output),
        cell(*body_lines(activity)),
        cell(*status_lines(activity)),
    ]


def body_lines(activity: Activity) -> list[Line]:
    """Lead bodies, joint ones below each other, then those that cooperate, as printed."""
    leads = _bodies(activity, rules.LEAD)
    lines = [line(Text(body, "strong")) for body in leads] or [line(Text("no lead named", "muted"))]
    cooperating = _bodies(activity, rules.COOPERATING)
    if activity.all_other_bodies_cooperate:
        cooperating.append("All other SB")
    return [*lines, line(", ".join(cooperating))]


def _bodies(activity: Activity, role: str) -> list[str]:
    """The bodies with this role, each with its lead country in brackets."""
    return [
        f"{part.body.acronym} ({part.lead_country})" if part.lead_country else part.body.acronym
        for part in activity.responsibilities.all()
        if part.role == role
    ]


def status_lines(activity: Activity) -> list[Line]:
    """The status with its day, and the first sentence of the report that it comes from."""
    lines = [status_line(activity.status)]
    report = activity.latest_update
    day = f"as at {in_words(activity.status_as_of)}" if activity.status_as_of else ""
    lines.append(line(Text(", ".join(filter(None, (day, report.reported_by if report else ""))), "muted")))
    return [*lines, line(first_sentence(report.narrative))] if report and report.narrative else lines


def workbook(about: Provenance, activities: Iterable[Activity], rows: Any) -> Iterator[bytes]:
    """The matrix with a row for each activity, the summary, and what the file says of itself."""
    columns = [(column.label, WIDTHS[column.name]) for column in IN_WORKBOOK]
    written = ([column.value(activity) or None for column in IN_WORKBOOK] for activity in activities)
    repeats = [place for place, column in enumerate(IN_WORKBOOK) if column.name in PLACES]
    sheets = [
        xlsx.Sheet("Matrix", columns, written, repeats=repeats),
        summary_sheet(about.plan, rows),
        about_sheet(about),
    ]
    return xlsx.written(sheets, title=f"{about.plan.title}: matrix")


def summary_sheet(plan: WorkPlan, rows: Any) -> xlsx.Sheet:
    """How many activities have which status, by section and in all."""
    whole = summary.tally(rows)
    places = summary.tally_by_place(rows, plan.sections.order_by("position"))
    found = [(f"{section.ref}. {section.text}", tally) for section, tally in places if tally.total]
    numbers: list[list[object]] = [
        [label, *(count for _, count, _ in tally.shares), tally.total] for label, tally in [*found, ("All", whole)]
    ]
    columns = [("Section", 44), *((term.label, 13) for term in rules.STATUSES), ("All", 10)]
    chart = StatusChart(whole).in_words
    return xlsx.Sheet("Summary", columns, numbers, last_is_total=True, chart=chart)
