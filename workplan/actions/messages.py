"""Mails: notices that wait are collected into one mail per person, and each mail is sent once.

Actions only write notices, in their own transaction. Everything here runs later and can be repeated at any
time: notices that were written, collected or sent already stay as they are.
"""

import datetime
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from workplan import permissions, rules
from workplan.actions import audit, refusals
from workplan.actions.actor import Actor
from workplan.actions.mail_contents import keep_what_holds, last_return
from workplan.exceptions import Invalid, NotAllowed, WrongState
from workplan.models import Digest, MessagePreferences, Notice, User
from workplan.querysets.days import start_of_day
from workplan.querysets.messages import CLAIM_ENDS_AFTER

# Of these everybody with an account hears: what they chose to follow.
EVENTS_OF_ALL = frozenset({"followed"})
EVENTS_OF_BODIES = frozenset(
    {"opened", "due_soon", "overdue", "submitted", "returned", "approved", "exception", "publication"}
)
# Reports to review, rounds that were not published as planned, and people who cannot be mailed.
EVENTS_OF_STAFF = frozenset({"submitted", "publication", "to_review", "undeliverable"})

NOT_THEIRS = "Everybody chooses their own messages."

# In minutes.
LONGEST_RETRY_DELAY = 6 * 60
RECORDING_ATTEMPTS = 5

REACHABLE = Q(is_active=True, is_demo=False) & ~Q(email="") & ~Q(refused_address=F("email"))


def mail_obstacle(person: User) -> str:
    """Why ``person`` gets no mail, in words; empty for whoever can be mailed."""
    if not person.is_active:
        return "The account is switched off."
    if person.is_demo:
        return "A demo account is never mailed."
    if person.is_refused:
        return f"The mail server has refused the address {person.email} for good. It said: “{person.refusal}”."
    return "" if person.email else "The account has no mail address."


def notification_obstacle(person: User, event: str) -> str:
    """Why ``person`` hears nothing of ``event`` by mail, in words; empty for whoever does."""
    chosen = MessagePreferences.objects.filter(user=person).first()
    if chosen is not None and not chosen.wants(event):
        return "You have chosen to hear nothing of it by mail."
    return mail_obstacle(person)


def events_concerning(user: User) -> list[rules.Term]:
    """The events of which ``user`` can be notified, by their roles."""
    concerning = EVENTS_OF_ALL
    if permissions.bodies_of(user):
        concerning |= EVENTS_OF_BODIES
    if permissions.works_for_secretariat(user):
        concerning |= EVENTS_OF_STAFF
    return [term for term in rules.EVENTS if term.value in concerning]


@transaction.atomic
def save_preferences(*, user: User, frequency: str, events: Collection[str], by: Actor) -> MessagePreferences:
    """Set of which events a person is notified, and how often. Notices that wait and are no longer wanted are not sent.

    Args:
        events: those wanted, of the events that concern the person.

    Raises:
        NotAllowed: they are somebody else's.
        Invalid: there is no such frequency or event.
    """
    if by.user is None or by.user.pk != user.pk:
        raise NotAllowed(NOT_THEIRS)
    concerning = [term.value for term in events_concerning(user)]
    fields: dict[str, list[str]] = {}
    if frequency not in rules.FREQUENCIES:
        fields["frequency"] = [f"Use one of: {', '.join(rules.FREQUENCIES.values)}."]
    if set(events) - set(rules.EVENTS.values):
        fields["events"] = [f"Use some of: {', '.join(concerning) or 'none'}."]
    if fields:
        raise Invalid(fields=fields)
    preferences = _locked_preferences(user)
    muted = [
        event
        for event in rules.EVENTS.values
        # What does not concern the person now stays as they once chose it.
        if (event not in events if event in concerning else event in preferences.muted)
    ]
    _write_preferences(preferences, frequency, muted, by=by)
    return preferences


@transaction.atomic
def stop_events(*, user: User, events: Collection[str], by: Actor) -> bool:
    """Mail a person no more of ``events``, as they ask by the link in a mail; whether that changes anything.

    Raises:
        NotAllowed: they are somebody else's.
    """
    if by.user is None or by.user.pk != user.pk:
        raise NotAllowed(NOT_THEIRS)
    preferences = _locked_preferences(user)
    muted = [event for event in rules.EVENTS.values if event in events or event in preferences.muted]
    return _write_preferences(
        preferences, preferences.frequency, muted, by=by, reason="By the link in a mail, without signing in."
    )


