"""The real plan, written as Word documents of three shapes."""

from typing import Any

from tests.imports.word_files import DOWN, C, R, Word, heading, paragraph, table
from workplan import rules
from workplan.models import Activity, CollaborationArea, Provision, WorkPlan
from workplan.monitoring.matrix import ProvisionBlock, arrange

SHAPES = ("merged", "pages", "headings")
SIX = ("Provisions of the ACTIP / Sections of APA", "Possible Areas of Collaboration",
       "Proposed Activities for 2016 - 2020",
       "Expected Outputs", "Lead Sectoral Body/ Cooperating Sectoral Body", "Implementation Status")  # fmt: skip
WIDTHS = [1600, 1700, 2600, 1200, 1900, 1000]


def written(plan: WorkPlan, shape: str) -> bytes:
    """The file."""
    activities = Activity.objects.filter(plan=plan).for_display().order_by("position")
    blocks = arrange(plan, list(activities), complete=True)
    word = Word()
    if shape == "merged":
        word.add(table([heading(*SIX), *(row for block in blocks for row in _merged(block))], WIDTHS))
    elif shape == "pages":
        for block in blocks:
            band = [C(f"{block.section.ref}. {block.section.text}", span=6, bold=True)]
            for place, part in enumerate(block.provisions):
                rows = _in_one_cell(part)
                word.add(table([heading(*SIX), *([] if place else [band]), *rows], WIDTHS), paragraph(""))
    else:
        for block in blocks:
            word.add(paragraph(f"{block.section.ref}. {block.section.text}", style="Heading1"))
            order = [4, 2, 0, 1, 3]
            rows = [[row[place] for place in order] for part in block.provisions for row in _blank_below(part)]
            word.add(table([heading(*(SIX[place] for place in order)), *rows], [1800] * 5))
    return word.content()


def _text(record: Any) -> str:
    words = f"{record.marker} {record.text}".strip()
    if isinstance(record, CollaborationArea):
        words += "".join(f" [{body.acronym}]" for body in record.proposed_by.all())
    return words


def _cell(record: Any) -> str:
    """The words of a record, and each remark on a line of its own, in brackets."""
    remarks = [note if _is_whole(note) else f"* {note.removeprefix('*')}" for note in record.notes]
    return "\n".join([_text(record), *remarks])


def _is_whole(note: str) -> bool:
    return note.startswith(("(", "[")) and note.endswith((")", "]"))


def _bodies(activity: Activity, marker: str = "") -> str:
    lines = []
    leads, others = _named(activity, rules.LEAD), _named(activity, rules.COOPERATING)
    if leads:
        lines.append(f"Lead: {' and '.join(leads)}")
    if activity.all_other_bodies_cooperate:
        others.append("All other SB")
    if others:
        lines.append(f"CSB: {', '.join(others)}")
    text = "\n".join(lines)
    return f"{marker}{text}" if text else ""


def _named(activity: Activity, role: str) -> list[str]:
    parts = [part for part in activity.responsibilities.all() if part.role == role]
    return [f"{part.body.acronym} ({part.lead_country})" if part.lead_country else part.body.acronym for part in parts]


def _merged(block: Any) -> list[Any]:
    """A row for each activity, places merged down."""
    rows: list[Any] = [[C(f"{block.section.ref}. {block.section.text}", span=6, bold=True)]]
    for part in block.provisions:
        provision: Any = C(_cell(part.provision), merge="restart")
        for found in part.areas:
            area: Any = C(_cell(found.area), merge="restart")
            for activity in found.activities or [None]:
                tracked = activity is None or activity.kind == rules.AREA
                words = "" if tracked else _cell(activity)
                rows.append([provision, area, words, "", _bodies(activity) if activity else "", ""])
                provision = area = DOWN
    return rows


def _blank_below(part: ProvisionBlock) -> list[Any]:
    """A row for each activity, places left blank below their first row."""
    rows = []
    provision: Provision | None = part.provision
    for found in part.areas:
        area: CollaborationArea | None = found.area
        for activity in found.activities or [None]:  # type: ignore[list-item]
            tracked = activity is None or activity.kind == rules.AREA
            words = "" if tracked else _cell(activity)
            names = _bodies(activity) if activity else ""
            rows.append([_cell(provision) if provision else "", _cell(area) if area else "", words, "", names])
            provision = area = None
    return rows


def _in_one_cell(part: ProvisionBlock) -> list[Any]:
    """A row for each area: its activities in one cell, numbered anew, their bodies by the same numbers in another."""
    rows = []
    provision = _cell(part.provision)
    for found in part.areas:
        own = [activity for activity in found.activities if activity.kind != rules.AREA]
        numbered = [f"{number}.1) {_without_marker(activity)}" for number, activity in enumerate(own, start=1)]
        names = [_bodies(activity, f"{number}.1) ") for number, activity in enumerate(own, start=1)]
        if not own:
            names = [_bodies(activity) for activity in found.activities]
        rows.append(R([provision, _cell(found.area), "\n".join(numbered), "", "\n".join(filter(None, names)), ""]))
        provision = ""
    return rows


def _without_marker(activity: Activity) -> str:
    return _cell(activity).removeprefix(activity.marker).strip()
