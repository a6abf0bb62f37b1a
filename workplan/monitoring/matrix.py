"""The matrix: the activities of a plan in their places in the document."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from workplan.models import Activity, CollaborationArea, Provision, Section, WorkPlan


@dataclass(slots=True)
class AreaBlock:
    """An area of collaboration with its activities, as they stand below one another in the matrix."""

    area: CollaborationArea
    activities: list[Activity] = field(default_factory=list)

    @property
    def lines(self) -> int:
        """How many rows of the matrix its cell covers: at least one, for what has no activity."""
        return max(1, len(self.activities))


@dataclass(slots=True)
class ProvisionBlock:
    """A provision with its areas, as they stand below one another in the matrix."""

    provision: Provision
    areas: list[AreaBlock] = field(default_factory=list)

    @property
    def lines(self) -> int:
        """How many rows of the matrix its cell covers: at least one, for what has no activity."""
        return max(1, sum(block.lines for block in self.areas))


@dataclass(slots=True)
class SectionBlock:
    """A section with its provisions, under one heading of the matrix."""

    section: Section
    provisions: list[ProvisionBlock] = field(default_factory=list)

    @property
    def number_of_activities(self) -> int:
        """How many activities stand under it."""
        return sum(len(area.activities) for block in self.provisions for area in block.areas)


def arrange(plan: WorkPlan, activities: list[Activity], *, complete: bool) -> list[SectionBlock]:
    """The activities in their places; with ``complete``, empty places are included, as in the document."""
    in_area = _by_parent(activities, "area_id")
    blocks = []
    areas = plan.collaborationareas.select_related("parent").prefetch_related("proposed_by").order_by("position")
    areas_of = _by_parent(areas, "provision_id")
    provisions_of = _by_parent(plan.provisions.order_by("position"), "section_id")
    for section in plan.sections.order_by("position"):
        section_block = SectionBlock(section)
        for provision in provisions_of.get(section.pk, []):
            block = ProvisionBlock(provision)
            for area in areas_of.get(provision.pk, []):
                if complete or area.pk in in_area:
                    block.areas.append(AreaBlock(area, in_area.get(area.pk, [])))
            if complete or block.areas:
                section_block.provisions.append(block)
        if complete or section_block.provisions:
            blocks.append(section_block)
    return blocks


def _by_parent(records: Iterable[Any], attribute: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for record in records:
        found.setdefault(getattr(record, attribute), []).append(record)
    return found
