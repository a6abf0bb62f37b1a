"""What an action on a round will do, in sentences and numbers, before anybody does it."""

from dataclasses import dataclass, field
from typing import Any

from workplan import rules
from workplan.actions import advice_on, obligations_for, statuses_to_publish
from workplan.models import Activity, LateException, Membership, ReportingRound, SectoralBody
from workplan.monitoring import completion, publication
from workplan.querysets.days import secretariat_day

Rows = list[tuple[SectoralBody | None, int, str]]


@dataclass(slots=True)
class Preview:
    """What an action will do.

    Attributes:
        sentences: what will happen, one thing each.
        rows: for each body (``None`` for the secretariat) the number of reports meant, and a remark.
        rows_label: what that number counts.
        obstacle: why it cannot be done now; empty when it can.
        consequence: what it takes away, counted, in one sentence; it is said again once it is done.
        losses: what each body loses, which has to be confirmed.
    """

    sentences: list[str]
    rows: Rows = field(default_factory=list)
    rows_label: str = ""
    obstacle: str = ""
    consequence: str = ""
    losses: list[publication.Loss] = field(default_factory=list)


def before_opening(reporting_round: ReportingRound, user: Any) -> Preview:
    """What opening a round asks of which body."""
    activities = Activity.objects.visible_to(user).filter(plan=reporting_round.plan_id).order_by("position")
    numbers: dict[int | None, int] = {}
    due = obligations_for(reporting_round, activities.values_list("pk", flat=True))
    for one in due:
        numbers[one.body_id] = numbers.get(one.body_id, 0) + 1
    left_out = activities.count() - len({one.activity_id for one in due})
    spoken_for = set(
        Membership.objects.filter(body__in=[pk for pk in numbers if pk], user__is_active=True).values_list(
            "body", flat=True
        )
    )
    rows: Rows = [
        (body, numbers[body.pk], "" if body.pk in spoken_for else "No focal point: nobody can report for it.")
        for body in SectoralBody.objects.filter(pk__in=[pk for pk in numbers if pk])
    ]
    if None in numbers:
        rows.append(
            (None, numbers[None], "No lead body, so no report is due from a body. The lead body is an open question.")
        )
    asked = len({one.activity_id for one in due if one.body_id})
    sentences = [
        f"Reports on {_activities(asked)} are due from {_count(len(rows) - (None in numbers), 'body', 'bodies')} "
        f"by {reporting_round.due_on:%-d %B %Y}. Of joint leads, the report of one meets the obligation of all.",
        *_left_out(reporting_round, left_out),
        "The reports due are stored. While the round is open they follow edits of the plan; afterwards they do not "
        "change.",
        "The focal points of these bodies are notified.",
    ]
    if reporting_round.due_on < secretariat_day():
        sentences.append("The due date has passed, so all reports are overdue immediately.")
    others = ReportingRound.objects.visible_to(user).open().filter(plan=reporting_round.plan_id)
    obstacle = "".join(f"“{other}” is open. Close it first." for other in others)
    return Preview(sentences, rows, "reports", obstacle)


def before_closing(reporting_round: ReportingRound, user: Any) -> Preview:
    """What closing a round cuts off."""
    found = completion.of_round(reporting_round, user)
    today = secretariat_day()
    longer = LateException.objects.filter(round=reporting_round, until__gte=today).select_related("body")
    spared = {one.body_id: one.until for one in longer}
    rows: Rows = []
    for body, counts in found.bodies:
        missing = counts.outstanding
        parts = [(counts.draft, "as a draft"), (counts.returned, "returned for revision")]
        words = [f"{number} {what}" for number, what in parts if number]
        if body and body.pk in spared:
            words.append(f"may still report until {spared[body.pk]:%-d %B %Y}")
        if missing:
            rows.append((body, missing, ", ".join(words)))
    sentences = [
        "Reports are accepted only from bodies with a deadline extension; the secretariat continues to review "
        "submitted reports.",
        f"{_reports(found.total.owed)} not started, {_count(found.total.draft, 'draft', 'drafts')} and "
        f"{_count(found.total.returned, 'returned report', 'returned reports')} can no longer be submitted. "
        "They are kept and can be continued if the round is reopened.",
    ]
    if found.total.submitted:
        sentences.append(f"{_reports(found.total.submitted)} submitted and to be reviewed.")
    if reporting_round.due_on >= today:
        sentences.append(f"Reports are due on {reporting_round.due_on:%-d %B %Y}, which has not passed.")
    if reporting_round.closes_on > today:
        sentences.append(f"The planned closing date, {reporting_round.closes_on:%-d %B %Y}, has not been reached.")
    cut_off = [(body, number) for body, number, _ in rows if body and body.pk not in spared]
    named = ", ".join(f"{body} ({number})" for body, number in cut_off)
    consequence = f"No longer accepted unless the round is reopened: reports of {named}." if named else ""
    return Preview(sentences, rows, "outstanding", consequence=consequence)


