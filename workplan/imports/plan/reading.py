"""A whole plan from a file: its tables, the roles of their columns, the records, and all that is asked."""

from collections.abc import Mapping

from workplan.imports.plan.bodies import BodyNames
from workplan.imports.plan.markers import NUMBER, marked
from workplan.imports.plan.package import Package
from workplan.imports.plan.places import Places, band_of
from workplan.imports.plan.records import MOST_SECTIONS, Answers, Leftover, Reading, number_records, word_count
from workplan.imports.plan.related import countries_from_remarks
from workplan.imports.plan.roles import (
    ACTIVITY,
    INDICATOR,
    SECTION,
    UNUSED,
    Layout,
    is_heading,
    is_plan,
    known,
    lay_out,
    letters,
)
from workplan.imports.plan.rows import read_table
from workplan.imports.plan.sheets import parts_at_headings, read_sheets
from workplan.imports.plan.source import Cell, Line, Place, Source, Table
from workplan.imports.plan.word import read_word

OWN_SHEETS = {"Matrix", "Summary", "About"}
LONGEST_HEADING = 20  # words of a paragraph that heads a table
NO_PLAN = (
    "No table of the file is a plan: none has a row of headings with a column of activities. If one is, say below what "
    "its columns are."
)
HIDDEN = "It is hidden in the file, so that a places of the file does not see it."
PART = "Of this cell, these words became part of no record: {words}."
REPORTED = "What was reported stays with the plan that it was reported for."
TOTALS = "A row of totals."
NUMBERS = "The file has numbers where references stand, such as 1.1, which may have been 1.10: {places}."


def read_source(package: Package, kind: str, *, most_rows: int = 20_000, most_columns: int = 200) -> Source:
    """What stands in a file.

    Args:
        package: its parts.
        kind: ``docx`` or ``xlsx``.
        most_rows, most_columns: how many are read of a sheet.

    Raises:
        BadFile: a sheet has more.
    """
    if kind == "docx":
        source = read_word(package, is_plan)
        source.tables = parts_at_headings(source.tables, _new_headings)
        return source
    source = read_sheets(package, most_rows=most_rows, most_columns=most_columns)
    source.is_ours = {table.sheet for table in source.tables} == OWN_SHEETS
    source.tables = parts_at_headings(source.tables, _new_headings)
    return source


def _new_headings(table: Table) -> list[int]:
    """Where further tables begin: at headings that are not those of the table repeated."""
    headings = [place for place in range(len(table.rows)) if is_heading(table, place)]
    known_ones: list[set[str]] = []
    found = []
    for count, place in enumerate(headings):
        filled = table.rows[place].filled
        said = {letters(cell.text) for cell in filled}
        means = [known(" ".join(cell.text.split())) for cell in filled]
        # “Objective 2” beside “Outcome 2” are words of a row.
        is_told = bool({ACTIVITY, INDICATOR} & set(means)) or len([one for one in means if one]) >= 3
        # The first headings begin no other table, since what stands above them is said of the plan; nor does a
        # second row of headings.
        is_first = not count or (headings[count - 1] == place - 1 and said not in known_ones)
        if is_told and not is_first and said not in known_ones:
            found.append(place)
        known_ones.append(said)
    return found


def read_plan(source: Source, spellings: Mapping[str, str], answers: Answers | None = None) -> Reading:
    """What a file is read as.

    Args:
        source: what stands in it.
        spellings: for each way to write a body, its acronym.
        answers: what people said of it so far.
    """
    answers = answers or Answers()
    names = BodyNames(spellings, answers.bodies)
    tables = {int(number): said for number, said in answers.tables.items() if str(number).isdigit()}
    reading = Reading(source, lay_out(source.tables, tables, is_ours=source.is_ours), notices=list(source.notices))
    places = Places(reading, names)
    used = [layout for layout in reading.layouts if layout.is_used]
    by_sheet = len({layout.table.sheet for layout in used}) > 1
    for layout in reading.layouts:
        if layout not in used:
            continue
        if layout.table.sheet and by_sheet and not layout.has(SECTION):
            places.begin_section(layout.table.sheet)
        elif heading := _heading_before(layout):
            _begin_below(places, heading, layout)
        if layout.why:
            reading.notices.append(f"{layout.table.name}: {layout.why}")
        read_table(places, layout)
    reading.sections = [section for section in reading.sections if section.below or section.places]
    if not source.is_ours:
        countries_from_remarks(reading, names)
    number_records(reading)
    reading.leftovers = [*_whole_leftovers(reading), *_cell_leftovers(reading, places.claims)]
    _settle(reading, answers)
    _find_problems(reading)
    return reading


def _begin_below(places: Places, heading: str, layout: Layout) -> None:
    """A heading between tables begins a section, unless bands of the table do."""
    if places.section is not None and letters(heading) == letters(places.section.printed):
        return
    if _has_band(layout):
        places.pending = heading
    else:
        places.begin_section(heading)


def _has_band(layout: Layout) -> bool:
    return any(row.filled and band_of(layout, row) for row in (*layout.above, *layout.rows))


