"""The plan as a whole: its home, and the matrix its readers know."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from workplan import completion, summary
from workplan.models import (
    Activity,
    CollaborationArea,
    Provision,
    ReportingRound,
    Section,
    SectoralBody,
    StatusUpdate,
    WorkPlan,
)
from workplan.views.browsing import filtered, query_to_save, view_of, view_words
from workplan.views.looking_back import LookingBack

LATELY = 8


def home(request: HttpRequest, code: str = "") -> HttpResponse:
    """What the plan is, how far it is, and what changed lately."""
    plan = get_object_or_404(WorkPlan, code=code) if code else WorkPlan.objects.current()
    if plan is None:
        return render(request, "workplan/no_plan.html")
    rows = Activity.objects.visible_to(request.user).filter(plan=plan)
    open_rounds = ReportingRound.objects.visible_to(request.user).for_display().open().filter(plan=plan)
    return render(
        request,
        "workplan/home.html",
        {
            "plan": plan,
            "tally": summary.tally(rows),
            "sections": summary.tally_by_place(rows, plan.sections.all()),
            "bodies": summary.tally_by_body(rows, SectoralBody.objects.all()),
            "latest": StatusUpdate.objects.visible_to(request.user)
            .published()
            .for_display()
            .filter(activity__plan=plan)[:LATELY],
            "completions": completion.of_rounds(open_rounds, request.user),
        },
    )


def plans(request: HttpRequest) -> HttpResponse:
    """All plans and editions."""
    return render(request, "workplan/plans.html", {"plans": WorkPlan.objects.all()})


@dataclass(slots=True)
class AreaBlock:
    area: CollaborationArea
    activities: list[Activity] = field(default_factory=list)

    @property
    def lines(self) -> int:
        return max(1, len(self.activities))


@dataclass(slots=True)
class ProvisionBlock:
    provision: Provision
    areas: list[AreaBlock] = field(default_factory=list)

    @property
    def lines(self) -> int:
        return max(1, sum(block.lines for block in self.areas))


@dataclass(slots=True)
class SectionBlock:
    section: Section
    provisions: list[ProvisionBlock] = field(default_factory=list)

    @property
    def number_of_activities(self) -> int:
        return sum(len(area.activities) for block in self.provisions for area in block.areas)


def matrix(request: HttpRequest, code: str) -> HttpResponse:
    """The document: section, provision, area, activities. Filters leave out what has no matching activity."""
    plan = get_object_or_404(WorkPlan, code=code)
    filterset = filtered(request, Activity.objects.visible_to(request.user).for_display().filter(plan=plan))
    status = 200 if filterset.is_valid() else 400
    activities = list(filterset.qs) if status == 200 else []
    blocks = arrange(plan, activities, complete=status == 200 and not filterset.chosen)
    context = {
        "plan": plan,
        "blocks": blocks,
        "filterset": filterset,
        "number": len(activities),
        "problems": filterset.problems(),
        "looking_back": LookingBack.of(filterset),
        "view": view_of(filterset),
        "view_words": view_words(filterset),
        "query_to_save": query_to_save(filterset) if status == 200 else "",
    }
    return render(request, "workplan/matrix.html", context, status=status)


def arrange(plan: WorkPlan, activities: list[Activity], *, complete: bool) -> list[SectionBlock]:
    """The activities in their places; with ``complete``, empty places stand too, as in the document."""
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
