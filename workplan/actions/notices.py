"""Notices: written in the same transaction as the action of which they notify."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from workplan import permissions
from workplan.actions.notice_wording import Wording
from workplan.models import Membership, MessagePreferences, Notice, User
from workplan.models.messages import LONGEST_NOTICE


@dataclass(frozen=True, slots=True)
class Notification:
    """What a notice says.

    Attributes:
        event: a value of ``rules.EVENTS``.
        key: identifies the event; nobody is notified of the same key twice on account of the same body.
        text: one sentence.
        path: the page that it leads to.
        body: the id of the body whose focal points are notified; ``None`` for the secretariat.
        round: the id of the round that it is about.
        update: the id of the report that it is about.
        view: the id of the followed view that it is about.
        about: the id of the person whose address is refused.
        details: what the mail says besides.
    """

    event: str
    key: str
    text: str
    path: str
    body: int | None = None
    round: int | None = None
    update: int | None = None
    view: int | None = None
    about: int | None = None
    details: str = ""

    @classmethod
    def of(cls, wording: Wording, **facts: Any) -> Self:
        """A notice in these words.

        Args:
            wording: the words, and the page that they lead to.
            facts: the event and its key, and what it is about.
        """
        return cls(text=wording.text, path=wording.path, details=wording.details, **facts)


def staff() -> list[User]:
    """Who reviews: the secretariat. Administrators hear of it where they are of the secretariat, too."""
    return list(User.objects.filter(is_active=True, groups__name=permissions.SECRETARIAT_GROUP).order_by("pk"))


def notify_staff(notification: Notification, *, exclude: User | None = None) -> None:
    """Notify everybody of the secretariat, except the person who did it."""
    _write([(person, notification) for person in staff()], exclude)


def notify_bodies(notifications: Sequence[Notification], *, exclude: User | None = None) -> None:
    """Notify the focal points of each body, in a fixed number of queries."""
    bodies = {one.body for one in notifications}
    people: dict[int | None, list[User]] = {}
    for membership in Membership.objects.filter(body__in=bodies, user__is_active=True).select_related("user"):
        people.setdefault(membership.body_id, []).append(membership.user)
    # A focal point of two bodies is notified for each.
    of_bodies = [(one, replace(one, key=f"{one.key[:100]}:{one.body}")) for one in notifications]
    _write([(person, known) for one, known in of_bodies for person in people.get(one.body, [])], exclude)


def notify(pairs: Iterable[tuple[User, Notification]]) -> None:
    """Notify each person of what is paired with them."""
    _write(pairs, None)


def _write(pairs: Iterable[tuple[User, Notification]], exclude: User | None) -> None:
    """A notice for each pair, except for whoever did it and for whoever does not want to hear of it."""
    wanted = [(person, notification) for person, notification in pairs if exclude is None or person.pk != exclude.pk]
    preferences = {
        one.user_id: one for one in MessagePreferences.objects.filter(user__in={person.pk for person, _ in wanted})
    }

    def wants(person: User, event: str) -> bool:
        """Whether a person wants to hear of such an event; who has chosen nothing hears of all."""
        chosen = preferences.get(person.pk)
        return chosen is None or chosen.wants(event)

    Notice.objects.bulk_create(
        [
            Notice(
                user=person,
                event=notification.event,
                key=notification.key[:120],
                text=notification.text[:LONGEST_NOTICE],
                path=notification.path[:300],
                details=notification.details,
                body_id=notification.body,
                round_id=notification.round,
                update_id=notification.update,
                view_id=notification.view,
                about_id=notification.about,
            )
            for person, notification in wanted
            if wants(person, notification.event)
        ],
        ignore_conflicts=True,
        batch_size=500,
    )
