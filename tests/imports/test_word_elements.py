"""Single elements of Word documents, read as Word shows them: lists, symbols, fields, controls, odd cells."""

import pytest
from lxml import etree  # type: ignore[import-untyped]

from tests.imports.read import read
from tests.imports.word_files import NAMES, C, Word, heading, paragraph, run, table
from workplan.imports.plan.numbering import Numbering, formatted, number
from workplan.imports.plan.source import Line
from workplan.imports.plan.word_text import Gathered, Paragraphs, Styles, symbol

COLUMNS = heading("Areas of collaboration", "Activities", "Lead Sectoral Body/ Cooperating Sectoral Body")
WIDTHS = [2600, 3400, 2000]


def element(xml: str) -> etree._Element:
    """The first element within ``xml``, whose prefixes are those of Word."""
    return etree.fromstring(f"<w:x {NAMES}>{xml}</w:x>")[0]


def lines_of(xml: str, *, styles: str = "", numbering: str = "") -> tuple[list[Line], Gathered]:
    """A paragraph as lines, and what it holds besides."""
    known = Styles(etree.fromstring(f"<w:styles {NAMES}>{styles}</w:styles>"))
    lists = etree.fromstring(f"<w:numbering {NAMES}>{numbering}</w:numbering>") if numbering else None
    gathered = Gathered()
    reader = Paragraphs(known, Numbering(lists, known.by_id), lambda kind, pk: f"{kind} {pk}")
    return reader.lines(element(xml), gathered), gathered


@pytest.mark.parametrize(
    ("count", "style", "printed"),
    [
        (1, "decimal", "1"),
        (0, "lowerLetter", "0"),
        (26, "lowerLetter", "z"),
        (27, "lowerLetter", "aa"),
        (54, "upperLetter", "BBB"),
        (4, "lowerRoman", "iv"),
        (1994, "upperRoman", "MCMXCIV"),
        (4000, "upperRoman", "4000"),
        (7, "decimalZero", "07"),
        (7, "none", ""),
        (7, "cardinalText", "7"),
    ],
)
def test_a_number_is_printed_in_the_style_of_its_list(count: int, style: str, printed: str) -> None:
    assert formatted(count, style) == printed


def test_a_number_that_is_none_is_the_default() -> None:
    assert (number("12"), number("-3"), number("1e9", 5), number("")) == (12, -3, 5, 0)


