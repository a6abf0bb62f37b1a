"""The address by which somebody stops a kind of mail with one click, without signing in (RFC 8058).

It is signed and names a person and events, and does nothing but mute these events for that person. It holds as long as
the account is there: mails are kept for years.
"""

from collections.abc import Iterable

from django.core import signing
from django.urls import reverse

from apta.addresses import absolute_url
from workplan import rules
from workplan.models import User

# The value of ``List-Unsubscribe-Post``, and what a mail program then sends by POST (RFC 8058, 3.1).
ONE_CLICK = "List-Unsubscribe=One-Click"

_KEYS = signing.Signer(salt="workplan.unsubscribe", sep=".")


def address_for(person: User, events: Iterable[str]) -> str:
    """The whole address at which ``person`` is mailed no more of ``events``."""
    return absolute_url(reverse("stop-messages", args=[_KEYS.sign("-".join([str(person.pk), *events]))]))


def read(key: str) -> tuple[User, list[rules.Term]] | None:
    """Who and which events a key is of; ``None`` where it is none of ours, or the account is gone."""
    try:
        pk, *events = _KEYS.unsign(key).split("-")
    except signing.BadSignature:
        return None
    person = User.objects.filter(pk=int(pk)).first()
    terms = [term for term in rules.EVENTS if term.value in events]
    return (person, terms) if person is not None and terms else None
