"""Events in order: one timeline for an activity, one for a body, one for a round.

Read from the audit trail and the published updates, and only as far as the reader may see them: everybody sees
what is published and when rounds open and close; a focal point also the steps of its own bodies' reports, and of
a joint lead's from the day it is submitted; the secretariat all.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from django.urls import reverse

from workplan import permissions, rules
from workplan.history.wording import VERBS, Change, ChangeFormatter, action_label, address_of, kind_label
from workplan.models import (
    Activity,
    AuditEntry,
    Concurrence,
    ReportingRound,
    Responsibility,
    SectoralBody,
    StatusUpdate,
    WorkPlan,
)

PAGE_SIZE = 50
MOST_PAGES = 200

# What everybody may know of a round.
ROUND_EVENTS = ("round.opened", "round.closed", "round.reopened", "round.published", "round.publication_withdrawn")
# What everybody may know of what the plan leaves open; not by whom and why.
DECIDED = ("question.settled", "question.reopened")
# Events of a report from the day it was submitted: joint leads see them.
SUBMISSION_EVENTS = ("report.submitted", "report.recorded", "report.returned", "report.approved", "report.concurred")
# What makes a report the status of its activity, where it is published at once.
MADE_IT_SO = ("report.approved", "report.recorded")
# What follows for the status from a report, whose line is the one that tells it.
STATUS_EVENTS = ("status.recorded", "status.confirmed", "status.restated")
# Kinds of records that a line leads to.
WITH_PAGES = ("statusupdate", "reportinground", "lateexception", "decision")
# Kinds of records whose steps a body sees of its own.
OF_A_BODY = ("statusupdate", "contribution", "lateexception")


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    Attributes:
        at: when.
        sentence: what, in a full sentence.
        words: a reason or comment that belongs to it.
        person: who did it; empty where the reader may not know.
        channel: by which way, a value of ``rules.CHANNELS``; empty where the reader may not know.
        about: reference and address of its activity, on timelines of more than one activity.
        href: the page that shows it.
        changes: what was changed, for edits of the plan.
        request_id: the request it was done in, for those who may look at it.
    """

    at: datetime.datetime
    sentence: str
    words: str = ""
    person: str = ""
    channel: str = ""
    about: tuple[str, str] = ("", "")
    href: str = ""
    changes: list[Change] = field(default_factory=list)
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """One page of events, newest first."""

    events: list[Event]
    number: int
    has_older: bool

    @property
    def older(self) -> int:
        return self.number + 1

    @property
    def newer(self) -> int:
        return self.number - 1


def of_activity(activity: Activity, user: Any, page: str = "") -> Timeline:
    """The events of one activity, of its reports and of the rounds in which reports on it are due."""
    rounds = ReportingRound.objects.filter(obligations__activity=activity)
    return _timeline(
        user,
        page,
        published=StatusUpdate.objects.filter(activity=activity),
        entries=Q(activity=activity.pk),
        rounds=Q(round__in=rounds.values("pk")),
        names_activity=False,
    )


def of_body(body: SectoralBody, plan: WorkPlan, user: Any, page: str = "") -> Timeline:
    """What one body did and was given in one plan: reports, concurrence, contributions, more time."""
    return _timeline(
        user,
        page,
        published=StatusUpdate.objects.filter(body=body, activity__plan=plan),
        entries=Q(body=body.pk) & (Q(plan=plan) | Q(plan=None)),
        rounds=Q(plan=plan),
        concurrences=Concurrence.objects.filter(body=body, way=rules.GIVEN, update__activity__plan=plan),
    )


def of_round(reporting_round: ReportingRound, user: Any, page: str = "") -> Timeline:
    """The events of one round: its changes of state, deadline extensions, and its reports."""
    return _timeline(
        user,
        page,
        published=StatusUpdate.objects.filter(round=reporting_round),
        entries=Q(round=reporting_round.pk),
        rounds=Q(round=reporting_round.pk),
    )


