"""Notifications by mail."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from workplan import rules
from workplan.models.base import SHORT_TEXT, in_vocabulary
from workplan.models.body import SectoralBody
from workplan.models.people import User
from workplan.models.reporting import StatusUpdate
from workplan.models.rounds import ReportingRound
from workplan.models.saved_views import SavedView
from workplan.querysets import DigestQuerySet, NoticeQuerySet

# The reason of a return is a part of it.
LONGEST_NOTICE = SHORT_TEXT + 500


class MessagePreferences(models.Model):
    """Of which events one person is notified, and how often. Whoever never chose has the defaults."""

    user = models.OneToOneField(User, models.CASCADE, related_name="message_preferences")
    frequency = models.CharField(max_length=20, choices=rules.FREQUENCIES.choices, default=rules.SOON)
    muted = models.JSONField(default=list, blank=True, help_text="Events of which the person is not notified.")

    class Meta:
        verbose_name = verbose_name_plural = "email notifications"
        constraints: ClassVar = [
            in_vocabulary("frequency", rules.FREQUENCIES, name="messagepreferences_frequency_known", what="How often")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.frequency}"

    def wants(self, event: str) -> bool:
        """Whether the person wants to hear of ``event``."""
        return self.frequency != rules.NEVER and event not in self.muted


class Digest(models.Model):
    """One mail to one person, with all notices that waited for it.

    It is written before it is handed to the mail server. Its id makes the Message-ID, so that a mail
    handed over a second time, after a crash between sending and recording it, is recognised as the same one.

    Attributes:
        claimed_at, claimed_by: since when which worker has it in hands; empty for nobody.
        retry_at: when it is tried again after a failure.
        refused_at: when the address was refused for good. The mail never leaves then; what it tells and what is still
            so by then leaves with another one, once the person can be mailed again.
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
    refused_at = models.DateTimeField(null=True)

    objects = DigestQuerySet.as_manager()

    class Meta:
        verbose_name = "outgoing email"
        ordering: ClassVar = ["-created_at", "-id"]
        # What is still to be sent; at most one at a time per person, so that nobody is notified twice.
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(sent_at=None, refused_at=None), name="digest_one_underway"
            )
        ]

        indexes: ClassVar = [
            models.Index(fields=["user"], condition=Q(refused_at__isnull=False), name="digest_refused"),
        ]

    def __str__(self) -> str:
        return f"Email {self.pk} to {self.address}"

    @property
    def subject(self) -> str:
        """How many things there are in it, and of which kinds."""
        stated = self.notices.all()
        if self.refused_at and not stated:
            return "No notifications left"
        things = "1 notification" if len(stated) == 1 else f"{len(stated)} notifications"
        kinds = dict.fromkeys(rules.EVENTS.label(notice.event).lower() for notice in stated)
        return f"{things} in apta: {', '.join(kinds)}"

    @property
    def state(self) -> str:
        if self.sent_at:
            return "sent"
        if self.refused_at:
            return "refused"
        return "failed" if self.last_error else "waiting"


class Notice(models.Model):
    """One event of which one person is notified, once. Written in the transaction of the action that it reports.

    It names the records that it is about, so that before it leaves its words can be made anew of what is so then.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="notices")
    event = models.CharField(max_length=30, choices=rules.EVENTS.choices)
    key = models.CharField(max_length=120, help_text="Identifies the event; nobody is notified of the same key twice.")
    text = models.CharField(max_length=LONGEST_NOTICE)
    details = models.TextField(blank=True, db_default="", default="", help_text="Further text of the email.")
    path = models.CharField(max_length=300, help_text="The page that it leads to.")
    body = models.ForeignKey(
        SectoralBody,
        models.SET_NULL,
        null=True,
        related_name="+",
        help_text="The body as whose focal point the person is notified.",
    )
    round = models.ForeignKey(
        ReportingRound,
        models.SET_NULL,
        null=True,
        related_name="+",
        help_text="The round that it is about.",
    )
    update = models.ForeignKey(
        StatusUpdate, models.CASCADE, null=True, related_name="+", help_text="The report that it is about."
    )
    view = models.ForeignKey(
        SavedView, models.CASCADE, null=True, related_name="+", help_text="The followed view that it is about."
    )
    about = models.ForeignKey(
        User, models.CASCADE, null=True, related_name="+", help_text="The person whose address is refused."
    )
    created_at = models.DateTimeField(default=timezone.now)
    digest = models.ForeignKey(Digest, models.SET_NULL, null=True, related_name="notices")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["created_at", "id"]
        # Notices that wait to be sent.
        indexes: ClassVar = [
            models.Index(fields=["user"], condition=Q(digest=None), name="notice_waiting"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "key"], name="notice_once_per_person"),
            in_vocabulary("event", rules.EVENTS, name="notice_event_known", what="The event"),
        ]

    def __str__(self) -> str:
        return f"{self.event} for {self.user}"
