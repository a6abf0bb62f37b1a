"""A focal point's own work: the reports due, and the activities of their bodies."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from workplan import actions, permissions, rules
from workplan.actions import Actor
from workplan.columns import COLUMNS
from workplan.exceptions import Refusal
from workplan.forms.updates import number_in
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
from workplan.querysets import accepts_reports_now
from workplan.querysets.days import secretariat_day
from workplan.views.browsing import listing, show
from workplan.views.monitoring.as_of import AsOfSelection


@dataclass(frozen=True, slots=True)
class Row:
    """One report due from a body of the person, with what there is to do about it.

    Attributes:
        label: the word of the button.
        address: where it leads.
        reason: why the report was returned, if it was.
        other: the joint lead that has reported, if it was not the person's body.
        can_be_in_bulk_report: whether it can be settled with "no change".
    """

    obligation: Obligation
    label: str
    address: str
    reason: str = ""
    other: str = ""
    can_be_in_bulk_report: bool = False

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
    """The reports due now from the person's bodies.

    Attributes:
        rounds: the rounds that take reports of one of the bodies.
        groups: the reports due by urgency, overdue first.
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
    def has_bulk_report(self) -> bool:
        return any(row.can_be_in_bulk_report for group in self.groups for row in group.rows)


@login_required
def activities(request: HttpRequest) -> HttpResponse:
    """The reports due, then the activities of the person's bodies, split by lead and cooperating."""
    return _page(request)


def _page(request: HttpRequest, *, problems: Iterable[str] = (), ticked: Iterable[str] = ()) -> HttpResponse:
    plan = WorkPlan.objects.current()
    bodies = permissions.bodies_of(request.user)
    if plan is None or not bodies:
        return render(request, "workplan/reporting/my_work_empty.html", {"plan": plan})
    mine = Activity.objects.visible_to(request.user).filter(plan=plan).involving(bodies).for_display()
    found = listing(request, mine, plan, bodies=bodies)
    rows = found.filterset.qs if not found.problems else mine.none()
    led = set(rows.led_by(bodies).order_by().values_list("pk", flat=True))
    groups = [
        (rules.ROLES[rules.LEAD], len(led), [row for row in found.page if row.pk in led]),
        (rules.ROLES[rules.COOPERATING], found.number - len(led), [row for row in found.page if row.pk not in led]),
    ]
    context: dict[str, Any] = {"plan": plan, "bodies": bodies, "groups": groups, "columns": COLUMNS}
    context |= {"as_of_selection": AsOfSelection.of(found.filterset)}
    if not request.htmx:  # type: ignore[attr-defined]
        context |= {"work": worklist(request, plan, bodies), "refused": list(problems), "ticked": set(ticked)}
    return show(
        request,
        found,
        page="workplan/reporting/my_work.html",
        part="workplan/partials/_my_work.html",
        context=context,
        status=HTTPStatus.BAD_REQUEST if problems else None,
    )


def worklist(request: HttpRequest, plan: WorkPlan, bodies: list[SectoralBody]) -> Worklist:
    """The reports due from ``bodies`` in the rounds of ``plan`` that take them, in a fixed number of queries."""
    user = request.user
    rounds = list(
        ReportingRound.objects.visible_to(user).filter(plan=plan).taking_reports_of(bodies).order_by("-period_start")
    )
    if not rounds:
        planned = ReportingRound.objects.visible_to(user).filter(plan=plan, state=rules.PLANNED)
        upcoming = planned.filter(opens_on__gte=secretariat_day()).order_by("opens_on", "pk").first()
        return Worklist([], [], [], [], [], [], upcoming)
    due = Obligation.objects.for_display().due_from(bodies).filter(round__in=rounds).filter(accepts_reports_now())
    obligations = [*due.select_related("report__body"), *_begun_without_need(user, bodies, rounds)]
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
        if row.obligation.state == rules.DUE and row.obligation.body is not None:
            pair = (row.obligation.round, row.obligation.body)
            nil[pair] = nil.get(pair, 0) + 1
    return Worklist(
        rounds=rounds,
        groups=groups,
        counts=[(term.label, states.count(term.value)) for term in rules.OBLIGATION_STATES],
        to_concur=[row for row in shared if (row.obligation.report_id, row.obligation.body_id) not in spoken],
        shared=_shared(request, plan, bodies, rounds),
        nil=[(reporting_round, body, number) for (reporting_round, body), number in nil.items()],
    )


