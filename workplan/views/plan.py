"""The plan as a whole: its home, and the matrix its readers know."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from workplan import completion, permissions, rules, summary
from workplan.models import (
    Activity,
    CollaborationArea,
    Obligation,
    Provision,
    ReportingRound,
    Section,
    SectoralBody,
    StatusUpdate,
    WorkPlan,
)
from workplan.querysets import takes_reports
from workplan.views.addresses import whole
from workplan.views.browsing import filtered, query_to_save, view_of, view_words
from workplan.views.looking_back import LookingBack

LATELY = 5


@dataclass(frozen=True, slots=True)
class Rounds:
    """Where the plan is in its reporting rounds.

    Attributes:
        published: the round that was published last; ``None`` before the first.
        open: the rounds that lead bodies report in now, with how far each has come.
        next: the round that opens next.
    """

    published: ReportingRound | None
    open: list[completion.Completion]
    next: ReportingRound | None

    @classmethod
    def of(cls, plan: WorkPlan, user: Any) -> "Rounds":
        found = list(ReportingRound.objects.visible_to(user).for_display().filter(plan=plan))
        published = {one.published_at: one for one in found if one.published_at and one.state == rules.PUBLISHED}
        coming = [one for one in found if one.state == rules.PLANNED and one.opens_on >= timezone.localdate()]
        return cls(
            published=published[max(published)] if published else None,
            open=completion.of_rounds([one for one in found if one.state == rules.OPEN], user),
            next=min(coming, key=lambda one: one.opens_on, default=None),
        )


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for the person who is signed in; ``None`` where nothing ever does.

    Attributes:
        owed: reports that their bodies still have to hand in.
        overdue: those of them whose date has passed.
        to_review: reports that they have to decide on.
    """

    owed: int | None = None
    overdue: int = 0
    to_review: int | None = None

    @classmethod
    def for_(cls, user: Any) -> "Waiting":
        bodies = permissions.bodies_of(user)
        counts: Counter[str] = Counter()
        if bodies:
            owed = Obligation.objects.owed_by(bodies).filter(takes_reports()).outstanding().with_timeliness()
            counts.update(owed.values_list("timeliness", flat=True))  # type: ignore[misc]  # annotated
        return cls(
            owed=counts.total() if bodies else None,
            overdue=counts["overdue"],
            to_review=StatusUpdate.objects.visible_to(user).to_review().count()
            if permissions.can_review(user)
            else None,
        )


def home(request: HttpRequest, code: str = "") -> HttpResponse:
    """The plan in plain words, for everybody: what it is, how far it is, what was achieved, what can be taken along."""
    plan = get_object_or_404(WorkPlan, code=code) if code else WorkPlan.objects.current()
    if plan is None:
        return render(request, "workplan/no_plan.html")
    rows = Activity.objects.visible_to(request.user).filter(plan=plan)
    reports = StatusUpdate.objects.visible_to(request.user).filter(activity__plan=plan)
    # One page at two addresses: the first is the one to pass on.
    address = reverse("home") if plan.is_current else reverse("plan-home", args=[plan.code])
    return render(
        request,
        "workplan/home.html",
        {
            "plan": plan,
            "canonical": whole(request, address),
            "waiting": Waiting.for_(request.user),
            "tally": summary.tally(rows),
            "sections": summary.tally_by_place(rows, plan.sections.all()),
            "bodies": summary.tally_by_body(rows, SectoralBody.objects.all()),
            "achievements": reports.for_display().achievements()[:LATELY],
            "rounds": Rounds.of(plan, request.user),
            "chart": whole(request, reverse("embed-status", args=[plan.code])),
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