def level(place: int, form: str, text: str, more: str = "", start: int = 1) -> str:
    return (
        f'<w:lvl w:ilvl="{place}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


LISTS = (
    '<w:abstractNum w:abstractNumId="1">'
    + level(0, "upperRoman", "%1.")
    + level(1, "decimal", "%1.%2", "<w:isLgl/>")
    + level(2, "lowerLetter", "%3)", '<w:lvlRestart w:val="0"/>')
    + "</w:abstractNum>"
    '<w:abstractNum w:abstractNumId="2"><w:numStyleLink w:val="ListStyle"/></w:abstractNum>'
    '<w:abstractNum w:abstractNumId="3">' + level(0, "bullet", "–") + "</w:abstractNum>"
    '<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="2"/></w:num>'
    '<w:num w:numId="3"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0">'
    + level(0, "decimal", "(%1)", start=5)
    + "</w:lvlOverride></w:num>"
    '<w:num w:numId="4"><w:abstractNumId w:val="3"/></w:num>'
    '<w:num w:numId="5"><w:abstractNumId w:val="9"/></w:num>'
)
LIST_STYLES = (
    '<w:style w:type="numbering" w:styleId="ListStyle"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Base"><w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr>'
    '</w:pPr></w:style><w:style w:type="paragraph" w:styleId="Derived"><w:basedOn w:val="Base"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Circle"><w:basedOn w:val="Circle"/></w:style>'
)


def test_lists_count_as_word_does() -> None:
    styles = Styles(etree.fromstring(f"<w:styles {NAMES}>{LIST_STYLES}</w:styles>"))
    lists = Numbering(etree.fromstring(f"<w:numbering {NAMES}>{LISTS}</w:numbering>"), styles.by_id)

    def of(text: str, **values: object) -> tuple[str, int]:
        return lists.of(element(paragraph(text, **values)))  # type: ignore[arg-type]

    assert of("a", number=(1, 0)) == ("I.", 0)
    assert of("b", number=(1, 1)) == ("1.1", 1)  # legal numbering prints the level above as a figure
    assert of("c", style="Derived") == ("1.2", 1)  # the list of the style that it is based on
    assert of("d", number=(1, 2)) == ("a)", 2)
    assert of("e", number=(1, 0)) == ("II.", 0)
    assert of("f", number=(1, 2)) == ("b)", 2)  # this level never begins anew
    assert of("g", number=(2, 0)) == ("III.", 0)  # a list by the name of a style goes on with that list
    assert of("h", number=(3, 0)) == ("(4)", 0)  # a level of its own, the count of the list
    assert of("i", number=(4, 0)) == ("–", 0)
    for number_of_no_list in ((5, 0), (7, 0), (1, 12), (1, 4)):
        assert of("j", number=number_of_no_list) == ("", 0)
    assert of("k", style="Circle") == ("", 0)


@pytest.mark.parametrize(
    ("font", "code", "character"),
    [
        ("Wingdings", "F0FC", "✓"),
        ("Wingdings 2", "F0A3", "☐"),
        ("Webdings", "F021", "[Webdings 21]"),
        ("Symbol", "00B5", "µ"),
        ("Symbol", "0007", ""),
        ("Symbol", "none", ""),
    ],
)
def test_a_symbol_is_the_character_that_it_shows(font: str, code: str, character: str) -> None:
    assert symbol(element(f'<w:sym w:font="{font}" w:char="{code}"/>')) == character


def field(inside: str) -> str:
    return f"<w:p><w:r><w:fldChar><w:ffData>{inside}</w:ffData></w:fldChar></w:r></w:p>"


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        (field("<w:checkBox><w:checked/></w:checkBox>"), "☒"),
        (field('<w:checkBox><w:checked w:val="0"/></w:checkBox>'), "☐"),
        (field('<w:checkBox><w:default w:val="1"/></w:checkBox>'), "☒"),
        (field("<w:checkBox/>"), "☐"),
        (field('<w:ddList><w:result w:val="1"/><w:listEntry w:val="Yes"/><w:listEntry w:val="No"/></w:ddList>'), "No"),
        (field('<w:ddList><w:listEntry w:val="Yes"/></w:ddList>'), "Yes"),
        (field('<w:ddList><w:result w:val="4"/><w:listEntry w:val="Yes"/></w:ddList>'), ""),
        ("<w:p><w:r><w:fldChar/><w:t>x</w:t></w:r></w:p>", "x"),
        ("<w:p><w:r><w:t>co</w:t><w:noBreakHyphen/><w:t>operate</w:t></w:r></w:p>", "co-operate"),
        ('<w:p><w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r></w:p>', "✓"),
        ("<w:p><m:oMath><m:r><m:t>x</m:t></m:r><m:r><m:t>+1</m:t></m:r></m:oMath></w:p>", "x+1"),
        (
            "<w:p><mc:AlternateContent><mc:Choice><w:r><w:t>new</w:t></w:r></mc:Choice>"
            "<mc:Fallback><w:r><w:t>old</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>",
            "new",
        ),
        (
            "<w:p><mc:AlternateContent><mc:Fallback><w:r><w:t>old</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>",
            "old",
        ),
        ("<w:p><w:sdt><w:sdtPr/></w:sdt><w:r><w:t>after</w:t></w:r></w:p>", "after"),
        ("<w:p><w:smartTag><w:hyperlink><w:r><w:t>within</w:t></w:r></w:hyperlink></w:smartTag></w:p>", "within"),
        ("<w:p><w:r><w:t>a</w:t><w:ptab/><w:t>b</w:t></w:r></w:p>", "a\tb"),
    ],
)
def test_a_paragraph_reads_as_it_is_shown(xml: str, text: str) -> None:
    lines, gathered = lines_of(xml)

    assert "\n".join(line.text for line in lines) == text
    assert gathered == Gathered()


