"""Timelines, the audit trail and its requests, as pages."""

import csv
import datetime
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.building import opened
from tests.conftest import Cast, make_person
from tests.reading import text
from workplan import actions, rules, timelines
from workplan.actions import Actor, Report
from workplan.deeds import plain_words
from workplan.exceptions import Invalid
from workplan.models import Activity, AuditEntry, ReportingRound, SectoralBody, StatusUpdate, User, WorkPlan

Page = Callable[..., Client]
CODE = "tip-2016-2020"
JOINT = "A.1.1.4"  # led by SLOM and SOMTC
ONGOING = Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="The module is drafted.")


def by(user: Any, request: str = "r-1", channel: str = "page") -> Actor:
    return Actor(user, channel, request)


def body(acronym: str) -> SectoralBody:
    return SectoralBody.objects.get(acronym=acronym)


def activity(ref: str = JOINT) -> Activity:
    return Activity.objects.get(ref=ref)


def reread(user: Any) -> Any:
    """The person as the next request has them."""
    return User.objects.get(pk=user.pk) if user.pk else user


def sentences(timeline: timelines.Timeline) -> list[str]:
    return [line.sentence for line in reversed(timeline.lines)]


@pytest.fixture
def played(plan: WorkPlan, cast: Cast) -> StatusUpdate:
    """A report of SOMTC, returned, mended and approved at once, with a comment and the concurrence of SLOM."""
    slom = make_person("slomina", name="Slomina Focal", body="SLOM")
    the_round = opened(plan, by(cast.secretariat, "r-open"))
    draft = actions.begin_report(
        activity=activity(), report=ONGOING, by=by(cast.somtc), the_round=the_round, body=body("SOMTC")
    )
    actions.submit_report(update=draft, version=1, by=by(cast.somtc))
    actions.return_report(update=draft, version=2, reason="Name the module.", by=by(cast.secretariat, "r-return"))
    actions.submit_report(update=draft, version=3, by=by(cast.somtc))
    actions.comment(update=draft, text="Between ourselves.", by=by(cast.secretariat))
    actions.concur(update=draft, version=4, by=by(slom))
    return actions.approve_report(update=draft, version=4, by=by(cast.colleague, "r-approve"))


def test_an_activity_tells_each_reader_what_they_may_know(played: StatusUpdate, cast: Cast) -> None:
    public = ["The round “First half of 2018” was opened.", "The report of SOMTC became the status: Ongoing."]
    steps = [
        "The round “First half of 2018” was opened.",
        "SOMTC began a report.",
        "SOMTC submitted a report: Ongoing.",
        "The secretariat returned the report of SOMTC.",
        "SOMTC submitted a report again: Ongoing.",
        "A comment was made on the report of SOMTC.",
        "SLOM concurred with the report of SOMTC.",
    ]
    approved = {"The secretariat approved the report of SOMTC.", "The report of SOMTC became the status: Ongoing."}

    for reader in (cast.visitor, cast.newcomer, cast.acwc):
        assert sentences(timelines.of_activity(activity(), reader)) == public
    for reader in (cast.secretariat, cast.somtc):
        told = sentences(timelines.of_activity(activity(), reread(reader)))
        assert told[:-2] == steps
        assert set(told[-2:]) == approved
    joint = sentences(timelines.of_activity(activity(), User.objects.get(username="slomina")))
    assert "SOMTC began a report." not in joint
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


def test_a_draft_is_told_to_its_own_side_only(plan: WorkPlan, cast: Cast, page: Page) -> None:
    slom = make_person("slomina", name="Slomina Focal", body="SLOM")
    the_round = opened(plan, by(cast.secretariat))
    empty = Report(status="", as_of=None, narrative="Only for ourselves.")
    actions.begin_report(activity=activity(), report=empty, by=by(cast.somtc), the_round=the_round, body=body("SOMTC"))
    address = f"/plans/{CODE}/activities/{JOINT}/"

    for reader in (None, cast.newcomer, cast.acwc, slom):
        shown = text(page(reader).get(address))
        assert "Only for ourselves." not in shown
        assert "began a report" not in shown
        for timeline in (
            timelines.of_body(body("SOMTC"), plan, reread(reader or cast.visitor)),
            timelines.of_round(the_round, reread(reader or cast.visitor)),
        ):
            assert sentences(timeline) == ["The round “First half of 2018” was opened."]
    for reader in (cast.somtc, cast.secretariat):
        shown = text(page(reader).get(address))
        assert "Only for ourselves." in shown
        assert "SOMTC began a report." in shown


