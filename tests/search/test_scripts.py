"""A word is found, and highlighted, in every script that people of the region write, on either database."""

import unicodedata
from importlib import import_module
from typing import Literal

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workplan import search
from workplan.models import Activity, WorkPlan
from workplan.search import words as rule
from workplan.search.highlight import excerpt, highlighted, occurs
from workplan.search.query import parse
from workplan.search.words import fold, iter_words, tokens

INDEX = import_module("workplan.migrations.0012_search_words")

# For each script a text, words in it that somebody would look for, and words that do not stand in it.
TEXTS = {
    "Thai": (
        "การฝึกอบรมเจ้าหน้าที่ตำรวจเพื่อต่อต้านการค้ามนุษย์ เมื่อปี ๒๕๖๑",
        ("การฝึกอบรมเจ้าหน้าที่ตำรวจเพื่อต่อต้านการค้ามนุษย์", "การฝึกอบรม", "ฝึกอบรม", "เจ้าหน้าที่", "ค้ามนุษย์", "ปี ๒๕๖๑", "กา"),
        ("ผู้เสียหาย", "ฝีกอบรม", "มนุษ์", "กี"),
    ),
    "Lao": (
        "ການຝຶກອົບຮົມເຈົ້າໜ້າທີ່ ຕ້ານການຄ້າມະນຸດ",
        ("ການຝຶກອົບຮົມເຈົ້າໜ້າທີ່", "ການຝຶກອົບຮົມ", "ຝຶກອົບຮົມ", "ການຄ້າມະນຸດ"),
        ("ຜູ້ຖືກເຄາະຮ້າຍ", "ມະນີດ"),
    ),
    "Khmer": (
        "ការបណ្តុះបណ្តាលមន្ត្រីនគរបាលប្រឆាំងអំពើជួញដូរមនុស្ស។\u200bជនរងគ្រោះ",
        ("ការបណ្តុះបណ្តាលមន្ត្រីនគរបាលប្រឆាំងអំពើជួញដូរមនុស្ស", "បណ្តុះបណ្តាល", "ជួញដូរមនុស្ស", "ជនរងគ្រោះ"),
        ("សហប្រតិបត្តិការ", "បណ្តីះ"),
    ),
    "Burmese": (
        "လူကုန်ကူးမှု တိုက်ဖျက်ရေး သင်တန်းကို ရန်ကုန်မြို့၌ ကျင်းပခဲ့သည်။",
        ("လူကုန်ကူးမှု", "တိုက်ဖျက်ရေး", "သင်တန်းကို", "သင်တန်း", "ရန်ကုန်"),
        ("ပူးပေါင်းဆောင်ရွက်မှု", "သင်တိန်း"),
    ),
    "Vietnamese": (
        "Tập huấn phòng, chống mua bán người tại Đà Nẵng",
        ("tập huấn", "TẬP HUẤN", "phòng chống", "Đà Nẵng", "đà nẵng", "da nang", '"mua bán người"', "nguoi"),
        ("nạn nhân", '"bán mua"'),
    ),
    "Arabic": (
        "تدريب الشرطة على مكافحة الاتجار بالأشخاص، وَالحِمَايَة في المحكمة؟",
        ("تدريب", "مكافحة الاتجار", "بالأشخاص", "بالاشخاص", "والحماية", "وَالحِمَايَة", "المحكمة"),
        ("الضحايا", "كافحة"),
    ),
    "Tamil": (
        "மனித கடத்தலுக்கு எதிரான பயிற்சி கொழும்பு",
        ("மனித", "கடத்தலுக்கு", "பயிற்சி", "கொழும்பு", "எதிரா"),
        ("காவல்துறை", "மனி மனித்"),
    ),
    "Chinese": (
        "打击人口贩运培训班。2018年在東盟ASEAN秘书处举行。",
        ("打击人口贩运培训班", "人口贩运", "培训", "2018", "2018年", "asean", "東盟ASEAN", "秘书处"),
        ("受害者", "运人", "贩运人口", "東盟秘书处"),
    ),
    "Javanese": (
        "ꦥꦼꦭꦠꦶꦲꦤ꧀ꦥꦸꦭꦶꦱꦶ꧈ꦩꦤꦸꦁꦱ",
        ("ꦥꦼꦭꦠꦶꦲꦤ꧀ꦥꦸꦭꦶꦱꦶ", "ꦥꦼꦭꦠꦶꦲꦤ꧀", "ꦥꦸꦭꦶꦱꦶ", "ꦩꦤꦸꦁꦱ"),
        ("ꦏꦺꦴꦂꦧꦤ꧀", "ꦥꦸꦭꦸꦱꦶ"),
    ),
    "Balinese": (
        "ᬧᬮᬢᬶᬳᬦ᭄ᬧᬸᬮᬶᬲᬶ᭞ᬫᬦᬸᬲ",
        ("ᬧᬮᬢᬶᬳᬦ᭄ᬧᬸᬮᬶᬲᬶ", "ᬧᬸᬮᬶᬲᬶ", "ᬫᬦᬸᬲ"),
        ("ᬓᭀᬃᬩᬦ᭄", "ᬧᬸᬮᬸᬲᬶ"),
    ),
    "Hindi": (
        "मानव तस्करी के विरुद्ध प्रशिक्षण। पुलिस",
        ("मानव", "तस्करी", "विरुद्ध", "प्रशिक्षण", "पुलिस"),
        ("पीड़ित", "मनव"),
    ),
    "Korean": ("인신매매 방지를 위한 경찰 교육", ("인신매매", "방지를", "인신", "교육"), ("피해자", "매매방지")),
}
# The marks of a letter may be written with it or apart.
FORMS: tuple[Literal["NFC", "NFD"], ...] = ("NFC", "NFD")


