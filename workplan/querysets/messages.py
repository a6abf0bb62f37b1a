"""How to ask for the mails to people."""

import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from workplan import permissions

if TYPE_CHECKING:
    from workplan.models import Digest, Notice  # noqa: F401

# A worker that has held a mail for so long is taken for dead: the mail server is asked with a limit of seconds.
CLAIM_ENDS_AFTER = datetime.timedelta(minutes=10)


class DigestQuerySet(models.QuerySet["Digest"]):
    """Questions about the mails to people, each with its notices."""

    def visible_to(self, user: Any) -> Self:
        """The mails name people, so they are the secretariat's to look after."""
        return self.all() if permissions.can_see_messages(user) else self.none()

    def in_state(self, state: str) -> Self:
        """The mails that are ``waiting``, ``failed`` (and kept to be tried again), ``refused`` for good or ``sent``."""
        if state == "sent":
            return self.filter(sent_at__isnull=False)
        if state == "refused":
            return self.filter(refused_at__isnull=False)
        failed = ~Q(last_error="")
        return self.underway().filter(failed if state == "failed" else ~failed)

    def underway(self) -> Self:
        """The mails that are still to be sent."""
        return self.filter(sent_at=None, refused_at=None)

    def to_hand_over(self, now: datetime.datetime) -> Self:
        """What may be sent now: not sent, in nobody's hands, and not resting after a failure."""
        free = Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM_ENDS_AFTER)
        rested = Q(retry_at=None) | Q(retry_at__lte=now)
        return self.underway().filter(free, rested)


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Questions about the events of which people are notified."""

    def waiting(self) -> Self:
        """What waits for a mail, because it is in none, or in one whose address was refused for good."""
        return self.filter(Q(digest=None) | Q(digest__refused_at__isnull=False))
