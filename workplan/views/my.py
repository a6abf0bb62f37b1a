"""A focal point's own work: what is owed, and the activities of their bodies."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from workplan import actions, permissions, rules
from workplan.actions import Actor
from workplan.columns import COLUMNS
from workplan.exceptions import Refusal
from workplan.forms import number_in
from workplan.models import (
    Activity,
    Concurrence,
    Contribution,
    Obligation,
    ReportingRound,
    Review,
    SectoralBody,
    StatusUpdate,
    WorkPlan,
)
from workplan.querysets import takes_reports
from workplan.views.browsing import listing, show
from workplan.views.looking_back import LookingBack


@dataclass(frozen=True, slots=True)
class Row:
    """One report that a body of the person owes, with what there is to do about it.

    Attributes:
        deed: the word of the button.
        address: where it leads.
        reason: why the report was returned, if it was.
        other: the joint lead that has reported, if it was not the person's body.
        can_be_alike: whether it can be settled with "no change".
    """

    obligation: Obligation
    deed: str
    address: str
    reason: str = ""
    other: str = ""
    can_be_alike: bool = False

    @property
    def state(self) -> str:
        return rules.OBLIGATION_STATES.label(self.obligation.state)

    @property
    def timeliness(self) -> str:
        return rules.TIMELINESS.label(self.obligation.timeliness)  # type: ignore[attr-defined]  # annotated


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one urgency."""

    key: str
    label: str
    rows: list[Row] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        return self.key in (rules.SUBMITTED, rules.APPROVED)


@dataclass(frozen=True, slots=True)
class Worklist:
    """What the person's bodies owe now.

    Attributes:
        rounds: the rounds that take reports of one of the bodies.
        groups: what is owed by urgency, overdue first.
        counts: how many are in each state.
        to_concur: reports of joint leads to which the person's body has not said anything.
        shared: activities in which a body of the person cooperates, each with what was added to it.
        nil: for each round and body the number of reports not yet begun.
        upcoming: the round that opens next, where none is open.
    """

    rounds: list[ReportingRound]
    groups: list[Group]
    counts: list[tuple[str, int]]
    to_concur: list[Row]
    shared: list[tuple[Activity, list[Contribution]]]
    nil: list[tuple[ReportingRound, SectoralBody, int]]
    upcoming: ReportingRound | None = None

    @property
    def has_alike(self) -> bool:
        return any(row.can_be_alike for group in self.groups for row in group.rows)


@login_required
def activities(request: HttpRequest) -> HttpResponse:
    """What is owed, then the activities of the person's bodies, split by lead and cooperating."""
    return _page(request)


def _page(request: HttpRequest, *, problems: Iterable[str] = (), ticked: Iterable[str] = ()) -> HttpResponse:
    plan = WorkPlan.objects.current()
    bodies = permissions.bodies_of(request.user)
    if plan is None or not bodies:
        return render(request, "workplan/my_none.html", {"plan": plan})
    mine = Activity.objects.visible_to(request.user).filter(plan=plan).involving(bodies).for_display()
    found = listing(request, mine, plan, bodies=bodies)
    rows = found.filterset.qs if not found.problems else mine.none()
    led = set(rows.led_by(bodies).order_by().values_list("pk", flat=True))
    groups = [
        (rules.ROLES[rules.LEAD], len(led), [row for row in found.page if row.pk in led]),
        (rules.ROLES[rules.COOPERATING], found.number - len(led), [row for row in found.page if row.pk not in led]),
    ]
    context: dict[str, Any] = {"plan": plan, "bodies": bodies, "groups": groups, "columns": COLUMNS}
    context |= {"looking_back": LookingBack.of(found.filterset)}
    if not request.htmx:  # type: ignore[attr-defined]
        context |= {"work": worklist(request, plan, bodies), "refused": list(problems), "ticked": set(ticked)}
    return show(
        request,
        found,
        page="workplan/my.html",
        part="workplan/partials/_my.html",
        context=context,
        status=HTTPStatus.BAD_REQUEST if problems else None,
    )


