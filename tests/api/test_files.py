"""Lists as files: the names and values of the JSON, in each form, for every list; and the fields that are asked for."""

import csv
import datetime
import io
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.api.lists import API, COMPUTED, LISTS, with_query
from tests.conftest import Cast
from tests.workbooks import cells
from workplan.exports.csv import original_text
from workplan.exports.rows import CHUNK
from workplan.exports.xlsx import TYPE as XLSX
from workplan.models import Activity, WorkPlan

FORMS = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX, "ndjson": "application/x-ndjson"}
EVERY_LIST = (*LISTS, *COMPUTED)


def content_of(answer: Any) -> bytes:
    assert answer.status_code == 200, answer.content
    assert answer.streaming
    return b"".join(answer)


def as_cells(row: Mapping[str, Any], path: str = "") -> dict[str, str]:
    """What the cells of a row of JSON are to be, by column; written down here as the description says it."""
    found: dict[str, str] = {}
    for name, value in row.items():
        if isinstance(value, dict) and name not in ("attributes", "refused_actions"):
            found |= as_cells(value, f"{path}{name}.")
        elif isinstance(value, dict):
            found[path + name] = "\n".join(f"{key}: {one}" for key, one in sorted(value.items()))
        elif isinstance(value, list) and any(isinstance(one, list | dict) for one in value):
            found[path + name] = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        elif isinstance(value, list):
            found[path + name] = "; ".join(str(one) for one in value)
        elif isinstance(value, bool):
            found[path + name] = str(value).lower()
        else:
            found[path + name] = "" if value is None else str(value)
    return found


def rows_of(content: bytes) -> list[dict[str, str]]:
    heading, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    assert len(set(heading)) == len(heading)
    return [dict(zip(heading, map(original_text, row), strict=True)) for row in rows]


def as_text(value: Any, like: str) -> str:
    """A cell of a workbook as CSV has it; a day is kept as the number of days since the end of 1899."""
    if isinstance(value, int) and re.fullmatch(r"\d{4}-\d\d-\d\d", like):
        return str(datetime.date(1899, 12, 30) + datetime.timedelta(days=value))
    return "" if value is None else str(value)


@pytest.mark.parametrize("address", EVERY_LIST)
def test_every_list_is_a_file_in_every_form(
    names: dict[str, Any], cast: Cast, api: Callable[..., Any], address: str
) -> None:
    program, where = api(cast.secretariat), address.format(**names)
    found = program.get(with_query(where, "limit=1000")).json()["results"]
    assert found
    files = {}
    for form, content_type in FORMS.items():
        answer = program.get(with_query(where, f"format={form}"))
        assert answer["Content-Type"] == content_type
        assert answer["Content-Disposition"].startswith(f'attachment; filename="{where.partition("/")[0]}')
        assert answer["Content-Disposition"].endswith(f'.{form}"')
        assert "Accept" in answer["Vary"]
        files[form] = content_of(answer)
    assert [json.loads(line) for line in files["ndjson"].splitlines()] == found

    rows = rows_of(files["csv"])
    assert len(rows) == len(found)
    for row, same in zip(rows, found, strict=True):
        shown = as_cells(same)
        # An object that is null leaves its columns empty.
        assert {name for name in shown if name not in row} <= {name for name, value in same.items() if value is None}
        assert row == dict.fromkeys(row, "") | {name: cell for name, cell in shown.items() if name in row}

    [heading, *sheet], about_rows = cells(files["xlsx"]).values()
    assert heading == list(rows[0])
    for row, values in zip(rows, sheet, strict=True):
        assert [as_text(value, cell) for value, cell in zip(values, row.values(), strict=True)] == list(row.values())
    about = dict(about_rows)
    assert f"{API}{where.partition('?')[0]}" in about["Source"]
    assert set(about) >= {f"Column {name}" for name in heading}


