"""Keeping a document as it was taken to a meeting."""

import datetime
import hashlib

from django.db import transaction

from workplan import permissions, rules
from workplan.actions import audit
from workplan.actions.actor import Actor
from workplan.exceptions import Invalid, NotAllowed
from workplan.models import MeetingDocument, ReportingRound, WorkPlan
from workplan.models.meeting_documents import MOST_TITLE


@transaction.atomic
def keep_document(
    *,
    plan: WorkPlan,
    kind: str,
    title: str,
    file_name: str,
    content: bytes,
    scope: str,
    source: str,
    shown_at: datetime.datetime,
    by: Actor,
    reporting_round: ReportingRound | None = None,
) -> MeetingDocument:
    """Keep a document for ever as it is. It was made for everybody who may read the plan.

    Args:
        kind: a value of ``rules.DOCUMENT_KINDS``.
        title: for which meeting.
        scope, source, shown_at: as ``MeetingDocument`` says.
        reporting_round: the round of the plan whose results it shows.

    Raises:
        NotAllowed: the person may not keep documents.
        Invalid: it has no title or one that is too long, or the round is of another plan.
    """
    if not by.is_server and not permissions.can_keep_documents(by.user):
        raise NotAllowed("Only the secretariat keeps documents of meetings.")
    title = rules.normalised(title)
    if not title or len(title) > MOST_TITLE:
        raise Invalid(fields={"title": [f"Name the meeting, in at most {MOST_TITLE} characters."]})
    if reporting_round is not None and reporting_round.plan_id != plan.pk:
        raise Invalid(fields={"round": [f"Choose a round of “{plan.title}”."]})
    kept = MeetingDocument(
        plan=plan,
        round=reporting_round,
        kind=kind,
        title=title,
        scope=scope,
        source=source,
        shown_at=shown_at,
        file_name=rules.plain_file_name(file_name),
        file_size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        kept_by=by.user,
        kept_by_name=by.name,
    )
    kept.save(force_insert=True)
    facts = ("kind", "title", "scope", "shown_at", "file_name", "sha256")
    changes = {name: [None, audit.plain(getattr(kept, name))] for name in facts}
    audit.entry(action="document.kept", record=kept, changes=changes, by=by).save()
    return kept
