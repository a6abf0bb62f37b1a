"""Which rows hold what somebody typed: the same on both databases, and the same as a reader would say."""

import datetime
import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils.html import escape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Cast
from tests.larger_plans import make_scenario
from tests.search.reader import as_a_reader_would, texts_of, tokenize_once
from workplan import actions, rules, search
from workplan.actions import Actor, EvidenceItem, Report
from workplan.models import Activity, CollaborationArea, Provision, Section, SectoralBody, StatusUpdate, WorkPlan
from workplan.search import correction, highlight
from workplan.search.highlight import excerpt, highlighted
from workplan.search.query import parse, possible_refs
from workplan.search.words import fold, stem, tokens

# One plan in the database serves all requests that are made up; a busy machine may take its time.
ON_ONE_PLAN = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(autouse=True, scope="module")
def each_text_is_split_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(highlight, "tokenize", tokenize_once)
        yield


def refs(typed: str) -> list[str]:
    found = Activity.objects.filter(search.matches(Activity, typed))
    return list(found.order_by("position").values_list("ref", flat=True))


def refs_as_a_reader_would(typed: str, activities: list[Activity]) -> list[str]:
    return [activity.ref for activity in as_a_reader_would(search.parse_query(typed), activities)]


@pytest.fixture
def activities(plan: WorkPlan) -> list[Activity]:
    return list(Activity.objects.for_display())


@pytest.fixture
def everything(cast: Cast, activities: list[Activity]) -> dict[Any, list[Any]]:
    """Every record that is searched, by its model: the plan, and reports of body and secretariat."""
    make_scenario(secretariat=cast.secretariat, lead=cast.somtc)
    activity = Activity.objects.get(ref="A.1.1.1")
    report = Report(
        status="ongoing",
        as_of=datetime.date(2018, 6, 1),
        narrative="Victims, the ﬁrst ไทย café; A.1.1 and SOM- ED",
        evidence=(EvidenceItem("Minutes", "https://example.org/minutes"),),
    )
    actions.record_status(
        activity=activity, version=activity.version, report=report, by=Actor(cast.secretariat, "page", "r")
    )
    return {
        **{model: list(model.objects.all()) for model in (Section, Provision, CollaborationArea)},
        Activity: activities,
        SectoralBody: list(SectoralBody.objects.prefetch_related("aliases")),
        StatusUpdate: list(StatusUpdate.objects.select_related("activity")),
    }


def assert_every_kind_is_found_as_a_reader_would(typed: str, everything: dict[Any, list[Any]]) -> None:
    query = search.parse_query(typed)
    for model, records in everything.items():
        rows = model.objects.filter(search.matches(model, query)).annotate(score=search.relevance(model, query))
        found = dict(rows.values_list("pk", "score"))
        assert sorted(found) == sorted(record.pk for record in as_a_reader_would(query, records)), (model, typed)
        # Each word that has to occur counts for something.
        assert all(score >= len(query.required_terms) for score in found.values())


# What people type, with how many activities of the plan hold it and the first of them.
REAL = {
    "victims": (46, "A.1.1.3"),
    "victim": (46, "A.1.1.3"),
    '"VICTIM’S"': (1, "B.6.1.1"),
    "trainings": (11, "A.2.3.3"),
    "training": (11, "A.2.3.3"),
    "trainin": (11, "A.2.3.3"),
    "law enforcement": (19, "A.2.1.1"),
    '"law enforcement"': (19, "A.2.1.1"),
    '"enforcement law"': (0, ""),
    "“law enforcement”": (19, "A.2.1.1"),
    "prosecutors": (9, "B.4.1.1"),
    "prosecuto": (9, "B.4.1.1"),
    "workshop -law": (12, "A.1.3.1"),
    "website uploading": (1, "A.1.1.1"),
    "I-24/7": (3, "A.3.1.2"),
    "A.1.1.4": (1, "A.1.1.4"),
    "a.1.1.4": (1, "A.1.1.4"),
    "a114": (1, "A.1.1.4"),
    "A.1.1": (4, "A.1.1.1"),
    "c111": (2, "C.1.1.1.1"),
    "1.2.3": (1, "C.1.1.2.3"),
    "a.1)": (2, "B.4.1.1"),
    "SOMED": (11, "A.1.1.2"),
    "SOM- ED": (11, "A.1.1.2"),
    "som-ed": (11, "A.1.1.2"),
    "Senior Officials Meeting on Education": (11, "A.1.1.2"),
    "SOMED workshop": (2, "A.5.1.1"),
    "trafficing": (0, ""),
    "!?*": (0, ""),
}


@pytest.mark.parametrize("typed", REAL)
def test_what_people_type_finds_what_they_expect(activities: list[Activity], typed: str) -> None:
    found = refs(typed)

    assert found == refs_as_a_reader_would(typed, activities)
    assert (len(found), found[0] if found else "") == REAL[typed]


