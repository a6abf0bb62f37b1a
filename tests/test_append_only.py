"""What was submitted, decided or noted stays: the database itself refuses, on both engines; and every deed is noted."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, connection, models, transaction

from tests.building import opened
from tests.conftest import Cast, make_person
from workplan import actions, questions, rules
from workplan.actions import Actor, Proof, Report
from workplan.models import (
    Activity,
    AuditEntry,
    Evidence,
    ReportingRound,
    Review,
    SectoralBody,
    StatusUpdate,
    WorkPlan,
)

JOINT = "A.1.1.4"  # led by SLOM and SOMTC
PROOF = (Proof("Minutes", "https://asean.org/minutes"),)
ONGOING = Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="The module is drafted.", evidence=PROOF)


def body(acronym: str) -> SectoralBody:
    return SectoralBody.objects.get(acronym=acronym)


@dataclass
class Stage:
    """A plan with an open round, and reports in every state."""

    cast: Cast
    plan: WorkPlan
    the_round: ReportingRound

    def by(self, user: Any, request: str = "a-request") -> Actor:
        return Actor(user, "page", request)

    def begun(self, ref: str = JOINT, request: str = "earlier") -> StatusUpdate:
        return actions.begin_report(
            activity=Activity.objects.get(ref=ref),
            report=ONGOING,
            by=self.by(self.cast.somtc, request),
            the_round=self.the_round,
            body=body("SOMTC"),
        )

    def submitted(self, ref: str = JOINT) -> StatusUpdate:
        return actions.submit_report(update=self.begun(ref), version=1, by=self.by(self.cast.somtc, "earlier"))

    def returned(self, ref: str = JOINT) -> StatusUpdate:
        return actions.return_report(
            update=self.submitted(ref), version=2, reason="Why?", by=self.by(self.cast.secretariat, "earlier")
        )

    def approved(self, ref: str = JOINT) -> StatusUpdate:
        return actions.approve_report(
            update=self.submitted(ref), version=2, by=self.by(self.cast.secretariat, "earlier")
        )


@pytest.fixture
def stage(plan: WorkPlan, cast: Cast) -> Stage:
    return Stage(cast, plan, opened(plan, Actor(cast.secretariat, "page", "earlier")))


def refused(deed: Callable[[], Any]) -> None:
    """``deed`` is refused by the database and leaves nothing behind."""
    with pytest.raises(DatabaseError), transaction.atomic():
        deed()


def by_hand(model: type[models.Model], statement: str, *values: Any) -> Callable[[], Any]:
    """Plain SQL, past everything of ours."""

    def deed() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement.format(table=model._meta.db_table), values)

    return deed


def deeds_against(record: Any, field: str, value: Any) -> dict[str, Callable[[], Any]]:
    """Every way to change or delete ``record`` behind the actions' back."""
    model = type(record)
    rows = model._default_manager.filter(pk=record.pk)

    def saved() -> None:
        changed = rows.get()
        setattr(changed, field, value)
        changed.save()

    def bulk() -> None:
        changed = rows.get()
        setattr(changed, field, value)
        model._default_manager.bulk_update([changed], [field])

    column = model._meta.get_field(field).column
    return {
        "update of a queryset": lambda: rows.update(**{field: value}),
        "update of many": bulk,
        "saving it": saved,
        "UPDATE": by_hand(model, f"UPDATE {{table}} SET {column} = %s WHERE id = %s", value, record.pk),
        "deleting it": lambda: rows.get().delete(),
        "deleting a queryset": lambda: rows.delete(),
        "deleting without asking": lambda: rows._raw_delete("default"),  # type: ignore[attr-defined]
        "DELETE": by_hand(model, "DELETE FROM {table} WHERE id = %s", record.pk),
        "DELETE of all": by_hand(model, "DELETE FROM {table}"),
    }


@pytest.mark.parametrize("state", [rules.SUBMITTED, rules.APPROVED])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("narrative", "Changed behind their back."),
        ("status", "completed"),
        ("as_of", datetime.date(2017, 1, 1)),
        ("author_name", "Somebody"),
        ("submitted_by_name", "Somebody"),
        ("state", rules.DRAFT),
    ],
)
def test_reports_that_were_handed_in_stay_as_they_are(stage: Stage, state: str, field: str, value: Any) -> None:
    update = stage.submitted() if state == rules.SUBMITTED else stage.approved()
    before = StatusUpdate.objects.filter(pk=update.pk).values().get()

    for deed in deeds_against(update, field, value).values():
        refused(deed)

    assert StatusUpdate.objects.filter(pk=update.pk).values().get() == before


