"""What one request did is undone together, or not at all."""

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.conftest import Cast
from tests.larger_plans import opened
from workplan import actions, rules
from workplan.actions import Actor, EvidenceItem, Report
from workplan.exceptions import Invalid, NotAllowed, WrongState
from workplan.models import (
    Activity,
    AuditEntry,
    CollaborationArea,
    ReportingRound,
    Responsibility,
    SectoralBody,
    StatusUpdate,
    User,
    WorkPlan,
)

ONGOING = Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="The module is drafted.")


def by(user: Any, request: str = "first-request") -> Actor:
    return Actor(user, "page", request)


def activity(ref: str = "A.1.1.1") -> Activity:
    return Activity.objects.get(ref=ref)


def undo(cast: Cast, request: str = "first-request") -> int:
    return actions.undo_request(request_id=request, reason="Wrong row.", by=by(cast.colleague, "undo-request"))


def record(cast: Cast, *refs: str, request: str = "first-request", **values: Any) -> list[StatusUpdate]:
    rows = Activity.objects.filter(ref__in=refs)
    said = {"status": ONGOING.status, "as_of": ONGOING.as_of, "narrative": ONGOING.narrative, **values}
    return actions.record_status_of_many(
        versions={row.pk: row.version for row in rows}, report=Report(**said), by=by(cast.secretariat, request)
    )


def test_several_edits_of_one_request_go_back_together(plan: WorkPlan, cast: Cast) -> None:
    first, second = activity("A.1.1.1"), activity("A.1.1.2")
    before = (first.expected_output, second.text)
    for row, name, value in ((first, "expected_output", "A page"), (second, "text", "Other"), (first, "text", "New")):
        setattr(row, name, value)
        actions.save_record(record=row, by=by(cast.secretariat))

    assert actions.obstacles_to_undoing("first-request") == []
    assert actions.describe_undo("first-request") == "2 records"
    assert undo(cast) == 2

    assert (activity("A.1.1.1").expected_output, activity("A.1.1.2").text) == before
    assert activity("A.1.1.1").version == 4
    made = AuditEntry.objects.filter(request_id="undo-request")
    assert {entry.action for entry in made} == {"activity.changed"}
    assert {entry.actor for entry in made} == {cast.colleague}
    assert {entry.reason for entry in made} == {"Undo of request first-request: Wrong row."}


def test_an_undo_can_be_undone_and_is_not_done_twice(plan: WorkPlan, cast: Cast) -> None:
    row = activity()
    row.expected_output = "A page"
    actions.save_record(record=row, by=by(cast.secretariat))
    undo(cast)

    with pytest.raises(WrongState, match="has been changed since"):
        undo(cast)
    undo(cast, "undo-request")
    assert activity().expected_output == "A page"


def test_a_field_that_somebody_changed_since_keeps_all_of_it_from_being_undone(plan: WorkPlan, cast: Cast) -> None:
    first, second = activity("A.1.1.1"), activity("A.1.1.2")
    for row in (first, second):
        row.expected_output = "A page"
        actions.save_record(record=row, by=by(cast.secretariat))
    second.expected_output = "A book"
    actions.save_record(record=second, by=by(cast.colleague, "second-request"))

    with pytest.raises(WrongState, match=r"A\.1\.1\.2.*changed since"):
        undo(cast)
    assert [activity("A.1.1.1").expected_output, activity("A.1.1.2").expected_output] == ["A page", "A book"]
    assert not AuditEntry.objects.filter(request_id="undo-request").exists()


def test_what_others_changed_beside_it_stays(plan: WorkPlan, cast: Cast) -> None:
    row = activity()
    row.expected_output = "A page"
    actions.save_record(record=row, by=by(cast.secretariat))
    row.reading_note = "Read again."
    actions.save_record(record=row, by=by(cast.colleague, "second-request"))

    undo(cast)

    assert (activity().expected_output, activity().reading_note) == ("", "Read again.")


def test_what_was_created_goes_and_what_was_deleted_comes_back(plan: WorkPlan, cast: Cast) -> None:
    row = activity()
    gone = Responsibility.objects.get(activity=row, role=rules.COOPERATING)
    key = gone.pk
    actions.delete_record(record=gone, by=by(cast.secretariat))
    aichr = SectoralBody.objects.get(acronym="AICHR")
    new = Responsibility(activity=row, body=aichr, role=rules.COOPERATING, position=9)
    actions.save_record(record=new, by=by(cast.secretariat))

    undo(cast)

    back = Responsibility.objects.get(pk=key)
    assert (back.activity, back.body, back.role) == (row, gone.body, rules.COOPERATING)
    assert back.version > gone.version
    assert not Responsibility.objects.filter(activity=row, body=aichr).exists()


