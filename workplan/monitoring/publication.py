"""What publishing a round takes from bodies, and what stands in the way of taking a publication back."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Q

from workplan import rules
from workplan.models import Decision, LateException, Obligation, ReportingRound, SectoralBody, StatusUpdate
from workplan.querysets.days import secretariat_day

SECRETARIAT = "secretariat"
MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Loss:
    """What one body can no longer do once a round is published.

    Attributes:
        body: the body; ``None`` for the secretariat, whose own entry waits for a second person.
        until: the day until whose end its reports are due or taken; ``None`` where that has passed.
        is_extension: whether that day was given to this body alone.
        outstanding: reports that it still has to submit.
        waiting: reports of it that wait for review.
    """

    body: SectoralBody | None
    until: datetime.date | None
    is_extension: bool
    outstanding: int
    waiting: int

    @property
    def name(self) -> str:
        """How a confirmation names it: the acronym, or ``secretariat``."""
        return self.body.acronym if self.body else SECRETARIAT

    @property
    def sentence(self) -> str:
        """What it loses, counted."""
        who = self.body.acronym if self.body else "The secretariat"
        parts = []
        if self.until is not None:
            right = "may report until" if self.is_extension else "has reports due until"
            left = f"{_reports(self.outstanding)} outstanding" if self.outstanding else "nothing outstanding"
            parts.append(f"{right} {self.until:%-d %B %Y} ({left})")
        if self.waiting:
            parts.append(f"has {_reports(self.waiting)} to be reviewed")
        return f"{who} {' and '.join(parts)}."


def losses(reporting_round: ReportingRound, *, on: datetime.date | None = None) -> list[Loss]:
    """What each body loses when ``reporting_round`` is published: time that still runs, and reviews that it waits for.

    Args:
        on: the day on which it is published; today where none is named.
    """
    day = on or secretariat_day()
    due = Obligation.objects.from_bodies().filter(round=reporting_round).order_by().values("body")
    due_by_body: dict[int | None, dict[str, Any]] = {
        row["body"]: {**row}
        for row in due.annotate(
            outstanding=Count("pk", filter=~Q(state__in=(rules.SUBMITTED, rules.APPROVED))), last=Max("due_on")
        )
    }
    submitted = StatusUpdate.objects.filter(round=reporting_round, state=rules.SUBMITTED).order_by()
    waiting = dict(submitted.values_list("body").annotate(number=Count("pk")))
    given = LateException.objects.filter(round=reporting_round, until__gte=day)
    extended = dict(given.values_list("body", "until"))
    found = []
    for body in [*SectoralBody.objects.filter(pk__in={*due_by_body, *waiting, *extended} - {None}), None]:
        key = body.pk if body else None
        row = due_by_body.get(key, {"outstanding": 0, "last": None})
        until = extended.get(key) if key else None
        # Without an extension nothing is taken once the round is closed; but that its date runs was promised.
        if until is None and row["outstanding"] and row["last"] >= day:
            until = row["last"]
        loss = Loss(body, until, key in extended, row["outstanding"], waiting.get(key, 0))
        if loss.until is not None or loss.waiting:
            found.append(loss)
    return found


def reported_activities(reporting_round: ReportingRound) -> set[int]:
    """The activities on which a report of ``reporting_round`` is approved."""
    approved = StatusUpdate.objects.filter(round=reporting_round).approved().order_by()
    return set(approved.values_list("activity", flat=True))


def obstacles_to_withdrawal(reporting_round: ReportingRound) -> list[str]:
    """Why the publication of ``reporting_round`` can no longer be withdrawn, in sentences; empty where it can.

    Somebody has built on it once, after it, another round of the plan was opened, closed or published; a status was
    recorded or approved on one of the activities that it reports on; or a contradiction of reports was settled.
    """
    since = reporting_round.published_at
    if since is None:
        return []
    found = []
    rounds = ReportingRound.objects.filter(plan=reporting_round.plan_id).exclude(pk=reporting_round.pk)
    others = rounds.moved_since(since)
    found += [f"“{other}” has been opened, closed or published since, or is open." for other in others]
    later = StatusUpdate.objects.approved().filter(
        approved_at__gt=since, activity__in=reported_activities(reporting_round)
    )
    later = later.exclude(round=reporting_round).order_by("activity__position")
    refs = list(dict.fromkeys(later.values_list("activity__ref", flat=True)))
    if refs:
        more = f" and {len(refs) - MOST_NAMED} more" if len(refs) > MOST_NAMED else ""
        found.append(f"A later status is recorded on {', '.join(refs[:MOST_NAMED])}{more}.")
    settled = Decision.objects.filter(
        plan=reporting_round.plan_id, kind=rules.CONTRADICTION, decided_at__gt=since
    ).order_by("pk")
    found += [f"The contradictory reports on {one.ref} have been decided on since." for one in settled]
    return found


def _reports(number: int) -> str:
    return "1 report" if number == 1 else f"{number:,} reports"
