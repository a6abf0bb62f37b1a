"""Documents of meetings: kept as the files they were, for everybody who may read the plan."""

import datetime
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.test import Client

from tests.conftest import Cast
from tests.larger_plans import make_scenario, saved
from tests.workbooks import texts
from workplan import actions
from workplan.actions import Actor, Report
from workplan.exceptions import Invalid, NotAllowed
from workplan.models import Activity, AuditEntry, MeetingDocument, WorkPlan

Page = Callable[..., Client]
CODE = "tip-2016-2020"
KEEP = f"/plans/{CODE}/documents/keep/"
LIST = f"/plans/{CODE}/documents/"


def record(ref: str, narrative: str, cast: Cast) -> None:
    activity = Activity.objects.get(ref=ref)
    report = Report("ongoing", datetime.date(2018, 6, 30), narrative=narrative)
    actions.record_status(
        activity=activity, version=activity.version, report=report, by=Actor(cast.secretariat, "page", "r")
    )


def test_a_matrix_is_kept_as_the_file_it_was(plan: WorkPlan, cast: Cast, page: Page) -> None:
    record("A.1.1.1", "Begun.", cast)
    secretariat = page(cast.secretariat)
    address = f"{KEEP}?document=matrix&section=A"
    form = secretariat.get(address).content.decode()
    assert "Section: A" in form and "permanent record" in form

    done = secretariat.post(address, {"title": " 19th SOMTC meeting ", "format": "xlsx"}, follow=True)

    kept = MeetingDocument.objects.get()
    assert done.redirect_chain == [(LIST, 302)] and kept.sha256 in done.content.decode()
    assert (kept.title, kept.kind, kept.kept_by, kept.round) == ("19th SOMTC meeting", "matrix", cast.secretariat, None)
    before = page().get(kept.get_absolute_url())
    assert before["Content-Disposition"] == f'attachment; filename="{kept.file_name}"'
    assert hashlib.sha256(before.content).hexdigest() == kept.sha256 and len(before.content) == kept.file_size
    [entry] = AuditEntry.objects.filter(action="document.kept")
    assert entry.changes["sha256"] == [None, kept.sha256] and entry.plan == plan

    record("A.1.1.1", "Going on.", cast)
    with time_machine.travel(kept.kept_at + datetime.timedelta(days=400)):
        assert page().get(kept.get_absolute_url()).content == before.content
    shown = page().get(LIST).content.decode()
    assert "19th SOMTC meeting" in shown and kept.sha256 in shown and "Sari" not in shown
    assert "by Sari Staff" in page(cast.somtc).get(LIST).content.decode()


@pytest.mark.parametrize(
    ("query", "kind", "ending"),
    [
        ("document=matrix&status=ongoing&as_of=2018-1", "matrix", "docx"),
        ("document=changes&from=2017-01-01&to=2018-1", "changes", "pdf"),
        ("document=body&of=somtc", "body", "pdf"),
    ],
)
def test_it_shows_what_everybody_may_read(
    query: str, kind: str, ending: str, plan: WorkPlan, cast: Cast, page: Page, settings: Any
) -> None:
    scenario = make_scenario(secretariat=cast.secretariat, lead=cast.somtc)
    chosen = '<option value="2018-1" selected>' in page(cast.secretariat).get(f"{KEEP}?{query}").content.decode()
    assert chosen == ("=2018-1" in query)
    answer = page(cast.secretariat).post(
        f"{KEEP}?{query}", {"title": "A meeting", "format": ending, "round": scenario.round.code}
    )
    assert answer.status_code == 302
    kept = MeetingDocument.objects.get()
    assert (kept.kind, kept.round, kept.file_name.rpartition(".")[2]) == (kind, scenario.round, ending)
    # Where the plan is closed to the public, so are its documents.
    settings.PUBLIC_READ = False
    assert page().get(kept.get_absolute_url()).status_code == 302
    assert page(cast.newcomer).get(kept.get_absolute_url()).status_code == 200
    again = page(cast.secretariat).post(f"{KEEP}?{query}", {"title": "Another meeting", "format": ending})
    assert again.status_code == 302 and MeetingDocument.objects.count() == 2


