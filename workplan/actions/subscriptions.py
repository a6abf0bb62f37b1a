"""Keys in the addresses of calendars and feeds: for programs, which cannot sign in, where the plan is not public.

A key opens calendars, or feeds, as its person reads them, and nothing else. It ends when the person renews or revokes
it, with the password, with signing out everywhere, and with the account.
"""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.db import transaction
from django.utils import timezone

from workplan import permissions, rules
from workplan.actions import audit
from workplan.actions.actor import Actor
from workplan.exceptions import Invalid, NotAllowed
from workplan.models import SubscriptionKey, User

# The first is that of the keys which people have in their calendar programs already.
_KEYS = {
    rules.CALENDAR: signing.Signer(salt="workplan.deadlines"),
    rules.FEED: signing.Signer(salt="workplan.feeds"),
}


def key_of(person: Any, purpose: str) -> str:
    """The key of ``person`` for the addresses of ``purpose``; empty where it is revoked or nobody is signed in.

    Args:
        person: who reads.
        purpose: a value of ``rules.SUBSCRIPTIONS``.
    """
    if not person.is_authenticated:
        return ""
    held = SubscriptionKey.objects.filter(user=person.pk, purpose=purpose).first()
    if held is not None and held.is_revoked:
        return ""
    return _KEYS[purpose].sign(_content(person, held.version if held else 0))


def reader_of(key: str, purpose: str) -> Any:
    """On whose behalf a program reads that brings ``key``: nobody's, where the key is none or has ended."""
    try:
        content = _KEYS[purpose].unsign(key)
        pk = int(content.partition("-")[0])
    except (signing.BadSignature, ValueError):
        return AnonymousUser()
    person = User.objects.filter(pk=pk).first()
    if person is None or not permissions.may_sign_in(person):
        return AnonymousUser()
    held = SubscriptionKey.objects.filter(user=person, purpose=purpose).first()
    if (held is not None and held.is_revoked) or content != _content(person, held.version if held else 0):
        return AnonymousUser()
    return person


def keys_of(person: User) -> list[tuple[rules.Term, SubscriptionKey]]:
    """What is kept of the keys of a person, for each purpose: of one never renewed a record that is not stored."""
    held = {one.purpose: one for one in SubscriptionKey.objects.filter(user=person)}
    return [
        (term, held.get(term.value) or SubscriptionKey(user=person, purpose=term.value)) for term in rules.SUBSCRIPTIONS
    ]


def _content(person: Any, version: int) -> str:
    """What a key signs: whose it is, and how often their access, and the key itself, has been renewed."""
    if version:
        return f"{person.pk}-{person.access_version}-{version}"
    # As keys were before they could be renewed.
    return f"{person.pk}-{person.access_version}" if person.access_version else str(person.pk)


@transaction.atomic
def renew_key(*, user: User, purpose: str, by: Actor) -> None:
    """Give a person another key: addresses with the one of before open nothing any more.

    Args:
        user: the person.
        purpose: a value of ``rules.SUBSCRIPTIONS``.
        by: the person, or an administrator.

    Raises:
        NotAllowed: the person may not keep this account.
        Invalid: there is no such purpose.
    """
    held = _held(user, purpose, by)
    held.version += 1
    held.is_revoked = False
    _write(held, "renewed", by)


@transaction.atomic
def revoke_key(*, user: User, purpose: str, by: Actor) -> None:
    """Take a person's key away: its addresses open nothing, and there are no others until it is renewed.

    Args, Raises: as ``renew_key``.
    """
    held = _held(user, purpose, by)
    if held.is_revoked:
        return
    held.is_revoked = True
    _write(held, "revoked", by)


def _held(user: User, purpose: str, by: Actor) -> SubscriptionKey:
    if by.user is None or (by.user.pk != user.pk and not permissions.can_manage_account(by.user, user)):
        raise NotAllowed("Only the owner of an account and its administrators can do this.")
    if purpose not in rules.SUBSCRIPTIONS:
        raise Invalid(fields={"purpose": [f"Use one of: {', '.join(rules.SUBSCRIPTIONS.values)}."]})
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    return SubscriptionKey.objects.get_or_create(user=user, purpose=purpose)[0]


def _write(held: SubscriptionKey, verb: str, by: Actor) -> None:
    held.changed_at = timezone.now()
    held.save(update_fields=["version", "is_revoked", "changed_at"])
    audit.entry(action=f"subscriptionkey.{verb}", record=held, changes={}, by=by).save()