def test_an_approved_report_takes_no_second_decision(stage: Stage) -> None:
    update = stage.approved()

    for field, value in (("state", rules.RETURNED), ("state", rules.SUBMITTED), ("approved_by_name", "X")):
        refused(partial(StatusUpdate.objects.filter(pk=update.pk).update, **{field: value}))


def test_a_returned_report_can_be_mended_and_not_deleted(stage: Stage) -> None:
    update = stage.returned()
    against = deeds_against(update, "narrative", "x")

    for name in ("deleting it", "deleting a queryset", "deleting without asking", "DELETE"):
        refused(against[name])
    actions.save_report(update=update, version=3, report=ONGOING, by=stage.by(stage.cast.somtc))
    again = actions.submit_report(update=update, version=4, by=stage.by(stage.cast.somtc))
    assert (again.state, again.submissions) == (rules.SUBMITTED, 2)


@pytest.mark.parametrize("state", [rules.SUBMITTED, rules.APPROVED])
def test_evidence_of_such_a_report_stays_as_well(stage: Stage, state: str) -> None:
    update = stage.submitted() if state == rules.SUBMITTED else stage.approved()
    one = update.evidence.get()

    for deed in deeds_against(one, "url", "https://evil.example/").values():
        # A plain DELETE of everything meets this row, too; nothing else is there.
        refused(deed)
    assert Evidence.objects.get(pk=one.pk).url == "https://asean.org/minutes"


def test_reviews_stay(stage: Stage) -> None:
    review = stage.returned().reviews.get()

    for deed in deeds_against(review, "reason", "Another reason").values():
        refused(deed)
    assert Review.objects.get(pk=review.pk).reason == "Why?"


@pytest.mark.parametrize(
    ("field", "value"), [("actor_name", "Nobody"), ("reason", "x"), ("request_id", "x"), ("channel", "command")]
)
def test_the_trail_stays(stage: Stage, field: str, value: Any) -> None:
    entry = AuditEntry.objects.first()
    assert entry is not None
    number = AuditEntry.objects.count()

    for deed in deeds_against(entry, field, value).values():
        refused(deed)

    assert AuditEntry.objects.count() == number
    assert AuditEntry.objects.values_list(field, flat=True).get(pk=entry.pk) == getattr(entry, field)


def test_drafts_can_be_changed_and_discarded(stage: Stage) -> None:
    update = stage.begun()
    StatusUpdate.objects.filter(pk=update.pk).update(narrative="Still ours.")
    actions.discard_report(update=update, version=1, by=stage.by(stage.cast.somtc))

    assert not StatusUpdate.objects.filter(pk=update.pk).exists()


def test_decisions_still_pass(stage: Stage) -> None:
    for ref, decide in (("A.1.1.1", stage.approved), (JOINT, stage.returned)):
        decided = decide(ref)
        assert StatusUpdate.objects.get(pk=decided.pk).state == decided.state
        assert decided.reviews.count() == 1


def test_the_database_says_why(stage: Stage) -> None:
    update = stage.approved()

    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        StatusUpdate.objects.filter(pk=update.pk).update(narrative="x")
    with pytest.raises(DatabaseError, match="kept for ever"), transaction.atomic():
        AuditEntry.objects.all().delete()


# Every deed that changes a state is noted


def _open(stage: Stage) -> None:
    _close(stage)
    other = ReportingRound.objects.get(code="2018-2")
    actions.open_round(the_round=other, version=other.version, by=stage.by(stage.cast.secretariat))


def _close(stage: Stage, request: str = "a-request") -> ReportingRound:
    the_round = ReportingRound.objects.get(pk=stage.the_round.pk)
    return actions.close_round(
        the_round=the_round, version=the_round.version, by=stage.by(stage.cast.secretariat, request)
    )


def _reopen(stage: Stage) -> None:
    closed = _close(stage, "earlier")
    actions.reopen_round(
        the_round=closed, version=closed.version, reason="Asked for.", by=stage.by(stage.cast.secretariat)
    )


def _publish(stage: Stage) -> None:
    closed = _close(stage, "earlier")
    actions.publish_round(the_round=closed, version=closed.version, by=stage.by(stage.cast.secretariat))


def _save_round(stage: Stage) -> None:
    stage.the_round.name = "Another name"
    actions.save_round(the_round=stage.the_round, version=stage.the_round.version, by=stage.by(stage.cast.secretariat))


def _delete_round(stage: Stage) -> None:
    actions.delete_round(the_round=ReportingRound.objects.get(code="2019-1"), by=stage.by(stage.cast.secretariat))


