"""Which bodies, outputs and attributes of a row belong to which of its activities."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from workplan.imports.plan.bodies import NOT_PAIRED, Group
from workplan.imports.plan.items import activities_in
from workplan.imports.plan.markers import is_placeholder, marked
from workplan.imports.plan.records import Draft
from workplan.imports.plan.roles import Column
from workplan.imports.plan.source import Cell, Line, Place

BY_ORDER = "{count} activities and {count} groups of bodies stand in the row; they are paired in their order."
BY_AREA = "As many groups of bodies as areas stand in the row; each is read for its area, in their order."
FOR_ALL = "Its bodies are printed once beside {count} activities and are read as those of all of them."
OUTPUTS_BY_ORDER = "As many outputs as activities stand in the row; they are paired in their order."
FOR_SEVERAL = "“{heading}” is printed once beside {count} activities and is kept with each of them."
FROM_BELOW = "What stands in the row below it, beside no activity, is read as belonging to it ({heading})."
SHADED = "marked by shading"
SPLIT_AT_COLON = "Its points are read as activities of their own, because as many groups of bodies stand beside them."


@dataclass(slots=True)
class Block:
    """Rows that belong together because a cell reaches over them.

    Attributes:
        rows: the numbers of the rows.
        activities: the activities in them.
        areas: the areas that begin in them.
        cells: for the number of each column, the cells that say something.
    """

    rows: list[int]
    activities: list[Draft] = field(default_factory=list)
    areas: list[Draft] = field(default_factory=list)
    cells: dict[int, list[Cell]] = field(default_factory=dict)


def pair_groups(
    groups: list[Group], block: Block, places: Sequence[Place], *, merged: bool
) -> list[tuple[Draft, Group]]:
    """Which activity has which bodies: by the same marker, the same count, one for all, or nobody knows.

    Args:
        places: the cells that name them.
        merged: whether their cell is merged over the rows of the activities, which says that it is for all.
    """
    activities = block.activities
    if len(activities) == 1:
        return [(activities[0], group) for group in groups]
    by_marker = _by_marker([group.parts for group in groups], activities)
    if by_marker is not None:
        return [(activities[place], group) for place, group in zip(by_marker, groups, strict=True)]
    empty = [area for area in block.areas if not area.below]
    if empty and len(groups) == len(block.areas) > 1:
        pairs = []
        for area, group in zip(block.areas, groups, strict=True):
            for activity in area.activities() or [tracking(area)]:
                activity.choose(BY_AREA)
                pairs.append((activity, group))
        return pairs
    if len(groups) == len(activities):
        for activity in activities:
            activity.choose(BY_ORDER.format(count=len(activities)))
        return list(zip(activities, groups, strict=True))
    if len(groups) == 1:
        if not merged:
            for activity in activities:
                activity.choose(FOR_ALL.format(count=len(activities)))
        return [(activity, groups[0]) for activity in activities]
    printed = " ".join(group.text for group in groups)
    what = f"{len(groups)} groups of bodies stand beside {len(activities)} activities"
    for activity in activities:
        activity.choose(NOT_PAIRED.format(what=what))
        activity.bodies_as_printed = " ".join(filter(None, (activity.bodies_as_printed, printed)))
        activity.body_places += places
        for group in groups:
            for remark in group.remarks:
                activity.note(remark)
    return []


def _by_marker(parts: list[tuple[str, ...]], activities: Sequence[Draft]) -> list[int] | None:
    """For each marker the place of the activity with the same; ``None`` unless each has one."""
    of_activities = [activity.parts for activity in activities]
    if not all(parts) or not all(one in of_activities for one in parts):
        return None
    return [of_activities.index(one) for one in parts]


def tracking(area: Draft) -> Draft:
    """An activity that stands for an area for which the plan proposes none."""
    return area.add(Draft("activity", area.text, area.printed, places=list(area.places), tracks_area=True))


def apply_group(activity: Draft, group: Group, places: Sequence[Place]) -> None:
    """Give ``activity`` the bodies of ``group``."""
    for named in group.leads:
        _add(activity.leads, named, activity)
    for named in group.cooperating:
        _add(activity.cooperating, named, activity)
    activity.all_others = activity.all_others or group.all_others
    activity.bodies_as_printed = " ".join(filter(None, (activity.bodies_as_printed, group.text)))
    activity.body_places += [place for place in places if place not in activity.body_places]
    for why in group.why:
        activity.choose(why)
    for remark in group.remarks:
        activity.note(remark)


def _add(into: list, named: object, activity: Draft) -> None:
    acronym = named.acronym  # type: ignore[attr-defined]
    taken = {one.acronym for one in (*activity.leads, *activity.cooperating) if one.acronym}
    if acronym not in taken:
        into.append(named)


def split_at_colon(activity: Draft, points: list[str]) -> list[Draft]:
    """An activity “Workshops on: …” as one for each of its points, with its beginning before each."""
    assert activity.above is not None
    beginning = activity.text.partition(": ")[0] + ":"
    found = []
    for point in points:
        one = Draft("activity", f"{beginning} {point}", f"{beginning} {point}", marker=activity.marker)
        one.places, one.parts = list(activity.places), activity.parts
        one.why = [*activity.why, SPLIT_AT_COLON]
        one.above = activity.above
        found.append(one)
    found[0].printed = activity.printed
    found[-1].notes = list(activity.notes)
    place = activity.above.below.index(activity)
    activity.above.below[place : place + 1] = found
    return found


def pair_outputs(cells: list[Cell], block: Block, heading: str) -> None:
    """Expected outputs: by the same marker, the same count, or the whole for all."""
    lines = [line for cell in cells for line in cell.lines if line.text]
    activities = block.activities
    _relate(cells, activities)
    items = activities_in(lines)
    if len(activities) > 1:
        by_marker = _by_marker([item.parts for item in items], activities)
        if by_marker is None and len(items) == len(activities):
            by_marker = list(range(len(items)))
            for activity in activities:
                activity.choose(OUTPUTS_BY_ORDER)
        if by_marker is not None:
            for place, item in zip(by_marker, items, strict=True):
                whole = item.printed
                _set_output(activities[place], " ".join(" ".join(whole).split()), heading, item.text)
                for remark in item.remarks:
                    if remark not in " ".join(whole):
                        activities[place].note(remark)
            return
    text = as_text(lines)
    for activity in activities:
        _set_output(activity, text, heading)
        if len(activities) > 1:
            activity.choose(FOR_SEVERAL.format(heading=heading, count=len(activities)))
    for cell in cells:
        for remark in cell.remarks:
            activities[0].note(remark)


def _relate(cells: list[Cell], activities: Sequence[Draft]) -> None:
    for activity in activities:
        activity.related += [cell.place for cell in cells if cell.place not in activity.related]


def _set_output(activity: Draft, text: str, heading: str, bare: str = "") -> None:
    """Keep ``text`` as the output of ``activity``; ``bare`` are its words without their marker."""
    if is_placeholder(bare or text):
        activity.note(f"{heading}: {text}")
    else:
        activity.expected_output = "\n".join(filter(None, (activity.expected_output, text)))


def pair_attribute(column: Column, cells: list[Cell], block: Block, *, merged: bool) -> None:
    """A column that is kept as a named attribute: by the same marker, or the whole for each activity."""
    lines = [line for cell in cells for line in cell.lines if line.text]
    _relate(cells, block.activities)
    by_marker = None
    items = [marked(line) for line in lines]
    if len(block.activities) > 1 and all(item.parts for item in items):
        by_marker = _by_marker([item.parts for item in items], block.activities)
    if by_marker is not None:
        for place, item in zip(by_marker, items, strict=True):
            set_attribute(block.activities[place], column, _printed(item.line), item.text)
    else:
        text = "\n".join(_printed(line) for line in lines)
        shaded = any(cell.mark for cell in cells)
        for activity in block.activities:
            set_attribute(activity, column, text or (SHADED if shaded else ""))
            if len(block.activities) > 1 and not merged and text:
                activity.choose(FOR_SEVERAL.format(heading=column.heading, count=len(block.activities)))
    for cell in cells:
        for remark in cell.remarks:
            block.activities[0].note(remark)


def set_attribute(activity: Draft, column: Column, text: str, bare: str = "") -> None:
    """Keep ``text`` under the heading of ``column``; what only holds the place of a value is a note.

    Args:
        bare: its words without their marker.
    """
    name = column.heading or f"Column {column.number}"
    if is_placeholder(bare or text):
        activity.note(f"{name}: {text}")
    else:
        activity.attributes[name] = "\n".join(filter(None, (activity.attributes.get(name), text)))


def as_text(lines: Sequence[Line]) -> str:
    """Lines of a cell as one text, with their markers."""
    return "\n".join(_printed(line) for line in lines)


def _printed(line: Line) -> str:
    return f"{line.marker} {line.text}".strip()
