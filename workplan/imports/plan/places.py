"""Where the next record goes: the section, provision and area that rows stand under, and bands that change them."""

from collections.abc import Iterator

from workplan.imports.plan.bodies import BodyNames
from workplan.imports.plan.markers import Item, bracket_at_end, goes_on, marked
from workplan.imports.plan.records import UNNAMED, Draft, Reading
from workplan.imports.plan.roles import AREA, PROVISION, SECTION, Layout, letters
from workplan.imports.plan.source import Cell, Line, Place, Row

RUNS_ON = "It runs over the end of a page or table; the parts are put together."
UNKNOWN_PROPOSER = "The brackets at its end may name who proposed it; no such body is known."
SHORTEST_SHARE = 0.8  # of the width of a table that a band takes


class Places:
    """The places that the rows of a plan stand under; what a page leaves open the next one goes on with.

    Args:
        reading: where the records go.
        names: the known bodies.
    """

    def __init__(self, reading: Reading, names: BodyNames) -> None:
        self.reading, self.names = reading, names
        self.is_ours = reading.source.is_ours
        self.claims: dict[Place, list[str]] = {}
        self.section: Draft | None = None
        self.pending = ""
        self.provision: Draft | None = None
        self.areas: list[Draft] = []
        self.last: Draft | None = None
        self.bands: dict[tuple[str, int, bool], str] = {}
        self.last_band = ""

    def claim(self, cell: Cell, text: str) -> None:
        """Say that ``text`` of ``cell`` became part of something."""
        self.claims.setdefault(cell.place, []).append(text)

    # Bands and places above

    def begin_section(self, text: str, cell: Cell | None = None) -> None:
        """A section begins, unless it is the one that goes on."""
        item = single([Line(text)])
        if self.section is not None and letters(self.section.printed) == letters(text):
            if cell is not None:
                self.section.places.append(cell.place)
            return
        self.pending = ""
        self.section = Draft(SECTION, item.text or text, text, item.marker, item.parts)
        if cell is not None:
            self.section.places.append(cell.place)
            for remark in cell.remarks:
                self.section.note(remark)
        self.reading.sections.append(self.section)
        self.provision, self.areas, self.last = None, [], None

    def band(self, layout: Layout, cell: Cell) -> None:
        """A row over all columns: a section, or a level that has no column of its own."""
        text = " ".join(cell.text.split())
        marker = next((line.marker for line in cell.lines if line.marker), "")
        one = marked(Line(text, marker))
        shape = (one.family or one.kind, len(one.parts), bool(cell.mark))
        level = self.bands.get(shape)
        if level is None:
            level = {"": SECTION, SECTION: PROVISION, PROVISION: AREA, AREA: AREA}[self.last_band]
            if layout.has(PROVISION) and level == PROVISION:
                level = SECTION
            self.bands[shape] = level
        self.last_band = level
        printed = f"{marker} {text}".strip()
        if level == SECTION:
            self.begin_section(printed, cell)
        elif level == PROVISION:
            self.begin_provision(single([Line(text, marker)]), cell)
        else:
            self.areas = []
            self.begin_area(single([Line(text, marker)]), cell)

    def section_now(self) -> Draft:
        """The section that the next provision stands under."""
        if self.section is None:
            if self.pending:
                self.begin_section(self.pending)
            else:
                self.section = Draft(SECTION, UNNAMED[SECTION])
                self.reading.sections.append(self.section)
        assert self.section is not None
        return self.section

    def provision_now(self) -> Draft:
        """The provision that the next area stands under; one without name where none is named."""
        if self.provision is None:
            self.provision = self.section_now().add(Draft(PROVISION, UNNAMED[PROVISION]))
        return self.provision

    def area_now(self) -> list[Draft]:
        """The areas that the next activities stand under; one without name where none is named."""
        if not self.areas:
            self.areas = [self.provision_now().add(Draft(AREA, UNNAMED[AREA]))]
        return self.areas

    def begin_provision(self, item: Item, cell: Cell) -> Draft:
        """A provision begins."""
        draft = draft_of(PROVISION, item, cell)
        self.provision = self.section_now().add(draft)
        self.areas, self.last = [], None
        return draft

    def begin_area(self, item: Item, cell: Cell) -> Draft:
        """An area begins, under the one whose number begins its own."""
        draft = draft_of(AREA, item, cell)
        self._take_proposers(draft)
        provision = self.provision_now()
        if item.ref:
            above = [one for one in areas_of(provision) if item.ref.startswith(f"{one.given}.")]
            max(above, key=lambda one: len(one.given), default=provision).add(draft)
        else:
            above = [one for one in areas_of(provision) if one.parts and one.parts == draft.parts[: len(one.parts)]]
            above = [one for one in above if len(one.parts) < len(draft.parts)]
            max(above, key=lambda one: len(one.parts), default=self._meant(provision, draft)).add(draft)
        self.areas.append(draft)
        return draft

    def _meant(self, provision: Draft, draft: Draft) -> Draft:
        """What “1.1” stands under where no “1.” is printed: the area before it that announces what follows."""
        before = provision.below[-1] if provision.below else None
        if len(draft.parts) == 2 and before is not None and not before.parts and before.text.endswith(":"):
            before.parts = draft.parts[:1]
            before.choose(f"No number is printed before it; “{draft.marker}” below it shows that it is meant.")
            return before
        return provision

    def _take_proposers(self, area: Draft) -> None:
        """Bodies in square brackets at the end of an area proposed it."""
        bracket, before = bracket_at_end(area.text)
        if not bracket or not before:
            return
        named = self.names.named(bracket)
        if named and all(one.acronym for one in named):
            area.proposed_by = [*dict.fromkeys([*(one.acronym for one in named), *area.proposed_by])]
            rest = Item(lines=[before])
            rest.take_remarks()
            area.text = rest.text
            for remark in rest.remarks:
                area.note(remark)
            self._take_proposers(area)
        elif bracket.isupper():
            area.choose(UNKNOWN_PROPOSER)


