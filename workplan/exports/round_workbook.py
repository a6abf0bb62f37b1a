"""The workbook by which a body reports a round without a connection: what is due, with room for what it says.

Cells to be filled in are unlocked, and the rest of the sheet is protected, without a password: it keeps from mistakes,
not from people. What the file is of stands on a hidden sheet and again in each row, with the version that was read, so
that the way back finds what somebody else has written meanwhile (``workplan.imports.round_workbook``).
"""

import datetime
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]
from django.utils import timezone

from workplan import rules
from workplan.exports.csv import FORMULA_STARTS
from workplan.exports.xlsx import A3, A4, GREY, LINE, MOST_TEXT, TEXTS_STAY_TEXTS
from workplan.models import ReportingRound, SectoralBody
from workplan.models.base import LONG_TEXT, SHORT_TEXT
from workplan.querysets import deadline_zone

FORMAT = "apta round workbook 1"
INSTRUCTIONS, REPORTS, HIDDEN = "Instructions", "Reports", "apta"
DAY_FORMAT = "yyyy-mm-dd"
SPARE_LINES = 3  # the height of a row before anything is written in it
MOST_HEIGHT = 12


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column of the sheet.

    Attributes:
        name: what the reader calls it.
        label: its heading.
        width: in characters.
        hint: what a person reads who goes to a cell of it; empty for columns that are only read.
    """

    name: str
    label: str
    width: int
    hint: str = ""


DAYS = ("as_of", "deferred_until")
KEY = SheetColumn("key", "Reference and version (do not change)", 12)
COLUMNS: tuple[SheetColumn, ...] = (
    SheetColumn("ref", "Ref", 11),
    SheetColumn("area", "Area of collaboration", 28),
    SheetColumn("activity", "Activity", 44),
    SheetColumn("expected_output", "Expected output", 26),
    SheetColumn("lead_bodies", "Lead", 14),
    SheetColumn("last_status", "Last status", 13),
    SheetColumn("last_as_of", "Last status, as at", 12),
    SheetColumn("last_narrative", "Last report", 40),
    SheetColumn("last_next_steps", "Last report, next steps", 28),
    SheetColumn(
        "kind",
        "Kind of report",
        14,
        "Select from the list; blank means progress. “No change” and “Nil return” require no other entries.",
    ),
    SheetColumn("status", "Status", 14, "Select the implementation status."),
    SheetColumn("as_of", "Status as at", 12, "The date of this status, as year-month-day: 2018-06-30."),
    SheetColumn("narrative", "Progress", 50, "Work done, in one or more sentences. This is public once published."),
    SheetColumn(
        "outputs_delivered",
        "Outputs delivered",
        34,
        "Outputs that have been produced. Required for a completed activity.",
    ),
    SheetColumn("challenges", "Challenges", 34, "Difficulties in implementation."),
    SheetColumn("next_steps", "Next steps", 34, "Planned steps, with dates."),
    SheetColumn(
        "reason", "Reason", 28, "Only if a completed activity is reopened, or the activity is deferred or cancelled."
    ),
    SheetColumn(
        "deferred_until",
        "Deferred until",
        13,
        "Only if the activity is deferred: the date from which it is reported on again. Blank: in each round.",
    ),
    SheetColumn(
        "evidence",
        "Evidence (links)",
        44,
        "One document per line: title, dash, link. Required for a completed activity.",
    ),
    KEY,
)
FIELDS = tuple(column.name for column in COLUMNS if column.hint)
LABELS = {column.name: column.label for column in COLUMNS}


def kinds_to_choose() -> list[rules.Term]:
    """The kinds of a report that is due; what is approved already is corrected on its page."""
    return [term for term in rules.UPDATE_KINDS if term.value != rules.CORRECTION]


@dataclass(frozen=True, slots=True)
class About:
    """What a workbook is of, as its hidden sheet says.

    Attributes:
        made_at: when it was downloaded; of two, the later one supersedes the other.
    """

    reporting_round: ReportingRound
    body: SectoralBody
    made_at: datetime.datetime

    @property
    def facts(self) -> dict[str, str]:
        """The hidden sheet: names with their values."""
        return {
            "format": FORMAT,
            "plan": self.reporting_round.plan.code,
            "round": self.reporting_round.code,
            "body": self.body.acronym,
            "made_at": self.made_at.isoformat(),
        }

    @property
    def file_name(self) -> str:
        """What the file is called."""
        return f"{self.reporting_round.plan.code}-{self.reporting_round.code}-{self.body.acronym}.xlsx"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its values by the names of columns, comments beside them, and texts of columns that are not ours."""

    values: Mapping[str, object]
    comments: Mapping[str, str] = field(default_factory=dict)
    extra: Sequence[str] = ()


