"""Telling those who follow a view what was published on its activities.

A deed that records a status does nothing for it. The run that sends mails looks, each time, at what the trail says
was recorded since the last time, and writes notices; what was told already stays told, by the key of the notice.
"""

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import Truncator

from workplan import permissions, rules
from workplan.actions import notices
from workplan.filters.saved_queries import opened
from workplan.models import Activity, AuditEntry, Follow, SavedView, StatusUpdate, User

# An entry is dated when it is written and seen when its transaction ends: none lasts longer than this.
OVERLAP = datetime.timedelta(minutes=5)
# A view with one of these shows every reader something else.
SEEN_DIFFERENTLY = ("report_state",)
WORDS_SHOWN = 160


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
        return f"followed:{self.update.pk}"


@transaction.atomic
def tell_followers() -> None:
    """Write what those who follow views are to be told, each thing once per person however many views hold it."""
    follows = list(Follow.objects.select_related("view__plan", "view__owner", "user").order_by("view__name", "pk"))
    if not follows:
        return
    now = timezone.now()
    events = _events(min(_from(one) for one in follows))
    if events:
        _tell(follows, events)
    Follow.objects.filter(pk__in=[one.pk for one in follows]).update(told_until=now)


def _from(follow: Follow) -> datetime.datetime:
    """From when on there may be something that the follower has not been told."""
    return max(follow.since, follow.told_until - OVERLAP)


def _events(since: datetime.datetime) -> list[Event]:
    """What became public since then: with its round where that is published as a whole, else when it was approved.

    A return that says "no change" or "nothing" is no news.
    """
    entries = list(
        AuditEntry.objects.filter(action="status.recorded", at__gte=since)
        .select_related("activity__plan")
        .order_by("id")
    )
    said = {entry.pk: entry.changes["latest_update"][1] for entry in entries}
    telling = StatusUpdate.objects.published().exclude(kind__in=rules.KINDS_WITHOUT_NARRATIVE)
    updates = telling.select_related("body").in_bulk(sorted(set(said.values())))
    return [
        Event(entry.at, entry.activity, entry.changes["status"][0], updates[said[entry.pk]], entry.actor_id)
        for entry in entries
        if entry.activity is not None and said[entry.pk] in updates
    ]


def _tell(follows: Iterable[Follow], events: Collection[Event]) -> None:
    seen: dict[tuple[int, int | None], Mapping[int, Collection[str]]] = {}
    written: dict[tuple[int, str], notices.News] = {}
    told: dict[tuple[int, str], tuple[User, notices.News]] = {}
    for follow in follows:
        view, person = follow.view, follow.user
        if not person.is_active or not (view.is_shared or permissions.owns_view(person, view)):
            continue
        fresh = [event for event in events if event.at >= _from(follow) and event.actor != person.pk]
        if not fresh:
            continue
        differs = any(f"{name}=" in view.query for name in SEEN_DIFFERENTLY)
        key = (view.pk, person.pk if differs else None)
        if key not in seen:
            seen[key] = _held(view, person, {event.activity.pk for event in events})
        for event in fresh:
            statuses = seen[key].get(event.activity.pk)
            # Whoever watches what is ongoing hears, too, that something is so no longer.
            if statuses is None or not {event.before, event.update.status} & set(statuses):
                continue
            if (person.pk, event.key) not in told:
                news = written.get((view.pk, event.key)) or _news(event, view)
                written[view.pk, event.key] = news
                told[person.pk, event.key] = (person, news)
    if told:
        notices.tell(told.values())


def _held(view: SavedView, person: Any, activities: Collection[int]) -> Mapping[int, Collection[str]]:
    """Those of ``activities`` that the view holds, whatever their status, and the statuses that it chooses."""
    try:
        found = opened(view, person)
    except ValidationError:
        return {}  # the list of views says what is wrong with it
    rows = found.narrow(Activity.objects.visible_to(person).filter(pk__in=activities), without=("status", "ordering"))
    statuses = found.filterset.form.cleaned_data["status"] or rules.STATUSES.values
    return dict.fromkeys(rows.order_by().values_list("pk", flat=True), statuses)


def _news(event: Event, view: SavedView) -> notices.News:
    update, activity = event.update, event.activity
    words = Truncator(activity.text).chars(WORDS_SHOWN)
    day = f" as of {update.as_of.day} {update.as_of:%B %Y}" if update.as_of else ""
    label, before = rules.STATUSES.label(update.status), rules.STATUSES.label(event.before)
    was = "as before" if update.status == event.before else f"before: {before}"
    # The mails are looked after by the secretariat, which knows nothing of private views.
    where = f"your view “{view}”" if view.is_shared else "a private view of yours"
    return notices.News(
        event="followed",
        key=event.key,
        text=f"{activity.ref} is “{label}”{day} ({was}), reported by {update.reported_by}. {words} (In {where}.)",
        path=f"{activity.get_absolute_url()}#update-{update.pk}",
    )
