"""A body reports a round in a workbook: what it is given, and what comes back of it."""

import copy
import datetime
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.conftest import Cast
from tests.imports.edited import filled, grid, headings, moved, rows_by_ref, with_cells
from tests.larger_plans import Scenario, make_scenario, opened
from workplan import actions, rules
from workplan.actions import Actor, Report
from workplan.exports.xlsx import TYPE
from workplan.models import Activity, AuditEntry, Import, Obligation, SectoralBody, StatusUpdate, WorkPlan

ADDRESS = "/plans/tip-2016-2020/rounds/2018-1/workbook/SOMTC.xlsx"
SERIAL = (datetime.date(2018, 6, 30) - datetime.date(1899, 12, 30)).days


@pytest.fixture(scope="module")
def module_scenario(module_database: Cast) -> Scenario:
    return make_scenario(secretariat=module_database.secretariat, lead=module_database.somtc)


@pytest.fixture
def scenario(module_scenario: Scenario, cast: Cast) -> Scenario:
    return copy.deepcopy(module_scenario)


@pytest.fixture
def client(scenario: Scenario, cast: Cast, page: Callable[..., Client]) -> Client:
    return page(cast.somtc)


@pytest.fixture
def book(client: Client) -> bytes:
    answer = client.get(ADDRESS)
    assert answer.status_code == 200 and answer["Content-Type"] == TYPE
    return bytes(answer.content)


def send(client: Client, content: bytes, name: str = "filled.xlsx", address: str = ADDRESS) -> Any:
    """What the page says to a file; the preview, if it is taken."""
    return client.post(address, {"file": SimpleUploadedFile(name, content)}, follow=True)


def confirm(client: Client, shown: Any, how: str = "draft", **more: str) -> Any:
    """The page after the confirmation of a preview."""
    seen = re.search(r'name="seen" value="(\w+)"', shown.content.decode())
    assert seen is not None
    path = shown.redirect_chain[-1][0] if shown.redirect_chain else shown.request["PATH_INFO"]
    return client.post(path, {"seen": seen[1], "confirm": how, **more}, follow=True)


def due_refs(state: str = rules.DUE) -> list[str]:
    due = Obligation.objects.filter(body__acronym="SOMTC", state=state).order_by("activity__position")
    return list(due.values_list("activity__ref", flat=True))


def test_it_holds_exactly_what_is_still_due(book: bytes) -> None:
    due = {*due_refs(rules.DUE), *due_refs(rules.DRAFT), *due_refs(rules.RETURNED)}

    assert set(rows_by_ref(book)) == due
    draft = StatusUpdate.objects.get(state=rules.DRAFT)
    cells, row = grid(book), rows_by_ref(book)[draft.activity.ref]
    columns = headings(book)
    assert cells[f"{columns['Progress']}{row}"] == draft.narrative
    assert cells[f"{columns['Status']}{row}"] == "Ongoing"
    assert cells[f"{columns['Evidence (links)']}{row}"] == "Minutes – https://example.org/minutes"


def test_sent_back_as_it_is_it_changes_nothing(client: Client, book: bytes) -> None:
    shown = send(client, book)

    found = shown.context["found"]
    assert (found.rows, found.bad, found.notes) == ([], [], [])
    assert found.unchanged == 2 and found.blank == len(rows_by_ref(book)) - 2


def rewrite(draft: StatusUpdate, narrative: str, cast: Cast) -> None:
    """Somebody of the body writes the draft on its page."""
    report = Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative=narrative)
    actions.save_report(update=draft, version=draft.version, report=report, by=Actor(cast.somtc, "page", "s"))


def ten_cells(book: bytes) -> tuple[bytes, list[str]]:
    refs = [ref for ref in rows_by_ref(book) if ref in due_refs()][:3]
    cells: dict[tuple[str, str], object] = {(refs[0], "Progress"): "Two workshops were held."}
    for ref in refs:
        cells |= {(ref, "Status"): "Ongoing", (ref, "Status as at"): SERIAL, (ref, "Progress"): f"Begun: {ref}."}
    cells[refs[0], "Next steps"] = "A third one."
    return filled(book, cells), refs


