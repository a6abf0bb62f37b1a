"""The plan as a whole: its home, and the matrix its readers know."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from apta.addresses import absolute_url
from workplan import permissions, rules
from workplan.filters.words import view_of, view_words
from workplan.models import (
    Activity,
    Obligation,
    ReportingRound,
    SectoralBody,
    StatusUpdate,
    WorkPlan,
)
from workplan.monitoring import achievements, completion, summary
from workplan.monitoring.matrix import arrange
from workplan.querysets import accepts_reports_now
from workplan.querysets.days import secretariat_day
from workplan.views.browsing import filtered, query_to_save
from workplan.views.monitoring.as_of import AsOfSelection

RECENT = 5


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
        coming = [one for one in found if one.state == rules.PLANNED and one.opens_on >= secretariat_day()]
        return cls(
            published=published[max(published)] if published else None,
            open=completion.of_rounds([one for one in found if one.state == rules.OPEN], user),
            next=min(coming, key=lambda one: one.opens_on, default=None),
        )


@dataclass(frozen=True, slots=True)
class PendingTasks:
    """What waits for the person who is signed in; ``None`` where nothing ever does.

    Attributes:
        due: reports that their bodies still have to submit.
        overdue: those of them whose date has passed.
        to_review: reports that they have to decide on.
    """

    due: int | None = None
    overdue: int = 0
    to_review: int | None = None

    @classmethod
    def for_(cls, user: Any) -> "PendingTasks":
        bodies = permissions.bodies_of(user)
        counts: Counter[str] = Counter()
        if bodies:
            due = Obligation.objects.due_from(bodies).filter(accepts_reports_now()).outstanding().with_timeliness()
            counts.update(due.values_list("timeliness", flat=True))  # type: ignore[misc]  # annotated
        return cls(
            due=counts.total() if bodies else None,
            overdue=counts["overdue"],
            to_review=StatusUpdate.objects.visible_to(user).to_review().count()
            if permissions.can_review(user)
            else None,
        )


def home(request: HttpRequest, code: str = "") -> HttpResponse:
    """The plan in plain words, for everybody: what it is, how far it is, what was achieved, what can be taken along."""
    plan = get_object_or_404(WorkPlan, code=code) if code else WorkPlan.objects.current()
    if plan is None:
        return render(request, "workplan/plan/no_plan.html")
    rows = Activity.objects.visible_to(request.user).filter(plan=plan)
    # One page at two addresses: the first is the one to pass on.
    address = reverse("home") if plan.is_current else reverse("plan-home", args=[plan.code])
    return render(
        request,
        "workplan/plan/home.html",
        {
            "plan": plan,
            "canonical": absolute_url(address, request),
            "waiting": PendingTasks.for_(request.user),
            "tally": summary.tally(rows),
            "sections": summary.tally_by_place(rows, plan.sections.all()),
            "bodies": summary.tally_by_body(rows, SectoralBody.objects.all()),
            "achievements": achievements.latest_of(rows, RECENT),
            "rounds": Rounds.of(plan, request.user),
            "chart": absolute_url(reverse("embed-status", args=[plan.code]), request),
        },
    )


def plans(request: HttpRequest) -> HttpResponse:
    """All plans and editions."""
    return render(request, "workplan/plan/plans.html", {"plans": WorkPlan.objects.all()})


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
        "as_of_selection": AsOfSelection.of(filterset),
        "view": view_of(filterset),
        "view_words": view_words(filterset),
        "query_to_save": query_to_save(filterset) if status == 200 else "",
    }
    return render(request, "workplan/plan/matrix.html", context, status=status)
