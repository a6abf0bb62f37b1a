"""What is still so of a mail. It is asked before the mail leaves, and the words are made anew of what is so then."""

import datetime
from collections.abc import Callable

from django.db.models import Count, Min
from django.utils import timezone

from workplan import permissions, rules
from workplan.actions import following, notice_wording, reminders
from workplan.actions.notice_wording import Wording
from workplan.actions.publication import NOT_PUBLISHED, SCHEDULED, WITHDRAWN
from workplan.models import (
    AuditEntry,
    Comment,
    Digest,
    LateException,
    Notice,
    Obligation,
    Review,
    StatusUpdate,
    User,
)
from workplan.monitoring import publication
from workplan.querysets.days import secretariat_day

# News that no record contradicts is useful for so long: a mail that was held up says nothing older.
USEFUL_FOR = datetime.timedelta(days=14)
# What waits for somebody to do something is told as long as it waits.
TOLD_WHILE_IT_HOLDS = ("due_soon", "overdue", "submitted", "returned", "to_review", "undeliverable")
# Of these only focal points of a body hear.
OF_BODIES = ("opened", "due_soon", "overdue", "returned", "approved", "exception")
RELATED = (
    "body",
    "round__plan",
    "update__activity__plan",
    "update__activity__latest_update",
    "update__body",
    "view__plan",
    "view__owner",
    "about",
)


def keep_what_holds(digest: Digest) -> bool:
    """Take out of a mail what is no longer so, and give the rest the words of today; whether anything is left.

    Nobody hears of a body that they have left meanwhile, of reports as due that have been submitted, or the same thing
    twice. Names are those of today.
    """
    person = digest.user
    mentioned = set()
    gone = []
    for notice in digest.notices.select_related(*RELATED).order_by("-created_at", "-pk"):
        wording = current_wording(notice, person)
        subject = (notice.event, notice.body_id, notice.round_id, notice.update_id, notice.view_id, notice.about_id)
        if wording is None or (subject in mentioned and any(subject[1:])):
            gone.append(notice.pk)
            continue
        mentioned.add(subject)
        if (wording.text, wording.path, wording.details) != (notice.text, notice.path, notice.details):
            Notice.objects.filter(pk=notice.pk).update(text=wording.text, path=wording.path, details=wording.details)
    Notice.objects.filter(pk__in=gone).delete()
    return digest.notices.exists()


def current_wording(notice: Notice, person: User) -> Wording | None:
    """What ``notice`` says to ``person`` now; ``None`` where it is no longer so, not theirs to hear, or too old."""
    if notice.event not in TOLD_WHILE_IT_HOLDS and notice.created_at < timezone.now() - USEFUL_FOR:
        return None
    if notice.body_id is not None and all(body.pk != notice.body_id for body in permissions.bodies_of(person)):
        return None
    named = (notice.round_id, notice.update_id, notice.view_id, notice.about_id)
    if not any(named) and notice.event != "to_review":
        # Written before notices named what they are about.
        is_useful = notice.created_at >= timezone.now() - USEFUL_FOR
        return Wording(notice.text, notice.path, notice.details) if is_useful else None
    # A body that was merged into another is nobody's.
    if notice.body_id is None and notice.event in OF_BODIES:
        return None
    return JUDGES[notice.event](notice, person)


def _opened(notice: Notice, person: User) -> Wording | None:
    if notice.round is None or notice.round.state != rules.OPEN:
        return None
    due = Obligation.objects.outstanding().filter(round=notice.round, body=notice.body_id)
    found = due.aggregate(number=Count("pk"), due_on=Min("due_on"))
    # Of what is overdue by now a reminder tells.
    if not found["number"] or found["due_on"] < secretariat_day():
        return None
    return notice_wording.opened(notice.round, found["number"], found["due_on"])


def _reminder(notice: Notice, person: User) -> Wording | None:
    if notice.round is None or notice.body is None:
        return None
    rows = reminders.due_rows(round=notice.round_id, body=notice.body_id)
    row = next((one for one in rows if one["timeliness"] == notice.event), None)
    return reminders.wording_of(row, notice.round, notice.body) if row else None


def _submitted(notice: Notice, person: User) -> Wording | None:
    if notice.update is None:
        return None
    waiting = _handed_in_with(notice.update)
    if notice.body_id is None:
        return notice_wording.submitted(waiting) if waiting and permissions.works_for_secretariat(person) else None
    led = [
        update
        for update in waiting
        if any(body.pk == notice.body_id for body in update.activity.lead_bodies)
        and not update.concurrences.filter(body=notice.body_id).exists()
    ]
    return notice_wording.submitted_with(led) if led else None