def test_ten_cells_that_are_filled_in_are_exactly_ten_changes(client: Client, book: bytes) -> None:
    content, refs = ten_cells(book)
    before = StatusUpdate.objects.count()

    shown = send(client, content)
    found = shown.context["found"]
    assert (found.changed_cells, [row.activity.ref for row in found.rows]) == (10, refs)
    assert StatusUpdate.objects.count() == before

    done = confirm(client, shown)
    assert "3 reports of SOMTC are saved as drafts." in done.content.decode()
    new = StatusUpdate.objects.filter(activity__ref__in=refs, round__code="2018-1")
    assert {(one.activity.ref, one.status, str(one.as_of), one.state) for one in new} == {
        (ref, "ongoing", "2018-06-30", rules.DRAFT) for ref in refs
    }
    assert {one.narrative for one in new} == {f"Begun: {ref}." for ref in refs}
    requests = set(AuditEntry.objects.filter(channel="import").values_list("request_id", flat=True))
    assert len(requests) == 1 and Import.objects.get().state == rules.APPLIED
    assert Import.objects.get().content is None


def test_reports_are_submitted_in_one_go(client: Client, book: bytes) -> None:
    content, refs = ten_cells(book)

    confirm(client, send(client, content), "submit")

    assert set(due_refs(rules.SUBMITTED)) >= set(refs)


def test_a_workbook_that_was_confirmed_changes_nothing_when_it_is_sent_again(client: Client, book: bytes) -> None:
    content, refs = ten_cells(book)
    confirm(client, send(client, content))

    again = send(client, content).context["found"]
    assert (again.rows, again.bad) == ([], [])
    more = send(client, filled(content, {(refs[1], "Progress"): "More."})).context["found"]
    assert [(row.conflict, len(row.changes)) for row in more.rows] == [("", 1)]


def test_all_bad_cells_are_named_at_once_and_mended_on_the_page(client: Client, book: bytes) -> None:
    refs = due_refs()[:4]
    cells: dict[tuple[str, str], object] = {
        (refs[0], "Status"): "Nearly there",
        (refs[0], "Status as at"): "03/04/2018",
        (refs[1], "Evidence (links)"): "the minutes",
        (refs[2], "Reason"): "x" * 2_001,
        (refs[3], "Ref"): "Z.9",
        (refs[3], "Progress"): "Begun.",
    }
    rows = rows_by_ref(book)
    shown = send(client, filled(book, cells))

    found = shown.context["found"]
    assert {(bad.row, bad.name) for bad in found.bad} == {
        (rows[refs[0]], "status"),
        (rows[refs[0]], "as_of"),
        (rows[refs[1]], "evidence"),
        (rows[refs[2]], "reason"),
        (rows[refs[3]], "ref"),
    }
    day = next(bad for bad in found.bad if bad.name == "as_of")
    assert day.sheet == "Reports" and day.found == "03/04/2018" and "03 April or 04 March 2018" in day.right
    assert 'value="submit"' not in shown.content.decode() and 'value="draft"' not in shown.content.decode()

    path = shown.redirect_chain[-1][0]
    mended = {
        f"cell-{rows[refs[0]]}:status": "Ongoing",
        f"cell-{rows[refs[0]]}:as_of": "2018-04-03",
        f"cell-{rows[refs[1]]}:evidence": "Minutes – https://example.org/a",
        f"cell-{rows[refs[2]]}:reason": "",
        f"cell-{rows[refs[3]]}:ref": refs[3],
    }
    found = client.post(path, {"mend": "1", **mended}, follow=True).context["found"]
    assert found.bad == []
    assert [row.activity.ref for row in found.rows] == [refs[0], refs[1], refs[3]]


def test_the_workbook_with_comments_can_be_mended_and_sent_again(client: Client, book: bytes) -> None:
    refs = due_refs()[:2]
    shown = send(client, filled(book, {(refs[0], "Status"): "Nearly there", (refs[1], "Progress"): "Begun."}))

    answer = client.get(f"{shown.redirect_chain[-1][0]}comments.xlsx")
    content = bytes(answer.content)
    assert b"Choose one of: Not reported" in read_part(content, "xl/comments")
    mended = send(client, filled(content, {(refs[0], "Status"): "Ongoing"})).context["found"]
    assert mended.bad == [] and [row.activity.ref for row in mended.rows] == refs


def read_part(book: bytes, beginning: str) -> bytes:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(book)) as package:
        return b"".join(package.read(name) for name in package.namelist() if name.startswith(beginning))


