"""The plan is the whole document: nothing lost, nothing invented.

The fixtures are held against the text they were read from, word by word and in both directions.
"""

import hashlib
import json
import re
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from django.core import serializers
from django.core.management import call_command

from workplan import rules
from workplan.models import (
    Activity,
    BodyAlias,
    CollaborationArea,
    Provision,
    Responsibility,
    Section,
    SectoralBody,
    WorkPlan,
)

FIXTURES = Path(__file__).parent.parent / "fixtures"
SOURCE = FIXTURES / "source" / "tip-work-plan-draft-2016.txt"
SOURCE_SHA256 = "6de1a2313ab223cf08056ea883e9a9e70985df2a14c03c9e79ee6734901d50a8"
LINES = SOURCE.read_text(encoding="utf-8").split("\n")

DOCUMENT_MODELS = (Section, Provision, CollaborationArea, Activity)
LOADED_MODELS = (WorkPlan, *DOCUMENT_MODELS, Responsibility, SectoralBody, BodyAlias)

# Where the headers of the columns stand. They repeat on every page. Lines 75-85, 88-107 and 113-125 are
# content that the extraction printed among the pieces of one header.
HEADER_LINES = {
    *range(1, 26),
    *(30, 36, 40, 46, 49, 54, 59),
    *(63, 65, 67, 69, 71, 73, 87, 109, 111, 127, 129, 131, 133),
    *(135, 143, 147, 150, 156, 161, 165, 169),
    *(174, 178, 183, 187, 192, 196, 200, 205, 210),
}
HEADER = """
    Provisions of the ACTIP / Sections of APA
    Possible Areas of Collaboration Amongst ASEAN Sectoral Bodies under the Framework of APA
    Proposed Programme /Project / Activities for 2016 - 2020
    Expected Outputs
    Lead Sectoral Body/ Cooperating Sectoral Body
    Implementatio n Status
"""
CLIPPED_HEADER = "• Amo le e ongst ngst Sector Cooperatin Rody/ ii"
HEADER_WORDS = {*HEADER.split(), *CLIPPED_HEADER.split()}

# A list marker glued to the word after it: "a)Compilation", "a.1)Lead:", "c).Regular".
GLUED_MARKER = re.compile(r"^([a-z](?:\.\d)?\)\.?)(?=[^\s.])")
# A number glued to the word before it: "agencies3."
GLUED_NUMBER = re.compile(r"(?<=[a-z])(?=\d+\.$)")
# Line 89 prints the marker of a provision with a Greek capital alpha.
GREEK_ALPHA = "\N{GREEK CAPITAL LETTER ALPHA}"

# Counted by hand from the source: (activities led, activities cooperated in).
ACTIVITIES_OF_EACH_BODY = {
    "SOMTC": (30, 11),
    "ACWC": (9, 15),
    "AICHR": (5, 12),
    "SLOM": (5, 5),
    "SOMSWD": (5, 11),
    "SOM-ED": (5, 4),
    "SOMHD": (2, 4),
    "DGICM": (3, 11),
    "ASLOM": (4, 3),
    "ACMW": (1, 2),
}
ACTIVITIES_WITHOUT_LEAD = ["A.1.1.2", "A.1.1.3", "B.7.1.2", "C.5.4.1", "C.5.4.2", "C.5.4.3"]
LEAD_COUNTRIES = {
    ("B.1.1.1", "ACWC"): "Philippines & Indonesia",
    ("B.1.2.1", "ACWC"): "Thailand",
    ("B.1.2.2", "ACWC"): "Philippines & Indonesia",
}

pytestmark = pytest.mark.django_db


def words(text: str) -> Counter[str]:
    tokens = text.replace(GREEK_ALPHA, "A").split()
    unglued = (GLUED_NUMBER.sub(" ", GLUED_MARKER.sub(r"\1 ", token)).split() for token in tokens)
    return Counter(chain.from_iterable(unglued))


