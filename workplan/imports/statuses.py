"""Statuses that the secretariat imports: rows by their reference, from any table that has one, csv or workbook.

The data files of the list of activities are such tables, so what was downloaded there can be changed and sent back.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from workplan import actions, rules
from workplan.actions import Actor, EvidenceItem, Report
from workplan.exceptions import Refusal
from workplan.exports.round_rows import FIELDS, TEXTS, Values, values_of
from workplan.imports.cells import Row, sheets
from workplan.imports.files import OpenedFile
from workplan.imports.previews import Preview, RowPreview, RowReader, RowRefused, changes_between
from workplan.imports.tables import Column, Table, find_table
from workplan.models import Activity, Import, ReportingRound, SectoralBody, StatusUpdate, WorkPlan
from workplan.querysets import fold_spelling, reader_day

REF, VERSION, BODY, PLAN = "ref", "version", "body", "plan"
COLUMNS = (
    Column(REF, "Ref", ("Reference", "Activity ref", "Activity, ref", "No.", "Number"), required=True),
    Column("status", "Status", ("New status", "Implementation status", "Status of implementation"), required=True),
    Column(
        "as_of",
        "Status as at",
        ("status_as_of", "As of", "As at", "As-of date", "As of date", "Status as of", "Date", "Status date"),
    ),
    Column("narrative", "Progress", ("latest_update.narrative", "Progress report", "Progress made", "Last report")),
    Column("outputs_delivered", "Outputs delivered", ("latest_update.outputs_delivered", "Outputs", "Results")),
    Column("challenges", "Challenges", ("latest_update.challenges", "Issues", "Constraints")),
    Column("next_steps", "Next steps", ("latest_update.next_steps", "Way forward", "Follow-up")),
    Column("reason", "Reason", ("Reasons",)),
    Column("deferred_until", "Deferred until", ("Deferred to", "latest_update.deferred_until")),
    Column("report_kind", "Kind of update", ("Kind of report", "Report kind")),
    Column("evidence", "Evidence", ("Evidence (links)", "Links", "Means of verification")),
    Column(BODY, "On behalf of", ("For body", "Reporting body", "Reported for")),
    Column(VERSION, "Version"),
    Column(PLAN, "Plan", ("Plan code",)),
)
LABELS = {**{column.name: column.label for column in COLUMNS}, "kind": "Kind of update"}
# Columns that our files have and that are not read here; nobody need hear of them.
KNOWN_BUT_NOT_READ = (
    *("kind", "Kind", "section.title", "Section", "provision.text", "Provision", "area.text", "Area of collaboration"),
    *("text", "Activity", "expected_output", "Expected output", "lead_bodies", "Lead", "cooperating_bodies"),
    *("Cooperating", "updated_at", "Changed", "id", "section.ref", "provision.ref", "area.ref", "marker", "notes"),
    *("all_other_bodies_cooperate", "status_label", "timeliness", "latest_update.id", "latest_update.reported_by"),
    *("reading_note", "file.source", "file.as_of", "confirmed_on", "Confirmed without change", "Confirmed"),
)


def read(file: OpenedFile) -> Table:
    """The first table of the file that has references and statuses.

    Raises:
        BadFile: it has none.
    """
    table = find_table(sheets(file), COLUMNS, ignored=KNOWN_BUT_NOT_READ)
    table.notes[:0] = file.notes
    return table


def preview(
    table: Table,
    plan: WorkPlan,
    user: Any,
    *,
    reporting_round: ReportingRound | None = None,
    mended: Mapping[str, str] | None = None,
    choices: Mapping[str, str] | None = None,
) -> Preview:
    """What the table changes, in a fixed number of queries.

    Args:
        reporting_round: the open round whose reports the statuses are, where they are.
        mended, choices: as of a round workbook.
    """
    table.mended = dict(mended or {})
    if "report_kind" in table.places:
        table.places["kind"] = table.places.pop("report_kind")
    found = Preview(notes=list(table.notes))
    reader = RowReader(table, found, LABELS)
    bodies = SectoralBody.objects.by_spelling()
    by_ref: dict[str, list[Row]] = {}
    for row in table.rows:
        ref = rules.as_typed(table.cell(row, REF).text).upper()
        if ref or any(table.cell(row, name).text for name in FIELDS):
            by_ref.setdefault(ref, []).append(row)
        else:
            found.blank += 1
    rows = Activity.objects.visible_to(user).for_display().filter(plan=plan, ref__in=by_ref)
    activities = {activity.ref: activity for activity in rows.prefetch_related("latest_update__evidence")}
    for ref, same in by_ref.items():
        for row in same:
            if len(same) > 1 and ref:
                numbers = ", ".join(str(one.number) for one in same)
                reader.bad(row, REF, f"{ref} occurs in rows {numbers}. Keep one of them.")
            elif ref not in activities:
                reader.bad(row, REF, f"“{plan.title}” has no activity of this reference. Enter one such as A.1.1.1.")
            elif (code := table.cell(row, PLAN).text) and code not in (plan.code, plan.title):
                reader.bad(row, PLAN, f"This row is of another plan. Import it there, or write {plan.code}.")
            else:
                _preview_row(reader, row, activities[ref], bodies, reporting_round)
    for one in found.conflicts:
        one.choice = (choices or {}).get(one.activity.ref, "")
    found.bad.sort(key=lambda bad: bad.row)
    found.rows.sort(key=lambda one: one.number)
    return found


def _preview_row(
    reader: RowReader,
    row: Row,
    activity: Activity,
    bodies: Mapping[str, SectoralBody],
    reporting_round: ReportingRound | None,
) -> None:
    found, table = reader.preview, reader.table
    named = tuple(name for name in FIELDS if name in table.places or f"{row.number}:{name}" in table.mended)
    values = reader.values(row, named)
    body = None
    spelled = table.cell(row, BODY).text
    if spelled:
        body = bodies.get(fold_spelling(spelled))
        if body is None or body not in activity.lead_bodies:
            leads = ", ".join(one.acronym for one in activity.lead_bodies) or "none; leave it blank"
            reader.bad(row, BODY, f"Name a lead body of {activity.ref}: {leads}.")
            return
    if values is None:
        return
    if not any(values.values()):
        found.blank += 1
        return
    now = _now(activity)
    if not values["status"]:
        reader.bad(row, "status", f"Use one of: {', '.join(term.label for term in rules.STATUSES)}.")
        return
    if not values.get("as_of"):
        values.pop("as_of", None)
    if not changes_between(now, values, LABELS):
        found.unchanged += 1
        return
    values.setdefault("as_of", reader_day())
    changes = changes_between(now, values, LABELS)
    report = _report(activity, values)
    asked = actions.checklist_of(activity, report, reporting_round=reporting_round)
    checks = [check for check in asked if check.problem]
    for check in checks:
        if not check.advice:
            reader.bad(row, check.field, check.problem)
    if all(check.advice for check in checks):
        seen = table.cell(row, VERSION).text
        is_newer = bool(seen) and seen != str(activity.version)
        found.rows.append(
            RowPreview(
                number=row.number,
                activity=activity,
                report=report,
                changes=changes,
                body=body,
                conflict=_CHANGED.format(activity.ref) if is_newer else "",
                advice=[check.problem for check in checks],
            )
        )


_CHANGED = "{} has been changed since this file was downloaded."


def _now(activity: Activity) -> Values:
    """What the cells of a row would say if it changed nothing."""
    update = activity.latest_update
    return values_of(update) | {"status": activity.status, "as_of": activity.status_as_of, "kind": ""}


def _report(activity: Activity, values: Values) -> Report:
    """A report of its own: what the file does not say, it does not say either."""
    there = {url for _, url in _now(activity)["evidence"] if url}
    items = [EvidenceItem(title, url) for title, url in values.get("evidence", ()) if url]
    if "evidence" not in values and values["status"] == rules.COMPLETED == activity.status and activity.latest_update:
        # What shows that it is completed still does.
        items = [EvidenceItem(one.title, one.url) for one in activity.latest_update.evidence.all() if one.url in there]
    return Report(
        status=values["status"],
        as_of=values["as_of"],
        deferred_until=values.get("deferred_until"),
        **{name: values.get(name, "") for name in TEXTS},
        kind=values.get("kind") or rules.PROGRESS,
        evidence=tuple(items),
    )


@transaction.atomic
def apply(kept: Import, found: Preview, *, by: Actor) -> list[StatusUpdate]:
    """Record what the preview of a locked import shows: all of it, or nothing.

    Raises:
        RowRefused: the action has refused a row.
    """
    updates = []
    results: dict[str, list[int]] = {}
    for row in sorted(found.applied, key=lambda one: one.activity.pk):
        try:
            update = actions.record_status(
                activity=row.activity,
                version=row.activity.version,
                report=row.report,
                by=by,
                reporting_round=kept.round,
                body=row.body,
            )
        except Refusal as refusal:
            raise RowRefused(row.activity.ref, refusal) from refusal
        results[row.activity.ref] = [update.pk, update.version]
        updates.append(update)
    actions.finish_import(kept=kept, results=results, by=by)
    return updates
