"""Reports of the bodies: begun, saved, submitted, or given up."""

import datetime
from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from workplan import permissions, rules
from workplan.actions import notices, standing, trail
from workplan.actions.actor import Actor
from workplan.actions.reporting import (
    MOST_AT_ONCE,
    SAID,
    Proof,
    Report,
    clean,
    evidence_of,
    refuse_problems,
    refuse_strange_body,
)
from workplan.exceptions import Invalid, NotAllowed, Stale, WrongState
from workplan.models import Activity, AuditEntry, Obligation, ReportingRound, SectoralBody, StatusUpdate


@transaction.atomic
def begin_report(
    *,
    activity: Activity,
    report: Report,
    by: Actor,
    the_round: ReportingRound | None,
    body: SectoralBody | None = None,
    version: int | None = None,
) -> StatusUpdate:
    """Begin a draft on one activity.

    Args:
        activity: the activity meant.
        report: what is said so far; nothing has to be complete.
        by: who writes it.
        the_round: the round it is to be the report of. The secretariat may write one between rounds.
        body: the lead body that reports; ``None`` for the secretariat's own.
        version: the version of the activity that the person has seen, where they say.

    Raises:
        NotAllowed: the person does not speak for ``body``, or ``body`` does not lead the activity.
        Stale: the activity has another version by now.
        WrongState: the round takes no reports, or the body's draft or report is there already.
        Invalid: a value cannot be kept.
    """
    if the_round is not None:
        the_round = standing.locked_rounds([the_round.pk])[the_round.pk]
    activity = standing.locked_activities([activity.pk])[0]
    user = by.user
    is_direct = permissions.enters_directly(user, body)
    if user is None or not (is_direct or body in permissions.bodies_reporting(user, activity)):
        raise NotAllowed(f"You do not report on {activity.ref}: its lead bodies do.")
    if version is not None and version != activity.version:
        raise Stale(current=[activity])
    if body is not None:
        refuse_strange_body([activity], body)
    if the_round is None and not is_direct:
        raise WrongState("No reporting round is open, so there is nothing to report for at present.")
    if the_round is not None:
        if the_round.plan_id != activity.plan_id:
            raise Invalid(fields={"round": [f"“{the_round}” is a round of another plan."]})
        _refuse_closed(the_round, body)
        drafts = StatusUpdate.objects.filter(round=the_round, activity=activity, body=body, state=rules.DRAFT)
        own = drafts.filter(is_direct=is_direct).first()
        if own is not None:
            raise WrongState(f"There already is a draft on {activity.ref}, begun by {own.author_name}. Go on with it.")
        _refuse_second(the_round, activity, report.kind, is_direct=is_direct)
    now = timezone.now()
    update = StatusUpdate(
        activity=activity,
        body=body,
        round=the_round,
        is_direct=is_direct,
        **report.said,
        author=user,
        author_name=by.name,
        edited_by=user,
        edited_by_name=by.name,
        created_at=now,
        updated_at=now,
    )
    clean(update, report)
    update.save(force_insert=True)
    _keep_evidence(update, report.evidence)
    if the_round is not None:
        standing.settle(the_round, [activity.pk])
    trail.entry(action="report.begun", record=update, changes={}, by=by).save()
    return update


@transaction.atomic
def save_report(*, update: StatusUpdate, version: int, report: Report, by: Actor) -> StatusUpdate:
    """Save what is said so far in a draft, or in a returned report that is being mended.

    The trail notes when somebody else goes on writing, not each save: the words enter it when they are submitted.

    Raises:
        NotAllowed: it is not of the person's side.
        Stale: somebody else has saved it meanwhile.
        WrongState: it is submitted or approved, or the round takes no reports any more.
        Invalid: a value cannot be kept.
    """
    update = standing.locked_update(update)
    refuse_deed("edit", update, by)
    standing.refuse_stale(update, version)
    if update.round is not None:
        _refuse_closed(update.round, update.body)
    taken_over = update.edited_by_id != (by.user and by.user.pk)
    for name, value in report.said.items():
        setattr(update, name, value)
    update.version += 1
    update.updated_at = timezone.now()
    update.edited_by, update.edited_by_name = by.user, by.name
    clean(update, report)
    update.save(update_fields=[*SAID, "version", "updated_at", "edited_by", "edited_by_name"])
    _keep_evidence(update, report.evidence)
    if taken_over:
        trail.entry(action="report.taken_on", record=update, changes={}, by=by).save()
    return update


