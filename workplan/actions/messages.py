"""Mails: what waits to be told becomes one mail per person, and each mail leaves once.

A deed only writes notices, in its own transaction. Everything here happens later and can be done again at any
time: what was told, collected or sent already stays as it is.
"""

import datetime
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone

from workplan import permissions, rules
from workplan.actions import notices, trail
from workplan.actions.actor import Actor
from workplan.exceptions import Invalid, NotAllowed, WrongState
from workplan.models import Digest, LateException, MessagePreferences, Notice, Obligation, User
from workplan.models.messages import CLAIM_ENDS_AFTER

REMINDERS = ("due_soon", "overdue")
# Of these everybody with an account hears: what they chose to follow.
EVENTS_OF_ALL = ("followed",)
# Of these the secretariat hears, too: what it has to review, and what it owes itself.
EVENTS_OF_STAFF = ("due_soon", "overdue", "submitted", *EVENTS_OF_ALL)

ROUND = ("round__name", "round__code", "round__plan__code")

# In minutes.
LONGEST_REST = 6 * 60
NOTING_TRIES = 5

REACHABLE = Q(is_active=True, is_demo=False) & ~Q(email="")


def why_not_mailed(person: User) -> str:
    """Why ``person`` gets no mail, in words; empty for whoever can be mailed."""
    if not person.is_active:
        return "The account is switched off."
    if person.is_demo:
        return "A demo account is never mailed."
    return "" if person.email else "The account has no mail address."


def why_not_told(person: User, event: str) -> str:
    """Why ``person`` hears nothing of ``event`` by mail, in words; empty for whoever does."""
    chosen = MessagePreferences.objects.filter(user=person).first()
    if chosen is not None and not chosen.wants(event):
        return "You have chosen to hear nothing of it by mail."
    return why_not_mailed(person)


def events_concerning(user: User) -> list[rules.Term]:
    """The events that ``user`` can be told of, by the part they have."""
    if permissions.bodies_of(user):
        return list(rules.EVENTS)
    if user.groups.filter(name=permissions.SECRETARIAT_GROUP).exists():
        return [rules.EVENTS[event] for event in EVENTS_OF_STAFF]
    return [rules.EVENTS[event] for event in EVENTS_OF_ALL]


@transaction.atomic
def save_preferences(*, user: User, frequency: str, events: Collection[str], by: Actor) -> MessagePreferences:
    """Say what a person wants to hear of, and how often. What waits and is no longer wanted is not told.

    Args:
        events: those wanted, of the events that concern the person.

    Raises:
        NotAllowed: they are somebody else's.
        Invalid: there is no such frequency or event.
    """
    if by.user is None or by.user.pk != user.pk:
        raise NotAllowed("Everybody chooses their own messages.")
    concerning = [term.value for term in events_concerning(user)]
    fields: dict[str, list[str]] = {}
    if frequency not in rules.FREQUENCIES:
        fields["frequency"] = [f"Use one of: {', '.join(rules.FREQUENCIES.values)}."]
    if set(events) - set(rules.EVENTS.values):
        fields["events"] = [f"Use some of: {', '.join(concerning) or 'none'}."]
    if fields:
        raise Invalid(fields=fields)
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    preferences, _ = MessagePreferences.objects.get_or_create(user=user)
    muted = [
        event
        for event in rules.EVENTS.values
        # What does not concern the person now stays as they once chose it.
        if (event not in events if event in concerning else event in preferences.muted)
    ]
    changes = {
        name: [before, after]
        for name, before, after in (
            ("frequency", preferences.frequency, frequency),
            ("muted", preferences.muted, muted),
        )
        if before != after
    }
    if changes:
        preferences.frequency, preferences.muted = frequency, muted
        preferences.save(update_fields=["frequency", "muted"])
        trail.entry(action="preferences.changed", record=preferences, changes=changes, by=by).save()
    waiting = Notice.objects.filter(user=user, digest=None)
    (waiting if frequency == rules.NEVER else waiting.filter(event__in=muted)).delete()
    return preferences


def remind() -> None:
    """Write what bodies are to be reminded of today: once per person, round, body and date.

    A late exception moves the date and so makes another reminder of its own.
    """
    today = timezone.localdate()
    more_time = LateException.objects.filter(round=OuterRef("round"), body=OuterRef("body"), until__gte=today)
    timely = Q(timeliness__in=REMINDERS)
    owed = (
        Obligation.objects.outstanding()
        .filter(Q(round__state=rules.OPEN) | (Q(round__state=rules.CLOSED) & Exists(more_time)))
        .with_timeliness()
        .filter(timely)
        .order_by("round", "due_on", "body")
        .values("round", *ROUND, "body", "body__acronym", "due_on", "timeliness")
        .annotate(number=Count("pk"))
    )
    of_bodies = []
    for row in owed:
        who = row["body__acronym"] or "The secretariat"
        reports = "1 report" if row["number"] == 1 else f"{row['number']} reports"
        were = "was" if row["number"] == 1 else "were"
        due = f"{row['due_on'].day} {row['due_on']:%B %Y}"
        if row["timeliness"] == "overdue":
            text = f"{who} still owes {reports} in “{row['round__name']}”. {'It' if row['number'] == 1 else 'They'} "
            text += f"{were} due on {due}."
        else:
            text = f"{who} owes {reports} in “{row['round__name']}” by {due}."
        key = f"{row['timeliness']}:{row['round']}:{row['due_on'].isoformat()}"
        path = reverse("my") if row["body"] else reverse("round", args=[row["round__plan__code"], row["round__code"]])
        news = notices.News(row["timeliness"], key, text, path, row["body"])
        if row["body"]:
            of_bodies.append(news)
        else:
            notices.tell_staff(news)
    if of_bodies:
        notices.tell_bodies(of_bodies)