def test_the_databases_find_what_a_reader_of_every_text_finds(activities: list[Activity]) -> None:
    """A hundred queries made of words of the plan, finished and unfinished, side by side and left out."""
    known = sorted({word for one in activities for text in texts_of(one) for word in tokens(text) if len(word) > 2})
    chance = random.Random(4)
    for _ in range(100):
        words = chance.sample(known, chance.choice((1, 1, 2, 3)))
        typed = " ".join(chance.choice(("", "", "", "-")) + word for word in words)
        if chance.random() < 0.3:
            text = tokens(chance.choice(activities).text)
            start = chance.randrange(len(text))
            typed += f' "{" ".join(text[start : start + 2])}"'
        elif chance.random() < 0.5:
            typed = typed[: -chance.choice((1, 2))]
        assert refs(typed) == refs_as_a_reader_would(typed, activities), typed


@given(typed=st.text(max_size=200))
@ON_ONE_PLAN
def test_whatever_is_typed_finds_what_a_reader_finds(everything: dict[Any, list[Any]], typed: str) -> None:
    assert_every_kind_is_found_as_a_reader_would(typed, everything)


SYNTAX = ['"', "'", "NEAR(", ")", "*", "AND", "OR", "NOT", "-", ":", "^", "text :", "<->", "&", "|", "!", "\\", "%"]
PIECES = [
    *SYNTAX,
    "victim",
    "A.1.1",
    "a114",
    "é",
    "🙂",
    "ไทย",
    "\0",
    "_",
    "ﬁ",
    "İ",
    "1e5",
    "SOM- ED",
    "“",
    "a" * 60,
]


@given(pieces=st.lists(st.sampled_from(PIECES), max_size=30), between=st.sampled_from(["", " "]))
@ON_ONE_PLAN
def test_the_signs_of_query_languages_are_signs_like_others(
    everything: dict[Any, list[Any]], pieces: list[str], between: str
) -> None:
    assert_every_kind_is_found_as_a_reader_would(between.join(pieces)[:200], everything)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("." * 200, 0),
        ("?!" * 100, 0),
        ("- " * 100, 0),
        ('"' * 200, 0),
        ("🙂" * 200, 0),
        ("a-" * 100, 0),
        ("victims " * 25, 46),
        ('"victims" ' * 20, 46),
        ("-victims " * 22, 73 - 46),
    ],
)
def test_two_hundred_signs_find_what_they_say(activities: list[Activity], typed: str, number: int) -> None:
    found = refs(typed)

    assert found == refs_as_a_reader_would(typed, activities)
    assert len(found) == number


def test_one_letter_a_hundred_times_is_asked_once(activities: list[Activity]) -> None:
    [letter] = search.parse_query("a " * 99).terms[:-1]
    assert letter.tokens == ("a",)
    assert refs("a " * 100) == refs('"a"') == refs_as_a_reader_would('"a"', activities)


def test_accents_and_case_make_no_difference(plan: WorkPlan) -> None:
    Activity.objects.filter(ref="A.1.1.1").update(text="Kaléidoscope ÉTUDE à Hà Nội", notes=["Cafe\u0301s"])
    for typed in ("kaleidoscope", "KALÉIDOSCOPE", "étude", "etude", "ha noi", "Hà Nội", "cafés", "cafes", "café"):
        assert refs(typed) == ["A.1.1.1"], typed


def test_words_stand_side_by_side_within_one_text_only(plan: WorkPlan) -> None:
    Activity.objects.filter(ref="A.1.1.1").update(text="ends with kaleidoscope", expected_output="Marmalade begins")
    assert refs('"kaleidoscope marmalade"') == []
    assert refs("kaleidoscope marmalade") == ["A.1.1.1"]


def test_what_is_left_out_is_left_out_wherever_it_stands(plan: WorkPlan) -> None:
    everything = Activity.objects.count()
    assert len(refs("-interpol")) == everything - len(refs('"interpol"'))
    assert len(refs("-SOMED")) == everything - len(refs("SOMED"))
    assert refs("-A.1.1 A.1") == [ref for ref in refs("A.1") if not ref.startswith("A.1.1.")]
    assert not StatusUpdate.objects.filter(search.matches(StatusUpdate, "-SOMED")).exists()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("A.1.1.4", ("A.1.1.4",)),
        ("b.2", ("B.2",)),
        ("A.1.", ("A.1",)),
        ("a114", ("A.1.1.4", "A.1.14", "A.11.4", "A.114")),
        ("c105", ("C.105", "C.10.5")),
        ("a", ()),
        ("A.0", ()),
        ("a.1)", ()),
        ("2018", ()),
    ],
)
def test_a_reference_is_read_however_it_is_typed(typed: str, expected: tuple[str, ...]) -> None:
    assert set(possible_refs(typed)) == set(expected)


