"""What stands in no usual workbook of a plan, and yet in some: each cell is read as its own program shows it."""

import io
import zipfile
from typing import Any

import pytest

from tests.imports.packages import MAIN, RELATIONS, book, packed, relations, sheet
from tests.imports.read import read
from tests.imports.test_quirks import activities
from workplan.exceptions import BadFile
from workplan.imports.plan.package import Package
from workplan.imports.plan.reading import read_source


def cell(address: str, text: str, more: str = "") -> str:
    return f'<c r="{address}" t="inlineStr"{more}><is><t>{text}</t></is></c>'


def row(number: int, *texts: str) -> str:
    return (
        f'<row r="{number}">{"".join(cell(f"{chr(65 + place)}{number}", one) for place, one in enumerate(texts))}</row>'
    )


HEAD = row(1, "Outcome", "Activities", "Lead agency", "Timeline")


def workbook(rows: str, after: str = "", **parts: Any) -> dict[str, str | bytes]:
    made = sheet(rows).replace("</worksheet>", f"{after}</worksheet>")
    return book(**{"xl/worksheets/sheet1.xml": made, **parts})


STYLED = (
    f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt formatCode="0"/><numFmt numFmtId="170" formatCode="0.0%"/></numFmts>'
    "<fills><fill/><fill><patternFill patternType='solid'><fgColor rgb='FFC0C0C0'/></patternFill></fill></fills>"
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="20"/><xf numFmtId="170"/><xf numFmtId="0" fillId="1"/>'
    '<xf numFmtId="22"/></cellXfs></styleSheet>'
)


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ("<v>0.25</v>", "0.25"),
        ("<v>0.25</v>|1", "06:00"),
        ("<v>46357.75</v>|4", "2026-12-01 18:00"),
        ("<v>0.125</v>|2", "12.5%"),
        ("<v>many</v>", "many"),
        ("<v>1E+400</v>", "1e+400"),
        ("<v>NaN</v>", "NaN"),
        ("<v>-9999999999999999</v>", "-10000000000000000"),
        ("<v>1</v>|b", "TRUE"),
        ("<v>0</v>|b", "FALSE"),
    ],
)
def test_a_cell_of_a_workbook_is_what_it_shows(xml: str, text: str) -> None:
    value, _, how = xml.partition("|")
    attributes = ' t="b"' if how == "b" else f' s="{how}"' if how else ""
    rows = HEAD + f'<row r="2">{cell("A2", "Area")}{cell("B2", "Train")}<c r="D2"{attributes}>{value}</c></row>'
    relate = relations(("worksheet", "worksheets/sheet1.xml", ""), ("styles", "styles.xml", ""))
    parts = workbook(rows) | {"xl/_rels/workbook.xml.rels": relate, "xl/styles.xml": STYLED}

    [one] = read(packed(parts), "xlsx").of_kind("activity")

    assert one.attributes == {"Timeline": text}


def test_formulas_hidden_sheets_and_what_is_no_sheet_are_told() -> None:
    sheets = "".join(
        f'<sheet name="{name}" sheetId="{place}" r:id="r{place}"{more}/>'
        for place, (name, more) in enumerate(
            (("Plan", ' state="hidden"'), ("Chart", ""), ("Empty", ""), ("Lost", "")), start=1
        )
    )
    rows = HEAD + (
        f'<row r="2">{cell("A2", "Area")}{cell("B2", "Train judges")}{cell("C2", "SOMTC")}'
        '<c r="D2" t="str"><f>A1</f><v>2027</v></c></row>'
        f'<row r="3">{cell("B3", "Train officers")}<c r="D3"><f>NOW()</f></c></row><row r="4"><c r="A4"/></row>'
    )
    parts = workbook(rows) | {
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(
            ("worksheet", "worksheets/sheet1.xml", ""),
            ("chartsheet", "chartsheets/sheet1.xml", ""),
            ("worksheet", "worksheets/sheet2.xml", ""),
        ),
        "xl/chartsheets/sheet1.xml": f'<chartsheet xmlns="{MAIN}"/>',
        "xl/worksheets/sheet2.xml": sheet('<row r="1"/>'),
    }

    found = read(packed(parts), "xlsx")

    assert activities(found) == ["Train judges", "Train officers"] and found.of_kind("section")[0].ref == "A"
    assert found.notices == [
        "Sheet “Plan” is hidden; it is read like any other.",
        "Table 1, row 2, cell 4: a formula; its last result is read.",
        "Table 1, row 3, cell 4: a formula; it has no result, and nothing is read.",
    ]
    assert found.of_kind("activity")[0].attributes == {"Timeline": "2027"}


def test_merged_cells_are_one_and_ranges_that_name_none_are_left_alone() -> None:
    rows = HEAD + row(2, "Area", "Train judges", "SOMTC") + row(3, "unseen", "Train officers", "ACWC")
    ranges = "".join(f'<mergeCell ref="{one}"/>' for one in ("A2:A3", "A9:B9", "B2", "x:y"))
    merges = f"<mergeCells>{ranges}</mergeCells>"

    found = read(packed(workbook(rows, merges)), "xlsx")

    assert [one.text for one in found.of_kind("area")] == ["Area"]
    assert activities(found) == ["Train judges", "Train officers"]
    assert [(left.text, left.where) for left in found.leftovers] == [
        ("unseen", "Sheet “Reports”, row 2, cell 1, hidden text")
    ]


def test_words_that_say_how_a_text_is_pronounced_are_no_part_of_it() -> None:
    texts = "<r><rPr><b/></rPr><t>Train </t></r><r><t>judges</t></r><rPh><t>x</t></rPh>"
    spoken = f'<c r="B2" t="inlineStr"><is>{texts}</is></c>'

    found = read(packed(workbook(f'{HEAD}<row r="2">{cell("A2", "Area")}{spoken}</row>')), "xlsx")

    assert activities(found) == ["Train judges"]


def test_a_second_plan_on_a_sheet_is_of_the_section_that_the_sheet_is() -> None:
    second = row(5, "Goal", "Key actions", "Responsible", "Deadline") + row(
        6, "Safety", "Open shelters", "SLOM", "2028"
    )
    rows = HEAD + row(2, "Area", "Train judges", "SOMTC") + second
    other = HEAD + row(2, "Area", "Study demand", "AICHR")
    sheets = '<sheet name="First" sheetId="1" r:id="r1"/><sheet name="Second" sheetId="2" r:id="r2"/>'
    parts = workbook(rows) | {
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(
            ("worksheet", "worksheets/sheet1.xml", ""), ("worksheet", "worksheets/sheet2.xml", "")
        ),
        "xl/worksheets/sheet2.xml": sheet(other),
    }

    found = read(packed(parts), "xlsx")

    assert [one.text for one in found.of_kind("section")] == ["First", "Second"]
    assert [one.ref[0] for one in found.of_kind("activity")] == ["A", "A", "B"]


@pytest.mark.parametrize(("rows", "columns"), [(2, 100), (100, 3)])
def test_a_sheet_of_more_rows_or_columns_than_are_read_is_refused_by_name(rows: int, columns: int) -> None:
    content = packed(workbook(HEAD + row(2, "a", "b") + row(3, "a", "b")))

    with zipfile.ZipFile(io.BytesIO(content)) as archive, pytest.raises(BadFile, match="Sheet “Reports” has more than"):
        read_source(Package(archive), "xlsx", most_rows=rows, most_columns=columns)
