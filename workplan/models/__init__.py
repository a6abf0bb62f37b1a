"""What is true: the plan as agreed, and what is reported on it."""

from workplan.models.activity import Activity, Responsibility
from workplan.models.attempts import AttemptCounter
from workplan.models.audit import AuditEntry
from workplan.models.body import BodyAlias, SectoralBody
from workplan.models.imports import Import
from workplan.models.integrity import AuditSeal, BackupRecord, FileChecksum
from workplan.models.meeting_documents import MeetingDocument
from workplan.models.messages import Digest, MessagePreferences, Notice
from workplan.models.names import RecordName
from workplan.models.people import ApiToken, Membership, SubscriptionKey, User
from workplan.models.plan import CollaborationArea, DocumentRecord, Provision, Section, WorkPlan
from workplan.models.plan_imports import PlanImport
from workplan.models.questions import Decision
from workplan.models.reporting import Comment, Concurrence, Contribution, Evidence, Review, StatusUpdate
from workplan.models.revisions import Revision
from workplan.models.rounds import LateException, Obligation, ReportingRound
from workplan.models.saved_views import Follow, SavedView

__all__ = [
    "Activity",
    "ApiToken",
    "AttemptCounter",
    "AuditEntry",
    "AuditSeal",
    "BackupRecord",
    "BodyAlias",
    "CollaborationArea",
    "Comment",
    "Concurrence",
    "Contribution",
    "Decision",
    "Digest",
    "DocumentRecord",
    "Evidence",
    "FileChecksum",
    "Follow",
    "Import",
    "LateException",
    "MeetingDocument",
    "Membership",
    "MessagePreferences",
    "Notice",
    "Obligation",
    "PlanImport",
    "Provision",
    "RecordName",
    "ReportingRound",
    "Responsibility",
    "Review",
    "Revision",
    "SavedView",
    "Section",
    "SectoralBody",
    "StatusUpdate",
    "SubscriptionKey",
    "User",
    "WorkPlan",
]
