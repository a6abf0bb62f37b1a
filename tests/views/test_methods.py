"""Each address answers the methods it is meant for, and names them to whoever asks by another."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.answer_text import text
from tests.conftest import Cast
from tests.larger_plans import Scenario, make_scenario, saved
from tests.permissions.pages import PAGES, PRIVATE, send_files
from workplan.models import AuditEntry, SavedView, StatusUpdate, WorkPlan

Page = Callable[..., Client]
OTHERS = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "NONSENSE")
ACCOUNTS = ["login/", "logout/", "inactive/", "settings/", "password/change/", "password/set/", "password/reset/"]
ACCOUNTS += ["password/reset/done/", "password/reset/key/done/", "password/reset/key/a-b/"]
ADDRESSES = [
    *(address for address, _ in PAGES if not address.startswith(("/admin/", "/api/", "/accounts/"))),
    *(f"/accounts/{rest}" for rest in ACCOUNTS),
    "/reports/{submitted}/approve/",
]
ADMIN = ["/admin/", "/admin/login/", "/admin/workplan/activity/", "/admin/workplan/activity/add/", "/admin/jsi18n/"]
ADMIN += ["/admin/workplan/activity/1/change/", "/admin/workplan/activity/1/history/", "/admin/autocomplete/"]


@pytest.fixture
def scenario(cast: Cast, plan: WorkPlan) -> Scenario:
    saved(plan, cast.somtc)
    private = saved(plan, cast.somtc, "Quiet work", "section=A", is_shared=False)
    SavedView.objects.filter(pk=private.pk).update(slug=PRIVATE)
    scenario = make_scenario(secretariat=cast.secretariat, lead=cast.somtc, more_time="ACWC")
    send_files(scenario, secretariat=cast.secretariat, lead=cast.somtc)
    return scenario


def test_a_page_names_its_methods_to_whoever_asks_by_another(scenario: Scenario, page: Page) -> None:
    client, noted = page(), AuditEntry.objects.count()
    for address in ADDRESSES:
        where = address.format(**scenario.names)
        for method in OTHERS:
            answer = client.generic(method, where)
            assert answer.status_code == 405, (method, where)
            assert answer["Allow"] in ("GET, HEAD", "GET, HEAD, POST"), (method, where)
            assert "<h1>Method not allowed</h1>" in text(answer) and method in text(answer)
        if "POST" not in answer["Allow"]:
            assert client.post(where).status_code == 405, where

    assert AuditEntry.objects.count() == noted


def test_head_is_answered_as_get_is_without_a_body(scenario: Scenario, cast: Cast, page: Page) -> None:
    noted, reports = AuditEntry.objects.count(), list(StatusUpdate.objects.values())
    for address, answers in PAGES:
        where = address.format(**scenario.names)
        person, status = (cast.somtc, 200) if answers[2] == 200 else (cast.administrator, answers[5])
        answer = page(person).head(where)
        assert (where, answer.status_code, b"".join(answer)) == (where, status, b"")

    assert (AuditEntry.objects.count(), list(StatusUpdate.objects.values())) == (noted, reports)


def test_the_administration_site_answers_no_other_method(scenario: Scenario, cast: Cast, page: Page) -> None:
    for person in (None, cast.administrator):
        client = page(person)
        for address in ADMIN:
            for method in OTHERS:
                answer = client.generic(method, address)
                assert answer.status_code == 405 and "GET, HEAD" in answer["Allow"], (method, address)


def test_the_page_of_the_api_answers_reading_and_nothing_else(cast: Cast) -> None:
    client = Client()

    assert client.get("/api/docs/").status_code == client.head("/api/docs/").status_code == 200
    for method in ("POST", *OTHERS):
        answer = client.generic(method, "/api/docs/")
        assert answer.status_code == 405 and answer["Allow"] == "GET, HEAD"
        assert answer.json()["error"]["code"] == "method_not_allowed"


def every_pattern(resolver: URLResolver) -> Iterator[URLPattern]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from every_pattern(one) if one.app_name != "admin" else ()  # asked above
        else:
            yield one


def test_every_address_says_by_which_methods_it_is_asked() -> None:
    """So that no page is added that answers a PUT, or takes a form of any length."""
    silent = [
        str(one.pattern)
        for one in every_pattern(get_resolver())
        if not hasattr(one.callback, "methods")  # pages and accounts
        and not hasattr(one.callback, "cls")  # the API says it by the functions of its classes
    ]

    assert silent == [""]  # what is at no address of the API
