"""What comes from outside costs no more than in proportion to its length, whoever reads it.

Each reader is measured on an input and on one four times as long. What costs the square of its length would take
sixteen times as long, and hold up everybody else by a request that anybody can send.
"""

import io
import json
import re
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import SuspiciousOperation, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParser
from django.test import Client, RequestFactory
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from apta.incoming import Limits, readable_request
from apta.middleware import KEYED_PATH
from tests.conftest import Cast
from tests.imports.packages import book, packed
from workplan import rules, search
from workplan.admin.base import MOST_PARTS
from workplan.admin.forms import LinesField, SentencesField
from workplan.api.base import Negotiation
from workplan.api.errors import flatten
from workplan.api.etags import other_record, tag_named, version_named
from workplan.api.parsers import read_json
from workplan.api.renderers import JSONRenderer
from workplan.api.serializers import Approval, BulkReportInput, ReportInput
from workplan.exceptions import Refusal
from workplan.filters import ActivityFilterSet
from workplan.filters.compare import CompareFilterSet
from workplan.filters.saved_queries import canonical
from workplan.filters.search import SearchFilterSet
from workplan.forms.updates import DraftForm, evidence_rows, with_more_rows
from workplan.history import differences
from workplan.imports.cells import Cell, sheets
from workplan.imports.files import opened
from workplan.imports.values import day_in, evidence_in, word_in
from workplan.models import Activity, WorkPlan
from workplan.rules import plain_file_name, problem_with_link
from workplan.search.correction import Vocabulary
from workplan.search.highlight import excerpt, highlighted
from workplan.search.query import BodySpellings, parse
from workplan.search.words import words_of
from workplan.views.addresses import is_to_be_found
from workplan.views.browsing import chips
from workplan.views.reporting.report import chosen_versions
from workplan.views.signed_out import typed_texts

TIMES = 4
# Twice what the proportion allows, half of what the square takes. n log n is just above the proportion.
MOST = 2 * TIMES
# Seconds. What takes less of a processor is not measured: it is less than any page takes.
NOTHING = 0.004
ATTEMPTS = 6

Work = Callable[[], Any]


def cost(work: Work) -> float:
    """The time of the processor that ``work`` takes, in seconds; what it refuses, it may refuse."""
    begun = time.process_time()
    with suppress(APIException, Refusal, SuspiciousOperation, ValidationError, ValueError):
        work()
    return time.process_time() - begun


def assert_in_proportion(prepare: Callable[[int], Work], size: int) -> None:
    """The work that ``prepare`` makes of an input of ``size`` grows with it, and no faster.

    A busy machine makes one measurement longer than another, so it is enough that one of several shows it.
    """
    short, long = prepare(size), prepare(TIMES * size)
    found = []
    for _ in range(ATTEMPTS):
        small, large = min(cost(short), cost(short)), cost(long)
        if large < max(NOTHING, MOST * small):
            return
        found.append(f"{large / max(small, 1e-6):.1f}")
    pytest.fail(f"{TIMES} times the input costs {', '.join(found)} times as much.")


def body(made: Callable[[int], str]) -> Callable[[int], Work]:
    return lambda size: partial(read_json, made(size).encode())


def asked(made: Callable[[int], str], filterset: Any = ActivityFilterSet) -> Callable[[int], Work]:
    """The filters of an address, judged, with the words in which the page repeats them."""

    def prepare(size: int) -> Work:
        query = QueryDict(made(size))

        def work() -> None:
            found = filterset(query, queryset=Activity.objects.all())
            if not found.problems():
                chips(found)
                if filterset is not SearchFilterSet:  # which narrows no rows
                    str(found.qs.query)

        return work

    return prepare


def form(made: Callable[[int], dict[str, Any]]) -> Callable[[int], Work]:
    """The form of a report, read, judged and made again with more rows."""

    def prepare(size: int) -> Work:
        sent = QueryDict(mutable=True)
        for name, value in made(size).items():
            sent.setlist(name, value if isinstance(value, list) else [value])

        def work() -> None:
            typed, rows = DraftForm(sent), evidence_rows(sent)
            typed.is_valid()
            rows.is_valid()
            with_more_rows(DraftForm, sent)

        return work

    return prepare


