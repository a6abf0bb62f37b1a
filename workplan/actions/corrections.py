"""Corrections of approved reports: a report that says it rightly, in the place of the one that did not.

A correction has the body, round and as-of date of the report that it corrects, and becomes no new report of today.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from workplan import rules
from workplan.actions import audit, current_status, due_reports
from workplan.actions.actor import Actor
from workplan.actions.drafting import refuse_action, save_evidence, submit_report
from workplan.actions.reporting import EvidenceItem, Report, add_evidence, clean, refuse_problems
from workplan.exceptions import Invalid, WrongState
from workplan.models import AuditEntry, StatusUpdate
from workplan.permissions import enters_directly


@transaction.atomic
def correct_report(
    *, update: StatusUpdate, version: int, report: Report, by: Actor, submit: bool = True, note: str = ""
) -> StatusUpdate:
    """Correct an approved report: by a body for its review, by the secretariat at once.

    Args:
        update: the report to be corrected, or the last correction of it.
        version: its version as the person has read it.
        report: what is to be said instead; its kind and date are those of a correction of ``update``. Evidence of
            ``update`` that it keeps is copied.
        by: who corrects it.
        submit: ``False`` keeps it as a draft.
        note: why, for the audit trail, where the secretariat corrects it at once.

    Raises:
        NotAllowed: the person is not of the secretariat, nor of the body that reported and leads the activity.
        Stale: the report has another version by now.
        WrongState: it is not approved, was corrected meanwhile, or a correction of it waits for its review.
        Invalid: a rule refuses what the correction says, or it names another date.
    """
    update = current_status.locked_update(update)
    refuse_action("correct", update, by)
    current_status.refuse_stale(update, version)
    later = StatusUpdate.objects.approved().filter(corrects=update.corrects_id or update.pk, pk__gt=update.pk)
    if later.exists():
        raise WrongState("This report was corrected already. Look at the correction, and correct that one.")
    report = _as_correction(update, report)
    if submit and enters_directly(by.user, update.body):
        return record_corrections([(update, report)], by=by, note=note)[0]
    _refuse_underway([update], submitted_only=False)
    assert by.user is not None, "refuse_action has refused nobody in particular"
    now = timezone.now()
    correction = _correction_of(update, report, by, now)
    correction.is_direct = enters_directly(by.user, update.body)
    correction.edited_by, correction.edited_by_name = by.user, by.name
    clean(correction, report, by)
    correction.save(force_insert=True)
    save_evidence(correction, report.evidence, by)
    begun = {"corrects": [None, update.pk]}
    audit.entry(action="report.begun", record=correction, changes=begun, by=by).save()
    return submit_report(update=correction, version=correction.version, by=by) if submit else correction


def record_corrections(
    pairs: Sequence[tuple[StatusUpdate, Report]], *, by: Actor, note: str = ""
) -> list[StatusUpdate]:
    """Correct reports at once, for the secretariat, which has locked them: all of them, or none.

    Args:
        pairs: each report, as it is in effect now, with what is said in its place.
    """
    now = timezone.now()
    corrections: list[StatusUpdate] = []
    read: set[Report] = set()
    _refuse_underway([update for update, _ in pairs], submitted_only=True)
    for update, report in pairs:
        refuse_problems([update.activity], report, today=by.today, corrected=update)
        correction = _correction_of(update, report, by, now)
        correction.is_direct, correction.state, correction.submissions = True, rules.APPROVED, 1
        correction.submitted_by, correction.submitted_by_name, correction.submitted_at = by.user, by.name, now
        correction.approved_by, correction.approved_by_name, correction.approved_at = by.user, by.name, now
        # The same report is read once: activity, body and round are those of reports that were read before.
        if report not in read:
            clean(correction, report, by)
            read.add(report)
        corrections.append(correction)
    StatusUpdate.objects.bulk_create(corrections)
    entries = []
    for (update, report), correction in zip(pairs, corrections, strict=True):
        if report.evidence:
            add_evidence([correction], report.evidence, by)
        changes: dict[str, list[Any]] = {
            name: [audit.plain(getattr(update, name)), audit.plain(value)]
            for name, value in report.field_values.items()
            if name != "kind" and getattr(update, name) != value
        }
        changes |= {"state": [None, rules.APPROVED], "corrects": [update.pk, correction.pk]}
        entries.append(audit.entry(action="report.corrected", record=correction, changes=changes, by=by, reason=note))
    AuditEntry.objects.bulk_create(entries)
    in_effect = [(one.activity, one) for one in corrections if current_status.is_in_effect(one)]
    current_status.set_current_status(in_effect, by=by, now=now, note=note)
    for reporting_round in {one.round for one in corrections if one.round is not None}:
        about = [one.activity_id for one in corrections if one.round_id == reporting_round.pk]
        current_status.update_obligations(reporting_round, about)
    due_reports.follow_statuses([one.activity_id for one in corrections])
    return corrections


def copied_evidence(update: StatusUpdate, items: Iterable[EvidenceItem] | None = None) -> tuple[EvidenceItem, ...]:
    """The evidence of ``update`` as new pieces; of ``items``, where there are, those that it keeps and the new ones.

    Raises:
        Invalid: an item keeps evidence of another report.
    """
    there = {one.pk: one for one in update.evidence.all()}
    if items is None:
        items = [EvidenceItem(one.title, one.url, dated_on=one.dated_on, kept=one.pk) for one in there.values()]
    found = []
    for position, item in enumerate(items, start=1):
        if item.kept is None:
            found.append(item)
            continue
        if item.kept not in there:
            raise Invalid(fields={"evidence": [f"Evidence {position} does not belong to this report."]})
        one = there[item.kept]
        file: Any = None
        if one.file:
            with one.file.open("rb") as content:
                file = ContentFile(content.read(), name=one.file_name)
        url = one.url and (item.url or one.url)
        found.append(EvidenceItem(item.title, url, file=file, dated_on=item.dated_on or one.dated_on))
    return tuple(found)


def _as_correction(update: StatusUpdate, report: Report) -> Report:
    """``report`` as a correction of ``update``.

    Raises:
        Invalid: it names another date.
    """
    if report.as_of not in (None, update.as_of):
        raise Invalid(fields={"as_of": [rules.keeps_its_day(update.as_of)]})
    evidence = copied_evidence(update, report.evidence)
    return replace(report, kind=rules.CORRECTION, as_of=update.as_of, evidence=evidence)


def _correction_of(update: StatusUpdate, report: Report, by: Actor, now: datetime.datetime) -> StatusUpdate:
    root = update.corrects or update
    return StatusUpdate(
        activity=update.activity,
        body=root.body,
        round=update.round,
        corrects=root,
        original_approved_at=root.approved_at,
        **report.field_values,
        author=by.user,
        author_name=by.name,
        created_at=now,
        updated_at=now,
    )


def _refuse_underway(updates: Iterable[StatusUpdate], *, submitted_only: bool) -> None:
    """Refuse a second correction of a report while one is submitted, or begun or returned on the side of the body.

    Raises:
        WrongState: there is one.
    """
    roots = {update.corrects_id or update.pk for update in updates}
    underway = StatusUpdate.objects.filter(corrects__in=roots).select_related("activity").order_by("pk")
    for one in underway.filter(state__in=(rules.DRAFT, rules.SUBMITTED, rules.RETURNED)):
        if one.state == rules.SUBMITTED:
            raise WrongState(
                f"A correction of this report on {one.activity.ref} is submitted already. Approve or return it first."
            )
        if not submitted_only and not one.is_direct:
            raise WrongState(f"{one.author_name} has begun a correction of this report. Go on with that one.")