def _heading_before(layout: Layout) -> str:
    """The paragraph before a table that heads it; empty where there is none."""
    for line in reversed(layout.table.before):
        if len(line.text.split()) > LONGEST_HEADING:
            continue
        style = line.style.lower()
        if style.startswith("heading"):
            return _printed(line)
        begins = letters(line.text).startswith(
            ("section", "theme", "pillar", "element", "goal", "objective", "outcome")
        )
        if line.is_strong and (begins or _has_number(line)):
            return _printed(line)
    return ""


def _has_number(line: Line) -> bool:
    return marked(line).kind == NUMBER


def _printed(line: Line) -> str:
    return f"{line.marker} {line.text}".strip()


def _whole_leftovers(reading: Reading) -> list[Leftover]:
    """Tables and columns of which nothing is used."""
    found = []
    for layout in reading.layouts:
        table = layout.table
        filled = [cell for cell in table.cells() if cell.text.strip() or cell.hidden]
        if not layout.is_used:
            text = " · ".join(" ".join(" ".join([cell.text, *cell.hidden]).split()) for cell in filled)
            if text:
                found.append(
                    Leftover(f"t{table.number}", table.name, text, layout.why or "It is no plan.", is_whole=True)
                )
            continue
        unused = [column for column in layout.columns if column.role == UNUSED]
        texts: dict[int, list[str]] = {column.number: [] for column in unused}
        for row in layout.rows if unused else ():
            if band_of(layout, row) is None:
                for cell in row.filled:
                    column = layout.column_of(cell)
                    if column is not None and column.number in texts:
                        texts[column.number].append(" ".join(" ".join([cell.text, *cell.hidden]).split()))
        for column in unused:
            if texts[column.number]:
                hint = REPORTED if reading.source.is_ours else ""
                where = f"{table.name}, column “{column.heading or column.number}”"
                key = f"t{table.number}c{column.number}"
                found.append(Leftover(key, where, " · ".join(texts[column.number]), hint, is_whole=True))
    return found


def _cell_leftovers(reading: Reading, claims: Mapping[Place, list[str]]) -> list[Leftover]:
    """Cells that became part of no record, wholly or with some of their words."""
    whole = {one.key for one in reading.leftovers}
    texts: dict[Place, list[str]] = {place: list(claimed) for place, claimed in claims.items()}
    for draft in reading.records():
        kept = draft.all_texts
        for place in {*draft.places, *draft.body_places, *draft.related}:
            texts.setdefault(place, []).extend(kept)
    found = []
    for layout in reading.layouts:
        table = layout.table
        below = {row.number for row in layout.rows}
        for cell in table.cells():
            column = layout.column_of(cell)
            is_unused_column = column is not None and column.role == UNUSED and cell.place not in texts
            if not layout.is_used or f"t{table.number}" in whole or (is_unused_column and cell.place.row in below):
                continue
            found += _of_cell(layout, cell, texts.get(cell.place, []))
    return found


def _of_cell(layout: Layout, cell: Cell, claimed: list[str]) -> list[Leftover]:
    found = []
    where = str(cell.place).replace(f"table {cell.place.table}", layout.table.name, 1)
    left = word_count([cell.text])
    for word, count in word_count(claimed).items():
        left[word] = left.get(word, 0) - count
    missing = [word for word, count in left.items() if count > 0]
    if missing:
        is_whole_cell = not claimed
        row = next((row for row in layout.table.rows if row.number == cell.place.row), None)
        is_total = row is not None and letters(row.filled[0].text).startswith(("total", "subtotal", "grandtotal"))
        hint = TOTALS if is_total else "" if is_whole_cell else PART.format(words=" ".join(missing))
        found.append(Leftover(cell.place.key, where, cell.text, hint))
    elif not claimed and cell.remarks:
        found.append(Leftover(cell.place.key, where, " ".join(cell.remarks)))
    for count, text in enumerate(cell.hidden, start=1):
        key = f"{cell.place.key}.h{count}"
        found.append(Leftover(key, f"{where}, hidden text", text, HIDDEN))
    return found


def _settle(reading: Reading, answers: Answers) -> None:
    """What people said becomes of what is left."""
    by_ref = {one.ref: one for one in reading.records()}
    for left in reading.leftovers:
        said = answers.cells.get(left.key, {})
        target = by_ref.get(str(said.get("note_of", "")))
        if target is not None and not left.is_whole:
            left.note_of = target.ref
            target.note(" ".join(left.text.split()))
        else:
            left.reason = str(said.get("waive", "")).strip() or answers.waive.strip()


def _find_problems(reading: Reading) -> None:
    if not reading.of_kind(ACTIVITY):
        reading.problems.append(NO_PLAN)
    if len(reading.sections) > MOST_SECTIONS:
        reading.problems.append(
            f"The file has {len(reading.sections)} sections; a plan has at most {MOST_SECTIONS}, A to Z. Give another "
            "role to the column of sections, or put sections together."
        )
    places = [
        str(cell.place)
        for layout in reading.layouts
        if layout.is_used
        for cell in layout.table.cells()
        if cell.is_number
        and "." in cell.text
        and (column := layout.column_of(cell))
        and column.role in ("number", "ref", "activity")
    ]
    if places:
        more = f" and {len(places) - 5} more" if len(places) > 5 else ""
        reading.notices.append(NUMBERS.format(places=", ".join(places[:5]) + more))
