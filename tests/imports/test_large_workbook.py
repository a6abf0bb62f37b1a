"""A workbook of 2,000 rows is previewed in bounded memory, and with as many queries as a small one."""

import tracemalloc

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.conftest import Cast
from tests.larger_plans import grow, opened
from workplan.actions import Actor
from workplan.exports.round_rows import due_rows, sheet_rows
from workplan.exports.round_workbook import About, SheetRow, written
from workplan.imports import round_workbook
from workplan.imports.files import opened as opened_file
from workplan.imports.previews import Preview
from workplan.models import ReportingRound, Responsibility, SectoralBody, WorkPlan
from workplan.rules import LEAD

ROWS = 2_000
MOST_MEMORY = 96 * 1024 * 1024


@pytest.fixture(scope="module")
def module_round(module_database: Cast) -> ReportingRound:
    plan, somtc = WorkPlan.objects.get(), SectoralBody.objects.get(acronym="SOMTC")
    more = grow(plan, ROWS)
    parts = Responsibility.objects.filter(activity__in=[one.pk for one in more])
    parts.filter(body=somtc).exclude(role=LEAD).delete()
    parts.filter(role=LEAD).update(body=somtc)
    return opened(plan, Actor(module_database.secretariat, "page", "r"))


def preview_of(book: bytes, reporting_round: ReportingRound, body: SectoralBody, cast: Cast) -> Preview:
    source = round_workbook.read(opened_file("a.xlsx", book, ("xlsx",)), reporting_round, body)
    return round_workbook.preview(source, reporting_round, body, cast.somtc)


def test_two_thousand_rows_are_previewed_in_bounded_memory(module_round: ReportingRound, cast: Cast) -> None:
    body = SectoralBody.objects.get(acronym="SOMTC")
    rows = sheet_rows(module_round, body, due_rows(module_round, body, cast.somtc))
    assert len(rows) > ROWS
    texts = {"status": "Ongoing", "as_of": "30 June 2018", "narrative": "Words of a report. " * 20}
    said = [SheetRow({**row.values, **texts}) for row in rows]
    about = About(module_round, body, timezone.now())
    small, large = written(about, said[:20]), written(about, said)
    with CaptureQueriesContext(connection) as few:
        preview_of(small, module_round, body, cast)

    tracemalloc.start()
    with CaptureQueriesContext(connection) as many:
        found = preview_of(large, module_round, body, cast)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (len(found.rows), found.changed_cells, found.bad) == (len(rows), 3 * len(rows), [])
    assert len(many) == len(few)
    assert peak < MOST_MEMORY, f"{peak / 1024**2:.0f} MB"