def test_an_activity_deleted_with_its_bodies_comes_back_whole(plan: WorkPlan, cast: Cast) -> None:
    reporting_round = opened(plan, by(cast.secretariat, "opening"))
    row = activity("A.1.1.4")
    before = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    leads = [body.acronym for body in row.lead_bodies]
    for part in row.responsibilities.all():
        actions.delete_record(record=part, by=by(cast.secretariat))
    actions.delete_record(record=activity("A.1.1.4"), by=by(cast.secretariat))

    undo(cast)

    back = activity("A.1.1.4")
    assert [body.acronym for body in back.lead_bodies] == leads
    for name, value in before.items():
        if name not in ("version", "updated_at"):
            assert getattr(back, name) == value, name
    assert back.version > before["version"]
    assert {one.body.acronym for one in back.obligations.filter(round=reporting_round) if one.body} == set(leads)


def test_something_that_others_stand_on_by_now_stays(plan: WorkPlan, cast: Cast) -> None:
    body = SectoralBody(acronym="AMMTC", name="Ministers", pillar="political_security")
    actions.save_record(record=body, by=by(cast.secretariat))
    part = Responsibility(activity=activity(), body=body, role=rules.COOPERATING, position=9)
    actions.save_record(record=part, by=by(cast.colleague, "second-request"))

    with pytest.raises(WrongState, match="responsibilities depend on it"):
        undo(cast)
    assert SectoralBody.objects.filter(pk=body.pk).exists()


def test_parts_given_since_do_not_vanish_with_their_whole(plan: WorkPlan, cast: Cast) -> None:
    area = CollaborationArea.objects.get(ref="A.1.1")
    row = Activity(plan=plan, area=area, ref="A.1.1.900", position=900, text="A new one")
    actions.save_record(record=row, by=by(cast.secretariat))
    part = Responsibility(activity=row, body=SectoralBody.objects.get(acronym="ACWC"), role=rules.LEAD)
    actions.save_record(record=part, by=by(cast.colleague, "second-request"))

    with pytest.raises(WrongState, match="responsibilities since"):
        undo(cast)
    undo(cast, "second-request")
    undo(cast)
    assert not Activity.objects.filter(ref="A.1.1.900").exists()


def test_links_are_undone_as_well(plan: WorkPlan, cast: Cast) -> None:
    area = CollaborationArea.objects.filter(proposed_by__isnull=False).distinct().first()
    assert area is not None
    before = sorted(body.acronym for body in area.proposed_by.all())
    actions.save_record(
        record=area,
        links={"proposed_by": SectoralBody.objects.filter(acronym="ASLOM")},
        by=by(cast.secretariat),
    )

    undo(cast)

    assert sorted(body.acronym for body in area.proposed_by.all()) == before


def test_a_deleted_area_comes_back_with_its_links(plan: WorkPlan, cast: Cast) -> None:
    provision = CollaborationArea.objects.get(ref="A.1.1").provision
    area = CollaborationArea(plan=plan, provision=provision, ref="A.1.90", position=990, text="Words")
    bodies = SectoralBody.objects.filter(acronym__in=["ACWC", "SOMTC"])
    actions.save_record(record=area, links={"proposed_by": bodies}, by=by(cast.secretariat, "made-before"))
    actions.delete_record(record=area, by=by(cast.secretariat))

    undo(cast)

    back = CollaborationArea.objects.get(ref="A.1.90")
    assert sorted(body.acronym for body in back.proposed_by.all()) == ["ACWC", "SOMTC"]


def test_statuses_recorded_together_go_back_by_corrections(plan: WorkPlan, cast: Cast) -> None:
    file = SimpleUploadedFile("report.pdf", b"%PDF-1.7 report")
    record(
        cast,
        "A.1.1.1",
        request="before",
        status="completed",
        outputs_delivered="A guide",
        evidence=(EvidenceItem("Guide", "https://asean.org/guide"), EvidenceItem("Report", file=file)),
    )
    wrong = record(cast, "A.1.1.1", "A.1.1.2", reason="Meant another row.")

    assert actions.describe_undo("first-request") == "2 statuses"
    assert undo(cast) == 2

    first, second = activity("A.1.1.1"), activity("A.1.1.2")
    assert (first.status, second.status) == ("completed", "not_reported")
    correction = first.latest_update
    assert correction is not None
    assert (correction.kind, correction.is_direct, correction.author) == (rules.CORRECTION, True, cast.colleague)
    assert correction.outputs_delivered == "A guide"
    assert [one.title for one in correction.evidence.all()] == ["Guide", "Report"]
    with correction.evidence.get(title="Report").file.open("rb") as stored:
        assert stored.read() == b"%PDF-1.7 report"
    # What was said before is said again, with its date; why stands beside it.
    assert (correction.narrative, correction.as_of) == (ONGOING.narrative, ONGOING.as_of)
    assert "Wrong row." in correction.reason and "Wrong row." in second.updates.get(corrects__isnull=False).narrative
    # What was recorded by mistake stays in the history.
    assert StatusUpdate.objects.filter(pk__in=[update.pk for update in wrong], state=rules.APPROVED).count() == 2
    entries = AuditEntry.objects.filter(request_id="undo-request", action="status.recorded")
    assert {entry.reason for entry in entries} == {"Undo of request first-request: Wrong row."}


