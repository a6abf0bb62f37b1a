"""The audit trail is searched, and what one request did is undone from its page."""

import csv
import datetime
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.answer_text import text
from tests.conftest import Cast
from tests.history.played import CODE, JOINT, ONGOING, Page, activity, body, by
from tests.larger_plans import opened
from workplan import actions, rules
from workplan.exceptions import Invalid
from workplan.history.wording import plain_words
from workplan.models import Activity, AuditEntry, ReportingRound, StatusUpdate, WorkPlan

# The audit trail


@pytest.mark.parametrize("address", ["/audit/", "/audit/?format=csv", "/audit/requests/r-return/"])
def test_the_audit_trail_is_the_secretariats(played: StatusUpdate, cast: Cast, page: Page, address: str) -> None:
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
def test_the_audit_trail_is_searched(played: StatusUpdate, cast: Cast, page: Page, query: str, found: set[str]) -> None:
    client = page(cast.secretariat)
    rows = client.get(f"/audit/?{query}").context["rows"]
    assert {row.entry.action for row in rows} == found
    assert [row.entry.pk for row in rows] == sorted((row.entry.pk for row in rows), reverse=True)

    file = b"".join(client.get(f"/audit/?{query}&format=csv")).decode("utf-8-sig")  # type: ignore[arg-type]
    lines = list(csv.DictReader(io.StringIO(file)))
    assert [line["Change set"] for line in lines] == [row.entry.request_id for row in rows]
    assert [line["Action"] for line in lines] == [row.action for row in rows]


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


def test_pages_of_the_audit_trail_do_not_overlap(plan: WorkPlan, cast: Cast, page: Page) -> None:
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

    assert "Undo this change set" in text(client.get(address))
    refused = client.post(address, {"reason": " "})
    assert refused.status_code == 400
    assert "Enter the reason for undoing the changes." in text(refused)
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
        "as_of": "2020-06-30",
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


def test_the_audit_trail_of_what_is_gone_can_still_be_read(plan: WorkPlan, cast: Cast, page: Page) -> None:
    reporting_round = ReportingRound(
        plan=plan,
        code="2030-1",
        name="A round too many",
        period_start=datetime.date(2030, 1, 1),
        period_end=datetime.date(2030, 6, 30),
        opens_on=datetime.date(2030, 7, 1),
        due_on=datetime.date(2030, 7, 31),
        closes_on=datetime.date(2030, 8, 15),
    )
    actions.save_round(reporting_round=reporting_round, by=by(cast.secretariat, "r-made"))
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
    assert "no longer exists" in text(client.get("/audit/requests/r-made/"))


def test_a_reason_that_nobody_can_read_is_refused(plan: WorkPlan, cast: Cast) -> None:
    row = activity()
    row.reading_note = "Read anew."

    with pytest.raises(Invalid) as refusal:
        actions.save_record(record=row, by=by(cast.secretariat), reason="a\x07b")

    assert refusal.value.fields == {"reason": [rules.UNREADABLE_TEXT]}
    assert activity().version == row.version
