"""Coverage: every number is a count over the API's rows for the same question."""

import csv
import datetime
import html
import io
import random
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from tests.conftest import Cast
from tests.larger_plans import grow, saved
from tests.random_plans import CODE, with_a_history
from tests.workbooks import texts
from workplan import rules
from workplan.models import Activity, CollaborationArea, Provision, Responsibility, SectoralBody, WorkPlan

Page = Callable[..., Client]
Row = dict[str, Any]

REAL = "/plans/tip-2016-2020/coverage/"
PAGE = f"/plans/{CODE}/coverage/"
FIGURE = re.compile(r'<a class="figure[^"]*" href="([^"]*)"[^>]*>(?:<span[^>]*></span>)?(\d+)')
ROLES = {term.label: term.value for term in rules.ROLES}
GAPS = {term.label: term.value for term in rules.GAPS}
STATUSES = {term.label: term.value for term in rules.STATUSES}

# What is asked for beside the plan, in turn: nothing, every filter that shapes the matrix, and days.
QUESTIONS = [
    "",
    "section=A",
    "body=SOMTC&body=ACWC",
    "body=SOMTC&role=cooperating",
    "role=lead&status=ongoing&status=completed",
    "kind=activity&provision=A.1&provision=B.1",
    "gap=no_lead",
    "as_of={day}",
    "as_of={day}&status=not_reported&section=B&role=cooperating",
]


def fits(row: Row, query: QueryDict) -> bool:
    """Whether an activity, as the API shows it, is one that ``query`` asks for: said once more, in other words."""
    bodies, roles = query.getlist("body"), query.getlist("role")
    lead, named = set(row["lead_bodies"]), {*row["lead_bodies"], *row["cooperating_bodies"]}
    everybody = set(SectoralBodies.names) if row["all_other_bodies_cooperate"] else set()
    cooperating = (set(row["cooperating_bodies"]) | everybody) - lead
    wanted = {"lead": lead, "cooperating": cooperating}.get(roles[0] if len(roles) == 1 else "", lead | cooperating)
    lacks = {"no_lead": not lead, "cooperating_only": bool(cooperating) and not lead, "no_body": not named | everybody}
    return (
        (not bodies or bool(wanted & set(bodies)))
        and (not roles or bool(wanted))
        and all(row[name] in query.getlist(name) for name in ("status", "kind", "plan") if name in query)
        and all(row[name]["ref"] in query.getlist(name) for name in ("section", "provision") if name in query)
        and ("gap" not in query or any(lacks[gap] for gap in query.getlist("gap")))
    )


class SectoralBodies:
    """Their names, read once."""

    names: list[str] = []


@pytest.fixture(autouse=True)
def bodies(plan: WorkPlan) -> list[str]:
    SectoralBodies.names = list(SectoralBody.objects.values_list("acronym", flat=True))
    return SectoralBodies.names


def asked(base: str, **chosen: str) -> QueryDict:
    """The filters of the page, with what a number stands for in their place."""
    query = QueryDict(base, mutable=True)
    for name, value in chosen.items():
        if value:
            query[name] = value
    return query


def is_left_out(base: str, status: str) -> bool:
    """Whether the page is filtered by other statuses than this one."""
    shown = QueryDict(base).getlist("status")
    return bool(status and shown and status not in shown)


class Rows:
    """The activities of the plan as the API lists them, on a day, and their number for a question."""

    def __init__(self, api: Any, question: str) -> None:
        self.api = api
        day = QueryDict(question).get("as_of", "")
        listed = api.get("/api/v1/activities/", {"plan": CODE, "limit": 1000} | ({"as_of": day} if day else {}))
        self.rows: list[Row] = listed.json()["results"]

    def count(self, query: QueryDict) -> int:
        return sum(fits(row, query) for row in self.rows)

    def asked_for(self, query: QueryDict) -> int:
        """By one request more."""
        answer = self.api.get(f"/api/v1/activities/?plan={CODE}&limit=1&{query.urlencode()}")
        assert answer.status_code == 200, answer.json()
        number: int = answer.json()["count"]
        return number