def words_of_lines(ranges: list[list[int]]) -> Counter[str]:
    numbers = {number for first, last in ranges for number in range(first, last + 1)} - HEADER_LINES
    return words("\n".join(LINES[number - 1] for number in sorted(numbers)))


def records(plan: WorkPlan) -> list[Any]:
    return [record for model in DOCUMENT_MODELS for record in model.objects.filter(plan=plan)]


def printed(record: Any) -> str:
    """What the record took from the source. An activity of kind area repeats its area's words."""
    bodies = getattr(record, "bodies_as_printed", "")
    if getattr(record, "kind", "") == rules.AREA:
        return bodies
    return "\n".join([record.marker, record.text_as_printed, *record.notes, bodies])


def places(record: Any) -> list[list[int]]:
    return record.source_lines + getattr(record, "bodies_source_lines", [])


def in_order(ref: str) -> tuple[str, list[int]]:
    section, *numbers = ref.split(".")
    return section, [int(number) for number in numbers]


def parent_ref(record: Any) -> str:
    if isinstance(record, Provision):
        return record.section.ref
    if isinstance(record, Activity):
        return record.area.ref
    return record.parent.ref if record.parent else record.provision.ref


def spellings() -> dict[str, str]:
    """Every way a body's name is printed, and its acronym."""
    known = {body.acronym: body.acronym for body in SectoralBody.objects.all()}
    return known | {alias.name: alias.body.acronym for alias in BodyAlias.objects.select_related("body")}


def bodies_named_in(text: str) -> list[str]:
    known = spellings()
    longest_first = "|".join(re.escape(name) for name in sorted(known, key=len, reverse=True))
    return [known[name] for name in re.findall(rf"(?<!\w)(?:{longest_first})(?!\w)", text)]


def without_spacing(text: str) -> str:
    return re.sub(r"[\s-]", "", text)


def rows_as_loaded() -> dict[str, list[dict[str, Any]]]:
    """Every row by what identifies it in the document, without what the writer sets."""
    rows = {}
    for model in LOADED_MODELS:
        found = serializers.serialize(
            "python", model.objects.all(), use_natural_foreign_keys=True, use_natural_primary_keys=True
        )
        kept = [{k: v for k, v in row["fields"].items() if k not in {"id", "version", "updated_at"}} for row in found]
        rows[model.__name__] = sorted(kept, key=str)
    return rows


def test_the_source_is_the_document_that_was_read() -> None:
    assert hashlib.sha256(SOURCE.read_bytes()).hexdigest() == SOURCE_SHA256


def test_page_headers_hold_nothing_but_header_words() -> None:
    strangers = {number: set(LINES[number - 1].split()) - HEADER_WORDS for number in HEADER_LINES}
    assert {number: found for number, found in strangers.items() if found} == {}


def test_every_word_of_the_source_stands_in_the_plan_exactly_as_often(plan: WorkPlan) -> None:
    source = words_of_lines([[1, len(LINES)]])
    loaded = sum((words(printed(record)) for record in records(plan)), Counter())
    assert source - loaded == Counter(), "words of the source that the plan lost"
    assert loaded - source == Counter(), "words of the plan that the source does not have"


def test_no_record_prints_a_word_that_its_own_source_lines_do_not_have(plan: WorkPlan) -> None:
    for record in records(plan):
        assert words(printed(record)) - words_of_lines(places(record)) == Counter(), record.ref


def test_every_record_says_where_it_stands_in_the_source(plan: WorkPlan) -> None:
    for record in records(plan):
        numbers = [number for first, last in places(record) for number in (first, last)]
        assert record.source_lines, record.ref
        assert all(1 <= number <= len(LINES) for number in numbers), record.ref
        assert not HEADER_LINES & set(numbers), record.ref


def test_bodies_have_source_lines_exactly_where_a_cell_is_printed(plan: WorkPlan) -> None:
    for activity in plan.activitys.all():
        assert bool(activity.bodies_as_printed) == bool(activity.bodies_source_lines), activity.ref