def single(lines: list[Line]) -> Item:
    """A cell as one item."""
    item = Item()
    for line in lines:
        one = marked(line)
        if not item.printed:
            item.marker, item.parts = one.marker, one.parts
            item.add(one.text, line)
        else:
            item.add(line.text, line)
    return item


def draft_of(kind: str, item: Item, cell: Cell) -> Draft:
    """``item`` as a record that was read from ``cell``."""
    text = item.text if "\n" not in item.lines else "\n".join(line for line in item.lines if line != "\n")
    draft = Draft(kind, text, item.text_as_printed, item.marker, item.parts)
    draft.places.append(cell.place)
    draft.why = list(dict.fromkeys(item.why))
    for remark in item.remarks:
        draft.note(remark)
    if not draft.text and draft.notes:
        draft.text = draft.notes[0]
    if not draft.text:
        draft.text = draft.marker
    return draft


def runs_on(before: Draft, item: Item) -> bool:
    """Whether ``item`` goes on with a sentence that ``before`` leaves open."""
    return goes_on(item.text)


def put_together(draft: Draft, item: Item, cell: Cell) -> None:
    """``item`` is the end of ``draft``."""
    draft.text = f"{draft.text} {item.text}"
    draft.printed = f"{draft.printed} {item.text_as_printed}"
    draft.choose(RUNS_ON)
    same(draft, item, cell)


def same(draft: Draft, item: Item, cell: Cell) -> None:
    """``item`` is ``draft`` once more."""
    draft.places.append(cell.place)
    for remark in item.remarks:
        draft.note(remark)


def areas_of(above: Draft) -> Iterator[Draft]:
    """All areas below ``above``."""
    for one in above.below:
        if one.kind == AREA:
            yield one
            yield from areas_of(one)


def band_of(layout: Layout, row: Row) -> Cell | None:
    """The cell of a row that is a band over the table; ``None`` for other rows."""
    filled = row.filled
    whole = layout.table.right - min(cell.left for cell in row.cells)
    if len(filled) == 1 and (filled[0].right - filled[0].left) >= whole * SHORTEST_SHARE and len(layout.columns) > 1:
        return filled[0]
    if len(filled) == 1 and all(line.is_strong for line in filled[0].lines if line.text):
        others = [cell for cell in row.cells if cell is not filled[0]]
        if not any(cell.origin for cell in others):
            return filled[0]
    if len(filled) >= 3 and len({letters(cell.text) for cell in filled}) == 1 and len(filled) == len(row.cells):
        return filled[0]
    return None
