"""Views that people save: a choice of filters under a name, to be shared and followed."""

from typing import ClassVar
from urllib.parse import quote

import regex
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone

from workplan import rules
from workplan.models.base import SHORT_TEXT, Record, in_vocabulary
from workplan.models.people import User
from workplan.models.plan import WorkPlan
from workplan.querysets import SavedViewQuerySet

# Letters with their marks, digits, hyphens and underscores, in any script.
SLUG = regex.compile(r"[\p{L}\p{M}\p{N}_-]{1,60}")


def validate_view_slug(slug: str) -> None:
    """An address is made of letters, digits, hyphens and underscores.

    Raises:
        ValidationError: it has another character.
    """
    if not SLUG.fullmatch(slug):
        raise ValidationError("Use letters, digits, hyphens and underscores.", code="invalid")


class SavedView(Record):
    """A choice of activities under a name: the filters of the list, kept to be opened again.

    Attributes:
        slug: what addresses and programs call it. It stays when the name changes.
        query: the parameters of ``filters.ActivityFilterSet``, in their canonical form. Activities come and go by
            them; the view holds no activities of its own.
        is_shared: whether everybody who may read sees it, or only its owner.
    """

    plan = models.ForeignKey(WorkPlan, models.PROTECT, related_name="saved_views")
    owner = models.ForeignKey(User, models.PROTECT, related_name="saved_views")
    name = models.CharField(max_length=100, error_messages={"blank": "Give the view a name."})
    slug = models.CharField(
        max_length=60,
        unique=True,
        validators=[
            validate_view_slug,
            RegexValidator(
                rf"^(?:{'|'.join(rules.RESERVED_VIEW_SLUGS)})\Z",
                "This word is the address of another page.",
                inverse_match=True,
            ),
        ],
    )
    query = models.CharField("filters", max_length=SHORT_TEXT, blank=True)
    page = models.CharField("opens on", max_length=20, choices=rules.VIEW_PAGES.choices, default=rules.IN_LIST)
    is_shared = models.BooleanField("shared", default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                name="savedview_name_once_per_owner",
                violation_error_message="This owner already has a view with this name.",
            ),
            in_vocabulary("page", rules.VIEW_PAGES, name="savedview_page_known", what="The page"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("view", args=[self.slug])

    def address_on(self, page: str) -> str:
        """The address that shows it on ``page``, the name of an address of its plan that takes filters."""
        return f"{reverse(page, args=[self.plan.code])}?view={quote(self.slug)}"


class Follow(models.Model):
    """One person wants to hear what is published on the activities of one view.

    Attributes:
        since: from when on; earlier publications are not notified.
        told_until: up to when what was published has been looked at.
    """

    view = models.ForeignKey(SavedView, models.CASCADE, related_name="follows")
    user = models.ForeignKey(User, models.CASCADE, related_name="follows")
    since = models.DateTimeField(default=timezone.now)
    told_until = models.DateTimeField("notified until", default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["view", "user"], name="follow_once_per_person")]

    def __str__(self) -> str:
        return f"{self.user} follows {self.view}"
