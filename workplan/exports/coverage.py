"""Coverage as a file: the numbers of lead and cooperating bodies, and the gaps."""

from collections.abc import Callable, Iterator
from typing import Any

from workplan import rules
from workplan.exports import csv, xlsx
from workplan.models import SectoralBody
from workplan.monitoring.coverage import Coverage, Gap, Line
from workplan.monitoring.summary import BodyTally, Tally

ALL_BODIES = "All (each activity once)"
ALL_LINES = "All"
ANY_ROLE, ANY_STATUS = "Any role", "Any status"


def as_csv(found: Coverage) -> Iterator[str]:
    """One line for each place, body and role; then those of all bodies, and what lacks bodies."""
    return csv.table(
        ["Section", "Provision", "Text", "Body", "Role or gap", "Activities", *(term.label for term in rules.STATUSES)],
        (
            [*_place(line), body, part, tally.total, *(number for _, number, _ in tally.shares)]
            for line in _lines(found)
            for body, part, tally in _parts(line, found.roles)
        ),
    )


def as_workbook(found: Coverage, *, title: str) -> bytes:
    """The matrix by role, the matrix by status, and what nobody has taken up."""
    return xlsx.workbook([_by_role(found), _by_status(found), _gaps(found)], title=title)


def _lines(found: Coverage) -> Iterator[Line]:
    """Each section before its provisions, then all of them together."""
    for block in found.blocks:
        yield block.line
        yield from block.provisions
    yield found.total


def _place(line: Line) -> tuple[str, str, str]:
    """Section, provision and text; a line that is no provision leaves that one out."""
    if line.place is None:
        return ALL_LINES, "", ""
    section = getattr(line.place, "section", None)
    return (section.ref, line.place.ref, line.place.text) if section else (line.place.ref, "", line.place.text)


def _parts(line: Line, roles: list[str]) -> Iterator[tuple[str, str, Tally]]:
    for cell in line.cells:
        for role in roles:
            yield cell.body.acronym, rules.ROLES.label(role), cell.of(role)
    yield ALL_BODIES, ANY_ROLE, line.whole
    for role in roles:
        yield ALL_BODIES, rules.ROLES.label(role), line.by_role.get(role, Tally())
    for term in rules.GAPS:
        yield ALL_BODIES, term.label, line.gaps.get(term.value, Tally())


def _matrix(name: str, heading: str, found: Coverage, rows: Callable[[Line], Iterator[list[Any]]]) -> xlsx.Sheet:
    columns = [("Ref", 8), ("Provision", 60), (heading, 14), *((body.acronym, 10) for body in found.bodies)]
    written = [
        # The text once: it is long.
        [line.place.ref if line.place else ALL_LINES, line.place.text if line.place and not number else "", *row]
        for line in _lines(found)
        for number, row in enumerate(rows(line))
    ]
    return xlsx.Sheet(name, [*columns, (ALL_BODIES, 12)], written, last_is_total=True)


def _by_role(found: Coverage) -> xlsx.Sheet:
    def rows(line: Line) -> Iterator[list[Any]]:
        """The rows of a line of the table, one for each value and one for all."""
        for role in found.roles:
            cells = [cell.of(role).total for cell in line.cells]
            yield [rules.ROLES.label(role), *cells, line.by_role.get(role, Tally()).total]
        yield [ANY_ROLE, *(_in(cell, found.roles).total for cell in line.cells), line.whole.total]

    return _matrix("By role", "Role", found, rows)


def _by_status(found: Coverage) -> xlsx.Sheet:
    """A status that no activity of a line has is left out."""

    def rows(line: Line) -> Iterator[list[Any]]:
        """The rows of a line of the table, one for each value and one for all."""
        tallies = [*(_in(cell, found.roles) for cell in line.cells), line.whole]
        for term in rules.STATUSES:
            numbers = [tally.by_status[term.value] for tally in tallies]
            if any(numbers):
                yield [term.label, *numbers]
        yield [ANY_STATUS, *(tally.total for tally in tallies)]

    return _matrix("By status", "Status", found, rows)


def _in(cell: BodyTally, roles: list[str]) -> Tally:
    """What the body has in any of ``roles``; its roles exclude each other."""
    found = Tally()
    for role in roles:
        found.by_status += cell.of(role).by_status
    return found


def _gaps(found: Coverage) -> xlsx.Sheet:
    """Each gap with its number, then what it is that has it."""
    rows: list[list[Any]] = []
    for gap in found.gaps:
        rows.append([gap.term.label, gap.number, "", gap.term.meaning])
        rows += [[gap.term.label, None, *_named(one)] for one in _members(gap)]
    return xlsx.Sheet("Gaps", [("Gap", 34), ("Number", 9), ("Ref", 12), ("What", 90)], rows)


def _members(gap: Gap) -> Any:
    return gap.found.iterator() if hasattr(gap.found, "iterator") else gap.found


def _named(one: Any) -> tuple[str, str]:
    return (one.acronym, one.name) if isinstance(one, SectoralBody) else (one.ref, one.text)