def test_what_the_secretariat_writes_for_a_body_is_told_as_its_own(plan: WorkPlan, cast: Cast, page: Page) -> None:
    slom = make_person("slomina", name="Slomina Focal", body="SLOM")
    the_round = opened(plan, by(cast.secretariat), publication=rules.WITH_ROUND)
    said = Report(status="ongoing", as_of=datetime.date(2018, 6, 1), narrative="By letter.")
    draft = actions.begin_report(
        activity=activity(), report=said, by=by(cast.secretariat), the_round=the_round, body=body("SOMTC")
    )
    begun = "The secretariat began a report."
    recorded = "The secretariat entered a report for SOMTC."

    assert begun in sentences(timelines.of_activity(activity(), cast.secretariat))
    for reader in (cast.somtc, slom):
        for timeline in (
            timelines.of_activity(activity(), reread(reader)),
            timelines.of_body(body("SOMTC"), plan, reread(reader)),
            timelines.of_round(the_round, reread(reader)),
        ):
            assert sentences(timeline) == ["The round “First half of 2018” was opened."]

    actions.submit_report(update=draft, version=draft.version, by=by(cast.secretariat))

    for reader in (cast.secretariat, cast.somtc, slom):
        assert recorded in sentences(timelines.of_activity(activity(), reread(reader)))
    assert recorded not in sentences(timelines.of_activity(activity(), reread(cast.acwc)))


def test_what_waits_for_its_round_is_not_public(plan: WorkPlan, cast: Cast, page: Page) -> None:
    the_round = opened(plan, by(cast.secretariat), publication=rules.WITH_ROUND)
    row = activity("A.1.1.1")
    actions.record_status(
        activity=row, version=row.version, report=ONGOING, by=by(cast.secretariat), the_round=the_round
    )
    address = f"/plans/{CODE}/activities/A.1.1.1/"

    assert "The module is drafted." not in text(page().get(address))
    assert "The module is drafted." in text(page(cast.secretariat).get(address))
    assert AuditEntry.objects.filter(action="report.recorded", round=the_round).count() == 1
    the_round.refresh_from_db()
    closed = actions.close_round(the_round=the_round, version=the_round.version, by=by(cast.secretariat))
    actions.publish_round(the_round=closed, version=closed.version, by=by(cast.secretariat))
    told = sentences(timelines.of_activity(row, cast.visitor))
    assert told[:2] == ["The round “First half of 2018” was opened.", "The round “First half of 2018” was closed."]
    assert set(told[2:]) == {
        "The round “First half of 2018” was published.",
        "The secretariat recorded: Ongoing.",
    }


def test_the_activity_says_who_owes_what_by_when_and_what_one_can_do(plan: WorkPlan, cast: Cast, page: Page) -> None:
    address = f"/plans/{CODE}/activities/{JOINT}/"
    assert "reports by" not in text(page().get(address))
    the_round = opened(plan, by(cast.secretariat))

    shown = text(page().get(address))
    assert "31 July 2018" in shown
    assert "Overdue" in shown
    assert f"/rounds/{the_round.code}/" in shown
    assert f"{address}report/" not in shown
    assert f"{address}report/" in text(page(cast.somtc).get(address))
    assert f"{address}report/" not in text(page(cast.acwc).get(address))
    draft = actions.begin_report(
        activity=activity(), report=ONGOING, by=by(cast.somtc), the_round=the_round, body=body("SOMTC")
    )
    own = text(page(cast.somtc).get(address))
    assert f"/reports/{draft.pk}/" in own
    assert f'"{address}report/"' not in own


