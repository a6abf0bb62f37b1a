"""The reports due from a body in a round, as rows of its workbook; read alike on the way out and on the way back."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workplan import permissions, rules
from workplan.exports.round_workbook import DAYS, KEY, SheetRow
from workplan.exports.xlsx import MOST_TEXT
from workplan.models import Activity, Obligation, ReportingRound, SectoralBody, StatusUpdate

TEXTS = ("narrative", "outputs_delivered", "challenges", "next_steps", "reason")
FIELDS = ("kind", "status", "as_of", *TEXTS, "deferred_until", "evidence")
FILE_MARK = "file: "
# In which states of the obligation the body has to write the report.
STILL_DUE = (rules.DUE, rules.DRAFT, rules.RETURNED)

Values = dict[str, Any]


@dataclass(slots=True)
class DueReport:
    """An activity on which the body is asked to report, and what it has written so far.

    Attributes:
        state: of the obligation, a value of ``rules.OBLIGATION_STATES``.
        report: the draft or returned report of the same side, if there is one.
    """

    activity: Activity
    state: str
    report: StatusUpdate | None = None

    @property
    def is_due(self) -> bool:
        """Whether it can still be written."""
        return self.state in STILL_DUE

    @property
    def values(self) -> Values:
        """What the cells of the row hold, by the name of the column."""
        return values_of(self.report)

    @property
    def version(self) -> tuple[int, int, int]:
        """What changes whenever somebody writes: version of the activity, id and version of the report."""
        report = self.report
        return (self.activity.version, report.pk if report else 0, report.version if report else 0)


def values_of(report: StatusUpdate | None) -> Values:
    """What ``report`` says, in the types of cells: texts, a day, and evidence as pairs of title and link."""
    if report is None:
        return {**dict.fromkeys(("kind", "status", *TEXTS), ""), **dict.fromkeys(DAYS), "evidence": ()}
    return {name: getattr(report, name) for name in FIELDS if name != "evidence"} | {
        "evidence": tuple(
            (one.title, one.url) if one.url else (f"{one.title} ({FILE_MARK}{one.file_name})", "")
            for one in report.evidence.all()
        )
    }


def evidence_lines(evidence: Iterable[tuple[str, str]]) -> str:
    """Evidence as the lines of a cell; ``imports.values.evidence_in`` reads them back."""
    return "\n".join(" ".join((f"{title} – {url}" if url else title).split()) for title, url in evidence)


def compared(values: Mapping[str, Any]) -> Values:
    """``values`` so that they are equal where only a program has changed their form."""
    found = {name: rules.as_typed(values[name]) for name in TEXTS}
    return {
        **found,
        "kind": values["kind"] or rules.PROGRESS,
        "status": values["status"],
        **{name: values[name] for name in DAYS},
        "evidence": tuple((rules.as_typed(title), url) for title, url in values["evidence"]),
    }


def digest(values: Mapping[str, Any]) -> str:
    """A short checksum of values, by which a row that nobody has touched is known."""
    plain = json.dumps(compared(values), default=str, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def key_of(reporting_round: ReportingRound, body: SectoralBody, due: DueReport) -> str:
    """The hidden cell of a row: what it is of, with the version that was read, and the checksum of its values."""
    versions = ".".join(map(str, due.version))
    parts = (reporting_round.plan.code, reporting_round.code, body.acronym, due.activity.ref, versions)
    return "|".join((*parts, digest(due.values)))


def due_rows(reporting_round: ReportingRound, body: SectoralBody, user: Any) -> list[DueReport]:
    """The activities on which ``body`` is asked to report in the round, due or not, in the order of the plan.

    The reports are those that ``user`` would go on with: of the body, or of the secretariat on its behalf.
    """
    obligations = Obligation.objects.filter(round=reporting_round, body=body).order_by()
    states = dict(obligations.values_list("activity", "state"))
    activities = Activity.objects.visible_to(user).for_display().filter(pk__in=states).order_by("position")
    own = StatusUpdate.objects.visible_to(user).filter(
        round=reporting_round,
        body=body,
        corrects=None,
        state__in=rules.REPORT_ACTIONS["edit"],
        is_direct=permissions.enters_directly(user, body),
    )
    reports = {one.activity_id: one for one in own.prefetch_related("evidence").order_by("pk")}
    return [DueReport(activity, states[activity.pk], reports.get(activity.pk)) for activity in activities]


def sheet_rows(reporting_round: ReportingRound, body: SectoralBody, due: Iterable[DueReport]) -> list[SheetRow]:
    """The rows of the sheet, of what is still due."""
    return [_row(reporting_round, body, one) for one in due if one.is_due and not has_too_much(one)]


def has_too_much(due: DueReport) -> bool:
    """Whether its evidence is more than a cell holds, so that it can be written on its page alone."""
    return len(evidence_lines(due.values["evidence"])) > MOST_TEXT


def _row(reporting_round: ReportingRound, body: SectoralBody, due: DueReport) -> SheetRow:
    activity, values = due.activity, due.values
    last = activity.latest_update
    leads = ", ".join(one.acronym for one in activity.lead_bodies)
    shown: dict[str, object] = {
        "ref": activity.ref,
        "area": activity.area.text,
        "activity": activity.text,
        "expected_output": activity.expected_output,
        "lead_bodies": leads,
        "last_status": rules.STATUSES.label(activity.status),
        "last_as_of": activity.status_as_of,
        "last_narrative": last.narrative if last else "",
        "last_next_steps": last.next_steps if last else "",
        KEY.name: key_of(reporting_round, body, due),
    }
    shown |= {name: values[name] for name in (*TEXTS, *DAYS)}
    shown["kind"] = rules.UPDATE_KINDS.label(values["kind"]) if values["kind"] else ""
    shown["status"] = rules.STATUSES.label(values["status"]) if values["status"] else ""
    shown["evidence"] = evidence_lines(values["evidence"])
    return SheetRow(shown)
