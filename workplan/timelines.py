"""What happened, in order: one timeline for an activity, one for a body, one for a round.

Told from the audit trail and from the published updates, and only as far as the reader may know: everybody sees
what is published and when rounds open and close; a focal point also the steps of its own bodies' reports, and of
a joint lead's from the day it is handed in; the secretariat all.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from workplan import permissions, rules
from workplan.deeds import VERBS, Change, Reader, action_label, address_of, kind_label
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
ROUND_MOVED = ("round.opened", "round.closed", "round.reopened", "round.published")
# What everybody may know of what the plan leaves open; not by whom and why.
DECIDED = ("question.settled", "question.reopened")
# What happened to a report from the day it was handed in: a joint lead sees it.
HANDED_IN = ("report.submitted", "report.recorded", "report.returned", "report.approved", "report.concurred")
# Kinds of records that a line leads to.
WITH_PAGES = ("statusupdate", "reportinground", "lateexception", "decision")
# Kinds of records whose steps a body sees of its own.
OF_A_BODY = ("statusupdate", "contribution", "lateexception")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened.

    Attributes:
        at: when.
        sentence: what, in a full sentence.
        words: a reason or comment that belongs to it.
        person: who did it; empty where the reader may not know.
        channel: by which way, a value of ``rules.CHANNELS``; empty where the reader may not know.
        about: what it is about and where that stands, on timelines of more than one activity.
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
    """One page of what happened, newest first."""

    lines: list[Line]
    number: int
    has_older: bool

    @property
    def older(self) -> int:
        return self.number + 1

    @property
    def newer(self) -> int:
        return self.number - 1


def of_activity(activity: Activity, user: Any, page: str = "") -> Timeline:
    """What happened to one activity, to its reports and to the rounds in which it is owed."""
    rounds = ReportingRound.objects.filter(obligations__activity=activity)
    return _told(
        user,
        page,
        published=StatusUpdate.objects.filter(activity=activity),
        entries=Q(activity=activity.pk),
        rounds=Q(round__in=rounds.values("pk")),
        names_activity=False,
    )


def of_body(body: SectoralBody, plan: WorkPlan, user: Any, page: str = "") -> Timeline:
    """What one body did and was given in one plan: reports, concurrence, contributions, more time."""
    return _told(
        user,
        page,
        published=StatusUpdate.objects.filter(body=body, activity__plan=plan),
        entries=Q(body=body.pk) & (Q(plan=plan) | Q(plan=None)),
        rounds=Q(plan=plan),
        concurrences=Concurrence.objects.filter(body=body, way=rules.GIVEN, update__activity__plan=plan),
    )


def of_round(the_round: ReportingRound, user: Any, page: str = "") -> Timeline:
    """What happened in one round: its steps, the time given to bodies, and its reports."""
    return _told(
        user,
        page,
        published=StatusUpdate.objects.filter(round=the_round),
        entries=Q(round=the_round.pk),
        rounds=Q(round=the_round.pk),
    )


def _told(
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
    told: list[Line] = []
    if permissions.may_read(user):
        shown = list(_published(published)[:most])
        recorded = _recorded(shown) if permissions.can_see_audit(user) else {}
        told += [_line_of_update(update, recorded.get(update.pk), knows_names, names_activity) for update in shown]
        steps = AuditEntry.objects.filter(
            Q(rounds & Q(action__in=ROUND_MOVED)) | (entries & visible_steps(user)) | (entries & Q(action__in=DECIDED))
        ).exclude(action="status.recorded")
        rows = list(steps.select_related("activity__plan", "body", "round__plan", "plan").order_by("-id")[:most])
        reader = Reader(rows if permissions.can_see_audit(user) else ())
        told += [_line_of_entry(entry, user, reader, names_activity) for entry in rows]
        if concurrences is not None:
            told += [_line_of_concurrence(one, knows_names) for one in _visible_concurrences(concurrences, user)[:most]]
    told.sort(key=lambda line: line.at, reverse=True)
    first = (number - 1) * PAGE_SIZE
    return Timeline(told[first : first + PAGE_SIZE], number, has_older=len(told) > first + PAGE_SIZE)


def visible_steps(user: Any) -> Q:
    """Which entries of the trail, on activities, bodies and rounds, ``user`` may know of."""
    if permissions.can_see_audit(user):
        return Q()
    bodies = permissions.bodies_of(user)
    if not bodies:
        return Q(pk__in=())
    leads = Responsibility.objects.filter(activity=OuterRef("activity"), body__in=bodies, role=rules.LEAD)
    own = Q(body__in=bodies, record_type__in=OF_A_BODY)
    beside = Q(action__in=(*HANDED_IN, "contribution.written"))
    return own | (beside & Q(Exists(leads)))


def _published(updates: "QuerySet[StatusUpdate]") -> "QuerySet[StatusUpdate]":
    return (
        updates.published()  # type: ignore[attr-defined, no-any-return]
        .with_public_since()
        .select_related("activity__plan", "body", "round")
        .order_by("-public_since", "-pk")
    )


def _recorded(updates: Iterable[StatusUpdate]) -> dict[int, AuditEntry]:
    """For each update, the entry that tells of it as the status of its activity."""
    activities = {update.activity_id for update in updates}
    entries = AuditEntry.objects.filter(activity__in=activities, action="status.recorded")
    return {entry.changes["latest_update"][1]: entry for entry in entries}


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


def _line_of_update(update: StatusUpdate, recorded: AuditEntry | None, knows_names: bool, names_activity: bool) -> Line:
    label = rules.STATUSES.label(update.status)
    if update.is_direct:
        side = f" for {update.body}" if update.body else ""
        sentence = f"The secretariat recorded{side}: {label}."
    else:
        sentence = f"The report of {update.reported_by} became the status: {label}."
    if update.kind != rules.PROGRESS:
        sentence = f"{rules.UPDATE_KINDS.label(update.kind)}. {sentence}"
    activity = update.activity
    return Line(
        at=update.public_since,  # type: ignore[attr-defined]
        sentence=sentence,
        words=recorded.reason if recorded else "",
        person=(update.approved_by_name if update.is_direct else "") if knows_names else "",
        channel=recorded.channel if recorded else "",
        about=(activity.ref, activity.get_absolute_url()) if names_activity else ("", ""),
        href=f"{activity.get_absolute_url()}#update-{update.pk}",
        request_id=recorded.request_id if recorded else "",
    )


def _line_of_entry(entry: AuditEntry, user: Any, reader: Reader, names_activity: bool) -> Line:
    sees_all = permissions.can_see_audit(user)
    takes_part = permissions.can_see_progress(user)
    activity = entry.activity
    is_edit = sees_all and entry.action.endswith((".created", ".changed", ".deleted"))
    comment = entry.changes.get("comment") if entry.action == "report.commented" else None
    words = entry.reason if takes_part else ""
    return Line(
        at=entry.at,
        sentence=sentence(entry),
        words=str(comment[1]) if comment else words,
        person=entry.actor_name if takes_part and permissions.can_see_names(user) else "",
        channel=entry.channel if sees_all else "",
        about=(activity.ref, activity.get_absolute_url()) if names_activity and activity else ("", ""),
        href=address_of(entry) if entry.record_type in WITH_PAGES else "",
        changes=reader.changes(entry) if is_edit else [],
        request_id=entry.request_id if sees_all else "",
    )


def _line_of_concurrence(one: Concurrence, knows_names: bool) -> Line:
    activity = one.update.activity
    return Line(
        at=one.at,
        sentence=f"{one.body} concurred with the report of {one.update.reported_by}.",
        person=one.user_name if knows_names else "",
        about=(activity.ref, activity.get_absolute_url()),
        href=reverse("report", args=[one.update_id]),
    )


def sentence(entry: AuditEntry) -> str:
    """What ``entry`` tells, for people. Reads what it is tied to."""
    side = entry.body.acronym if entry.body else "The secretariat"
    the_round = f"“{entry.record_label}”"
    match entry.action:
        case "report.begun":
            return f"{side} began a report."
        case "report.taken_on":
            return f"Another person of {side} went on with the report."
        case "report.submitted":
            again = " again" if _after(entry, "state") and entry.changes["state"][0] == rules.RETURNED else ""
            status = _after(entry, "status")
            said = f": {rules.STATUSES.label(status)}" if status in rules.STATUSES else ""
            return f"{side} submitted a report{again}{said}."
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
            return f"{side} was given more time{f': until {day.day} {day:%B %Y}' if day else ''}."
        case "round.opened":
            return f"The round {the_round} was opened."
        case "round.closed":
            return f"The round {the_round} was closed."
        case "round.reopened":
            return f"The round {the_round} was opened again."
        case "round.published":
            return f"The round {the_round} was published."
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
        return f"The secretariat opened the question {about} again."
    decision = rules.QUESTION_DECISIONS.label(_after(entry, "decision"))
    return f"The secretariat settled the question {about}: {decision.lower()}."


def _after(entry: AuditEntry, name: str) -> str:
    values = entry.changes.get(name) or [None, None]
    return str(values[1]) if values[1] is not None else ""
