"""Reports of the bodies: begun, saved, submitted or discarded."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from workplan import permissions, rules
from workplan.actions import audit, current_status, due_reports, notice_wording, notices
from workplan.actions.actor import Actor
from workplan.actions.reporting import (
    REPORT_FIELDS,
    EvidenceItem,
    Report,
    clean,
    evidence_of,
    refuse_problems,
    require_lead_body,
)
from workplan.exceptions import Invalid, NotAllowed, Stale, WrongState
from workplan.models import Activity, Obligation, ReportingRound, SectoralBody, StatusUpdate


@transaction.atomic
def begin_report(
    *,
    activity: Activity,
    report: Report,
    by: Actor,
    reporting_round: ReportingRound | None,
    body: SectoralBody | None = None,
    version: int | None = None,
) -> StatusUpdate:
    """Begin a draft on one activity.

    Args:
        activity: the activity meant.
        report: what is said so far; nothing has to be complete.
        by: who writes it.
        reporting_round: the round it is to be the report of. The secretariat may write one between rounds.
        body: the lead body that reports; ``None`` for the secretariat's own.
        version: the version of the activity that the person has seen, where they say.

    Raises:
        NotAllowed: the person does not represent ``body``, or ``body`` does not lead the activity.
        Stale: the activity has another version by now.
        WrongState: the round takes no reports, or the body's draft or report is there already.
        Invalid: a value cannot be kept.
    """
    if reporting_round is not None:
        reporting_round = current_status.locked_rounds([reporting_round.pk])[reporting_round.pk]
    activity = current_status.locked_activities([activity.pk])[0]
    user = by.user
    is_direct = permissions.enters_directly(user, body)
    if user is None or not (is_direct or body in permissions.bodies_reporting(user, activity)):
        raise NotAllowed(f"You do not report on {activity.ref}: its lead bodies do.")
    if version is not None and version != activity.version:
        raise Stale(current=[activity])
    if body is not None:
        require_lead_body([activity], body)
    if reporting_round is None and not is_direct:
        raise WrongState("No reporting round is open, so there is nothing to report for at present.")
    if reporting_round is not None:
        if reporting_round.plan_id != activity.plan_id:
            raise Invalid(fields={"round": [f"“{reporting_round}” is a round of another plan."]})
        refuse_closed(reporting_round, body)
        drafts = StatusUpdate.objects.filter(round=reporting_round, activity=activity, body=body, state=rules.DRAFT)
        own = drafts.filter(is_direct=is_direct).first()
        if own is not None:
            raise WrongState(f"There already is a draft on {activity.ref}, begun by {own.author_name}. Go on with it.")
        _refuse_second(reporting_round, activity, report.kind, is_direct=is_direct)
    now = timezone.now()
    update = StatusUpdate(
        activity=activity,
        body=body,
        round=reporting_round,
        is_direct=is_direct,
        **report.field_values,
        author=user,
        author_name=by.name,
        edited_by=user,
        edited_by_name=by.name,
        created_at=now,
        updated_at=now,
    )
    clean(update, report, by)
    update.save(force_insert=True)
    save_evidence(update, report.evidence, by)
    if reporting_round is not None:
        current_status.update_obligations(reporting_round, [activity.pk])
    audit.entry(action="report.begun", record=update, changes={}, by=by).save()
    return update


@transaction.atomic
def save_report(*, update: StatusUpdate, version: int, report: Report, by: Actor) -> StatusUpdate:
    """Save what is said so far in a draft, or in a returned report that is being mended. Nothing new changes nothing.

    The audit trail records when somebody else continues the draft, not each save: the texts enter it on submission.

    Raises:
        NotAllowed: the report is not of a body of the person, nor the secretariat's where they are of the secretariat.
        Stale: somebody else has saved it meanwhile.
        WrongState: it is submitted or approved, or the round takes no reports any more.
        Invalid: a value cannot be kept.
    """
    update = current_status.locked_update(update)
    refuse_action("edit", update, by)
    current_status.refuse_stale(update, version)
    if update.round is not None and update.corrects_id is None:
        refuse_closed(update.round, update.body)
    if update.corrects_id is not None and (report.kind, report.as_of) != (rules.CORRECTION, update.as_of):
        raise Invalid(fields={"as_of": [rules.keeps_its_day(update.as_of)]})
    if report.is_as_stored(update):
        return update
    has_new_author = update.edited_by_id != (by.user and by.user.pk)
    for name, value in report.field_values.items():
        setattr(update, name, value)
    update.version += 1
    update.updated_at = timezone.now()
    update.edited_by, update.edited_by_name = by.user, by.name
    clean(update, report, by)
    update.save(update_fields=[*REPORT_FIELDS, "version", "updated_at", "edited_by", "edited_by_name"])
    save_evidence(update, report.evidence, by)
    if has_new_author:
        audit.entry(action="report.taken_on", record=update, changes={}, by=by).save()
    return update


@transaction.atomic
def submit_report(
    *, update: StatusUpdate, version: int, by: Actor, confirmed: bool = True, kept: Collection[str] | None = None
) -> StatusUpdate:
    """Submit a draft, or a returned report again, for review. The secretariat's own is approved at once.

    After that nobody changes its text. The audit trail keeps all of it.

    Args:
        update: the draft, or the returned report.
        version: its version as the person has read it.
        by: who submits it.
        confirmed: as ``record_status``, where it is approved at once.
        kept: the fields (of ``rules.CARRIED_OVER``) whose words are carried over from the last report knowingly;
            ``None`` where nothing is: a program sends what it means.

    Raises:
        NotAllowed: the report is not of a body of the person, nor the secretariat's where they are of the secretariat.
        Stale: somebody else has saved it meanwhile.
        WrongState: the round takes no reports any more, the body is no lead any more, or another report is under
            way or approved.
        Invalid: a rule refuses what it says.
        Unconfirmed: as ``record_status``, where it is approved at once.
    """
    update = current_status.locked_update(update)
    refuse_action("submit", update, by)
    current_status.refuse_stale(update, version)
    if permissions.no_longer_leads(update):
        raise WrongState(f"{update.body} does not lead {update.activity.ref} any more, so it does not report on it.")
    corrected = _corrected_by(update)
    if update.round is not None:
        if corrected is None:
            refuse_closed(update.round, update.body)
        _refuse_second(update.round, update.activity, update.kind, is_direct=update.is_direct, exclude=update)
    now = timezone.now()
    report = Report.of(update)
    refuse_problems([update.activity], report, today=by.today, corrected=corrected)
    if kept is not None and corrected is None:
        _refuse_carried_over(update, kept)
    if update.is_direct and not confirmed and update.brings_new_date:
        current_status.refuse_unconfirmed([(update.activity, update.as_of)])
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
    except IntegrityError as problem:  # somebody else wrote first where no lock reaches: a report without a round
        raise WrongState("A report on this activity was handed in a moment ago.") from problem
    # What others agreed to were the words before these.
    update.concurrences.all().delete()
    words: dict[str, list[Any]] = {"state": [before, update.state]}
    words |= {name: [None, audit.plain(value)] for name, value in report.field_values.items() if value}
    if report.evidence:
        words["evidence"] = [None, [[one.title, one.url or one.file_name] for one in update.evidence.all()]]
    action = "report.recorded" if update.is_direct else "report.submitted"
    audit.entry(action=action, record=update, changes=words, by=by).save()
    if update.is_direct and current_status.is_in_effect(update):
        current_status.set_current_status([(update.activity, update)], by=by, now=now)
    if update.round is not None:
        current_status.update_obligations(update.round, [update.activity_id])
    if update.is_direct:
        due_reports.follow_statuses([update.activity_id])
    else:
        notify_of_submission([update], by)
    return update


@transaction.atomic
def discard_report(*, update: StatusUpdate, version: int, by: Actor) -> None:
    """Discard a draft that was never submitted. Its text stays in the audit trail.

    Raises:
        NotAllowed, Stale, WrongState: as ``save_report``.
    """
    update = current_status.locked_update(update)
    refuse_action("discard", update, by)
    current_status.refuse_stale(update, version)
    changes = {name: [audit.plain(getattr(update, name)), None] for name in REPORT_FIELDS if getattr(update, name)}
    entry = audit.entry(action="report.discarded", record=update, changes=changes, by=by)
    reporting_round, activity = update.round, update.activity_id
    files = [one.file for one in update.evidence.all() if one.file]
    Obligation.objects.filter(report=update).update(report=None)
    update.delete()
    entry.save()
    if reporting_round is not None:
        current_status.update_obligations(reporting_round, [activity])
    for file in files:
        transaction.on_commit(lambda kept=file: kept.storage.delete(kept.name))  # type: ignore[misc]


def refuse_action(action: str, update: StatusUpdate, by: Actor) -> None:
    """Refuse what the person may not do, or what cannot be done in the state of the report.

    Permission is checked first, so that somebody without it does not learn the state of the report.
    """
    if by.user is None or not permissions.may(by.user, action, update):
        raise NotAllowed(permissions.refusal(by.user, action, update))
    if update.state not in rules.REPORT_ACTIONS[action]:
        state = rules.REPORT_STATES.label(update.state).lower()
        raise WrongState(f"This report is {state} by now, so this can no longer be done. Nothing was changed.")


def refuse_closed(reporting_round: ReportingRound, body: SectoralBody | None) -> None:
    """Refuse a report of ``body`` (``None``: of the secretariat) in a round that takes none of it now.

    Raises:
        WrongState: the round takes no reports of the body.
    """
    if not current_status.accepts_reports(reporting_round, body):
        state = rules.ROUND_STATES.label(reporting_round.state).lower()
        raise WrongState(
            f"“{reporting_round}” is {state} and takes no reports. "
            "If you need a deadline extension, ask the secretariat."
        )


def _refuse_carried_over(update: StatusUpdate, kept: Collection[str]) -> None:
    """Refuse words that the form began with and that nobody has decided on.

    Raises:
        Invalid: with their fields.
    """
    last = update.activity.latest_update
    words, before = ({name: getattr(one, name, "") for name in rules.CARRIED_OVER} for one in (update, last))
    unnoticed = [name for name in rules.carried_over(words, before) if name not in kept]
    if unnoticed:
        raise Invalid(fields={name: [rules.CARRIED_OVER_UNNOTICED] for name in unnoticed})


def _corrected_by(update: StatusUpdate) -> StatusUpdate | None:
    """What ``update`` takes the place of: the last approved version of the report that it corrects, if it does.

    Raises:
        WrongState: somebody has corrected it since ``update`` was saved.
    """
    if update.corrects is None:
        return None
    corrections = StatusUpdate.objects.approved().filter(corrects=update.corrects).latest_first()
    corrected = corrections.first() or update.corrects
    if corrected.approved_at is not None and corrected.approved_at > update.updated_at:
        raise WrongState(
            "This report was corrected meanwhile. Compare that correction with yours, and save yours again before you "
            "submit it."
        )
    return corrected


def _refuse_second(
    reporting_round: ReportingRound,
    activity: Activity,
    kind: str,
    *,
    is_direct: bool,
    exclude: StatusUpdate | None = None,
) -> None:
    """One report counts for an activity in a round; after it, only corrections of it.

    The secretariat may enter directly what a body does not mend.
    """
    leads = {body.pk for body in activity.lead_bodies}
    others = StatusUpdate.objects.filter(round=reporting_round, activity=activity).exclude(state=rules.DRAFT)
    for other in others.exclude(pk=exclude.pk if exclude else 0).select_related("body"):
        if rules.is_under_way(other.state, leads=other.body_id in leads and not is_direct):
            raise WrongState(
                f"{other.reported_by} has already reported on {activity.ref} in this round. "
                "You can concur with that report, or comment on it."
            )
        if other.state == rules.APPROVED and kind != rules.CORRECTION:
            raise WrongState(
                f"The report on {activity.ref} in this round is approved already. "
                "Send a correction if it has to be put right."
            )


def save_evidence(update: StatusUpdate, evidence_items: tuple[EvidenceItem, ...], by: Actor) -> None:
    """Make the evidence behind ``update``, which is being written, exactly ``evidence_items``."""
    there = {one.pk: one for one in update.evidence.all()}
    stay = set()
    for position, evidence_item in enumerate(evidence_items, start=1):
        if evidence_item.kept is None:
            one = evidence_of(update, evidence_item, position, by)
            if evidence_item.file is not None:
                one.file.save(evidence_item.file.name or "file", evidence_item.file, save=False)
        else:
            if evidence_item.kept not in there:
                raise Invalid(fields={"evidence": [f"Evidence {position} does not belong to this report."]})
            one = there[evidence_item.kept]
            one.title, one.position = evidence_item.title, position
            one.url = one.url and (evidence_item.url or one.url)
            one.dated_on = evidence_item.dated_on or one.dated_on
            stay.add(one.pk)
        one.save()
    for pk, one in there.items():
        if pk not in stay:
            if one.file:
                transaction.on_commit(lambda kept=one.file: kept.storage.delete(kept.name))  # type: ignore[misc]
            one.delete()


def notify_of_submission(updates: list[StatusUpdate], by: Actor) -> None:
    """The secretariat hears that there is something to review, joint leads that there is something to concur with."""
    first = updates[0]
    key = f"submitted:{first.pk}:{first.submissions}"
    to_staff = notices.Notification.of(
        notice_wording.submitted(updates), event="submitted", key=key, round=first.round_id, update=first.pk
    )
    notices.notify_staff(to_staff, exclude=by.user)
    joint: dict[int, list[StatusUpdate]] = {}
    for update in updates:
        for body in update.activity.lead_bodies:
            if body.pk != update.body_id:
                joint.setdefault(body.pk, []).append(update)
    notifications = []
    for body_id, shared in joint.items():
        notifications.append(
            notices.Notification.of(
                notice_wording.submitted_with(shared),
                event="submitted",
                key=f"{key}:joint",
                body=body_id,
                round=first.round_id,
                update=first.pk,
            )
        )
    notices.notify_bodies(notifications, exclude=by.user)
