"""The secretariat imports statuses: by reference, from a csv file or a workbook, with the preview of every change."""

import csv
import io
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.conftest import Cast
from tests.imports.edited import with_part
from tests.imports.packages import book, packed
from tests.imports.test_round_workbook import confirm
from tests.larger_plans import opened
from workplan.actions import Actor
from workplan.exports import xlsx
from workplan.models import Activity, AuditEntry, Import, StatusUpdate, WorkPlan

ADDRESS = "/plans/tip-2016-2020/import/"
COLUMNS = "columns=ref,status,status_as_of,latest_update.narrative,version"


@pytest.fixture
def client(cast: Cast, page: Callable[..., Client]) -> Client:
    return page(cast.secretariat)


def table(rows: Iterable[Iterable[object]]) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


def send(client: Client, content: bytes, name: str = "statuses.csv", **more: object) -> Any:
    return client.post(ADDRESS, {"file": SimpleUploadedFile(name, content), **more}, follow=True)


ROWS = [
    ["Activity ref", "Status", "As-of date", "Progress made"],
    ["A.1.1.1", "On-going", "30 June 2018", "Two workshops were held."],
    ["a.1.1.4", "deferred", "2018-06-30", "=1+1 is no formula"],
]


def test_rows_are_recorded_by_their_reference_and_undone_together(client: Client) -> None:
    rows = [*ROWS]
    rows[0] = [*ROWS[0], "Reason"]
    rows[2] = [*ROWS[2], "No money."]
    shown = send(client, table(rows))
    assert [(row.activity.ref, len(row.changes)) for row in shown.context["found"].rows] == [
        ("A.1.1.1", 3),
        ("A.1.1.4", 4),
    ]
    assert not StatusUpdate.objects.exists()

    done = confirm(client, shown, "submit")

    assert "2 statuses recorded." in done.content.decode()
    assert Activity.objects.get(ref="A.1.1.4").latest_update.narrative == "=1+1 is no formula"  # type: ignore[union-attr]
    entries = AuditEntry.objects.filter(channel="import")
    [request] = set(entries.values_list("request_id", flat=True))
    assert entries.filter(action="import.applied").get().changes["rows"] == [None, 2]
    assert client.post(f"/audit/requests/{request}/", {"reason": "By mistake.", "undo": "1"}).status_code == 302
    assert set(Activity.objects.filter(ref__in=("A.1.1.1", "A.1.1.4")).values_list("status", flat=True)) == {
        "not_reported"
    }


def test_the_data_file_sent_back_changes_nothing_and_ten_changes_are_ten(client: Client) -> None:
    confirm(client, send(client, table(ROWS[:2])), "submit")
    for ending in ("csv", "xlsx"):
        answer: Any = client.get(f"/plans/tip-2016-2020/data.{ending}?{COLUMNS}")
        content = answer.getvalue()
        found = send(client, content, f"data.{ending}").context["found"]
        assert (found.rows, found.bad, found.notes) == ([], [], [])

    rows = list(csv.reader(io.StringIO(client.get(f"/plans/tip-2016-2020/data.csv?{COLUMNS}").getvalue().decode()[1:])))  # type: ignore[attr-defined]
    for row in rows[1:4]:
        row[1:4] = ["ongoing", "2018-07-31", f"New: {row[0]}"]
    rows[4][1] = rows[4][1]
    refs = [row[0] for row in rows[1:4]]
    assert "A.1.1.1" in refs
    shown = send(client, table(rows))
    # A.1.1.1 is ongoing already, so that it gets a day and a text.
    assert shown.context["found"].changed_cells == 8
    confirm(client, shown, "submit")
    assert set(Activity.objects.filter(ref__in=refs).values_list("status", "latest_update__narrative")) == {
        ("ongoing", f"New: {ref}") for ref in refs
    }


