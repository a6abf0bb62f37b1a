"""What the rules allow, as a table of cases, and as properties over all values."""

import datetime

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
    "current_status": rules.NOT_REPORTED,
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
        current_status=current,
        plan_starts=START,
        today=TODAY,
    )
    if not found:
        assert START <= as_of <= TODAY
        assert narrative.strip() or status == current
    assert all(problem.message.endswith((".", "?")) for problem in found)


def test_iati_codes_are_one_to_one_and_silence_is_no_code() -> None:
    codes = {term.value: term.iati for term in rules.STATUSES if term.iati}

    assert codes == {"not_started": "1", "ongoing": "2", "completed": "4", "cancelled": "5", "deferred": "6"}


def test_every_term_of_every_vocabulary_says_what_it_means() -> None:
    for vocabulary in (rules.STATUSES, rules.REPORT_STATES, rules.TIMELINESS, rules.UPDATE_KINDS, rules.ROLES):
        assert all(term.label and term.meaning.endswith(".") for term in vocabulary)
