"""Which bodies, outputs and attributes of a row belong to which of its activities."""

from typing import Any

import pytest

from workplan.imports.plan import pairing
from workplan.imports.plan.bodies import Group, Named
from workplan.imports.plan.pairing import Block, pair_attribute, pair_groups, pair_outputs, split_at_colon
from workplan.imports.plan.records import Draft
from workplan.imports.plan.roles import ATTRIBUTE, Column
from workplan.imports.plan.source import Cell, Line, Place

PLACE = Place(1, 2, 3)
FOR_BOTH = pairing.FOR_SEVERAL.format(heading="Output", count=2)


def activities(*texts: str) -> list[Draft]:
    area = Draft("area", "Awareness")
    return [
        area.add(Draft("activity", text, parts=(text[0],) if text[1:2] == ")" else (), places=[PLACE]))
        for text in texts
    ]


def cell(*texts: str | Line) -> Cell:
    return Cell(PLACE, 0, 1, [one if isinstance(one, Line) else Line(one) for one in texts])


def group(acronym: str, **values: Any) -> Group:
    return Group(leads=[Named(acronym, acronym)], printed=[f"Lead: {acronym}"], **values)


def paired(pairs: list[tuple[Draft, Group]]) -> list[tuple[str, str]]:
    return [(activity.text, one.leads[0].acronym) for activity, one in pairs]


def test_bodies_go_by_marker_by_count_or_to_all() -> None:
    lettered = Block([1], activities("a) Train", "b) Print"))
    swapped = [group("ACWC", parts=("b",)), group("SOMTC", parts=("a",))]
    assert paired(pair_groups(swapped, lettered, [PLACE], merged=False)) == [
        ("b) Print", "ACWC"),
        ("a) Train", "SOMTC"),
    ]

    plain = Block([1], activities("Train", "Print"))
    two = [group("SOMTC"), group("ACWC")]
    assert paired(pair_groups(two, plain, [PLACE], merged=False)) == [("Train", "SOMTC"), ("Print", "ACWC")]
    assert plain.activities[0].why == [pairing.BY_ORDER.format(count=2)]

    for merged, why in ((True, []), (False, [pairing.FOR_ALL.format(count=2)])):
        block = Block([1], activities("Train", "Print"))
        found = paired(pair_groups([group("SOMTC")], block, [PLACE], merged=merged))
        assert found == [("Train", "SOMTC"), ("Print", "SOMTC")] and block.activities[1].why == why


def test_as_many_groups_as_areas_are_those_of_the_areas_and_an_empty_one_is_tracked() -> None:
    provision = Draft("provision", "Prevention")
    first, second = (provision.add(Draft("area", text, text, places=[PLACE])) for text in ("Media", "Schools"))
    media = [first.add(Draft("activity", text)) for text in ("Radio", "Posters", "Films")]
    block = Block([1, 2], media, [first, second])

    pairs = pair_groups([group("SOMTC"), group("SOM-ED")], block, [PLACE], merged=True)

    assert paired(pairs) == [("Radio", "SOMTC"), ("Posters", "SOMTC"), ("Films", "SOMTC"), ("Schools", "SOM-ED")]
    [stands_for] = second.below
    assert stands_for.tracks_area and stands_for.why == [pairing.BY_AREA]


def test_groups_that_fit_no_activity_are_kept_as_printed_with_each() -> None:
    block = Block([1], activities("Train", "Print", "Film"))
    groups = [group("SOMTC", remarks=["For clarification"]), group("ACWC")]

    assert pair_groups(groups, block, [PLACE], merged=False) == []

    for one in block.activities:
        assert one.bodies_as_printed == "Lead: SOMTC Lead: ACWC" and one.body_places == [PLACE]
        assert one.notes == ["For clarification"]
        assert "2 groups of bodies stand beside 3 activities" in one.reading_note


