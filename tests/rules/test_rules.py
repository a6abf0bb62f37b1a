"""What the rules allow, as a table of cases, and as properties over all values."""

import datetime
import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workplan import rules

TODAY = datetime.date(2026, 11, 23)
START = datetime.date(2016, 1, 1)
GOOD = {
    "kind": rules.PROGRESS,
    "status": "ongoing",
    "as_of": datetime.date(2026, 11, 1),
    "narrative": "The workshop was held.",
    "outputs_delivered": "",
    "reason": "",
    "evidence": 0,
    "current_status": rules.NOT_REPORTED,
    "current_as_of": None,
    "plan_starts": START,
    "today": TODAY,
}


def fields(**changes: object) -> list[str]:
    return [problem.field for problem in rules.problems_with_update(**{**GOOD, **changes})]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "at_fault"),
    [
        ({}, []),
        ({"as_of": TODAY}, []),
        ({"as_of": START}, []),
        ({"as_of": TODAY + datetime.timedelta(days=1)}, ["as_of"]),
        ({"as_of": START - datetime.timedelta(days=1)}, ["as_of"]),
        ({"as_of": None}, ["as_of"]),
        ({"narrative": " \n "}, ["narrative"]),
        ({"status": "not_reported"}, ["status"]),
        ({"status": "not_reported", "kind": "correction"}, []),
        ({"kind": "correction", "narrative": ""}, ["narrative"]),
        ({"kind": "no_change", "narrative": ""}, ["status"]),
        ({"kind": "no_change", "narrative": "", "current_status": "ongoing"}, []),
        ({"kind": "nil_return", "narrative": "", "current_status": "ongoing"}, []),
        ({"kind": "nil_return", "current_status": "completed"}, ["status"]),
        ({"kind": "nil_return", "status": "not_reported", "narrative": ""}, []),
        ({"kind": "no_change", "status": "not_reported", "narrative": ""}, ["status"]),
        ({"status": ""}, ["status"]),
        ({"status": "completed"}, ["outputs_delivered", "evidence"]),
        ({"status": "completed", "outputs_delivered": "A manual", "evidence": 1}, []),
        ({"status": "completed", "outputs_delivered": " ", "evidence": 1}, ["outputs_delivered"]),
        ({"status": "deferred"}, ["reason"]),
        ({"status": "deferred", "reason": "No budget."}, []),
        ({"status": "deferred", "current_status": "deferred"}, []),
        ({"status": "cancelled", "current_status": "ongoing"}, ["reason"]),
        ({"status": "ongoing", "current_status": "completed"}, ["reason"]),
        ({"status": "ongoing", "current_status": "completed", "reason": "A part was missing."}, []),
        ({"status": "ongoing", "current_status": "deferred"}, []),
    ],
)
def test_a_rule_names_the_field_at_fault(changes: dict[str, object], at_fault: list[str]) -> None:
    assert fields(**changes) == at_fault


@given(
    kind=st.sampled_from(rules.UPDATE_KINDS.values),
    status=st.sampled_from(rules.STATUSES.values),
    current=st.sampled_from(rules.STATUSES.values),
    as_of=st.dates(),
    narrative=st.sampled_from(["", " ", "Done."]),
)
def test_what_passes_the_rules_can_be_traced(
    kind: str, status: str, current: str, as_of: datetime.date, narrative: str
) -> None:
    found = rules.problems_with_update(
        kind=kind,
        status=status,
        as_of=as_of,
        narrative=narrative,
        outputs_delivered=narrative,
        reason=narrative,
        evidence=1,
        current_status=current,
        current_as_of=None,
        plan_starts=START,
        today=TODAY,
    )
    if not found:
        assert START <= as_of <= TODAY
        assert narrative.strip() or status == current
    assert all(problem.message.endswith((".", "?")) for problem in found)


def test_an_older_day_than_the_present_one_deserves_a_second_look_and_keeps_nobody() -> None:
    said: dict[str, Any] = {**GOOD, "current_status": "ongoing", "current_as_of": datetime.date(2026, 11, 2)}

    (advice,) = [check for check in rules.checklist(**said) if check.problem]

    assert advice.field == "as_of" and advice.advice
    assert rules.problems_with_update(**said) == []


def test_the_half_years_of_a_plan_with_its_review_and_its_evaluation() -> None:
    rounds = rules.half_years(datetime.date(2016, 1, 1), datetime.date(2020, 12, 31))

    assert [one.code for one in rounds] == [f"{year}-{half}" for year in range(2016, 2021) for half in (1, 2)]
    assert [one.code for one in rounds if one.kind == rules.MID_TERM] == ["2018-2"]
    assert [one.code for one in rounds if one.kind == rules.FINAL] == ["2020-2"]
    assert all(one.period_end < one.opens_on <= one.due_on <= one.closes_on for one in rounds)


@given(first=st.dates(datetime.date(2000, 1, 1), datetime.date(2100, 1, 1)), days=st.integers(0, 4_000))
def test_half_years_cover_any_period_without_gap_or_overlap(first: datetime.date, days: int) -> None:
    last = first + datetime.timedelta(days=days)

    rounds = rules.half_years(first, last)

    assert rounds[0].period_start == first and rounds[-1].period_end == last
    for one, following in itertools.pairwise(rounds):
        assert one.period_end + datetime.timedelta(days=1) == following.period_start
    assert sum(one.kind == rules.FINAL for one in rounds) == 1
    assert sum(one.kind == rules.MID_TERM for one in rounds) <= 1


@pytest.mark.parametrize(
    ("name", "start", "taken"),
    [
        ("report.pdf", b"%PDF-1.7", True),
        ("REPORT.PDF", b"%PDF-1.7", True),
        ("report.pdf", b"<html>", False),
        ("report.html", b"<html>", False),
        ("report.svg", b"<svg", False),
        ("report", b"%PDF-1.7", False),
        ("photo.jpg", b"\xff\xd8\xff\xe0", True),
        ("table.xlsx", b"PK\x03\x04", True),
        ("table.xlsm", b"PK\x03\x04", False),
    ],
)
def test_only_documents_and_pictures_are_evidence(name: str, start: bytes, taken: bool) -> None:
    assert (rules.problem_with_file(name, 100, start) == "") is taken


def test_a_document_is_of_no_day_to_come() -> None:
    today = datetime.date(2018, 7, 31)

    assert rules.problem_with_day(today, today) == ""
    assert "Give 31 July 2018 or an earlier day." in rules.problem_with_day(datetime.date(2018, 8, 1), today)


def test_a_file_name_cannot_carry_a_path_or_break_a_header() -> None:
    assert rules.plain_file_name('../../a"b\r\n.pdf') == "a_b__.pdf"
    assert rules.plain_file_name("C:\\Users\\me\\Minutes.docx") == "Minutes.docx"


def test_iati_codes_are_one_to_one_and_silence_is_no_code() -> None:
    codes = {term.value: term.iati for term in rules.STATUSES if term.iati}

    assert codes == {"not_started": "1", "ongoing": "2", "completed": "4", "cancelled": "5", "deferred": "6"}


def test_every_term_of_every_vocabulary_says_what_it_means() -> None:
    for vocabulary in (rules.STATUSES, rules.REPORT_STATES, rules.TIMELINESS, rules.UPDATE_KINDS, rules.ROLES):
        assert all(term.label and term.meaning.endswith(".") for term in vocabulary)
