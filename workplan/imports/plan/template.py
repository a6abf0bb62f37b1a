"""The workbook to write a plan in: its columns, an example, and how it is filled in."""

import io

import xlsxwriter  # type: ignore[import-untyped]

COLUMNS = (
    ("Section", 22, "Prevention of trafficking in persons"),
    ("Provision", 34, "Increase awareness at all levels of society."),
    ("Area of collaboration", 30, "Public awareness campaigns"),
    ("Number", 10, "1.10"),
    ("Activity", 44, "Run a regional campaign on safe migration"),
    ("Expected output", 26, "Campaign in all member states"),
    ("Lead bodies", 18, "SOMTC"),
    ("Cooperating bodies", 24, "ACWC, SLOM"),
    ("Timeline", 14, "2027-2028"),
    ("Remarks", 24, ""),
)
HELP = (
    "Write one row for each activity on the sheet “Plan”, and delete the row of the example.",
    "Repeat section, provision and area in each row, or leave them empty where they are those of the row above.",
    "Name bodies by their acronyms, with commas between them. A member state that leads inside a body follows it in "
    "brackets: ACWC (Thailand). “All other SB” means every other body.",
    "The column Number holds texts, so that 1.10 stays 1.10.",
    "Columns may be in any order. Further columns, such as Indicators or Budget, are kept under their headings.",
    "An area for which no activity is proposed: leave Activity empty, and name its lead.",
    "What the file is read as is shown before anything is written.",
)


def template() -> bytes:
    """The file."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(
        file, {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False}
    ) as book:
        book.set_properties({"title": "Template of a work plan"})
        heading = book.add_format(
            {"bold": True, "bg_color": "#0F3D4C", "font_color": "#FFFFFF", "text_wrap": True, "valign": "top"}
        )
        text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        page = book.add_worksheet("Plan")
        for place, (label, width, example) in enumerate(COLUMNS):
            page.set_column(place, place, width, text)
            page.write_string(0, place, label, heading)
            page.write_string(1, place, example, text)
        page.freeze_panes(1, 0)
        page.set_landscape()
        page.repeat_rows(0)
        page.fit_to_pages(1, 0)
        notes = book.add_worksheet("How to fill it in")
        notes.set_column(0, 0, 110, book.add_format({"text_wrap": True, "valign": "top"}))
        for row, sentence in enumerate(HELP):
            notes.write_string(row, 0, sentence)
    return file.getvalue()