@transaction.atomic
def submit_report(*, update: StatusUpdate, version: int, by: Actor) -> StatusUpdate:
    """Hand in a draft, or a returned report again, for review. The secretariat's own is approved at once.

    From here on nobody changes its words. The trail keeps all of them.

    Raises:
        NotAllowed: it is not of the person's side.
        Stale: somebody else has saved it meanwhile.
        WrongState: the round takes no reports any more, the body is no lead any more, or another report is under
            way or approved.
        Invalid: a rule refuses what it says.
    """
    update = standing.locked_update(update)
    refuse_deed("submit", update, by)
    standing.refuse_stale(update, version)
    if permissions.leads_no_more(update):
        raise WrongState(f"{update.body} does not lead {update.activity.ref} any more, so it does not report on it.")
    if update.round is not None:
        _refuse_closed(update.round, update.body)
        _refuse_second(update.round, update.activity, update.kind, is_direct=update.is_direct, but=update)
    now = timezone.now()
    evidence = tuple(Proof(one.title, one.url, kept=one.pk) for one in update.evidence.all())
    report = Report(**{name: getattr(update, name) for name in SAID}, evidence=evidence)
    refuse_problems([update.activity], report, today=timezone.localdate(now))
    before = update.state
    update.state = rules.SUBMITTED
    update.submitted_by, update.submitted_by_name, update.submitted_at = by.user, by.name, now
    update.submissions += 1
    update.version += 1
    update.updated_at = now
    written = ["state", "submitted_by", "submitted_by_name", "submitted_at", "submissions", "version", "updated_at"]
    if update.is_direct:
        update.state = rules.APPROVED
        update.approved_by, update.approved_by_name, update.approved_at = by.user, by.name, now
        written += ["approved_by", "approved_by_name", "approved_at"]
    try:
        update.full_clean()
        with transaction.atomic():
            update.save(update_fields=written)
    except ValidationError as problem:
        raise Invalid(fields=problem.message_dict) from problem
    except IntegrityError as problem:  # somebody was faster where no lock reaches: a round of its own
        raise WrongState("A report on this activity was handed in a moment ago.") from problem
    # What others agreed to were the words before these.
    update.concurrences.all().delete()
    words: dict[str, list[Any]] = {"state": [before, update.state]}
    words |= {name: [None, trail.plain(value)] for name, value in report.said.items() if value}
    if evidence:
        words["evidence"] = [None, [[one.title, one.url or one.file_name] for one in update.evidence.all()]]
    action = "report.recorded" if update.is_direct else "report.submitted"
    trail.entry(action=action, record=update, changes=words, by=by).save()
    if update.is_direct and standing.counts_now(update):
        standing.take_over([(update.activity, update)], by=by, now=now)
    if update.round is not None:
        standing.settle(update.round, [update.activity_id])
    if not update.is_direct:
        _tell_of_submission([update], by)
    return update


@transaction.atomic
def discard_report(*, update: StatusUpdate, version: int, by: Actor) -> None:
    """Throw away a draft that was never submitted. Its words stay in the trail.

    Raises:
        NotAllowed, Stale, WrongState: as ``save_report``.
    """
    update = standing.locked_update(update)
    refuse_deed("discard", update, by)
    standing.refuse_stale(update, version)
    changes = {name: [trail.plain(getattr(update, name)), None] for name in SAID if getattr(update, name)}
    entry = trail.entry(action="report.discarded", record=update, changes=changes, by=by)
    the_round, activity = update.round, update.activity_id
    files = [one.file for one in update.evidence.all() if one.file]
    Obligation.objects.filter(report=update).update(report=None)
    update.delete()
    entry.save()
    if the_round is not None:
        standing.settle(the_round, [activity])
    for file in files:
        transaction.on_commit(lambda kept=file: kept.storage.delete(kept.name))  # type: ignore[misc]