def test_a_body_is_named_once_whatever_its_role() -> None:
    [activity] = activities("Train")
    both = Group(leads=[Named("SOMTC", "SOMTC")], cooperating=[Named("SOMTC", "SOMTC"), Named("x", ""), Named("y", "")])
    pairing.apply_group(activity, both, [PLACE])
    pairing.apply_group(activity, Group(all_others=True, why=["Read as all"], remarks=["Remark"]), [PLACE])

    assert [one.acronym for one in activity.leads] == ["SOMTC"]
    assert [one.name for one in activity.cooperating] == ["x", "y"]
    assert activity.all_others and activity.why == ["Read as all"] and activity.notes == ["Remark"]
    assert activity.body_places == [PLACE]


def test_points_of_an_announced_activity_become_activities() -> None:
    [activity] = activities("Workshops on: the law, shelters")
    activity.note("Remark")
    assert activity.above is not None

    made = split_at_colon(activity, ["the law", "shelters"])

    assert [one.text for one in activity.above.below] == ["Workshops on: the law", "Workshops on: shelters"]
    assert made[1].notes == ["Remark"] and made[0].why == [pairing.SPLIT_AT_COLON]


@pytest.mark.parametrize(
    ("texts", "lines", "outputs", "why"),
    [
        (("a) Train", "b) Print"), ("b) Posters", "a) Judges trained"), ["a) Judges trained", "b) Posters"], []),
        (
            ("Train", "Print"),
            ("- Judges trained", "- Posters"),
            ["- Judges trained", "- Posters"],
            [pairing.OUTPUTS_BY_ORDER],
        ),
        (
            ("Train", "Print"),
            ("A report",),
            ["A report", "A report"],
            [pairing.FOR_SEVERAL.format(heading="Output", count=2)],
        ),
        (("Train",), ("- One", "- Two"), ["- One\n- Two"], []),
        (("Train",), ("TBC",), [""], []),
    ],
)
def test_outputs_go_by_marker_by_order_or_to_all(
    texts: tuple[str, ...], lines: tuple[str, ...], outputs: list[str], why: list[str]
) -> None:
    block = Block([1], activities(*texts))

    pair_outputs([cell(*lines)], block, "Output")

    assert [one.expected_output for one in block.activities] == outputs
    assert block.activities[0].why == why and block.activities[0].related == [PLACE]
    if lines == ("TBC",):
        assert block.activities[0].notes == ["Output: TBC"]


def test_remarks_at_outputs_are_kept_with_their_activity() -> None:
    block = Block([1], activities("Train", "Print"))
    pair_outputs([cell(Line("- Judges", remarks=["Comment by X: How many?"]), "- Posters")], block, "Output")
    assert block.activities[0].notes == ["Comment by X: How many?"] and block.activities[1].notes == []

    one = Block([1], activities("Train", "Print"))
    pair_outputs([cell(Line("A report", remarks=["Comment: When?"]))], one, "Output")
    assert one.activities[0].notes == ["Comment: When?"]


def column(heading: str = "Timeline") -> Column:
    return Column(4, 3, 4, heading, ATTRIBUTE, "", "")


def test_other_columns_are_kept_by_marker_or_for_each() -> None:
    block = Block([1], activities("a) Train", "b) Print"))
    pair_attribute(column(), [cell("b) 2027", "a) 2026")], block, merged=False)
    assert [one.attributes for one in block.activities] == [{"Timeline": "a) 2026"}, {"Timeline": "b) 2027"}]

    for merged in (False, True):
        both = Block([1], activities("Train", "Print"))
        pair_attribute(column(), [cell(Line("2026", remarks=["Comment: sure?"]))], both, merged=merged)
        assert [one.attributes for one in both.activities] == [{"Timeline": "2026"}] * 2
        assert bool(both.activities[0].why) is not merged and both.activities[0].notes == ["Comment: sure?"]

    shaded = Block([1], activities("Train"))
    mark = cell()
    mark.mark = "shaded"
    pair_attribute(column(""), [mark], shaded, merged=False)
    pair_attribute(column("Budget"), [cell("TBC")], shaded, merged=False)
    pair_attribute(column(""), [cell("2028")], shaded, merged=False)
    assert shaded.activities[0].attributes == {"Column 4": "marked by shading\n2028"}
    assert shaded.activities[0].notes == ["Budget: TBC"]
