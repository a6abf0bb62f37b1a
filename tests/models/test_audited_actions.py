"""Every action that changes something leaves its entry in the audit trail."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import make_person
from tests.models.scenario import ONGOING, Scenario, body
from workplan import actions, rules
from workplan.models import Activity, AuditEntry, LateException, ReportingRound
from workplan.monitoring import open_questions


def _open(scenario: Scenario) -> None:
    _close(scenario)
    other = ReportingRound.objects.get(code="2018-2")
    actions.open_round(reporting_round=other, version=other.version, by=scenario.by(scenario.cast.secretariat))


def _close(scenario: Scenario, request: str = "a-request") -> ReportingRound:
    reporting_round = ReportingRound.objects.get(pk=scenario.reporting_round.pk)
    return actions.close_round(
        reporting_round=reporting_round,
        version=reporting_round.version,
        by=scenario.by(scenario.cast.secretariat, request),
    )


def _reopen(scenario: Scenario) -> None:
    closed = _close(scenario, "earlier")
    actions.reopen_round(
        reporting_round=closed, version=closed.version, reason="Asked for.", by=scenario.by(scenario.cast.secretariat)
    )


def _publish(scenario: Scenario) -> None:
    closed = _close(scenario, "earlier")
    actions.publish_round(reporting_round=closed, version=closed.version, by=scenario.by(scenario.cast.secretariat))


def _save_round(scenario: Scenario) -> None:
    scenario.reporting_round.name = "Another name"
    actions.save_round(
        reporting_round=scenario.reporting_round,
        version=scenario.reporting_round.version,
        by=scenario.by(scenario.cast.secretariat),
    )


def _delete_round(scenario: Scenario) -> None:
    actions.delete_round(
        reporting_round=ReportingRound.objects.get(code="2019-1"), by=scenario.by(scenario.cast.secretariat)
    )


def _except(scenario: Scenario) -> LateException:
    return actions.extend_deadline(
        reporting_round=scenario.reporting_round,
        body=body("SOMTC"),
        until=datetime.date(2099, 1, 31),
        reason="New staff.",
        by=scenario.by(scenario.cast.secretariat),
    )


def _plan_rounds(scenario: Scenario) -> None:
    ReportingRound.objects.get(code="2019-1").delete()
    actions.plan_rounds(plan=scenario.plan, by=scenario.by(scenario.cast.secretariat))


def _correct(scenario: Scenario) -> object:
    row = Activity.objects.get(ref="A.1.1.1")
    earlier = scenario.by(scenario.cast.secretariat, "earlier")
    recorded = actions.record_status(
        activity=row, version=row.version, report=ONGOING, by=earlier, reporting_round=scenario.reporting_round
    )
    report = actions.Report(status="ongoing", as_of=None, narrative="In other words.")
    return actions.correct_report(
        update=recorded, version=1, report=report, by=scenario.by(scenario.cast.secretariat, "a-request")
    )


def _record(scenario: Scenario) -> None:
    row = Activity.objects.get(ref="A.1.1.1")
    actions.record_status(activity=row, version=row.version, report=ONGOING, by=scenario.by(scenario.cast.secretariat))


def _record_for_later(scenario: Scenario) -> None:
    scenario.reporting_round.publication = rules.WITH_ROUND
    actions.save_round(
        reporting_round=scenario.reporting_round,
        version=scenario.reporting_round.version,
        by=scenario.by(scenario.cast.secretariat, "earlier"),
    )
    row = Activity.objects.get(ref="A.1.1.1")
    actions.record_status(
        activity=row,
        version=row.version,
        report=ONGOING,
        by=scenario.by(scenario.cast.secretariat),
        reporting_round=scenario.reporting_round,
    )


def _take_on(scenario: Scenario) -> None:
    update = scenario.begun()
    colleague = make_person("sombat", name="Sombat Focal", body="SOMTC")
    actions.save_report(update=update, version=1, report=ONGOING, by=scenario.by(colleague))


def _bulk_report(scenario: Scenario) -> None:
    row = Activity.objects.get(ref="A.1.1.1")
    actions.submit_bulk_report(
        reporting_round=scenario.reporting_round,
        body=body("SOMTC"),
        activities=[row.pk],
        kind=rules.NIL_RETURN,
        by=scenario.by(scenario.cast.somtc),
    )


def _concur(scenario: Scenario) -> None:
    slom = make_person("slomina", name="Slomina Focal", body="SLOM")
    actions.concur(update=scenario.submitted(), version=2, by=scenario.by(slom))


def _contribute(scenario: Scenario) -> None:
    row = Activity.objects.filter(responsibilities__body__acronym="ACWC", responsibilities__role="cooperating").first()
    assert row is not None
    actions.contribute(
        activity=row,
        reporting_round=scenario.reporting_round,
        body=body("ACWC"),
        text="We helped.",
        by=scenario.by(scenario.cast.acwc),
    )


def _undo(scenario: Scenario) -> None:
    row = Activity.objects.get(ref="A.1.1.1")
    row.reading_note = "Read anew."
    actions.save_record(record=row, by=scenario.by(scenario.cast.secretariat, "to-be-undone"))
    actions.undo_request(request_id="to-be-undone", reason="Wrong.", by=scenario.by(scenario.cast.secretariat))


def _settle_question(scenario: Scenario) -> None:
    question = open_questions.find(scenario.plan, "reading", "activity", "A.1.1.1", scenario.cast.secretariat)
    assert question is not None
    actions.settle_question(
        question=question,
        seen=question.tag,
        decision=rules.KEEP,
        reason="Checked.",
        by=scenario.by(scenario.cast.secretariat),
    )


def _settle_questions(scenario: Scenario) -> None:
    refs = ("A.1.1.1", "A.1.1.2")
    found = [open_questions.find(scenario.plan, "reading", "activity", ref, scenario.cast.secretariat) for ref in refs]
    actions.settle_questions(
        plan=scenario.plan,
        chosen={question.key: question.tag for question in found if question},
        decision=rules.KEEP,
        reason="Checked.",
        by=scenario.by(scenario.cast.secretariat),
    )


def _save_record(scenario: Scenario) -> None:
    row = Activity.objects.get(ref="A.1.1.1")
    row.reading_note = "Read anew."
    actions.save_record(record=row, by=scenario.by(scenario.cast.secretariat))


def _delete_record(scenario: Scenario) -> None:
    part = Activity.objects.get(ref="A.1.1.1").responsibilities.filter(role="cooperating").first()
    assert part is not None
    actions.delete_record(record=part, by=scenario.by(scenario.cast.secretariat))


RECORDED: dict[str, tuple[str, str, set[str], Callable[[Scenario], Any]]] = {
    # what is done: by whom, what the audit trail says of it, and how it is done
    "plan rounds": ("plan_rounds", "secretariat", {"reportinground.created"}, _plan_rounds),
    "change a round": ("save_round", "secretariat", {"reportinground.changed"}, _save_round),
    "delete a round": ("delete_round", "secretariat", {"reportinground.deleted"}, _delete_round),
    "close and open": ("open_round", "secretariat", {"round.closed", "round.opened"}, _open),
    "close": ("close_round", "secretariat", {"round.closed"}, _close),
    "reopen": ("reopen_round", "secretariat", {"round.reopened"}, _reopen),
    "publish": ("publish_round", "secretariat", {"round.published"}, _publish),
    "give more time": ("extend_deadline", "secretariat", {"exception.given"}, _except),
    "take it back": (
        "withdraw_extension",
        "secretariat",
        {"exception.given", "exception.withdrawn"},
        lambda scenario: actions.withdraw_extension(
            reporting_round=scenario.reporting_round,
            body=_except(scenario).body,
            version=1,
            reason="Not meant.",
            by=scenario.by(scenario.cast.secretariat),
        ),
    ),
    "record": ("record_status", "secretariat", {"status.recorded"}, _record),
    "record for later": ("record_status_of_many", "secretariat", {"report.recorded"}, _record_for_later),
    "begin": ("begin_report", "somtc", {"report.begun"}, lambda scenario: scenario.begun(request="a-request")),
    "take on": ("save_report", "sombat", {"report.taken_on"}, _take_on),
    "submit": (
        "submit_report",
        "somtc",
        {"report.submitted"},
        lambda scenario: actions.submit_report(update=scenario.begun(), version=1, by=scenario.by(scenario.cast.somtc)),
    ),
    "report alike": ("submit_bulk_report", "somtc", {"report.submitted"}, _bulk_report),
    "discard": (
        "discard_report",
        "somtc",
        {"report.discarded"},
        lambda scenario: actions.discard_report(
            update=scenario.begun(), version=1, by=scenario.by(scenario.cast.somtc)
        ),
    ),
    "return": (
        "return_report",
        "secretariat",
        {"report.returned"},
        lambda scenario: actions.return_report(
            update=scenario.submitted(), version=2, reason="Why?", by=scenario.by(scenario.cast.secretariat)
        ),
    ),
    "approve": (
        "approve_report",
        "secretariat",
        {"report.approved", "status.recorded"},
        lambda scenario: actions.approve_report(
            update=scenario.submitted(), version=2, by=scenario.by(scenario.cast.secretariat)
        ),
    ),
    "approve several": (
        "approve_reports",
        "secretariat",
        {"report.approved", "status.recorded"},
        lambda scenario: actions.approve_reports(
            versions={scenario.submitted().pk: 2, scenario.submitted("A.1.1.1").pk: 2},
            by=scenario.by(scenario.cast.secretariat),
        ),
    ),
    "correct": (
        "correct_report",
        "secretariat",
        {"report.corrected", "status.recorded"},
        _correct,
    ),
    "concur": ("concur", "slomina", {"report.concurred"}, _concur),
    "comment": (
        "comment",
        "somtc",
        {"report.commented"},
        lambda scenario: actions.comment(
            update=scenario.submitted(), text="A word.", by=scenario.by(scenario.cast.somtc)
        ),
    ),
    "contribute": ("contribute", "acwc", {"contribution.written"}, _contribute),
    "change the plan": ("save_record", "secretariat", {"activity.changed"}, _save_record),
    "delete of the plan": ("delete_record", "secretariat", {"responsibility.deleted"}, _delete_record),
    "settle a question": ("settle_question", "secretariat", {"question.settled"}, _settle_question),
    "settle several": ("settle_questions", "secretariat", {"question.settled"}, _settle_questions),
    "undo": ("undo_request", "secretariat", {"activity.changed"}, _undo),
    "say where one is": (
        "choose_time_zone",
        "somtc",
        {"user.changed"},
        lambda scenario: actions.choose_time_zone(
            user=scenario.cast.somtc, time_zone="Asia/Manila", by=scenario.by(scenario.cast.somtc)
        ),
    ),
    "close an account": (
        "close_account",
        "administrator",
        {"user.changed", "membership.created", "membership.deleted"},
        lambda scenario: actions.close_account(
            user=scenario.cast.somtc, successor=scenario.cast.newcomer, by=scenario.by(scenario.cast.administrator)
        ),
    ),
    "set a password": (
        "set_password",
        "administrator",
        {"user.password_set"},
        lambda scenario: actions.set_password(
            user=scenario.cast.somtc, password="another horse battery", by=scenario.by(scenario.cast.administrator)
        ),
    ),
}


ACCOUNTS = {"administrator": "ada", "secretariat": "sari", "somtc": "somchai", "acwc": "aisyah"}


@pytest.mark.parametrize("name", RECORDED)
def test_each_action_is_recorded_with_person_channel_and_request(scenario: Scenario, name: str) -> None:
    _, who, expected, operation = RECORDED[name]

    operation(scenario)

    entries = list(AuditEntry.objects.filter(request_id="a-request").select_related("actor"))
    assert {entry.action for entry in entries} == expected
    for entry in entries:
        assert entry.actor is not None
        assert entry.actor.username == ACCOUNTS.get(who, who)
        assert entry.actor.username in entry.actor_name
        assert (entry.channel, bool(entry.record_label)) == ("page", True)
    for entry in entries:
        if entry.record_type == "statusupdate":
            assert (entry.plan, entry.round) == (scenario.plan, scenario.reporting_round)
            assert entry.activity is not None


def test_every_action_stands_in_the_table() -> None:
    only_read_or_hold = {
        "Actor",
        "Amendment",
        "EvidenceItem",
        "Report",
        "checklist_of",
        "obstacles_to_undoing",
        "statuses_to_publish",
        "describe_undo",
    }
    from_others = {"save_preferences", "send_digests"}  # mails and preferences are no part of the audit trail

    tried = {operation for operation, *_ in RECORDED.values()}
    assert tried <= set(actions.__all__)
    written = {name for name in actions.__all__ if name not in only_read_or_hold | from_others}
    assert {
        name
        for name in written - tried
        if getattr(actions, name).__module__.endswith(
            (
                "review",
                "corrections",
                "drafting",
                "rounds",
                "deadline_extensions",
                "plan",
                "people",
                "undo",
                "departures",
                "actions.questions",
                "actions.reporting",
            )
        )
    } == set()