def refs(typed: str) -> list[str]:
    found = Activity.objects.filter(search.matches(Activity, typed))
    return list(found.order_by("position").values_list("ref", flat=True))


@pytest.mark.parametrize("script", TEXTS)
def test_whole_words_are_found_in_every_script(plan: WorkPlan, script: str) -> None:
    text, there, missing = TEXTS[script]
    for stored in FORMS:
        Activity.objects.filter(ref="A.1.1.1").update(text=unicodedata.normalize(stored, text))
        for asked in FORMS:
            found = {word: "A.1.1.1" in refs(unicodedata.normalize(asked, word)) for word in there + missing}
            assert found == dict.fromkeys(there, True) | dict.fromkeys(missing, False)


@pytest.mark.parametrize("script", TEXTS)
def test_what_is_found_in_a_script_is_highlighted_there(script: str) -> None:
    text, there, missing = TEXTS[script]
    for form in FORMS:
        stored = unicodedata.normalize(form, text)
        for word in there:
            shown = str(highlighted(stored, parse(unicodedata.normalize("NFC", word), {})))
            assert "<mark>" in shown, word
            assert shown.replace("<mark>", "").replace("</mark>", "") == stored
        for word in missing:
            assert not all(occurs(stored, term) for term in parse(word, {}).required_terms), word
    assert highlighted("การค้ามนุษย์", parse("ค้า", {})) == "การ<mark>ค้า</mark>มนุษย์"
    assert highlighted("打击人口贩运", parse("人口", {})) == "打击<mark>人口</mark>贩运"


def test_words_of_a_script_without_spaces_stand_in_notes_and_reports_too(plan: WorkPlan) -> None:
    Activity.objects.filter(ref="A.1.1.1").update(notes=["Meeting\nof the ตำรวจไทย", "培训"])
    assert refs("ไทย") == refs("培训") == refs("meeting ตำรวจ") == ["A.1.1.1"]
    assert refs('"the ตำรวจ"') == ["A.1.1.1"] and refs('"of ตำรวจ"') == []