def before_reopening(reporting_round: ReportingRound, user: Any) -> Preview:
    """What opening a closed round again allows."""
    others = ReportingRound.objects.visible_to(user).open().filter(plan=reporting_round.plan_id)
    found = completion.of_round(reporting_round, user).total
    return Preview(
        [
            "Lead bodies may report again, and continue drafts and returned reports.",
            f"Dates do not change: reports submitted after {reporting_round.due_on:%-d %B %Y} count as late, except "
            f"from bodies with a deadline extension.",
            f"{_reports(found.outstanding)} outstanding.",
        ],
        obstacle="".join(f"“{other}” is open. Close it first." for other in others),
    )


def before_publishing(reporting_round: ReportingRound, user: Any) -> Preview:
    """What publishing ends, and which bodies lose something by it."""
    found = completion.of_round(reporting_round, user).total
    if reporting_round.publication == rules.WITH_ROUND:
        first = (
            f"{_reports(found.approved)} approved: they become public and take effect as the statuses of their "
            f"activities, except where they report no change or a later approval is already in effect."
        )
    else:
        first = f"{_reports(found.approved)} approved; each was published when it was approved."
    sentences = [
        first,
        "The round is finished: no further reports are accepted, and approved reports can only be corrected. A "
        "publication made in error can be withdrawn as long as nothing later depends on it.",
    ]
    sentences += advice_on((activity, update.as_of) for activity, update in statuses_to_publish(reporting_round))
    missing = [(body, counts.outstanding) for body, counts in completion.of_round(reporting_round, user).bodies]
    named = ", ".join(f"{body} ({number})" for body, number in missing if number)
    consequence = f"Not received: {found.outstanding} of {found.total}; by body {named}." if named else ""
    losses = publication.losses(reporting_round)
    if any(loss.waiting for loss in losses):
        sentences.append(
            "Reports in the review queue can still be approved afterwards, and are published then; a returned report "
            "cannot be resubmitted."
        )
    return Preview(sentences, consequence=consequence, losses=losses)


def before_scheduling(reporting_round: ReportingRound, user: Any) -> Preview:
    """What setting the day of publication leads to."""
    sentences = [
        "On this date the round is published automatically, shortly after midnight, if nothing prevents it.",
        "It is not published while it is open, while a body may still report in it, or while a report is to be "
        "reviewed: then the secretariat is notified and decides again.",
    ]
    if reporting_round.publish_on:
        sentences.insert(0, f"It is currently scheduled for {reporting_round.publish_on:%-d %B %Y}.")
    sentences += [f"At present: {loss.sentence}" for loss in publication.losses(reporting_round)]
    return Preview(sentences)


def before_unscheduling(reporting_round: ReportingRound, user: Any) -> Preview:
    """What taking back the day of publication leads to."""
    day = reporting_round.publish_on
    return Preview(
        [
            f"The round will not be published automatically on {day:%-d %B %Y}. It does not change otherwise."
            if day
            else ""
        ]
    )


def before_withdrawing(reporting_round: ReportingRound, user: Any) -> Preview:
    """What withdrawing a publication takes away."""
    found = completion.of_round(reporting_round, user).total
    sentences = [
        "The round is closed again, as it was before it was published. It can be reopened and published again."
    ]
    consequence = ""
    if reporting_round.publication == rules.WITH_ROUND:
        number = Activity.objects.visible_to(user).filter(latest_update__round=reporting_round).count()
        consequence = (
            f"{_count(number, 'activity returns', 'activities return')} to the earlier status, and "
            f"{_reports(found.approved)} hidden from the public until the round is published again."
        )
    running = LateException.objects.filter(round=reporting_round, until__gte=secretariat_day())
    sentences += [f"{one.body} may report again until {one.until:%-d %B %Y}." for one in running.select_related("body")]
    sentences.append("The focal points of the bodies from which reports were due are notified, with the reason.")
    obstacles = publication.obstacles_to_withdrawal(reporting_round)
    return Preview(sentences, obstacle=" ".join(obstacles), consequence=consequence)


def before_deleting(reporting_round: ReportingRound, user: Any) -> Preview:
    """What deleting a planned round takes away."""
    return Preview(
        ["The round was never opened, so no report is lost. The half-years can be planned again."],
        consequence=f"Its dates are deleted: opens on {reporting_round.opens_on:%-d %B %Y}, "
        f"due on {reporting_round.due_on:%-d %B %Y}.",
    )


def _left_out(reporting_round: ReportingRound, number: int) -> list[str]:
    """What the round does not ask about, or that it asks about everything."""
    if reporting_round.asks_for_all:
        return ["Reports on completed and cancelled activities are due as well."]
    if not number:
        return []
    are = "is completed, cancelled or deferred" if number == 1 else "are completed, cancelled or deferred"
    return [f"{number:,} {are}: nothing is due on {'it' if number == 1 else 'them'}."]


def _count(number: int, one: str, many: str) -> str:
    return f"1 {one}" if number == 1 else f"{number:,} {many}"


def _reports(number: int) -> str:
    return _count(number, "report is", "reports are")


def _activities(number: int) -> str:
    return _count(number, "activity", "activities")
