"""Telling people: what happened stands in their outbox in the same transaction as the deed itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from workplan import permissions
from workplan.models import Membership, MessagePreferences, Notice, User


@dataclass(frozen=True, slots=True)
class News:
    """One thing to tell.

    Attributes:
        event: a value of ``rules.EVENTS``.
        key: what happened; nobody is told the same key twice on account of the same body.
        text: one sentence.
        path: the page that it leads to.
        body: the id of the body whose focal points are told; ``None`` for the secretariat.
    """

    event: str
    key: str
    text: str
    path: str
    body: int | None = None


def staff() -> list[User]:
    """Who reviews: the secretariat. Administrators hear of it where they are of the secretariat, too."""
    return list(User.objects.filter(is_active=True, groups__name=permissions.SECRETARIAT_GROUP).order_by("pk"))


def tell_staff(news: News, *, but: User | None = None) -> None:
    """Tell everybody of the secretariat, except who did it."""
    _write([(person, news) for person in staff()], but)


def tell_bodies(news: Sequence[News], *, but: User | None = None) -> None:
    """Tell the focal points of each body its news, in a fixed number of queries."""
    bodies = {one.body for one in news}
    people: dict[int | None, list[User]] = {}
    for membership in Membership.objects.filter(body__in=bodies, user__is_active=True).select_related("user"):
        people.setdefault(membership.body_id, []).append(membership.user)
    # A focal point of two bodies is told for each.
    of_bodies = [(one, replace(one, key=f"{one.key[:100]}:{one.body}")) for one in news]
    _write([(person, known) for one, known in of_bodies for person in people.get(one.body, [])], but)


def tell(pairs: Iterable[tuple[User, News]]) -> None:
    """Tell each person their news."""
    _write(pairs, None)


def _write(pairs: Iterable[tuple[User, News]], but: User | None) -> None:
    """A notice for each pair, except for whoever did it and for whoever does not want to hear of it."""
    wanted = [(person, news) for person, news in pairs if but is None or person.pk != but.pk]
    preferences = {
        one.user_id: one for one in MessagePreferences.objects.filter(user__in={person.pk for person, _ in wanted})
    }

    def wants(person: User, event: str) -> bool:
        chosen = preferences.get(person.pk)
        return chosen is None or chosen.wants(event)

    Notice.objects.bulk_create(
        [
            Notice(user=person, event=news.event, key=news.key[:120], text=news.text[:1_000], path=news.path[:300])
            for person, news in wanted
            if wants(person, news.event)
        ],
        ignore_conflicts=True,
        batch_size=500,
    )