def figures(page: str) -> Iterator[tuple[QueryDict, int]]:
    """Each number of the page that is a link, with what the link asks for."""
    for address, number in FIGURE.findall(page):
        path, _, query = html.unescape(address).partition("?")
        assert path == f"/plans/{CODE}/activities/"
        yield QueryDict(query), int(number)


def numbers_of_csv(file: bytes) -> Iterator[tuple[dict[str, str], int]]:
    for line in csv.DictReader(io.StringIO(file.decode("utf-8-sig"))):
        chosen = {
            "section": "" if line["Provision"] or line["Section"] == "All" else line["Section"],
            "provision": line["Provision"],
            "body": "" if line["Body"].startswith("All") else line["Body"],
            "role": ROLES.get(line["Role or gap"], ""),
            "gap": GAPS.get(line["Role or gap"], ""),
        }
        yield chosen, int(line["Activities"])
        for label, status in STATUSES.items():
            yield {**chosen, "status": status}, int(line[label])


def numbers_of_sheet(rows: list[list[str]]) -> Iterator[tuple[dict[str, str], int]]:
    heading, *lines = rows
    for ref, _, part, *numbers in lines:
        place = {} if ref == "All" else {"provision" if "." in ref else "section": ref}
        for body, number in zip(heading[3:], numbers, strict=True):
            chosen = {**place, "body": "" if body.startswith("All") else body}
            yield {**chosen, "role": ROLES.get(part, ""), "status": STATUSES.get(part, "")}, int(number)


def numbers_of_json(found: dict[str, Any]) -> Iterator[tuple[dict[str, str], int]]:
    def counted(part: dict[str, Any], **chosen: str) -> Iterator[tuple[dict[str, str], int]]:
        yield chosen, part["count"]
        yield from (({**chosen, "status": status}, number) for status, number in part["by_status"].items())

    def totals(part: dict[str, Any], **chosen: str) -> Iterator[tuple[dict[str, str], int]]:
        yield from counted(part, **chosen)
        yield from (({**chosen, "gap": gap}, number) for gap, number in part["gaps"].items())
        for role, numbers in part["roles"].items():
            yield from counted(numbers, **chosen, role=role)

    yield from totals(found["totals"])
    lines = [("section", line) for line in found["sections"]] + [("provision", line) for line in found["rows"]]
    for kind, line in [*lines, ("", {"cells": found["columns"]})]:
        place = {kind: line["ref"]} if kind else {}
        if kind:
            yield from totals(line["totals"], **place)
        for cell in line["cells"]:
            for role, numbers in cell["roles"].items():
                yield from counted(numbers, **place, body=cell["body"], role=role)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_number_is_a_count_over_the_rows_of_the_api(
    plan: WorkPlan, cast: Cast, page: Page, api: Any, seed: int
) -> None:
    chance = random.Random(seed)
    history = with_a_history(chance, cast, seed=seed)
    shown: list[tuple[str, int]] = []
    for question in QUESTIONS:
        question = question.format(day=chance.choice(history.moments(chance, 10)).date())
        rows, seen = Rows(api(), question), []
        for show in ("role", "status"):
            seen += list(figures(page().get(f"{PAGE}?{question}&show={show}").content.decode()))
        on_page = len(seen)
        file = b"".join(page().get(f"/plans/{CODE}/coverage.csv?{question}"))  # type: ignore[arg-type]
        sheets = texts(page().get(f"/plans/{CODE}/coverage.xlsx?{question}").content)
        found = api().get(f"/api/v1/coverage/?plan={CODE}&{question}").json()
        for numbers in (
            numbers_of_csv(file),
            numbers_of_sheet(sheets["By role"]),
            numbers_of_sheet(sheets["By status"]),
            numbers_of_json(found),
        ):
            for chosen, number in numbers:
                if is_left_out(question, chosen.get("status", "")):
                    assert number == 0, (question, chosen)
                else:
                    seen.append((asked(question, **chosen), number))
        check_gaps(found, sheets["Gaps"], api())
        counted = [(dict(query.lists()), number, rows.count(query)) for query, number in seen]
        assert [entry for entry in counted if entry[1] != entry[2]] == [], question
        shown.append((question, on_page))
        for query, number in chance.sample(seen, min(5, len(seen))):
            assert rows.asked_for(query) == number, query
    assert sum(number for _, number in shown) > 200 and shown[0][1] > 60, shown