@transaction.atomic
def collect() -> int:
    """Put what waits for each person into one mail, and return how many mails were made.

    Whoever has a mail under way gets the next one after it. The lock on the people makes two runs at the same
    moment take turns.
    """
    waiting = Notice.objects.filter(digest=None)
    people = User.objects.filter(REACHABLE, Exists(waiting.filter(user=OuterRef("pk"))))
    people = people.exclude(message_preferences__frequency=rules.NEVER)
    locked = people.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk", flat=True)
    ready = User.objects.filter(pk__in=list(locked)).exclude(
        Exists(Digest.objects.filter(user=OuterRef("pk"), sent_at=None))
    )
    day = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    had_one_today = Exists(Digest.objects.filter(user=OuterRef("pk"), created_at__gte=day))
    ready = ready.exclude(Q(message_preferences__frequency=rules.DAILY) & had_one_today)
    # Asked again under the lock: another run may have taken some meanwhile.
    ready = ready.filter(Exists(waiting.filter(user=OuterRef("pk"))))
    made = Digest.objects.bulk_create([Digest(user=person, address=person.email) for person in ready], batch_size=500)
    theirs = Digest.objects.filter(user=OuterRef("user"), sent_at=None)
    for start in range(0, len(made), 500):
        owners = [digest.user_id for digest in made[start : start + 500]]
        waiting.filter(user__in=owners).update(digest=Subquery(theirs.values("pk")[:1]))
    return len(made)


def ready_to_leave() -> QuerySet[Digest]:
    """The mails that may be sent now, to people who can be mailed."""
    people = User.objects.filter(REACHABLE)
    return Digest.objects.to_hand_over(timezone.now()).filter(user__in=people).order_by("pk")


def nothing_leaves() -> bool:
    """Whether mails that could leave have stayed for so long that no worker can be running."""
    long_ago = timezone.now() - CLAIM_ENDS_AFTER
    people = User.objects.filter(REACHABLE).exclude(message_preferences__frequency__in=(rules.DAILY, rules.NEVER))
    free = people.exclude(Exists(Digest.objects.filter(user=OuterRef("pk"), sent_at=None)))
    left = Notice.objects.filter(user__in=free, digest=None, created_at__lt=long_ago)
    rested = Q(retry_at=None, created_at__lt=long_ago) | Q(retry_at__lt=long_ago)
    return left.exists() or ready_to_leave().filter(rested).exists()


def claim(digest_id: int, *, worker: str) -> Digest | None:
    """Take one mail in hands; ``None`` where it is sent, in other hands, or cannot go to its person any more.

    One statement, so that of two workers only one gets it, on either engine. No transaction stays open
    while the mail server is asked.
    """
    now = timezone.now()
    taken = ready_to_leave().filter(pk=digest_id).order_by().update(claimed_at=now, claimed_by=worker[:64])
    if not taken:
        return None
    digest = Digest.objects.select_related("user").prefetch_related("notices").get(pk=digest_id)
    # The address may have been mended since the mail was made.
    digest.address = digest.user.email
    return digest


def note_sent(digest: Digest) -> None:
    """Note that the mail server has taken the mail."""
    sent = {"sent_at": timezone.now(), "address": digest.address, "attempts": F("attempts") + 1, "last_error": ""}
    free: dict[str, Any] = {"claimed_at": None, "claimed_by": "", "retry_at": None}
    _persistently(lambda: Digest.objects.filter(pk=digest.pk, sent_at=None).update(**sent, **free))


def note_failure(digest: Digest, problem: BaseException) -> None:
    """Keep the mail to be tried again, after a rest that doubles each time."""
    rest = datetime.timedelta(minutes=min(2 ** min(digest.attempts, 20), LONGEST_REST))
    text = f"{type(problem).__name__}: {problem}"[:500]
    failed = {"last_error": text, "attempts": min(digest.attempts + 1, 32_000), "retry_at": timezone.now() + rest}
    mine = Digest.objects.filter(pk=digest.pk, sent_at=None, claimed_at=digest.claimed_at)
    _persistently(lambda: mine.update(**failed, address=digest.address, claimed_at=None, claimed_by=""))


def _persistently(note: Callable[[], int]) -> None:
    """A mail that left and was not noted would leave again, so a busy database is asked several times."""
    for turn in range(NOTING_TRIES - 1):
        with suppress(OperationalError):
            note()
            return
        time.sleep(0.2 * 2**turn)
    note()


def release_claims(*, worker: str) -> int:
    """Free what a worker of this name had in hands when it was killed."""
    return Digest.objects.filter(claimed_by=worker[:64], sent_at=None).update(claimed_at=None, claimed_by="")


@transaction.atomic
def try_again(*, digest: Digest, by: Actor) -> None:
    """Let a mail that failed leave with the next run instead of resting.

    Raises:
        NotAllowed: the person does not look after the mails.
        WrongState: it has been sent.
    """
    if not permissions.can_see_messages(by.user):
        raise NotAllowed("Only the secretariat looks after the mails.")
    digest = Digest.objects.select_for_update(of=("self",), no_key=True).get(pk=digest.pk)
    if digest.sent_at:
        raise WrongState("This mail has been sent meanwhile.")
    before = digest.retry_at.isoformat() if digest.retry_at else None
    Digest.objects.filter(pk=digest.pk).update(retry_at=None)
    trail.entry(action="digest.tried_again", record=digest, changes={"retry_at": [before, None]}, by=by).save()
