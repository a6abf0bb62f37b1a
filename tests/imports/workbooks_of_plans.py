"""Workbooks of plans, in the shapes in which people keep them."""

import io
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

HEADINGS = (
    "Strategic Objective",
    "Outcome",
    "No",
    "Activities",
    "Expected output",
    "Lead agency",
    "Partners",
    "Timeline",
    "Remarks",
)


def t13() -> bytes:
    """Sections as sheets and as bands, merged places, 1.10 as a number, TBC, a hidden row, a table below the first."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        bold, two = book.add_format({"bold": True}), book.add_format({"num_format": "0.00"})
        day = book.add_format({"num_format": "d mmm yyyy"})
        first = book.add_worksheet("Prevention")
        _heading(first, 0, bold)
        first.merge_range(1, 0, 3, 0, "Awareness grows")
        first.merge_range(1, 1, 2, 1, "People know the risks")
        _row(first, 1, [None, None, None, "Run a campaign", "Campaign", "SOMTC", "ACWC, SLOM", "2026", "Priority"])
        first.write_number(1, 2, 1.1, two)
        _row(first, 2, [None, None, 1.1, "Print posters", "TBC", "ACWC", "", None, ""])
        first.write_number(2, 7, 46357, day)
        _row(first, 3, [None, "Schools teach it", "1.3", "Write a module", "", "SOM-ED", "All other SB", "TBD", ""])
        first.set_row(3, None, None, {"hidden": True})
        first.write_comment(3, 3, "Which grade?", {"author": "Reviewer"})
        _heading(first, 6, bold)
        _row(first, 7, ["Demand falls", "Buyers know", "2.1", "Study demand", "Study", "AICHR", "", "", ""])
        first.write(10, 0, "Indicator", bold)
        first.write(10, 1, "Baseline", bold)
        first.write(10, 2, "Target", bold)
        _row(first, 11, ["Share of people who know", "10 %", "50 %"])
        second = book.add_worksheet("Protection")
        _heading(second, 2, bold)
        second.write(0, 0, "Work plan: protection")
        second.merge_range(3, 0, 3, 8, "B.1 Shelters", bold)
        _row(
            second,
            4,
            [
                "Victims are safe",
                "Shelters are open",
                "1.1",
                "Open shelters",
                "Five shelters",
                "SOMSWD",
                "SOMHD",
                "2027",
                "",
            ],
        )
    return file.getvalue()


def _heading(page: Any, row: int, look: Any) -> None:
    for place, text in enumerate(HEADINGS):
        page.write(row, place, text, look)


def _row(page: Any, row: int, values: list[Any]) -> None:
    for place, value in enumerate(values):
        if value not in (None, ""):
            page.write(row, place, value)
