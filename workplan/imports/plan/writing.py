"""What a file was read as, handed to the action that makes a plan of it."""

import zipfile
from collections.abc import Mapping
from datetime import date
from io import BytesIO
from typing import Any

import regex
from django.conf import settings

from workplan import rules
from workplan.actions import Actor, NewRecord, import_plan
from workplan.exceptions import Invalid
from workplan.imports.plan.package import Package
from workplan.imports.plan.reading import read_plan, read_source
from workplan.imports.plan.records import Answers, Draft, Reading
from workplan.imports.plan.source import Place
from workplan.models import BodyAlias, PlanImport, SectoralBody, WorkPlan
from workplan.models.base import SHORT_TEXT

NOT_READY = "Some questions are not answered yet: {what}."
YEARS = regex.compile(r"(?<!\d)(20\d\d)\s*(?:[-–—/]|to|and)\s*(20\d\d)(?!\d)")


def spellings() -> dict[str, str]:
    """Every way to write a body, with its acronym."""
    found = {body.name: body.acronym for body in SectoralBody.objects.all()}
    found |= {alias.name: alias.body.acronym for alias in BodyAlias.objects.select_related("body")}
    return found | {acronym: acronym for acronym in SectoralBody.objects.values_list("acronym", flat=True)}


def reading_of(content: bytes, kind: str, answers: Mapping[str, Any] | None = None) -> Reading:
    """What a file is read as.

    Args:
        content: the file, which was looked through by ``workplan.imports.files``.
        kind: ``docx`` or ``xlsx``.
        answers: what people said of it.

    Raises:
        BadFile: it has more rows or columns than are read.
    """
    with zipfile.ZipFile(BytesIO(content)) as archive:
        source = read_source(
            Package(archive), kind, most_rows=settings.IMPORT_ROWS, most_columns=settings.IMPORT_COLUMNS
        )
    said = answers or {}
    return read_plan(
        source,
        spellings(),
        Answers(said.get("tables", {}), said.get("bodies", {}), said.get("cells", {}), said.get("waive", "")),
    )


def periods_in(reading: Reading) -> list[tuple[date, date]]:
    """The periods that headings, titles and the text around the tables name, the most frequent first."""
    texts = [reading.source.title, *(text for _, text in reading.source.around), *reading.facts]
    texts += [column.heading for layout in reading.layouts for column in layout.columns]
    found: dict[tuple[date, date], int] = {}
    for text in texts:
        for first, last in YEARS.findall(text):
            if first <= last:
                period = (date(int(first), 1, 1), date(int(last), 12, 31))
                found[period] = found.get(period, 0) + 1
    return sorted(found, key=lambda period: -found[period])


def title_in(reading: Reading) -> str:
    """What may be the title of the plan: of the file, or its first paragraph."""
    first = next((text for where, text in reading.source.around if where == "body"), "")
    return rules.shortened(reading.source.title or first, 300)


def whats_missing(reading: Reading) -> list[str]:
    """What has to be said before the file can be imported, as sentences."""
    missing = list(reading.problems)
    if reading.unknown:
        names = ", ".join(f"“{name}”" for name in list(reading.unknown)[:10])
        missing.append(f"These names are not known bodies: {names}. Select the body for each, or that it is none.")
    if left := reading.open_leftovers:
        places = "; ".join(one.where for one in left[:10]) + (" …" if len(left) > 10 else "")
        missing.append(
            f"{len(left):,} texts of the file are not assigned to a record. Assign each to one, or enter why it is "
            f"omitted: {places}."
        )
    return missing


def write(reading: Reading, *, pending: PlanImport, version: int, by: Actor) -> WorkPlan:
    """Make a plan of what a file was read as.

    Raises:
        Invalid: something is not answered yet, or a record breaks a rule.
        NotAllowed, WrongState, Stale: as ``actions.import_plan`` says.
    """
    if missing := whats_missing(reading):
        raise Invalid(NOT_READY.format(what=" ".join(missing)))
    waived = [f"{left.where}: {left.reason}" for left in reading.leftovers if left.reason]
    reason = rules.shortened(" ".join([f"Omitted: {'; '.join(waived)}."] if waived else []), SHORT_TEXT)
    return import_plan(
        pending=pending,
        version=version,
        records=[new_record(draft) for draft in reading.records()],
        reason=reason,
        by=by,
    )


def new_record(draft: Draft) -> NewRecord:
    """A draft as the action takes it."""
    values: dict[str, Any] = {
        "marker": draft.marker[:20],
        "text": draft.text,
        "text_as_printed": draft.printed,
        "notes": draft.notes,
        "reading_note": rules.shortened(draft.reading_note, SHORT_TEXT),
        "source_cells": _cells([*draft.places, *draft.related]),
    }
    parts: list[tuple[str, str, str]] = []
    if draft.kind == "activity":
        values |= {
            "kind": rules.AREA if draft.tracks_area else rules.ACTIVITY,
            "expected_output": draft.expected_output,
            "all_other_bodies_cooperate": draft.all_others,
            "bodies_as_printed": draft.bodies_as_printed,
            "bodies_source_cells": _cells(draft.body_places),
            "attributes": draft.attributes,
        }
        for role, named in ((rules.LEAD, draft.leads), (rules.COOPERATING, draft.cooperating)):
            parts += [(one.acronym, role, one.country) for one in named if one.acronym]
    elif draft.kind == "area":
        parts = [(acronym, "", "") for acronym in draft.proposed_by]
    above = draft.above.ref if draft.above is not None else ""
    return NewRecord(draft.kind, draft.ref, above, values, parts)


def _cells(places: list[Place]) -> list[list[int]]:
    return [[place.table, place.row, place.cell] for place in sorted(set(places))]