def written(about: About, rows: Sequence[SheetRow], *, extra: Sequence[str] = (), remarks: Sequence[str] = ()) -> bytes:
    """The file.

    Args:
        extra: the headings of further columns, for the same workbook with comments on what could not be read.
        remarks: sentences above the instructions.
    """
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, **TEXTS_STAY_TEXTS}) as book:
        title = f"{about.body.acronym}: {about.reporting_round.name}"
        book.set_properties({"title": title, "subject": about.reporting_round.plan.title})
        _instructions(book, about, rows, remarks)
        _reports(book, about, rows, extra)
        hidden = book.add_worksheet(HIDDEN)
        for place, (name, value) in enumerate(about.facts.items()):
            hidden.write_string(place, 0, name)
            hidden.write_string(place, 1, value)
        hidden.protect()
        hidden.very_hidden()
    return file.getvalue()


def _instructions(book: Any, about: About, rows: Sequence[SheetRow], remarks: Sequence[str]) -> None:
    page = book.add_worksheet(INSTRUCTIONS)
    page.hide_gridlines(2)
    page.set_column(0, 0, 26)
    page.set_column(1, 1, 96)
    title = book.add_format({"bold": True, "font_size": 16, "font_color": "#0F3D4C"})
    head = book.add_format({"bold": True, "valign": "top"})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    warn = book.add_format({"text_wrap": True, "valign": "top", "font_color": "#A4262C", "bold": True})
    reporting_round = about.reporting_round
    page.write_string(0, 0, f"{about.body.acronym}: {reporting_round.name}", title)
    page.set_row(0, 26)
    lines: list[tuple[str, str, Any]] = [("Please note", remark, warn) for remark in remarks]
    made = timezone.localtime(about.made_at)
    lines += [
        ("Plan", reporting_round.plan.title, text),
        ("Body", f"{about.body.name} ({about.body.acronym})", text),
        ("Due", f"{reporting_round.due_on:%d %B %Y} (date in {deadline_zone()})", text),
        ("Downloaded", f"{made:%d %B %Y, %H:%M}, with {len(rows)} reports due", text),
        ("1. Fill in", f"Go to the sheet “{REPORTS}”. Fill in the white columns of each row that you report on.", text),
        (
            "2. Leave blank",
            "A blank row is ignored. You may report on some rows now and on others later.",
            text,
        ),
        (
            "3. Grey columns",
            "They show the plan and your last report and cannot be changed. The sheet is protected against "
            "accidental changes; there is no password.",
            text,
        ),
        (
            "4. Evidence",
            "One document per line of the cell (Alt+Enter starts a new line): “Report of the "
            "workshop – https://example.org/report.pdf”. Files are added on the page of the report.",
            text,
        ),
        (
            "5. Upload",
            f"Save it as .xlsx. On the page of “{reporting_round.name}” select the file and press “Preview changes”. "
            f"Nothing is saved before you have reviewed and confirmed every change, as drafts or as reports "
            f"submitted for review.",
            text,
        ),
        (
            "Several people",
            "Several people may fill in copies. If a report has been changed since this file was downloaded, both "
            "versions are shown and you choose.",
            text,
        ),
    ]
    lines += [
        (f"Status: {term.label}", term.meaning, text) for term in rules.STATUSES if term.value != rules.NOT_REPORTED
    ]
    lines += [(f"Kind: {term.label}", term.meaning, text) for term in kinds_to_choose()]
    for place, (label, words, look) in enumerate(lines, start=2):
        page.write_string(place, 0, label, head)
        page.write_string(place, 1, words, look)
        page.set_row(place, LINE * (1 + len(words) // 96))
    page.set_landscape()
    page.set_paper(A4)
    page.fit_to_pages(1, 0)
    page.protect(options={"select_locked_cells": True, "format_columns": True, "format_rows": True})


def _reports(book: Any, about: About, rows: Sequence[SheetRow], extra: Sequence[str]) -> None:
    page = book.add_worksheet(REPORTS)
    page.activate()
    page.set_first_sheet()
    base = {"valign": "top", "text_wrap": True, "border": 1, "border_color": "#C8D3D7"}
    heading = {"bold": True, "font_color": "#FFFFFF", "text_wrap": True, "valign": "bottom", "border": 1}
    read = book.add_format(base | {"bg_color": "#EEF1F2", "font_color": GREY})
    read_day = book.add_format(base | {"bg_color": "#EEF1F2", "font_color": GREY, "num_format": DAY_FORMAT})
    write = book.add_format(base | {"locked": False})
    write_marked = book.add_format(base | {"locked": False, "quote_prefix": True})
    write_day = book.add_format(base | {"locked": False, "num_format": DAY_FORMAT, "align": "left"})
    wrong = book.add_format(base | {"locked": False, "bg_color": "#FBE3E4"})
    page.set_row(0, 3 * LINE)
    for place, column in enumerate(COLUMNS):
        colour = "#0F3D4C" if column.hint else "#5F6A6F"
        page.write_string(0, place, column.label, book.add_format(heading | {"bg_color": colour}))
        page.set_column(place, place, column.width, None, {"hidden": column is KEY})
    for place, label in enumerate(extra, start=len(COLUMNS)):
        page.write_string(0, place, label[:MOST_TEXT], book.add_format(heading | {"bg_color": "#5F6A6F"}))
        page.set_column(place, place, 20)
    for number, row in enumerate(rows, start=1):
        page.set_row(number, LINE * _lines(row))
        for place, column in enumerate(COLUMNS):
            value = row.values.get(column.name)
            is_wrong = column.name in row.comments
            if isinstance(value, datetime.date):
                look = wrong if is_wrong else write_day if column.hint else read_day
                page.write_datetime(number, place, value, look)
            else:
                text = str(value or "")[:MOST_TEXT]
                plain = write_day if column.name in DAYS else write
                marked = write_marked if text.startswith(FORMULA_STARTS) else plain
                look = wrong if is_wrong else marked if column.hint else read
                page.write_string(number, place, text, look) if text else page.write_blank(number, place, None, look)
            if is_wrong:
                page.write_comment(number, place, row.comments[column.name], {"author": "apta", "x_scale": 2})
        for place, text in enumerate(row.extra, start=len(COLUMNS)):
            page.write_string(number, place, text[:MOST_TEXT], write)
    if rows:
        _validate(page, about, len(rows))
        page.autofilter(0, 0, len(rows), len(COLUMNS) - 1)
    page.freeze_panes(1, 1)
    page.set_landscape()
    page.set_paper(A3)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.protect(
        options={
            **dict.fromkeys(("format_cells", "format_columns", "format_rows", "sort", "autofilter"), True),
            **dict.fromkeys(("select_locked_cells", "select_unlocked_cells"), True),
        }
    )


def _validate(page: Any, about: About, last: int) -> None:
    """Lists to choose from, and what is told to whoever goes to a cell."""
    places = {column.name: place for place, column in enumerate(COLUMNS)}
    for column in COLUMNS:
        if not column.hint:
            continue
        hint = {"input_title": column.label[:32], "input_message": column.hint[:255], "ignore_blank": True}
        match column.name:
            case "status":
                labels = [term.label for term in rules.STATUSES if term.value != rules.NOT_REPORTED]
                asked: dict[str, Any] = {"validate": "list", "source": labels}
            case "kind":
                asked = {"validate": "list", "source": [term.label for term in kinds_to_choose()]}
            case "as_of" | "deferred_until":
                first = about.reporting_round.plan.period_start
                asked = {
                    "validate": "date",
                    "criteria": ">=",
                    "value": first,
                    "error_title": "Not a date of the plan",
                    "error_message": f"Enter a date from {first:%d %B %Y} on, as year-month-day.",
                }
            case _:
                most = SHORT_TEXT if column.name == "reason" else LONG_TEXT
                asked = {
                    "validate": "length",
                    "criteria": "<=",
                    "value": most,
                    "error_title": "Too long",
                    "error_message": f"Write at most {most:,} characters.",
                }
        page.data_validation(1, places[column.name], last, places[column.name], asked | hint)


def _lines(row: SheetRow) -> int:
    """How many lines a row is high."""
    found = [SPARE_LINES]
    for column in COLUMNS:
        if column is not KEY:
            lines = str(row.values.get(column.name) or "").split("\n")
            found.append(sum(1 + len(line) // max(1, column.width) for line in lines))
    return min(MOST_HEIGHT, max(found))
