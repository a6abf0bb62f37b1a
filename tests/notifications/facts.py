"""Whether what a mail says is so: each of its sentences against the tables, by questions of this file alone."""

import datetime
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend
from django.urls import resolve
from django.utils import timezone

from workplan import permissions, rules
from workplan.models import Activity, Follow, LateException, Obligation, ReportingRound, StatusUpdate, User

ADDRESS = re.compile(r"http://[^/\s]+(/\S*)")
# What the plan says of an activity is the plan's, whatever the bodies that it names are called since.
WORDS_OF_THE_PLAN = re.compile(r"(?<=, reported by )(\S+\. ).*(?= \(In your view)")
STAFF = permissions.SECRETARIAT_GROUP


class Judge(EmailBackend):
    """A mail server that holds each mail, at the moment when it leaves, against the facts of that moment.

    Attributes:
        is_away: whether it cannot be reached.
        refuses: addresses that it does not know.
        false: the sentences that were not so, with the day and the person.
        sentences: how often each kind of sentence was true.
        former_names: names that nobody has any more.
    """

    is_away = False
    refuses: set[str] = set()
    false: list[str] = []
    sentences: Counter[str] = Counter()
    former_names: set[str] = set()

    @classmethod
    def reset(cls) -> None:
        """As it is before the first mail."""
        cls.is_away, cls.refuses, cls.false = False, set(), []
        cls.sentences, cls.former_names = Counter(), set()

    def send_messages(self, messages: Any) -> int:
        from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

        for message in messages:
            (address,) = message.to
            if self.is_away:
                raise SMTPServerDisconnected("Connection unexpectedly closed")
            if address in self.refuses:
                raise SMTPRecipientsRefused({address: (550, b"5.1.1 User unknown")})
            self.judge(message)
        return super().send_messages(messages)

    def judge(self, message: EmailMessage) -> None:
        """Hold a mail against the facts."""
        (address,) = message.to
        try:
            person = User.objects.get(email=address, is_active=True)
        except User.DoesNotExist:
            self.note(False, "receiver", f"nobody active has the address {address}")
            return
        self.note(person.refused_address != address, "receiver", f"{address} is refused")
        words = str(message.body).split("\n\nDates are in the time zone")[0].split("\n", 2)[2]
        ours = WORDS_OF_THE_PLAN.sub(r"\1", words)
        for name in self.former_names:
            self.note(not re.search(rf"\b{re.escape(name)}\b", ours), "names", f"{person}: {name} in {words!r}")
        reviewers: set[str] = set()
        for thing in re.split(r"\n(?=\n)", words):
            lines = thing.strip().split("\n")
            link = ADDRESS.fullmatch(lines[-1])
            if link:
                self.note(bool(resolve(link[1].partition("?")[0].partition("#")[0])), "link", lines[-1])
            for sentence in lines:
                if ADDRESS.fullmatch(sentence) or sentence.startswith(("Reviewed by ", "Comment:")) or not sentence:
                    continue
                if re.search(r", on \d+ \w+ \d{4}: ", sentence):
                    continue
                reviewers |= self.one(sentence, person)
        self.note(set(message.reply_to) == reviewers, "answer", f"{person}: {message.reply_to} and not {reviewers}")

    def one(self, sentence: str, person: User) -> set[str]:
        """Judge one sentence, and return whom an answer to it reaches."""
        for pattern, question in SENTENCES.items():
            if found := re.fullmatch(pattern, sentence):
                is_so = question(person, **found.groupdict())
                self.note(bool(is_so), question.__name__, f"{person}: {sentence}")
                return is_so if isinstance(is_so, set) else set()
        self.note(False, "sentence", f"{person}: {sentence}")
        return set()

    def note(self, is_so: bool, kind: str, words: str) -> None:
        """Count what is so, and keep what is not."""
        if is_so:
            self.sentences[kind] += 1
        else:
            self.false.append(f"{timezone.localdate()} {kind}: {words}")


def _day(words: str) -> datetime.date:
    return datetime.datetime.strptime(words, "%d %B %Y").date()


def _stands_for(person: User, acronym: str) -> bool:
    if acronym == "The secretariat":
        return person.groups.filter(name=STAFF).exists()
    return person.memberships.filter(body__acronym=acronym).exists()


def _missing(round: str, acronym: str, **of: Any) -> Any:
    states = (rules.DUE, rules.DRAFT, rules.RETURNED)
    return Obligation.objects.filter(round__name=round, state__in=states, body__acronym=acronym, **of)


def opened(person: User, round: str, number: str, day: str) -> bool:
    is_open = ReportingRound.objects.filter(name=round, state=rules.OPEN).exists()
    return is_open and any(
        _missing(round, one.body.acronym, due_on=_day(day)).count() == int(number) and _day(day) >= timezone.localdate()
        for one in person.memberships.select_related("body")
    )


def overdue(person: User, body: str, number: str, round: str, day: str) -> bool:
    number_missing = _missing(round, body, due_on=_day(day)).count()
    return _stands_for(person, body) and number_missing == int(number) and _day(day) < timezone.localdate()


def due_soon(person: User, body: str, number: str, round: str, day: str) -> bool:
    number_missing = _missing(round, body, due_on=_day(day)).count()
    return _stands_for(person, body) and number_missing == int(number) and _day(day) >= timezone.localdate()