def _timeline(
    user: Any,
    page: str,
    *,
    published: "QuerySet[StatusUpdate]",
    entries: Q,
    rounds: Q,
    concurrences: "QuerySet[Concurrence] | None" = None,
    names_activity: bool = True,
) -> Timeline:
    """The lines of one page, from sources that are each asked for no more than the page can hold."""
    number = min(int(page), MOST_PAGES) if page.isascii() and page.isdigit() and 0 < len(page) < 6 else 1
    number = max(number, 1)
    most = number * PAGE_SIZE + 1
    knows_names = permissions.can_see_names(user)
    events: list[Event] = []
    if permissions.may_read(user):
        shown = list(_published(published)[:most])
        recorded = _recorded(shown) if permissions.can_see_audit(user) else {}
        approvals = _approvals(shown, user)
        events += [
            _line_of_approval(update, approvals[update.pk], user, names_activity)
            if update.pk in approvals
            else _event_of_update(update, recorded.get(update.pk), knows_names, names_activity)
            for update in shown
        ]
        steps = AuditEntry.objects.filter(
            Q(rounds & Q(action__in=ROUND_EVENTS))
            | (entries & visible_events(user))
            | (entries & Q(action__in=DECIDED))
        ).exclude(Q(action__in=STATUS_EVENTS) | (Q(action__in=MADE_IT_SO) & Q(Exists(_at_once(published)))))
        rows = list(steps.select_related("activity__plan", "body", "round__plan", "plan").order_by("-id")[:most])
        formatter = ChangeFormatter(rows if permissions.can_see_audit(user) else ())
        events += [_event_of_entry(entry, user, formatter, names_activity) for entry in rows]
        if concurrences is not None:
            events += [
                _event_of_concurrence(one, knows_names) for one in _visible_concurrences(concurrences, user)[:most]
            ]
    events.sort(key=lambda line: line.at, reverse=True)
    first = (number - 1) * PAGE_SIZE
    return Timeline(events[first : first + PAGE_SIZE], number, has_older=len(events) > first + PAGE_SIZE)


def visible_events(user: Any) -> Q:
    """Which entries of the audit trail, on activities, bodies and rounds, ``user`` may know of."""
    if permissions.can_see_audit(user):
        return Q()
    bodies = permissions.bodies_of(user)
    if not bodies:
        return Q(pk__in=())
    leads = Responsibility.objects.filter(activity=OuterRef("activity"), body__in=bodies, role=rules.LEAD)
    own = Q(body__in=bodies, record_type__in=OF_A_BODY)
    related = Q(action__in=(*SUBMISSION_EVENTS, "contribution.written"))
    return own | (related & Q(Exists(leads)))


def _published(updates: "QuerySet[StatusUpdate]") -> "QuerySet[StatusUpdate]":
    return (
        updates.published()  # type: ignore[attr-defined, no-any-return]
        .with_public_since()
        .select_related("activity__plan", "body", "round")
        .order_by("-public_since", "-pk")
    )


def _recorded(updates: Iterable[StatusUpdate]) -> dict[int, AuditEntry]:
    """For each update, the audit entry by which it came into effect."""
    activities = {update.activity_id for update in updates}
    entries = AuditEntry.objects.filter(
        activity__in=activities, action__in=("report.corrected", "status.recorded", "status.confirmed")
    )
    found: dict[int, AuditEntry] = {}
    for entry in entries:
        named = entry.changes.get("latest_update") or entry.changes.get("report")
        found[int((named[1] or 0) if named else entry.record_id)] = entry  # 0: a withdrawal may leave no report
    return found


def _at_once(updates: "QuerySet[StatusUpdate]") -> "QuerySet[StatusUpdate]":
    """The update that an entry tells of, if it became the status in the moment that the entry was written."""
    published: Any = updates.published()  # type: ignore[attr-defined]
    known = published.with_public_since().filter(public_since=F("approved_at"), activity=OuterRef("activity"))
    return known.annotate(key=Cast("pk", CharField())).filter(key=OuterRef("record_id"))  # type: ignore[no-any-return]


