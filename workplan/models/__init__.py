"""What is true: the plan as agreed, and what is reported on it."""

from workplan.models.activity import Activity, Responsibility
from workplan.models.audit import AuditEntry
from workplan.models.body import BodyAlias, SectoralBody
from workplan.models.people import ApiToken, Membership, User
from workplan.models.plan import CollaborationArea, DocumentRecord, Provision, Section, WorkPlan
from workplan.models.reporting import Evidence, StatusUpdate

__all__ = [
    "Activity",
    "ApiToken",
    "AuditEntry",
    "BodyAlias",
    "CollaborationArea",
    "DocumentRecord",
    "Evidence",
    "Membership",
    "Provision",
    "Responsibility",
    "Section",
    "SectoralBody",
    "StatusUpdate",
    "User",
    "WorkPlan",
]
