"""Characters that no text can have (NUL above all) are never a failure of apta, wherever they come in.

PostgreSQL takes no NUL in a text, and XML no control character, so an address, a form, a body, a cookie or a header
that holds one must not reach either.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.db import transaction
from django.db.models import Max
from django.test import Client
from django.urls import resolve
from rest_framework.test import APIClient

from tests.conftest import Cast
from tests.larger_plans import Scenario, make_scenario, saved
from tests.permissions.pages import PAGES, READ, send_files
from workplan.api.schema import document
from workplan.filters.base import StrictFilterSet
from workplan.models import Activity, AuditEntry, SavedView, User, WorkPlan
from workplan.rules import UNREADABLE

ROOT = Path(__file__).resolve().parents[2]
NUL = "a\x00b"
# What other parameters are read with, so that nothing else stands in the way.
ALONE = ("round", "from", "view")
# A method, an address, and what is sent there: the fields of a form, or a body.
Sent = tuple[str, str, dict[str, Any] | str]
ADMIN = [
    "/admin/",
    *(
        f"/admin/workplan/{kind}/{rest}"
        for kind in ("activity", "sectoralbody", "workplan", "user", "membership", "auditentry", "apitoken")
        for rest in ("", "add/", "1/change/", "1/history/", "1/delete/")
    ),
    "/admin/autocomplete/",
    "/admin/jsi18n/",
]
# What the lists of the administration site read without asking for it by name.
ADMIN_NAMES = ["q", "o", "p", "all", "_facets", "_to_field", "_popup", "_changelist_filters", "id__exact", "term"]


@pytest.fixture
def scenario(cast: Cast, plan: WorkPlan) -> Scenario:
    saved(plan, cast.somtc)
    User.objects.filter(pk=cast.administrator.pk).update(is_superuser=True)
    scenario = make_scenario(secretariat=cast.secretariat, lead=cast.somtc)
    send_files(scenario, secretariat=cast.secretariat, lead=cast.somtc)
    return scenario


def subclasses(kind: type) -> Iterator[type]:
    for one in kind.__subclasses__():
        yield one
        yield from subclasses(one)


def names_read() -> list[str]:
    """Every parameter that a page, a file or the API reads: those of all filters, and those that views ask for."""
    found = {name for one in subclasses(StrictFilterSet) for name in one.base_filters}  # type: ignore[attr-defined]
    for path in (ROOT / "workplan").rglob("*.py"):
        found |= set(re.findall(r"""(?:GET|POST|query)\.(?:get|getlist)\("(\w+)\"""", path.read_text()))
        found |= set(re.findall(r"""(?:GET|POST|query)\["(\w+)"\]""", path.read_text()))
    return sorted(found)


def failures(client: Any, requests: Iterable[Sent], **head: str) -> list[str]:
    """The requests that end in a failure, or leave what cannot be read. Each is undone before the next is sent."""
    client.raise_request_exception = False
    found = []
    last = AuditEntry.objects.aggregate(Max("pk", default=0))["pk__max"]
    for method, address, content in requests:
        with transaction.atomic():
            if isinstance(content, dict):
                answer = client.post(address, content, **head)
            else:
                answer = client.generic(method, address, content, "application/json", **head)
            if answer.status_code >= 500 and answer.status_code != 503:
                found.append(f"{answer.status_code} {method} {address} {content}")
            elif method != "GET":
                entries = AuditEntry.objects.filter(pk__gt=last).values_list("changes", "reason", "record_label")
                kept = [name for entry in entries for name in unreadable(entry)]
                found += [f"{method} {address} {content} keeps {name}" for name in kept]
            transaction.set_rollback(True)
    return found


def unreadable(entry: tuple[dict[str, Any], str, str]) -> list[str]:
    """The names of what an entry of the audit trail holds that cannot be read."""
    changes, reason, label = entry
    texts = {**{name: json.dumps(pair, ensure_ascii=False) for name, pair in changes.items()}, "reason": reason}
    return [name for name, text in {**texts, "label": label}.items() if UNREADABLE.search(text)]


def reading(addresses: Iterable[str]) -> Iterator[Sent]:
    return (("GET", address, "") for address in addresses)


def with_all_parameters(client: Client, address: str, names: list[str]) -> list[str]:
    """The failures of ``address`` with NUL in all parameters at once, and in some alone where they are judged."""
    tail = "&" if "?" in address else "?"
    client.raise_request_exception = False
    refused = client.get(address + tail + urlencode(dict.fromkeys([*names, NUL], NUL)))
    ways = [address + tail + urlencode({name: NUL}) for name in ALONE if refused.status_code == 400]
    found = failures(client, reading(ways))
    return [*found, *([f"{refused.status_code} {address}"] if refused.status_code >= 500 else [])]


def in_each_segment(address: str) -> Iterator[str]:
    """``address`` with NUL in each segment of its path in turn."""
    path = address.split("?")[0]
    for segment in re.finditer(r"[^/.]+", path):
        yield f"{path[: segment.end()]}%00{path[segment.end() :]}"