def _handed_in_with(update: StatusUpdate) -> list[StatusUpdate]:
    """Of the reports that were submitted together with ``update`` those that still wait for review."""
    together = StatusUpdate.objects.filter(
        body=update.body_id, round=update.round_id, kind=update.kind, submitted_at=update.submitted_at
    )
    waiting = together.filter(state=rules.SUBMITTED, submitted_by=update.submitted_by_id)
    return list(waiting.select_related("activity__plan", "body").order_by("pk"))


def _returned(notice: Notice, person: User) -> Wording | None:
    update = notice.update
    review = last_return(update) if update is not None else None
    if update is None or review is None:
        return None
    comments = Comment.objects.filter(update=update, author=review.reviewer_id, at__gte=update.submitted_at)
    return notice_wording.returned(update, review, list(comments.order_by("at", "pk")))


def last_return(update: StatusUpdate) -> Review | None:
    """The decision by which ``update`` is with its body now; ``None`` where it is not."""
    if update.state != rules.RETURNED:
        return None
    returns = Review.objects.filter(update=update, decision=rules.RETURN, submission=update.submissions)
    return returns.select_related("reviewer").first()


def _approved(notice: Notice, person: User) -> Wording | None:
    if notice.update is None or notice.update.state != rules.APPROVED:
        return None
    return notice_wording.approved(notice.update)


def _exception(notice: Notice, person: User) -> Wording | None:
    if notice.round is None or notice.body is None or notice.round.state not in (rules.OPEN, rules.CLOSED):
        return None
    given = LateException.objects.filter(round=notice.round, body=notice.body).select_related("round", "body").first()
    if given is not None:
        return notice_wording.extended(given) if given.until >= secretariat_day() else None
    taken = AuditEntry.objects.filter(action="exception.withdrawn", round=notice.round, body=notice.body).order_by("pk")
    entry = taken.last()
    return notice_wording.withdrawn(notice.round, notice.body, entry.reason) if entry else None


def _followed(notice: Notice, person: User) -> Wording | None:
    if notice.view is not None:
        return following.unreadable_now(notice.view, person)
    return following.wording_now(notice.update, person) if notice.update is not None else None


def _publication(notice: Notice, person: User) -> Wording | None:
    reporting_round = notice.round
    if reporting_round is None:
        return None
    if notice.body_id is None:
        entry = _last_entry(NOT_PUBLISHED, notice) if permissions.works_for_secretariat(person) else None
        # The secretariat has published it, or set another day.
        if entry is None or reporting_round.state == rules.PUBLISHED or reporting_round.publish_on is not None:
            return None
        decided = _last_entry(SCHEDULED, notice)
        day = datetime.date.fromisoformat(entry.changes["publish_on"][0])
        return notice_wording.not_published(reporting_round, day, decided.actor_name if decided else "", entry.reason)
    if reporting_round.published_at is not None:
        day = secretariat_day(reporting_round.published_at)
        losses = publication.losses(reporting_round, on=day)
        sentence = next((loss.sentence for loss in losses if loss.body and loss.body.pk == notice.body_id), "")
        return notice_wording.published(reporting_round, sentence) if sentence else None
    entry = _last_entry(WITHDRAWN, notice)
    if entry is None or reporting_round.state != rules.CLOSED:
        return None
    return notice_wording.publication_withdrawn(reporting_round, entry.reason)


def _last_entry(action: str, notice: Notice) -> AuditEntry | None:
    return AuditEntry.objects.filter(action=action, round=notice.round_id).order_by("pk").last()


def _to_review(notice: Notice, person: User) -> Wording | None:
    waiting = reminders.waiting_for(person) if permissions.works_for_secretariat(person) else ()
    if not waiting or waiting[0].submitted_at is None:
        return None
    return notice_wording.to_review(len(waiting), secretariat_day(waiting[0].submitted_at))


def _undeliverable(notice: Notice, person: User) -> Wording | None:
    about = notice.about
    if about is None or not about.is_active or not about.is_refused or not permissions.works_for_secretariat(person):
        return None
    return notice_wording.undeliverable(about)


JUDGES: dict[str, Callable[[Notice, User], Wording | None]] = {
    "opened": _opened,
    "due_soon": _reminder,
    "overdue": _reminder,
    "submitted": _submitted,
    "returned": _returned,
    "approved": _approved,
    "exception": _exception,
    "publication": _publication,
    "followed": _followed,
    "to_review": _to_review,
    "undeliverable": _undeliverable,
}
