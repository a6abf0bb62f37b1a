"""The same short report on several activities at once: no change, or a nil return."""

import datetime
from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from workplan import permissions, rules
from workplan.actions import audit, current_status
from workplan.actions.actor import Actor
from workplan.actions.drafting import notify_of_submission, refuse_closed
from workplan.actions.reporting import MOST_AT_ONCE, Report, clean, refuse_problems
from workplan.exceptions import Invalid, NotAllowed
from workplan.models import Activity, AuditEntry, Obligation, ReportingRound, SectoralBody, StatusUpdate


@transaction.atomic
def submit_bulk_report(
    *, reporting_round: ReportingRound, body: SectoralBody, activities: Collection[int], kind: str, by: Actor
) -> list[StatusUpdate]:
    """Submit "no change" or a nil return for several activities of one body at once: for all, or for none.

    Args:
        reporting_round: the round it is the report of.
        body: the lead body that reports.
        activities: the ids of the activities; on each a report must still be due.
        kind: ``no_change`` or ``nil_return``.
        by: who says it.

    Raises:
        NotAllowed: the person does not represent ``body``.
        WrongState: the round takes no reports of ``body``.
        Invalid: no report is due on an activity, or it has no status that could be unchanged.
    """
    if kind not in rules.KINDS_WITHOUT_NARRATIVE:
        raise Invalid(fields={"kind": [f"Use {' or '.join(rules.KINDS_WITHOUT_NARRATIVE)}."]})
    if not 1 <= len(activities) <= MOST_AT_ONCE:
        raise Invalid(fields={"activities": [f"Choose from 1 to {MOST_AT_ONCE:,} activities."]})
    reporting_round = current_status.locked_rounds([reporting_round.pk])[reporting_round.pk]
    rows = current_status.locked_activities(activities)
    if by.user is None or body not in permissions.bodies_of(by.user):
        raise NotAllowed(f"You do not report for {body}.")
    refuse_closed(reporting_round, body)
    due = Obligation.objects.filter(round=reporting_round, body=body, activity__in=activities, state=rules.DUE)
    still_due = set(due.values_list("activity", flat=True))
    others = [activity.ref for activity in rows if activity.pk not in still_due]
    if others or len(rows) != len(activities):
        named = f": {', '.join(others[:10])}" if others else ""
        raise Invalid(fields={"activities": [f"Not all of them are still owed by {body} with no draft begun{named}."]})
    now = timezone.now()
    today = by.today
    as_of = rules.default_as_of(reporting_round.period_end, today)
    updates = []
    for activity in rows:
        report = Report(status=activity.status, as_of=as_of, kind=kind)
        try:
            refuse_problems([activity], report, today=today)
        except Invalid as problem:
            texts = [text for messages in problem.fields.values() for text in messages]
            raise Invalid(fields={"activities": [f"{activity.ref}: {text}" for text in texts]}) from problem
        updates.append(_submitted_report(activity, report, reporting_round, body, by, now))
    clean(updates[0], Report(status=updates[0].status, as_of=as_of, kind=kind), by)
    StatusUpdate.objects.bulk_create(updates)
    AuditEntry.objects.bulk_create(
        audit.entry(
            action="report.submitted",
            record=update,
            changes={"state": [None, update.state], "kind": [None, kind], "status": [None, update.status]},
            by=by,
        )
        for update in updates
    )
    current_status.update_obligations(reporting_round, [activity.pk for activity in rows])
    notify_of_submission(updates, by)
    return updates


def _submitted_report(
    activity: Activity,
    report: Report,
    reporting_round: ReportingRound,
    body: SectoralBody,
    by: Actor,
    now: datetime.datetime,
) -> StatusUpdate:
    return StatusUpdate(
        activity=activity,
        body=body,
        round=reporting_round,
        **report.field_values,
        **by.written_and_submitted(now),
        state=rules.SUBMITTED,
    )