def test_a_status_that_is_no_longer_the_latest_stays(plan: WorkPlan, cast: Cast) -> None:
    record(cast, "A.1.1.1", "A.1.1.2")
    record(cast, "A.1.1.1", request="second-request", narrative="Further on.")

    with pytest.raises(WrongState, match="has another status now"):
        undo(cast)
    assert activity("A.1.1.2").status == "ongoing"
    assert StatusUpdate.objects.filter(kind=rules.CORRECTION).count() == 0


def test_reports_and_decisions_are_not_undone(plan: WorkPlan, cast: Cast) -> None:
    reporting_round = opened(plan, by(cast.secretariat, "opening"))
    somtc = SectoralBody.objects.get(acronym="SOMTC")
    draft = actions.begin_report(
        activity=activity(), report=ONGOING, by=by(cast.somtc), reporting_round=reporting_round, body=somtc
    )
    sent = actions.submit_report(update=draft, version=1, by=by(cast.somtc))
    actions.approve_report(update=sent, version=2, by=by(cast.secretariat, "decision"))

    for request, words in (("first-request", "correction"), ("decision", "correction"), ("opening", "buttons")):
        with pytest.raises(WrongState, match=words):
            undo(cast, request)
    assert activity().status == "ongoing"
    reporting_round.refresh_from_db()
    assert reporting_round.state == rules.OPEN


def test_dates_of_a_round_are_restored_with_the_due_dates_of_reports(plan: WorkPlan, cast: Cast) -> None:
    reporting_round = opened(plan, by(cast.secretariat, "opening"))
    due, closes = reporting_round.due_on, reporting_round.closes_on
    reporting_round.due_on += datetime.timedelta(days=5)
    actions.save_round(reporting_round=reporting_round, version=reporting_round.version, by=by(cast.secretariat))

    undo(cast)

    reporting_round.refresh_from_db()
    assert (reporting_round.due_on, reporting_round.closes_on) == (due, closes)
    assert set(reporting_round.obligations.values_list("due_on", flat=True)) == {due}


def test_rounds_that_were_planned_by_mistake_go_again(plan: WorkPlan, cast: Cast) -> None:
    actions.plan_rounds(plan=plan, by=by(cast.secretariat))

    assert undo(cast) == 10
    assert not ReportingRound.objects.exists()


def test_accounts_are_not_undone_here(plan: WorkPlan, cast: Cast) -> None:
    person = User(username="new", email="new@example.org")
    person.set_unusable_password()
    actions.save_record(record=person, links={"groups": Group.objects.none()}, by=by(cast.administrator))

    with pytest.raises(WrongState, match="administrators"):
        undo(cast)
    assert User.objects.filter(username="new").exists()


def test_undoing_is_the_secretariats_and_needs_a_reason(plan: WorkPlan, cast: Cast) -> None:
    record(cast, "A.1.1.1")

    for person in (cast.visitor, cast.newcomer, cast.somtc):
        with pytest.raises(NotAllowed):
            actions.undo_request(request_id="first-request", reason="Mine.", by=by(person, "x"))
    for reason in ("", "  ", "a\x00b"):
        with pytest.raises(Invalid):
            actions.undo_request(request_id="first-request", reason=reason, by=by(cast.secretariat, "x"))
    with pytest.raises(WrongState, match="changed nothing"):
        undo(cast, "no-such-request")
    with pytest.raises(WrongState):
        undo(cast, "")
    assert activity().status == "ongoing"


def test_weighing_takes_the_same_queries_for_few_and_for_many(
    plan: WorkPlan, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    refs = list(Activity.objects.values_list("ref", flat=True))
    record(cast, *refs)

    with django_assert_max_num_queries(4):
        assert actions.obstacles_to_undoing("first-request") == []
    with django_assert_max_num_queries(60):
        assert undo(cast) == len(refs)
