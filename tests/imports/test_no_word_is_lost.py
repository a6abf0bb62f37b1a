"""Whatever stands in the cells of a plan, and however it is wrapped: each word of it is read."""

import itertools
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.imports.quirks import NUMBERING, box, control, deleted, inserted
from tests.imports.read import read, words_in_cells, words_read
from tests.imports.word_files import C, R, Word, heading, paragraph, run, table

HEADINGS = (
    "Strategic goal", "Outcome", "Key activities", "Expected outputs",
    "Lead Sectoral Body/ CSB", "Timeline",
    "Remarks", "Reference", "Section",
)  # fmt: skip
MARKERS = ("", "", "- ", "• ", "a) ", "1.1 ", "A. ", "b.1) ", "(", "[", "*", "Lead: ", "CSB: ", "Lead: SOMTC CSB: ",
           "TBC ",
           "Total ", "i. ", "2) ", "_ ")  # fmt: skip
ENDS = ("", "", ":", ".", ";", ")", "]", " -", " (inputs from Group 2)", " [ACWC]", "")


@st.composite
def lines(draw: Any, count: Any) -> str:
    """A paragraph with words that stand nowhere else, in one of the wrappers that documents have."""
    text = (
        draw(st.sampled_from(MARKERS))
        + " ".join(
            draw(st.sampled_from([str.upper, str.title, str.lower]))(f"word{next(count)}x")
            for _ in range(draw(st.integers(1, 3)))
        )
        + draw(st.sampled_from(ENDS))
    )
    numbered = draw(st.sampled_from([None, None, None, (1, 0), (1, 1), (1, 2), (4, 0)]))
    wrapped = draw(st.sampled_from(["", "", "bold", "ins", "sdt", "hidden", "del", "link", "box", "break", "field"]))
    content = {
        "": lambda: run(text),
        "bold": lambda: run(text, "<w:b/>"),
        "ins": lambda: run("Now ") + inserted(run(text)),
        "sdt": lambda: control(run(text)),
        "hidden": lambda: run(text, "<w:vanish/>"),
        "del": lambda: deleted("gone") + run(text),
        "link": lambda: f"<w:hyperlink>{run(text)}</w:hyperlink>",
        "box": lambda: box(text),
        "break": lambda: run(f"{text}\nword{next(count)}x"),
        "field": lambda: f'<w:fldSimple w:instr="REF">{run(text)}</w:fldSimple>',
    }[wrapped]()
    return paragraph(content, number=numbered)


@st.composite
def plans(draw: Any) -> Word:
    """A plan of some rows with columns in any order."""
    count = itertools.count()
    order = draw(st.permutations(HEADINGS))[: draw(st.integers(3, len(HEADINGS)))]
    if "Key activities" not in order:
        order = ["Key activities", *order]
    rows: list[Any] = [heading(*order)] if draw(st.integers(0, 4)) else [heading(*order), heading(*order)]
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(["row", "row", "row", "row", "band", "late"]))
        if kind == "band":
            rows.append([C(draw(lines(count)), span=len(order), bold=True)])
            continue
        skipped = 1 if kind == "late" else 0
        cells: list[Any] = []
        left = len(order) - skipped
        while left:
            span = min(left, draw(st.sampled_from([1, 1, 1, 1, 2])))
            texts = "".join(draw(lines(count)) for _ in range(draw(st.sampled_from([0, 1, 1, 2, 3]))))
            if draw(st.integers(0, 9)) == 0:
                texts += table([[C(draw(lines(count)))]], [500]) + "<w:p/>"
            merge = draw(st.sampled_from(["", "", "", "restart", "continue"]))
            cells.append(C(texts or "<w:p/>", span=span, merge=merge))
            left -= span
        rows.append(R(cells, '<w:gridBefore w:val="1"/>' if skipped else ""))
    return Word(numbering=NUMBERING).add(table(rows, [1500] * len(order)))


@given(plans())
@settings(max_examples=60, deadline=None)
def test_each_word_is_in_a_record_a_note_or_what_is_left(word: Word) -> None:
    content = word.content()

    reading = read(content)

    assert words_in_cells(content) - words_read(reading) == set(), [layout.columns for layout in reading.layouts]