def _locked_preferences(user: User) -> MessagePreferences:
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    return MessagePreferences.objects.get_or_create(user=user)[0]


def _write_preferences(
    preferences: MessagePreferences, frequency: str, muted: list[str], *, by: Actor, reason: str = ""
) -> bool:
    """Note what is wanted, and drop what waits and is no longer wanted; whether anything changes."""
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
        audit.entry(action="preferences.changed", record=preferences, changes=changes, by=by, reason=reason).save()
    waiting = Notice.objects.filter(user=preferences.user_id).waiting()
    unwanted = waiting if frequency == rules.NEVER else waiting.filter(event__in=muted)
    # A queryset with a join is no statement of its own on every database.
    Notice.objects.filter(pk__in=list(unwanted.values_list("pk", flat=True))).delete()
    return bool(changes)


@transaction.atomic
def collect() -> int:
    """Put what waits for each person into one mail, and return how many mails were made.

    Whoever has a mail under way gets the next one after it. The lock on the people makes two runs at the same
    moment run one after the other. What was in a mail that was refused for good waits again, for whoever can be
    mailed again.
    """
    reachable = User.objects.filter(REACHABLE).values("pk")
    refused = Notice.objects.filter(digest__refused_at__isnull=False, user__in=reachable)
    Notice.objects.filter(pk__in=refused.values("pk")).update(digest=None)
    waiting = Notice.objects.filter(digest=None)
    people = User.objects.filter(REACHABLE, Exists(waiting.filter(user=OuterRef("pk"))))
    people = people.exclude(message_preferences__frequency=rules.NEVER)
    locked = people.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk", flat=True)
    ready = User.objects.filter(pk__in=list(locked)).exclude(
        Exists(Digest.objects.underway().filter(user=OuterRef("pk")))
    )
    had_one_today = Exists(Digest.objects.filter(user=OuterRef("pk"), created_at__gte=start_of_day()))
    ready = ready.exclude(Q(message_preferences__frequency=rules.DAILY) & had_one_today)
    # Asked again under the lock: another run may have taken some meanwhile.
    ready = ready.filter(Exists(waiting.filter(user=OuterRef("pk"))))
    made = Digest.objects.bulk_create([Digest(user=person, address=person.email) for person in ready], batch_size=500)
    theirs = Digest.objects.underway().filter(user=OuterRef("user"))
    for start in range(0, len(made), 500):
        owners = [digest.user_id for digest in made[start : start + 500]]
        waiting.filter(user__in=owners).update(digest=Subquery(theirs.values("pk")[:1]))
    return len(made)


def ready_to_send() -> QuerySet[Digest]:
    """The mails that may be sent now, to people who can be mailed: new ones before those that have failed."""
    people = User.objects.filter(REACHABLE)
    return Digest.objects.to_hand_over(timezone.now()).filter(user__in=people).order_by("attempts", "pk")


def is_sending_stalled() -> bool:
    """Whether mails that could leave have stayed for so long that no worker can be running."""
    long_ago = timezone.now() - CLAIM_ENDS_AFTER
    people = User.objects.filter(REACHABLE).exclude(message_preferences__frequency__in=(rules.DAILY, rules.NEVER))
    free = people.exclude(Exists(Digest.objects.underway().filter(user=OuterRef("pk"))))
    left = Notice.objects.filter(user__in=free, digest=None, created_at__lt=long_ago)
    rested = Q(retry_at=None, created_at__lt=long_ago) | Q(retry_at__lt=long_ago)
    return left.exists() or ready_to_send().filter(rested).exists()


def claim(digest_id: int, *, worker: str) -> Digest | None:
    """Take one mail in hands; ``None`` where it is sent, in other hands, or cannot go to its person any more.

    What is no longer so is taken out first; a mail of which nothing is left is none.

    One statement, so that of two workers only one gets it, on either engine. No transaction stays open
    while the mail server is asked.
    """
    now = timezone.now()
    taken = ready_to_send().filter(pk=digest_id).order_by().update(claimed_at=now, claimed_by=worker[:64])
    if not taken:
        return None
    digest = Digest.objects.select_related("user").get(pk=digest_id)
    try:
        is_something_left = keep_what_holds(digest)
    except Exception as problem:
        # A mistake of ours must not come back every ten minutes, unseen.
        record_failure(digest, problem)
        raise
    if not is_something_left:
        Digest.objects.underway().filter(pk=digest_id).delete()
        return None
    digest = Digest.objects.select_related("user").prefetch_related("notices").get(pk=digest_id)
    # The address may have been mended since the mail was made.
    digest.address = digest.user.email
    return digest


