"""What files are made of: structure, styles, tags, fonts, and texts that no program runs."""

import datetime
import io
import uuid
import zipfile
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from docx import Document as open_word
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from tests.exports.conftest import TEXTS
from tests.exports.files import fetch, pdf_text, read_data
from tests.random_history import RandomHistory
from tests.workbooks import cells
from workplan import rules
from workplan.columns import Column
from workplan.exports import data, docx, pdf
from workplan.exports.csv import FORMULA_STARTS, original_text, safe_cell
from workplan.exports.document import Document, Paragraph, StatusChart, first_sentence, line
from workplan.exports.provenance import Provenance
from workplan.exports.scripts import FONTS, SCRIPTS
from workplan.models import WorkPlan
from workplan.monitoring.summary import Tally

Page = Callable[..., Client]
MADE = datetime.datetime(2020, 3, 10, 5, tzinfo=datetime.UTC)
SCRIPTS_OF_TEXTS = ("Khmer", "Lao", "Myanmar", "Thai")


def provenance(**values: Any) -> Provenance:
    plan = WorkPlan(code="a-plan", title="A plan", edition="Draft", **values)
    return Provenance(plan, ["Section: A"], "https://example.org/plans/a-plan/?section=A", None, MADE)


# Word


@pytest.fixture
def word(history: RandomHistory, page: Page) -> Any:
    return open_word(io.BytesIO(fetch(page(), "matrix.docx")))


def test_the_word_document_has_styles_that_word_knows(word: Any) -> None:
    styles = [paragraph.style.name for paragraph in word.paragraphs]
    sections = [one.text for one in word.paragraphs if one.style.name == "Heading 1"]

    assert styles[:2] == ["Title", "Subtitle"]
    assert sections[0] == "Summary"
    assert [title[:2] for title in sections[1:]] == ["A.", "B.", "C.", "D."]
    assert {table.style.name for table in word.tables} == {"Plan table"}
    used = {
        run.style.name for table in word.tables for cell in table._cells for one in cell.paragraphs for run in one.runs
    }
    assert {"Plan strong", "Plan note", "Plan sign", "Plan reference"} <= used
    direct = [run for run in word.element.body.iter(qn("w:rPr")) if run.find(qn("w:b")) is not None]
    assert direct == [], "what is bold is so by its style"


def test_the_word_document_is_landscape_and_numbers_its_pages(word: Any, history: RandomHistory) -> None:
    section, known = word.sections[0], word.core_properties
    footer = section.footer._element
    fields = [field.get(qn("w:instr")) for field in footer.iter(qn("w:fldSimple"))]

    assert section.page_width.mm == pytest.approx(297, abs=0.1)
    assert section.page_height.mm == pytest.approx(210, abs=0.1)
    assert fields == ["PAGE", "NUMPAGES"]
    words = section.footer.paragraphs[0].text
    assert all(part in words for part in (history.plan.title, history.plan.edition, "Status as at ", "Produced "))
    assert (known.language, known.keywords) == ("en-GB", history.plan.code)
    assert known.title.startswith(history.plan.title)


def test_headings_of_tables_are_repeated_and_merged_cells_fill_each_row(word: Any) -> None:
    assert len(word.tables) == 5
    for table in word.tables[1:]:
        rows = list(table._tbl.iter(qn("w:tr")))
        repeated = [row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in rows]
        assert repeated == [True, True] + [False] * (len(rows) - 2)
        for row in rows:
            spans = [cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}") for cell in row.iter(qn("w:tc"))]
            assert sum(1 if span is None else int(span.get(qn("w:val"))) for span in spans) == 6
            assert all(cell.find(qn("w:p")) is not None for cell in row.iter(qn("w:tc")))
    merged = Counter(one.get(qn("w:val")) for one in word.element.body.iter(qn("w:vMerge")))
    assert merged["restart"] > 20
    assert merged["continue"] > merged["restart"]


def test_the_chart_of_the_word_document_says_its_numbers(word: Any) -> None:
    picture = next(word.element.body.iter(qn("wp:docPr")))

    assert picture.get("descr").startswith("Bar chart of 73 activities by implementation status: ")
    assert all(term.label.lower() in picture.get("descr") for term in rules.STATUSES)


