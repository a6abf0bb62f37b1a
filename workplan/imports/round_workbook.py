"""The workbook of a body comes back: which reports it changes, and writing them by the actions of the pages."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from workplan import actions, permissions, rules
from workplan.actions import Actor, EvidenceItem, Report
from workplan.exceptions import BadFile, Refusal
from workplan.exports import round_workbook as out
from workplan.exports.round_rows import TEXTS, DueReport, Values, digest, due_rows, values_of
from workplan.imports.cells import Row, Sheet, sheets
from workplan.imports.files import OpenedFile
from workplan.imports.previews import Preview, RowPreview, RowReader, RowRefused, changes_between
from workplan.imports.tables import Column, Table, find_table
from workplan.models import Import, ReportingRound, SectoralBody, StatusUpdate, WorkPlan
from workplan.querysets import fold_spelling, reader_day

# What people and programs call the columns, besides our headings.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "key": ("Reference and version (leave as it is)",),
    "last_as_of": ("Last status, as of",),
    "ref": ("Reference", "Activity ref", "Activity reference", "No.", "Number"),
    "kind": ("Kind", "Kind of update", "Type of report", "Report type"),
    "status": ("New status", "Implementation status", "Status of implementation"),
    "as_of": ("As of", "As at", "As-of date", "As of date", "Status as of", "Date", "Status date"),
    "narrative": ("Progress report", "Progress made", "Narrative", "What was done"),
    "outputs_delivered": ("Outputs", "Output delivered", "Delivered outputs", "Results"),
    "challenges": ("Challenge", "Issues", "Issues and challenges", "Constraints"),
    "next_steps": ("Next step", "Way forward", "Follow-up"),
    "deferred_until": ("Deferred to", "Put off until"),
    "reason": ("Why it goes back, is deferred or cancelled", "Reason for setback, deferral or cancellation", "Reasons"),
    "evidence": ("Evidence", "Links", "Evidence links", "Link", "Means of verification"),
}
COLUMNS = tuple(
    Column(column.name, column.label, ALIASES.get(column.name, ()), required=column.name == "ref")
    for column in out.COLUMNS
)
NOT_OURS = (
    "This is not a workbook that was downloaded to report on a round: its plan, round and body are missing. Download "
    "the workbook again, and copy your text into it."
)


@dataclass(frozen=True, slots=True)
class Source:
    """A workbook as it was read.

    Attributes:
        made_at: when it was downloaded.
    """

    table: Table
    made_at: datetime.datetime


def read(file: OpenedFile, reporting_round: ReportingRound, body: SectoralBody) -> Source:
    """The table of reports, if the workbook is the one of this round and body.

    Raises:
        BadFile: it is of another plan, round or body, was superseded, or is no such workbook.
    """
    found = sheets(file)
    facts = _facts(found)
    made_at = parse_datetime(facts.get("made_at", ""))
    if facts.get("format") != out.FORMAT or made_at is None or made_at.tzinfo is None:
        raise BadFile(NOT_OURS)
    _refuse_another(facts, reporting_round, body)
    _refuse_superseded(made_at, reporting_round, body)
    return Source(find_table([one for one in found if one.name != out.HIDDEN], COLUMNS), made_at)


def _facts(found: Iterable[Sheet]) -> dict[str, str]:
    """What the hidden sheet says, wherever a program has moved it."""
    for sheet in found:
        rows = {row.cell(0).text: row.cell(1).text for row in sheet.rows[:20]}
        if rows.get("format", "").startswith("apta round workbook"):
            return rows
    return {}


def _refuse_another(facts: Mapping[str, str], reporting_round: ReportingRound, body: SectoralBody) -> None:
    plan, code, acronym = (facts.get(name, "")[:60] for name in ("plan", "round", "body"))
    if plan != reporting_round.plan.code:
        named = WorkPlan.objects.filter(code=plan).first()
        raise BadFile(
            f"This is a workbook of the plan “{named.title if named else plan}”, not of “{reporting_round.plan.title}”."
        )
    if code != reporting_round.code:
        other = ReportingRound.objects.filter(plan=reporting_round.plan, code=code).first()
        raise BadFile(f"This is a workbook of the round “{other or code}”, not of “{reporting_round}”.")
    if fold_spelling(acronym) != fold_spelling(body.acronym):
        raise BadFile(f"This is the workbook of {acronym}, not of {body.acronym}.")


def _refuse_superseded(made_at: datetime.datetime, reporting_round: ReportingRound, body: SectoralBody) -> None:
    later = (
        Import.objects.filter(round=reporting_round, body=body, state=rules.APPLIED, made_at__gt=made_at)
        .order_by("-made_at")
        .first()
    )
    if later is not None and later.made_at is not None and later.applied_at is not None:
        raise BadFile(
            f"This workbook was superseded: it was downloaded on {_moment(made_at)}, and one of {body.acronym} that "
            f"was downloaded on {_moment(later.made_at)} was confirmed on {_moment(later.applied_at)} by {later.user}. "
            "Download it again, and copy your new text into it."
        )


def _moment(moment: datetime.datetime) -> str:
    return f"{timezone.localtime(moment):%d %B %Y, %H:%M}"


def preview(
    source: Source,
    reporting_round: ReportingRound,
    body: SectoralBody,
    user: Any,
    *,
    mended: Mapping[str, str] | None = None,
    choices: Mapping[str, str] | None = None,
) -> Preview:
    """What the workbook changes, in a fixed number of queries.

    Args:
        mended: texts in place of cells, as ``Table.mended`` has them.
        choices: for references of rows that somebody else has changed, which of the two texts counts.
    """
    table = source.table
    table.mended = dict(mended or {})
    found = Preview(notes=list(table.notes))
    reader = RowReader(table, found, out.LABELS)
    due = {one.activity.ref: one for one in due_rows(reporting_round, body, user)}
    written = _written_by_the_same(source.made_at, reporting_round, body)
    places: dict[str, list[Row]] = {}
    for row in table.rows:
        ref = rules.as_typed(table.cell(row, "ref").text).upper()
        if ref or any(table.cell(row, name).text for name in out.FIELDS):
            places.setdefault(ref, []).append(row)
        else:
            found.blank += 1
    for ref, rows in places.items():
        if len(rows) > 1 and ref:
            numbers = ", ".join(str(row.number) for row in rows)
            for row in rows:
                reader.bad(row, "ref", f"{ref} occurs in rows {numbers}. Keep one of them.")
            continue
        for row in rows:
            _preview_row(reader, row, due.get(ref), reporting_round, body, written.get(ref))
    for one in found.conflicts:
        one.choice = (choices or {}).get(one.activity.ref, "")
    found.bad.sort(key=lambda bad: bad.row)
    found.rows.sort(key=lambda one: one.number)
    return found


def _written_by_the_same(
    made_at: datetime.datetime, reporting_round: ReportingRound, body: SectoralBody
) -> dict[str, Sequence[int]]:
    """What the same workbook has written before, when it was sent for the first time: id and version of reports."""
    found: dict[str, Sequence[int]] = {}
    earlier = Import.objects.filter(round=reporting_round, body=body, state=rules.APPLIED, made_at=made_at)
    for results in earlier.order_by("applied_at").values_list("results", flat=True):
        found |= results
    return found


def _preview_row(
    reader: RowReader,
    row: Row,
    due: DueReport | None,
    reporting_round: ReportingRound,
    body: SectoralBody,
    written: Sequence[int] | None,
) -> None:
    found, table = reader.preview, reader.table
    key = table.cell(row, out.KEY.name).text.split("|")
    values = reader.values(row)
    if values is None:
        return
    base = key[5] if len(key) == 6 else ""
    if base == digest(values) or (not base and digest(values) == digest(values_of(None))):
        # Nobody has touched it, whatever became of the report meanwhile.
        if digest(values) == digest(values_of(None)):
            found.blank += 1
        else:
            found.unchanged += 1
        return
    if due is None:
        if table.cell(row, "ref").text:
            reader.bad(
                row,
                "ref",
                f"No report of {body.acronym} on this activity is expected in “{reporting_round}”. Restore the "
                f"reference.",
            )
        else:
            reader.bad(row, "ref", "Enter the reference of the activity, as in the downloaded workbook.")
        return
    if len(key) == 6 and key[:3] != [reporting_round.plan.code, reporting_round.code, body.acronym]:
        reader.bad(row, "ref", f"This row is from the workbook of {key[2][:40]} in round {key[1][:40]}. Remove it.")
        return
    if values["kind"] == rules.CORRECTION:
        reader.bad(row, "kind", "An approved report is corrected on its page. Select another kind, or leave it blank.")
        return
    _fill_short_report(values, due, reporting_round)
    changes = changes_between(due.values, values, out.LABELS)
    if not changes:
        found.unchanged += 1
        return
    if not due.is_due:
        state = rules.OBLIGATION_STATES.label(due.state).lower()
        reader.bad(
            row,
            "ref",
            f"The report on {due.activity.ref} is now {state}, so it cannot be changed here. Clear the entries in "
            f"this row, or submit a correction from the page of the activity.",
        )
        return
    report = _report(values, due.report)
    asked = actions.checklist_of(due.activity, report, reporting_round=reporting_round)
    checks = [check for check in asked if check.problem]
    found.rows.append(
        RowPreview(
            number=row.number,
            activity=due.activity,
            report=report,
            changes=changes,
            update=due.report,
            conflict=_conflict(due, key, written),
            missing=[check.problem for check in checks if not check.advice],
            advice=[check.problem for check in checks if check.advice],
        )
    )


def _fill_short_report(values: Values, due: DueReport, reporting_round: ReportingRound) -> None:
    """A report of no change repeats the status; people leave it blank."""
    if values["kind"] in rules.KINDS_WITHOUT_NARRATIVE:
        values["status"] = values["status"] or due.activity.status
        values["as_of"] = values["as_of"] or rules.default_as_of(reporting_round.period_end, reader_day())


def _conflict(due: DueReport, key: Sequence[str], written: Sequence[int] | None) -> str:
    """Why both texts have to be looked at; empty where nobody else has written since the workbook was downloaded."""
    report = due.report
    now = (report.pk, report.version) if report else (0, 0)
    if written is not None and now == tuple(written):
        return ""
    versions = key[4].split(".") if len(key) == 6 else []
    read_of = tuple(int(number) if number.isdigit() else 0 for number in versions[1:3])
    if read_of == now or report is None:
        return ""
    who = report.edited_by_name or report.author_name
    when = f"{timezone.localtime(report.updated_at):%d %B %Y, %H:%M}"
    return f"Changed by {who} on {when}, after the workbook was downloaded."


def _report(values: Values, update: StatusUpdate | None) -> Report:
    """What the row says, for the action. Evidence that is there already stays what it is."""
    there = list(update.evidence.all()) if update else []
    kept = {pair: one for one, pair in zip(there, values_of(update)["evidence"], strict=True)}
    items = []
    for title, url in values["evidence"]:
        one = kept.get((title, url)) or next((one for one in there if url and one.url == url), None)
        if one is not None and not url:
            title = one.title
        items.append(EvidenceItem(title, url, kept=one.pk if one else None, dated_on=one.dated_on if one else None))
    return Report(
        **{name: values[name] for name in (*TEXTS, *out.DAYS, "status")},
        kind=values["kind"] or rules.PROGRESS,
        evidence=tuple(items),
    )


@transaction.atomic
def apply(kept: Import, found: Preview, *, by: Actor, submit: bool) -> list[StatusUpdate]:
    """Write what the preview of a locked import shows: all of it, or nothing.

    Args:
        submit: whether the reports are submitted for review, or kept as drafts.

    Raises:
        RowRefused: an action has refused a row.
    """
    results: dict[str, list[int]] = {}
    updates = []
    # In the order in which everybody locks activities.
    for row in sorted(found.applied, key=lambda one: one.activity.pk):
        try:
            update = _write(kept, row, by, submit=submit)
        except Refusal as refusal:
            raise RowRefused(row.activity.ref, refusal) from refusal
        results[row.activity.ref] = [update.pk, update.version]
        updates.append(update)
    actions.finish_import(kept=kept, results=results, by=by)
    return updates


def _write(kept: Import, row: RowPreview, by: Actor, *, submit: bool) -> StatusUpdate:
    about: dict[str, Any] = {"by": by, "reporting_round": kept.round, "body": kept.body}
    if row.update is not None:
        update = actions.save_report(update=row.update, version=row.update.version, report=row.report, by=by)
    elif submit and permissions.enters_directly(by.user, kept.body):
        # As by the form of one activity: what is recorded so can be undone.
        return actions.record_status(activity=row.activity, version=row.activity.version, report=row.report, **about)
    else:
        update = actions.begin_report(activity=row.activity, report=row.report, **about)
    return actions.submit_report(update=update, version=update.version, by=by) if submit else update
