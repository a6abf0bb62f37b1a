"""What stands beside the activities of a table: bodies, outputs, attributes; and to which of them it belongs."""

from workplan.imports.plan.bodies import BodyNames, countries_of, groups_in
from workplan.imports.plan.markers import is_placeholder
from workplan.imports.plan.pairing import (
    FROM_BELOW,
    Block,
    apply_group,
    pair_attribute,
    pair_groups,
    pair_outputs,
    split_at_colon,
    tracking,
)
from workplan.imports.plan.places import Places
from workplan.imports.plan.records import Draft, Reading
from workplan.imports.plan.roles import ACTIVITY, ATTRIBUTE, BODIES, COOPERATING, LEAD, OUTPUT, TIME, Layout
from workplan.imports.plan.source import Cell, Place, Row

SIDES = (BODIES, LEAD, COOPERATING, OUTPUT, ATTRIBUTE)


class RelatedCells:
    """Keeps which cells reach over which rows of a table, and pairs what they say with the activities there."""

    def __init__(self, places: Places, layout: Layout) -> None:
        self.places, self.layout = places, layout
        self.rows: list[int] = []
        self.activities: dict[int, list[Draft]] = {}
        self.begun_areas: dict[int, list[Draft]] = {}
        self.last_before: dict[int, Draft | None] = {}
        self.of_cell: dict[int, list[Draft]] = {}
        # The rows of an activity that is still to come, whose bodies are not those of the activity above.
        self.awaited: set[int] = set()
        # The rows that a cell beside the activities reaches over, by the cell.
        self.reaches: dict[int, tuple[Cell, int, list[int]]] = {}
        self.has_bodies = any(layout.has(role) for role in (BODIES, LEAD, COOPERATING))

    def remember(self, row: Row) -> None:
        """Keep what the cells of ``row`` reach over, also where it says nothing itself."""
        self.rows.append(row.number)
        self.activities[row.number], self.begun_areas[row.number] = [], []
        self.last_before[row.number] = self.places.last
        for cell in row.cells:
            origin = cell.origin or cell
            column = self.layout.column_of(cell)
            if column is None:
                continue
            if column.role == ACTIVITY:
                self.activities[row.number] += self.of_cell.get(id(origin), [])
            elif column.role in SIDES and (origin.is_filled or (origin.mark and column.means == TIME)):
                self.reaches.setdefault(id(origin), (origin, column.number, []))[2].append(row.number)

    def finish(self) -> None:
        """Pair what stands beside the activities with them."""
        blocks = self._blocks()
        for role in SIDES:
            for column in self.layout.columns:
                if column.role == role:
                    for block in blocks:
                        if cells := block.cells.get(column.number):
                            self._pair(role, column.number, cells, block)

    def _blocks(self) -> list[Block]:
        """The rows in groups that cells reach over."""
        group = {row: row for row in self.rows}

        def top(row: int) -> int:
            """The row that stands for the group of ``row``."""
            while group[row] != row:
                row = group[row]
            return row

        spans = [rows for _, _, rows in self.reaches.values()]
        of_activity: dict[int, list[int]] = {}
        for row, drafts in self.activities.items():
            for draft in drafts:
                of_activity.setdefault(id(draft), []).append(row)
        for rows in (*spans, *of_activity.values()):
            for row in rows[1:]:
                first, second = sorted((top(rows[0]), top(row)))
                group[second] = first
        found: dict[int, Block] = {}
        for row in self.rows:
            block = found.setdefault(top(row), Block([]))
            block.rows.append(row)
            block.activities += [one for one in self.activities[row] if one not in block.activities]
            block.areas += self.begun_areas[row]
        for cell, number, rows in self.reaches.values():
            found[top(rows[0])].cells.setdefault(number, []).append(cell)
        return list(found.values())

    def _pair(self, role: str, number: int, cells: list[Cell], block: Block) -> None:
        column = self.layout.columns[number - 1]
        merged = any(len(self.reaches[id(cell)][2]) > 1 for cell in cells)
        if role in (BODIES, LEAD, COOPERATING):
            self._bodies(cells, block, "" if role == BODIES else role, column.heading, merged=merged)
            return
        if not block.activities and not self._attach_to_last(block, column.heading):
            return
        if role == OUTPUT:
            pair_outputs(cells, block, column.heading)
            return
        pair_attribute(column, cells, block, merged=merged)

    def _attach_to_last(self, block: Block, heading: str) -> bool:
        """Whether there is an activity before that what stands beside none can belong to."""
        last = self.last_before.get(block.rows[0])
        if last is None or block.areas or self.awaited.intersection(block.rows):
            return False
        last.choose(FROM_BELOW.format(heading=heading))
        block.activities = [last]
        return True

    def _bodies(self, cells: list[Cell], block: Block, role: str, heading: str, *, merged: bool) -> None:
        groups, of_group = [], []
        for cell in cells:
            found = groups_in(cell.lines, self.places.names, role=role, heading=heading, by_weight=self.places.is_ours)
            groups += found
            of_group += [cell.place] * len(found)
        if not block.activities and block.areas and groups:
            block.activities = [tracking(area) for area in block.areas]
        if not block.activities and not self._attach_to_last(block, heading):
            return
        self._split_points(block, len(groups))
        places = dict(zip(map(id, groups), of_group, strict=True))
        for activity, group in pair_groups(groups, block, [cell.place for cell in cells], merged=merged):
            apply_group(activity, group, [places[id(group)]])
            if not group.parts and group.is_empty and is_placeholder(group.text):
                activity.note(f"{heading}: {group.text}")
            for named in (*group.leads, *group.cooperating):
                self._ask(activity, named.name, named.acronym, places[id(group)])

    def _ask(self, activity: Draft, name: str, acronym: str, place: Place) -> None:
        if acronym:
            return
        if self.places.names.is_answered(name):
            activity.note(f"Named among the bodies, and none of them: {name}")
        else:
            places = self.places.reading.unknown.setdefault(name, [])
            if place not in places:
                places.append(place)

    def _split_points(self, block: Block, count: int) -> None:
        """“Workshops on:” with as many points as groups of bodies stand beside it is as many activities."""
        if len(block.activities) != 1 or count < 2 or ":" not in block.activities[0].text:
            return
        beginning, *points = [point.strip() for point in block.activities[0].text.split("•")]
        if beginning.endswith(":") and len(points) == count:
            old = block.activities[0]
            block.activities = split_at_colon(old, points)
            if self.places.last is old:
                self.places.last = block.activities[-1]
            for row, before in self.last_before.items():
                if before is old:
                    self.last_before[row] = block.activities[-1]
            for row in block.rows:
                self.activities[row] = block.activities


def countries_from_remarks(reading: Reading, names: BodyNames) -> None:
    """The member states that remarks name as leading inside a body."""
    for draft in reading.of_kind(ACTIVITY):
        for remark in draft.notes:
            for acronym, countries in countries_of(remark, names):
                for named in (*draft.leads, *draft.cooperating):
                    if named.acronym == acronym and not named.country:
                        named.country = countries
