"""The history of an activity, a round and a body, as each reader may know it."""

import datetime
from typing import Any

from tests.answer_text import text
from tests.conftest import Cast, make_person
from tests.history.played import CODE, JOINT, ONGOING, Page, activity, body, by
from tests.larger_plans import opened
from workplan import actions, rules
from workplan.actions import Report
from workplan.history import events
from workplan.models import AuditEntry, ReportingRound, StatusUpdate, User, WorkPlan


def reread(user: Any) -> Any:
    """The person as the next request has them."""
    return User.objects.get(pk=user.pk) if user.pk else user


def sentences(timeline: events.Timeline) -> list[str]:
    return [line.sentence for line in reversed(timeline.events)]


def test_an_activity_tells_each_reader_what_they_may_know(played: StatusUpdate, cast: Cast) -> None:
    public = ["The round “First half of 2018” was opened.", "The report of SOMTC became the status: Ongoing."]
    steps = [
        "The round “First half of 2018” was opened.",
        "SOMTC started a report.",
        "SOMTC submitted a report: Ongoing.",
        "The secretariat returned the report of SOMTC.",
        "SOMTC submitted a report again: Ongoing.",
        "A comment was made on the report of SOMTC.",
        "SLOM concurred with the report of SOMTC.",
    ]
    approved = "The secretariat approved the report of SOMTC, and it became the status: Ongoing."

    for reader in (cast.visitor, cast.newcomer, cast.acwc):
        assert sentences(events.of_activity(activity(), reader)) == public
    for reader in (cast.secretariat, cast.somtc):
        assert sentences(events.of_activity(activity(), reread(reader))) == [*steps, approved]
    joint = sentences(events.of_activity(activity(), User.objects.get(username="slomina")))
    assert "SOMTC started a report." not in joint
    assert "A comment was made on the report of SOMTC." not in joint
    assert "SOMTC submitted a report: Ongoing." in joint


def test_names_reasons_and_ways_are_not_for_everybody(played: StatusUpdate, cast: Cast, page: Page) -> None:
    address = f"/plans/{CODE}/activities/{JOINT}/"

    for reader in (None, cast.newcomer, cast.acwc):
        shown = text(page(reader).get(address))
        assert "Name the module." not in shown
        assert "Between ourselves." not in shown
        assert "Sari" not in shown or reader == cast.acwc  # who opened the round is known to those who take part
        assert "/audit/requests/" not in shown
    own = text(page(cast.somtc).get(address))
    assert "Name the module." in own
    assert "Sari Staff" in own
    assert "/audit/requests/" not in own
    staff = text(page(cast.secretariat).get(address))
    assert "/audit/requests/r-return/" in staff


def test_a_draft_is_shown_to_its_own_body_only(plan: WorkPlan, cast: Cast, page: Page) -> None:
    slom = make_person("slomina", name="Slomina Focal", body="SLOM")
    reporting_round = opened(plan, by(cast.secretariat))
    empty = Report(status="", as_of=None, narrative="Only for ourselves.")
    actions.begin_report(
        activity=activity(), report=empty, by=by(cast.somtc), reporting_round=reporting_round, body=body("SOMTC")
    )
    address = f"/plans/{CODE}/activities/{JOINT}/"

    for reader in (None, cast.newcomer, cast.acwc, slom):
        shown = text(page(reader).get(address))
        assert "Only for ourselves." not in shown
        assert "started a report" not in shown
        for timeline in (
            events.of_body(body("SOMTC"), plan, reread(reader or cast.visitor)),
            events.of_round(reporting_round, reread(reader or cast.visitor)),
        ):
            assert sentences(timeline) == ["The round “First half of 2018” was opened."]
    for reader in (cast.somtc, cast.secretariat):
        shown = text(page(reader).get(address))
        assert "Only for ourselves." in shown
        assert "SOMTC started a report." in shown


def test_what_the_secretariat_writes_for_a_body_is_told_as_its_own(plan: WorkPlan, cast: Cast, page: Page) -> None:
    slom = make_person("slomina", name="Slomina Focal", body="SLOM")
    reporting_round = opened(plan, by(cast.secretariat), publication=rules.WITH_ROUND)
    said = Report(status="ongoing", as_of=datetime.date(2018, 6, 1), narrative="By letter.")
    draft = actions.begin_report(
        activity=activity(), report=said, by=by(cast.secretariat), reporting_round=reporting_round, body=body("SOMTC")
    )
    begun = "The secretariat started a report."
    recorded = "The secretariat entered a report for SOMTC."

    assert begun in sentences(events.of_activity(activity(), cast.secretariat))
    for reader in (cast.somtc, slom):
        for timeline in (
            events.of_activity(activity(), reread(reader)),
            events.of_body(body("SOMTC"), plan, reread(reader)),
            events.of_round(reporting_round, reread(reader)),
        ):
            assert sentences(timeline) == ["The round “First half of 2018” was opened."]

    actions.submit_report(update=draft, version=draft.version, by=by(cast.secretariat))

    for reader in (cast.secretariat, cast.somtc, slom):
        assert recorded in sentences(events.of_activity(activity(), reread(reader)))
    assert recorded not in sentences(events.of_activity(activity(), reread(cast.acwc)))


