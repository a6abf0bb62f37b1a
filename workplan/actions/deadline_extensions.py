"""More time for one body in one round: a deadline is extended, the extension is changed, or taken back."""

import datetime
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from workplan import rules
from workplan.actions import audit, current_status, due_reports, notice_wording, notices
from workplan.actions.actor import Actor
from workplan.actions.rounds import YEAR_OUT_OF_RANGE, YEARS, refuse_transition, require_permission
from workplan.exceptions import Invalid, Stale, WrongState
from workplan.models import AuditEntry, LateException, Obligation, ReportingRound, SectoralBody
from workplan.querysets.days import secretariat_day


@transaction.atomic
def extend_deadline(
    *,
    reporting_round: ReportingRound,
    body: SectoralBody,
    until: datetime.date,
    reason: str,
    by: Actor,
    version: int | None = None,
) -> LateException:
    """Give one body more time in one round, or change what was given. Its focal points are told.

    Args:
        reporting_round: an open or closed round.
        body: a body that reports are due from in it.
        until: the day on which its reports are due, and until whose end they are taken.
        reason: why; the body and the secretariat read it.
        by: who gives it.
        version: the version of the extension that the person has seen; ``None`` where they have seen none.

    Raises:
        NotAllowed: the person may not extend deadlines.
        WrongState: the round is neither open nor closed.
        Invalid: there is no reason, the day has passed or gives no more time, or no report is due from the body.
        Stale: somebody has extended the deadline of the body, or has changed or taken back the extension, meanwhile.
    """
    require_permission(by)
    reporting_round = current_status.locked_rounds([reporting_round.pk])[reporting_round.pk]
    refuse_transition("except", reporting_round)
    fields: dict[str, list[str]] = {}
    if not rules.normalised(reason):
        fields["reason"] = ["Enter the reason for the extension."]
    if until.year not in YEARS:
        fields["until"] = [YEAR_OUT_OF_RANGE]
    elif until < secretariat_day():
        fields["until"] = ["This date has passed. Enter today or a later date."]
    elif until <= reporting_round.due_on:
        fields["until"] = [f"Reports are due on {reporting_round.due_on:%d %B %Y} in any case. Enter a later date."]
    due = Obligation.objects.filter(round=reporting_round, body=body)
    if not due.exists():
        fields["body"] = [f"No reports are due from {body} in this round."]
    if fields:
        raise Invalid(fields=fields)
    found = LateException.objects.filter(round=reporting_round, body=body).first()
    _refuse_stale(found, version)
    if found is not None and (found.until, rules.normalised(found.reason)) == (until, rules.normalised(reason)):
        return found
    before = found.until.isoformat() if found else None
    found = found or LateException(round=reporting_round, body=body, version=_versions_so_far(reporting_round, body))
    found.until, found.reason = until, rules.normalised(reason)
    assert by.user is not None, "commands extend no deadlines"
    found.given_by, found.given_by_name, found.given_at = by.user, by.name, timezone.now()
    found.version += 1
    found.updated_at = found.given_at
    found.full_clean()
    found.save()
    due_reports.set_due_dates(reporting_round, due)
    changes = {"until": [before, until.isoformat()]}
    audit.entry(action="exception.given", record=found, changes=changes, by=by, reason=found.reason).save()
    _notify(found, "given", notice_wording.extended(found), by)
    return found


@transaction.atomic
def withdraw_extension(
    *, reporting_round: ReportingRound, body: SectoralBody, version: int, reason: str, by: Actor
) -> None:
    """Take back the time that a body was given in a round. Its reports are due on the date of the round again.

    Reports that came in the time that was given stay, and count as late. The focal points of the body are told.

    Args:
        reporting_round: an open or closed round.
        body: the body that was given more time.
        version: the version of the extension that the person has seen.
        reason: why; the body and the secretariat read it.
        by: who takes it back.

    Raises:
        NotAllowed: the person may not extend deadlines.
        WrongState: the round is neither open nor closed, or the body has no more time in it (any more).
        Stale: somebody has changed the extension meanwhile.
        Invalid: there is no reason.
    """
    require_permission(by)
    reporting_round = current_status.locked_rounds([reporting_round.pk])[reporting_round.pk]
    refuse_transition("except", reporting_round)
    found = LateException.objects.filter(round=reporting_round, body=body).first()
    if found is None:
        raise WrongState(f"{body} has no deadline extension in “{reporting_round}” to withdraw.")
    _refuse_stale(found, version)
    reason = rules.normalised(reason)
    if not reason:
        raise Invalid(fields={"reason": ["Enter the reason for the withdrawal."]})
    found.reason = reason
    found.full_clean()  # the reason is as long as the audit trail can hold, and readable
    changes = {"until": [found.until.isoformat(), None]}
    entry = audit.entry(action="exception.withdrawn", record=found, changes=changes, by=by, reason=reason)
    _notify(found, "withdrawn", notice_wording.withdrawn(reporting_round, body, reason), by)
    LateException.objects.filter(pk=found.pk).delete()
    entry.save()
    due_reports.set_due_dates(reporting_round, Obligation.objects.filter(round=reporting_round, body=body))


