"""Files that people send to be imported: kept for the preview, marked as applied, and removed when they expire.

What an import changes is changed by the actions that the pages call; here is only what is kept of the file.
"""

import datetime
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from workplan import permissions, rules
from workplan.actions import audit
from workplan.actions.actor import Actor
from workplan.exceptions import NotAllowed, WrongState
from workplan.models import Import, ReportingRound, SectoralBody, WorkPlan

GONE = "This file is no longer kept: it was confirmed already, or has expired. Send it again."


@transaction.atomic
def keep_import(
    *,
    kind: str,
    plan: WorkPlan,
    name: str,
    content: bytes,
    sha256: str,
    by: Actor,
    reporting_round: ReportingRound | None = None,
    body: SectoralBody | None = None,
    made_at: Any = None,
) -> Import:
    """Keep a file that was read, until it is confirmed or expires.

    Args:
        kind: a value of ``rules.IMPORT_KINDS``.
        name: what it is called by who sent it.
        reporting_round, body, made_at: as ``Import`` says, of a round workbook.

    Raises:
        NotAllowed: the person may not import what it holds.
    """
    user = by.user
    is_allowed = permissions.can_use_workbook(user, body) if body is not None else permissions.can_import_statuses(user)
    if user is None or not is_allowed:
        raise NotAllowed("You may not import this file.")
    kept = Import(
        kind=kind,
        plan=plan,
        round=reporting_round,
        body=body,
        user=user,
        user_name=by.name,
        file_name=rules.plain_file_name(name) or "file",
        file_size=len(content),
        sha256=sha256,
        content=content,
        made_at=made_at,
        expires_at=timezone.now() + datetime.timedelta(days=settings.IMPORT_DAYS),
    )
    kept.save(force_insert=True)
    return kept


@transaction.atomic
def answer_import(*, kept: Import, answers: Mapping[str, Any], by: Actor) -> Import:
    """Keep what the person has said on the page of the preview.

    Raises:
        NotAllowed: it is somebody else’s.
        WrongState: it was confirmed already, or has expired.
    """
    kept = locked_import(kept, by)
    kept.answers = dict(answers)
    kept.save(update_fields=["answers"])
    return kept


def locked_import(kept: Import, by: Actor) -> Import:
    """The import as it is, locked until the transaction ends.

    Raises:
        NotAllowed: it is somebody else’s.
        WrongState: it was confirmed already, or has expired.
    """
    found = Import.objects.select_for_update(of=("self",), no_key=True).select_related("plan", "round", "body")
    kept = found.get(pk=kept.pk)
    if by.user is None or kept.user_id != by.user.pk:
        raise NotAllowed("Only who has sent a file can confirm it.")
    if kept.state != rules.PREVIEWED or kept.expires_at <= timezone.now():
        raise WrongState(GONE)
    return kept


def finish_import(*, kept: Import, results: Mapping[str, Any], by: Actor) -> None:
    """Note that a locked import was applied in this transaction, and remove its file.

    Args:
        results: what was written, by the reference of the activity.
    """
    kept.state, kept.content, kept.answers = rules.APPLIED, None, {}
    kept.results = dict(results)
    kept.applied_at = timezone.now()
    kept.request_id = by.request_id
    kept.save(update_fields=["state", "content", "answers", "results", "applied_at", "request_id"])
    changes: dict[str, list[Any]] = {
        "file_name": [None, kept.file_name],
        "sha256": [None, kept.sha256],
        "rows": [None, len(results)],
    }
    audit.entry(action="import.applied", record=kept, changes=changes, by=by).save()


def end_expired_imports() -> int:
    """Remove the files that nobody has confirmed in time; how many."""
    expired = Import.objects.filter(state=rules.PREVIEWED, expires_at__lte=timezone.now())
    return expired.update(state=rules.EXPIRED, content=None, answers={})
