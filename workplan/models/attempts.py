"""Tries to get in, counted where every process of the server sees them."""

from typing import ClassVar

from django.db import models
from django.utils import timezone


class AttemptCounter(models.Model):
    """How often something was tried in vain: an account, an address, or an account from one address or device.

    Attributes:
        key: what is counted, as a keyed hash: neither names nor addresses are kept, nor what was typed for a name.
        free_at: the next try is not looked at before.
        forgotten_at: from then on nothing of it counts.
        known_until: for an account from one address: until when it is known as one that its owner comes from.
    """

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    free_at = models.DateTimeField(default=timezone.now)
    forgotten_at = models.DateTimeField(default=timezone.now)
    known_until = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            # What can be cleared away.
            models.Index(fields=["forgotten_at"], name="attemptcounter_forgotten"),
        ]

    def __str__(self) -> str:
        return f"{self.key[:8]}…: {self.failures}"
