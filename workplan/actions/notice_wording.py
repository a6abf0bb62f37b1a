"""What notices say: the words of each event.

They are made of what is so at the moment: when it happens, and again before a mail leaves.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.text import Truncator

from workplan import rules
from workplan.models import (
    Comment,
    LateException,
    ReportingRound,
    Review,
    SavedView,
    SectoralBody,
    StatusUpdate,
    User,
)
from workplan.models.messages import LONGEST_NOTICE

WORDS_SHOWN = 160
REFS_SHOWN = 10
# The whole reason of a return is in its text; a mail is no place for a long discussion.
COMMENTS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Wording:
    """What a notice says.

    Attributes:
        text: one sentence or two.
        path: the page that it leads to.
        details: what the mail says besides.
    """

    text: str
    path: str
    details: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", self.text[:LONGEST_NOTICE])
        object.__setattr__(self, "path", self.path[:300])


def opened(reporting_round: ReportingRound, number: int, due_on: datetime.date) -> Wording:
    """A round is open in which so many reports are due from a body."""
    return Wording(f"“{reporting_round}” is open: {_due(number)} from your body by {_day(due_on)}.", reverse("my"))


def reminder(
    reporting_round: ReportingRound, body: SectoralBody, number: int, due_on: datetime.date, timeliness: str
) -> Wording:
    """So many reports of a body are due soon or overdue."""
    if timeliness == "overdue":
        of_body = f"1 report of {body.acronym} is" if number == 1 else f"{number} reports of {body.acronym} are"
        text = f"{of_body} overdue in “{reporting_round}”, due on {_day(due_on)}."
    else:
        text = f"{_due(number)} from {body.acronym} in “{reporting_round}” by {_day(due_on)}."
    return Wording(text, reverse("my"))


def submitted(updates: Sequence[StatusUpdate]) -> Wording:
    """One or several reports of one body wait for the secretariat's review."""
    first = updates[0]
    if len(updates) == 1:
        text = f"{first.reported_by} has submitted a report on {first.activity.ref}: {first.get_status_display()}."
        return Wording(text, first.get_absolute_url())
    kind = first.get_kind_display().lower()
    text = f"{first.reported_by} has submitted reports on {len(updates)} activities ({kind})."
    return Wording(text, f"{reverse('review')}?{urlencode({'body': first.reported_by})}")


def submitted_with(updates: Sequence[StatusUpdate]) -> Wording:
    """One or several reports wait, on activities that the other lead body can concur with."""
    first = updates[0]
    refs = ", ".join(update.activity.ref for update in updates[:REFS_SHOWN])
    text = f"{first.reported_by} has reported on activities that you lead jointly: {refs}. You can concur or comment."
    return Wording(text, first.get_absolute_url() if len(updates) == 1 else reverse("my"))


def returned(update: StatusUpdate, review: Review, comments: Sequence[Comment]) -> Wording:
    """A report is with its body again, with the reason, and the comments that the reviewer has made on it."""
    said = [f"{one.author_name}, on {_day(one.at.date())}: {one.text}" for one in comments[-COMMENTS_SHOWN:]]
    answer = " Replies to this email go to the reviewer." if review.reviewer.can_be_mailed else ""
    details = "\n\n".join([f"Reviewed by {review.reviewer}.{answer}", *said])
    return Wording(
        f"The report on {update.activity.ref} is returned: {review.reason}", update.get_absolute_url(), details
    )


def approved(update: StatusUpdate) -> Wording:
    """A report is approved."""
    return Wording(f"The report on {update.activity.ref} is approved.", update.get_absolute_url())


def extended(exception: LateException) -> Wording:
    """A body has a deadline extension in a round."""
    return Wording(
        f"{exception.body} has a deadline extension in “{exception.round}” until {_day(exception.until)}. "
        f"{exception.reason}",
        reverse("my"),
    )


def withdrawn(reporting_round: ReportingRound, body: SectoralBody, reason: str) -> Wording:
    """The deadline extension of a body was withdrawn."""
    return Wording(
        f"The deadline extension of {body} in “{reporting_round}” has been withdrawn: its reports are due on "
        f"{_day(reporting_round.due_on)}. {reason}",
        reverse("my"),
    )


def published(reporting_round: ReportingRound, loss: str) -> Wording:
    """A round is published, and what that takes from a body, in a sentence."""
    return Wording(f"“{reporting_round}” is published. {loss}", reporting_round.get_absolute_url())


def publication_withdrawn(reporting_round: ReportingRound, reason: str) -> Wording:
    """The publication of a round was taken back."""
    return Wording(
        f"The publication of “{reporting_round}” has been withdrawn; the round is closed again. {reason}",
        reporting_round.get_absolute_url(),
    )


def not_published(reporting_round: ReportingRound, day: datetime.date, who: str, reason: str) -> Wording:
    """A round could not be published on the day that somebody had set."""
    set_by = f" by {who}" if who else ""
    return Wording(
        f"“{reporting_round}” was not published on {_day(day)}, the date scheduled{set_by}. {reason}",
        reporting_round.get_absolute_url(),
    )


def unreadable(view: SavedView, problem: str) -> Wording:
    """A view that the person has or follows cannot be read any more."""
    # The mails are looked after by the secretariat, which knows nothing of private views.
    private = "One of your private views can no longer be applied: its filters are no longer valid."
    text = problem if view.is_shared else private
    return Wording(f"{text} No notifications are sent for it until its owner changes it.", reverse("views"))


def followed(update: StatusUpdate, before: str, view: SavedView) -> Wording:
    """A status was published on an activity of a view that the person follows."""
    activity = update.activity
    words = Truncator(activity.text).chars(WORDS_SHOWN)
    as_of = f" as at {_day(update.as_of)}" if update.as_of else ""
    was = "as before" if update.status == before else f"before: {rules.STATUSES.label(before)}"
    # The mails are looked after by the secretariat, which knows nothing of private views.
    where = f"your view “{view}”" if view.is_shared else "a private view of yours"
    return Wording(
        f"{activity.ref} is “{rules.STATUSES.label(update.status)}”{as_of} ({was}), reported by "
        f"{update.reported_by}. {words} (In {where}.)",
        f"{activity.get_absolute_url()}#update-{update.pk}",
    )


def to_review(number: int, since: datetime.date) -> Wording:
    """So many reports wait for a person's review."""
    oldest = f"submitted on {_day(since)}" if number == 1 else f"the oldest submitted on {_day(since)}"
    return Wording(f"{_reports(number)} to review, {oldest}.", reverse("review"))


def undeliverable(person: User) -> Wording:
    """The address of a person is refused for good."""
    return Wording(
        f"The mail server permanently refuses {person.refused_address}, the address of {person}, so no email is sent "
        f"to it. Its answer: “{person.refusal}”. Ask {person} for another address, or confirm this one.",
        f"{reverse('outbox')}?{urlencode({'state': 'unreachable', 'person': person.refused_address})}",
    )


def _reports(number: int) -> str:
    return "1 report" if number == 1 else f"{number} reports"


def _due(number: int) -> str:
    return "1 report is due" if number == 1 else f"{number} reports are due"


def _day(day: datetime.date) -> str:
    return f"{day.day} {day:%B %Y}"