def test_scripts_of_the_region_bring_their_fonts_along(history: RandomHistory, page: Page) -> None:
    with zipfile.ZipFile(io.BytesIO(fetch(page(), "matrix.docx"))) as archive:
        table = archive.read("word/fontTable.xml").decode()
        for name in SCRIPTS_OF_TEXTS:
            assert f'w:name="Noto Sans {name}"' in table
            for face in ("Regular", "Bold"):
                kept = archive.read(f"word/fonts/{name}-{face}.odttf")
                original = (FONTS / f"NotoSans{name}-{face}.ttf").read_bytes()
                key = uuid.uuid5(uuid.NAMESPACE_URL, f"Noto Sans {name} {face}")
                assert f"{{{str(key).upper()}}}" in table
                uncovered = bytes(one ^ key.bytes[::-1][place % 16] for place, one in enumerate(kept[:32]))
                assert uncovered + kept[32:] == original
        assert b"embedTrueTypeFonts" in archive.read("word/settings.xml")
        text = archive.read("word/document.xml").decode()
    for words in TEXTS.values():
        assert all(part in text for part in words.split(" ")[:2]), words


def test_a_document_in_latin_letters_brings_no_font() -> None:
    made = Document("A plan", "Matrix", provenance(), blocks=[Paragraph(line("Người dân, in two words."))])

    with zipfile.ZipFile(io.BytesIO(docx.write(made))) as archive:
        assert [name for name in archive.namelist() if name.endswith(".odttf")] == []


# PDF


def test_the_pdf_is_tagged_for_screen_readers(history: RandomHistory, page: Page) -> None:
    content = fetch(page(), "matrix.pdf")
    root: Any = PdfReader(io.BytesIO(content)).trailer["/Root"]
    found, figures = Counter[str](), []

    def visit(node: Any) -> None:
        node = node.get_object()
        if isinstance(node, list):
            for child in node:
                visit(child)
        elif isinstance(node, dict):
            found[node.get("/S", "")] += 1
            if node.get("/S") == "/Figure":
                figures.append(node.get("/Alt", ""))
            if not isinstance(node.get("/K", 0), int):
                visit(node["/K"])

    visit(root["/StructTreeRoot"])
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/Lang"] == "en-GB"
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    assert found["/Title"] == 1
    assert found["/H1"] == 5
    assert found["/Table"] == found["/THead"] == found["/TBody"] == 5
    assert found["/TH"] == 8 + 4 * 7
    assert figures == [figures[0]]
    assert figures[0].startswith("Bar chart of 73 activities")


def test_the_pdf_has_a_bookmark_for_each_section_and_its_fonts_in_it(history: RandomHistory, page: Page) -> None:
    content = fetch(page(), "matrix.pdf")
    reader = PdfReader(io.BytesIO(content))
    fonts = {str(font["/BaseFont"]).split("+")[1] for one in reader.pages for font in fonts_of(one)}

    titles = [one["/Title"] for one in reader.outline if not isinstance(one, list)]
    assert [str(title)[:2] for title in titles] == ["Su", "A.", "B.", "C.", "D."]
    assert {f"NotoSans{name}-Regular" for name in SCRIPTS_OF_TEXTS} <= fonts
    read = pdf_text(content)
    assert f"Page 1 of {len(reader.pages)}" in read
    assert f"Page {len(reader.pages)} of {len(reader.pages)}" in read
    assert "Hội thảo về phòng chống mua bán" in read


def fonts_of(page: Any) -> list[Any]:
    return [font.get_object() for font in page["/Resources"]["/Font"].values()]


def test_letters_that_no_font_of_ours_has_do_not_keep_the_pdf_from_being_made() -> None:
    made = Document("A plan", "Matrix", provenance(), blocks=[Paragraph(line("Chinese: 打击贩运人口"))])

    content = pdf.write(made)

    root: Any = PdfReader(io.BytesIO(content)).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value is True
    assert "Chinese:" in pdf_text(content)


def test_nothing_in_a_text_is_markup(history: RandomHistory) -> None:
    texts = ['#panic("x")', "= Heading", "*bold* $x$ <a> @ref", "\\u{41} `raw` //", "[square] {curly}", "a\nb"]
    made = Document("*A* #plan", "= Matrix", provenance(), blocks=[Paragraph(line(text)) for text in texts])

    read = pdf_text(pdf.write(made))
    word = open_word(io.BytesIO(docx.write(made)))

    assert all(" ".join(text.split()) in read for text in [*texts, "*A* #plan", "= Matrix"])
    assert [paragraph.text for paragraph in word.paragraphs][-len(texts) :] == texts


def test_a_chart_of_nothing_is_drawn_too() -> None:
    picture = pdf.picture(StatusChart(Tally()))

    assert picture.startswith(b"\x89PNG")