def worklist(request: HttpRequest, plan: WorkPlan, bodies: list[SectoralBody]) -> Worklist:
    """What ``bodies`` owe in the rounds of ``plan`` that take their reports, in a fixed number of queries."""
    user = request.user
    rounds = list(
        ReportingRound.objects.visible_to(user).filter(plan=plan).taking_reports_of(bodies).order_by("-period_start")
    )
    if not rounds:
        planned = ReportingRound.objects.visible_to(user).filter(plan=plan, state=rules.PLANNED)
        upcoming = planned.filter(opens_on__gte=timezone.localdate()).order_by("opens_on", "pk").first()
        return Worklist([], [], [], [], [], [], upcoming)
    owed = Obligation.objects.for_display().owed_by(bodies).filter(round__in=rounds).filter(takes_reports())
    obligations = list(owed.select_related("report__body"))
    returned = [one.report_id for one in obligations if one.state == rules.RETURNED]
    reviews = Review.objects.filter(update__in=returned, decision=rules.RETURN).order_by("at", "pk")
    reasons = dict(reviews.values_list("update", "reason"))
    rows = [_row(one, reasons) for one in obligations]
    groups = _groups(rows)
    shared = [row for row in rows if row.other and row.obligation.state == rules.SUBMITTED]
    spoken = set(
        Concurrence.objects.filter(update__in=[row.obligation.report_id for row in shared], body__in=bodies)
        .order_by()
        .values_list("update", "body")
    )
    states = [row.obligation.state for row in rows]
    nil: dict[tuple[ReportingRound, SectoralBody], int] = {}
    for row in rows:
        if row.obligation.state == rules.OWED and row.obligation.body is not None:
            pair = (row.obligation.round, row.obligation.body)
            nil[pair] = nil.get(pair, 0) + 1
    return Worklist(
        rounds=rounds,
        groups=groups,
        counts=[(term.label, states.count(term.value)) for term in rules.OBLIGATION_STATES],
        to_concur=[row for row in shared if (row.obligation.report_id, row.obligation.body_id) not in spoken],
        shared=_shared(request, plan, bodies, rounds),
        nil=[(the_round, body, number) for (the_round, body), number in nil.items()],
    )


def _row(one: Obligation, reasons: dict[int, str]) -> Row:
    """What there is to do about ``one``."""
    report: StatusUpdate | None = one.report
    if report is None:
        names = urlencode({"round": one.round.code, "body": one.owed_by})
        address = f"{reverse('begin-report', args=[one.activity.plan.code, one.activity.ref])}?{names}"
        return Row(one, "Report", address, can_be_alike=one.activity.status != rules.NOT_REPORTED)
    own = report.body_id == one.body_id and not report.is_direct
    if own and report.state in rules.REPORT_MOVES["edit"]:
        deed = "Mend" if report.state == rules.RETURNED else "Continue"
        return Row(one, deed, reverse("edit-report", args=[report.pk]), reason=reasons.get(report.pk, ""))
    other = "" if own else report.reported_by
    return Row(one, "See", report.get_absolute_url(), reason=reasons.get(report.pk, ""), other=other)


def _groups(rows: list[Row]) -> list[Group]:
    """The rows by urgency, in the order in which ``Obligation.objects.for_display`` has them."""
    groups: dict[str, Group] = {}
    for row in rows:
        key = row.obligation.state
        timeliness = row.obligation.timeliness  # type: ignore[attr-defined]  # annotated
        if timeliness == "overdue" or (timeliness == "due_soon" and key != rules.RETURNED):
            key = timeliness
        label = rules.TIMELINESS.label(key) if key in rules.TIMELINESS else rules.OBLIGATION_STATES.label(key)
        groups.setdefault(key, Group(key, label)).rows.append(row)
    return list(groups.values())


