"""Who has reported, as a file: the figures of the pages, for the same reader."""

from collections.abc import Iterator, Sequence
from typing import Any

from workplan import rules
from workplan.exports import csv, xlsx
from workplan.models import ReportingRound
from workplan.monitoring import completion
from workplan.monitoring.completion import Completion, Counts

ALL_BODIES = "All (each activity once)"
WITHOUT_LEAD = "No lead body (not in the total)"
NO_LEAD = "No lead body"


def as_csv(found: Sequence[Completion], user: Any) -> Iterator[str]:
    """One line for each body in each round, one for what no body leads, then one for the round as a whole."""
    figures = completion.figures_for(user, *(one.round for one in found))
    return csv.table(
        ["Round", "Name", "State", "Body", *(figure.label for figure in figures)],
        (
            [one.round.code, one.round.name, one.round.get_state_display(), body, *_numbers(counts, figures)]
            for one in found
            for body, counts in _lines(one)
        ),
    )


def of_rounds(found: Sequence[Completion], user: Any, *, title: str) -> bytes:
    """A workbook: how much of what was asked for is approved, body by round, and all figures of each round."""
    return xlsx.workbook([_approved(found), *(_figures(one, user, one.round.code) for one in found)], title=title)


def of_round(one: Completion, user: Any) -> bytes:
    """A workbook: the figures of one round by body, and each report that it asks for."""
    sheets = [_figures(one, user, "Completion"), _reports(one.round, user)]
    return xlsx.workbook(sheets, title=f"{one.round.name}: reporting completion")


def _lines(one: Completion) -> list[tuple[str, Counts]]:
    named = [(body.acronym, counts) for body, counts in one.bodies]
    apart = [(WITHOUT_LEAD, one.without_lead)] if one.without_lead.total else []
    return [*named, *apart, (ALL_BODIES, one.total)]


def _numbers(counts: Counts, figures: Sequence[completion.Figure]) -> list[int]:
    return [getattr(counts, figure.name) for figure in figures]


def _figures(one: Completion, user: Any, name: str) -> xlsx.Sheet:
    figures = completion.figures_for(user, one.round)
    rows = [[body, *_numbers(counts, figures)] for body, counts in _lines(one)]
    return xlsx.Sheet(name, [("Body", 30), *((figure.label, 11) for figure in figures)], rows, last_is_total=True)


def _approved(found: Sequence[Completion]) -> xlsx.Sheet:
    columns = [("Body", 30)]
    for one in found:
        columns += [(f"{one.round.code} approved", 11), (f"{one.round.code} expected", 11)]
    rows: list[list[object]] = []
    for body in completion.bodies_in(found):
        row: list[object] = [body.acronym]
        for one in found:
            counts = one.of_body(body)
            row += [counts.approved, counts.total] if counts else [None, None]
        rows.append(row)
    total: list[object] = [ALL_BODIES]
    for one in found:
        total += [one.total.approved, one.total.total]
    return xlsx.Sheet("Completion", columns, [*rows, total], last_is_total=True)


def _reports(reporting_round: ReportingRound, user: Any) -> xlsx.Sheet:
    return xlsx.Sheet(
        "Reports",
        [
            ("Ref", 12),
            ("Activity", 70),
            ("Body", 30),
            ("State", 12),
            ("Timeliness", 12),
            ("Due", 12),
            ("First submitted", 14),
        ],
        [
            [
                due.activity.ref,
                due.activity.text,
                due.body.acronym if due.body else NO_LEAD,
                rules.SHOWN_STATES.label(due.shown_state),
                rules.TIMELINESS.label(due.shown_timeliness),
                due.due_on,
                due.shown_first_submitted_on,
            ]
            for due in completion.reports_of(reporting_round, user)
        ],
    )
