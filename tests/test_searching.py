"""Which rows hold what somebody typed: the same on both databases, and the same as a reader would say."""

import random
from typing import Any

import pytest
from django.utils.html import escape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workplan import rules, searching
from workplan.models import Activity, CollaborationArea, Provision, Section, SectoralBody, StatusUpdate, WorkPlan
from workplan.searching import spelling
from workplan.searching.marking import excerpt, holds, marked
from workplan.searching.matching import spellings
from workplan.searching.stems import stem
from workplan.searching.words import Term, fold, read, refs_meant, tokens

SEARCHED = (Section, Provision, CollaborationArea, Activity, SectoralBody, StatusUpdate)

# One plan in the database serves all requests that are made up; a busy machine may take its time.
ON_ONE_PLAN = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def refs(words: str) -> list[str]:
    return list(Activity.objects.mentioning(words).order_by("position").values_list("ref", flat=True))


def texts_of(activity: Activity) -> list[str]:
    """What an activity is searched by, one text after the other."""
    area = activity.area
    parts = [activity.text, activity.expected_output, *activity.notes]
    for above in (*([area.parent] if area.parent else []), area, area.provision):
        parts += [above.text, *above.notes]
    return parts


def as_a_reader_would(typed: str, activities: list[Activity]) -> list[str]:
    """The references of the activities that hold what was ``typed``, found by reading every text."""
    words = read(typed, spellings())
    return [
        activity.ref
        for activity in activities
        if words
        and all(
            term.excluded != (any(holds(text, term) for text in texts_of(activity)) or is_named(term, activity))
            for term in words.terms
        )
    ]


def is_named(term: Term, activity: Activity) -> bool:
    bodies = {one.body_id for one in activity.responsibilities.all()}
    return (
        any(activity.ref == ref or activity.ref.startswith(f"{ref}.") for ref in term.refs)
        or activity.marker.lower() in term.markers
        or bool(term.bodies and (activity.all_other_bodies_cooperate or bodies & set(term.bodies)))
    )


@pytest.fixture
def activities(plan: WorkPlan) -> list[Activity]:
    return list(Activity.objects.for_display())


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

    assert found == as_a_reader_would(typed, activities)
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
        assert refs(typed) == as_a_reader_would(typed, activities), typed


@given(typed=st.text(max_size=200))
@ON_ONE_PLAN
def test_nothing_that_can_be_typed_is_too_much_for_the_database(plan: WorkPlan, typed: str) -> None:
    for model in SEARCHED:
        rows = model.objects.filter(searching.holding(model, typed))  # type: ignore[attr-defined]
        list(rows.annotate(score=searching.relevance(model, searching.understood(typed))).order_by("score")[:3])


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
def test_the_signs_of_query_languages_are_signs_like_others(plan: WorkPlan, pieces: list[str], between: str) -> None:
    typed = between.join(pieces)[:200]
    for model in (Activity, SectoralBody, StatusUpdate):
        list(model.objects.filter(searching.holding(model, typed))[:3])  # type: ignore[attr-defined]


@pytest.mark.parametrize("typed", ["." * 200, "?!" * 100, "- " * 100, '"' * 200, "a " * 100, "🙂" * 200, "a-" * 100])
def test_two_hundred_signs_find_rows_or_none(plan: WorkPlan, typed: str) -> None:
    assert len(refs(typed)) <= Activity.objects.count()


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
    assert not StatusUpdate.objects.mentioning("-SOMED").exists()


@pytest.mark.parametrize(
    ("typed", "meant"),
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
def test_a_reference_is_read_however_it_is_typed(typed: str, meant: tuple[str, ...]) -> None:
    assert set(refs_meant(typed)) == set(meant)


def test_stems_are_those_of_the_database(activities: list[Activity]) -> None:
    """What is marked is what was found: a word and its stem's other forms."""
    together = ["victim victims", "train training trainings trained", "prosecute prosecution prosecuting"]
    for words in together:
        assert len({stem(word) for word in words.split()}) == 1
    apart = ["person personnel", "train trainer", "police policy"]
    for words in apart:
        assert len({stem(word) for word in words.split()}) == 2
    for typed in ("identifying", "exploitation", "communities", "agencies", "relevant", "mechanisms"):
        assert refs(typed) == as_a_reader_would(typed, activities)


def test_what_was_found_is_marked_in_every_form_and_nothing_else_is_html() -> None:
    words = read('victims "law enforcement" traff', {})
    text = "A Victim's <b>law</b> & law-enforcement; trafficking of víctims, lawful"
    assert marked(text, words) == (
        "A <mark>Victim</mark>&#x27;s &lt;b&gt;law&lt;/b&gt; &amp; <mark>law-enforcement</mark>; "
        "<mark>trafficking</mark> of <mark>víctims</mark>, lawful"
    )


@given(text=st.text(max_size=300), typed=st.text(max_size=40))
def test_marking_loses_and_adds_no_letter(text: str, typed: str) -> None:
    bare = marked(text, read(typed, {})).replace("<mark>", "").replace("</mark>", "")
    assert bare == escape(text)


def test_an_excerpt_of_a_long_text_shows_the_place_that_was_found() -> None:
    text = "beginning " * 100 + "the kaleidoscope " + "ending " * 100
    [term] = read("kaleidoscopes", {}).terms
    shown = excerpt(text, [term])
    assert "kaleidoscope" in shown and len(shown) < 300
    assert shown.startswith("… ") and shown.endswith(" …")


# Words that were mistyped


@pytest.mark.parametrize(
    ("typed", "meant"),
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
def test_a_slip_is_taken_for_the_nearest_word_of_the_plan(plan: WorkPlan, typed: str, meant: str | None) -> None:
    assert spelling.corrected(searching.understood(typed), [plan.code], StatusUpdate.objects.none()) == meant


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [
        ("victim", "victim", 0),
        ("victim", "vicitm", 1),
        ("victim", "victims", 1),
        ("vctim", "victim", 1),
        ("a", "xyz", 3),
    ],
)
def test_slips_are_counted_as_fingers_make_them(one: str, other: str, slips: int) -> None:
    assert min(spelling.distance(one, other, 2), 3) == slips
    assert min(spelling.distance(other, one, 2), 3) == slips


def test_new_words_of_the_plan_are_known_at_once(plan: WorkPlan) -> None:
    nobody: Any = StatusUpdate.objects.none()
    assert spelling.corrected(searching.understood("kaleidoscpe"), [plan.code], nobody) is None
    Activity.objects.filter(ref="A.1.1.1").update(text="A kaleidoscope")
    assert spelling.corrected(searching.understood("kaleidoscpe"), [plan.code], nobody) == "kaleidoscope"


def test_every_kind_that_is_found_has_its_words() -> None:
    assert rules.FOUND_KINDS.values == ["activity", "area", "provision", "body", "update"]
    assert fold("ÀÉ") == "ae"