def test_accept_asks_for_a_file_too(plan: WorkPlan, api: Callable[..., Any]) -> None:
    for accepted, content_type in (
        ("text/csv", FORMS["csv"]),
        (XLSX, XLSX),
        ("application/x-ndjson", FORMS["ndjson"]),
        ("text/html, text/csv;q=0.9", FORMS["csv"]),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
    ):
        answer = api().get(f"{API}activities/", headers={"Accept": accepted})
        assert answer["Content-Type"] == content_type
    named = api().get(f"{API}activities/?format=json", headers={"Accept": "text/csv"})
    assert named["Content-Type"] == "application/json"


def test_another_form_is_refused_with_those_that_there_are(plan: WorkPlan, api: Callable[..., Any]) -> None:
    answer = api().get(f"{API}areas/", headers={"Accept": "application/pdf"})
    assert answer.status_code == 406
    error = answer.json()["error"]
    assert error["code"] == "not_acceptable"
    assert all(kind in error["message"] for kind in ("application/json", "text/csv", XLSX, "application/x-ndjson"))

    alone = api().get(f"{API}bodies/SOMTC/", headers={"Accept": "text/csv"})
    assert alone.status_code == 406
    assert "Accept one of application/json, or" in alone.json()["error"]["message"]
    for address, message in (
        ("activities/?format=pdf", "csv, json, ndjson, xlsx are"),
        ("summary/?format=csv", "Only json"),
    ):
        refused = api().get(API + address)
        assert refused.status_code == 400
        assert refused.json()["error"]["fields"]["format"][0].startswith(message)
    twice = api().get(f"{API}activities/?format=csv&format=csv")
    assert twice.json()["error"]["fields"] == {"format": ["Give format once only."]}


def test_filters_order_and_limit_hold_for_files(plan: WorkPlan, api: Callable[..., Any]) -> None:
    query = "section=A&body=SOMTC&ordering=-ref"
    whole = [row["ref"] for row in api().get(f"{API}activities/?{query}&limit=1000").json()["results"]]
    assert len(whole) > 6

    def refs(further: str) -> list[str]:
        return [row["ref"] for row in rows_of(content_of(api().get(f"{API}activities/?{query}&format=csv{further}")))]

    assert refs("") == whole
    assert refs("&limit=3") == whole[:3]
    assert refs("&limit=3&offset=2") == whole[2:5]
    assert refs("&offset=2") == whole[2:]
    page = api().get(f"{API}activities/?{query}&format=csv&cursor=&limit=4")
    following = page["Link"].partition(">")[0].lstrip("<")
    assert [row["ref"] for row in rows_of(content_of(page) + content_of(api().get(following)).partition(b"\n")[2])] == (
        whole[:8]
    )
    for wrong in ("status=none", "limit=0", "colour=red", "offset=x", "cursor=x"):
        answer = api().get(f"{API}activities/?format=csv&{wrong}")
        assert answer.status_code == 400
        assert answer["Content-Type"] == "application/json"


def test_a_formula_stays_a_text(plan: WorkPlan, api: Callable[..., Any]) -> None:
    Activity.objects.filter(ref="A.1.1.1").update(text='=HYPERLINK("http://x")', expected_output="@x")
    query = f"{API}activities/?ref=A.1.1.1&format="
    [row] = csv.DictReader(io.StringIO(content_of(api().get(f"{query}csv")).decode("utf-8-sig")))
    assert (row["text"], row["expected_output"]) == ('\'=HYPERLINK("http://x")', "'@x")
    heading, values = cells(content_of(api().get(f"{query}xlsx")))["Activities"]  # which has no formula
    assert values[heading.index("text")] == '=HYPERLINK("http://x")'


