"""The rows of a table as records: the places they stand under, and their activities."""

import re

from workplan.imports.plan import items as division
from workplan.imports.plan.markers import DASH, Item, goes_on, is_placeholder, kind_of, marked, round_bracket_at_end
from workplan.imports.plan.places import Places, band_of, draft_of, put_together, runs_on, same, single
from workplan.imports.plan.records import Draft
from workplan.imports.plan.related import RelatedCells
from workplan.imports.plan.roles import ACTIVITY, AREA, NUMBER, PROVISION, REF, SECTION, UNUSED, Layout, letters
from workplan.imports.plan.source import Cell, Line, Row, words

IN_ORDER = "Its marker names none of the areas beside it; it is read under the area that stands in the same order."
FIRST_AREA = "Several areas stand beside it and nothing says which is meant; it is read under the first."
SAME_AREA = "Its marker names none of the areas beside it; it is read under that of the activity before it."
OTHER_MARKER = "Its marker names another area than the one it stands beside; it is read under the one it stands beside."
IN_BRACKETS = "The brackets at its end may name who coordinates it; they are kept as a remark."
OWN_EMPTY = (["No activity is proposed."], ["No area of collaboration."])
OWN_TRACKED = "Tracked as an area: no activity is proposed."
# What stands above headings and is said of the plan as a whole.
FACT = re.compile(
    r"\s*(?:project|title|name|period|date|prepared|version|country|ministry|agency)[\w ]*:", re.IGNORECASE
)


def read_table(places: Places, layout: Layout) -> None:
    """All rows of one table, then what stands beside its activities."""
    table = _Rows(places, layout)
    heading = [{letters(cell.text) for cell in row.filled} for row in layout.heading]
    for row in layout.heading:
        for cell in row.cells:
            places.claim(cell, cell.text)
            places.reading.notices += [f"At the heading “{cell.text}”: {remark}" for remark in cell.remarks]
    for row in layout.above:
        _above(places, layout, row)
    is_first = True
    for row in layout.rows:
        filled = row.filled
        if not filled:
            table.remember(row)
            continue
        if heading and {letters(cell.text) for cell in filled} in heading:
            for cell in filled:
                places.claim(cell, cell.text)
            is_first = True  # a new page
            continue
        if letters(filled[0].text).startswith(("total", "subtotal", "grandtotal")):
            continue
        if band := band_of(layout, row):
            places.band(layout, band)
            for cell in filled:  # a band may be written into each cell
                places.claim(cell, cell.text)
            continue
        places.last_band = ""
        # What stands alone in its row may go on from the row above as well.
        table.row(row, is_first=is_first or len(filled) == 1)
        is_first = False
    table.finish()


def _above(places: Places, layout: Layout, row: Row) -> None:
    """A row above the headings: a band, or facts of the plan."""
    filled = row.filled
    text = " ".join(cell.text for cell in filled)
    is_fact = len(filled) != 1 or bool(FACT.match(text)) or not band_of(layout, row)
    if is_fact and filled:
        for cell in filled:
            places.claim(cell, cell.text)
        places.reading.facts.append(" — ".join(" ".join(cell.text.split()) for cell in filled))
    elif filled:
        places.band(layout, filled[0])


