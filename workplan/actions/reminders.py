"""Reminders: of reports that are due, and of reports that wait for review. Each repeats every so many days."""

import datetime
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import Count, Min
from django.utils import timezone

from workplan import permissions, rules
from workplan.actions import notice_wording, notices
from workplan.models import Notice, Obligation, ReportingRound, SectoralBody, StatusUpdate, User
from workplan.querysets import accepts_reports_now, secretariat_day
from workplan.querysets.days import start_of_day

REMINDERS = ("due_soon", "overdue")
ONE_DAY = datetime.timedelta(days=1)


def remind() -> None:
    """Write what bodies and reviewers are to be reminded of today.

    Once per person, round, body and date, and again every ``APTA_REMINDER_DAYS`` as long as it holds. A deadline
    extension changes the date, so another reminder is sent for the new date.
    """
    rows = due_rows()
    rounds = ReportingRound.objects.select_related("plan").in_bulk({row["round"] for row in rows})
    bodies = SectoralBody.objects.in_bulk({row["body"] for row in rows})
    of_bodies = []
    for row in rows:
        reporting_round, body = rounds[row["round"]], bodies[row["body"]]
        key = f"{row['timeliness']}:{row['round']}:{row['due_on'].isoformat()}"
        if times := _times_repeated(row, reporting_round):
            key += f":{times}"
        notification = notices.Notification.of(
            wording_of(row, reporting_round, body),
            event=row["timeliness"],
            key=key,
            body=row["body"],
            round=row["round"],
        )
        of_bodies.append(notification)
    if of_bodies:
        notices.notify_bodies(of_bodies)
    _remind_reviewers()


def due_rows(**of: Any) -> list[dict[str, Any]]:
    """How many reports are due soon or overdue now: for each round, body and date one row.

    Args:
        of: which obligations alone.
    """
    due: Any = Obligation.objects.outstanding().from_bodies().filter(accepts_reports_now(), **of)
    return list(
        due.with_timeliness()
        .filter(timeliness__in=REMINDERS)
        .order_by("round", "due_on", "body")
        .values("round", "body", "due_on", "timeliness")
        .annotate(number=Count("pk"), soon_from=Min("due_soon_from"))
    )


def wording_of(row: dict[str, Any], reporting_round: ReportingRound, body: SectoralBody) -> notice_wording.Wording:
    """What a reminder says of one of ``due_rows``."""
    return notice_wording.reminder(reporting_round, body, row["number"], row["due_on"], row["timeliness"])


def waiting_for(reviewer: User) -> Sequence[StatusUpdate]:
    """The submitted reports that ``reviewer`` may approve, the longest waiting first."""
    waiting = StatusUpdate.objects.to_review().with_part_of(reviewer).select_related("activity__plan")
    return [update for update in waiting if permissions.may(reviewer, rules.APPROVE, update)]


def _times_repeated(row: dict[str, Any], reporting_round: ReportingRound) -> int:
    """How often a reminder has been due before today, in the state in which the reports are."""
    if not settings.REMINDER_DAYS:
        return 0
    since = row["soon_from"] if row["timeliness"] == "due_soon" else row["due_on"] + ONE_DAY
    if reporting_round.opened_at:
        since = max(since, secretariat_day(reporting_round.opened_at))
    return int((secretariat_day() - since).days // settings.REMINDER_DAYS)


def _remind_reviewers() -> None:
    """Remind each of the secretariat for whose review a report has waited for ``APTA_REMINDER_DAYS``, as often."""
    if not settings.REMINDER_DAYS:
        return
    days = datetime.timedelta(days=settings.REMINDER_DAYS)
    long_ago = timezone.now() - days
    if not StatusUpdate.objects.to_review().filter(submitted_at__lte=long_ago).exists():
        return
    # The first of these days counts whole: runs come at any hour.
    lately = Notice.objects.filter(event="to_review", created_at__gte=start_of_day() - days + ONE_DAY)
    reminded = set(lately.values_list("user", flat=True))
    pairs = []
    for reviewer in notices.staff():
        waiting = waiting_for(reviewer) if reviewer.pk not in reminded else ()
        if waiting and waiting[0].submitted_at and waiting[0].submitted_at <= long_ago:
            wording = notice_wording.to_review(len(waiting), secretariat_day(waiting[0].submitted_at))
            key = f"to_review:{secretariat_day().isoformat()}"
            pairs.append((reviewer, notices.Notification.of(wording, event="to_review", key=key)))
    notices.notify(pairs)
