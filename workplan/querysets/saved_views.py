"""How to ask for the views that people have saved."""

from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q

from workplan import permissions

if TYPE_CHECKING:
    from workplan.models import SavedView  # noqa: F401


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Questions about saved views."""

    def visible_to(self, user: Any) -> Self:
        """The views that ``user`` may know of: their own, and those that are shared. Nobody sees another's."""
        if not permissions.may_read(user):
            return self.none()
        if not permissions.may_have_views(user):
            return self.shared()
        return self.filter(Q(is_shared=True) | Q(owner=user))

    def shared(self) -> Self:
        """The views that their owners show to everybody."""
        return self.filter(is_shared=True)

    def for_display(self, user: Any) -> Self:
        """With plan and owner, how many follow it, and whether ``user`` does (``is_followed``)."""
        mine = apps.get_model("workplan", "Follow").objects.filter(view=OuterRef("pk"), user=getattr(user, "pk", None))
        return (
            self.select_related("plan", "owner")
            .annotate(number_of_followers=Count("follows"), is_followed=Exists(mine))
            .order_by("name", "pk")
        )
