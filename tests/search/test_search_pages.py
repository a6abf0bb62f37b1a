"""Searching on a page and by a program: what leads, what is counted, what is marked, and what nobody else may see."""

import datetime
import re
from collections import defaultdict
from collections.abc import Callable
from string import ascii_lowercase
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.test import Client
from django.urls import resolve

from tests.conftest import Cast
from tests.larger_plans import grow, make_scenario
from workplan import actions
from workplan.actions import Actor, EvidenceItem, Report
from workplan.api.serializers.results import RESOURCES
from workplan.filters.search import SearchFilterSet
from workplan.models import Activity, BodyAlias, SectoralBody, WorkPlan
from workplan.rules import SEARCH_RESULT_KINDS
from workplan.search import results
from workplan.search.words import tokens

CODE = "tip-2016-2020"
EVIDENCE_ITEM = (EvidenceItem("Minutes", "https://example.org/minutes"),)
Page = Callable[..., Client]
Program = Callable[..., Any]


def record(cast: Cast, ref: str, narrative: str, status: str = "ongoing", **said: Any) -> None:
    activity = Activity.objects.get(ref=ref)
    report = Report(status=status, as_of=datetime.date(2018, 6, 1), narrative=narrative, evidence=EVIDENCE_ITEM, **said)
    by = Actor(cast.secretariat, "page", "r")
    actions.record_status(activity=activity, version=activity.version, report=report, by=by)


# What leads


@pytest.mark.parametrize(
    ("typed", "label", "address"),
    [
        ("A.1.1.4", "A.1.1.4", f"/plans/{CODE}/activities/A.1.1.4/"),
        ("a114", "A.1.1.4", f"/plans/{CODE}/activities/A.1.1.4/"),
        ("A.1.1", "A.1.1", f"/plans/{CODE}/#A.1.1"),
        ("c", "C", f"/plans/{CODE}/#C"),
        ("SOMED", "SOM-ED", f"/plans/{CODE}/bodies/SOM-ED/"),
        ("som- ed", "SOM-ED", f"/plans/{CODE}/bodies/SOM-ED/"),
        ("Senior Labour Officials Meeting", "SLOM", f"/plans/{CODE}/bodies/SLOM/"),
    ],
)
def test_a_reference_or_a_body_leads_the_results(
    plan: WorkPlan, page: Page, api: Program, typed: str, label: str, address: str
) -> None:
    answer = page().get("/search/", {"q": typed})
    assert [(one.label, one.address) for one in answer.context["targets"]] == [(label, address)]
    content = answer.content.decode()
    assert content.index("Go to</span>") < content.index('class="count"')
    [target] = api().get("/api/v1/search/", {"q": typed}).json()["go_to"]
    assert (target["label"], target["html_url"]) == (label, f"http://testserver{address}")


def test_words_lead_nowhere_by_themselves(plan: WorkPlan, page: Page) -> None:
    for typed in ("victims", "SOMED workshop", "-SOMED", "Z.9.9"):
        assert page().get("/search/", {"q": typed}).context["targets"] == []


# Best first


def test_rows_that_are_about_the_words_come_before_those_that_stand_under_them(plan: WorkPlan, page: Page) -> None:
    groups = page().get("/search/?q=law+enforcement&kind=activity").context["groups"]
    first = [tokens(one.title) for one in groups[0].rows]
    own = ["law" in words and any(word.startswith("enforc") for word in words) for words in first]
    assert own == sorted(own, reverse=True) and any(own) and not all(own)


def test_what_a_body_leads_comes_before_what_it_cooperates_in(plan: WorkPlan, page: Page) -> None:
    rows = page().get("/search/?q=ACWC&kind=activity").context["groups"][0].rows
    acwc = SectoralBody.objects.get(acronym="ACWC")
    leads = [acwc in one.record.lead_bodies for one in rows if "ACWC" not in f"{one.title}{one.record.notes}"]
    assert leads == sorted(leads, reverse=True)


# What is counted


FACETED = ["q=victims", "q=victims&section=B", "q=SOMTC&status=not_reported", "q=workshop&kind=activity&body=ACWC"]


