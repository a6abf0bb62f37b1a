"""What the addresses of files take and refuse, and what the command writes."""

import csv
import datetime
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from docx import Document

from tests.conftest import Cast
from tests.exports.files import PLAN, fetch, pdf_text, read_data, word_rows
from tests.larger_plans import grow
from tests.random_history import RandomHistory
from tests.workbooks import cells
from workplan.exports import selection
from workplan.exports.rows import CHUNK
from workplan.models import Activity, ReportingRound, StatusUpdate, WorkPlan

Page = Callable[..., Client]


@pytest.mark.parametrize(
    ("path", "parameter", "said"),
    [
        ("data.csv?type=zebra", "type", "Use activities, updates, bodies, responsibilities, audit."),
        ("data.csv?type=activities&type=updates", "type", "Give type once only."),
        ("data.csv?columns=ref,zebra", "columns", "There is no column “zebra”."),
        ("data.csv?columns=approved_by&type=updates", "columns", "There is no column “approved_by”."),
        ("data.xlsx?status=done", "status", "done"),
        ("data.csv?page=2", "page", "There is no parameter “page”."),
        ("data.csv?type=bodies&pillar=economic", "pillar", "There is no parameter “pillar”."),
        ("matrix.pdf?columns=ref", "columns", "There is no parameter “columns”."),
        ("matrix.docx?as_of=2190-01-01", "as_of", "has not come yet"),
        ("changes.docx?from=2018-2&to=zebra", "to", "neither a day"),
        ("changes.pdf?as_of=2018-01-01", "as_of", "Give them as from and to"),
        ("bodies/SOMTC/report.pdf?section=Z", "section", "There is no section Z."),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(
    history: RandomHistory, page: Page, path: str, parameter: str, said: str
) -> None:
    response = page().get(f"{PLAN}/{path}")

    assert response.status_code == 400
    text = " ".join(response.content.decode().split())
    assert parameter in text
    assert said in text


def test_programs_are_refused_in_the_shape_of_the_api(history: RandomHistory, page: Page) -> None:
    for ending in ("json", "ndjson"):
        response = page().get(f"{PLAN}/data.{ending}?colour=red")

        assert response.status_code == 400
        assert list(json.loads(response.content)["error"]["fields"]) == ["colour"]


@pytest.mark.parametrize(
    "path",
    ["matrix.doc", "matrix.csv", "changes.csv", "data.docx", "bodies/SOMTC/report.xlsx", "bodies/XYZ/report.pdf"],
)
def test_there_are_no_other_files(history: RandomHistory, page: Page, path: str) -> None:
    assert page().get(f"{PLAN}/{path}").status_code == 404


def test_any_spelling_of_a_body_leads_to_its_report(history: RandomHistory, page: Page) -> None:
    response = page().get(f"{PLAN}/bodies/SOMED/report.pdf")

    assert (response.status_code, response["Location"]) == (301, f"{PLAN}/bodies/SOM-ED/report.pdf")


def test_a_round_names_the_moment_of_its_results(history: RandomHistory, page: Page) -> None:
    ended = ReportingRound.objects.get(code="2018-1").ended_at()
    assert ended is not None
    then = f"{ended.astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    of_round = fetch(page(), "data.csv?columns=ref,status,file.as_of&as_of=2018-1")

    assert of_round == fetch(page(), f"data.csv?columns=ref,status,file.as_of&as_of={then}")
    assert of_round != fetch(page(), "data.csv?columns=ref,status,file.as_of&as_of=2018-2")
    assert page().get(f"{PLAN}/data.csv?as_of=2019-1").status_code == 400, "planned, and never opened"


def test_columns_are_those_asked_for_in_the_order_asked(history: RandomHistory, page: Page) -> None:
    rows = list(
        csv.reader(io.StringIO(fetch(page(), "data.csv?columns=status,ref&columns=ref,file.as_of").decode("utf-8-sig")))
    )

    assert rows[0] == ["status", "ref", "file.as_of"]
    assert rows[1][:2] == ["ongoing", "A.1.1.1"]
    assert len(rows) == 74


def test_names_of_people_are_for_who_has_an_account(history: RandomHistory, cast: Cast, page: Page) -> None:
    names = {"author", "submitted_by", "approved_by"}

    public = read_data(fetch(page(), "data.json?type=updates"), "json")
    own = read_data(fetch(page(cast.newcomer), "data.json?type=updates"), "json")

    assert public
    assert all(names.isdisjoint(row) for row in public)
    assert all(row["author"] for row in own)


def test_what_is_not_published_is_in_no_file_of_a_visitor(history: RandomHistory, cast: Cast, page: Page) -> None:
    hidden = StatusUpdate.objects.exclude(pk__in=StatusUpdate.objects.published()).exclude(narrative="")
    narratives = set(hidden.values_list("narrative", flat=True)) - set(
        StatusUpdate.objects.published().values_list("narrative", flat=True)
    )
    paths = ("data.json?type=updates", "data.json", "matrix.xlsx", "changes.xlsx?from=2018-01-01", "matrix.docx")
    for path in paths:
        content = fetch(page(), path)
        if path.endswith("docx"):
            content = "\n".join(cell for row in word_rows(content, 6) for cell in row).encode()
        elif ".xlsx" in path:
            content = str(cells(content)).encode()
        assert not any(narrative.encode() in content for narrative in narratives), path


def test_a_document_of_more_rows_than_it_can_hold_is_refused_and_the_workbook_is_not(
    history: RandomHistory, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "MOST_ROWS", 50)

    for path in ("matrix.docx", "matrix.pdf", "changes.pdf?from=2018-01-01"):
        response = page().get(f"{PLAN}/{path}")
        assert response.status_code == 400
        assert "A document holds at most 50 activities, and these are 73." in response.content.decode()
    assert len(cells(fetch(page(), "matrix.xlsx"))["Matrix"]) == 74
    with pytest.raises(CommandError, match="at most 50"):
        call_command("export_plan", plan="tip-2016-2020", format="pdf", out=Path("unused.pdf"))


@pytest.mark.parametrize("ending", ["docx", "pdf", "xlsx"])
def test_the_command_writes_what_the_address_gives(
    history: RandomHistory, page: Page, tmp_path: Path, ending: str
) -> None:
    out, said = tmp_path / f"matrix.{ending}", io.StringIO()
    chosen = ("--section", "A", "--status", "ongoing", "--status", "deferred", "--as-of", "2018-07-10")

    call_command("export_plan", "--plan", "tip-2016-2020", "--format", ending, "--out", str(out), *chosen, stdout=said)

    asked = fetch(page(), f"matrix.{ending}?section=A&status=ongoing&status=deferred&as_of=2018-07-10")
    made = out.read_bytes()
    read: dict[str, Callable[[bytes], Any]] = {
        "docx": lambda content: word_rows(content, 6),
        "pdf": lambda content: pdf_text(content).split("Summary")[1].split("Produced")[0],
        "xlsx": lambda content: cells(content)["Matrix"],
    }
    assert read[ending](made) == read[ending](asked)
    number = Activity.objects.filter(ref__startswith="A.").count()
    assert f"{out}: " in said.getvalue()
    assert "status as at 10 July 2018" in said.getvalue()
    assert [path.name for path in tmp_path.iterdir()] == [out.name]
    assert number > 0


def test_the_command_says_what_is_wrong(history: RandomHistory, tmp_path: Path) -> None:
    def refusal(*options: str, out: Path = tmp_path / "x.docx") -> str:
        with pytest.raises(CommandError) as problem:
            call_command("export_plan", *options, "--format", "docx", "--out", str(out))
        return str(problem.value)

    assert "There is no plan “zebra”. Plans here: tip-2016-2020." in refusal("--plan", "zebra")
    assert refusal("--plan", "tip-2016-2020", "--section", "Z", "--status", "done").startswith("--section: There is no")
    missing = tmp_path / "missing" / "x.docx"
    assert "cannot be written: No such file or directory" in refusal("--plan", "tip-2016-2020", out=missing)


def test_menus_lead_to_files_that_are_there(history: RandomHistory, cast: Cast, page: Page) -> None:
    client = page(cast.secretariat)
    seen = set()
    for address in (
        f"{PLAN}/?section=A",
        f"{PLAN}/activities/?body=SOMTC&status=ongoing&page_size=25",
        f"{PLAN}/compare/?from=2018-1",
        f"{PLAN}/bodies/",
        f"{PLAN}/bodies/SOMTC/?as_of=2018-07-10",
        f"{PLAN}/rounds/2018-1/",
        "/audit/?channel=page",
    ):
        html = client.get(address).content.decode()
        menu = html.split('<details class="menu download">')[1].split("</details>")[0]
        for link in menu.split('href="')[1:]:
            href = link.split('"')[0].replace("&amp;", "&")
            href = href if href.startswith("/") else address.split("?")[0] + href
            response: Any = client.get(href)
            assert response.status_code == 200, href
            assert response["Content-Disposition"].startswith("attachment"), href
            seen.add(href.split("?")[0].rsplit("/", 1)[-1])
    assert {"matrix.docx", "matrix.pdf", "matrix.xlsx", "changes.docx", "report.pdf", "data.csv", "data.json"} <= seen


def test_the_report_of_a_body_tells_of_its_rounds(history: RandomHistory, page: Page) -> None:
    document = Document(io.BytesIO(fetch(page(), "bodies/SOMTC/report.docx")))

    record = [[cell.text for cell in row.cells] for row in document.tables[-1].rows]

    assert record[0][:2] == ["Round", "Expected"]
    assert [row[0] for row in record[1:]] == ["First half of 2018 (published)", "Second half of 2018 (published)"]
    assert all(int(row[1]) > 0 for row in record[1:])


@pytest.mark.parametrize(
    ("path", "each"),
    [
        ("activities.csv", 3),
        ("data.csv", 3),
        ("data.json?as_of=2018-07-10", 4),
        ("data.ndjson?type=responsibilities", 3),
        ("data.xlsx?type=updates", 3),
        ("matrix.xlsx", 3),
    ],
)
def test_rows_are_fetched_a_chunk_at_a_time(plan: WorkPlan, page: Page, path: str, each: int) -> None:
    """No more queries for a row than for a chunk, and no more rows in memory than a chunk has."""
    client = page()

    def queries() -> int:
        fetch(client, path)
        with CaptureQueriesContext(connection) as asked:
            fetch(client, path)
        return len(asked)

    few = queries()
    grow(plan, 3 * CHUNK)
    many = queries()

    assert few <= 15
    assert many <= few + 3 * each
