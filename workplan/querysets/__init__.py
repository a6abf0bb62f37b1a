"""How to ask: the questions people put to the plan, as words on the querysets.

Page, export and API start from the same ones, so that they show the same rows in the same order.
"""

from workplan.querysets.activities import ActivityQuerySet, as_known
from workplan.querysets.bodies import SectoralBodyQuerySet
from workplan.querysets.places import AreaQuerySet, ProvisionQuerySet
from workplan.querysets.questions import DecisionQuerySet
from workplan.querysets.reports import PUBLIC, ContributionQuerySet, StatusUpdateQuerySet
from workplan.querysets.rounds import ObligationQuerySet, RoundQuerySet, takes_reports
from workplan.querysets.words import contains_words, fold_spelling

__all__ = [
    "PUBLIC",
    "ActivityQuerySet",
    "AreaQuerySet",
    "ContributionQuerySet",
    "DecisionQuerySet",
    "ObligationQuerySet",
    "ProvisionQuerySet",
    "RoundQuerySet",
    "SectoralBodyQuerySet",
    "StatusUpdateQuerySet",
    "as_known",
    "contains_words",
    "fold_spelling",
    "takes_reports",
]