def reviewers_to_answer(stated: Iterable[Notice]) -> list[User]:
    """Who has returned the reports of which these notices tell, and can be mailed: an answer goes to them."""
    updates = [notice.update for notice in stated if notice.event == "returned" and notice.update is not None]
    returns = [review for update in updates if (review := last_return(update)) is not None]
    found = {review.reviewer_id: review.reviewer for review in returns if review.reviewer.can_be_mailed}
    return list(found.values())


def record_sent(digest: Digest) -> None:
    """Note that the mail server has taken the mail."""
    sent = {"sent_at": timezone.now(), "address": digest.address, "attempts": F("attempts") + 1, "last_error": ""}
    free: dict[str, Any] = {"claimed_at": None, "claimed_by": "", "retry_at": None}
    _persistently(lambda: Digest.objects.filter(pk=digest.pk, sent_at=None).update(**sent, **free))


def record_failure(digest: Digest, problem: BaseException) -> None:
    """Keep the mail to be tried again, after a rest that doubles each time."""
    delay = datetime.timedelta(minutes=min(2 ** min(digest.attempts, 20), LONGEST_RETRY_DELAY))
    text = f"{type(problem).__name__}: {problem}"[:500]
    failed = {"last_error": text, "attempts": min(digest.attempts + 1, 32_000), "retry_at": timezone.now() + delay}
    mine = Digest.objects.underway().filter(pk=digest.pk, claimed_at=digest.claimed_at)
    _persistently(lambda: mine.update(**failed, address=digest.address, claimed_at=None, claimed_by=""))


def record_refusal(digest: Digest, words: str) -> None:
    """Note that the address of a mail is refused for good. The mail is not sent again, and nothing else to the address.

    Args:
        digest: the mail, as it was claimed.
        words: what the mail server said.
    """
    _persistently(lambda: _refuse(digest, words))


@transaction.atomic
def _refuse(digest: Digest, words: str) -> int:
    refused: dict[str, Any] = {"refused_at": timezone.now(), "last_error": words[:500], "attempts": F("attempts") + 1}
    free: dict[str, Any] = {"claimed_at": None, "claimed_by": "", "retry_at": None}
    mine = Digest.objects.underway().filter(pk=digest.pk, claimed_at=digest.claimed_at)
    number = mine.update(**refused, **free, address=digest.address)
    if number:
        refusals.mark_refused(address=digest.address, words=words)
    return number


def _persistently(note: Callable[[], int]) -> None:
    """A mail that left and was not noted would leave again, so a busy database is asked several times."""
    for attempt in range(RECORDING_ATTEMPTS - 1):
        with suppress(OperationalError):
            note()
            return
        time.sleep(0.2 * 2**attempt)
    note()


def release_claims(*, worker: str) -> int:
    """Free what a worker of this name had in hands when it was killed."""
    return Digest.objects.underway().filter(claimed_by=worker[:64]).update(claimed_at=None, claimed_by="")


@transaction.atomic
def try_again(*, digest: Digest, by: Actor) -> None:
    """Let a mail that failed leave with the next run instead of resting.

    Raises:
        NotAllowed: the person does not look after the mails.
        WrongState: it has been sent, or refused for good.
    """
    if not permissions.can_see_messages(by.user):
        raise NotAllowed("Only the secretariat looks after the mails.")
    digest = Digest.objects.select_for_update(of=("self",), no_key=True).get(pk=digest.pk)
    if digest.sent_at:
        raise WrongState("This mail has been sent meanwhile.")
    if digest.refused_at:
        raise WrongState("This mail has been refused for good. Confirm the address, or have it changed.")
    before = digest.retry_at.isoformat() if digest.retry_at else None
    Digest.objects.filter(pk=digest.pk).update(retry_at=None)
    audit.entry(action="digest.tried_again", record=digest, changes={"retry_at": [before, None]}, by=by).save()