def _begun_without_need(user: Any, bodies: list[SectoralBody], rounds: list[ReportingRound]) -> list[Obligation]:
    """What the bodies have begun though it is not due (any more): the activity was completed or cancelled meanwhile."""
    due = Obligation.objects.filter(round=OuterRef("round"), activity=OuterRef("activity"), body=OuterRef("body"))
    begun = StatusUpdate.objects.visible_to(user).filter(
        ~Exists(due), round__in=rounds, body__in=bodies, is_direct=False, state__in=(rules.DRAFT, rules.RETURNED)
    )
    found = []
    for report in begun.select_related("activity__plan", "body", "round").order_by("activity__position", "pk"):
        assert report.round is not None, "the query asks for those of rounds"
        one = Obligation(round=report.round, activity=report.activity, body=report.body, due_on=report.round.due_on)
        one.state, one.report, one.timeliness = report.state, report, "not_due"  # type: ignore[attr-defined]
        found.append(one)
    return found


def _row(one: Obligation, reasons: dict[int, str]) -> Row:
    """What there is to do about ``one``."""
    report: StatusUpdate | None = one.report
    if report is None:
        names = urlencode({"round": one.round.code, "body": one.due_from})
        address = f"{reverse('begin-report', args=[one.activity.plan.code, one.activity.ref])}?{names}"
        return Row(one, "Report", address, can_be_in_bulk_report=one.activity.status != rules.NOT_REPORTED)
    own = report.body_id == one.body_id and not report.is_direct
    if own and report.state in rules.REPORT_ACTIONS["edit"]:
        label = "Revise and resubmit" if report.state == rules.RETURNED else "Continue"
        return Row(one, label, reverse("edit-report", args=[report.pk]), reason=reasons.get(report.pk, ""))
    other = "" if own else report.reported_by
    return Row(one, "View", report.get_absolute_url(), reason=reasons.get(report.pk, ""), other=other)


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
def submit_bulk_report(request: HttpRequest) -> HttpResponse:
    """ "No change" for the reports that are ticked, or a nil return for all reports still due from a body."""
    if request.method != "POST":  # signed in again on the way here
        return redirect("my")
    if request.POST.get("kind") == rules.NIL_RETURN:
        return _nil_return(request)
    ticked = request.POST.getlist("owed")
    pks = {pk for text in ticked if (pk := number_in(text))}
    if not pks:
        return _page(
            request, problems=["Select the reports in which nothing has changed, then press the button again."]
        )
    bodies = permissions.bodies_of(request.user)
    due = list(Obligation.objects.due_from(bodies).filter(pk__in=pks).select_related("round__plan", "body"))
    if len(due) != len(set(ticked)):
        return _page(request, problems=["One of the selected reports is no longer due from your body."], ticked=ticked)
    by_side: dict[tuple[int, int], list[Obligation]] = {}
    for one in sorted(due, key=lambda one: (one.round_id, one.body_id or 0)):
        by_side.setdefault((one.round_id, one.body_id or 0), []).append(one)
    try:
        with transaction.atomic():
            for rows in by_side.values():
                actions.submit_bulk_report(
                    reporting_round=rows[0].round,
                    body=rows[0].body,  # type: ignore[arg-type]  # due from a body of the person
                    activities=[one.activity_id for one in rows],
                    kind=rules.NO_CHANGE,
                    by=Actor.of(request, "bulk"),
                )
    except Refusal as refusal:
        return _page(request, problems=_texts(refusal), ticked=ticked)
    number = "1 report is" if len(due) == 1 else f"{len(due)} reports are"
    messages.success(request, f"{number} submitted for review: no change.")
    return redirect("my")


def _nil_return(request: HttpRequest) -> HttpResponse:
    """First the list of the activities that it covers; then, once confirmed, the action."""
    plan = WorkPlan.objects.current()
    bodies = {body.acronym: body for body in permissions.bodies_of(request.user)}
    body = bodies.get(request.POST.get("body", ""))
    if body is None or plan is None:
        raise Http404
    rounds = ReportingRound.objects.visible_to(request.user).filter(plan=plan)
    reporting_round = get_object_or_404(rounds.named(request.POST.get("round", "")))
    due = Obligation.objects.for_display().due_from([body]).filter(round=reporting_round, state=rules.DUE)
    refused: list[str] = []
    if "confirmed" in request.POST:
        pks = [number_in(text) for text in request.POST.getlist("activity")]
        try:
            updates = actions.submit_bulk_report(
                reporting_round=reporting_round,
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
    context = {"plan": plan, "body": body, "reporting_round": reporting_round, "owed": due, "refused": refused}
    status = HTTPStatus.BAD_REQUEST if refused else HTTPStatus.OK
    return render(request, "workplan/reporting/nil_return.html", context, status=status)


def _texts(refusal: Refusal) -> list[str]:
    return [text for texts in refusal.fields.values() for text in texts] or [refusal.message]
