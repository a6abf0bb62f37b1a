"""Notices for those who follow a view, of what was published on its activities.

Actions that record a status do nothing for followers. The run that sends mails reads in the audit trail what was
recorded since the last run, and writes notices; the key of a notice keeps anybody from being notified twice.
"""

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from workplan import permissions, rules
from workplan.actions import notice_wording, notices
from workplan.filters.saved_queries import opened
from workplan.models import Activity, AuditEntry, Follow, SavedView, StatusUpdate, User

# An entry is dated when it is written and seen when its transaction ends: none lasts longer than this.
OVERLAP = datetime.timedelta(minutes=5)
# A view with one of these shows every reader something else.
READER_DEPENDENT = ("report_state",)


@dataclass(frozen=True, slots=True)
class Event:
    """A status that became public: of which activity, from what to what, by which update, and who did it."""

    at: datetime.datetime
    activity: Activity
    before: str
    update: StatusUpdate
    actor: int | None

    @property
    def key(self) -> str:
        """What tells this event from every other: it is notified of once."""
        return f"followed:{self.update.pk}"


@transaction.atomic
def notify_followers() -> None:
    """Write notices for those who follow views: each event once per person, in however many of their views it is."""
    follows = list(Follow.objects.select_related("view__plan", "view__owner", "user").order_by("view__name", "pk"))
    if not follows:
        return
    now = timezone.now()
    events = _events(min(_from(one) for one in follows))
    if events:
        _notify(follows, events)
    Follow.objects.filter(pk__in=[one.pk for one in follows]).update(told_until=now)


def notify_of_unreadable_views(views: Iterable[SavedView]) -> None:
    """Tell the owner and the followers of each of ``views`` that it cannot be read any more, once for each version."""
    pending = []
    for view in views:
        try:
            opened(view, view.owner)
        except ValidationError as problem:
            notification = _unreadable(view, " ".join(problem.messages))
            people = {view.owner, *(follow.user for follow in view.follows.select_related("user"))}
            allowed = (one for one in people if view.is_shared or permissions.owns_view(one, view))
            pending += [
                (person, notification) for person in sorted(allowed, key=lambda one: one.pk) if person.is_active
            ]
    if pending:
        notices.notify(pending)


def _unreadable(view: SavedView, problem: str) -> notices.Notification:
    wording = notice_wording.unreadable(view, problem)
    key = f"unreadable:{view.pk}:{view.version}"
    return notices.Notification.of(wording, event="followed", key=key, view=view.pk)


def unreadable_now(view: SavedView, person: User) -> notice_wording.Wording | None:
    """What is told of a view that cannot be read; ``None`` where it can again, or is not theirs to hear of any more."""
    is_theirs = view.owner_id == person.pk or Follow.objects.filter(view=view, user=person).exists()
    if not is_theirs or not (view.is_shared or permissions.owns_view(person, view)):
        return None
    try:
        opened(view, view.owner)
    except ValidationError as problem:
        return notice_wording.unreadable(view, " ".join(problem.messages))
    return None


def _from(follow: Follow) -> datetime.datetime:
    """From when on there may be events of which the follower has not been notified."""
    return max(follow.since, follow.told_until - OVERLAP)


def _events(since: datetime.datetime) -> list[Event]:
    """What became public since then: with its round where that is published as a whole, else when it was approved.

    Reports of "no change" and nil returns are not notified.
    """
    entries = list(
        AuditEntry.objects.filter(action="status.recorded", at__gte=since)
        .select_related("activity__plan")
        .order_by("id")
    )
    # Where a publication was withdrawn, there may be no report any more.
    update_ids = {entry.pk: entry.changes["latest_update"][1] or 0 for entry in entries}
    telling = StatusUpdate.objects.published().exclude(kind__in=rules.KINDS_WITHOUT_NARRATIVE)
    updates = telling.select_related("body", "activity__plan").in_bulk(sorted(set(update_ids.values())))
    return [
        Event(entry.at, entry.activity, entry.changes["status"][0], updates[update_ids[entry.pk]], entry.actor_id)
        for entry in entries
        if entry.activity is not None and update_ids[entry.pk] in updates
    ]


def _notify(follows: Iterable[Follow], events: Collection[Event]) -> None:
    seen: dict[tuple[int, int | None], Mapping[int, Collection[str]]] = {}
    written: dict[tuple[int, str], notices.Notification] = {}
    pending: dict[tuple[int, str], tuple[User, notices.Notification]] = {}
    for follow in follows:
        view, person = follow.view, follow.user
        if not person.is_active or not (view.is_shared or permissions.owns_view(person, view)):
            continue
        fresh = [event for event in events if event.at >= _from(follow) and event.actor != person.pk]
        if not fresh:
            continue
        differs = any(f"{name}=" in view.query for name in READER_DEPENDENT)
        key = (view.pk, person.pk if differs else None)
        if key not in seen:
            seen[key] = _matching_activities(view, person, {event.activity.pk for event in events})
        for event in fresh:
            statuses = seen[key].get(event.activity.pk)
            # Whoever watches what is ongoing hears, too, that something is so no longer.
            if statuses is None or not {event.before, event.update.status} & set(statuses):
                continue
            if (person.pk, event.key) not in pending:
                notification = written.get((view.pk, event.key)) or _notification(event, view)
                written[view.pk, event.key] = notification
                pending[person.pk, event.key] = (person, notification)
    if pending:
        notices.notify(pending.values())


def _matching_activities(view: SavedView, person: Any, activities: Collection[int]) -> Mapping[int, Collection[str]]:
    """Those of ``activities`` that the view holds, whatever their status, and the statuses that it chooses."""
    try:
        found = opened(view, person)
    except ValidationError:
        notify_of_unreadable_views([view])
        return {}
    rows = found.narrow(Activity.objects.visible_to(person).filter(pk__in=activities), without=("status", "ordering"))
    statuses = found.filterset.form.cleaned_data["status"] or rules.STATUSES.values
    return dict.fromkeys(rows.order_by().values_list("pk", flat=True), statuses)


def _notification(event: Event, view: SavedView) -> notices.Notification:
    wording = notice_wording.followed(event.update, event.before, view)
    return notices.Notification.of(wording, event="followed", key=event.key, update=event.update.pk)


def wording_now(update: StatusUpdate, person: User) -> notice_wording.Wording | None:
    """What is told of ``update`` to whoever follows views; ``None`` where another status has taken its place, or none
    of the views that the person follows holds it any more."""
    activity = update.activity
    latest = activity.latest_update
    is_confirmed = latest is not None and latest.kind in rules.KINDS_WITHOUT_NARRATIVE
    if activity.status != update.status or (activity.latest_update_id != update.pk and not is_confirmed):
        return None
    recorded = AuditEntry.objects.filter(action="status.recorded", activity=activity).order_by("-pk")
    before = next(
        (entry.changes["status"][0] for entry in recorded if entry.changes["latest_update"][1] == update.pk), None
    )
    if before is None:
        return None
    for follow in Follow.objects.filter(user=person).select_related("view__plan", "view__owner").order_by("view__name"):
        view = follow.view
        if not view.is_shared and not permissions.owns_view(person, view):
            continue
        statuses = _matching_activities(view, person, {activity.pk}).get(activity.pk)
        if statuses is not None and {before, update.status} & set(statuses):
            return notice_wording.followed(update, before, view)
    return None