def test_stems_are_those_of_the_database(activities: list[Activity]) -> None:
    """What is marked is what was found: a word and its stem's other forms."""
    together = ["victim victims", "train training trainings trained", "prosecute prosecution prosecuting"]
    for words in together:
        assert len({stem(word) for word in words.split()}) == 1
    apart = ["person personnel", "train trainer", "police policy"]
    for words in apart:
        assert len({stem(word) for word in words.split()}) == 2
    for typed in ("identifying", "exploitation", "communities", "agencies", "relevant", "mechanisms"):
        assert refs(typed) == refs_as_a_reader_would(typed, activities)


def test_what_was_found_is_marked_in_every_form_and_nothing_else_is_html() -> None:
    query = parse('victims "law enforcement" traff', {})
    text = "A Victim's <b>law</b> & law-enforcement; trafficking of víctims, lawful"
    assert highlighted(text, query) == (
        "A <mark>Victim</mark>&#x27;s &lt;b&gt;law&lt;/b&gt; &amp; <mark>law-enforcement</mark>; "
        "<mark>trafficking</mark> of <mark>víctims</mark>, lawful"
    )


@given(text=st.text(max_size=300), typed=st.text(max_size=40))
def test_marking_loses_and_adds_no_letter(text: str, typed: str) -> None:
    bare = highlighted(text, parse(typed, {})).replace("<mark>", "").replace("</mark>", "")
    assert bare == escape(text)


def test_an_excerpt_of_a_long_text_shows_the_place_that_was_found() -> None:
    text = "beginning " * 100 + "the kaleidoscope " + "ending " * 100
    [term] = parse("kaleidoscopes", {}).terms
    shown = excerpt(text, [term])
    assert "kaleidoscope" in shown and len(shown) < 300
    assert shown.startswith("… ") and shown.endswith(" …")


# Words that were mistyped


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("traficking", "trafficking"),
        ("SOMCT", "SOMTC"),
        ("prosecutars", "prosecutors"),
        ("law enforcemnt", "law enforcement"),
        ("traficking -victims", "trafficking -victims"),
        ("ACMWW", "ACMW"),
        ("victims", None),
        ("victi", None),
        ("zebra", None),
        ("a114", None),
        ("1234567", None),
        ("", None),
    ],
)
def test_a_slip_is_taken_for_the_nearest_word_of_the_plan(plan: WorkPlan, typed: str, expected: str | None) -> None:
    assert correction.corrected_query(search.parse_query(typed), [plan.code], StatusUpdate.objects.none()) == expected


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [
        ("victim", "victim", 0),
        ("victim", "vicitm", 1),
        ("victim", "victims", 1),
        ("victim", "vixtim", 1),
        ("vctim", "victim", 1),
        ("prosecution", "rposecutoin", 2),
        ("prosecution", "rposecutoins", 3),
        ("coat", "boat", 1),
        ("coat", "goal", 2),
        ("a", "xyz", 3),
    ],
)
def test_slips_are_counted_as_fingers_make_them(one: str, other: str, slips: int) -> None:
    """A short word may have one of them, a longer one two."""
    for typed, known in ((one, other), (other, one)):
        vocabulary = correction.Vocabulary()
        vocabulary.add(f"{known} zebra")
        within = slips <= (1 if len(typed) < 6 else 2)
        assert vocabulary.nearest(typed) == (known if within else None)


def test_the_nearest_word_is_the_one_with_fewest_slips_then_the_most_frequent_then_the_first() -> None:
    vocabulary = correction.Vocabulary()
    vocabulary.add("training trailing trailing straining TRAINEE 1234567 to")
    assert vocabulary.nearest("trainings") == "training"
    assert vocabulary.nearest("traixing") == "trailing"
    assert vocabulary.nearest("trainees") == "TRAINEE"
    assert vocabulary.nearest("1234568") is None and vocabulary.nearest("t") is None


def test_new_words_of_the_plan_are_known_at_once(plan: WorkPlan) -> None:
    nobody: Any = StatusUpdate.objects.none()
    assert correction.corrected_query(search.parse_query("kaleidoscpe"), [plan.code], nobody) is None
    Activity.objects.filter(ref="A.1.1.1").update(text="A kaleidoscope")
    assert correction.corrected_query(search.parse_query("kaleidoscpe"), [plan.code], nobody) == "kaleidoscope"


def test_every_kind_that_is_found_has_its_words() -> None:
    assert rules.SEARCH_RESULT_KINDS.values == ["activity", "area", "provision", "body", "update"]
    assert fold("ÀÉ") == "ae"