def check_gaps(found: dict[str, Any], sheet: list[list[str]], api: Any) -> None:
    """Each gap counts what its address lists, and the workbook has it line by line."""
    for gap in found["gaps"]:
        lines = [line for line in sheet[1:] if line[0] == gap["label"]]
        assert int(lines[0][1]) == gap["count"] == len(lines) - 1
        if gap["url"]:
            listed = api.get(gap["url"] + "&limit=1000").json()
            assert [row["ref"] for row in listed["results"]] == [line[2] for line in lines[1:]]
            if gap["places"]:
                assert [place["ref"] for place in gap["places"]] == [row["ref"] for row in listed["results"]]
        else:
            assert gap["bodies"] == [line[2] for line in lines[1:]]


def refs(answer: Any) -> list[str]:
    return [row["ref"] for row in answer.json()["results"]]


def test_a_place_is_empty_where_the_list_of_its_activities_is(plan: WorkPlan, cast: Cast, api: Any) -> None:
    chance = random.Random(5)
    history = with_a_history(chance, cast, seed=5)
    days = ["", "2018-06-01", f"{history.now:%Y-%m-%d}"]
    for day in days:
        then = f"&as_of={day}" if day else ""
        for places, parameter in (("provisions", "provision"), ("areas", "area")):
            split = {
                wanted: [
                    row["ref"]
                    for row in api()
                    .get(f"/api/v1/{places}/?plan={CODE}&empty={wanted}{then}&limit=1000")
                    .json()["results"]
                ]
                for wanted in ("true", "false")
            }
            everywhere = [row["ref"] for row in api().get(f"/api/v1/{places}/?plan={CODE}").json()["results"]]
            assert sorted(split["true"] + split["false"]) == sorted(everywhere)
            for ref in everywhere:
                rows = api().get(f"/api/v1/activities/?plan={CODE}&{parameter}={ref}&limit=1{then}").json()["count"]
                assert (rows == 0) == (ref in split["true"]), (day, ref)
            if places == "areas" and not day:
                asked_about = api().get(f"/api/v1/questions/?plan={CODE}&kind={rules.EMPTY_AREA}&limit=1000").json()
                assert {row["key"].rpartition("area.")[2] for row in asked_about["results"]} == set(split["true"])


def test_bodies_of_all_the_others_are_no_gap(plan: WorkPlan, api: Any) -> None:
    rows = {name: Activity.objects.filter(plan=plan).order_by("position")[place] for place, name in enumerate("abcd")}
    Responsibility.objects.filter(activity__in=rows.values()).delete()
    Activity.objects.filter(pk__in=[row.pk for row in rows.values()]).update(all_other_bodies_cooperate=False)
    Activity.objects.filter(pk=rows["b"].pk).update(all_other_bodies_cooperate=True)
    somtc = SectoralBody.objects.get(acronym="SOMTC")
    Responsibility.objects.create(activity=rows["c"], body=somtc, role=rules.COOPERATING)
    Responsibility.objects.create(activity=rows["d"], body=somtc, role=rules.LEAD)

    def found(*gaps: str) -> set[str]:
        query = "&".join(f"gap={gap}" for gap in gaps)
        listed = api().get(f"/api/v1/activities/?{query}&limit=1000").json()["results"]
        return {row["ref"] for row in listed} & {row.ref for row in rows.values()}

    assert found("no_lead") == {rows["a"].ref, rows["b"].ref, rows["c"].ref} == found("cooperating_only", "no_body")
    assert found("cooperating_only") == {rows["b"].ref, rows["c"].ref}
    assert found("no_body") == {rows["a"].ref}