def test_references_are_unique_over_all_kinds_of_record(plan: WorkPlan) -> None:
    counts = Counter(record.ref for record in records(plan))
    assert [ref for ref, count in counts.items() if count > 1] == []


def test_references_follow_the_record_above(plan: WorkPlan) -> None:
    for record in records(plan):
        if isinstance(record, Section):
            assert record.ref in "ABCD"
        else:
            assert record.ref.rpartition(".")[0] == parent_ref(record)


def test_children_are_numbered_without_a_gap(plan: WorkPlan) -> None:
    children: dict[str, list[int]] = {}
    for record in records(plan):
        above, _, number = record.ref.rpartition(".")
        if above:
            children.setdefault(above, []).append(int(number))
    for above, numbers in children.items():
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), above


@pytest.mark.parametrize("model", DOCUMENT_MODELS)
def test_positions_run_in_document_order(plan: WorkPlan, model: Any) -> None:
    found = list(model.objects.filter(plan=plan).order_by("position").values_list("position", "ref"))
    assert [position for position, _ in found] == list(range(1, len(found) + 1))
    assert [ref for _, ref in found] == sorted((ref for _, ref in found), key=in_order)


def test_every_record_belongs_to_the_plan_of_the_record_above(plan: WorkPlan) -> None:
    for provision in plan.provisions.select_related("section"):
        assert provision.section.plan_id == plan.pk
    for area in plan.collaborationareas.select_related("provision", "parent"):
        assert area.provision.plan_id == plan.pk
        if area.parent:
            assert (area.parent.plan_id, area.parent.provision_id) == (plan.pk, area.provision_id)
    for activity in plan.activitys.select_related("area"):
        assert activity.area.plan_id == plan.pk


def test_a_text_that_was_repaired_says_how(plan: WorkPlan) -> None:
    for record in records(plan):
        as_printed = record.text_as_printed
        if isinstance(record, CollaborationArea):
            as_printed = re.sub(r"\[([^\]]+)\]", lambda m: "" if m[1] in spellings() else m[0], as_printed)
        if without_spacing(record.text) != without_spacing(as_printed):
            assert record.reading_note, record.ref


def test_brackets_after_an_area_are_the_bodies_that_propose_it(plan: WorkPlan) -> None:
    known = spellings()
    for area in plan.collaborationareas.prefetch_related("proposed_by"):
        names = [known[name] for name in re.findall(r"\[([^\]]+)\]", area.text_as_printed) if name in known]
        assert sorted(names) == sorted(body.acronym for body in area.proposed_by.all()), area.ref
        assert not re.search(r"\[[A-Z]", area.text), area.ref


def test_an_article_that_a_provision_cites_is_in_its_words(plan: WorkPlan) -> None:
    cited = {p.ref: p.cited_articles for p in plan.provisions.all() if p.cited_articles}
    assert cited == {"B.2": ["Article 14, Paragraph 10"], "C.2": ["Article 17"]}
    for provision in plan.provisions.all():
        assert bool(provision.cited_articles) == ("Article" in provision.text), provision.ref
        assert all(article in provision.text for article in provision.cited_articles), provision.ref


def test_expected_outputs_and_statuses_are_as_blank_as_in_the_source() -> None:
    fixture = json.loads((FIXTURES / "tip-work-plan.json").read_text(encoding="utf-8"))
    activities = [row["fields"] for row in fixture if row["model"] == "workplan.activity"]
    assert {fields["expected_output"] for fields in activities} == {""}
    assert not any(
        fields.keys() & {"status", "status_as_of", "latest_update", "version", "updated_at"} for fields in activities
    )


def test_every_activity_starts_as_not_reported_and_without_output(plan: WorkPlan) -> None:
    found = set(plan.activitys.values_list("status", "status_as_of", "latest_update", "expected_output"))
    assert found == {(rules.NOT_REPORTED, None, None, "")}