def test_no_parameter_of_a_page_fails(scenario: Scenario, cast: Cast, page: Callable[..., Client]) -> None:
    found, names = [], names_read()
    assert {"round", "from", "q", "timeline", "next", "page"} <= set(names)
    for address, answers in PAGES:
        if not address.startswith("/admin/"):
            # Most are seen by a focal point, who has pages that the secretariat has not.
            client = page(cast.somtc if answers[2] == 200 else cast.secretariat)
            found += with_all_parameters(client, address.format(**scenario.names), names)

    assert found == []


def test_no_parameter_of_the_administration_site_fails(
    scenario: Scenario, cast: Cast, page: Callable[..., Client]
) -> None:
    client = page(User.objects.get(pk=cast.administrator.pk))

    assert [one for address in ADMIN for one in with_all_parameters(client, address, ADMIN_NAMES)] == []


def test_no_parameter_of_the_api_fails(scenario: Scenario, cast: Cast, api: Callable[..., APIClient]) -> None:
    """Each for itself, so that each filter of each kind of record is asked."""
    client, ways = api(cast.secretariat), []
    places = {"activity": 1, "update": scenario.reports["approved"].pk, "round": scenario.round.pk}
    for path in [*READ, "contributions/", "activities/1/contributions/", "rounds/{round}/obligations/"]:
        address = f"/api/v1/{path.format(**places)}".split("?")[0]
        ways += [f"{address}?{urlencode({name: NUL})}" for name in [*parameters_of(address), NUL]]

    assert failures(client, reading(ways)) == []
    assert len(ways) > 150  # or the walk has lost its way


def parameters_of(address: str) -> list[str]:
    for path, methods in document()["paths"].items():
        if "get" in methods and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), address):
            return [one["name"] for one in methods["get"].get("parameters", []) if one["in"] == "query"]
    return []


def test_no_part_of_an_address_fails(scenario: Scenario, cast: Cast, page: Callable[..., Client]) -> None:
    client = page(cast.secretariat)
    addresses = [*(address.format(**scenario.names) for address, _ in PAGES), *ADMIN[:8]]
    addresses += ["/accounts/password/reset/key/a-b/", "/static/workplan/apta.css", "/audit/requests/r/"]
    addresses += [f"/api/v1/{path.format(activity=1, update=1, round=1)}" for path in READ]
    ways = {way for address in addresses for way in in_each_segment(address)}

    assert failures(client, reading(sorted(ways))) == []


def test_no_field_of_a_form_fails(scenario: Scenario, cast: Cast, page: Callable[..., Client]) -> None:
    """Each form with NUL in all fields, and each field once alone, as somebody sends it who may."""
    found, sent = [], set[tuple[str, str]]()
    for person, pages in (
        (cast.somtc, [address for address, answers in PAGES if answers[2] == 200 and has_forms(address)]),
        (cast.secretariat, [address for address, answers in PAGES if answers[2] != 200 and has_forms(address)]),
        (cast.administrator, [way for way in ADMIN if way.endswith(("add/", "change/")) or way.count("/") == 4]),
        (None, ["/accounts/login/", "/accounts/password/reset/"]),
    ):
        client = page(person and User.objects.get(pk=person.pk))
        for address in pages:
            for way, fields in forms_of(client, address.format(**scenario.names)):
                kind = "admin" if address.startswith("/admin/") else "page"
                new = {name for name in fields if (kind, re.sub("[0-9]+", "", name)) not in sent}
                sent |= {(kind, re.sub("[0-9]+", "", name)) for name in new}
                cache.clear()  # the limits on signing in
                forms = [dict.fromkeys(fields, NUL), *(fields | {name: NUL} for name in sorted(new))]
                found += failures(client, (("POST", way, form) for form in forms))

    assert found == []
    assert len(sent) > 80  # or the walk has lost its way


def has_forms(address: str) -> bool:
    """Whether a page takes a form, or shows forms that are sent elsewhere."""
    if "/admin/" in address or "{approved" in address:
        return False
    where = address.split("?")[0].format_map(defaultdict(lambda: 1))
    return "POST" in getattr(resolve(where).func, "methods", ()) or where in ("/reports/1/", "/my/", "/views/")


def forms_of(client: Client, address: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where each form of a page is sent to, with what a browser would send."""
    answer = client.get(address)
    if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html") or answer.streaming:
        return
    found = Forms(address)
    found.feed(answer.content.decode())
    yield from found.by_address.items()


class Forms(HTMLParser):
    """The forms of a page that are posted: for each address the fields, with the values they have."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address, self.by_address = address, dict[str, dict[str, Any]]()
        self.fields: dict[str, Any] = {}

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        name, kind = given.get("name") or "", given.get("type", "")
        if tag == "form":
            way = given.get("action") or self.address
            posted = (given.get("method") or "get").lower() == "post" and "logout" not in way
            self.fields = self.by_address.setdefault(way, {}) if posted else {}
        elif tag in ("input", "select", "textarea", "button") and name not in ("", "csrfmiddlewaretoken"):
            is_chosen = kind != "radio" or "checked" in given
            self.fields[name] = (given.get("value") if is_chosen else self.fields.get(name)) or ""


NIL_RETURN = {"kind": "nil_return", "body": "SOMTC", "round": "2018-1", "confirmed": "1", "activity": "1"}


@pytest.mark.parametrize("name", NIL_RETURN)
def test_the_nil_return_does_not_fail(scenario: Scenario, cast: Cast, page: Callable[..., Client], name: str) -> None:
    client = page(cast.somtc)
    client.raise_request_exception = False

    assert client.post("/my/alike/", NIL_RETURN | {name: NUL}).status_code < 500


def values_of(schema: dict[str, Any]) -> dict[str, Any]:
    """A body with text in each field that takes one."""
    schema = document()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]] if "$ref" in schema else schema
    found: dict[str, Any] = {}
    for name, one in schema.get("properties", {}).items():
        if one.get("type") == "array":
            found[name] = [values_of(one["items"])] if "$ref" in one["items"] else [NUL]
        else:
            found[name] = NUL
    return found


