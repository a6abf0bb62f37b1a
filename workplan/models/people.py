"""People, the bodies they speak for, and the tokens of their programs."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from knox.models import AbstractAuthToken

from workplan.models.base import Record
from workplan.models.body import SectoralBody


class User(AbstractUser):  # type: ignore[django-manager-missing]  # knox names no manager
    """A person with an account.

    Secretariat staff and administrators are members of the groups of those names;
    a focal point has a membership in a body.
    """

    is_demo = models.BooleanField(
        "demo account", default=False, editable=False, help_text="Can sign in on a trial (APTA_DEBUG=1) only."
    )
    bodies = models.ManyToManyField(
        SectoralBody, through="Membership", through_fields=("user", "body"), related_name="people"
    )

    class Meta(AbstractUser.Meta):
        pass

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class Membership(Record):
    """Ties a person to a body as one of its focal points."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    body = models.ForeignKey(SectoralBody, models.PROTECT, related_name="memberships")

    class Meta:
        ordering: ClassVar = ["body", "user"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "body"],
                name="membership_once_per_body",
                violation_error_message="This person is already a focal point of this body.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.body})"


class ApiToken(AbstractAuthToken):
    """A key with which a program acts for a person. Only its hash is kept."""

    class Meta:
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.token_key}… of {self.user}"
