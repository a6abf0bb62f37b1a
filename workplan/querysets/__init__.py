"""How to ask: the questions people put to the plan, as words on the querysets.

Page, export and API start from the same ones, so that they show the same rows in the same order.
"""

from workplan.querysets.activities import AS_OF_COLUMNS, ActivityQuerySet, as_of_annotations
from workplan.querysets.bodies import SectoralBodyQuerySet
from workplan.querysets.days import day_of, deadline_zone, latest_day, reader_day, secretariat_day, zone_of, zones
from workplan.querysets.document import AreaQuerySet, ProvisionQuerySet
from workplan.querysets.messages import DigestQuerySet, NoticeQuerySet
from workplan.querysets.names import NamedQuerySet
from workplan.querysets.publication import PUBLIC, accepts_reports_now
from workplan.querysets.questions import DecisionQuerySet
from workplan.querysets.reports import (
    ContributionQuerySet,
    StatusUpdateQuerySet,
    place_of_report,
    published_correction,
)
from workplan.querysets.rounds import ObligationQuerySet, RoundQuerySet
from workplan.querysets.saved_views import SavedViewQuerySet
from workplan.querysets.words import contains_words, fold_spelling

__all__ = [
    "AS_OF_COLUMNS",
    "PUBLIC",
    "ActivityQuerySet",
    "AreaQuerySet",
    "ContributionQuerySet",
    "DecisionQuerySet",
    "DigestQuerySet",
    "NamedQuerySet",
    "NoticeQuerySet",
    "ObligationQuerySet",
    "ProvisionQuerySet",
    "RoundQuerySet",
    "SavedViewQuerySet",
    "SectoralBodyQuerySet",
    "StatusUpdateQuerySet",
    "accepts_reports_now",
    "as_of_annotations",
    "contains_words",
    "day_of",
    "deadline_zone",
    "fold_spelling",
    "latest_day",
    "place_of_report",
    "published_correction",
    "reader_day",
    "secretariat_day",
    "zone_of",
    "zones",
]