def _except(stage: Stage) -> None:
    actions.give_exception(
        the_round=stage.the_round,
        body=body("SOMTC"),
        until=datetime.date(2030, 1, 31),
        reason="New staff.",
        by=stage.by(stage.cast.secretariat),
    )


def _plan_rounds(stage: Stage) -> None:
    ReportingRound.objects.get(code="2019-1").delete()
    actions.plan_rounds(plan=stage.plan, by=stage.by(stage.cast.secretariat))


def _record(stage: Stage) -> None:
    row = Activity.objects.get(ref="A.1.1.1")
    actions.record_status(activity=row, version=row.version, report=ONGOING, by=stage.by(stage.cast.secretariat))


def _record_for_later(stage: Stage) -> None:
    stage.the_round.publication = rules.WITH_ROUND
    actions.save_round(
        the_round=stage.the_round, version=stage.the_round.version, by=stage.by(stage.cast.secretariat, "earlier")
    )
    row = Activity.objects.get(ref="A.1.1.1")
    actions.record_status(
        activity=row,
        version=row.version,
        report=ONGOING,
        by=stage.by(stage.cast.secretariat),
        the_round=stage.the_round,
    )


def _take_on(stage: Stage) -> None:
    update = stage.begun()
    colleague = make_person("sombat", name="Sombat Focal", body="SOMTC")
    actions.save_report(update=update, version=1, report=ONGOING, by=stage.by(colleague))


def _alike(stage: Stage) -> None:
    row = Activity.objects.get(ref="A.1.1.1")
    actions.report_alike(
        the_round=stage.the_round,
        body=body("SOMTC"),
        activities=[row.pk],
        kind=rules.NIL_RETURN,
        by=stage.by(stage.cast.somtc),
    )


def _concur(stage: Stage) -> None:
    slom = make_person("slomina", name="Slomina Focal", body="SLOM")
    actions.concur(update=stage.submitted(), version=2, by=stage.by(slom))


def _contribute(stage: Stage) -> None:
    row = Activity.objects.filter(responsibilities__body__acronym="ACWC", responsibilities__role="cooperating").first()
    assert row is not None
    actions.contribute(
        activity=row, the_round=stage.the_round, body=body("ACWC"), text="We helped.", by=stage.by(stage.cast.acwc)
    )


def _undo(stage: Stage) -> None:
    row = Activity.objects.get(ref="A.1.1.1")
    row.reading_note = "Read anew."
    actions.save_record(record=row, by=stage.by(stage.cast.secretariat, "to-be-undone"))
    actions.undo_request(request_id="to-be-undone", reason="Wrong.", by=stage.by(stage.cast.secretariat))


def _settle_question(stage: Stage) -> None:
    question = questions.find(stage.plan, "reading", "activity", "A.1.1.1", stage.cast.secretariat)
    assert question is not None
    actions.settle_question(
        question=question,
        seen=question.tag,
        decision=rules.KEEP,
        reason="Checked.",
        by=stage.by(stage.cast.secretariat),
    )


def _settle_questions(stage: Stage) -> None:
    refs = ("A.1.1.1", "A.1.1.2")
    found = [questions.find(stage.plan, "reading", "activity", ref, stage.cast.secretariat) for ref in refs]
    actions.settle_questions(
        plan=stage.plan,
        chosen={question.key: question.tag for question in found if question},
        decision=rules.KEEP,
        reason="Checked.",
        by=stage.by(stage.cast.secretariat),
    )


def _save_record(stage: Stage) -> None:
    row = Activity.objects.get(ref="A.1.1.1")
    row.reading_note = "Read anew."
    actions.save_record(record=row, by=stage.by(stage.cast.secretariat))


def _delete_record(stage: Stage) -> None:
    part = Activity.objects.get(ref="A.1.1.1").responsibilities.filter(role="cooperating").first()
    assert part is not None
    actions.delete_record(record=part, by=stage.by(stage.cast.secretariat))