def test_a_file_that_nothing_has_changed_in_is_not_sent_again(
    plan: WorkPlan, cast: Cast, api: Callable[..., Any]
) -> None:
    address = f"{API}activities/?format=csv"
    tag = api().get(address)["ETag"]
    assert tag.startswith('W/"')
    assert tag not in (api().get(f"{API}activities/?format=ndjson")["ETag"], api().get(f"{API}activities/")["ETag"])
    assert api().get(address, headers={"If-None-Match": tag}).status_code == 304
    Activity.objects.filter(ref="A.1.1.1").update(marker="other")
    changed = api().get(address, headers={"If-None-Match": tag})
    assert changed.status_code == 200 and changed["ETag"] != tag
    # What somebody who takes part may do to a report changes with more than its revision.
    assert "ETag" in api().get(f"{API}updates/?format=csv")
    assert "ETag" not in api(cast.somtc).get(f"{API}updates/?format=csv")


def test_rows_are_fetched_a_few_at_a_time(
    names: dict[str, Any], api: Callable[..., Any], django_assert_max_num_queries: Any
) -> None:
    assert Activity.objects.count() < CHUNK
    with django_assert_max_num_queries(12):
        content_of(api().get(f"{API}activities/?format=csv"))


# Fields


@pytest.mark.parametrize("address", EVERY_LIST)
def test_every_list_gives_the_fields_that_are_asked_for(
    names: dict[str, Any], cast: Cast, api: Callable[..., Any], address: str
) -> None:
    program, where = api(cast.secretariat), address.format(**names)
    [row, *_] = program.get(with_query(where, "limit=2")).json()["results"]
    known = list(row)
    for name in known:
        [only, *_] = program.get(with_query(where, "limit=2", f"fields={name}")).json()["results"]
        assert only == {name: row[name]}
        [less, *_] = program.get(with_query(where, "limit=2", f"omit={name}")).json()["results"]
        assert less == {other: value for other, value in row.items() if other != name}
    [two, *_] = program.get(with_query(where, "limit=2", f"fields={known[2]},{known[0]}")).json()["results"]
    assert list(two) == [known[0], known[2]]
    refused = program.get(with_query(where, "fields=colour")).json()["error"]
    assert refused["fields"] == {
        "fields": [f"There is no field “colour”. Use {', '.join(known)}, separated by commas."]
    }
    assert list(program.get(with_query(where, f"omit={','.join(known)}")).json()["error"]["fields"]) == ["omit"]


def test_fields_make_another_answer_with_a_tag_of_its_own(plan: WorkPlan, api: Callable[..., Any]) -> None:
    activity = Activity.objects.get(ref="A.1.1.1")
    for address in ("activities/", f"activities/{activity.pk}/", "bodies/SOMTC/", "plans/"):
        tags = {query: api().get(f"{API}{address}?{query}")["ETag"] for query in ("", "fields=id", "omit=version")}
        assert len(set(tags.values())) == 3
        for query, tag in tags.items():
            kept = api().get(f"{API}{address}?{query}", headers={"If-None-Match": tag})
            assert kept.status_code == 304
    alone = api().get(f"{API}activities/{activity.pk}/?fields=ref,responsibilities")
    assert list(alone.json()) == ["ref", "responsibilities"]
    assert alone["ETag"].startswith(f'"{activity.version}-activity.{activity.pk}-')
    unknown = api().get(f"{API}activities/{activity.pk}/?omit=colour")
    assert "responsibilities" in unknown.json()["error"]["fields"]["omit"][0]


def test_fields_hold_for_files(plan: WorkPlan, api: Callable[..., Any]) -> None:
    answer = api().get(f"{API}activities/?format=csv&fields=ref,section,lead_bodies&ref=A.1.1.1")
    [row] = rows_of(content_of(answer))
    assert row == {"ref": "A.1.1.1", "section.ref": "A", "section.title": row["section.title"], "lead_bodies": "SOMTC"}


def test_only_what_is_read_has_fields_to_choose(plan: WorkPlan, cast: Cast, api: Callable[..., Any]) -> None:
    for answer in (
        api().get(f"{API}summary/?fields=count"),
        api(cast.secretariat).post(f"{API}rounds/?fields=id", {}),
    ):
        assert answer.status_code == 400
        assert list(answer.json()["error"]["fields"]) == ["fields"]
