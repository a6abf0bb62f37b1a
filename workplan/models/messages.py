"""What people are told by mail."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from workplan import rules
from workplan.models.base import in_vocabulary
from workplan.models.people import User


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


class Digest(models.Model):
    """One mail to one person, with all that there was to tell.

    It is written before it is handed to the mail server. Its id makes the Message-ID, so that a mail
    handed over a second time, after a crash between sending and noting it, is known to be the same one.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="digests")
    address = models.CharField(max_length=300)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        # What is still to be sent; at most one at a time per person, so that nobody is told twice.
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user"], condition=Q(sent_at=None), name="digest_one_underway")
        ]

    def __str__(self) -> str:
        return f"Digest {self.pk} to {self.address}"


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
