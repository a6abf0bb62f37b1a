"""Coverage: lead and cooperating bodies, provision by provision, and the gaps.

A total counts each activity once. An activity counts in the column of each of its bodies, so the columns of a line
add up to more than its total; its roles do too, since most activities have both. Lines add up, for no activity is
in two provisions, and so do the two roles of one body, for a body has one role in an activity.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from workplan import rules
from workplan.filters import ActivityFilterSet, AreaFilterSet, ProvisionFilterSet
from workplan.filters.document import TRUE
from workplan.models import CollaborationArea, Provision, Section, SectoralBody
from workplan.monitoring.summary import PLACES, BodyTally, Tally, count_parts, tally_by_place
from workplan.rules import EMPTY_AREAS, EMPTY_PROVISIONS, LEADS_NOTHING

# What the lists of provisions and of areas call the places that a filter of activities names.
IN_PROVISIONS = {"section": "section", "provision": "ref", "area": "area", "as_of": "as_of"}
IN_AREAS = {"section": "section", "provision": "provision", "area": "area", "as_of": "as_of"}


@dataclass(slots=True)
class Line:
    """One line of the matrix: a provision, a section, or all of them.

    Attributes:
        place: the provision or section of the line; ``None`` for all.
        cells: each body with its part in the line.
        whole: the activities of the line, each once.
        by_role: those of them that have a body in a role, each once.
        gaps: those that lack what a value of ``rules.GAPS`` says.
        is_empty: whether the plan has no activity there, whatever is filtered by.
    """

    place: Provision | Section | None
    cells: list[BodyTally]
    whole: Tally = field(default_factory=Tally)
    by_role: dict[str, Tally] = field(default_factory=dict)
    gaps: dict[str, Tally] = field(default_factory=dict)
    is_empty: bool = False

    @classmethod
    def over(cls, place: Section | None, bodies: Iterable[SectoralBody], lines: Sequence["Line"]) -> "Line":
        """``lines`` together. No activity is in two provisions, so what they count adds up."""
        found = cls(place, [BodyTally(body) for body in bodies])
        for line in lines:
            found.whole.by_status += line.whole.by_status
            for mine, theirs in ((found.by_role, line.by_role), (found.gaps, line.gaps)):
                for name, tally in theirs.items():
                    mine.setdefault(name, Tally()).by_status += tally.by_status
            for cell, part in zip(found.cells, line.cells, strict=True):
                cell.lead.by_status += part.lead.by_status
                cell.cooperating.by_status += part.cooperating.by_status
        return found


@dataclass(slots=True)
class Block:
    """A section with its provisions.

    Attributes:
        line: the section as a whole.
    """

    line: Line
    provisions: list[Line]


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that nobody has taken up: how often, and where.

    Attributes:
        term: what it is, of ``rules.COVERAGE_GAPS``.
        number: how many activities, places or bodies.
        found: they themselves, in order; activities only when somebody reads them.
        query: what the list of these activities, provisions or areas is asked for.
    """

    term: rules.Term
    number: int
    found: Any
    query: str = ""


@dataclass(slots=True)
class Coverage:
    """The whole matrix.

    Attributes:
        bodies: its columns.
        roles: the roles that are counted.
        blocks: its lines, by section.
        total: all lines together.
        gaps: what nobody has taken up.
        asked: the filters that the activities were found by, with their values.
    """

    bodies: list[SectoralBody]
    roles: list[str]
    blocks: list[Block]
    total: Line
    asked: Mapping[str, Sequence[str]]
    gaps: list[Gap] = field(default_factory=list)

    def query(self, chosen: Mapping[str, str]) -> str:
        """What lists exactly the rows behind a number.

        Args:
            chosen: what makes the number one of its line, column, role, status or gap. It takes the place of what
                all of them were filtered by.
        """
        return query(self.asked, chosen)


def query(asked: Mapping[str, Sequence[str]], chosen: Mapping[str, str]) -> str:
    """``chosen``, then whatever else is ``asked`` for, as a query string."""
    left = [(name, value) for name, values in asked.items() if name not in chosen for value in values]
    return "?" + urlencode([*chosen.items(), *left])


