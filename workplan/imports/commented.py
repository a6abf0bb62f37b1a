"""The file that somebody sent, with a comment on each cell that cannot be read, to be mended and sent again."""

from workplan.exports import round_workbook as out
from workplan.exports.commented_table import commented_table
from workplan.exports.round_rows import FIELDS
from workplan.imports.cells import DAY, Row
from workplan.imports.previews import Preview
from workplan.imports.tables import Table
from workplan.models import Import


def comments_by_row(found: Preview) -> dict[int, dict[str, str]]:
    """What is wrong with which cell, by the number of the row and the name of the column."""
    comments: dict[int, dict[str, str]] = {}
    for bad in found.bad:
        of_row = comments.setdefault(bad.row, {})
        name = bad.name or "ref"
        of_row[name] = f"{of_row[name]}\n{bad.right}" if name in of_row else bad.right
    return comments


def table(sent: Table, found: Preview) -> bytes:
    """A table of statuses as it was sent, under the headings that it had."""
    places = {place: name for name, place in sent.places.items()}
    labels = {**{place: sent.headings[place] for place in places}, **sent.extra}
    order = sorted(labels)
    comments = comments_by_row(found)
    rows = []
    for row in sent.rows:
        of_row = comments.get(row.number, {})
        # What is missing in a column that the file lacks is said beside the reference.
        by_place = {place: of_row[name] for place, name in places.items() if name in of_row}
        lacking = [text for name, text in of_row.items() if name not in sent.places]
        if lacking:
            first = sent.places["ref"]
            by_place[first] = "\n".join([*([by_place[first]] if first in by_place else []), *lacking])
        cells = [sent.cell(row, places[place]) if place in places else row.cell(place) for place in order]
        marked = {order.index(place): text for place, text in by_place.items()}
        rows.append(([cell.day if cell.kind == DAY else cell.text for cell in cells], marked))
    return commented_table(sent.sheet or "Statuses", [labels[place] for place in order], rows)


def round_workbook(kept: Import, table: Table, found: Preview) -> bytes:
    """The workbook of a body as it was sent, further columns included; it counts as the same download."""
    assert kept.round is not None and kept.body is not None and kept.made_at is not None, "a constraint says so"
    comments = comments_by_row(found)
    rows = [
        out.SheetRow(
            {column.name: _value(table, row, column.name) for column in out.COLUMNS},
            comments.get(row.number, {}),
            [row.cell(place).text for place in table.extra],
        )
        for row in table.rows
    ]
    number = len(found.bad)
    remark = (
        f"{number} cell{' is' if number == 1 else 's are'} marked in red on the sheet “{out.REPORTS}”, each with a "
        f"comment on the accepted values."
    )
    about = out.About(kept.round, kept.body, kept.made_at)
    return out.written(about, rows, extra=list(table.extra.values()), remarks=[remark])


def _value(table: Table, row: Row, name: str) -> object:
    cell = table.cell(row, name)
    is_day = cell.kind == DAY and name in (*FIELDS, "last_as_of")
    return cell.day if is_day and cell.day else cell.text