def test_a_report_that_somebody_else_wrote_meanwhile_needs_a_choice(
    client: Client, book: bytes, scenario: Scenario, cast: Cast
) -> None:
    draft = scenario.reports[rules.DRAFT]
    content = filled(book, {(draft.activity.ref, "Progress"): "Mine."})
    theirs = Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="Theirs.")
    actions.save_report(update=draft, version=draft.version, report=theirs, by=Actor(cast.somtc, "page", "s"))

    shown = send(client, content)
    [row] = shown.context["found"].conflicts
    changes = {change.label: (change.before, change.after) for change in row.changes}
    assert changes["Progress"] == ("Theirs.", "Mine.")
    refused = confirm(client, shown)
    assert refused.status_code == 400 and "For each row that was changed by others" in refused.content.decode()

    confirm(client, shown, **{f"choice-{draft.activity.ref}": "mine"})
    draft.refresh_from_db()
    assert draft.narrative == "Mine."


def test_what_somebody_wrote_after_the_preview_is_not_overwritten(
    client: Client, book: bytes, scenario: Scenario, cast: Cast
) -> None:
    draft = scenario.reports[rules.DRAFT]
    shown = send(client, filled(book, {(draft.activity.ref, "Progress"): "Mine."}))
    theirs = Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="Theirs.")
    actions.save_report(update=draft, version=draft.version, report=theirs, by=Actor(cast.somtc, "page", "s"))

    refused = confirm(client, shown)

    assert refused.status_code == 409 and "differ from the preview" in refused.content.decode()
    draft.refresh_from_db()
    assert draft.narrative == "Theirs."


def test_a_row_that_nobody_touched_is_left_alone_whatever_became_of_it(
    client: Client, book: bytes, scenario: Scenario, cast: Cast
) -> None:
    draft = scenario.reports[rules.DRAFT]
    actions.submit_report(update=draft, version=draft.version, by=Actor(cast.somtc, "page", "s"))

    found = send(client, book).context["found"]

    assert (found.rows, found.bad) == ([], [])


def test_a_row_that_was_submitted_meanwhile_is_refused_by_name(
    client: Client, book: bytes, scenario: Scenario, cast: Cast
) -> None:
    draft = scenario.reports[rules.DRAFT]
    content = filled(book, {(draft.activity.ref, "Progress"): "Too late."})
    actions.submit_report(update=draft, version=draft.version, by=Actor(cast.somtc, "page", "s"))

    [bad] = send(client, content).context["found"].bad

    assert f"The report on {draft.activity.ref} is now submitted" in bad.right


def test_it_is_read_as_other_programs_write_it(client: Client, book: bytes) -> None:
    """Columns in another order, one renamed, one more; spaces that do not break; typeset quotes; days as text."""
    refs = due_refs()[:3]
    columns = headings(book)
    content = filled(
        book,
        {
            (refs[0], "Status"): "\u00a0on-going ",
            (refs[0], "Status as at"): "30 June 2018",
            (refs[0], "Progress"): "It is “done”…\u00a0nearly.  ",
            (refs[1], "Status"): "COMPLETE",
            (refs[1], "Status as at"): str(SERIAL),
            (refs[2], "Kind of report"): "no change",
        },
    )
    content = with_cells(
        content, {f"{columns['Next steps']}1": "Way forward", "U1": "Remarks of our office", "U2": "x"}
    )
    order = [*range(20, -1, -1)]

    found = send(client, moved(content, order)).context["found"]

    assert found.bad[0].right.startswith("This number is not a date") if found.bad else True
    assert any("Remarks of our office" in note for note in found.notes)
    first = next(row for row in found.rows if row.activity.ref == refs[0])
    assert (first.report.status, str(first.report.as_of)) == ("ongoing", "2018-06-30")


def test_a_draft_is_not_changed_by_typeset_quotes_alone(client: Client, cast: Cast, scenario: Scenario) -> None:
    draft = scenario.reports[rules.DRAFT]
    report = Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative='He said "yes" - twice.')
    actions.save_report(update=draft, version=draft.version, report=report, by=Actor(cast.somtc, "page", "s"))
    book = bytes(client.get(ADDRESS).content)

    found = send(client, filled(book, {(draft.activity.ref, "Progress"): "He said “yes” – twice. \u00a0"})).context[
        "found"
    ]

    assert found.rows == []