def _approvals(updates: Iterable[StatusUpdate], user: Any) -> dict[int, AuditEntry]:
    """For each update that became the status by its approval, that approval, where ``user`` may know of it."""
    keys = [
        str(update.pk)
        for update in updates
        if not update.is_direct and update.public_since == update.approved_at  # type: ignore[attr-defined]
    ]
    if not keys or not permissions.can_see_progress(user):
        return {}
    found = AuditEntry.objects.filter(visible_events(user), record_type="statusupdate", action="report.approved")
    return {int(entry.record_id): entry for entry in found.filter(record_id__in=keys).select_related("body")}


def _visible_concurrences(found: "QuerySet[Concurrence]", user: Any) -> "QuerySet[Concurrence]":
    """Concurrence with what the reader may see, and for those who take part."""
    if not permissions.can_see_progress(user):
        return found.none()
    seen = StatusUpdate.objects.visible_to(user)
    bodies = permissions.bodies_of(user)
    if not permissions.can_see_audit(user):
        leads = Responsibility.objects.filter(activity=OuterRef("update__activity"), body__in=bodies, role=rules.LEAD)
        found = found.filter(Exists(leads))
    return (
        found.filter(update__in=seen.values("pk"))
        .select_related("body", "update__body", "update__activity__plan")
        .order_by("-at", "-pk")
    )


def _event_of_update(
    update: StatusUpdate, recorded: AuditEntry | None, knows_names: bool, names_activity: bool
) -> Event:
    side = f" for {update.body}" if update.body else ""
    if update.corrects_id:
        by_whom = f"The secretariat{side}" if update.is_direct else update.reported_by
        sentence = f"{by_whom} corrected an earlier report{_outcome(update)}"
    elif update.is_direct:
        sentence = f"The secretariat recorded{side}{_outcome(update)}"
    else:
        effect = "took effect" if _is_without_change(update) else "became the status"
        sentence = f"The report of {update.reported_by} {effect}{_outcome(update)}"
    if update.kind != rules.PROGRESS:
        sentence = f"{rules.UPDATE_KINDS.label(update.kind)}. {sentence}"
    activity = update.activity
    return Event(
        at=update.public_since,  # type: ignore[attr-defined]
        sentence=sentence,
        words=recorded.reason if recorded else "",
        person=(update.approved_by_name if update.is_direct else "") if knows_names else "",
        channel=recorded.channel if recorded else "",
        about=(activity.ref, activity.get_absolute_url()) if names_activity else ("", ""),
        href=f"{activity.get_absolute_url()}#update-{update.pk}",
        request_id=recorded.request_id if recorded else "",
    )


def _line_of_approval(update: StatusUpdate, approval: AuditEntry, user: Any, names_activity: bool) -> Event:
    """An approval and the status that it made, which are one thing to those who know of both."""
    sees_all = permissions.can_see_audit(user)
    activity = update.activity
    effect = "it took effect" if update.corrects_id or _is_without_change(update) else "it became the status"
    kind = "" if update.kind == rules.PROGRESS else f"{rules.UPDATE_KINDS.label(update.kind)}. "
    return Event(
        at=update.public_since,  # type: ignore[attr-defined]
        sentence=f"{kind}{sentence(approval).removesuffix('.')}, and {effect}{_outcome(update)}",
        words=approval.reason,
        person=approval.actor_name,
        channel=approval.channel if sees_all else "",
        about=(activity.ref, activity.get_absolute_url()) if names_activity else ("", ""),
        href=f"{activity.get_absolute_url()}#update-{update.pk}",
        request_id=approval.request_id if sees_all else "",
    )


def _is_without_change(update: StatusUpdate) -> bool:
    return update.kind in rules.KINDS_WITHOUT_NARRATIVE


def _outcome(update: StatusUpdate) -> str:
    """What ``update`` says of the status, as the end of a sentence."""
    label = rules.STATUSES.label(update.status)
    return f". The status stays “{label}”." if _is_without_change(update) else f": {label}."