@dataclass(slots=True)
class RestoredDeadline:
    """What undoing a request makes of the deadline of one body in one round.

    Attributes:
        until: the extended deadline that it goes back to; ``None`` for the date of the round.
        reason: why that was given.
        version: the version of the extension as it is; ``None`` where there is none.
    """

    reporting_round: ReportingRound
    body: SectoralBody
    until: str | None
    reason: str
    version: int | None


Restored = dict[tuple[int | None, int | None], RestoredDeadline]


def plan_to_restore(entry: AuditEntry, restored: Restored) -> str:
    """Take back in thought what ``entry`` did to a deadline; why that cannot be done, empty where it can.

    Args:
        entry: an entry of ``extend_deadline`` or ``withdraw_extension``. Of a request, the last comes first.
        restored: what the entries after it make of deadlines; it is changed.
    """
    reporting_round, body = entry.round, entry.body
    if reporting_round is None or body is None:
        return f"{entry.record_label} no longer exists."
    if reporting_round.state not in rules.ROUND_ACTIONS["except"]:
        state = rules.ROUND_STATES.label(reporting_round.state).lower()
        return f"“{reporting_round}” is {state}, so no deadline in it can be changed."
    key = (reporting_round.pk, body.pk)
    if key not in restored:
        found = LateException.objects.filter(round=reporting_round, body=body).first()
        until, version = (found.until.isoformat(), found.version) if found else (None, None)
        restored[key] = RestoredDeadline(reporting_round, body, until, "", version)
    before, after = entry.changes["until"]
    if restored[key].until != after:
        return f"The deadline extension of {body} in “{reporting_round}” has been changed since."
    restored[key].until = before
    earlier = AuditEntry.objects.filter(
        record_type=entry.record_type, round=reporting_round, body=body, pk__lt=entry.pk
    )
    last = earlier.order_by("-pk").first()
    restored[key].reason = last.reason if last and before else ""
    return ""


def restore_deadline(restored: RestoredDeadline, *, by: Actor, why: str) -> None:
    """Put a deadline back to what it was.

    Raises:
        WrongState, Invalid, Stale: as ``extend_deadline`` and ``withdraw_extension``.
    """
    reporting_round, body, version = restored.reporting_round, restored.body, restored.version
    if restored.until is not None:
        until, reason = datetime.date.fromisoformat(restored.until), restored.reason or why
        extend_deadline(reporting_round=reporting_round, body=body, until=until, reason=reason, version=version, by=by)
    elif version is not None:
        withdraw_extension(reporting_round=reporting_round, body=body, version=version, reason=why, by=by)


def _refuse_stale(found: LateException | None, version: int | None) -> None:
    if (found.version if found else None) != version:
        raise Stale(current=[found] if found else [])


def _versions_so_far(reporting_round: ReportingRound, body: SectoralBody) -> int:
    """How often the deadline was changed before: no version is given out twice, though extensions come and go."""
    return AuditEntry.objects.filter(
        record_type=LateException._meta.model_name, round=reporting_round, body=body
    ).count()


def _notify(found: LateException, what: str, wording: notice_wording.Wording, by: Actor) -> None:
    key = f"exception:{found.pk}:{found.version}"
    notification = notices.Notification.of(
        wording,
        event="exception",
        key=key if what == "given" else f"{key}:{what}",
        body=found.body_id,
        round=found.round_id,
    )
    notices.notify_bodies([notification], exclude=by.user)