@pytest.mark.parametrize("query", FACETED)
def test_each_choice_shows_as_many_as_it_says(cast: Cast, api: Program, page: Page, query: str) -> None:
    """Each choice is asked in one process, and the first of each facet followed for real."""
    record(cast, "B.1.2.2", "The workshop on victims closed.", "completed", outputs_delivered="Report")
    record(cast, "A.1.1.1", "SOMTC met.")
    facets = api().get(f"/api/v1/search/?{query}").json()["facets"]
    assert all(facets.values())
    for name, choices in facets.items():
        others = QueryDict(query, mutable=True)
        others.pop(name, None)
        for place, choice in enumerate(choices):
            others[name] = choice["value"]
            assert number_found(others) == choice["count"], others
            if place == 0:
                address = f"search/?{others.urlencode()}"
                assert api().get(f"/api/v1/{address}").json()["count"] == choice["count"], address
                assert page().get(f"/{address}").context["number"] == choice["count"], address


def number_found(query: QueryDict) -> int:
    """How many records page and program find for ``query``, without asking either."""
    filterset = SearchFilterSet(query, queryset=Activity.objects.none())
    assert not filterset.problems()
    asked = filterset.form.cleaned_data
    chosen = {**asked, "body": [body.pk for body in asked["body"]]}
    return len(results.search(asked["q"], AnonymousUser(), plans=[], chosen=chosen).hits)


@pytest.mark.parametrize("typed", ["victims", "SOMED", "A.1.1", '"law enforcement" -workshop', "trainin", "1.2.3"])
def test_page_api_list_and_export_find_the_same(plan: WorkPlan, page: Page, api: Program, typed: str) -> None:
    hits = api().get("/api/v1/search/", {"q": typed, "kind": "activity", "limit": 1000}).json()
    listed = api().get("/api/v1/activities/", {"q": typed, "limit": 1000}).json()
    assert {one["ref"] for one in hits["results"]} == {one["ref"] for one in listed["results"]}
    shown = page().get(f"/plans/{CODE}/activities/", {"q": typed})
    assert shown.context["listing"].number == listed["count"] == hits["count"] > 0
    export = b"".join(page().get(f"/plans/{CODE}/activities.csv", {"q": typed}))  # type: ignore[arg-type]
    assert all(one["ref"].encode() in export for one in listed["results"])
    for kind, name in (("area", "areas"), ("provision", "provisions"), ("body", "bodies"), ("update", "updates")):
        found = api().get("/api/v1/search/", {"q": typed, "kind": kind, "limit": 1000}).json()["count"]
        assert api().get(f"/api/v1/{name}/", {"q": typed, "limit": 1000}).json()["count"] == found, kind


def test_the_activities_lead_to_the_list_of_the_same(plan: WorkPlan, page: Page) -> None:
    content = page().get("/search/?q=traficking&section=A&body=SOMTC").content.decode()
    [address] = re.findall(r'href="([^"]*/activities/\?q=[^"]*)"', content)
    number = page().get(address.replace("&amp;", "&")).context["listing"].number
    assert f'Activities <span class="number">{number}</span>' in content


def test_pages_follow_each_other_without_gap_or_overlap(plan: WorkPlan, page: Page, api: Program) -> None:
    seen = [
        one.ref
        for number in (1, 2, 3)
        for one in page().get(f"/search/?q=trafficking&kind=activity&page={number}").context["groups"][0].rows
    ]
    assert len(seen) == len(set(seen)) == Activity.objects.count()
    paged, address = [], "/api/v1/search/?q=trafficking&limit=40"
    while address:
        answer = api().get(address).json()
        paged += [(one["kind"], one["id"]) for one in answer["results"]]
        address = answer["next"]
    assert len(paged) == len(set(paged)) == answer["count"]
    order = [SEARCH_RESULT_KINDS.values.index(kind) for kind, _ in paged]
    assert order == sorted(order)


# What is shown


