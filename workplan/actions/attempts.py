"""Counting tries to get in, across all processes of the server, so that guessing is slow and nobody is locked out.

Three things are counted: an account from one place, an account from everywhere, and an address. A place from which
the owner has come in before (a device that carries a mark, or an address) answers for itself alone: what others try
elsewhere, or at the same address without the mark, does not close it.

A try is counted before the password is looked at and given back when it was right, so that many tries at the same
moment do not slip through. Whatever can be typed is counted, whether or not there is such an account.
"""

import datetime
import ipaddress
import math
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from workplan import rules
from workplan.exceptions import TooManyAttempts
from workplan.models import AttemptCounter, User
from workplan.rules import AttemptLimit

# A network of this many bits is one customer's, who has all of its addresses to choose from.
BITS_OF_ONE_CUSTOMER = 64
# Whoever has not tried in vain is free, whatever the clock of another machine says.
LONG_AGO = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
# At one time; the rest goes with the next run.
MOST_CLEARED = 5_000
SECONDS = {"sec": 1, "min": 60, "hour": 3_600, "day": 86_400}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try, counted as one in vain until ``attempt_succeeded`` gives it back.

    Attributes:
        place: what is counted for this account from this device or address.
        address_of_account: what is counted for this account from this address.
        limits: what was counted, with the limit of each.
    """

    place: str
    address_of_account: str
    limits: Mapping[str, AttemptLimit]


def begin_attempt(*, account: str, address: str, device: str = "") -> Attempt:
    """Count a try to get in.

    Args:
        account: the user name as it was typed.
        address: the network address that it comes from.
        device: the mark of the device, if it carries one that was given to it for this very account.

    Raises:
        TooManyAttempts: there were too many in vain; the password is not to be looked at.
    """
    at_address = _key("place", account, _network(address))
    place = _key("device", account, device) if device else at_address
    known = AttemptCounter.objects.filter(key=at_address, known_until__gt=timezone.now())
    limits = {place: rules.OF_PLACE}
    if not device and not known.exists():
        limits |= {_key("account", account): rules.OF_ACCOUNT, _key("address", _network(address)): _limit_of_address()}
    _count(limits)
    return Attempt(place, at_address, limits)


@transaction.atomic
def attempt_succeeded(attempt: Attempt) -> None:
    """Give a try back that was right, and know its address for the account from now on.

    What others have tried in vain stays counted: somebody who guesses at many accounts and has one of their own does
    not start anew by signing in.
    """
    counters = _locked({*attempt.limits, attempt.address_of_account})
    now = timezone.now()
    for key, counter in counters.items():
        if key in (attempt.place, attempt.address_of_account):
            counter.failures = 0
        else:
            counter.failures = max(0, counter.failures - 1)
        limit = attempt.limits.get(key, rules.OF_PLACE)
        if not limit.wait_after(counter.failures):
            counter.free_at = LONG_AGO
    counters[attempt.address_of_account].known_until = now + rules.ADDRESS_KNOWN_FOR
    AttemptCounter.objects.bulk_update(counters.values(), ["failures", "free_at", "known_until"])


def begin_link_request(*, mailbox: str, address: str) -> None:
    """Count that somebody asks for a link for a new password, for a mailbox and by an address.

    Raises:
        TooManyAttempts: there were too many; no mail is to be sent.
    """
    _count({_key("mailbox", mailbox): rules.OF_MAILBOX, _key("asking", _network(address)): _limit_of_address()})


@transaction.atomic
def know_address(*, user: User, address: str) -> None:
    """Know an address for an account whose owner has come there with a link that was mailed to them."""
    key = _key("place", user.username, _network(address))
    counter = _locked({key})[key]
    now = timezone.now()
    counter.failures, counter.free_at, counter.known_until = 0, LONG_AGO, now + rules.ADDRESS_KNOWN_FOR
    counter.save(update_fields=["failures", "free_at", "known_until"])


def free_account(*, user: User) -> None:
    """Forget what was tried in vain on an account, whose password is another one now."""
    AttemptCounter.objects.filter(key=_key("account", user.username)).update(failures=0, free_at=LONG_AGO)


@transaction.atomic
def clear_forgotten_attempts() -> int:
    """Clear away what counts no longer; how many rows. What somebody counts at this moment stays for the next time."""
    now = timezone.now()
    unknown = Q(known_until=None) | Q(known_until__lte=now)
    forgotten = AttemptCounter.objects.filter(unknown, forgotten_at__lte=now).select_for_update(skip_locked=True)
    return AttemptCounter.objects.filter(pk__in=list(forgotten.values_list("pk", flat=True)[:MOST_CLEARED])).delete()[0]


def account_key(account: str) -> str:
    """What stands for an account in the mark of a device, which names nobody."""
    return _key("mark", account)


def _limit_of_address() -> AttemptLimit:
    number, _, unit = settings.TOKEN_RATE.partition("/")
    return AttemptLimit(free=int(number), forgotten_after=datetime.timedelta(seconds=SECONDS[unit]))


@transaction.atomic
def _count(limits: Mapping[str, AttemptLimit]) -> None:
    counters = _locked(set(limits))
    # Not before the lock is had: others may have counted meanwhile.
    now = timezone.now()
    free_at = max(counter.free_at for counter in counters.values())
    if free_at > now:
        raise TooManyAttempts(seconds=math.ceil((free_at - now).total_seconds()))
    for key, counter in counters.items():
        counter.failures = counter.failures + 1 if counter.forgotten_at > now else 1
        wait = limits[key].wait_after(counter.failures)
        if wait:
            counter.free_at = now + wait
        counter.forgotten_at = now + wait + limits[key].forgotten_after
    AttemptCounter.objects.bulk_update(counters.values(), ["failures", "free_at", "forgotten_at"])


def _locked(keys: set[str]) -> dict[str, AttemptCounter]:
    """The counters, made where there are none, and locked in one order for everybody."""
    wanted = sorted(keys)
    rows = AttemptCounter.objects.select_for_update().filter(key__in=wanted).order_by("key")
    while True:
        AttemptCounter.objects.bulk_create(
            [AttemptCounter(key=key, free_at=LONG_AGO, forgotten_at=LONG_AGO) for key in wanted], ignore_conflicts=True
        )
        found = {one.key: one for one in rows.all()}
        # One that was there may have been cleared away before it was locked.
        if len(found) == len(wanted):
            return found


def _key(kind: str, *what: str) -> str:
    typed = "\n".join(User.normalize_username(one).casefold() for one in what)
    return salted_hmac("workplan.attempts", f"{kind}\n{typed}", algorithm="sha256").hexdigest()


def _network(address: str) -> str:
    """What one customer has of addresses: one of the old kind, or a network of the new kind."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, BITS_OF_ONE_CUSTOMER), strict=False))
    return str(parsed)
