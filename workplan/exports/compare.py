"""Changes of status between two dates, as a workbook."""

from collections.abc import Iterable

from workplan import rules
from workplan.columns import COMPARED
from workplan.exports import xlsx
from workplan.models import Activity
from workplan.monitoring.comparison import Comparison

WIDTHS = {"ref": 12, "section": 24, "text": 60, "lead_bodies": 18, "moved": 14, "narrative": 60}


def workbook(found: Comparison, rows: Iterable[Activity], *, title: str) -> bytes:
    """The totals at both moments, what went from where to where, and each of ``rows``."""
    return xlsx.workbook([_totals(found), _transitions(found), _rows(rows)], title=title)


def _totals(found: Comparison) -> xlsx.Sheet:
    rows: list[list[object]] = [[line.term.label, line.before, line.after, line.difference] for line in found.lines]
    total = ["All", found.before.total, found.after.total, found.difference]
    columns = [("Status", 20), (found.earlier.label, 24), (found.later.label, 24), ("Difference", 12)]
    return xlsx.Sheet("Totals", columns, [*rows, total], last_is_total=True)


def _transitions(found: Comparison) -> xlsx.Sheet:
    rows: list[list[object]] = []
    for before, label in found.starts:
        numbers = [found.transitions[before, term.value] for term in rules.STATUSES]
        rows.append([label, *numbers, sum(numbers)])
    after = found.after.by_status
    total = ["All", *(after[term.value] for term in rules.STATUSES), found.after.total]
    columns = [("From, to the right: to", 24), *((term.label, 13) for term in rules.STATUSES), ("All", 10)]
    return xlsx.Sheet("From and to", columns, [*rows, total], last_is_total=True)


def _rows(activities: Iterable[Activity]) -> xlsx.Sheet:
    columns = [(column.label, WIDTHS.get(column.name, 14)) for column in COMPARED]
    return xlsx.Sheet("Activities", columns, [[column.value(one) for column in COMPARED] for one in activities])
