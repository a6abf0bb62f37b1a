"""Which reports everybody may read, and which rounds take reports: conditions that several querysets share."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.apps import apps
from django.db.models import Exists, OuterRef, Q

from workplan.querysets.days import secretariat_day
from workplan.rules import APPROVED, AT_ONCE, CLOSED, OPEN, PUBLISHED

if TYPE_CHECKING:
    from workplan.models import SectoralBody

# Approved, and either at once what counts, or with its round.
PUBLIC = Q(state=APPROVED) & (Q(round=None) | Q(round__publication=AT_ONCE) | Q(round__state=PUBLISHED))


def accepts_reports_now(bodies: "Collection[SectoralBody] | None" = None) -> Q:
    """Whether a round takes reports today: it is open, or closed and a body has a deadline extension.

    Args:
        bodies: where the row is the round itself, whose exceptions count; ``None`` where the row has a ``round``
            and a ``body`` of its own.
    """
    exceptions = apps.get_model("workplan", "LateException").objects.filter(until__gte=secretariat_day())
    if bodies is None:
        mine, state = exceptions.filter(round=OuterRef("round"), body=OuterRef("body")), "round__state"
    else:
        mine, state = exceptions.filter(round=OuterRef("pk"), body__in=bodies), "state"
    return Q(**{state: OPEN}) | (Q(**{state: CLOSED}) & Q(Exists(mine)))
