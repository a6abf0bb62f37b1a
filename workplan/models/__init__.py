"""What is true: the plan as agreed, and what is reported on it."""

from workplan.models.activity import Activity, Responsibility
from workplan.models.audit import AuditEntry
from workplan.models.body import BodyAlias, SectoralBody
from workplan.models.messages import Digest, MessagePreferences, Notice
from workplan.models.people import ApiToken, Membership, User
from workplan.models.plan import CollaborationArea, DocumentRecord, Provision, Section, WorkPlan
from workplan.models.questions import Decision
from workplan.models.reporting import Comment, Concurrence, Contribution, Evidence, Review, StatusUpdate
from workplan.models.rounds import LateException, Obligation, ReportingRound
from workplan.models.saved_views import Follow, SavedView

__all__ = [
    "Activity",
    "ApiToken",
    "AuditEntry",
    "BodyAlias",
    "CollaborationArea",
    "Comment",
    "Concurrence",
    "Contribution",
    "Decision",
    "Digest",
    "DocumentRecord",
    "Evidence",
    "Follow",
    "LateException",
    "Membership",
    "MessagePreferences",
    "Notice",
    "Obligation",
    "Provision",
    "ReportingRound",
    "Responsibility",
    "Review",
    "SavedView",
    "Section",
    "SectoralBody",
    "StatusUpdate",
    "User",
    "WorkPlan",
]
