"""Views that people save: a choice of filters under a name, to be shared and followed."""

from typing import Any, ClassVar, Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from workplan import rules
from workplan.models.base import SHORT_TEXT, Record, in_vocabulary
from workplan.models.people import User
from workplan.models.plan import WorkPlan


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: Any) -> Self:
        """The views that ``user`` may know of: their own, and those that are shared. Nobody sees another's."""
        from workplan import permissions

        if not permissions.may_read(user):
            return self.none()
        if not permissions.can_save_views(user):
            return self.shared()
        return self.filter(Q(is_shared=True) | Q(owner=user))

    def shared(self) -> Self:
        return self.filter(is_shared=True)

    def for_display(self, user: Any) -> Self:
        """With plan and owner, how many follow it, and whether ``user`` does (``is_followed``)."""
        mine = Follow.objects.filter(view=OuterRef("pk"), user=getattr(user, "pk", None))
        return (
            self.select_related("plan", "owner")
            .annotate(number_of_followers=Count("follows"), is_followed=Exists(mine))
            .order_by("name", "pk")
        )


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
    slug = models.SlugField(
        max_length=60,
        unique=True,
        validators=[
            RegexValidator(
                rf"^(?:{'|'.join(rules.VIEW_WORDS_TAKEN)})\Z",
                "This word is the address of another page.",
                inverse_match=True,
            )
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
                violation_error_message="There is a view of this name already, of the same owner.",
            ),
            in_vocabulary("page", rules.VIEW_PAGES, name="savedview_page_known", what="The page"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("view", args=[self.slug])

    def address_on(self, page: str) -> str:
        """The address that shows it on ``page``, the name of an address of its plan that takes filters."""
        return f"{reverse(page, args=[self.plan.code])}?view={self.slug}"


class Follow(models.Model):
    """One person wants to hear what is published on the activities of one view.

    Attributes:
        since: from when on; what was published before is not told.
        told_until: up to when what was published has been looked at.
    """

    view = models.ForeignKey(SavedView, models.CASCADE, related_name="follows")
    user = models.ForeignKey(User, models.CASCADE, related_name="follows")
    since = models.DateTimeField(default=timezone.now)
    told_until = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["view", "user"], name="follow_once_per_person")]

    def __str__(self) -> str:
        return f"{self.user} follows {self.view}"
