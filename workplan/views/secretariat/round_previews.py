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
            (None, numbers[None], "No lead body, so no report is due from a body. Who leads is an open question.")
        )
    asked = len({one.activity_id for one in due if one.body_id})
    sentences = [
        f"{_count(len(rows) - (None in numbers), 'body owes', 'bodies owe')} reports on {_activities(asked)} "
        f"by {reporting_round.due_on:%-d %B %Y}. Of joint leads each owes, and the report of one settles all.",
        *_left_out(reporting_round, left_out),
        "What is owed is written down. While the round is open it follows edits of the plan; afterwards it stays.",
        "The focal points of these bodies are told.",
    ]
    if reporting_round.due_on < secretariat_day():
        sentences.append("The day on which reports are due has passed already, so all of them are overdue at once.")
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
        parts = [(counts.draft, "as a draft"), (counts.returned, "returned to be mended")]
        words = [f"{number} {what}" for number, what in parts if number]
        if body and body.pk in spared:
            words.append(f"may still report until {spared[body.pk]:%-d %B %Y}")
        if missing:
            rows.append((body, missing, ", ".join(words)))
    sentences = [
        "No more reports are taken, but from bodies with a late exception; and the secretariat reviews what it has.",
        f"{_reports(found.total.owed)} not begun, {_count(found.total.draft, 'draft', 'drafts')} and "
        f"{_count(found.total.returned, 'returned report', 'returned reports')} are cut off. "
        "Nothing of them is lost; they can go on when the round is reopened.",
    ]
    if found.total.submitted:
        sentences.append(f"{_reports(found.total.submitted)} handed in and waiting for review.")
    if reporting_round.due_on >= today:
        sentences.append(f"Reports are due on {reporting_round.due_on:%-d %B %Y}, which has not passed.")
    if reporting_round.closes_on > today:
        sentences.append(f"The round was to close on {reporting_round.closes_on:%-d %B %Y}, which is still to come.")
    cut_off = [(body, number) for body, number, _ in rows if body and body.pk not in spared]
    named = ", ".join(f"{body} ({number})" for body, number in cut_off)
    consequence = f"No longer taken, until the round is reopened: reports of {named}." if named else ""
    return Preview(sentences, rows, "not handed in", consequence=consequence)


def before_reopening(reporting_round: ReportingRound, user: Any) -> Preview:
    """What opening a closed round again allows."""
    others = ReportingRound.objects.visible_to(user).open().filter(plan=reporting_round.plan_id)
    found = completion.of_round(reporting_round, user).total
    return Preview(
        [
            "Lead bodies may report again, and go on with drafts and returned reports.",
            f"Dates stay as they are: reports that come after {reporting_round.due_on:%-d %B %Y} count as late, "
            "but from bodies with a late exception.",
            f"{_reports(found.outstanding)} not handed in.",
        ],
        obstacle="".join(f"“{other}” is open. Close it first." for other in others),
    )


def before_publishing(reporting_round: ReportingRound, user: Any) -> Preview:
    """What publishing ends, and which bodies lose something by it."""
    found = completion.of_round(reporting_round, user).total
    if reporting_round.publication == rules.WITH_ROUND:
        first = (
            f"{_reports(found.approved)} approved: everybody will read them, and they become the statuses of their "
            "activities, but where they say that nothing has changed, or something approved later counts already."
        )
    else:
        first = f"{_reports(found.approved)} approved; each was published when it was approved."
    sentences = [
        first,
        "The round is finished: nobody reports in it any more, and what was approved can only be corrected. "
        "A publication made in error can be withdrawn, as long as nobody has built on it.",
    ]
    sentences += advice_on((activity, update.as_of) for activity, update in statuses_to_publish(reporting_round))
    missing = [(body, counts.outstanding) for body, counts in completion.of_round(reporting_round, user).bodies]
    named = ", ".join(f"{body} ({number})" for body, number in missing if number)
    consequence = f"Not received: {found.outstanding} of {found.total}; by body {named}." if named else ""
    losses = publication.losses(reporting_round)
    if any(loss.waiting for loss in losses):
        sentences.append(
            "Reports that wait for review can still be approved afterwards, and are published then; "
            "one that is returned cannot be submitted again."
        )
    return Preview(sentences, consequence=consequence, losses=losses)


def before_scheduling(reporting_round: ReportingRound, user: Any) -> Preview:
    """What setting the day of publication leads to."""
    sentences = [
        "On this day the round is published by itself, in its first minutes, where nothing stands in the way.",
        "It is not published while it is open, while a body may still report in it, or while a report waits for "
        "review: then the secretariat is notified, and decides anew.",
    ]
    if reporting_round.publish_on:
        sentences.insert(0, f"It is set for {reporting_round.publish_on:%-d %B %Y} now.")
    sentences += [f"Now: {loss.sentence}" for loss in publication.losses(reporting_round)]
    return Preview(sentences)


def before_unscheduling(reporting_round: ReportingRound, user: Any) -> Preview:
    """What taking back the day of publication leads to."""
    day = reporting_round.publish_on
    return Preview([f"The round is not published by itself on {day:%-d %B %Y}. It stays as it is." if day else ""])


def before_withdrawing(reporting_round: ReportingRound, user: Any) -> Preview:
    """What withdrawing a publication takes away."""
    found = completion.of_round(reporting_round, user).total
    sentences = ["The round is closed again, as it was before it was published. It can be reopened and published anew."]
    consequence = ""
    if reporting_round.publication == rules.WITH_ROUND:
        number = Activity.objects.visible_to(user).filter(latest_update__round=reporting_round).count()
        consequence = (
            f"{_count(number, 'activity goes', 'activities go')} back to the status of before, and "
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
        consequence=f"Its dates go with it: opens on {reporting_round.opens_on:%-d %B %Y}, "
        f"due on {reporting_round.due_on:%-d %B %Y}.",
    )


def _left_out(reporting_round: ReportingRound, number: int) -> list[str]:
    """What the round does not ask about, or that it asks about everything."""
    if reporting_round.asks_for_all:
        return ["Completed and cancelled activities are reported on, too."]
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