def test_what_a_paragraph_does_not_show_is_gathered() -> None:
    lines, gathered = lines_of(
        "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>"
        "<w:del><w:r><w:delText>deleted</w:delText></w:r></w:del><w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom>"
        "<w:r><w:delText>taken away</w:delText><w:t>shown</w:t><w:footnoteReference w:id='3'/></w:r>"
        "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:r><w:t>Click here</w:t></w:r></w:sdtContent>"
        "</w:sdt></w:p>"
    )

    assert [line.text for line in lines] == ["shown"] and lines[0].remarks == ["footnote 3"]
    assert gathered.hidden == ["hidden"] and gathered.placeholders == ["Click here"]
    assert gathered.deleted == ["deleted", "moved", "taken away"]


def test_a_paragraph_that_is_only_a_remark_is_a_line_and_a_deleted_one_is_none() -> None:
    lines, _ = lines_of("<w:p><w:r><w:commentReference w:id='1'/></w:r></w:p>")
    assert [(line.text, line.remarks) for line in lines] == [("", ["comment 1"])]
    nothing, _ = lines_of("<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr></w:p>", numbering=LISTS)
    assert nothing == []


def test_styles_say_what_they_are_based_on_says() -> None:
    styles = Styles(
        etree.fromstring(
            f'<w:styles {NAMES}><w:style w:styleId="A"><w:name w:val="Title of a part"/><w:pPr>'
            '<w:outlineLvl w:val="1"/></w:pPr><w:rPr><w:b/></w:rPr></w:style>'
            '<w:style w:styleId="B"><w:basedOn w:val="A"/></w:style>'
            '<w:style w:styleId="C"><w:basedOn w:val="B"/><w:pPr><w:outlineLvl w:val="99"/></w:pPr>'
            '<w:rPr><w:b w:val="0"/></w:rPr></w:style><w:style w:styleId="D"><w:basedOn w:val="D"/></w:style>'
            "</w:styles>"
        )
    )
    assert (styles.says("B", "b"), styles.says("C", "b"), styles.says("D", "b"), styles.says("E", "b")) == (
        *(True, False, False, False),
    )
    assert (styles.outline("B"), styles.outline("C"), styles.outline("D")) == (2, 2, 0)
    assert styles.name("A") == "Title of a part" and Styles(None).name("A") == ""


# Cells


def cells_of(*rows: object) -> tuple[list[list[str]], list[str]]:
    """The cells of the table as lines of text, and what is said of the reading."""
    reading = read(Word().add(table([COLUMNS, *rows], WIDTHS)).content())
    [found] = reading.source.tables
    return [[cell.text for cell in row.cells] for row in found.rows[1:]], reading.notices


def test_cells_that_other_programs_merge_or_delete_are_read_as_they_are_shown() -> None:
    first = C("Awareness")
    rows, notices = cells_of(
        ["Awareness", "Print posters", "Lead: SOMTC"],
        [C("Training of"), C("judges", more="<w:hMerge/>"), C("Lead: ACWC")],
        [C("Gone", more='<w:cellDel w:id="1" w:author="X"/>'), "Train prosecutors", "Lead: SLOM"],
        [first, C(paragraph("Open shelters") + table([["one", "two"]], [500, 500])), "Lead: SOMSWD"],
    )

    assert rows[0] == ["Awareness", "Print posters", "Lead: SOMTC"]
    assert rows[1] == ["Training of\njudges", "Lead: ACWC"]
    assert rows[2] == ["Train prosecutors", "Lead: SLOM"]
    assert rows[3][1] == "Open shelters\none\ntwo"
    assert any("cell 1 was deleted by a tracked change: “Gone”" in one for one in notices)
    assert any("a table stands in it" in one for one in notices)


def box(text: str) -> str:
    return (
        "<w:r><mc:AlternateContent><mc:Choice><wps:txbx><w:txbxContent>"
        f"{paragraph(text)}</w:txbxContent></wps:txbx></mc:Choice></mc:AlternateContent></w:r>"
    )


def test_words_of_text_boxes_are_read_where_they_stand() -> None:
    word = Word().add(
        f"<w:p>{box('Third edition')}</w:p>",
        table([COLUMNS, ["Awareness", C(f"<w:p>{run('Print')}{box('posters')}</w:p>"), "Lead: SOMTC"]], WIDTHS),
    )

    reading = read(word.content())

    assert ("body", "Third edition") in reading.source.around
    assert reading.source.tables[0].rows[1].cells[1].text == "Print\nposters"
    assert any("the words of a text box were read with it" in one for one in reading.notices)
