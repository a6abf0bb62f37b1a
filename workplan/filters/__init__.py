"""Which rows: one filter class per kind of row, for page, API and export alike.

A repeated parameter means "or". An unknown parameter, or a value that cannot be meant, is a
problem named after the parameter; it never quietly shows all rows or none.
"""

from workplan.filters.activities import CURRENT_ONLY, ActivityFilterSet
from workplan.filters.document import (
    AreaFilterSet,
    BodyFilterSet,
    PlanFilterSet,
    ProvisionFilterSet,
    SectionFilterSet,
)
from workplan.filters.reports import CommentFilterSet, ContributionFilterSet, UpdateFilterSet
from workplan.filters.rounds import ObligationFilterSet, RoundFilterSet

__all__ = [
    "CURRENT_ONLY",
    "ActivityFilterSet",
    "AreaFilterSet",
    "BodyFilterSet",
    "CommentFilterSet",
    "ContributionFilterSet",
    "ObligationFilterSet",
    "PlanFilterSet",
    "ProvisionFilterSet",
    "RoundFilterSet",
    "SectionFilterSet",
    "UpdateFilterSet",
]