@transaction.atomic
def report_alike(
    *, the_round: ReportingRound, body: SectoralBody, activities: Collection[int], kind: str, by: Actor
) -> list[StatusUpdate]:
    """Submit "no change" or a nil return for several activities of one body at once: for all, or for none.

    Args:
        the_round: the round it is the report of.
        body: the lead body that reports.
        activities: the ids of the activities; each must still be owed.
        kind: ``no_change`` or ``nil_return``.
        by: who says it.

    Raises:
        NotAllowed: the person does not speak for ``body``.
        WrongState: the round takes no reports of ``body``.
        Invalid: an activity is not owed, or nothing can be unchanged in it.
    """
    if kind not in rules.KINDS_WITHOUT_NARRATIVE:
        raise Invalid(fields={"kind": [f"Use {' or '.join(rules.KINDS_WITHOUT_NARRATIVE)}."]})
    if not 1 <= len(activities) <= MOST_AT_ONCE:
        raise Invalid(fields={"activities": [f"Choose from 1 to {MOST_AT_ONCE:,} activities."]})
    the_round = standing.locked_rounds([the_round.pk])[the_round.pk]
    rows = standing.locked_activities(activities)
    if by.user is None or body not in permissions.bodies_of(by.user):
        raise NotAllowed(f"You do not report for {body}.")
    _refuse_closed(the_round, body)
    owed = Obligation.objects.filter(round=the_round, body=body, activity__in=activities, state=rules.OWED)
    still_owed = set(owed.values_list("activity", flat=True))
    others = [activity.ref for activity in rows if activity.pk not in still_owed]
    if others or len(rows) != len(activities):
        named = f": {', '.join(others[:10])}" if others else ""
        raise Invalid(fields={"activities": [f"Not all of them are still owed by {body} with no draft begun{named}."]})
    now = timezone.now()
    today = timezone.localdate(now)
    updates = []
    for activity in rows:
        report = Report(status=activity.status, as_of=today, kind=kind)
        try:
            refuse_problems([activity], report, today=today)
        except Invalid as problem:
            texts = [text for messages in problem.fields.values() for text in messages]
            raise Invalid(fields={"activities": [f"{activity.ref}: {text}" for text in texts]}) from problem
        updates.append(_handed_in(activity, report, the_round, body, by, now))
    clean(updates[0], Report(status=updates[0].status, as_of=today, kind=kind))
    StatusUpdate.objects.bulk_create(updates)
    AuditEntry.objects.bulk_create(
        trail.entry(
            action="report.submitted",
            record=update,
            changes={"state": [None, update.state], "kind": [None, kind], "status": [None, update.status]},
            by=by,
        )
        for update in updates
    )
    standing.settle(the_round, [activity.pk for activity in rows])
    _tell_of_submission(updates, by)
    return updates


def _handed_in(
    activity: Activity,
    report: Report,
    the_round: ReportingRound,
    body: SectoralBody,
    by: Actor,
    now: datetime.datetime,
) -> StatusUpdate:
    return StatusUpdate(
        activity=activity,
        body=body,
        round=the_round,
        **report.said,
        state=rules.SUBMITTED,
        author=by.user,
        author_name=by.name,
        created_at=now,
        updated_at=now,
        submissions=1,
        submitted_by=by.user,
        submitted_by_name=by.name,
        submitted_at=now,
    )