def test_it_holds_nothing_that_only_the_secretariat_knows(plan: WorkPlan, cast: Cast, page: Page) -> None:
    make_scenario(secretariat=cast.secretariat, lead=cast.somtc)
    page(cast.secretariat).post(f"{KEEP}?document=matrix", {"title": "A meeting", "format": "xlsx"})

    kept = bytes(MeetingDocument.objects.get().content)

    assert texts(kept)["Matrix"] == texts(b"".join(page().get(f"/plans/{CODE}/matrix.xlsx")))["Matrix"]


def test_what_cannot_be_kept_is_refused_with_the_reason(plan: WorkPlan, cast: Cast, page: Page) -> None:
    secretariat = page(cast.secretariat)
    private = saved(plan, cast.secretariat, "Mine", "section=A", is_shared=False)
    address = f"{KEEP}?document=matrix"
    for sent, words in (
        ({"format": "pdf"}, "Name the meeting."),
        ({"title": "\u200b", "format": "pdf"}, "Name the meeting"),
        ({"title": "x", "format": "odt"}, "odt is not one of"),
        ({"title": "x", "format": "pdf", "round": "2999-1"}, "Select a valid choice"),
    ):
        answer = secretariat.post(address, sent)
        assert answer.status_code == 400 and words in answer.content.decode(), sent
    assert secretariat.post(f"{KEEP}?document=body&of=SOMTC", {"title": "x", "format": "xlsx"}).status_code == 400
    for query in ("document=matrix&section=Z", "document=matrix&status=began", "document=changes&from=never"):
        assert secretariat.get(f"{KEEP}?{query}").status_code == 400, query
        assert secretariat.post(f"{KEEP}?{query}", {"title": "x", "format": "pdf"}).status_code == 400, query
    assert secretariat.get(f"{KEEP}?document=matrix&view={private.slug}").status_code == 400
    for query in ("", "document=everything", "document=body", "document=body&of=NOBODY"):
        assert secretariat.get(f"{KEEP}?{query}").status_code == 404, query
    assert page(cast.somtc).post(address, {"title": "x", "format": "pdf"}).status_code == 403
    assert secretariat.get(f"{LIST}?page=none").status_code == 400
    assert not MeetingDocument.objects.exists()


def test_a_plan_too_long_for_a_document_is_kept_as_a_workbook(
    plan: WorkPlan, cast: Cast, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workplan.exports.selection.MOST_ROWS", 10)
    secretariat, address = page(cast.secretariat), f"{KEEP}?document=matrix"
    assert secretariat.get(address).status_code == 200

    refused = secretariat.post(address, {"title": "A meeting", "format": "docx"})
    assert refused.status_code == 400 and "A document holds at most 10 activities" in refused.content.decode()
    assert secretariat.post(address, {"title": "A meeting", "format": "xlsx"}).status_code == 302


def test_only_the_secretariat_keeps_and_nobody_changes(plan: WorkPlan, cast: Cast) -> None:
    facts: dict[str, Any] = {
        "plan": plan,
        "kind": "matrix",
        "title": "A meeting",
        "file_name": "matrix.pdf",
        "content": b"%PDF-",
        "scope": "The whole plan",
        "source": "https://example.org/",
        "shown_at": datetime.datetime(2018, 6, 30, tzinfo=datetime.UTC),
    }
    with pytest.raises(NotAllowed):
        actions.keep_document(**facts, by=Actor(cast.somtc, "page", "r"))
    other = make_scenario(secretariat=cast.secretariat, lead=cast.somtc).round
    elsewhere = WorkPlan.objects.create(
        code="other", title="Another", period_start=datetime.date(2020, 1, 1), period_end=datetime.date(2021, 1, 1)
    )
    by = Actor(cast.secretariat, "page", "r")
    with pytest.raises(Invalid):
        actions.keep_document(**{**facts, "plan": elsewhere}, reporting_round=other, by=by)
    kept = actions.keep_document(**facts, reporting_round=other, by=by)
    for attempt in (lambda: MeetingDocument.objects.update(title="Another"), kept.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
    assert str(MeetingDocument.objects.get()) == "Matrix: A meeting"