def test_a_saved_view_is_covered_and_its_numbers_lead_to_its_rows(
    plan: WorkPlan, cast: Cast, page: Page, api: Any
) -> None:
    chance = random.Random(4)
    view = saved(with_a_history(chance, cast, seed=4).plan, cast.newcomer, query="body=SOMTC&status=not_reported")
    rows, seen = Rows(api(), ""), []
    for asked_for in (f"view={view.slug}", f"view={view.slug}&body=ACWC&role=cooperating&show=status"):
        seen += list(figures(page().get(f"{PAGE}?{asked_for}").content.decode()))
    assert all(query["view"] == view.slug for query, _ in seen)
    for query, number in chance.sample(seen, 12):
        assert rows.asked_for(query) == number, query


def test_page_and_file_list_the_rows_of_a_gap(plan: WorkPlan, page: Page, api: Any) -> None:
    refs = [row["ref"] for row in api().get("/api/v1/activities/?gap=no_lead").json()["results"]]
    assert refs
    shown = page().get("/plans/tip-2016-2020/activities/?gap=no_lead")
    assert [row.ref for row in shown.context["listing"].page] == refs
    assert "Gap: No lead body" in shown.content.decode()
    file = b"".join(page().get("/plans/tip-2016-2020/activities.csv?gap=no_lead")).decode("utf-8-sig")  # type: ignore[arg-type]
    assert [line["Ref"] for line in csv.DictReader(io.StringIO(file))] == refs


def test_the_real_plan_is_covered_as_its_document_says(plan: WorkPlan, page: Page) -> None:
    found = page().get(REAL).context["coverage"]
    gaps = {gap.term.value: gap for gap in found.gaps}
    assert [area.ref for area in gaps["empty_areas"].found] == ["B.2.3", "C.1.2", "C.1.3", "C.2.2", "C.5.2", "D.1.1"]
    assert gaps["empty_provisions"].number == 0
    assert [row.ref for row in gaps["no_body"].found] == ["C.5.4.1", "C.5.4.2", "C.5.4.3"]
    assert found.total.whole.total == Activity.objects.filter(plan=plan).count()


def test_gaps_are_marked_where_they_are_and_lead_there(plan: WorkPlan, page: Page) -> None:
    provision = Provision.objects.get(plan=plan, ref="D.1")
    Activity.objects.filter(area__provision=provision).delete()
    Responsibility.objects.filter(body__acronym="ACMW", role=rules.LEAD).delete()
    shown = page().get(f"{REAL}?as_of=2020-01-01").content.decode()
    assert shown.count("no activity</span>") == 1 and shown.count("no lead role</span>") == 1
    assert 'href="/plans/tip-2016-2020/?as_of=2020-01-01#D.1"' in shown
    assert "gap=no_lead&amp;as_of=2020-01-01" in shown
    assert "?body=ACMW&amp;role=cooperating&amp;as_of=2020-01-01" in shown


def test_the_page_says_what_a_total_counts(plan: WorkPlan, page: Page) -> None:
    assert "A total counts each activity once." in page().get(REAL).content.decode()


@pytest.mark.parametrize(
    ("query", "name"),
    [("show=size", "show"), ("show=role&show=status", "show"), ("gap=hole", "gap"), ("as_of=2999-01-01", "as_of")],
)
def test_a_question_that_cannot_be_meant_is_refused_on_the_page(
    plan: WorkPlan, page: Page, query: str, name: str
) -> None:
    shown = page().get(f"{REAL}?{query}")
    assert shown.status_code == 400 and f"<strong>{name}</strong>" in shown.content.decode()


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_file_of_a_question_that_cannot_be_meant_is_refused(plan: WorkPlan, page: Page, ending: str) -> None:
    assert page().get(f"/plans/tip-2016-2020/coverage.{ending}?section=Q").status_code == 400
    assert page().get("/plans/tip-2016-2020/coverage.ods").status_code == 404