NOTED: dict[str, tuple[str, str, set[str], Callable[[Stage], Any]]] = {
    # what is done: by whom, what the trail says of it, and how it is done
    "plan rounds": ("plan_rounds", "secretariat", {"reportinground.created"}, _plan_rounds),
    "change a round": ("save_round", "secretariat", {"reportinground.changed"}, _save_round),
    "delete a round": ("delete_round", "secretariat", {"reportinground.deleted"}, _delete_round),
    "close and open": ("open_round", "secretariat", {"round.closed", "round.opened"}, _open),
    "close": ("close_round", "secretariat", {"round.closed"}, _close),
    "reopen": ("reopen_round", "secretariat", {"round.reopened"}, _reopen),
    "publish": ("publish_round", "secretariat", {"round.published"}, _publish),
    "give more time": ("give_exception", "secretariat", {"exception.given"}, _except),
    "record": ("record_status", "secretariat", {"status.recorded"}, _record),
    "record for later": ("record_status_of_many", "secretariat", {"report.recorded"}, _record_for_later),
    "begin": ("begin_report", "somtc", {"report.begun"}, lambda stage: stage.begun(request="a-request")),
    "take on": ("save_report", "sombat", {"report.taken_on"}, _take_on),
    "submit": (
        "submit_report",
        "somtc",
        {"report.submitted"},
        lambda stage: actions.submit_report(update=stage.begun(), version=1, by=stage.by(stage.cast.somtc)),
    ),
    "report alike": ("report_alike", "somtc", {"report.submitted"}, _alike),
    "discard": (
        "discard_report",
        "somtc",
        {"report.discarded"},
        lambda stage: actions.discard_report(update=stage.begun(), version=1, by=stage.by(stage.cast.somtc)),
    ),
    "return": (
        "return_report",
        "secretariat",
        {"report.returned"},
        lambda stage: actions.return_report(
            update=stage.submitted(), version=2, reason="Why?", by=stage.by(stage.cast.secretariat)
        ),
    ),
    "approve": (
        "approve_report",
        "secretariat",
        {"report.approved", "status.recorded"},
        lambda stage: actions.approve_report(update=stage.submitted(), version=2, by=stage.by(stage.cast.secretariat)),
    ),
    "approve several": (
        "approve_reports",
        "secretariat",
        {"report.approved", "status.recorded"},
        lambda stage: actions.approve_reports(
            versions={stage.submitted().pk: 2, stage.submitted("A.1.1.1").pk: 2},
            by=stage.by(stage.cast.secretariat),
        ),
    ),
    "concur": ("concur", "slomina", {"report.concurred"}, _concur),
    "comment": (
        "comment",
        "somtc",
        {"report.commented"},
        lambda stage: actions.comment(update=stage.submitted(), text="A word.", by=stage.by(stage.cast.somtc)),
    ),
    "contribute": ("contribute", "acwc", {"contribution.written"}, _contribute),
    "change the plan": ("save_record", "secretariat", {"activity.changed"}, _save_record),
    "delete of the plan": ("delete_record", "secretariat", {"responsibility.deleted"}, _delete_record),
    "settle a question": ("settle_question", "secretariat", {"question.settled"}, _settle_question),
    "settle several": ("settle_questions", "secretariat", {"question.settled"}, _settle_questions),
    "undo": ("undo_request", "secretariat", {"activity.changed"}, _undo),
    "set a password": (
        "set_password",
        "somtc",
        {"user.password_set"},
        lambda stage: actions.set_password(
            user=stage.cast.somtc, password="another horse battery", by=stage.by(stage.cast.somtc)
        ),
    ),
}
ACCOUNTS = {"secretariat": "sari", "somtc": "somchai", "acwc": "aisyah"}


@pytest.mark.parametrize("name", NOTED)
def test_each_deed_is_noted_with_person_way_and_request(stage: Stage, name: str) -> None:
    _, who, expected, deed = NOTED[name]

    deed(stage)

    entries = list(AuditEntry.objects.filter(request_id="a-request").select_related("actor"))
    assert {entry.action for entry in entries} == expected
    for entry in entries:
        assert entry.actor is not None
        assert entry.actor.username == ACCOUNTS.get(who, who)
        assert entry.actor.username in entry.actor_name
        assert (entry.channel, bool(entry.record_label)) == ("page", True)
    for entry in entries:
        if entry.record_type == "statusupdate":
            assert (entry.plan, entry.round) == (stage.plan, stage.the_round)
            assert entry.activity is not None


def test_every_action_stands_in_the_table() -> None:
    only_read_or_hold = {
        "Actor",
        "Amendment",
        "Proof",
        "Report",
        "checklist_of",
        "obstacles_to_undoing",
        "what_it_would_do",
    }
    from_others = {"save_preferences", "send_digests"}  # mails and what people want of them are no part of the trail

    tried = {deed for deed, *_ in NOTED.values()}
    assert tried <= set(actions.__all__)
    written = {name for name in actions.__all__ if name not in only_read_or_hold | from_others}
    assert {
        name
        for name in written - tried
        if getattr(actions, name).__module__.endswith(
            ("review", "drafting", "rounds", "plan", "people", "undo", "actions.questions", "actions.reporting")
        )
    } == set()