def test_what_the_rules_refuse_is_a_bad_cell_and_can_be_mended(client: Client) -> None:
    rows = [
        ["Ref", "Status", "Progress", "For body"],
        ["A.1.1.1", "Completed", "Done.", ""],
        ["A.1.1.4", "half done", "", ""],
        ["Q.9", "ongoing", "Begun.", ""],
        ["A.2.1.1", "ongoing", "Begun.", "nobody"],
        ["A.2.2.1", "ongoing", "", ""],
        ["A.2.2.1", "ongoing", "", ""],
    ]
    shown = send(client, table(rows))
    bad = {(one.row, one.name) for one in shown.context["found"].bad}
    assert bad == {
        *((2, "outputs_delivered"), (2, "evidence"), (3, "status"), (4, "ref"), (5, "body")),
        *((6, "ref"), (7, "ref")),
    }
    path = shown.redirect_chain[-1][0]
    commented = client.get(f"{path}comments.xlsx")
    assert commented["Content-Type"] == xlsx.TYPE
    assert commented.content.startswith(b"PK")  # type: ignore[attr-defined]

    mended = client.post(
        path,
        {
            "mend": "1",
            "cell-2:outputs_delivered": "A handbook.",
            "cell-2:evidence": "Handbook – https://example.org/handbook",
        },
        follow=True,
    ).context["found"]
    assert {one.row for one in mended.bad} == {3, 4, 5, 6, 7}
    assert [row.activity.ref for row in mended.rows] == ["A.1.1.1"]


def test_a_row_that_was_changed_since_it_was_downloaded_needs_a_choice(client: Client) -> None:
    content = client.get(f"/plans/tip-2016-2020/data.csv?{COLUMNS}").getvalue().decode()[1:]  # type: ignore[attr-defined]
    confirm(client, send(client, table(ROWS[:2])), "submit")
    rows = list(csv.reader(io.StringIO(content)))
    row = next(row for row in rows if row[0] == "A.1.1.1")
    row[1:4] = ["ongoing", "2018-07-31", "Newer."]

    shown = send(client, table([rows[0], row]))

    assert shown.context["found"].open_choices == 1
    confirm(client, shown, "submit", **{"choice-A.1.1.1": "theirs"})
    assert Activity.objects.get(ref="A.1.1.1").latest_update.narrative == ROWS[1][3]  # type: ignore[union-attr]
    assert Import.objects.filter(state="previewed").count() == 1, "nothing was left to be applied"


def test_they_count_as_the_report_of_the_open_round_where_the_form_says_so(
    client: Client, plan: WorkPlan, cast: Cast
) -> None:
    reporting_round = opened(plan, Actor(cast.secretariat, "page", "r"))

    confirm(client, send(client, table(ROWS[:2]), counts=str(reporting_round.pk)), "submit")

    assert StatusUpdate.objects.get().round == reporting_round


def test_only_the_secretariat_imports_statuses(cast: Cast, page: Callable[..., Client]) -> None:
    for person, status in ((cast.visitor, 302), (cast.newcomer, 403), (cast.somtc, 403), (cast.colleague, 200)):
        client = page(person)
        assert client.get(ADDRESS).status_code == status
        if status != 200:
            assert send(client, table(ROWS)).status_code in (200, 403)  # a visitor is led to the sign-in page
    assert not Import.objects.exists()


def test_a_file_without_references_and_one_of_another_plan_are_refused_by_name(client: Client) -> None:
    answer = send(client, table([["Name", "Status"], ["x", "ongoing"]]))
    assert answer.status_code == 400 and "No sheet has a table with the column “Ref”" in answer.content.decode()
    other = [["Plan", "Ref", "Status"], ["tip-2021-2025", "A.1.1.1", "ongoing"]]
    [bad] = send(client, table(other)).context["found"].bad
    assert bad.name == "plan" and "another plan" in bad.right


def test_a_bad_file_is_refused_on_the_form(client: Client) -> None:
    answer = send(client, b"PK\x03\x04", "a.xlsx")
    assert answer.status_code == 400 and "damaged or not complete" in answer.content.decode()
    answer = send(client, packed(book()), "a.xlsm")
    assert answer.status_code == 400 and "macros" in answer.content.decode()
    many = with_part(packed(book('<row><c r="XFD1"><v>1</v></c></row>')), "none", bytes)
    answer = send(client, many, "a.xlsx")
    assert answer.status_code == 400 and "has columns up to XFD" in answer.content.decode()
    assert client.post(ADDRESS, {}).status_code == 400