def test_a_round_and_a_body_tell_their_own(played: StatusUpdate, plan: WorkPlan, cast: Cast) -> None:
    the_round = ReportingRound.objects.get(code="2018-1")
    actions.give_exception(
        the_round=the_round,
        body=body("SLOM"),
        until=datetime.date(2027, 1, 31),
        reason="New staff.",
        by=by(cast.secretariat),
    )
    slom = User.objects.get(username="slomina")
    given = "SLOM was given more time: until 31 January 2027."
    concurred = "SLOM concurred with the report of SOMTC."

    assert given in sentences(timelines.of_round(the_round, cast.secretariat))
    assert given in sentences(timelines.of_round(the_round, slom))
    assert given not in sentences(timelines.of_round(the_round, reread(cast.acwc)))
    assert sentences(timelines.of_round(the_round, cast.visitor)) == [
        "The round “First half of 2018” was opened.",
        "The report of SOMTC became the status: Ongoing.",
    ]
    for reader in (reread(cast.secretariat), reread(slom)):
        told = sentences(timelines.of_body(body("SLOM"), plan, reader))
        assert given in told
        assert concurred in told
    assert concurred not in sentences(timelines.of_body(body("SLOM"), plan, cast.visitor))
    line = timelines.of_round(the_round, cast.secretariat).lines[0]
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
    for number in range(timelines.PAGE_SIZE + 5):
        row.reading_note = f"Note {number}"
        actions.save_record(record=row, by=by(cast.secretariat))
    row = activity("A.1.1.1")
    actions.record_status(activity=row, version=row.version, report=ONGOING, by=by(cast.secretariat))

    first, second = (timelines.of_activity(row, cast.secretariat, number) for number in ("1", "2"))
    assert (len(first.lines), first.has_older, len(second.lines), second.has_older) == (50, True, 6, False)
    assert first.lines[0].sentence == "The secretariat recorded: Ongoing."
    for wrong in ("0", "-1", "x", "9" * 30, "²", ""):
        assert timelines.of_activity(row, cast.secretariat, wrong).lines == first.lines
    shown = page(cast.secretariat).get(f"/plans/{CODE}/activities/A.1.1.1/?timeline=2")
    assert "Newer" in text(shown)


# The audit trail


@pytest.mark.parametrize("address", ["/audit/", "/audit/?format=csv", "/audit/requests/r-return/"])
def test_the_trail_is_the_secretariats(played: StatusUpdate, cast: Cast, page: Page, address: str) -> None:
    assert page().get(address).status_code == 302
    for reader in (cast.newcomer, cast.somtc):
        assert page(reader).get(address).status_code == 403
    for reader in (cast.secretariat, cast.administrator):
        assert page(reader).get(address).status_code == 200
    assert page(cast.somtc).post("/audit/requests/r-return/", {"reason": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("person=sari", {"round.opened", "report.returned", "report.commented", "reportinground.created"}),
        ("person=ben", {"report.approved", "status.recorded"}),
        ("action=report.returned&action=report.approved", {"report.returned", "report.approved"}),
        ("record_type=reportinground&action=round.opened", {"round.opened"}),
        (f"activity={JOINT}&person=somchai", {"report.begun", "report.submitted"}),
        ("body=SOMTC&request=r-return", {"report.returned"}),
        ("round=2018-1&action=round.opened", {"round.opened"}),
        ("request=r-approve", {"report.approved", "status.recorded"}),
        ("q=module+name", {"report.returned"}),
        ("channel=admin", set()),
        ("until=2020-01-01", set()),
        ("since=2020-01-01&request=r-return", {"report.returned"}),
        (f"plan={CODE}&request=r-return", {"report.returned"}),
    ],
)
def test_the_trail_is_searched(played: StatusUpdate, cast: Cast, page: Page, query: str, found: set[str]) -> None:
    client = page(cast.secretariat)
    rows = client.get(f"/audit/?{query}").context["rows"]
    assert {row.entry.action for row in rows} == found
    assert [row.entry.pk for row in rows] == sorted((row.entry.pk for row in rows), reverse=True)

    file = b"".join(client.get(f"/audit/?{query}&format=csv")).decode("utf-8-sig")  # type: ignore[arg-type]
    lines = list(csv.DictReader(io.StringIO(file)))
    assert [line["Request"] for line in lines] == [row.entry.request_id for row in rows]
    assert [line["Deed"] for line in lines] == [row.deed for row in rows]


