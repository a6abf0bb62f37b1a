"""People, the bodies they represent, and the tokens of their programs."""

from collections.abc import Iterator
from typing import ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from knox.models import AbstractAuthToken

from workplan import rules
from workplan.models.base import Record, in_vocabulary
from workplan.models.body import SectoralBody
from workplan.querysets.days import zones
from workplan.rules.scopes import EVERY_SCOPE, MOST_TOKEN_NAME, SCOPES, TokenGrant, sets_of_scopes

ALL_RIGHTS = " ".join(EVERY_SCOPE)


def validate_zone(name: str) -> None:
    """A time zone is one of those that the server knows.

    Raises:
        ValidationError: it knows none of this name.
    """
    if name not in zones():
        raise ValidationError("There is no such time zone. Use a name such as Asia/Manila.", code="invalid")


class AccountManager(UserManager["User"]):
    """Accounts by their names, in which case makes no difference."""

    use_in_migrations = False

    def named(self, name: str) -> list["User"]:
        """The accounts of this name, the one spelt exactly so first.

        There may be several from the time when case made a difference.
        """
        name = self.model.normalize_username(name)
        # Databases fold ASCII; SQLite nothing else.
        spellings = {name, name.lower(), name.upper(), name.casefold(), name.title()}
        found = self.filter(Q(username__iexact=name) | Q(username__in=spellings)).order_by("pk")
        return sorted(found, key=lambda user: user.username != name)

    def get_by_natural_key(self, username: str | None) -> "User":
        """The account of this name: spelt exactly so, or the only one that differs in case alone.

        Raises:
            User.DoesNotExist: there is none, or several and none that is spelt so.
        """
        found = self.named(username or "")
        if found and (len(found) == 1 or found[0].username == self.model.normalize_username(username or "")):
            return found[0]
        raise self.model.DoesNotExist(f"There is no account {username}.")


class User(Record, AbstractUser):  # type: ignore[django-manager-missing]  # knox names no manager
    """A person with an account.

    Secretariat staff and administrators are members of the groups of those names;
    a focal point has a membership in a body.

    Attributes:
        is_service: whether it is the account of a program: it has tokens and no password.
        access_version: rises when everything that lets the person in must end: sessions, links for a new password
            and addresses of calendars carry it, and are no longer accepted once it has risen.
        time_zone: by its calendar the person says what is true today. Deadlines follow that of the secretariat.
        refused_address: the mail address that a server has refused for good. As long as it is the person's address,
            and they have not confirmed it, nothing is mailed to them.
        refused_at, refusal: when that was, and in which words.
    """

    is_demo = models.BooleanField(
        "demo account", default=False, editable=False, help_text="Can sign in on a trial (APTA_DEBUG=1) only."
    )
    is_service = models.BooleanField(
        "service account",
        default=False,
        db_default=False,
        help_text="The account of a program. It cannot sign in with a password; administrators make its tokens.",
    )
    time_zone = models.CharField(
        max_length=60,
        blank=True,
        db_default="",
        default="",
        validators=[validate_zone],
        help_text="Where the person is, such as Asia/Manila; the secretariat's time zone where it is empty.",
    )
    access_version = models.PositiveIntegerField(default=0, editable=False)
    refused_address = models.CharField(max_length=300, blank=True, db_default="", default="", editable=False)
    refused_at = models.DateTimeField(null=True, editable=False)
    refusal = models.CharField(max_length=500, blank=True, db_default="", default="", editable=False)
    bodies = models.ManyToManyField(
        SectoralBody, through="Membership", through_fields=("user", "body"), related_name="people"
    )

    objects: ClassVar = AccountManager()

    class Meta(AbstractUser.Meta):
        pass

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def clean(self) -> None:
        """Two names that differ in case alone would be taken for one.

        Raises:
            ValidationError: another account has the name, as it is to be from now on.
        """
        super().clean()
        stored = type(self).objects.filter(pk=self.pk).values_list("username", flat=True).first()
        if stored is not None and stored.casefold() == self.username.casefold():
            return
        others = [one for one in type(self).objects.named(self.username) if one.pk != self.pk]
        if others and others[0].username != self.username:
            raise ValidationError(
                {"username": f"There is an account “{others[0].username}” already; case makes no difference."}
            )

    @property
    def is_refused(self) -> bool:
        """Whether the mail address that the person has now has been refused for good."""
        return bool(self.refused_address) and self.refused_address == self.email

    @property
    def can_be_mailed(self) -> bool:
        """Whether mails reach the person: ``actions.messages.REACHABLE`` asks the database the same."""
        return self.is_active and not self.is_demo and bool(self.email) and not self.is_refused

    def get_session_auth_hash(self) -> str:
        """What a session must carry to be this person's: it changes with the password and the access version."""
        return self._with_access_version(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same, by secret keys that are being replaced."""
        for one in super().get_session_auth_fallback_hash():
            yield self._with_access_version(one)

    def _with_access_version(self, text: str) -> str:
        # As it was before there were access versions, so that an upgrade signs nobody out.
        return f"{text}-{self.access_version}" if self.access_version else text


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


class SubscriptionKey(models.Model):
    """How often a person has renewed a key that is part of the addresses of calendars or feeds, or that it is revoked.

    Programs that read calendars and feeds cannot sign in: where the plan is not public, the key in the address says on
    whose behalf they read. The key itself is kept nowhere. Who has no record here has the first key.

    Attributes:
        version: rises whenever the key is renewed; the key carries it.
        is_revoked: whether there is no key at present.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="subscription_keys")
    purpose = models.CharField(max_length=20, choices=rules.SUBSCRIPTIONS.choices)
    version = models.PositiveIntegerField(default=0)
    is_revoked = models.BooleanField(default=False)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["user", "purpose"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "purpose"], name="subscriptionkey_once_per_purpose"),
            in_vocabulary("purpose", rules.SUBSCRIPTIONS, name="subscriptionkey_purpose_known", what="The purpose"),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: key of {self.user}"


class ApiToken(AbstractAuthToken):
    """A key with which a program acts for a person. Only its hash is kept, and every one ends some day.

    Attributes:
        name: what its owner calls it; empty where it was obtained with a password.
        scopes: what it may be used for, of ``SCOPES``, with those that these include, as words.
        body: the body for which alone it acts; ``None`` where it acts for whatever its account acts for.
        last_used_at: when a program came in by it, to the hour.
    """

    name = models.CharField(max_length=MOST_TOKEN_NAME, blank=True, default="", db_default="")
    scopes = models.CharField(max_length=40, default=ALL_RIGHTS, db_default=ALL_RIGHTS)
    body = models.ForeignKey(SectoralBody, models.PROTECT, null=True, blank=True, related_name="tokens")
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API token"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(scopes__in=sets_of_scopes()),
                name="apitoken_scopes_known",
                violation_error_message=f"The scopes must be some of: {', '.join(SCOPES.values)}.",
            ),
            models.CheckConstraint(
                condition=models.Q(expiry__isnull=False),
                name="apitoken_ends",
                violation_error_message="A token must have a day on which it ends.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.token_key}… of {self.user}"

    @property
    def scope_list(self) -> list[str]:
        """What it may be used for, one by one."""
        return self.scopes.split()

    @property
    def grant(self) -> TokenGrant:
        """What it may be used for, as permissions ask."""
        assert self.expiry is not None, "every token ends"
        return TokenGrant(frozenset(self.scope_list), self.body_id, self.expiry, self.pk)
