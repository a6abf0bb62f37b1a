"""The queue of open questions, as a file."""

from collections.abc import Iterable, Iterator
from typing import Any

from workplan import permissions, rules
from workplan.exports import csv
from workplan.models import Decision
from workplan.monitoring.open_questions import Question

HEADING = (
    *("Key", "Kind", "State", "Section", "Record", "Ref", "Question", "About"),
    *("Edited text", "Source text", "Source lines", "Decision", "Decided on"),
)
RESTRICTED_COLUMNS = ("Reason", "Decided by")


def as_csv(questions: Iterable[Question], user: Any) -> Iterator[str]:
    """One line for each question; why it was settled, and by whom, for those who may know."""
    knows_why = permissions.can_see_why_decided(user)
    heading = (*HEADING, *RESTRICTED_COLUMNS) if knows_why else HEADING
    return csv.table(heading, (_line(question, knows_why) for question in questions))


def _line(question: Question, knows_why: bool) -> list[str]:
    record, latest = question.record, question.latest
    line = [
        question.key,
        rules.QUESTION_KINDS.label(question.kind),
        rules.QUESTION_STATES.label(question.state),
        question.section.ref,
        question.record_label,
        question.ref,
        question.asks,
        "\n".join(question.matter),
        record.text,
        record.text_as_printed,
        ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in record.source_lines),
        *_decided(latest),
    ]
    return [*line, latest.reason if latest else "", latest.decided_by_name if latest else ""] if knows_why else line


def _decided(latest: Decision | None) -> tuple[str, str]:
    if latest is None:
        return "", ""
    return rules.QUESTION_DECISIONS.label(latest.decision), f"{latest.decided_at:%Y-%m-%d}"