def test_a_day_is_searched_to_its_end(played: StatusUpdate, cast: Cast, page: Page) -> None:
    entry = AuditEntry.objects.first()
    assert entry is not None
    day = timezone.localdate(entry.at).isoformat()
    client = page(cast.secretariat)

    assert client.get(f"/audit/?since={day}&until={day}").context["rows"]
    before = entry.at - datetime.timedelta(days=1)
    assert not client.get(f"/audit/?until={before:%Y-%m-%d}").context["rows"]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("colour=red", "colour"),
        ("person=a&person=b", "person"),
        ("person=%00", "person"),
        ("action=round.eaten", "action"),
        ("record_type=secret", "record_type"),
        ("record_id=%00", "record_id"),
        ("channel=pigeon", "channel"),
        ("activity=nothing", "activity"),
        ("body=UNODC", "body"),
        ("round=1066-1", "round"),
        ("since=yesterday", "since"),
        ("until=2026-02-30", "until"),
        ("page=0", "page"),
        ("format=pdf", "format"),
        (f"q={'x' * 201}", "q"),
    ],
)
def test_a_search_that_cannot_be_meant_is_named(plan: WorkPlan, cast: Cast, page: Page, query: str, name: str) -> None:
    response = page(cast.secretariat).get(f"/audit/?{query}")

    assert response.status_code == 400
    assert f"<strong>{name}</strong>" in response.content.decode()


def test_what_changed_is_said_in_words(plan: WorkPlan, cast: Cast, page: Page) -> None:
    part = activity("A.1.1.1").responsibilities.get(role=rules.LEAD)
    part.body = body("ASLOM")
    actions.save_record(record=part, by=by(cast.secretariat))
    plan.four_eyes = False
    plan.period_end = datetime.date(2021, 12, 31)
    actions.save_record(record=plan, by=by(cast.secretariat))

    shown = text(page(cast.secretariat).get("/audit/requests/r-1/"))

    for words in ("<del>SOMTC</del>", "<ins>ASLOM</ins>", "<ins>31 December 2021</ins>", "<ins>no</ins>", "Four eyes"):
        assert words in shown, words
    assert plain_words([[30, 31], [40, 40]]) == "30–31, 40"
    assert plain_words(["SOMTC", "ACWC"]) == "SOMTC, ACWC"
    assert plain_words("2026-99-99") == "2026-99-99"


def test_pages_of_the_trail_do_not_overlap(plan: WorkPlan, cast: Cast, page: Page) -> None:
    row = activity("A.1.1.1")
    for number in range(60):
        row.reading_note = f"Note {number}"
        actions.save_record(record=row, by=by(cast.secretariat))
    client = page(cast.secretariat)

    pages = [client.get(f"/audit/?action=activity.changed&page={number}").context["rows"] for number in (1, 2)]
    assert [len(rows) for rows in pages] == [50, 10]
    assert len({row.entry.pk for rows in pages for row in rows}) == 60


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        response = client.get(address)
        if response.streaming:
            b"".join(response)  # type: ignore[arg-type]
    return len(asked)


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/audit/", 20),
        ("/audit/?format=csv", 14),
        ("/audit/requests/r-many/", 22),
        (f"/plans/{CODE}/activities/A.1.1.1/", 27),
    ],
)
def test_more_history_takes_no_more_queries(plan: WorkPlan, cast: Cast, page: Page, address: str, most: int) -> None:
    def work() -> None:
        rows = list(Activity.objects.filter(ref__startswith="A.1.1."))
        for row in rows:
            row.kind = rules.AREA if row.kind == rules.ACTIVITY else rules.ACTIVITY
            actions.save_record(record=row, by=by(cast.secretariat, "r-many"))
            part = row.responsibilities.first()
            if part is not None:
                part.position += 1
                actions.save_record(record=part, by=by(cast.secretariat, "r-many"))
        row = activity("A.1.1.1")
        actions.record_status(activity=row, version=row.version, report=ONGOING, by=by(cast.secretariat, "r-many"))

    opened(plan, by(cast.secretariat))
    work()
    client = page(cast.secretariat)
    few = queries(client, address)
    for _ in range(3):
        work()

    assert few == queries(client, address) <= most


# Requests


def test_a_request_is_undone_from_its_page(plan: WorkPlan, cast: Cast, page: Page) -> None:
    row = activity("A.1.1.1")
    row.expected_output = "A page"
    actions.save_record(record=row, by=by(cast.secretariat, "r-edit"))
    client = page(cast.colleague)
    address = "/audit/requests/r-edit/"

    assert "Undo these changes" in text(client.get(address))
    refused = client.post(address, {"reason": " "})
    assert refused.status_code == 400
    assert "Say why the changes are undone." in text(refused)
    done = client.post(address, {"reason": "Wrong row."})
    assert done.status_code == 302
    assert activity("A.1.1.1").expected_output == ""
    entry = AuditEntry.objects.first()
    assert entry is not None
    assert (entry.channel, entry.reason) == ("page", "Undo of request r-edit: Wrong row.")
    assert done["Location"] == f"/audit/requests/{entry.request_id}/"
    assert client.get(done["Location"]).status_code == 200


