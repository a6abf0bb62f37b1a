"""What a file is made of: the plan and the rows that filters leave of it, for addresses and commands alike."""

import datetime
from collections.abc import Callable, Iterator
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from workplan import rules
from workplan.exports import body_report, changes, docx, matrix, pdf
from workplan.exports.document import Document
from workplan.exports.provenance import Provenance
from workplan.exports.rows import CHUNK
from workplan.exports.xlsx import TYPE as XLSX
from workplan.filters import ActivityFilterSet
from workplan.filters.base import StrictFilterSet
from workplan.filters.compare import EARLIER, LATER, CompareFilterSet
from workplan.filters.words import SHOWN_ELSEWHERE, view_words, words_of
from workplan.models import ReportingRound, SectoralBody, WorkPlan
from workplan.monitoring import comparison

# How documents are written, by the ending of the file.
WRITERS: dict[str, Callable[[Document], bytes]] = {"docx": docx.write, "pdf": pdf.write}
TYPES = {"docx": docx.TYPE, "pdf": pdf.TYPE, "xlsx": XLSX}
# A document is set as a whole in memory; more rows than any plan has are for a workbook.
MOST_ROWS = 2_000


def with_moment_of_round(query: QueryDict, plan: WorkPlan) -> QueryDict:
    """``query`` with the moment of a round's results where ``as_of`` names the round by its code.

    Of a round that has not ended it is now, so that ``as_of`` is left out.
    """
    asked = query.getlist("as_of")
    opened = ReportingRound.objects.exclude(state=rules.PLANNED)
    named = opened.filter(plan=plan, code=asked[0].strip()[:60]).first() if len(asked) == 1 else None
    if named is None:
        return query
    resolved = query.copy()
    del resolved["as_of"]
    if ended := named.ended_at():
        resolved["as_of"] = ended.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
    return resolved


def provenance(plan: WorkPlan, filterset: StrictFilterSet, source: str) -> Provenance:
    """What a file of the rows that ``filterset`` leaves says of itself."""
    exclude = (*SHOWN_ELSEWHERE, EARLIER, LATER)
    filters = [*words_of(filterset, exclude=exclude), *view_words(filterset)]
    compares = isinstance(filterset, CompareFilterSet)
    moment = filterset.ends[1].moment if compares else filterset.form.cleaned_data.get("as_of")
    return Provenance(plan, filters, source, moment, timezone.now())


def reporting_round(about: Provenance, user: Any) -> str:
    """The round that the plan was in at the moment that is shown, in words; empty before the first."""
    opened = ReportingRound.objects.visible_to(user).for_display().filter(plan=about.plan)
    found = [one for one in opened.exclude(state=rules.PLANNED) if one.was_opened(about.shown)]
    if not found:
        return ""
    latest = max(found, key=lambda one: (one.period_start, one.pk))
    return f"{latest.name}, {rules.ROUND_STATES.label(_state_at(latest, about.shown)).lower()}"


def _state_at(one: ReportingRound, moment: datetime.datetime) -> str:
    """The state of a round that had been opened by ``moment``."""
    if one.published_at and one.published_at <= moment:
        return rules.PUBLISHED
    return rules.CLOSED if one.ended_at(moment) else rules.OPEN


def too_many(number: int) -> str:
    """Why there is no document of so many rows; empty where there is one."""
    if number <= MOST_ROWS:
        return ""
    return f"A document holds at most {MOST_ROWS:,} activities, and these are {number:,}. Filter them, or take xlsx."


def matrix_file(about: Provenance, filterset: ActivityFilterSet, ending: str, user: Any) -> bytes | Iterator[bytes]:
    """The matrix of the rows that ``filterset`` leaves."""
    rows = filterset.qs
    if ending == "xlsx":
        return matrix.workbook(about, rows.iterator(chunk_size=CHUNK), rows)
    facts = [("Reporting round", reporting_round(about, user))]
    in_order = rows.order_by("position")
    made = matrix.document(about, list(in_order), rows, complete=not filterset.chosen, facts=facts)
    return WRITERS[ending](made)


def changes_rows(filterset: CompareFilterSet) -> Any:
    """The activities of the changes edition: all that the filters compare, unless a kind of change is named."""
    return filterset.qs if filterset.form.cleaned_data.get("moved") else filterset.rows_without("moved")


def changes_file(about: Provenance, filterset: CompareFilterSet, ending: str, user: Any) -> bytes:
    """The changes edition of what ``filterset`` compares."""
    rows = changes_rows(filterset)
    edition = changes.Edition(
        about,
        comparison.compare(filterset),
        list(rows.order_by("position")),
        changes.overdue_reports(about.plan, user, rows),
    )
    return changes.workbook(edition) if ending == "xlsx" else WRITERS[ending](changes.document(edition))


def body_file(about: Provenance, body: SectoralBody, rows: Any, ending: str, user: Any) -> bytes:
    """The report of ``body`` on its activities among ``rows``."""
    facts = [("Reporting round", reporting_round(about, user))]
    return WRITERS[ending](body_report.document(about, body, rows, user, facts))
