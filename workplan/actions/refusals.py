"""Mail addresses that a mail server has refused for good.

Nothing is mailed there until somebody changes or confirms them.
"""

from django.db import transaction
from django.utils import timezone

from workplan import permissions, rules
from workplan.actions import audit, notice_wording, notices
from workplan.actions.actor import Actor
from workplan.exceptions import NotAllowed, WrongState
from workplan.models import User


@transaction.atomic
def mark_refused(*, address: str, words: str) -> None:
    """Note of everybody who has this mail address that it is refused for good, and notify the secretariat.

    Args:
        address: where the mail was to go. Whoever has had another address since is mailed there.
        words: what the mail server said.
    """
    people = User.objects.select_for_update(of=("self",), no_key=True).filter(email=address).order_by("pk")
    for person in people:
        if person.is_refused:
            continue
        person.refused_address, person.refused_at, person.refusal = address, timezone.now(), _readable(words)
        person.save(update_fields=["refused_address", "refused_at", "refusal"])
        changes = {"refused_address": ["", address]}
        by = Actor(user=None, channel="command")
        audit.entry(action="user.address_refused", record=person, changes=changes, by=by, reason=person.refusal).save()
        notification = notices.Notification.of(
            notice_wording.undeliverable(person),
            event="undeliverable",
            key=f"undeliverable:{person.pk}:{person.refused_at.isoformat()}",
            about=person.pk,
        )
        # To whom nothing can be mailed it is said on the page.
        notices.notify_staff(notification, exclude=person)


@transaction.atomic
def confirm_address(*, user: User, by: Actor) -> None:
    """Say that the address of a person is right: what waits for them leaves with the next run.

    Args:
        user: the person; it gets the new values.
        by: the person, or who looks after the mails.

    Raises:
        NotAllowed: it is somebody else's address.
        WrongState: it is not refused (any more).
    """
    if not permissions.can_confirm_address(by.user, user):
        raise NotAllowed("Only its owner and the secretariat can confirm an email address.")
    person = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    if not person.is_refused:
        raise WrongState("This address is not refused.")
    changes = {"refused_address": [person.refused_address, ""]}
    user.refused_address = person.refused_address = user.refusal = person.refusal = ""
    user.refused_at = person.refused_at = None
    person.save(update_fields=["refused_address", "refused_at", "refusal"])
    audit.entry(action="user.address_confirmed", record=person, changes=changes, by=by).save()


def _readable(words: str) -> str:
    """What a server said, as a text of one line that the audit trail takes."""
    return " ".join(rules.UNREADABLE.sub("?", words).split())[:500]
