"""What people said of a file on its page, as it is kept with the file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workplan import rules
from workplan.imports.plan.records import Reading
from workplan.imports.plan.roles import OTHER, PLAN, ROLES
from workplan.imports.plan.source import Place

NO_BODY = "none"
LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class NameAsked:
    """A name among the bodies that is no known body.

    Attributes:
        field: the name of its field in the form.
        name: as printed.
        places: where it stands.
        answer: an acronym, ``none`` for no body, or empty where nobody has said.
    """

    field: str
    name: str
    places: list[Place]
    answer: str


def names_asked(reading: Reading, answers: Mapping[str, Any]) -> list[NameAsked]:
    """The names that are asked about, those first that nobody has answered."""
    said: Mapping[str, str] = answers.get("bodies", {})
    names = [*reading.unknown, *(name for name in said if name not in reading.unknown)]
    found = []
    for place, name in enumerate(names):
        answer = said.get(name, "") or (NO_BODY if name in said else "")
        found.append(NameAsked(f"body-{place}", name, reading.unknown.get(name, []), answer))
    return found


def answers_in(sent: Mapping[str, Any], reading: Reading, before: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of a form that was sent.

    Args:
        sent: the fields of the form.
        reading: what the file was read as when the form was shown.
        before: the answers that were kept then.
    """
    found: dict[str, Any] = {"tables": {}, "bodies": {}, "cells": {}, "waive": _text(sent.get("waive", ""))}
    for layout in reading.layouts:
        number = layout.table.number
        said = {"use": sent.get(f"t{number}-use", "")}
        said |= {str(column.number): sent.get(f"t{number}-c{column.number}", "") for column in layout.columns}
        kept = {
            name: value for name, value in said.items() if (value in (PLAN, OTHER) if name == "use" else value in ROLES)
        }
        if kept:
            found["tables"][str(number)] = kept
    for asked in names_asked(reading, before):
        answer = _text(sent.get(asked.field, ""))
        if answer:
            found["bodies"][asked.name] = "" if answer == NO_BODY else answer
    for left in reading.leftovers:
        note_of, reason = _text(sent.get(f"note-{left.key}", "")), _text(sent.get(f"waive-{left.key}", ""))
        if note_of:
            found["cells"][left.key] = {"note_of": note_of.upper()}
        elif reason:
            found["cells"][left.key] = {"waive": reason}
    return found


def _text(value: Any) -> str:
    return rules.normalised(str(value))[:LONGEST]
