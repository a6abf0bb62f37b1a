"""Files that wait for their confirmation: read anew, previewed, and applied."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from workplan import actions, rules
from workplan.actions import Actor
from workplan.exceptions import Invalid, Stale, WrongState
from workplan.imports import commented, round_workbook, statuses
from workplan.imports.files import opened
from workplan.imports.previews import CHOICES, Preview
from workplan.imports.tables import Table
from workplan.models import Import, StatusUpdate

MOST_ANSWERS = 5_000
CELLS, CHOSEN = "cells", "choices"
CHANGED = (
    "The changes differ from the preview: records have been changed since. Nothing was saved; review the changes and "
    "confirm again."
)


def preview_of(kept: Import, user: Any) -> Preview:
    """What the file changes now, with what the person has said on its page.

    Raises:
        BadFile: it cannot be read any more as it could: a later workbook was confirmed, or a limit was lowered.
    """
    return _read(kept, user)[1]


def _read(kept: Import, user: Any) -> tuple[Table, Preview]:
    kind = "csv" if kept.file_name.lower().endswith(".csv") else "xlsx"
    file = opened(kept.file_name, bytes(kept.content or b""), (kind,))
    mended, choices = kept.answers.get(CELLS, {}), kept.answers.get(CHOSEN, {})
    if kept.kind == rules.STATUS_IMPORT:
        table = statuses.read(file)
        return table, statuses.preview(
            table, kept.plan, user, reporting_round=kept.round, mended=mended, choices=choices
        )
    assert kept.round is not None and kept.body is not None, "a constraint says so"
    source = round_workbook.read(file, kept.round, kept.body)
    found = round_workbook.preview(source, kept.round, kept.body, user, mended=mended, choices=choices)
    return source.table, found


def commented_copy(kept: Import, user: Any) -> bytes:
    """The same file as a workbook, with a comment on each cell that cannot be read."""
    table, found = _read(kept, user)
    if kept.kind == rules.STATUS_IMPORT:
        return commented.table(table, found)
    return commented.round_workbook(kept, table, found)


def answer(kept: Import, *, cells: Mapping[str, str], choices: Mapping[str, str], by: Actor) -> Import:
    """Keep texts in place of cells that cannot be read, and choices between two texts, beside those of before."""
    now = kept.answers
    answers = {
        CELLS: {**now.get(CELLS, {}), **cells},
        CHOSEN: {**now.get(CHOSEN, {}), **{ref: one for ref, one in choices.items() if one in CHOICES}},
    }
    if sum(len(one) for one in answers.values()) > MOST_ANSWERS:
        raise Invalid("There are too many cells to correct here. Correct them in the file and upload it again.")
    return kept if answers == now else actions.answer_import(kept=kept, answers=answers, by=by)


@transaction.atomic
def confirm(kept: Import, *, fingerprint: str, submit: bool, by: Actor) -> list[StatusUpdate]:
    """Write what the person has seen, in one transaction.

    Args:
        fingerprint: of the preview that was on the page.

    Raises:
        Stale: what the file changes is something else by now.
        WrongState: cells cannot be read, choices are open, or reports lack what they need to be submitted.
        RowRefused: an action has refused a row.
    """
    kept = actions.locked_import(kept, by)
    found = preview_of(kept, by.user)
    if found.bad:
        raise WrongState("Some cells cannot be read. Nothing was saved; correct them first.")
    if found.fingerprint != fingerprint:
        raise Stale(CHANGED)
    if found.open_choices:
        raise WrongState("Nothing was saved. For each row that was changed by others, choose the version to keep.")
    if submit and found.incomplete:
        raise WrongState("Some reports are incomplete and cannot be submitted. Nothing was saved; save them as drafts.")
    if not found.applied:
        raise WrongState("The file contains no changes.")
    if kept.kind == rules.STATUS_IMPORT:
        return statuses.apply(kept, found, by=by)
    return round_workbook.apply(kept, found, by=by, submit=submit)
