"""Plans in the shapes in which they come are read record by record, and not a word of them is lost."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from docx2python import docx2python

from tests.imports import another_plan, quirks, shapes
from tests.imports.read import in_short, read, words_in_cells, words_read
from tests.imports.workbooks_of_plans import t13
from workplan.imports.plan.records import Answers
from workplan.imports.plan.source import words

HERE = Path(__file__).parent
BY_LIBREOFFICE = HERE / "plan-saved-by-libreoffice.docx"
WORD: dict[str, Callable[[], bytes]] = {
    name: (lambda room=room, name=name: getattr(room, name)().content())  # type: ignore[misc]
    for room in (shapes, quirks, another_plan)
    for name in ("t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8", "t9", "t10", "t11", "t12", "t15", "t16")
    if hasattr(room, name)
}
# What t14 makes, saved by LibreOffice 7.4 as .docx.
WORD["t14"] = BY_LIBREOFFICE.read_bytes
ALL = {**{name: ("docx", make) for name, make in WORD.items()}, "t13": ("xlsx", t13)}


@pytest.mark.parametrize("name", sorted(ALL))
def test_each_shape_is_read_record_by_record(name: str) -> None:
    kind, make = ALL[name]

    found = in_short(read(make(), kind))

    assert found == json.loads((HERE / "expected" / f"{name}.json").read_text())


@pytest.mark.parametrize("name", sorted(WORD))
def test_every_word_of_a_cell_is_in_a_record_a_note_or_what_is_left(name: str) -> None:
    content = WORD[name]()

    assert words_in_cells(content) - words_read(read(content)) == set()


@pytest.mark.parametrize("name", sorted(WORD))
def test_another_reader_finds_no_word_that_ours_lacks(name: str) -> None:
    content = WORD[name]()
    with docx2python(io.BytesIO(content)) as other:
        texts = [line for table in other.body for row in table for cell in row for line in cell]
    # It writes a picture of a character as markup, leaves hyphens out that do not break, and marks where notes stand.
    theirs = {word for text in texts for word in words(re.sub(r"<[^>]*>|&#x\w+;|-+footnote\d+-+", " ", text))}
    reading = read(content)
    around = [text for _, text in reading.source.around]
    ours = words_read(reading) | {word for text in around for word in words(text)} | {"somed"}

    assert theirs - ours == set()


def test_saved_by_libreoffice_a_plan_is_the_same() -> None:
    before, after = in_short(read(quirks.t14().content())), in_short(read(BY_LIBREOFFICE.read_bytes()))

    assert after["records"] == before["records"]


def test_the_columns_of_a_table_may_stand_in_any_order() -> None:
    word = shapes.t3()
    in_order = in_short(read(word.content()))["records"]
    rows = [
        shapes.heading("Implementation Status", "Lead and Cooperating Sectoral Body/Organ", "Proposed Activities",
                       "Possible Areas of Collaboration", "Expected Outputs", "Provisions of the ACTIP"),
        [shapes.C("A. PREVENTION OF TIP", span=6, bold=True)],
        ["Completed", "Lead: SOMTC\nCSB: ACWC", "- Link websites", "Public awareness", "Links",
         "a. Increase awareness campaigns."],
        ["on-going", "Lead Sectoral Body: ACWC", "- Print posters", "", "TBC", ""],
        ["", "Lead: ASLOM", "- Train judges", "Training", "", "b. Continue capacity building."],
    ]  # fmt: skip

    found = in_short(read(shapes.Word().add(shapes.table(rows, [1500] * 6)).content()))["records"]

    same = ("kind", "marker", "text", "output", "lead", "cooperating")
    assert [[one.get(name) for name in same] for one in found.values()] == [
        [one.get(name) for name in same] for one in in_order.values()
    ]


def test_a_person_says_what_a_table_and_its_columns_are() -> None:
    content = shapes.t6().content()
    roles = {"1": "area", "2": "activity", "3": "attribute", "4": "output"}

    found = read(content, answers=Answers(tables={"1": roles}))
    refused = read(content, answers=Answers(tables={"1": {"use": "other"}}))

    first = found.of_kind("activity")[0]
    assert first.above is not None and first.above.text == "Prevent trafficking at its roots"
    assert found.unknown == {} and "Ministry of Labour" in first.attributes["Actors"]
    assert refused.problems and refused.leftovers[0].is_whole


def test_unknown_bodies_are_asked_and_never_invented() -> None:
    content = shapes.t6().content()
    asked = read(content)
    answers = Answers(
        bodies={"Ministry of Labour and Social Affairs": "SLOM", "Other Government agencies (e.g. Police)": ""}
    )

    answered = read(content, answers=answers)

    assert not asked.is_ready and set(asked.unknown) == set(answers.bodies)
    first = answered.of_kind("activity")[0]
    assert [each.acronym for each in first.leads if each.acronym] == ["SLOM"]
    assert (
        answered.is_ready
        and "Named among the bodies, and none of them: Other Government agencies (e.g. Police)" in first.notes
    )


def test_what_is_left_is_assigned_or_waived_with_a_reason() -> None:
    content = shapes.t7().content()
    left = read(content)
    cells = {"1.5.1": {"note_of": "A.1.1"}, "1.5.8": {"waive": "A total."}}

    some = read(content, answers=Answers(cells=cells))
    all_waived = read(content, answers=Answers(waive="Totals are worked out anew."))

    assert [one.key for one in left.open_leftovers] == ["1.5.1", "1.5.8", "1.5.9"]
    assert [one.key for one in some.open_leftovers] == ["1.5.9"] and not some.is_ready
    assert "Total output 1" in some.of_kind("area")[0].notes
    assert all_waived.is_ready


def test_a_file_without_activities_is_refused_with_a_reason() -> None:
    found = read(shapes.t9().content())

    assert "No table of the file is a plan" in found.problems[0]
    assert ["It has no row of headings" in layout.why for layout in found.layouts] == [True, True]


def test_what_stands_around_the_tables_is_read() -> None:
    found = read(shapes.t3().content())

    assert ("footer", "Endorsed Ad Referendum by SOMTC as of 14 November 2017, page 1") in found.source.around
    assert ("body", "Work Plan against Trafficking in Persons 2017-2020") in found.source.around


def test_rows_that_repeat_the_words_of_their_places_stand_under_the_same_places() -> None:
    rows = [
        shapes.heading("Section", "Provision", "Area of collaboration", "Activity", "Lead"),
        ["Prevention", "Awareness", "Campaigns", "Run a campaign", "SOMTC"],
        ["Prevention", "Awareness", "Campaigns", "Print posters", "ACWC"],
        ["Prevention", "Awareness", "Training", "Train judges", "ASLOM"],
        ["Protection", "Awareness", "Training", "Train officers", "SOMSWD"],
    ]

    found = read(shapes.Word().add(shapes.table(rows, [1500] * 5)).content())

    assert {one.ref: one.text for one in found.records()} == {
        "A": "Prevention", "A.1": "Awareness", "A.1.1": "Campaigns", "A.1.1.1": "Run a campaign",
        "A.1.1.2": "Print posters", "A.1.2": "Training", "A.1.2.1": "Train judges",
        "B": "Protection", "B.1": "Awareness", "B.1.1": "Training", "B.1.1.1": "Train officers",
    }  # fmt: skip
