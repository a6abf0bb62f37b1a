"""Which rows data files hold: for each kind the queryset and the filter set that page and API use."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from workplan.columns import ACTIVITIES, AUDIT, BODIES, RESPONSIBILITIES, UPDATES
from workplan.filters import ActivityFilterSet, UpdateFilterSet
from workplan.filters.audit import AuditFilterSet
from workplan.filters.base import StrictFilterSet
from workplan.history.audit_entries import rows_of
from workplan.models import Activity, AuditEntry, SectoralBody, StatusUpdate, WorkPlan
from workplan.monitoring import summary

# Rows in memory at a time: some 30 kB each, with all that they show.
CHUNK = 250

FILTERS: dict[str, type[StrictFilterSet]] = {
    ACTIVITIES: ActivityFilterSet,
    UPDATES: UpdateFilterSet,
    BODIES: ActivityFilterSet,
    RESPONSIBILITIES: ActivityFilterSet,
    AUDIT: AuditFilterSet,
}


def unfiltered(kind: str, plan: WorkPlan, user: Any) -> Any:
    """All rows of ``plan`` from which rows of this kind are made, as far as ``user`` may read them."""
    if kind == AUDIT:
        related = ("activity__plan", "body", "round__plan", "plan")
        return AuditEntry.objects.filter(plan=plan).select_related(*related).order_by("-id")
    if kind == UPDATES:
        return StatusUpdate.objects.visible_to(user).filter(activity__plan=plan).for_display()
    return Activity.objects.visible_to(user).filter(plan=plan).for_display()


def of_kind(kind: str, filtered: Any) -> Iterable[Any]:
    """The rows of this kind, made of what the filters leave."""
    if kind == BODIES:
        return summary.tally_by_body(filtered, SectoralBody.objects.all())
    found = filtered.iterator(chunk_size=CHUNK)
    if kind == RESPONSIBILITIES:
        return (part for activity in found for part in activity.responsibilities.all())
    return _audit_rows(found) if kind == AUDIT else found


def _audit_rows(entries: Iterator[AuditEntry]) -> Iterator[Any]:
    while chunk := list(islice(entries, CHUNK)):
        yield from rows_of(chunk)