def _shared(
    request: HttpRequest, plan: WorkPlan, bodies: list[SectoralBody], rounds: list[ReportingRound]
) -> list[tuple[Activity, list[Contribution]]]:
    """The activities in which ``bodies`` cooperate, with what they have added to each."""
    visible = Activity.objects.visible_to(request.user).filter(plan=plan)
    together = visible.involving(bodies, rules.COOPERATING).order_by("position")
    added: dict[int, list[Contribution]] = {}
    written = Contribution.objects.visible_to(request.user).filter(round__in=rounds, body__in=bodies)
    for one in written.select_related("body"):
        added.setdefault(one.activity_id, []).append(one)
    return [(activity, added.get(activity.pk, [])) for activity in together.select_related("plan")]


@login_required
@require_http_methods(["GET", "POST"])
def report_alike(request: HttpRequest) -> HttpResponse:
    """ "No change" for the reports that are ticked, or a nil return for all that a body still owes."""
    if request.method == "GET":  # signed in again on the way here
        return redirect("my")
    if request.POST.get("kind") == rules.NIL_RETURN:
        return _nil_return(request)
    ticked = request.POST.getlist("owed")
    pks = {pk for text in ticked if (pk := number_in(text))}
    if not pks:
        return _page(request, problems=["Tick the reports in which nothing has changed, then press the button again."])
    bodies = permissions.bodies_of(request.user)
    owed = list(Obligation.objects.owed_by(bodies).filter(pk__in=pks).select_related("round__plan", "body"))
    if len(owed) != len(set(ticked)):
        return _page(request, problems=["One of the ticked reports is not owed by you any more."], ticked=ticked)
    by_side: dict[tuple[int, int], list[Obligation]] = {}
    for one in sorted(owed, key=lambda one: (one.round_id, one.body_id or 0)):
        by_side.setdefault((one.round_id, one.body_id or 0), []).append(one)
    try:
        with transaction.atomic():
            for rows in by_side.values():
                actions.report_alike(
                    the_round=rows[0].round,
                    body=rows[0].body,  # type: ignore[arg-type]  # owed by a body of the person
                    activities=[one.activity_id for one in rows],
                    kind=rules.NO_CHANGE,
                    by=Actor.of(request, "bulk"),
                )
    except Refusal as refusal:
        return _page(request, problems=_texts(refusal), ticked=ticked)
    number = "1 report is" if len(owed) == 1 else f"{len(owed)} reports are"
    messages.success(request, f"{number} submitted for review: no change.")
    return redirect("my")


def _nil_return(request: HttpRequest) -> HttpResponse:
    """First the list of what it would be said of; then, confirmed, the deed."""
    plan = WorkPlan.objects.current()
    bodies = {body.acronym: body for body in permissions.bodies_of(request.user)}
    body = bodies.get(request.POST.get("body", ""))
    if body is None or plan is None:
        raise Http404
    rounds = ReportingRound.objects.visible_to(request.user).filter(plan=plan)
    the_round = get_object_or_404(rounds, code=request.POST.get("round", ""))
    owed = Obligation.objects.for_display().owed_by([body]).filter(round=the_round, state=rules.OWED)
    refused: list[str] = []
    if "confirmed" in request.POST:
        pks = [number_in(text) for text in request.POST.getlist("activity")]
        try:
            updates = actions.report_alike(
                the_round=the_round,
                body=body,
                activities=[pk for pk in pks if pk],
                kind=rules.NIL_RETURN,
                by=Actor.of(request, "bulk"),
            )
        except Refusal as refusal:
            refused = _texts(refusal)
        else:
            number = "1 activity" if len(updates) == 1 else f"{len(updates)} activities"
            messages.success(request, f"The nil return of {body} on {number} is submitted for review.")
            return redirect("my")
    context = {"plan": plan, "body": body, "the_round": the_round, "owed": owed, "refused": refused}
    status = HTTPStatus.BAD_REQUEST if refused else HTTPStatus.OK
    return render(request, "workplan/nil_return.html", context, status=status)


def _texts(refusal: Refusal) -> list[str]:
    return [text for texts in refusal.fields.values() for text in texts] or [refusal.message]