def test_a_hit_shows_where_each_word_stands(plan: WorkPlan, page: Page, api: Program) -> None:
    Activity.objects.filter(ref="A.1.1.1").update(expected_output="A kaleidoscope & <b>more</b>")
    answer = page().get("/search/?q=kaleidoscopes+uploading+migration")
    content = answer.content.decode()
    assert "A <mark>kaleidoscope</mark> &amp; &lt;b&gt;more&lt;/b&gt;" in content
    assert "<mark>Uploading</mark>" in content and "<mark>Migration</mark>" in content
    [hit] = api().get("/api/v1/search/?q=kaleidoscopes+uploading").json()["results"]
    assert hit["snippet"] == "A kaleidoscope & <b>more</b>"
    assert (hit["kind"], hit["ref"], hit["status"], hit["plan"]) == ("activity", "A.1.1.1", "not_reported", CODE)
    assert hit["html_url"] == f"http://testserver/plans/{CODE}/activities/A.1.1.1/"
    assert api().get(hit["url"]).json()["ref"] == "A.1.1.1"


def test_every_hit_is_found_at_its_addresses(cast: Cast, page: Page, api: Program) -> None:
    """Every address is one of the kind's, with the record's own name; the first and last of each kind are followed."""
    record(cast, "A.1.1.1", "SOMTC and its victims met.")
    by_kind = defaultdict(list)
    for one in api().get("/api/v1/search/?q=SOMTC&limit=1000").json()["results"]:
        by_kind[one["kind"]].append(one)
    assert by_kind.keys() == {"activity", "area", "body", "update"}
    pages = {"activity": "activity", "area": "plan", "body": "body", "update": "report"}
    for kind, hits in by_kind.items():
        for one in hits:
            key = one["ref"] if kind == "body" else one["id"]
            assert one["url"] == f"http://testserver/api/v1/{RESOURCES[kind]}/{key}/"
            address, _, anchor = one["html_url"].removeprefix("http://testserver").partition("#")
            place = resolve(address)
            assert place.url_name == pages[kind]
            named = one["id"] if kind == "update" else one["ref"]
            assert anchor == named if kind == "area" else named in place.kwargs.values()
        for one in (hits[0], hits[-1]):
            assert page().get(one["html_url"].removeprefix("http://testserver").split("#")[0]).status_code == 200
            assert api().get(one["url"]).json()["id"] == one["id"]


def test_a_slip_is_put_right_and_can_be_insisted_on(plan: WorkPlan, page: Page, api: Program) -> None:
    content = page().get("/search/?q=traficking").content.decode()
    assert "Showing results for <strong>trafficking</strong>" in content
    assert 'href="?q=traficking&amp;exact=1"' in content
    answer = api().get("/api/v1/search/?q=SOMCT").json()
    assert (answer["query"], answer["instead_of"]) == ("SOMTC", "SOMCT")
    assert answer["go_to"][0]["label"] == "SOMTC"
    for exact in (page().get("/search/?q=traficking&exact=1"), page().get("/search/?q=kjhgfd")):
        assert exact.context["number"] == 0 and not exact.context["results"].corrected_from
        assert "Try fewer keywords" in exact.content.decode()


def test_a_word_of_a_report_is_no_slip(cast: Cast, page: Page) -> None:
    record(cast, "A.1.1.1", "Traficking is how they wrote it.")
    answer = page().get("/search/?q=traficking+zebra")
    assert answer.context["number"] == 0 and not answer.context["results"].corrected_from


def test_without_any_word_the_page_says_what_can_be_found(plan: WorkPlan, page: Page, api: Program) -> None:
    assert "What can be found" in page().get("/search/").content.decode()
    assert "There is nothing to search for" in page().get("/search/?q=%3F%21").content.decode()
    for query in ("", "?q=%3F%21"):
        answer = api().get(f"/api/v1/search/{query}").json()
        assert (answer["count"], answer["results"], answer["go_to"]) == (0, [], [])


@pytest.mark.parametrize(
    ("query", "name"),
    [("q=%00", "q"), ("kind=nonsense", "kind"), ("section=Z", "section"), ("body=NOBODY", "body")],
)
def test_what_cannot_be_meant_is_named(plan: WorkPlan, page: Page, api: Program, query: str, name: str) -> None:
    answer = page().get(f"/search/?q=victims&{query}" if name != "q" else f"/search/?{query}")
    assert answer.status_code == 400 and name in answer.context["problems"]
    answer = api().get(f"/api/v1/search/?{query}")
    assert answer.status_code == 400 and name in answer.json()["error"]["fields"]


# Who sees what