def refuse_deed(deed: str, update: StatusUpdate, by: Actor) -> None:
    """Refuse what the person may not do, or what cannot be done as the report stands.

    Whether they may is asked first: a stranger does not learn in which state it is.
    """
    if by.user is None or not permissions.may(by.user, deed, update):
        raise NotAllowed(permissions.WHY_NOT[deed])
    if update.state not in rules.REPORT_MOVES[deed]:
        state = rules.REPORT_STATES.label(update.state).lower()
        raise WrongState(f"This report is {state} by now, so this can no longer be done. Nothing was changed.")


def _refuse_closed(the_round: ReportingRound, body: SectoralBody | None) -> None:
    if not standing.accepts_reports(the_round, body):
        state = rules.ROUND_STATES.label(the_round.state).lower()
        raise WrongState(
            f"“{the_round}” is {state} and takes no reports. If you need more time, ask the secretariat for it."
        )


def _refuse_second(
    the_round: ReportingRound, activity: Activity, kind: str, *, is_direct: bool, but: StatusUpdate | None = None
) -> None:
    """One report counts for an activity in a round; after it, only corrections of it.

    The secretariat may enter directly what a body does not mend.
    """
    underway = (rules.SUBMITTED,) if is_direct else (rules.SUBMITTED, rules.RETURNED)
    others = StatusUpdate.objects.filter(round=the_round, activity=activity).exclude(state=rules.DRAFT)
    for other in others.exclude(pk=but.pk if but else 0).select_related("body"):
        if other.state in underway:
            raise WrongState(
                f"{other.reported_by} has already reported on {activity.ref} in this round. "
                "You can concur with that report, or comment on it."
            )
        if other.state == rules.APPROVED and kind != rules.CORRECTION:
            raise WrongState(
                f"The report on {activity.ref} in this round is approved already. "
                "Send a correction if it has to be put right."
            )


def _keep_evidence(update: StatusUpdate, proofs: tuple[Proof, ...]) -> None:
    """Make the evidence behind ``update`` exactly ``proofs``."""
    there = {one.pk: one for one in update.evidence.all()}
    stay = set()
    for position, proof in enumerate(proofs, start=1):
        if proof.kept is None:
            one = evidence_of(update, proof, position)
            if proof.file is not None:
                one.file.save(proof.file.name or "file", proof.file, save=False)
        else:
            if proof.kept not in there:
                raise Invalid(fields={"evidence": [f"Evidence {position} does not belong to this report."]})
            one = there[proof.kept]
            one.title, one.position = proof.title, position
            one.url = one.url and (proof.url or one.url)
            one.dated_on = proof.dated_on or one.dated_on
            stay.add(one.pk)
        one.save()
    for pk, one in there.items():
        if pk not in stay:
            if one.file:
                transaction.on_commit(lambda kept=one.file: kept.storage.delete(kept.name))  # type: ignore[misc]
            one.delete()


def _tell_of_submission(updates: list[StatusUpdate], by: Actor) -> None:
    """The secretariat hears that there is something to review, joint leads that there is something to concur with."""
    first = updates[0]
    key = f"submitted:{first.pk}:{first.submissions}"
    if len(updates) == 1:
        path = first.get_absolute_url()
        text = f"{first.reported_by} has submitted a report on {first.activity.ref}: {first.get_status_display()}."
    else:
        path = f"{reverse('review')}?body={first.reported_by}"
        kind = first.get_kind_display().lower()
        text = f"{first.reported_by} has submitted reports on {len(updates)} activities ({kind})."
    notices.tell_staff(notices.News("submitted", key, text, path), but=by.user)
    joint: dict[int, list[StatusUpdate]] = {}
    for update in updates:
        for body in update.activity.lead_bodies:
            if body.pk != update.body_id:
                joint.setdefault(body.pk, []).append(update)
    news = []
    for body_id, shared in joint.items():
        refs = ", ".join(update.activity.ref for update in shared[:10])
        text = f"{first.reported_by} has reported on what you lead together: {refs}. You can concur or comment."
        path = shared[0].get_absolute_url() if len(shared) == 1 else reverse("my")
        news.append(notices.News("submitted", f"{key}:joint", text, path, body_id))
    notices.tell_bodies(news, but=by.user)
