"""What each column of a table is: proposed by the words of its heading, confirmed by a person."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from workplan.imports.plan.markers import marked
from workplan.imports.plan.source import Cell, Row, Table

SECTION, PROVISION, AREA, ACTIVITY = "section", "provision", "area", "activity"
OUTPUT, BODIES, LEAD, COOPERATING = "output", "bodies", "lead", "cooperating"
REF, NUMBER, ATTRIBUTE, UNUSED = "ref", "number", "attribute", "unused"
ROLES = {
    SECTION: "Section",
    PROVISION: "Provision, goal or objective",
    AREA: "Area of collaboration or outcome",
    ACTIVITY: "Activity",
    OUTPUT: "Expected output",
    BODIES: "Lead and cooperating bodies",
    LEAD: "Lead bodies",
    COOPERATING: "Cooperating bodies",
    REF: "Reference (A.1.1.2)",
    NUMBER: "Number of the column to its right",
    ATTRIBUTE: "Kept as a named attribute of the activity",
    UNUSED: "Not used",
}
LEVELS = (SECTION, PROVISION, AREA)
# Roles that one column of a table has at most.
SINGLE = (*LEVELS, ACTIVITY, OUTPUT, BODIES, LEAD, COOPERATING, REF)

PLAN, INDICATORS, OTHER = "plan", "indicators", "other"

# What the letters of a heading say, the first that fits. Spaces, hyphens and line breaks are left out before, so that
# a word that was cut in two is found as well.
TIME, STATUS, MONEY, INDICATOR, REMARKS = "time", "status", "money", "indicator", "remarks"
HEADINGS: tuple[tuple[str, str], ...] = (
    (TIME, r"timeline|timeframe|targetyear|^(start|end|completion|due)date|^startandenddate|^q[1-4]$|^(fy)?20\d\d|"
           r"^(deadline|period|quarter|year|duration|schedule|when)s?$"),
    (STATUS, r"implementationstatus|^status|progress|completionlevel|^asof"),
    (MONEY, r"budget|fund|resourcesreq|resourcesneed|^resources?$|^costs?|^estimatedcost|expenditure|^amount|^source$"),
    (INDICATOR, r"indicator|^kpis?$|baseline|^targets?$|verification|datasource|^frequency"),
    (OUTPUT, r"expectedoutput|deliverable|measuresofsuccess|measureofsuccess|successmeasure|expectedresult|^outputs?$"),
    (AREA, r"possiblearea|areasofcollab|areaofcollab|thematicarea|^outcomes?|^expectedoutcomes?$|^areas?$"),
    (PROVISION, r"provision|sectionsofapa|strategicgoal|objective|strategicmeasure|keyresultarea|^goals?$|^priorit"),
    (SECTION, r"^sections?(title|name)?$|^pillars?$|^themes?$|^elements?$|^components?$"),
    (REF, r"^ref$|^references?$"),
    (LEAD, r"^lead(s|body|bodies|sectoralbody|sectoralbodies|organ|agency|agencies)?$"),
    (COOPERATING, r"^(cooperating|csb|supporting)(sectoral)?(s|body|bodies|agency|agencies|organ)?$|^partners?$"),
    (BODIES, r"lead|cooperating|responsible|responsibility|^actors?$|^partners|^who|implementing(agency|agencies|body|"
             r"bodies|partner)|sectoralbod|^agenc|^organi[sz]ation"),
    (ACTIVITY, r"activit|^(keyor?planned|key|planned|proposed)?actions?|keyactionline|^measures?$|^projects?|"
               r"proposedprogramme|^programmes?"),
    (NUMBER, r"^(no|nr|sn|num|number|item|itemno|serialno)$"),
    (REMARKS, r"^remarks?$|^comments?$|^notes?$|explanatorynotes"),
)  # fmt: skip
COMPILED = [(role, re.compile(pattern)) for role, pattern in HEADINGS]
LONGEST_HEADING = 18  # words
SHORT = 6
# The workbook of the matrix has these columns of what was reported, which stays with the plan it was reported for.
REPORTED = ("status", "asof", "progress")


def letters(text: str) -> str:
    """The letters and digits of ``text`` in lower case: what a heading is compared by."""
    return re.sub(r"[^a-z0-9]", "", text.casefold())


def known(text: str) -> str:
    """What the words of a heading say; empty where they say nothing known."""
    if not text.strip() or len(text.split()) > LONGEST_HEADING:
        return ""
    bare = letters(text)
    return next((role for role, pattern in COMPILED if pattern.search(bare)), "")


@dataclass(slots=True)
class Column:
    """A column of a table.

    Attributes:
        number: which, from 1.
        left, right: where it begins and ends across the table.
        heading: its words; those of two heading rows with a slash between.
        role: what it is, of ``ROLES``.
        means: what the heading was taken to say.
        sample: the first words in it.
    """

    number: int
    left: int
    right: int
    heading: str
    role: str = ATTRIBUTE
    means: str = ""
    sample: str = ""


@dataclass(slots=True)
class Layout:
    """How a table is read.

    Attributes:
        table: the table.
        heading: its heading rows; none where it goes on from the table before it.
        above: rows above the heading.
        rows: the rows below it.
        columns: its columns.
        kind: ``PLAN``, ``INDICATORS`` or ``OTHER``.
        why: why it is no plan; or what was assumed.
        is_used: whether it is read as a plan.
    """

    table: Table
    heading: list[Row] = field(default_factory=list)
    above: list[Row] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    kind: str = OTHER
    why: str = ""
    is_used: bool = False

    def column_of(self, cell: Cell) -> Column | None:
        """The column that ``cell`` stands in: the first that it takes most of, or that most of it is under."""
        shares = [(min(cell.right, one.right) - max(cell.left, one.left), one) for one in self.columns]
        for shared, column in shares:
            if shared * 5 >= (column.right - column.left) * 3:
                return column
        widest = max(shares, key=lambda found: found[0], default=(0, None))
        return widest[1] if widest[0] > 0 else None

    def has(self, role: str) -> bool:
        """Whether a column has this role."""
        return any(column.role == role for column in self.columns)

    def heading_of(self, role: str) -> str:
        """The heading of the column with this role."""
        return next((column.heading for column in self.columns if column.role == role), "")


def heading_place(table: Table) -> int | None:
    """The place of the first row in which two known words stand; ``None`` where there is none."""
    return next((place for place in range(min(len(table.rows), 40)) if is_heading(table, place)), None)


def is_heading(table: Table, place: int) -> bool:
    """Whether the row at ``place`` heads a table: two known words in it, and little else."""
    filled = table.rows[place].filled
    if len(filled) < 2:
        return False
    texts = [" ".join(cell.text.split()) for cell in filled]
    said = [role for role in map(known, texts) if role]
    is_told = len(set(said)) >= 2 or (len(said) == len(filled) and TIME not in said)
    return is_told and len(said) * 2 >= len(filled) and not any(_is_of_a_row(cell) for cell in filled)


def _is_of_a_row(cell: Cell) -> bool:
    """Whether a cell says what rows of a plan say, and headings do not: a sentence, an item, “Lead: SOMTC”."""
    text = " ".join(cell.text.split())
    is_sentence = text.endswith(".") and len(text.split()) > SHORT
    is_item = any(marked(line).kind or line.ref or line.is_remark for line in cell.lines)
    return is_sentence or is_item or bool(re.search(r":\s*\w", text))


def is_plan(table: Table) -> bool:
    """Whether it has the headings of a plan."""
    place = heading_place(table)
    if place is None:
        return False
    return any(known(" ".join(cell.text.split())) == ACTIVITY for cell in table.rows[place].filled)


def lay_out(tables: list[Table], answers: Mapping[int, Mapping[str, str]], *, is_ours: bool) -> list[Layout]:
    """How each table is proposed to be read, and what people have said of it instead.

    Args:
        answers: by the number of a table the roles of its columns by their numbers, and under ``use`` what it is.
        is_ours: whether the file is a matrix that this program wrote.
    """
    found: list[Layout] = []
    for table in tables:
        before = next((one for one in reversed(found) if one.kind == PLAN), None)
        layout = _proposed(table, before if found and found[-1].kind == PLAN else None, is_ours)
        _apply(layout, answers.get(table.number, {}))
        found.append(layout)
    return found


def _proposed(table: Table, before: Layout | None, is_ours: bool) -> Layout:
    layout = Layout(table)
    place = heading_place(table)
    if place is None:
        return _continued(layout, before)
    rows = table.rows
    count = 2 if _goes_on(table, place) else 1
    layout.above, layout.heading, layout.rows = rows[:place], rows[place : place + count], rows[place + count :]
    layout.columns = _columns(layout.heading)
    _propose_roles(layout, is_ours)
    if layout.has(ACTIVITY):
        layout.kind, layout.is_used = PLAN, True
        return layout
    means = {column.means for column in layout.columns}
    headings = ", ".join(f"“{column.heading}”" for column in layout.columns if column.heading)
    if INDICATOR in means:
        layout.kind = INDICATORS
        layout.why = f"It lists indicators and no activities (columns {headings})."
    else:
        layout.why = f"No column of it holds activities (columns {headings})."
    return layout


def _continued(layout: Layout, before: Layout | None) -> Layout:
    """A table without heading goes on from a plan before it that is as wide and has as many columns."""
    table = layout.table
    layout.rows = table.rows
    widest = max((len(row.cells) for row in table.rows), default=0)
    if before is None or widest != len(before.columns) or table.sheet != before.table.sheet:
        layout.columns = _columns([max(table.rows, key=lambda row: len(row.cells))]) if table.rows else []
        for column in layout.columns:
            column.heading, column.role = "", UNUSED
        first = " · ".join(" ".join(cell.text.split()) for cell in table.rows[0].filled)[:120] if table.rows else ""
        layout.why = (
            f"It has no row of headings with two known words, such as “Activities” or “Lead”; it begins “{first}”."
        )
        return layout
    model = max(table.rows, key=lambda row: len(row.cells))
    for cell, column in zip(model.cells, before.columns, strict=True):
        layout.columns.append(
            Column(column.number, cell.left, cell.right, column.heading, column.role, column.means, cell.text[:60])
        )
    layout.kind, layout.is_used = PLAN, True
    layout.why = f"It has no headings; it is read as going on from table {before.table.number}."
    return layout


def _goes_on(table: Table, place: int) -> bool:
    """Whether the row below the heading row belongs to it: its cells divide groups of the heading."""
    if place + 1 >= len(table.rows):
        return False
    row, below = table.rows[place], table.rows[place + 1]
    groups = [
        cell for cell in row.filled if len([one for one in below.cells if cell.left <= one.left < cell.right]) > 1
    ]
    if not groups or not below.filled:
        return False
    inside = [cell for cell in below.filled if any(one.left <= cell.left < one.right for one in groups)]
    return len(inside) == len(below.filled) and all(len(cell.text.split()) <= SHORT for cell in inside)


def _columns(heading: list[Row]) -> list[Column]:
    last = heading[-1]
    found: list[Column] = []
    for cell in sorted(last.cells, key=lambda one: one.left):
        texts = []
        for row in heading:
            above = [one for one in row.cells if one.left <= cell.left < one.right]
            texts += [" ".join((one.origin or one).text.split()) for one in above]
        words = [text for text in dict.fromkeys(texts) if text]
        found.append(Column(len(found) + 1, cell.left, cell.right, " / ".join(words)))
    return found


def _propose_roles(layout: Layout, is_ours: bool) -> None:
    for column in layout.columns:
        column.means = known(column.heading)
        below = (cell for row in layout.rows for cell in row.filled if layout.column_of(cell) is column)
        first = next(below, None)
        column.sample = " ".join(first.text.split())[:60] if first else ""
        role = column.means if column.means in ROLES else ATTRIBUTE
        taken = (
            role in SINGLE and layout.has(role) and any(one.role == role for one in layout.columns[: column.number - 1])
        )
        column.role = ATTRIBUTE if taken else role
        if is_ours and letters(column.heading) in (*REPORTED, "implementationstatus"):
            column.role = UNUSED
    _outputs_as_areas(layout)
    for column in layout.columns:
        if not column.heading and column.role == ATTRIBUTE and not column.sample:
            column.role = UNUSED


def _outputs_as_areas(layout: Layout) -> None:
    """Outputs to the left of activities that have no other place above them are that place."""
    activity = next((column for column in layout.columns if column.role == ACTIVITY), None)
    output = next((column for column in layout.columns if column.role == OUTPUT), None)
    if activity and output and output.left < activity.left and not (layout.has(AREA) or layout.has(PROVISION)):
        output.role = AREA


def _apply(layout: Layout, answers: Mapping[str, str]) -> None:
    """What a person said of the table."""
    for column in layout.columns:
        if answers.get(str(column.number)) in ROLES:
            column.role = answers[str(column.number)]
    use = answers.get("use")
    if use:
        layout.is_used = use == PLAN