def submitted(person: User, body: str, ref: str, status: str) -> bool:
    waiting = StatusUpdate.objects.filter(body__acronym=body, activity__ref=ref, state=rules.SUBMITTED)
    return _stands_for(person, "The secretariat") and any(rules.STATUSES.label(one.status) == status for one in waiting)


def submitted_together(person: User, body: str, number: str, kind: str) -> bool:
    waiting = StatusUpdate.objects.filter(body__acronym=body, state=rules.SUBMITTED, kind=kind.replace(" ", "_"))
    at = Counter(waiting.values_list("submitted_at", flat=True))
    return _stands_for(person, "The secretariat") and int(number) in at.values()


def to_concur_with(person: User, body: str, refs: str) -> bool:
    mine = {one.body_id for one in person.memberships.all()}
    return all(
        any(
            mine & {lead.pk for lead in update.activity.lead_bodies}
            and not update.concurrences.filter(body__in=mine).exists()
            for update in StatusUpdate.objects.filter(body__acronym=body, activity__ref=ref, state=rules.SUBMITTED)
        )
        for ref in refs.split(", ")
    )


def returned(person: User, ref: str, reason: str) -> set[str]:
    theirs = StatusUpdate.objects.filter(activity__ref=ref, state=rules.RETURNED, body__memberships__user=person)
    last = [update.reviews.latest("at") for update in theirs]
    return {one.reviewer.email for one in last if one.reason == reason and one.reviewer.is_active}


def approved(person: User, ref: str) -> bool:
    return StatusUpdate.objects.filter(activity__ref=ref, state=rules.APPROVED, body__memberships__user=person).exists()


def extended(person: User, body: str, round: str, day: str, reason: str) -> bool:
    given = LateException.objects.filter(body__acronym=body, round__name=round, until=_day(day), reason=reason)
    return _stands_for(person, body) and given.exists() and _day(day) >= timezone.localdate()


def withdrawn(person: User, body: str, round: str, day: str, reason: str) -> bool:
    given = LateException.objects.filter(body__acronym=body, round__name=round)
    due = ReportingRound.objects.get(name=round).due_on
    return _stands_for(person, body) and not given.exists() and due == _day(day)


def published(person: User, round: str, body: str) -> bool:
    return _stands_for(person, body) and ReportingRound.objects.get(name=round).state == rules.PUBLISHED


def followed(person: User, ref: str, status: str, view: str) -> bool:
    activity = Activity.objects.get(ref=ref)
    follows = Follow.objects.filter(user=person, view__is_shared=True, view__name=view).exists()
    return follows and rules.STATUSES.label(activity.status) == status


def waiting(person: User, number: str, day: str) -> bool:
    reports = StatusUpdate.objects.filter(state=rules.SUBMITTED)
    # Four eyes: nobody reviews what they wrote or submitted themselves.
    mine = reports.exclude(author=person).exclude(submitted_by=person).exclude(edited_by=person)
    oldest = mine.order_by("submitted_at").first()
    is_since = oldest is not None and oldest.submitted_at is not None
    return (
        _stands_for(person, "The secretariat")
        and mine.count() == int(number)
        and is_since
        and timezone.localdate(oldest.submitted_at) == _day(day)  # type: ignore[union-attr]
    )


def refused(person: User, address: str) -> bool:
    about = User.objects.filter(email=address, refused_address=address, is_active=True)
    return _stands_for(person, "The secretariat") and about.exists()


BODY, DAY, REPORTS = r"(?P<body>\S+)", r"(?P<day>[^.]+)", r"(?P<number>\d+) reports?"
SENTENCES: dict[str, Callable[..., Any]] = {
    rf"“(?P<round>.+)” is open: {REPORTS} (?:is|are) due from your body by {DAY}\.": opened,
    rf"{REPORTS} of (?P<body>.+) (?:is|are) overdue in “(?P<round>.+)”, due on (?P<day>.+)\.": overdue,
    rf"{REPORTS} (?:is|are) due from (?P<body>.+) in “(?P<round>.+)” by (?P<day>.+)\.": due_soon,
    r"(?P<body>\S+) has submitted a report on (?P<ref>[A-Z][\d.]+): (?P<status>.+)\.": submitted,
    r"(?P<body>\S+) has submitted reports on (?P<number>\d+) activities \((?P<kind>.+)\)\.": submitted_together,
    rf"{BODY} has reported on activities that you lead jointly: (?P<refs>.+)\. You can concur or "
    r"comment\.": to_concur_with,
    r"The report on (?P<ref>[A-Z][\d.]+) is returned: (?P<reason>.+)": returned,
    r"The report on (?P<ref>[A-Z][\d.]+) is approved\.": approved,
    rf"{BODY} has a deadline extension in “(?P<round>.+)” until {DAY}\. (?P<reason>.+)": extended,
    r"The deadline extension of (?P<body>\S+) in “(?P<round>.+)” has been withdrawn: its reports are due on "
    r"(?P<day>[^.]+)\. (?P<reason>.+)": withdrawn,
    r"“(?P<round>.+)” is published\. (?P<body>\S+) .+": published,
    r"(?P<ref>[A-Z][\d.]+) is “(?P<status>[^”]+)”.*\(In your view “(?P<view>.+)”\.\)": followed,
    rf"{REPORTS} to review, (?:the oldest )?submitted on (?P<day>.+)\.": waiting,
    r"The mail server permanently refuses (?P<address>\S+), the address of .+": refused,
}
