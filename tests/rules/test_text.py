"""The one form in which texts are kept; names of files and addresses in every script."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workplan import rules
from workplan.history.differences import GONE, NEW, SAME, words

KHMER = "ការ\u200bងារ"  # two words, which a zero width space divides
THAI = "รายงานการฝึกอบรม"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("one\r\ntwo\rthree\u2028four\x85five", "one\ntwo\nthree\nfour\nfive"),
        ("e\u0301te\u0301", "été"),
        ("\u200b", ""),
        (" \u2060\ufeff\u3164\u200d ", ""),
        (f"\u200b {KHMER}\u200b\n", KHMER),
        ("می\u200cخواهم", "می\u200cخواهم"),  # noqa: RUF001
        ("\u202bعربي\u202c", "\u202bعربي\u202c"),
        ("a\x00b\ufffe\uffff", "a\ufffdb\ufffd\ufffd"),
        ("x" + "\u0301" * 31, "x" + "\u0301" * 31),
    ],
)
def test_a_text_is_kept_in_one_form(sent: str, kept: str) -> None:
    assert rules.normalised(sent) == kept


@given(st.text(alphabet=st.characters(codec="utf-16-be"), max_size=60))
def test_a_text_that_is_kept_is_kept_as_it_is(text: str) -> None:
    once = rules.normalised(text)

    assert rules.normalised(once) == once
    assert rules.normalised(unicodedata.normalize("NFD", once)) == once
    assert "\r" not in once


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (f"{THAI}.pdf", f"{THAI}.pdf"),
        ("Re\u0301sume\u0301 (1).pdf", "Résumé _1_.pdf"),
        (f"C:\\a\\{KHMER}.pdf", "ការ_ងារ.pdf"),
        (f"{'ฝึ' * 100}.pdf", f"{'ฝึ' * 75}.pdf"),
        (f"{'ฝึ' * 74}xฝึx.pdf", f"{'ฝึ' * 74}x.pdf"),
    ],
)
def test_file_names_keep_their_marks(sent: str, kept: str) -> None:
    assert rules.plain_file_name(sent) == kept


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Late, in section A", "late-in-section-a"),
        ("Évaluation à mi-parcours", "evaluation-a-mi-parcours"),
        ("งานที่ค้างอยู่", "งานที่ค้างอยู่"),
        (KHMER, "ការ-ងារ"),
        ("?!", ""),
        ("one two three", "one-two"),
    ],
)
def test_a_name_becomes_an_address_in_its_own_script(name: str, slug: str) -> None:
    assert rules.slug_of(name, 9 if name.startswith("one") else 50) == slug


def test_differences_strike_words_and_no_sentence_where_a_script_writes_no_spaces() -> None:
    before, after = "เราจัดการฝึกอบรมสองครั้งในกรุงเทพ", "เราจัดการฝึกอบรมสิบครั้งในกรุงเทพ"

    pieces = words(before, after)

    assert "".join(one.text for one in pieces if one.sign != NEW) == before
    assert "".join(one.text for one in pieces if one.sign != GONE) == after
    assert [(one.sign, one.text) for one in pieces] == [
        (SAME, "เราจัดการฝึกอบรม"),
        (GONE, "สอง"),
        (NEW, "สิบ"),
        (SAME, "ครั้งในกรุงเทพ"),
    ]