class _Rows(RelatedCells):
    """Reads the rows of one table."""

    def row(self, row: Row, *, is_first: bool) -> None:
        """One row with records."""
        places = self.places
        cells = self._by_role(row)
        number = single([line for cell in cells.get(NUMBER, []) for line in cell.lines]) if NUMBER in cells else None
        given = " ".join(cell.text.strip() for cell in cells.get(REF, []))
        begun: list[Draft] = []
        for cell in cells.get(SECTION, []):
            places.begin_section(" ".join(cell.text.split()), cell)
        for cell in cells.get(PROVISION, []):
            self._provision(cell, is_first, given)
        for cell in cells.get(AREA, []):
            begun += self._area(cell, is_first, given)
        before = places.last
        for cell in cells.get(ACTIVITY, []):
            self.of_cell[id(cell)] = self._activities(cell, is_first, given)
        self.remember(row)
        self.last_before[row.number] = before
        self.begun_areas[row.number] = begun
        for draft in self.activities[row.number][:1] if given else ():
            draft.related += [cell.place for cell in cells[REF]]
        if number is not None:
            self._number(cells, number, begun, row)

    def _by_role(self, row: Row) -> dict[str, list[Cell]]:
        found: dict[str, list[Cell]] = {}
        for cell in row.filled:
            column = self.layout.column_of(cell)
            found.setdefault(column.role if column else UNUSED, []).append(cell)
        return found

    def _number(self, cells: dict[str, list[Cell]], number: Item, begun: list[Draft], row: Row) -> None:
        """A column of numbers marks what begins in the next column to its right."""
        for cell in cells[NUMBER]:
            following = [column.role for column in self.layout.columns if column.left >= cell.right]
            role = next((one for one in following if one in (PROVISION, AREA, ACTIVITY)), "")
            of_role: dict[str, list[Draft | None]] = {
                PROVISION: [self.places.provision],
                AREA: [*begun],
                ACTIVITY: [*self.activities[row.number]],
            }
            target = next((one for one in of_role.get(role, []) if one is not None and role in cells), None)
            if target is None:
                continue
            if not target.marker:
                target.marker, target.parts = number.marker or number.text, number.parts or kind_of(number.text)[1]
            target.printed = f"{cell.text} {target.printed}".strip()
            target.places.insert(0, cell.place)

    def _items(self, cell: Cell, kind: str) -> list[Item]:
        if self.places.is_ours:
            found = [one for one in division.item_of_ours(cell.lines) if one.ref or one.remarks[:1] not in OWN_EMPTY]
            if not found:
                self.places.claim(cell, cell.text)
            if kind in (PROVISION, AREA):
                for item in found:
                    one = marked(Line(item.lines[0] if item.lines else ""))
                    if one.marker and self.places.reading.source.kind == "docx" and one.kind != DASH:
                        item.marker, item.parts, item.lines[:1] = one.marker, one.parts, [one.text]
            return found
        divide = {PROVISION: division.provisions_in, AREA: division.areas_in, ACTIVITY: division.activities_in}
        return divide[kind](cell.lines)

    def _provision(self, cell: Cell, is_first: bool, given: str) -> None:
        places = self.places
        now = places.provision
        for item in self._items(cell, PROVISION):
            key = item.ref or ".".join(given.split(".")[:2])
            if now is not None and letters(now.printed) == letters(item.text_as_printed) and key == now.given:
                same(now, item, cell)
                continue
            if now is not None and is_first and not item.marker and runs_on(now, item):
                put_together(now, item, cell)
                continue
            now = places.begin_provision(item, cell)
            now.given = key
            if not self.has_bodies and not places.is_ours:
                bracket, before = round_bracket_at_end(now.text)
                if bracket and before:
                    now.text = before
                    now.note(f"({bracket})")
                    now.choose(IN_BRACKETS)

    def _area(self, cell: Cell, is_first: bool, given: str) -> list[Draft]:
        places = self.places
        begun: list[Draft] = []
        before = list(places.areas)
        places.areas = []
        for item in self._items(cell, AREA):
            key = item.ref or given.rpartition(".")[0]
            again = [
                one for one in before if letters(one.printed) == letters(item.text_as_printed) and key == one.given
            ]
            if again:
                same(again[0], item, cell)
                places.areas.append(again[0])
            elif before and is_first and not begun and not item.marker and runs_on(before[-1], item):
                put_together(before[-1], item, cell)
                places.areas = before
            else:
                begun.append(places.begin_area(item, cell))
                begun[-1].given = key
        if not places.areas:
            places.areas = before
        return begun

    def _activities(self, cell: Cell, is_first: bool, given: str) -> list[Draft]:
        places = self.places
        found: list[Draft] = []
        items = []
        for item in self._items(cell, ACTIVITY):
            if is_placeholder(item.text) and not item.remarks:
                self._no_activity(cell, item)
            else:
                items.append(item)
        for place, item in enumerate(items):
            if not item.text and not item.remarks:
                continue
            last = places.last
            if is_first and not found and last is not None and not item.marker and goes_on(item.text):
                put_together(last, item, cell)
                found.append(last)
                continue
            found.append(self._activity(cell, item, items, place, item.ref or given))
        return found

    def _no_activity(self, cell: Cell, item: Item) -> None:
        """What holds the place of an activity that is still to come is a remark on the area."""
        if words(item.text):
            area = self.places.area_now()[0]
            area.note(f"{self.layout.heading_of(ACTIVITY)}: {item.text_as_printed}")
            area.related.append(cell.place)
            self.awaited.add(cell.place.row)

    def _activity(self, cell: Cell, item: Item, items: list[Item], place: int, given: str) -> Draft:
        places = self.places
        draft = draft_of(ACTIVITY, item, cell)
        draft.given = given
        area = self._area_of(draft, items, place)
        if places.is_ours and not item.text and item.remarks[:1] == [OWN_TRACKED]:
            draft.tracks_area, draft.text, draft.printed = True, area.text, area.printed
            draft.notes = item.remarks[1:]
        places.last = area.add(draft)
        return draft

    def _area_of(self, draft: Draft, items: list[Item], place: int) -> Draft:
        """The area that an activity stands under: by its number, else beside it."""
        areas = self.places.area_now()
        if len(areas) == 1:
            parts = areas[0].parts
            if (
                parts
                and draft.parts
                and draft.parts[: len(parts)] != parts
                and parts[0].isdigit() == draft.parts[0].isdigit()
            ):
                draft.choose(OTHER_MARKER)
            return areas[0]
        named = [one for one in areas if one.parts and one.parts == draft.parts[: len(one.parts)]]
        if named:
            return max(named, key=lambda one: len(one.parts))
        if len(items) == len(areas):
            draft.choose(IN_ORDER)
            return areas[place]
        last = self.places.last
        if place and last is not None and last.above in areas:
            draft.choose(SAME_AREA)
            return last.above
        draft.choose(FIRST_AREA)
        return areas[0]