def test_a_request_that_cannot_be_undone_says_why_and_loses_nothing_typed(
    plan: WorkPlan, cast: Cast, page: Page
) -> None:
    row = activity("A.1.1.1")
    for value, request in (("A page", "r-edit"), ("A book", "r-later")):
        row.expected_output = value
        actions.save_record(record=row, by=by(cast.secretariat, request))
    client = page(cast.secretariat)
    address = "/audit/requests/r-edit/"

    shown = client.get(address)
    assert "has been changed since" in text(shown)
    assert "<textarea" not in shown.content.decode()
    refused = client.post(address, {"reason": "Typed with care"})
    assert refused.status_code == 409
    assert "has been changed since" in text(refused)
    assert "Typed with care" in text(refused)
    assert activity("A.1.1.1").expected_output == "A book"


@pytest.mark.parametrize("request_id", ["nothing-here", "%00", "a%20b", "x" * 65, "%ED%A0%80"])
def test_a_request_that_never_was_is_not_found(plan: WorkPlan, cast: Cast, page: Page, request_id: str) -> None:
    assert page(cast.secretariat).get(f"/audit/requests/{request_id}/").status_code == 404


def test_edits_in_admin_and_statuses_of_the_bulk_form_are_undone_by_their_request(
    plan: WorkPlan, cast: Cast, page: Page
) -> None:
    client = page(cast.secretariat)
    rows = list(Activity.objects.filter(ref__in=["A.1.1.1", "A.1.1.2"]))
    data = {
        "activity": [f"{row.pk}:{row.version}" for row in rows],
        "status": "ongoing",
        "as_of": "2026-11-20",
        "narrative": "Begun.",
        "evidence-TOTAL_FORMS": "0",
        "evidence-INITIAL_FORMS": "0",
    }
    recorded = client.post(f"/plans/{CODE}/activities/update/", data)
    assert recorded.status_code == 302, text(recorded)

    undone = client.post(f"/audit/requests/{recorded['X-Request-ID']}/", {"reason": "Wrong rows."})

    assert undone.status_code == 302, text(undone)
    assert set(Activity.objects.filter(pk__in=[row.pk for row in rows]).values_list("status", flat=True)) == {
        "not_reported"
    }


def test_the_trail_of_what_is_gone_can_still_be_read(plan: WorkPlan, cast: Cast, page: Page) -> None:
    the_round = ReportingRound(
        plan=plan,
        code="2030-1",
        name="A round too many",
        period_start=datetime.date(2030, 1, 1),
        period_end=datetime.date(2030, 6, 30),
        opens_on=datetime.date(2030, 7, 1),
        due_on=datetime.date(2030, 7, 31),
        closes_on=datetime.date(2030, 8, 15),
    )
    actions.save_round(the_round=the_round, by=by(cast.secretariat, "r-made"))
    row = Activity(plan=plan, area=activity().area, ref="A.1.1.900", position=900, text="One row too many")
    actions.save_record(record=row, by=by(cast.secretariat, "r-made"))
    actions.undo_request(request_id="r-made", reason="Too many.", by=by(cast.secretariat, "r-undone"))
    client = page(cast.secretariat)

    for address in ("/audit/", "/audit/requests/r-made/", "/audit/requests/r-undone/"):
        shown = text(client.get(address))
        assert "A round too many" in shown
        assert "One row too many" in shown
    file = b"".join(client.get("/audit/?format=csv&request=r-undone")).decode()  # type: ignore[arg-type]
    assert "One row too many" in file
    for entry in AuditEntry.objects.filter(request_id__in=["r-made", "r-undone"]):
        assert client.get(f"/admin/workplan/auditentry/{entry.pk}/change/").status_code == 200
    assert "is gone" in text(client.get("/audit/requests/r-made/"))


def test_a_reason_that_nobody_can_read_is_refused(plan: WorkPlan, cast: Cast) -> None:
    row = activity()
    row.reading_note = "Read anew."

    with pytest.raises(Invalid) as refusal:
        actions.save_record(record=row, by=by(cast.secretariat), reason="a\x07b")

    assert refusal.value.fields == {"reason": [rules.UNREADABLE_TEXT]}
    assert activity().version == row.version