def test_a_draft_leaves_no_trace_for_others(cast: Cast, page: Page, api: Program) -> None:
    """Neither as a hit, nor in a number, nor by keeping a slip from being corrected."""
    scenario = make_scenario(secretariat=cast.secretariat, lead=cast.somtc)
    draft = scenario.reports["draft"]
    report = Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="Zanzibar, and traficking again.")
    actions.save_report(update=draft, version=draft.version, report=report, by=Actor(cast.somtc, "page", "r"))
    for reader in (None, cast.newcomer, cast.acwc):
        answer = api(reader).get("/api/v1/search/?q=zanzibar").json()
        assert (answer["count"], answer["facets"]["kind"], answer["instead_of"]) == (0, [], None)
        assert "mark>Zanzibar" not in page(reader).get("/search/?q=zanzibar").content.decode()
        assert api(reader).get("/api/v1/search/?q=traficking").json()["instead_of"] == "traficking"
        # Not even as a word that is meant.
        assert api(reader).get("/api/v1/search/?q=zanzibra").json()["instead_of"] is None
    for reader in (cast.somtc, cast.secretariat):
        answer = api(reader).get("/api/v1/search/?q=zanzibar").json()
        assert [one["kind"] for one in answer["results"]] == ["update"]
        assert "Draft" in page(reader).get("/search/?q=zanzibar").content.decode()
        assert api(reader).get("/api/v1/search/?q=traficking").json()["instead_of"] is None


def test_a_closed_installation_is_searched_by_those_who_have_signed_in(
    cast: Cast, page: Page, api: Program, settings: Any
) -> None:
    settings.PUBLIC_READ = False
    assert page().get("/search/?q=victims").status_code == page().get("/jump/?q=a114").status_code == 302
    assert api().get("/api/v1/search/?q=victims").status_code == 401
    assert api(cast.newcomer).get("/api/v1/search/?q=victims").json()["count"] > 0


# The box that "/" opens


def labels(client: Client, typed: str) -> list[str]:
    return [one["label"] for one in client.get("/jump/", {"q": typed}).json()["targets"]]


def test_the_box_offers_references_bodies_and_pages(cast: Cast, page: Page) -> None:
    BodyAlias.objects.create(body=SectoralBody.objects.get(acronym="SLOM"), name="Labour seniors")
    assert labels(page(), "a.1.1")[:3] == ["A.1.1", "A.1.1.1", "A.1.1.2"]
    assert labels(page(), "a114") == ["A.1.1.4"]
    assert labels(page(), "B")[0] == "B"
    assert labels(page(), "somed") == ["SOM-ED"]
    assert labels(page(), "som e") == ["SOM-ED"]
    assert labels(page(), "labour se") == ["SLOM"]
    assert labels(page(), "women child") == ["ACWC"]
    assert labels(page(), "mat") == ["Matrix"]
    assert labels(page(), "zebra") == labels(page(), "") == labels(page(), "\0") == labels(page(), "?") == []


def test_the_box_offers_the_pages_that_the_person_may_see(cast: Cast, page: Page) -> None:
    assert labels(page(), "my work") == labels(page(cast.newcomer), "my work") == []
    assert labels(page(cast.somtc), "my work") == ["My work"]
    assert labels(page(), "review") == labels(page(cast.somtc), "review") == []
    assert labels(page(cast.secretariat), "review") == ["Review"]
    records: set[str] = set()
    for who in (None, cast.somtc, cast.secretariat, cast.administrator):
        client = page(who)
        offered = {
            one["address"].split("#")[0]: one["kind"]
            for letter in ascii_lowercase
            for one in client.get("/jump/", {"q": letter}).json()["targets"]
        }
        assert {"Page", "Body"} <= set(offered.values())
        # Pages differ from person to person; a record is followed by the first to whom it is offered.
        followed = [address for address, kind in offered.items() if kind == "Page" or address not in records]
        records |= offered.keys()
        assert {address: client.get(address).status_code for address in followed} == dict.fromkeys(followed, 200)


def test_the_search_of_a_large_plan_is_a_page_at_a_time(plan: WorkPlan, page: Page, api: Program) -> None:
    grow(plan, 1_000)
    answer = page().get("/search/?q=victim+identification+workshop")
    assert answer.context["number"] > 1_000
    assert len(answer.content) < 100_000
    assert len(api().get("/api/v1/search/?q=workshop&limit=1000").json()["results"]) == 1_000
