"""What people are told by mail."""

import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from workplan import rules
from workplan.models.base import in_vocabulary
from workplan.models.people import User

# A worker that has held a mail for so long is taken for dead: the mail server is asked with a limit of seconds.
CLAIM_ENDS_AFTER = datetime.timedelta(minutes=10)


class MessagePreferences(models.Model):
    """What one person wants to be told, and how often. Whoever never chose has the defaults."""

    user = models.OneToOneField(User, models.CASCADE, related_name="message_preferences")
    frequency = models.CharField(max_length=20, choices=rules.FREQUENCIES.choices, default=rules.SOON)
    muted = models.JSONField(default=list, blank=True, help_text="Events that the person does not want to hear of.")

    class Meta:
        verbose_name_plural = "message preferences"
        constraints: ClassVar = [
            in_vocabulary("frequency", rules.FREQUENCIES, name="messagepreferences_frequency_known", what="How often")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.frequency}"

    def wants(self, event: str) -> bool:
        """Whether the person wants to hear of ``event``."""
        return self.frequency != rules.NEVER and event not in self.muted


class DigestQuerySet(models.QuerySet["Digest"]):
    def visible_to(self, user: Any) -> Self:
        """The mails name people, so they are the secretariat's to look after."""
        from workplan import permissions

        return self.all() if permissions.can_see_messages(user) else self.none()

    def in_state(self, state: str) -> Self:
        """The mails that are ``waiting``, ``failed`` (and kept to be tried again) or ``sent``."""
        if state == "sent":
            return self.filter(sent_at__isnull=False)
        failed = ~Q(last_error="")
        return self.filter(failed if state == "failed" else ~failed, sent_at=None)

    def to_hand_over(self, now: datetime.datetime) -> Self:
        """What may be sent now: not sent, in nobody's hands, and not resting after a failure."""
        free = Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM_ENDS_AFTER)
        rested = Q(retry_at=None) | Q(retry_at__lte=now)
        return self.filter(free, rested, sent_at=None)


class Digest(models.Model):
    """One mail to one person, with all that there was to tell.

    It is written before it is handed to the mail server. Its id makes the Message-ID, so that a mail
    handed over a second time, after a crash between sending and noting it, is known to be the same one.

    Attributes:
        claimed_at, claimed_by: since when which worker has it in hands; empty for nobody.
        retry_at: when it is tried again after a failure.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="digests")
    address = models.CharField(max_length=300)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)
    claimed_at = models.DateTimeField(null=True)
    claimed_by = models.CharField(max_length=64, blank=True)
    retry_at = models.DateTimeField(null=True)

    objects = DigestQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        # What is still to be sent; at most one at a time per person, so that nobody is told twice.
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user"], condition=Q(sent_at=None), name="digest_one_underway")
        ]

    def __str__(self) -> str:
        return f"Mail {self.pk} to {self.address}"

    @property
    def subject(self) -> str:
        """How many things there are in it, and of which kinds."""
        told = self.notices.all()
        things = "1 thing" if len(told) == 1 else f"{len(told)} things"
        kinds = dict.fromkeys(rules.EVENTS.label(notice.event).lower() for notice in told)
        return f"{things} in apta: {', '.join(kinds)}"

    @property
    def state(self) -> str:
        if self.sent_at:
            return "sent"
        return "failed" if self.last_error else "waiting"


class Notice(models.Model):
    """One thing that one person is to be told of, once. Written with the deed that it tells of."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notices")
    event = models.CharField(max_length=30, choices=rules.EVENTS.choices)
    key = models.CharField(max_length=120, help_text="What happened; the same key is never told twice.")
    text = models.CharField(max_length=1_000)
    path = models.CharField(max_length=300, help_text="The page that it leads to.")
    created_at = models.DateTimeField(default=timezone.now)
    digest = models.ForeignKey(Digest, models.SET_NULL, null=True, related_name="notices")

    class Meta:
        ordering: ClassVar = ["created_at", "id"]
        # What is waiting to be told.
        indexes: ClassVar = [
            models.Index(fields=["user"], condition=Q(digest=None), name="notice_waiting"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "key"], name="notice_once_per_person"),
            in_vocabulary("event", rules.EVENTS, name="notice_event_known", what="The event"),
        ]

    def __str__(self) -> str:
        return f"{self.event} for {self.user}"
