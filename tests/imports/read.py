"""Reads files of plans in tests, and says in short what was read."""

import io
import zipfile
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from workplan.imports.plan.package import Package
from workplan.imports.plan.reading import read_plan, read_source
from workplan.imports.plan.records import Answers, Draft, Reading
from workplan.imports.plan.source import words

BODIES = "SOMTC ACWC AICHR SLOM SOMSWD SOM-ED SOMHD DGICM ASLOM ACMW".split()
SPELLINGS = {body: body for body in BODIES} | {"SOMT": "SOMTC", "SOMTO": "SOMTC"}
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def read(content: bytes, kind: str = "docx", answers: Answers | None = None) -> Reading:
    """What a file is read as."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return read_plan(read_source(Package(archive), kind), SPELLINGS, answers)


def in_short(reading: Reading) -> dict[str, Any]:
    """The records of a reading and what it asks, as the files in ``expected/`` have them."""
    return {
        "records": {one.ref: _record(one) for one in reading.records()},
        "not a plan": [layout.table.number for layout in reading.layouts if not layout.is_used],
        "unknown": {name: [place.key for place in places] for name, places in reading.unknown.items()},
        "left": [one.key for one in reading.leftovers],
        "facts": reading.facts,
        "notices": reading.notices,
        "problems": len(reading.problems),
    }


def _record(one: Draft) -> dict[str, Any]:
    found: dict[str, Any] = {
        "kind": "area activity" if one.tracks_area else one.kind,
        "marker": one.marker,
        "text": one.text,
        "notes": one.notes,
        "note": one.reading_note,
        "at": [place.key for place in one.places],
        "proposed by": one.proposed_by,
        "output": one.expected_output,
        "lead": [f"{each.acronym or '?'} {each.country}".strip() for each in one.leads],
        "cooperating": [f"{each.acronym or '?'} {each.country}".strip() for each in one.cooperating],
        "all others": one.all_others,
        "attributes": one.attributes,
    }
    return {name: value for name, value in found.items() if value}


def words_read(reading: Reading) -> set[str]:
    """Every word that a record, a note or something left to be assigned has, and the headings."""
    texts = [*reading.notices, *reading.facts, *(left.text for left in reading.leftovers)]
    for layout in reading.layouts:
        texts += [column.heading for column in layout.columns]
    for one in reading.records():
        texts += [one.text, one.printed, one.marker, one.ref, one.expected_output, one.bodies_as_printed, *one.notes]
        texts += [*one.attributes, *one.attributes.values()]
    return {word for text in texts for word in words(text)}


def words_in_cells(content: bytes) -> set[str]:
    """Every word of the runs in table cells that no tracked change took away, by a walk of its own."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        root = etree.fromstring(archive.read("word/document.xml"))
    found: set[str] = set()
    for cell in root.iter(f"{W}tc"):
        for each in cell.iter(f"{W}p"):
            gone = {f"{W}del", f"{W}moveFrom", FALLBACK}
            runs = [run for run in each.iter(f"{W}r") if not gone & {above.tag for above in run.iterancestors()}]
            text = ""
            for run in runs:
                for piece in run:
                    text += {f"{W}t": piece.text or "", f"{W}noBreakHyphen": "-"}.get(piece.tag, " ")
            found |= set(words(text))
    return found