def test_a_word_is_found_at_the_end_of_a_text_as_long_as_a_report_may_be(plan: WorkPlan) -> None:
    """PostgreSQL keeps 255 places of each letter in a record; the others are looked up in the text."""
    long = "การฝึกอบรมเจ้าหน้าที่ตำรวจ " * 400
    Activity.objects.filter(ref="A.1.1.1").update(
        text=f"{long}ผู้เสียหาย", expected_output=f"{'the rule of ' * 300}kaleidoscope"
    )
    Activity.objects.filter(ref="A.1.1.2").update(text=f"{long}ผู้ เสีย ตำรวจ", expected_output="the of rule")
    assert refs("ผู้เสียหาย") == refs("ตำรวจผู้เสียห") == ["A.1.1.1"]
    assert refs('"of kaleidoscopes"') == ["A.1.1.1"] and refs('"rule kaleidoscope"') == []
    assert refs("ตำรวจผู้เ") == ["A.1.1.1", "A.1.1.2"]
    assert refs("หายเสีย") == []


def test_an_excerpt_of_a_line_without_spaces_shows_the_place_that_was_found() -> None:
    for before, word in (("การฝึกอบรมเจ้าหน้าที่", "ผู้เสียหาย"), ("打击人口贩运", "受害者")):
        text = before * 60 + word + before * 60
        shown = excerpt(text, parse(word, {}).required_terms)
        assert word in shown and len(shown) < 300
        assert all(unicodedata.category(part.strip()[0])[0] != "M" for part in shown.strip(" …").split(word))


# One rule


def cut_by_postgresql(texts: list[str]) -> list[list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT apta_words(text) FROM unnest(%s) WITH ORDINALITY AS one(text, place) ORDER BY place", [texts]
        )
        return [words.split() for (words,) in cursor.fetchall()]


def cut_by_sqlite(texts: list[str]) -> list[list[str]]:
    with connection.cursor() as cursor:
        found = []
        for text in texts:
            cursor.execute("SELECT apta_words(%s)", [text])
            found.append(str(cursor.fetchone()[0]).split())
        return found


def cut_by_the_database(texts: list[str]) -> list[list[str]]:
    return cut_by_postgresql(texts) if connection.vendor == "postgresql" else cut_by_sqlite(texts)


def test_the_migration_has_the_rule_of_the_search() -> None:
    names = ("LETTERS", "UNSPACED", "IGNORED")
    assert [getattr(INDEX, name) for name in names] == [getattr(rule, name) for name in names]
    assert str.maketrans(*INDEX.EQUIVALENT) == rule.EQUIVALENT


ON_ONE_DATABASE = settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
# Signs of which scripts are made, none of which is younger than the Unicode of any part.
SIGNS = st.characters(exclude_categories=("Cs", "Cn", "Co"), exclude_characters="\0", max_codepoint=0xFFFF)


@ON_ONE_DATABASE
@given(texts=st.lists(st.text(SIGNS, max_size=20), min_size=20, max_size=60))
def test_the_database_cuts_words_as_the_search_does(db: None, texts: list[str]) -> None:
    assert cut_by_the_database(texts) == [list(tokens(text)) for text in texts]


def test_every_letter_of_the_scripts_is_cut_as_the_search_does(db: None) -> None:
    blocks = (*range(0x20, 0x1100), *range(0x1780, 0x1A00), *range(0x1B00, 0x1D00), *range(0x1E00, 0x3200))
    further = (*range(0x4E00, 0x4F00), *range(0xA980, 0xAC00), *range(0xFB00, 0xFFF0))
    letters = [letter for code in blocks + further if unicodedata.category(letter := chr(code)) != "Cn"]
    texts = [f"a{letter}b ก{letter}" for letter in letters]
    wrong = [
        (hex(ord(letter)), found)
        for letter, text, found in zip(letters, texts, cut_by_the_database(texts), strict=True)
        if found != list(tokens(text))
    ]
    assert wrong == []


@given(text=st.text(SIGNS, max_size=60))
def test_a_word_is_the_same_alone_and_in_its_text(text: str) -> None:
    assert tokens(text) == tuple(word for found in iter_words(text) for word in tokens(found[0]))
    assert fold(fold(text)) == fold(text)