def of(filterset: ActivityFilterSet, plans: Sequence[str]) -> Coverage:
    """The coverage of the activities that ``filterset``, which has no problems, leaves.

    The filters by body and by role choose columns and the roles counted in them. What is in a column is counted
    without them, so that the number of one body does not depend on what else is shown.

    Args:
        plans: codes of the plans whose provisions are the lines; empty for all.
    """
    asked = _asked(filterset)
    chosen = filterset.form.cleaned_data
    bodies = list(chosen["body"]) or list(SectoralBody.objects.all())
    roles = [role for role in rules.ROLES.values if role in (chosen["role"] or rules.ROLES.values)]
    lines = _lines(filterset, bodies, roles, _places(asked, IN_PROVISIONS, plans))
    blocks = []
    for section, provisions in _by_section(lines.values()).items():
        blocks.append(Block(Line.over(section, bodies, provisions), provisions))
    total = Line.over(None, bodies, [block.line for block in blocks])
    found = Coverage(bodies, roles, blocks, total, asked)
    found.gaps = _gaps(found, filterset, plans)
    for provision in found.gaps[0].found:
        lines[provision.pk].is_empty = True
    return found


def _asked(filterset: ActivityFilterSet) -> dict[str, list[str]]:
    given = filterset.data
    return {name: given.getlist(name) for name in filterset.filters if name in given and name != "ordering"}


def _lines(
    filterset: ActivityFilterSet, bodies: Collection[SectoralBody], roles: Sequence[str], places: QueryDict
) -> dict[int, Line]:
    """Each provision of ``places`` with what is counted in it, by id."""
    provisions = ProvisionFilterSet(places, queryset=Provision.objects.select_related("section__plan", "plan")).qs
    lines = {one.pk: Line(one, [BodyTally(body) for body in bodies]) for one in provisions.order_by("plan", "position")}
    here = [line.place for line in lines.values() if isinstance(line.place, Provision)]
    for place, tally in tally_by_place(filterset.qs, here):
        lines[place.pk].whole = tally
    without_role, matching = filterset.rows_without("role"), filterset.form.cleaned_data["body"] or None
    for role in roles:
        for place, tally in tally_by_place(without_role.involving(matching, role), here):
            lines[place.pk].by_role[role] = tally
    without_gap = filterset.rows_without("gap")
    for gap in rules.GAPS.values:
        for place, tally in tally_by_place(without_gap.in_gap([gap]), here):
            lines[place.pk].gaps[gap] = tally
    column = {body.pk: number for number, body in enumerate(bodies)}
    parts = count_parts(filterset.rows_without("body", "role"), column, PLACES[Provision])
    for (pk, body, role, status), number in parts.items():
        if pk in lines:  # and not a provision that is being added
            lines[pk].cells[column[body]].of(role).by_status[status] += number
    return lines


def _by_section(lines: Iterable[Line]) -> dict[Section, list[Line]]:
    found: dict[Section, list[Line]] = {}
    for line in lines:
        assert isinstance(line.place, Provision)
        found.setdefault(line.place.section, []).append(line)
    return found


def _gaps(found: Coverage, filterset: ActivityFilterSet, plans: Sequence[str]) -> list[Gap]:
    """What nobody has taken up, in the order of ``rules.COVERAGE_GAPS``."""
    of_provisions, of_areas = (_places(found.asked, names, plans, empty=TRUE) for names in (IN_PROVISIONS, IN_AREAS))
    request = filterset.request
    provisions = ProvisionFilterSet(of_provisions, queryset=Provision.objects.select_related("plan"), request=request)
    areas = AreaFilterSet(of_areas, queryset=CollaborationArea.objects.select_related("plan"), request=request)
    idle = [cell.body for cell in found.total.cells if not cell.lead.total]
    places = (
        (EMPTY_PROVISIONS, provisions.qs.order_by("plan", "position"), of_provisions),
        (EMPTY_AREAS, areas.qs.order_by("plan", "position"), of_areas),
    )
    gaps = [Gap(rules.COVERAGE_GAPS[name], len(rows), rows, "?" + asked.urlencode()) for name, rows, asked in places]
    gaps.append(Gap(rules.COVERAGE_GAPS[LEADS_NOTHING], len(idle), idle))
    rows = filterset.rows_without("gap").order_by("plan", "position")
    gaps[2:2] = [
        Gap(rules.COVERAGE_GAPS[name], number.total, rows.in_gap([name]), found.query({"gap": name}))
        for name, number in ((name, found.total.gaps.get(name, Tally())) for name in rules.GAPS.values)
    ]
    return gaps


def _places(
    asked: Mapping[str, Sequence[str]], names: Mapping[str, str], plans: Sequence[str], empty: str = ""
) -> QueryDict:
    """What a list of provisions or of areas is asked for, to hold those that the activities are filtered by."""
    found = QueryDict(mutable=True)
    if empty:
        found["empty"] = empty
    for code in plans:
        found.appendlist("plan", code)
    for name, theirs in names.items():
        if name in asked and (name != "as_of" or empty):
            found.setlist(theirs, list(asked[name]))
    return found
