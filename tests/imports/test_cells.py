"""Sheets are read as every program writes them, and as far as the limits go."""

import datetime
import tracemalloc
from typing import Any

import pytest

from tests.imports.packages import RELATIONS, book, packed, relations, sheet
from workplan.exceptions import BadFile
from workplan.imports.cells import Cell, Row, Sheet, column_letters, sheets
from workplan.imports.files import opened
from workplan.imports.tables import Column, find_table
from workplan.imports.values import Unreadable, day_in, day_of_text, evidence_in, text_in, word_in

DAY = datetime.date(2018, 6, 30)
STYLES = (
    '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<numFmts><numFmt numFmtId="170" formatCode="[$-409]d\\-mmm\\-yy;@"/>'
    '<numFmt numFmtId="171" formatCode="0.0&quot; days&quot;"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="171"/></cellXfs></styleSheet>'
)


def first_rows(rows: str, **parts: Any) -> list[Row]:
    relate = relations(
        ("worksheet", "worksheets/sheet1.xml", ""), ("styles", "styles.xml", ""), ("sharedStrings", "/xl/texts.xml", "")
    )
    made = book(rows, properties=parts.pop("properties", "")) | {
        "xl/_rels/workbook.xml.rels": relate,
        "xl/styles.xml": STYLES,
        "xl/texts.xml": '<sst xmlns="x"><si><r><t>Two </t></r><r><t>runs</t></r><rPh><t>spoken</t></rPh></si></sst>',
        **parts,
    }
    return sheets(opened("a.xlsx", packed(made), ("xlsx",)))[0].rows


def cell(xml: str, **parts: Any) -> Cell:
    return first_rows(f"<row>{xml}</row>", **parts)[0].cell(0)


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ('<c t="s"><v>0</v></c>', "Two runs"),
        ('<c t="inlineStr"><is><t> spaces\u00a0</t></is></c>', "spaces"),
        ('<c t="str"><f>A1</f><v>calculated</v></c>', "calculated"),
        ('<c t="inlineStr"><is><t>a_x000D_\nb</t></is></c>', "a\nb"),
        ("<c><v>12</v></c>", "12"),
        ("<c><v>1.1000000000000001</v></c>", "1.1"),
        ('<c t="b"><v>1</v></c>', "TRUE"),
        ('<c t="d"><v>2018-06-30T00:00:00</v></c>', "2018-06-30"),
        ('<c s="1"><v>43281</v></c>', "2018-06-30"),
        ('<c s="2"><v>43281.5</v></c>', "2018-06-30 12:00"),
        ('<c s="3"><v>43281</v></c>', "43281"),
    ],
)
def test_a_cell_is_what_a_person_reads(xml: str, text: str) -> None:
    assert cell(xml).text == text


def test_days_are_counted_in_the_system_that_the_workbook_names() -> None:
    assert day_in(cell('<c s="1"><v>43281</v></c>')) == DAY
    assert day_in(cell('<c s="1"><v>41819</v></c>', properties='<workbookPr date1904="1"/>')) == DAY
    assert day_in(cell("<c><v>43281</v></c>")) == DAY  # the format was lost
    with pytest.raises(Unreadable, match="no day"):
        day_in(cell("<c><v>30</v></c>"))


@pytest.mark.parametrize(
    "text",
    [
        *("2018-06-30", "2018/6/30", "30.06.2018", "30/6/2018", "30-06-2018", "06/30/2018", "30 June 2018"),
        *(
            "30th June 2018",
            "June 30, 2018",
            "Jun 30 2018",
            "30-Jun-2018",
            "2018-06-30 00:00:00",
            "2018-06-30T00:00:00Z",
        ),
    ],
)
def test_a_day_is_read_in_every_usual_form(text: str) -> None:
    assert day_of_text(text) == DAY


@pytest.mark.parametrize("text", ["03/04/2018", "31/02/2018", "June", "30", "9999999", "0000-00-00", "soon", "2018"])
def test_what_is_no_day_or_could_be_two_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="such as 2018-06-30"):
        day_of_text(text)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("status", " ON–GOING ", "ongoing"),
        ("status", "Not yet started", "not_started"),
        ("status", "not_started", "not_started"),
        ("status", "Postponed.", "deferred"),
        ("status", "canceled", "cancelled"),
        ("kind", "no change", "no_change"),
        ("kind", "", ""),
    ],
)
def test_words_are_known_in_other_spellings(name: str, text: str, value: str) -> None:
    assert word_in(Cell(text), name) == value