def test_an_area_tracked_as_an_activity_has_the_words_of_its_area_and_no_activity_beside_it(
    plan: WorkPlan,
) -> None:
    for activity in plan.activitys.filter(kind=rules.AREA).select_related("area"):
        area = activity.area
        assert (activity.text, activity.text_as_printed) == (area.text, area.text_as_printed)
        assert activity.source_lines == area.source_lines
        assert (activity.marker, activity.notes) == ("", [])
        assert area.activities.count() == 1
        assert activity.responsibilities.filter(role=rules.LEAD).exists()


def test_a_cell_of_bodies_names_the_bodies_of_its_activity_in_their_order(plan: WorkPlan) -> None:
    for activity in plan.activitys.exclude(bodies_as_printed=""):
        acronyms = activity.responsibilities.order_by("position").values_list("body__acronym", flat=True)
        assert bodies_named_in(activity.bodies_as_printed) == list(acronyms), activity.ref


def test_an_activity_whose_bodies_another_cell_names_says_so(plan: WorkPlan) -> None:
    for activity in plan.activitys.filter(bodies_as_printed=""):
        assert activity.reading_note, activity.ref


def test_bodies_stand_in_an_unbroken_order_with_leads_first(plan: WorkPlan) -> None:
    for activity in plan.activitys.all():
        roles = list(activity.responsibilities.order_by("position").values_list("position", "role"))
        assert [position for position, _ in roles] == list(range(1, len(roles) + 1)), activity.ref
        assert [role for _, role in roles] == sorted((role for _, role in roles), reverse=True), activity.ref


def test_all_other_bodies_cooperate_exactly_where_the_source_says_so(plan: WorkPlan) -> None:
    assert [a.ref for a in plan.activitys.filter(all_other_bodies_cooperate=True)] == ["A.5.1.1"]
    assert [a.ref for a in plan.activitys.filter(bodies_as_printed__contains="All other SB")] == ["A.5.1.1"]


def test_each_body_has_as_many_activities_as_counted_by_hand(plan: WorkPlan) -> None:
    roles = Responsibility.objects.filter(activity__plan=plan).values_list("body__acronym", "role")
    counts = Counter(roles)
    found = {
        acronym: (counts[acronym, rules.LEAD], counts[acronym, rules.COOPERATING])
        for acronym in SectoralBody.objects.values_list("acronym", flat=True)
    }
    assert found == ACTIVITIES_OF_EACH_BODY


def test_an_activity_for_which_the_source_names_no_lead_has_no_lead(plan: WorkPlan) -> None:
    leaderless = plan.activitys.exclude(responsibilities__role=rules.LEAD).order_by("position")
    assert [activity.ref for activity in leaderless] == ACTIVITIES_WITHOUT_LEAD
    for activity in leaderless:
        assert "Lead" not in activity.bodies_as_printed
        assert activity.reading_note


def test_lead_countries_are_those_of_the_remarks(plan: WorkPlan) -> None:
    named = Responsibility.objects.filter(activity__plan=plan).exclude(lead_country="")
    assert {(r.activity.ref, r.body.acronym): r.lead_country for r in named} == LEAD_COUNTRIES
    for responsibility in named:
        assert responsibility.lead_country in " ".join(responsibility.activity.notes)


def test_the_bodies_are_the_ten_of_the_document_in_their_order(plan: WorkPlan) -> None:
    assert list(SectoralBody.objects.order_by("position").values_list("acronym", flat=True)) == list(
        ACTIVITIES_OF_EACH_BODY
    )


def test_every_other_spelling_is_one_that_the_source_prints(plan: WorkPlan) -> None:
    for alias in BodyAlias.objects.all():
        assert re.search(rf"(?<!\w){re.escape(alias.name)}(?!\w)", "\n".join(LINES)), alias.name


def test_loading_the_fixtures_twice_gives_the_same_rows(plan: WorkPlan) -> None:
    call_command("loaddata", "bodies", "tip-work-plan", verbosity=0)
    once = rows_as_loaded()
    call_command("loaddata", "bodies", "tip-work-plan", verbosity=0)
    assert rows_as_loaded() == once