def test_what_waits_for_its_round_is_not_public(plan: WorkPlan, cast: Cast, page: Page) -> None:
    reporting_round = opened(plan, by(cast.secretariat), publication=rules.WITH_ROUND)
    row = activity("A.1.1.1")
    actions.record_status(
        activity=row, version=row.version, report=ONGOING, by=by(cast.secretariat), reporting_round=reporting_round
    )
    address = f"/plans/{CODE}/activities/A.1.1.1/"

    assert "The module is drafted." not in text(page().get(address))
    assert "The module is drafted." in text(page(cast.secretariat).get(address))
    assert AuditEntry.objects.filter(action="report.recorded", round=reporting_round).count() == 1
    reporting_round.refresh_from_db()
    closed = actions.close_round(
        reporting_round=reporting_round, version=reporting_round.version, by=by(cast.secretariat)
    )
    actions.publish_round(reporting_round=closed, version=closed.version, by=by(cast.secretariat))
    stated = sentences(events.of_activity(row, cast.visitor))
    assert stated[:2] == ["The round “First half of 2018” was opened.", "The round “First half of 2018” was closed."]
    assert set(stated[2:]) == {
        "The round “First half of 2018” was published.",
        "The secretariat recorded: Ongoing.",
    }


def test_the_activity_says_which_reports_are_due_from_whom_and_what_one_can_do(
    plan: WorkPlan, cast: Cast, page: Page
) -> None:
    address = f"/plans/{CODE}/activities/{JOINT}/"
    assert "reports by" not in text(page().get(address))
    reporting_round = opened(plan, by(cast.secretariat))

    shown = text(page().get(address))
    assert "31 July 2018" in shown
    assert "Overdue" in shown
    assert f"/rounds/{reporting_round.code}/" in shown
    assert f"{address}report/" not in shown
    assert f"{address}report/" in text(page(cast.somtc).get(address))
    assert f"{address}report/" not in text(page(cast.acwc).get(address))
    draft = actions.begin_report(
        activity=activity(), report=ONGOING, by=by(cast.somtc), reporting_round=reporting_round, body=body("SOMTC")
    )
    own = text(page(cast.somtc).get(address))
    assert f"/reports/{draft.pk}/" in own
    assert f'"{address}report/"' not in own


def test_a_round_and_a_body_tell_their_own(played: StatusUpdate, plan: WorkPlan, cast: Cast) -> None:
    reporting_round = ReportingRound.objects.get(code="2018-1")
    actions.extend_deadline(
        reporting_round=reporting_round,
        body=body("SLOM"),
        until=datetime.date(2027, 1, 31),
        reason="New staff.",
        by=by(cast.secretariat),
    )
    slom = User.objects.get(username="slomina")
    given = "SLOM was given a deadline extension to 31 January 2027."
    concurred = "SLOM concurred with the report of SOMTC."

    assert given in sentences(events.of_round(reporting_round, cast.secretariat))
    assert given in sentences(events.of_round(reporting_round, slom))
    assert given not in sentences(events.of_round(reporting_round, reread(cast.acwc)))
    assert sentences(events.of_round(reporting_round, cast.visitor)) == [
        "The round “First half of 2018” was opened.",
        "The report of SOMTC became the status: Ongoing.",
    ]
    for reader in (reread(cast.secretariat), reread(slom)):
        stated = sentences(events.of_body(body("SLOM"), plan, reader))
        assert given in stated
        assert concurred in stated
    assert concurred not in sentences(events.of_body(body("SLOM"), plan, cast.visitor))
    line = events.of_round(reporting_round, cast.secretariat).events[0]
    assert (line.words, line.channel, line.person) == ("New staff.", "page", "Sari Staff (sari)")


def test_edits_of_the_plan_are_the_secretariats(plan: WorkPlan, cast: Cast, page: Page) -> None:
    row = activity()
    row.expected_output = "A module"
    actions.save_record(record=row, by=by(cast.secretariat, channel="admin"), reason="Agreed in Bangkok")
    address = f"/plans/{CODE}/activities/{JOINT}/"

    shown = text(page(cast.secretariat).get(address))
    for words in ("Agreed in Bangkok", "Expected output", "<ins>A module</ins>", "Admin"):
        assert words in shown, words
    assert "Agreed in Bangkok" not in text(page(cast.somtc).get(address))


def test_a_long_timeline_comes_in_pages_that_leave_nothing_out(plan: WorkPlan, cast: Cast, page: Page) -> None:
    row = activity("A.1.1.1")
    for number in range(events.PAGE_SIZE + 5):
        row.reading_note = f"Note {number}"
        actions.save_record(record=row, by=by(cast.secretariat))
    row = activity("A.1.1.1")
    actions.record_status(activity=row, version=row.version, report=ONGOING, by=by(cast.secretariat))

    first, second = (events.of_activity(row, cast.secretariat, number) for number in ("1", "2"))
    assert (len(first.events), first.has_older, len(second.events), second.has_older) == (50, True, 6, False)
    assert first.events[0].sentence == "The secretariat recorded: Ongoing."
    for wrong in ("0", "-1", "x", "9" * 30, "²", ""):
        assert events.of_activity(row, cast.secretariat, wrong).events == first.events
    shown = page(cast.secretariat).get(f"/plans/{CODE}/activities/A.1.1.1/?timeline=2")
    assert "Newer" in text(shown)