def test_evidence_is_a_title_and_a_link_on_each_line() -> None:
    text = "Minutes - 2018 – https://example.org/a(1)\nhttps://example.org/b.\n\nReport: https://example.org/c"
    assert evidence_in(Cell(text)) == (
        ("Minutes - 2018", "https://example.org/a(1)"),
        ("https://example.org/b", "https://example.org/b"),
        ("Report", "https://example.org/c"),
    )
    for wrong in ("the minutes", "Minutes – ftp://example.org", "x – https://user@example.org/"):
        with pytest.raises(Unreadable):
            evidence_in(Cell(wrong))


def test_errors_and_formulas_that_were_never_calculated_are_refused() -> None:
    with pytest.raises(Unreadable, match="formula of this cell failed"):
        text_in(cell('<c t="e"><f>1/0</f><v>#DIV/0!</v></c>'), "narrative")
    with pytest.raises(Unreadable, match="never calculated"):
        text_in(cell("<c><f>NOW()</f></c>"), "narrative")


def test_blank_rows_and_cells_of_style_alone_are_left_out_and_hidden_rows_are_read() -> None:
    rows = first_rows('<row r="1"/><row r="5" hidden="1"><c r="C5" s="1"/><c r="D5"><v>7</v></c></row><row r="9"/>')
    assert rows == [Row(5, {3: Cell("7", "number")}, is_hidden=True)]


def test_strict_documents_and_prefixed_names_are_read() -> None:
    strict = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    row = "<x:row><x:c><x:v>7</x:v></x:c></x:row>"
    xml = f'<x:worksheet xmlns:x="{strict}"><x:sheetData>{row}</x:sheetData></x:worksheet>'
    assert first_rows("", **{"xl/worksheets/sheet1.xml": xml})[0].cell(0).text == "7"
    assert RELATIONS in sheet("")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ('<row r="1" spans="1:3"/>' * 1_048_576, "more than 20,000 rows"),
        ("<row>" + "<c/>" * 200_000 + '<c r="XFD1"><v>1</v></c></row>', "has columns up to XFD"),
    ],
    ids=["a million empty rows", "a row without end"],
)
def test_what_goes_on_for_ever_is_refused_without_being_kept(settings: Any, rows: str, message: str) -> None:
    settings.IMPORT_RATIO = 10_000
    file = opened("a.xlsx", packed(book(rows)), ("xlsx",))

    del rows
    tracemalloc.start()
    with pytest.raises(BadFile, match=message):
        sheets(file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 * 1024 * 1024


def test_a_csv_file_is_read_with_whatever_divides_its_columns(settings: Any) -> None:
    for line in ("ref,status\n", "ref;status\n", "ref\tstatus\n"):
        [found] = sheets(opened("a.csv", line.encode(), ("csv",)))
        assert [one.text for one in found.rows[0].cells.values()] == ["ref", "status"]
    settings.IMPORT_ROWS = 3
    with pytest.raises(BadFile, match="more than 3 rows"):
        sheets(opened("a.csv", b"a\n" * 4, ("csv",)))
    with pytest.raises(BadFile, match="cannot be read as comma-separated values"):
        sheets(opened("a.csv", b'"' + b"a" * 200_000, ("csv",)))


def test_columns_are_found_by_their_headings_wherever_they_are() -> None:
    columns = (Column("ref", "Ref", ("Reference",), required=True), Column("status", "Status"))
    title = Row(1, {0: Cell("Our report")})
    heading = Row(3, {2: Cell("STATUS:"), 5: Cell("Reference"), 6: Cell("Remarks")})
    row = Row(4, {2: Cell("ongoing"), 5: Cell("A.1")})
    table = find_table([Sheet("Notes", [title]), Sheet("Reports", [title, heading, row])], columns)

    assert (table.places, table.extra) == ({"status": 2, "ref": 5}, {6: "Remarks"})
    assert (table.cell(row, "ref").text, table.address(row, "ref")) == ("A.1", "F4")
    with pytest.raises(BadFile, match="both “Ref”"):
        find_table([Sheet("a", [Row(1, {0: Cell("Ref"), 1: Cell("reference")})])], columns)
    with pytest.raises(BadFile, match="column “Ref”"):
        find_table([Sheet("a", [Row(1, {0: Cell("Status")})])], columns)
    assert [column_letters(place) for place in (0, 25, 26, 16_383)] == ["A", "Z", "AA", "XFD"]
