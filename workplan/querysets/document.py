"""Queries for provisions and areas of collaboration by the activities in them."""

from typing import TYPE_CHECKING, Self

from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Concat

from workplan.querysets.names import NamedQuerySet

if TYPE_CHECKING:
    from workplan.models import CollaborationArea, Provision  # noqa: F401
    from workplan.querysets.activities import ActivityQuerySet


class ProvisionQuerySet(NamedQuerySet):
    """Questions about provisions of the plan."""

    def holding(self, activities: "ActivityQuerySet", *, any_of_them: bool) -> Self:
        """The provisions that have one of ``activities``, or none of them."""
        found = Q(Exists(activities.filter(area__provision=OuterRef("pk"))))
        return self.filter(found if any_of_them else ~found)


class AreaQuerySet(NamedQuerySet):
    """Questions about areas of collaboration."""

    def holding(self, activities: "ActivityQuerySet", *, any_of_them: bool) -> Self:
        """The areas that have one of ``activities``, of their own or in an area under them, or none of them."""
        here = Exists(activities.filter(area=OuterRef("pk")))
        below = self.model.objects.filter(plan=OuterRef("plan"), ref__startswith=Concat(OuterRef("ref"), Value(".")))
        found = Q(here) | Q(Exists(below.filter(here)))
        return self.filter(found if any_of_them else ~found)

    def under(self, refs: list[str]) -> Self:
        """The areas with one of these references, and all areas under them."""
        matching = Q(pk=None)
        for ref in refs:
            matching |= Q(ref=ref) | Q(ref__startswith=f"{ref}.")
        return self.filter(matching)