def test_every_script_has_its_font_with_a_licence() -> None:
    names = {path.name for path in FONTS.iterdir()}

    assert {f"NotoSans{script.name}-{face}.ttf" for script in SCRIPTS for face in ("Regular", "Bold")} <= names
    assert "SIL OPEN FONT LICENSE" in (FONTS / "OFL.txt").read_text()


# Texts that spreadsheet programs would run


@given(st.text(alphabet=st.sampled_from([*FORMULA_STARTS, "'", "a", "1", " ", "\n", ",", '"'])))
def test_no_text_becomes_a_formula_and_every_text_comes_back(text: str) -> None:
    column = Column("text", "Text", lambda row: str(row))
    extract = data.Extract("activities", [column], [text], provenance())

    assert not safe_cell(text).startswith(FORMULA_STARTS)
    (row,) = read_data("".join(data.as_csv(extract)).encode(), "csv") or [{"text": ""}]
    assert original_text(row["text"]) == text


def test_no_cell_of_a_workbook_is_a_formula(history: RandomHistory, page: Page) -> None:
    for path in ("data.xlsx", "data.xlsx?type=updates", "matrix.xlsx", "changes.xlsx?from=2018-01-01&moved=all"):
        texts = {value for rows in cells(fetch(page(), path)).values() for row in rows for value in row}
        assert TEXTS["A.1.1.1"] in texts, path  # ``cells`` refuses formulas


def test_files_say_of_themselves_what_they_hold(history: RandomHistory, page: Page) -> None:
    query = "section=A&as_of=2018-06-22"
    rows = read_data(fetch(page(), f"data.csv?{query}"), "csv")
    about = dict(cells(fetch(page(), f"data.xlsx?{query}"))["About"][1:7])
    cover = pdf_text(fetch(page(), f"matrix.pdf?{query}"))

    assert {row["file.source"] for row in rows} == {
        "http://testserver/plans/tip-2016-2020/activities/?section=A&as_of=2018-06-22"
    }
    assert {row["file.as_of"] for row in rows} == {"2018-06-22T16:59:59.999999Z"}
    assert about["Scope"] == "Section: A"
    assert about["Status as of"] == "22 June 2018"
    assert "Scope: Section: A Status as of: 22 June 2018 Reporting round: First half of 2018, open" in cover


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("One. Two.", "One."),
        ("The U.N. body met in Hanoi. It agreed.", "The U.N. body met in Hanoi."),
        ("About 1.5 million were spent", "About 1.5 million were spent"),
        ("សិក្ខាសាលា។ The next step.", "សិក្ខាសាលា។"),
        (f"{'word ' * 80}end", f"{'word ' * 47}word …"),
    ],
)
def test_the_first_sentence_of_a_report_stands_in_the_matrix(said: str, shown: str) -> None:
    assert first_sentence(said) == shown


def test_each_pair_of_statuses_is_in_one_group_of_the_changes_edition() -> None:
    groups = {
        (before, after): rules.change_group(before, after)
        for before in (None, *rules.STATUSES.values)
        for after in rules.STATUSES.values
    }

    assert {pair for pair, group in groups.items() if group == rules.STAYED} == {
        (status, status) for status in rules.STATUSES.values if status != "not_reported"
    }
    assert groups["ongoing", "completed"] == "completed"
    assert groups["not_reported", "ongoing"] == groups[None, "not_started"] == "newly_reported"
    assert groups["not_started", "ongoing"] == groups["deferred", "ongoing"] == "moved"
    assert groups["completed", "ongoing"] == "set_back"
    assert groups["deferred", "cancelled"] == groups["not_reported", "deferred"] == "deferred_or_cancelled"
    assert {group for (_, after), group in groups.items() if after == "not_reported"} == {"not_reported"}
    assert set(groups.values()) == set(rules.CHANGE_GROUPS.values)


def test_a_workbook_of_rows_is_written_a_row_at_a_time() -> None:
    """Rows are asked for while the file is written, so that they need not all be there."""
    asked: list[int] = []

    def rows() -> Any:
        for number in range(5_000):
            asked.append(number)
            yield SimpleNamespace(text=f"row {number}")

    column = Column("text", "Text", lambda row: row.text)
    content = b"".join(data.as_xlsx(data.Extract("activities", [column], rows(), provenance())))
    found = cells(content)["Activities"]

    assert len(asked) == 5_000
    assert [found[1], found[-1]] == [["row 0"], ["row 4999"]]
