"""A workbook that somebody has sent back and not confirmed yet."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from tests.imports.edited import filled
from workplan import actions, rules
from workplan.actions import Actor
from workplan.exports.round_rows import due_rows, sheet_rows
from workplan.exports.round_workbook import About, written
from workplan.models import Import, ReportingRound, SectoralBody, User


def workbook_of(reporting_round: ReportingRound, acronym: str, person: User) -> bytes:
    """The workbook as ``person`` downloads it."""
    body = SectoralBody.objects.get(acronym=acronym)
    rows = sheet_rows(reporting_round, body, due_rows(reporting_round, body, person))
    return written(About(reporting_round, body, timezone.now()), rows)


def keep_workbook(
    reporting_round: ReportingRound, person: User, cells: Mapping[tuple[str, str], Any] | None = None
) -> Import:
    """SOMTC’s workbook as ``person`` has sent it back, with ``cells`` filled in."""
    content = workbook_of(reporting_round, "SOMTC", person)
    if cells:
        content = filled(content, cells)
    return actions.keep_import(
        kind=rules.ROUND_WORKBOOK,
        plan=reporting_round.plan,
        name="workbook.xlsx",
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        by=Actor(person, "import", "r"),
        reporting_round=reporting_round,
        body=SectoralBody.objects.get(acronym="SOMTC"),
        made_at=timezone.now(),
    )
