"""How to ask for what was decided on open questions."""

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from workplan.models import Decision  # noqa: F401


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Questions about the decisions on open questions."""

    def newest_first(self) -> Self:
        """The decisions, of each question the one that counts before the ones that went before."""
        return self.order_by("-version", "-pk")