def _event_of_entry(entry: AuditEntry, user: Any, formatter: ChangeFormatter, names_activity: bool) -> Event:
    sees_all = permissions.can_see_audit(user)
    takes_part = permissions.can_see_progress(user)
    activity = entry.activity
    is_edit = sees_all and entry.action.endswith((".created", ".changed", ".deleted"))
    comment = entry.changes.get("comment") if entry.action == "report.commented" else None
    words = entry.reason if takes_part else ""
    return Event(
        at=entry.at,
        sentence=sentence(entry),
        words=str(comment[1]) if comment else words,
        person=entry.actor_name if takes_part and permissions.can_see_names(user) else "",
        channel=entry.channel if sees_all else "",
        about=(activity.ref, activity.get_absolute_url()) if names_activity and activity else ("", ""),
        href=address_of(entry) if entry.record_type in WITH_PAGES else "",
        changes=formatter.changes(entry) if is_edit else [],
        request_id=entry.request_id if sees_all else "",
    )


def _event_of_concurrence(one: Concurrence, knows_names: bool) -> Event:
    activity = one.update.activity
    return Event(
        at=one.at,
        sentence=f"{one.body} concurred with the report of {one.update.reported_by}.",
        person=one.user_name if knows_names else "",
        about=(activity.ref, activity.get_absolute_url()),
        href=reverse("report", args=[one.update_id]),
    )


def sentence(entry: AuditEntry) -> str:
    """``entry`` as a sentence. Reads the records that it refers to."""
    side = entry.body.acronym if entry.body else "The secretariat"
    reporting_round = f"“{entry.record_label}”"
    match entry.action:
        case "report.begun":
            return f"{side} started a report."
        case "report.taken_on":
            return f"Another person of {side} continued the report."
        case "report.submitted":
            done = "resubmitted" if (entry.changes.get("state") or [""])[0] == rules.RETURNED else "submitted"
            status = _after(entry, "status")
            message = f": {rules.STATUSES.label(status)}" if status in rules.STATUSES else ""
            return f"{side} {done} a report{message}."
        case "report.recorded":
            return f"The secretariat entered a report{f' for {entry.body}' if entry.body else ''}."
        case "report.discarded":
            return f"{side} discarded a draft."
        case "report.approved":
            return f"The secretariat approved the report of {side}."
        case "report.returned":
            return f"The secretariat returned the report of {side}."
        case "report.concurred":
            return f"{_after(entry, 'concurs') or 'A joint lead'} concurred with the report of {side}."
        case "report.commented":
            return f"A comment was made on the report of {side}."
        case "contribution.written":
            return f"{side} added a contribution."
        case "exception.given":
            until = _after(entry, "until")
            day = datetime.date.fromisoformat(until) if until else None
            return f"{side} was given a deadline extension{f' to {day.day} {day:%B %Y}' if day else ''}."
        case "exception.withdrawn":
            return f"The deadline extension of {side} was withdrawn."
        case "round.opened":
            return f"The round {reporting_round} was opened."
        case "round.closed":
            return f"The round {reporting_round} was closed."
        case "round.reopened":
            return f"The round {reporting_round} was reopened."
        case "round.published":
            return f"The round {reporting_round} was published."
        case "round.publication_withdrawn":
            return f"The publication of the round {reporting_round} was withdrawn."
        case "round.not_published":
            return f"The round {reporting_round} was not published on the scheduled date."
        case "round.publication_scheduled":
            return f"The publication of the round {reporting_round} was scheduled."
        case "round.publication_unscheduled":
            return f"The scheduled publication of the round {reporting_round} was cancelled."
        case "question.settled" | "question.reopened":
            return _decided(entry)
    noun, _, verb = entry.action.partition(".")
    if verb in VERBS:
        what = "The activity" if noun == "activity" else f"{kind_label(noun)} “{entry.record_label}”"
        return f"{what} was {verb}."
    return f"{action_label(entry.action)}: {entry.record_label}."


def _decided(entry: AuditEntry) -> str:
    """What was decided on an open question."""
    _, kind, _, ref = _after(entry, "key").split(".", 3)
    about = f"“{rules.QUESTION_KINDS.label(kind)}” on {ref}"
    if entry.action == "question.reopened":
        return f"The secretariat reopened the question {about}."
    decision = rules.QUESTION_DECISIONS.label(_after(entry, "decision"))
    return f"The secretariat resolved the question {about}: {decision.lower()}."


def _after(entry: AuditEntry, name: str) -> str:
    values = entry.changes.get(name) or [None, None]
    return str(values[1]) if values[1] is not None else ""