def test_another_plan_round_or_body_is_refused_by_name(
    client: Client, book: bytes, cast: Cast, page: Callable[..., Client]
) -> None:
    secretariat = page(cast.secretariat)
    for_acwc = ADDRESS.replace("SOMTC", "ACWC")

    answer = send(secretariat, book, address=for_acwc)
    assert answer.status_code == 400 and "This is the workbook of SOMTC, not of ACWC." in answer.content.decode()
    for part, text, message in (
        ("2018-1", "2017-2", "This is a workbook of the round “"),
        ("tip-2016-2020", "other-plan", "This is a workbook of the plan “other-plan”"),
    ):
        other = renamed(book, part, text)
        answer = send(client, other)
        assert answer.status_code == 400 and message in answer.content.decode()
    answer = send(client, renamed(book, "apta round workbook 1", "something"))
    assert "its plan, round and body are missing" in answer.content.decode()


def renamed(book: bytes, before: str, after: str) -> bytes:
    from tests.imports.edited import with_part

    def change(content: bytes) -> bytes:
        return content.replace(f">{before}<".encode(), f">{after}<".encode())

    return with_part(book, "xl/sharedStrings.xml", change)


def test_a_workbook_with_earlier_headings_is_read(client: Client, book: bytes) -> None:
    content, refs = ten_cells(book)
    for present, earlier in (
        ("Status as at", "As of"),
        ("Last status, as at", "Last status, as of"),
        ("Reference and version (do not change)", "Reference and version (leave as it is)"),
    ):
        assert renamed(content, present, earlier) != content
        content = renamed(content, present, earlier)

    found = send(client, content).context["found"]

    assert (found.changed_cells, [row.activity.ref for row in found.rows]) == (10, refs)
    assert not any("ignored" in note for note in found.notes)


def test_a_superseded_workbook_is_refused_by_name(client: Client, book: bytes) -> None:
    import time_machine
    from django.utils import timezone

    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=5), tick=False):
        later = bytes(client.get(ADDRESS).content)
        content, _ = ten_cells(later)
        confirm(client, send(client, content))

        answer = send(client, book)

    assert answer.status_code == 400 and "This workbook was superseded" in answer.content.decode()


def test_a_workbook_is_for_the_body_and_the_secretariat(
    client: Client, book: bytes, cast: Cast, page: Callable[..., Client]
) -> None:
    answers = {
        name: page(getattr(cast, name)).get(ADDRESS).status_code
        for name in ("visitor", "newcomer", "acwc", "somtc", "secretariat")
    }
    assert answers == {"visitor": 302, "newcomer": 403, "acwc": 403, "somtc": 200, "secretariat": 200}
    shown = send(client, book)
    assert page(cast.secretariat).get(shown.redirect_chain[-1][0]).status_code == 404
    assert send(page(cast.acwc), book).status_code == 403


def test_the_secretariat_records_for_a_body(scenario: Scenario, cast: Cast, page: Callable[..., Client]) -> None:
    secretariat = page(cast.secretariat)
    content, refs = ten_cells(bytes(secretariat.get(ADDRESS).content))

    done = confirm(secretariat, send(secretariat, content), "submit")

    assert "3 reports of SOMTC are recorded." in done.content.decode()
    assert set(Activity.objects.filter(ref__in=refs).values_list("status", flat=True)) == {"ongoing"}
    request = AuditEntry.objects.filter(action="import.applied").get().request_id
    undone = secretariat.post(f"/audit/requests/{request}/", {"reason": "By mistake.", "undo": "1"})
    assert undone.status_code == 302
    assert set(Activity.objects.filter(ref__in=refs).values_list("status", flat=True)) == {"not_reported"}


def test_a_round_that_takes_no_reports_has_no_workbook(plan: WorkPlan, cast: Cast, page: Callable[..., Client]) -> None:
    reporting_round = opened(plan, Actor(cast.secretariat, "page", "r"))
    client = page(cast.somtc)
    book = bytes(client.get(ADDRESS).content)
    actions.close_round(
        reporting_round=reporting_round, version=reporting_round.version, by=Actor(cast.secretariat, "page", "r")
    )

    assert client.get(ADDRESS).status_code == 409
    answer = send(client, book)
    assert answer.status_code == 409 and "is closed and accepts no reports of SOMTC" in answer.content.decode()
    assert SectoralBody.objects.filter(acronym="SOMTC").exists()