def of(read_it: Callable[[Any], Any], made: Callable[[int], Any]) -> Callable[[int], Work]:
    return lambda size: partial(read_it, made(size))


def sent_to_middleware(**made: Callable[[int], str]) -> Callable[[int], Work]:
    def prepare(size: int) -> Work:
        meta = {name: make(size) for name, make in made.items()}
        answer = HttpResponse()

        def work() -> None:
            request = RequestFactory().get("/api/")
            request.META |= meta
            readable_request(lambda _: answer)(request)
            Limits(lambda _: answer).process_view(request, print, (), {})
            dict(request.GET.lists()), request.COOKIES

        return work

    return prepare


def parts(size: int) -> bytes:
    part = '--x\r\nContent-Disposition: form-data; name="n{}"\r\n\r\nvalue\r\n'
    return ("".join(part.format(place) for place in range(size)) + "--x--\r\n").encode()


def read_parts(sent: bytes) -> None:
    meta = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": str(len(sent))}
    MultiPartParser(meta, io.BytesIO(sent), [], "utf-8").parse()


def words_on_edges(size: int) -> tuple[str, str]:
    """Two texts that agree in every other word, so that no run is longer than another."""
    often = max(1, size // 100 - 1)
    same = [f"w{place // often}" for place in range(size // 2)]
    return " ".join(f"{word} a{at}" for at, word in enumerate(same)), " ".join(
        f"{word} b{at}" for at, word in enumerate(same)
    )


def negotiated(sent: str) -> None:
    request = Request(RequestFactory().get("/", headers={"Accept": sent}))
    Negotiation().select_renderer(request, [JSONRenderer()])


def marked_as_searched(text: str) -> None:
    words = parse('"victims of trafficking" yyyy report', {})
    highlighted(text, words)
    excerpt(text, words.required_terms)


def searched_for_itself(text: str) -> None:
    """The text is searched for its own beginning, as long as a phrase may be, with another word after it."""
    query = parse(f'"{text[:190]} zebra"', {})
    highlighted(text, query)
    excerpt(text, query.required_terms)


def nearest(word: str) -> None:
    known = Vocabulary()
    known.add("identification trafficking protection of victims and witnesses in the region")
    known.nearest(word)


def read_csv(sent: str) -> None:
    sheets(opened("a.csv", sent.encode(), ("csv",)))


def read_book(rows: str) -> None:
    sheets(opened("a.xlsx", packed(book(rows)), ("xlsx",)))


BODIES = {f"body{place}": BodySpellings(place, (("body", str(place)),)) for place in range(30)}
MANY = {"evidence-INITIAL_FORMS": "0"}

# Without a table of the database.
READERS: dict[str, tuple[Callable[[int], Work], int]] = {
    "JSON: names": (body(lambda n: json.dumps({f"n{place}": place for place in range(n)})), 2_000),
    "JSON: names beyond the bound": (body(lambda n: json.dumps({f"n{place}": 1 for place in range(n)})), 20_000),
    "JSON: the same name": (body(lambda n: "{" + ",".join(['"a":1'] * n) + "}"), 2_000),
    "JSON: values": (body(lambda n: json.dumps([0] * n)), 2_000),
    "JSON: depth": (body(lambda n: "[" * n), 100_000),
    "JSON: depth of objects": (body(lambda n: '{"a":' * n), 50_000),
    "JSON: ends without beginnings": (body(lambda n: "]" * n), 100_000),
    "JSON: text": (body(lambda n: json.dumps("ក" * n)), 50_000),
    "JSON: escapes": (body(lambda n: '"' + r"\"" * n + '"'), 100_000),
    "JSON: text without end": (body(lambda n: '"' + r"\"" * n), 100_000),
    "JSON: quotes": (body(lambda n: '"' * n), 100_000),
    "JSON: a number": (body(lambda n: "9" * n), 100_000),
    "JSON: a fraction": (body(lambda n: "0." + "9" * n), 100_000),
    "JSON: an exponent": (body(lambda n: "1e" + "9" * n), 100_000),
    "JSON: space": (body(lambda n: " " * n), 200_000),
    "JSON: characters of no text": (body(lambda n: '"' + r"\u0000" * n + '"'), 50_000),
    "address: parameters": (sent_to_middleware(QUERY_STRING=lambda n: "&".join(["a=1"] * n)), 500),
    "address: signs": (sent_to_middleware(QUERY_STRING=lambda n: "&" * n), 10_000),
    "address: characters of no text": (sent_to_middleware(QUERY_STRING=lambda n: "a=" + "%00" * n), 10_000),
    "cookies": (sent_to_middleware(HTTP_COOKIE=lambda n: "; ".join(f'n{at}="\\000"' for at in range(n))), 1_000),
    "tags that a server added to": (sent_to_middleware(HTTP_IF_NONE_MATCH=lambda n: '"a-gzip-gzip",' * n), 5_000),
    "If-Match": (of(lambda sent: version_named(sent, 3), lambda n: '"1-a",' * n), 5_000),
    "If-Match without quotes": (of(lambda sent: version_named(sent, 3), lambda n: "1-a," * n), 5_000),
    "If-Match of other records": (of(lambda sent: other_record(sent, "a.1"), lambda n: '"1-a.1-0",' * n), 5_000),
    "If-Match of a question": (of(lambda sent: tag_named(sent, "x"), lambda n: '"1-a-1",' * n), 5_000),
    "Accept": (of(negotiated, lambda n: ",".join(f"a/b{place};q=0.1" for place in range(n))), 500),
    "parts of a form": (of(read_parts, parts), 500),
    "search: words": (of(lambda sent: parse(sent, BODIES), lambda n: "word " * n), 50),
    "search: different words": (of(lambda sent: parse(sent, BODIES), lambda n: " ".join(map(str, range(n)))), 50),
    "search: quotes": (of(lambda sent: parse(sent, BODIES), lambda n: '"' * n), 1_000),
    "search: minus": (of(lambda sent: parse(sent, BODIES), lambda n: "-" * n), 1_000),
    "search: dots": (of(lambda sent: parse(sent, BODIES), lambda n: "a" + ".1" * n), 1_000),
    "search: digits": (of(lambda sent: parse(sent, BODIES), lambda n: "a" + "1" * n), 1_000),
    "search: accents": (of(lambda sent: parse(sent, BODIES), lambda n: "a" + "\u0301" * n), 1_000),
    "search: a long word": (of(nearest, lambda n: "identification" * n), 50),
    "marks in a text": (of(marked_as_searched, lambda n: "victims of nothing " * n), 500),
    "search: words that spell no body": (of(lambda sent: parse(sent, BODIES), lambda n: "body - " * n), 200),
    "a phrase that is nearly there": (of(searched_for_itself, lambda n: "a " * n), 2_000),
    "a phrase of letters that are words": (of(searched_for_itself, lambda n: "กา" * n), 500),
    "words of every script": (of(words_of, lambda n: "การ ၊ 打击 cafe\u0301 e\u0301\u0301 " * n), 200),
    "marks without letters": (of(words_of, lambda n: "\u0e34\u0301" * n), 1_000),
    "marks in a text of one word": (of(marked_as_searched, lambda n: "y" * n), 300),
    "differences: the same words": (of(lambda two: differences.words(*two), lambda n: ("a " * n, "a b " * n)), 600),
    "differences: words on edges": (of(lambda two: differences.words(*two), words_on_edges), 600),
    "differences: sentences": (of(lambda two: differences.words(*two), lambda n: ("a. b. " * n, "a. c! " * n)), 1_500),
    "differences: no sentences": (of(lambda two: differences.words(*two), lambda n: ("a " * n, "b\n" * n)), 5_000),
    "differences: signs": (of(lambda two: differences.words(*two), lambda n: (".  " * n, "!" * n)), 5_000),
    "lines of a document": (of(LinesField().to_python, lambda n: "1-2," * n), 2_000),
    "lines of a document in disorder": (of(LinesField().to_python, lambda n: "1" + " " * n + "-"), 5_000),
    "notes of a document": (of(SentencesField().to_python, lambda n: "note\n" * n), 2_000),
    "a remark": (of(lambda sent: rules.asks_for_transfer(sent, []), lambda n: "to be moved " * n), 2_000),
    "name of a file": (of(plain_file_name, lambda n: "/.\\ " * n), 5_000),
    "address of evidence": (of(problem_with_link, lambda n: "https://" + "a." * n), 500),
    "address of evidence: hyphens": (of(problem_with_link, lambda n: "https://" + "a-" * n + "/"), 500),
    "address of a page": (of(is_to_be_found, lambda n: "/plans/" + "a/activities/" * n), 300),
    "address of a feed": (of(KEYED_PATH.fullmatch, lambda n: "/plans/" + "bodies/" * n), 2_000),
    "reports that are ticked": (of(chosen_versions, lambda n: [f"{place}:1" for place in range(1, n)]), 500),
    "a csv file: rows": (of(read_csv, lambda n: "a,b,c\n" * n), 2_000),
    "a csv file: columns": (of(read_csv, lambda n: "," * n), 5_000),
    "a csv file: quotes": (of(read_csv, lambda n: '"' * n), 50_000),
    "a workbook: cells": (of(read_book, lambda n: "<row><c><v>1</v></c></row>" * n), 500),
    "a workbook: a row": (of(read_book, lambda n: "<row>" + "<c/>" * n + "</row>"), 2_000),
    "a workbook: a text": (of(read_book, lambda n: f'<row><c t="str"><v>{"_x000A_ " * n}</v></c></row>'), 5_000),
    "a workbook: elements within one another": (of(read_book, lambda n: "<a>" * n), 20_000),
    "a day of a cell": (of(lambda sent: day_in(Cell(sent)), lambda n: "30 june " * n), 5_000),
    "a status of a cell": (of(lambda sent: word_in(Cell(sent), "status"), lambda n: "on-going " * n), 5_000),
    "evidence of a cell: no links": (of(lambda sent: evidence_in(Cell(sent)), lambda n: "a - b " * n), 2_000),
    "evidence of a cell: spaces": (of(lambda sent: evidence_in(Cell(sent)), lambda n: "a" + " " * n + "- x"), 5_000),
    "evidence of a cell: links": (of(lambda sent: evidence_in(Cell(sent)), lambda n: "a - https://b.org/ " * n), 500),
    "a text as it was typed": (of(rules.as_typed, lambda n: "“a” – b\u00a0\n" * n), 5_000),
    "refused fields": (of(flatten, lambda n: {f"n{place}": ["Wrong."] * 9 for place in range(n)}), 2_000),
    "refused links": (of(flatten, lambda n: {"links": [{"url": ["Wrong."]}] * n}), 2_000),
}

# With the tables of the plan.
ASKED: dict[str, tuple[Callable[[int], Work], int]] = {
    "filter: references": (asked(lambda n: "&".join(f"ref=A.{place + 1}" for place in range(n))), 250),
    "filter: the same value": (asked(lambda n: "&".join(["status=ongoing"] * n)), 250),
    "filter: bodies": (asked(lambda n: "&".join(["body=SOMTC", "body=acwc"] * n)), 100),
    "filter: rounds": (asked(lambda n: "&".join(f"round={place}" for place in range(n))), 250),
    "filter: unknown names": (asked(lambda n: "&".join(f"n{place}=1" for place in range(n))), 250),
    "filter: order": (asked(lambda n: "ordering=" + ",".join(["ref", "-status"] * n)), 500),
    "filter: words": (asked(lambda n: "q=" + "+".join(["word"] * n)), 50),
    "filter: moments": (asked(lambda n: "updated_since=" + "1" * n), 5_000),
    "filter: a moment of compare": (asked(lambda n: "from=" + "2018-" * n, CompareFilterSet), 2_000),
    "filter: of search": (asked(lambda n: "&".join(["kind=activity", "section=A"] * n), SearchFilterSet), 100),
    "form: rows": (form(lambda n: {**MANY, "evidence-TOTAL_FORMS": str(n)}), 500),
    "form: rows with values": (
        form(lambda n: {**MANY, "evidence-TOTAL_FORMS": str(n)} | {f"evidence-{at}-title": "Title" for at in range(n)}),
        500,
    ),
    "form: a text": (form(lambda n: {**MANY, "evidence-TOTAL_FORMS": "0", "narrative": "ក \r\n" * n}), 5_000),
    "form: names": (of(typed_texts, lambda n: posted({f"n{at}": "1" for at in range(n)})), 500),
    "body: links": (
        of(lambda sent: ReportInput(data=sent).is_valid(), lambda n: {"evidence": [{"title": "a"}] * n}),
        200,
    ),
    "body: reports to approve": (
        of(
            lambda sent: Approval(data=sent).is_valid(),
            lambda n: {"updates": [{"id": place, "version": 1} for place in range(n)]},
        ),
        200,
    ),
    "body: activities": (
        of(
            lambda sent: BulkReportInput(data=sent).is_valid(),
            lambda n: {"kind": "no_change", "activities": list(range(n))},
        ),
        200,
    ),
    "body: unknown names": (
        of(lambda sent: BulkReportInput(data=sent).is_valid(), lambda n: {f"n{place}": 1 for place in range(n)}),
        500,
    ),
}


def posted(fields: dict[str, str]) -> HttpRequest:
    request = HttpRequest()
    request.POST = QueryDict(mutable=True)  # type: ignore[assignment]
    request.POST.update(fields)
    return request


@pytest.mark.parametrize("name", READERS)
def test_it_costs_no_more_than_in_proportion(name: str) -> None:
    assert_in_proportion(*READERS[name])


@pytest.mark.engine_independent(because="it measures what is done before the database is asked")
@pytest.mark.parametrize("name", ASKED)
def test_it_costs_no_more_than_in_proportion_with_the_plan(plan: WorkPlan, name: str) -> None:
    assert_in_proportion(*ASKED[name])


def test_the_query_of_a_saved_view_costs_no_more_than_in_proportion(cast: Cast, plan: WorkPlan) -> None:
    for made in ("ref=A.1", "status=ongoing", "n=1"):
        assert_in_proportion(
            of(lambda sent: canonical(sent, plan, cast.somtc), lambda n, made=made: "&".join([made] * n)),  # type: ignore[misc]
            60,
        )


def test_a_word_that_occurs_nowhere_is_corrected_at_a_bounded_cost(cast: Cast, plan: WorkPlan) -> None:
    def prepare(size: int) -> Work:
        typed = "-".join(f"victm{chr(97 + place % 26)}{chr(97 + place // 26)}" for place in range(size))
        return lambda: search.results.search(typed[:200], cast.visitor, plans=["tip-2016-2020"], chosen={})

    prepare(1)()  # the words of the plan are read once
    assert_in_proportion(prepare, 5)


def test_twenty_thousand_names_cost_hardly_more_than_a_text_of_their_length(cast: Cast) -> None:
    """A body of 176 kB, which took six seconds: a thousand times what Python's own reader takes."""
    sent = json.dumps({f"n{place}": 0 for place in range(20_000)}).encode()
    assert len(sent) > 170_000

    assert any(cost(lambda: read_json(sent)) < 10 * cost(lambda: json.loads(sent)) for _ in range(ATTEMPTS))
    answer = Client().post("/api/v1/token/", sent, content_type="application/json")
    assert answer.status_code == 413


def test_rows_that_an_inline_form_says_it_has_are_bounded(cast: Cast) -> None:
    """One form with TOTAL_FORMS=5000 took 18 seconds."""
    client = Client()
    client.force_login(cast.administrator)
    for address, prefix in (
        ("/admin/workplan/activity/1/change/", "responsibilities"),
        ("/admin/workplan/sectoralbody/1/change/", "aliases"),
        (f"/admin/workplan/user/{cast.somtc.pk}/change/", "memberships"),
    ):

        def prepare(size: int, address: str = address, prefix: str = prefix) -> Work:
            counted = {f"{prefix}-TOTAL_FORMS": str(size), f"{prefix}-INITIAL_FORMS": "0", "seen_version": "1"}
            return lambda: client.post(address, counted)

        assert f'name="{prefix}-TOTAL_FORMS"' in client.get(address).content.decode()
        answer = prepare(5_000)()
        page = answer.content.decode()
        assert answer.status_code == 200 and "errorlist" in page
        assert len(set(re.findall(rf'name="{prefix}-(\d+)-', page))) <= MOST_PARTS
        assert_in_proportion(prepare, 1_250)