def test_no_field_of_a_body_fails(scenario: Scenario, cast: Cast, api: Callable[..., APIClient]) -> None:
    found = []
    places = {"id": scenario.reports["submitted"].pk, "slug": "ongoing-work", "key": "x.y", "evidence": 1}
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if body is None:
                continue
            fields = values_of(body["schema"])
            address = re.sub(r"\{(\w+)\}", lambda part: str(places.get(part[1], 1)), path)
            bodies = [fields, *({name: value} for name, value in fields.items()), {NUL: 1}, [NUL], NUL, {"a": "\ud800"}]
            requests: list[Sent] = [(method.upper(), address, json.dumps(sent)) for sent in bodies]
            for person in (cast.secretariat, cast.somtc):
                found += failures(api(person), requests, HTTP_IF_MATCH='"1"')

    assert found == []


@pytest.mark.parametrize("query", ["round=%00", "q=%00", "view=%00", "body=a%00", "%00=1", "updated_since=%00"])
def test_a_saved_view_with_such_a_query_is_refused(
    scenario: Scenario, cast: Cast, page: Callable[..., Client], api: Callable[..., APIClient], query: str
) -> None:
    program = api(cast.secretariat)
    program.raise_request_exception = False
    sent = {"plan": "tip-2016-2020", "name": "A view", "query": query, "page": "list", "is_shared": False}
    assert program.post("/api/v1/views/", sent).status_code == 400

    # One that came into the database by another way shows nothing, and fails nowhere.
    SavedView.objects.update(query=query)
    ways = ["/views/", "/views/ongoing-work/", "/plans/tip-2016-2020/activities/?view=ongoing-work"]
    ways += ["/views/ongoing-work/feed/", "/api/v1/views/ongoing-work/", "/api/v1/activities/?view=ongoing-work"]
    assert failures(page(cast.somtc), reading(ways)) == []


HEADERS = {
    "HTTP_USER_AGENT": "a\x00b",
    "HTTP_X_REQUEST_ID": "abcdefgh\x00",
    "HTTP_REFERER": "/\x00",
    "HTTP_IF_MATCH": '"\x00"',
    "HTTP_ACCEPT": "text/\x00",
    "HTTP_COOKIE": 'sessionid="\\000aaaaaaaaaaaa"; csrftoken="\\000"; messages="\\000"',
    "HTTP_X_FORWARDED_FOR": "10.0.0.1\x00",
    "HTTP_HX_CURRENT_URL": "http://testserver/\x00",
}


@pytest.mark.parametrize("name", HEADERS)
def test_no_header_fails(scenario: Scenario, cast: Cast, page: Callable[..., Client], name: str) -> None:
    visitor: list[Sent] = [("GET", "/", ""), ("GET", "/my/", ""), ("POST", "/accounts/login/", {"login": "sari"})]
    visitor.append(("POST", "/api/v1/token/", "{}"))
    member: list[Sent] = [("GET", "/my/", ""), ("GET", "/api/v1/updates/", ""), ("POST", "/my/messages/", {"a": "1"})]
    head = {name: HEADERS[name]}

    assert failures(Client(), visitor, **head) == []
    assert name == "HTTP_COOKIE" or failures(page(cast.secretariat), member, **head) == []


def test_text_keeps_the_characters_it_can_have(scenario: Scenario, cast: Cast, page: Callable[..., Client]) -> None:
    """Tabs, line ends and every script stay what they are; a line end is one character, however it was sent."""
    words = "One\ttwo\r\nthree ไทย ខ្មែរ မြန်မာ 😀"
    address = f"/plans/tip-2016-2020/activities/?{urlencode({'q': words})}"
    activity = Activity.objects.get(ref="A.1.1.4")

    assert "ខ្មែរ" in page().get(address).content.decode()
    form = {"status": "ongoing", "as_of": "2018-06-30", "narrative": words, "kind": "progress", "version": "1"}
    form |= {"evidence-TOTAL_FORMS": "0", "evidence-INITIAL_FORMS": "0"}
    page(cast.secretariat).post(f"{activity.get_absolute_url()}update/", form)
    activity.refresh_from_db()
    assert activity.latest_update is not None and activity.latest_update.narrative == words.replace("\r\n", "\n")
