"""What tests of open questions share."""

import datetime
from typing import Any

from tests.conftest import Cast
from workplan import actions, rules
from workplan.actions import Actor, Amendment, EvidenceItem, Report, settle_question
from workplan.models import Activity, SectoralBody, StatusUpdate, WorkPlan
from workplan.monitoring import open_questions
from workplan.monitoring.open_questions import Question

REPORTED, JOINT, LEADERLESS = "A.1.1.1", "A.1.1.4", "A.1.1.2"


class Rollback(Exception):
    """Ends one example, so that the next finds everything as it was."""


def by(user: Any, request: str = "r-1") -> Actor:
    return Actor(user, "page", request)


def body(acronym: str) -> SectoralBody:
    return SectoralBody.objects.get(acronym=acronym)


def asked(user: Any, **wanted: str) -> list[Question]:
    """The questions of the plan with these kinds, references or states."""
    found = open_questions.of_plans(WorkPlan.objects.all(), user)
    return [one for one in found if all(getattr(one, name) == value for name, value in wanted.items())]


def question(user: Any, kind: str, ref: str) -> Question:
    [found] = asked(user, kind=kind, ref=ref)
    return found


def settle(
    found: Question, user: Any, decision: str = rules.KEEP, reason: str = "Agreed.", request: str = "r-1", **change: Any
) -> Question:
    return settle_question(
        question=found,
        seen=found.tag,
        decision=decision,
        reason=reason,
        amendment=Amendment(**change),
        by=by(user, request),
    )


def report(
    cast: Cast, ref: str, status: str, day: tuple[int, int, int], kind: str = rules.PROGRESS, request: str = "r-0"
) -> StatusUpdate:
    activity = Activity.objects.get(ref=ref)
    statement = Report(
        status=status,
        as_of=datetime.date(*day),
        narrative="What was done.",
        outputs_delivered="A module",
        reason="So it was decided.",
        kind=kind,
        evidence=(EvidenceItem("Minutes", "https://example.org/minutes"),),
    )
    return actions.record_status(
        activity=activity, version=activity.version, report=statement, by=by(cast.secretariat, request)
    )


def change(record: Any, user: Any, request: str = "r-2", **values: Any) -> Any:
    """``record`` changed by somebody in the administration site."""
    stored = type(record).objects.get(pk=record.pk)
    for name, value in values.items():
        setattr(stored, name, value)
    actions.save_record(record=stored, by=by(user, request))
    return stored


def statement(status: str, day: int, kind: str = rules.PROGRESS) -> rules.Statement:
    return rules.Statement(kind, status, datetime.date(2018, 1, day))
