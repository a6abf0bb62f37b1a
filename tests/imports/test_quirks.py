"""What stands in no usual document of a plan, and yet in some: each is read as Word shows it."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import pytest

from tests.imports.another_plan import comment
from tests.imports.packages import packed
from tests.imports.read import read
from tests.imports.word_files import DOWN, C, R, Word, heading, paragraph, run, table
from workplan.imports.plan.numbering import formatted
from workplan.imports.plan.records import Answers, Reading
from workplan.imports.plan.writing import periods_in

FOUR = ("Areas of collaboration", "Key activities", "Lead Sectoral Body/ CSB", "Q1")
WIDTHS = [2000, 3000, 2000, 500]


def document(*rows: Sequence[Any] | R, before: Sequence[str] = (), head: Sequence[str] = FOUR, **more: Any) -> Reading:
    """What a document with one table is read as."""
    widths = (WIDTHS * 3)[: len(head)]
    return read(Word(**more).add(*before, table([heading(*head), *rows], widths)).content())


def activities(reading: Reading) -> list[str]:
    return [one.text for one in reading.of_kind("activity")]


# Numbers of lists


def _level(number: int, form: str, text: str, more: str = "") -> str:
    inside = f'<w:numFmt w:val="{form}"/>{more}<w:lvlText w:val="{text}"/>'
    return f'<w:lvl w:ilvl="{number}"><w:start w:val="1"/>{inside}</w:lvl>'


def _list(number: int, abstract: int, more: str = "") -> str:
    return f'<w:num w:numId="{number}"><w:abstractNumId w:val="{abstract}"/>{more}</w:num>'


LISTS = (
    '<w:numPicBullet w:numPicBulletId="0"/>'
    + f'<w:abstractNum w:abstractNumId="1">{_level(0, "upperRoman", "%1.")}'
    + _level(1, "lowerLetter", "%2)", '<w:lvlRestart w:val="0"/>')
    + _level(2, "decimalZero", "%1.%2.%3", "<w:isLgl/>")
    + "</w:abstractNum>"
    + '<w:abstractNum w:abstractNumId="2"><w:numStyleLink w:val="PlanList"/></w:abstractNum>'
    + f'<w:abstractNum w:abstractNumId="3">{_level(0, "bullet", "–")}</w:abstractNum>'
    + _list(1, 1)
    + _list(2, 2)
    + _list(3, 3)
    + _list(4, 1, f'<w:lvlOverride w:ilvl="0">{_level(0, "decimal", "Step %1:")}</w:lvlOverride>')
    + _list(5, 9)
)
STYLES = """
<w:style w:type="numbering" w:styleId="PlanList"><w:name w:val="Plan list"/>
<w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Item"><w:name w:val="Item"/>
<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Lost"><w:name w:val="Lost"/>
<w:pPr><w:numPr><w:numId w:val="5"/></w:numPr></w:pPr></w:style>
"""


def test_paragraphs_have_the_numbers_that_word_prints_before_them() -> None:
    lists = [(1, 0), (1, 1), (1, 0), (1, 1), (1, 2), (2, 0), (4, 0), (1, 8), (5, 0), (7, 0)]
    inside = "".join(paragraph(f"Line {place}", number=each) for place, each in enumerate(lists))
    inside += paragraph("By its style", style="Item") + paragraph("By a list that is not there", style="Lost")
    only = '<w:p><w:pPr><w:pStyle w:val="Item"/><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr>'
    inside += only + run("By its own list") + "</w:p>"

    found = document(["Area", C(inside), "", ""], numbering=LISTS, styles=STYLES)

    lines = found.source.tables[0].rows[1].cells[1].lines
    # The second level does not begin anew; the third shows all of its numbers as figures.
    numbers = ["I.", "a)", "II.", "b)", "2.2.01", "–", "Step 3:", "", "", "", "IV.", "", "–"]
    assert [line.marker for line in lines] == numbers


@pytest.mark.parametrize(
    ("count", "style", "printed"),
    [
        (0, "decimal", "0"),
        (-1, "lowerRoman", "-1"),
        (7, "none", ""),
        (27, "lowerLetter", "aa"),
        (1999, "lowerRoman", "mcmxcix"),
        (4, "upperRoman", "IV"),
        (4000, "upperRoman", "4000"),
        (7, "decimalZero", "07"),
    ],
)
def test_a_number_is_printed_in_the_style_of_its_list(count: int, style: str, printed: str) -> None:
    assert formatted(count, style) == printed


# Tables and what stands around them


def test_two_tables_below_one_heading_are_one_section() -> None:
    page = table([heading(*FOUR), ["Area", "Train judges", "Lead: SOMTC", ""]], WIDTHS)
    more = table([heading(*FOUR), ["", "Train officers", "Lead: SOMTC", ""]], WIDTHS)
    section = paragraph("1. Training", style="Heading1")

    found = read(Word().add(section, page, section, more).content())

    assert [one.text for one in found.of_kind("section")] == ["Training"]
    assert activities(found) == ["Train judges", "Train officers"]


def test_rows_before_the_first_band_stand_below_the_heading_of_the_table() -> None:
    found = document(
        ["Area", "Train judges", "Lead: SOMTC", ""],
        [C("B. Protection", span=4, bold=True)],
        ["Shelters", "Open shelters", "Lead: SOMTC", ""],
        before=[paragraph("Part one: prevention", style="Heading1")],
    )

    assert [(one.ref, one.text) for one in found.records() if one.kind in ("section", "activity")] == [
        ("A", "Part one: prevention"),
        ("A.1.1.1", "Train judges"),
        ("B", "Protection"),
        ("B.1.1.1", "Open shelters"),
    ]


def test_a_column_that_nobody_uses_is_left_as_a_whole_and_bands_are_no_part_of_it() -> None:
    word = Word().add(
        table(
            [
                heading(*FOUR),
                [C("A. Prevention", span=4, bold=True)],
                ["Area", "Train judges", "Lead: SOMTC", "x"],
                ["", "Train officers", "Lead: SOMTC", ""],
            ],
            WIDTHS,
        )
    )

    found = read(word.content(), answers=Answers(tables={"1": {"4": "unused", "x": "area"}, "y": {"1": "unused"}}))

    assert [(left.key, left.text) for left in found.leftovers] == [("t1c4", "x")]


def test_a_plan_has_no_more_than_26_sections() -> None:
    rows: list[Any] = []
    for number in range(1, 28):
        rows += [[C(f"{number}. Part", span=4, bold=True)], ["Area", f"Activity {number}", "Lead: SOMTC", ""]]

    found = document(*rows)

    assert "The file has 27 sections; a plan has at most 26" in found.problems[0] and not found.is_ready


def test_a_mark_with_a_comment_on_it_is_still_a_mark() -> None:
    marked = C(paragraph(comment(0)), fill="C0C0C0")

    found = document(["Area", "Train judges", "Lead: SOMTC", marked], comments={"0": ("Chair", "If funded")})

    [one] = found.of_kind("activity")
    assert one.attributes == {"Q1": "marked by shading"} and one.notes == ["Comment by Chair: If funded"]
    assert found.is_ready


def test_bodies_of_an_activity_that_is_still_to_come_are_asked_about() -> None:
    found = document(["Area", "Train judges", "Lead: SOMTC", ""], ["", "TBD", "Lead: ACWC", "2028"])

    [one] = found.of_kind("activity")
    assert [named.acronym for named in one.leads] == ["SOMTC"] and one.attributes == {}
    assert [left.text for left in found.open_leftovers] == ["Lead: ACWC", "2028"]
    assert found.of_kind("area")[0].notes == ["Key activities: TBD"]


def test_a_row_below_points_that_became_activities_belongs_to_the_last_of_them() -> None:
    found = document(
        ["Area", "Workshops on:\n• law\n• health", "Lead: SOMTC\nLead: ACWC", ""],
        ["", "", "CSB: SLOM", ""],
    )

    assert [(one.text, [each.acronym for each in one.cooperating]) for one in found.of_kind("activity")] == [
        ("Workshops on: law", []),
        ("Workshops on: health", ["SLOM"]),
    ]


def test_a_comment_on_an_empty_paragraph_is_kept_with_the_activity_beside_it() -> None:
    alone = paragraph(comment(0))

    found = document(
        ["Area", C(alone + paragraph("- Train judges") + paragraph("- Train officers") + alone), "", ""],
        comments={"0": ("", "Agreed")},
    )

    assert [one.notes for one in found.of_kind("activity")] == [["Comment: Agreed"], ["Comment: Agreed"]]


def test_a_list_of_letters_and_names_of_bodies_in_every_way_to_join_them() -> None:
    found = document(
        [
            "Area",
            "- Train judges",
            "Lead Sectoral Body: SOMTC & SLOM\nCooperating Sectoral Body: ACWC, AICHR/ SOMHD",
            "",
        ],
        ["", "- Train officers", "Lead: SOMTC and Ministry of Justice and ACWC", ""],
        ["", "- Train guards", "Lead: SOMTC,\nSLOM\nCSB: SLOM", ""],
    )

    named = [
        ([one.acronym or one.name for one in each.leads], [one.acronym for one in each.cooperating])
        for each in found.of_kind("activity")
    ]
    assert named == [
        (["SOMTC", "SLOM"], ["ACWC", "AICHR", "SOMHD"]),
        (["SOMTC", "Ministry of Justice", "ACWC"], []),
        (["SOMTC", "SLOM"], []),
    ]
    assert list(found.unknown) == ["Ministry of Justice"]


def test_the_strict_form_of_the_standard_is_read_like_the_usual_one() -> None:
    made = Word().add(table([heading(*FOUR), ["Area", "Train judges", "Lead: SOMTC", ""]], WIDTHS)).content()
    strict = _changed(
        made,
        (b"schemas.openxmlformats.org/wordprocessingml/2006/main", b"purl.oclc.org/ooxml/wordprocessingml/main"),
        (
            b"schemas.openxmlformats.org/officeDocument/2006/relationships",
            b"purl.oclc.org/ooxml/officeDocument/relationships",
        ),
    )

    assert strict != made and activities(read(strict)) == ["Train judges"]


def _changed(content: bytes, *changes: tuple[bytes, bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    for name, part in parts.items():
        for before, after in changes:
            part = bytes(part).replace(before, after)  # type: ignore[arg-type]
        parts[name] = part
    return packed(parts)


def test_links_to_other_files_are_not_followed() -> None:
    made = _changed(
        Word(footer="Draft 3").add(table([heading(*FOUR)], WIDTHS)).content(),
        (b'Target="footer1.xml"', b'Target="https://example.org/footer" TargetMode="External"'),
    )

    assert read(made).source.around == []


def test_years_that_run_backwards_are_no_period() -> None:
    found = document(before=[paragraph("Plan of 2031-2027"), paragraph("Plan for 2027 to 2031")])

    assert [(first.year, last.year) for first, last in periods_in(found)] == [(2027, 2031)]


def test_a_row_that_is_wider_than_the_headings_is_asked_about() -> None:
    found = document([*("Area", "Train judges", "Lead: SOMTC", ""), "aside"], [DOWN, "Train officers", "", ""])

    assert [left.text for left in found.open_leftovers] == ["aside"]
    assert activities(found) == ["Train judges", "Train officers"]
