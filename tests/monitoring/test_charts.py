"""Where the parts of charts stand."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workplan import rules
from workplan.monitoring import charts

numbers = st.lists(st.integers(0, 20_000), min_size=6, max_size=6)


@dataclass(frozen=True)
class Kind:
    label: str


def counted(values: list[int]) -> list[tuple[rules.Term, int]]:
    return list(zip(rules.STATUSES, values, strict=True))


@given(numbers)
def test_the_parts_of_a_bar_stand_side_by_side_and_fill_it(values: list[int]) -> None:
    pieces = charts.bar(counted(values))
    assert [piece.number for piece in pieces] == [value for value in values if value]
    edge = 0.0
    for piece in pieces:
        assert float(piece.x.rstrip("%")) == pytest.approx(edge, abs=0.01)
        assert float(piece.width.rstrip("%")) == pytest.approx(100 * piece.number / sum(values), abs=0.001)
        edge += float(piece.width.rstrip("%"))
    assert not pieces or edge == pytest.approx(100, abs=0.01)


@given(st.lists(numbers, max_size=24))
def test_columns_stand_on_the_ground_within_the_chart_and_as_high_as_their_numbers(points: list[list[int]]) -> None:
    chart = charts.columns([(f"2018-{place}", counted(values)) for place, values in enumerate(points)], tall=200)
    tallest = max([sum(values) for values in points], default=0)
    right = 0.0
    for column, values in zip(chart.columns, points, strict=True):
        assert column.total == sum(values) and [one.number for one in column.blocks] == [one for one in values if one]
        left, width = float(column.x.rstrip("%")), float(column.width.rstrip("%"))
        assert right <= left + 0.01 and left + width <= 100.01
        right = left + width
        bottom = float(chart.ground)
        for block in column.blocks:
            bottom -= float(block.height)
            assert float(block.y) == pytest.approx(bottom, abs=0.1)
            assert float(block.height) == pytest.approx(200 * block.number / tallest, abs=0.01)
        assert bottom >= charts.ABOVE - 0.1 and float(column.label_y) < chart.height


def test_labels_of_many_columns_stand_on_different_lines_and_long_ones_are_cut() -> None:
    chart = charts.columns([("review-of-the-mid-term", counted([1, 0, 0, 0, 0, 0]))] * 7)
    assert len({column.label_y for column in chart.columns}) == 2
    assert {column.label for column in chart.columns} == {"review-of…"}


def test_numbers_in_words_leave_out_what_is_not_there() -> None:
    parts = [(Kind("Ongoing"), 3), (Kind("Deferred"), 0), (Kind("Completed"), 1)]
    assert charts.in_words(parts) == "3 ongoing, 1 completed"
    assert charts.in_words([], nothing="no activities") == "no activities"