@pytest.mark.parametrize("address", ["activities", "provisions", "areas", "coverage"])
@pytest.mark.parametrize(("query", "name"), [("gap=hole", "gap"), ("empty=perhaps", "empty")])
def test_a_gap_that_nobody_knows_is_refused_by_name(
    plan: WorkPlan, api: Any, address: str, query: str, name: str
) -> None:
    answer = api().get(f"/api/v1/{address}/?{query}")
    assert answer.status_code == 400 and list(answer.json()["error"]["fields"]) == [name]


def test_a_day_says_nothing_of_places_unless_it_is_asked_what_was_empty(plan: WorkPlan, api: Any) -> None:
    answer = api().get("/api/v1/areas/?as_of=2018-01-01")
    assert answer.status_code == 400 and "Give empty with it" in answer.json()["error"]["fields"]["as_of"][0]


def test_no_cell_of_a_file_is_run_as_a_formula(plan: WorkPlan, page: Page) -> None:
    Provision.objects.filter(plan=plan, ref="A.1").update(text="=HYPERLINK(0)")
    file = b"".join(page().get("/plans/tip-2016-2020/coverage.csv")).decode("utf-8-sig")  # type: ignore[arg-type]
    texts = {line["Text"] for line in csv.DictReader(io.StringIO(file))}
    assert "'=HYPERLINK(0)" in texts and "=HYPERLINK(0)" not in texts
    book = zipfile.ZipFile(io.BytesIO(page().get("/plans/tip-2016-2020/coverage.xlsx").content))
    assert not any(b"<f>" in book.read(name) for name in book.namelist())


def test_a_file_of_a_day_is_named_after_it(plan: WorkPlan, page: Page) -> None:
    response = page().get("/plans/tip-2016-2020/coverage.xlsx?as_of=2018-01-01")
    assert response["Content-Disposition"] == 'attachment; filename="tip-2016-2020-coverage-2018-01-01.xlsx"'


def test_filters_answer_in_place(plan: WorkPlan, page: Page) -> None:
    shown = page().get(f"{REAL}?section=A", headers={"HX-Request": "true"})
    assert "<html" not in shown.content.decode() and "HX-Request" in shown["Vary"]


def test_two_plans_are_covered_apart_and_together(plan: WorkPlan, cast: Cast, api: Any) -> None:
    with_a_history(random.Random(9), cast, seed=9)

    def count(query: str) -> tuple[int, set[str]]:
        found = api().get(f"/api/v1/coverage/{query}").json()
        return found["totals"]["count"], {row["plan"] for row in found["rows"]}

    one, other, both = count(f"?plan={CODE}"), count(f"?plan={plan.code}"), count("")
    assert one[1] == {CODE} and other[1] == {plan.code}
    assert both == (one[0] + other[0], {CODE, plan.code})


def test_a_large_plan_is_counted_in_the_same_questions_as_a_small_one(
    plan: WorkPlan, api: Any, django_assert_max_num_queries: Any
) -> None:
    def ask(query: str) -> None:
        with django_assert_max_num_queries(12):
            assert api().get(f"/api/v1/coverage/?{query}").status_code == 200

    ask("")
    grow(plan, 1_000)
    section = Provision.objects.filter(plan=plan)[0].section
    Provision.objects.bulk_create(
        Provision(plan=plan, section=section, ref=f"A.{50 + place}", position=5_000 + place, text="More")
        for place in range(40)
    )
    for query in ("", f"as_of={datetime.date(2018, 1, 1)}"):
        ask(query)
    assert CollaborationArea.objects.count() < Activity.objects.count()
