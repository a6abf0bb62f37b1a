"""What somebody sees who is signed in is kept by no browser and no proxy; what everybody sees says for how long."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tests.conftest import PASSWORD, Cast
from tests.every_address import addresses
from workplan.models import Activity, ApiToken, Evidence, StatusUpdate, WorkPlan

Page = Callable[..., Client]
PLAN = "/plans/tip-2016-2020"


def directives(answer: Any) -> set[str]:
    return {one.strip() for one in answer.get("Cache-Control", "").split(",")}


def depends_on(answer: Any) -> set[str]:
    return {one.strip() for one in answer.get("Vary", "").split(",")}


# Whoever is signed in


def test_nothing_that_a_signed_in_person_is_answered_is_kept(cast: Cast, page: Page) -> None:
    """Pages, files, refusals, redirects, the administration and the API, at every address."""
    client = page(cast.secretariat)
    client.raise_request_exception = False
    kept = {}
    for address in (*addresses(), "/nowhere/", "/api/v1/nowhere/"):
        if "logout" in address:
            continue
        answer = client.get(address)
        if not {"private", "no-store"} <= directives(answer) or "public" in directives(answer):
            kept[address] = answer.get("Cache-Control")
        answer.close()
    assert kept == {}


@pytest.mark.parametrize(
    "address",
    [
        *("/my/", "/review/", "/audit/", "/audit/?format=csv", "/messages/", "/my/messages/", "/views/"),
        *("/accounts/password/change/", "/accounts/settings/", "/admin/", "/"),
        *(f"{PLAN}/activities/", f"{PLAN}/activities.csv"),
        *(f"{PLAN}/coverage.xlsx", f"{PLAN}/status.svg", f"{PLAN}/embed/status/", "/jump/?q=a"),
        *(f"{PLAN}/bodies/SOMTC/deadlines.ics", "/api/v1/activities/", "/api/v1/schema/", "/api/docs/"),
    ],
)
def test_a_page_or_file_of_the_secretariat_is_not_kept(cast: Cast, page: Page, address: str) -> None:
    answer = page(cast.secretariat).get(address)

    assert answer.status_code == 200
    assert {"private", "no-store"} <= directives(answer)
    assert "Cookie" in depends_on(answer)


def test_a_report_and_its_evidence_are_not_kept(cast: Cast, page: Page) -> None:
    activity = Activity.objects.get(ref="A.1.1.1")
    report = StatusUpdate.objects.create(
        activity=activity, status="ongoing", author=cast.secretariat, author_name="Sari", is_direct=True
    )
    link = Evidence.objects.create(update=report, title="Minutes", url="https://example.org/minutes")
    client = page(cast.secretariat)

    for address in (f"/reports/{report.pk}/", f"/evidence/{link.pk}/"):
        answer = client.get(address)
        assert answer.status_code in (200, 302)
        assert {"private", "no-store"} <= directives(answer), address


@pytest.mark.parametrize("address", ["/api/v1/plans/", "/api/v1/activities/1/", "/api/v1/summary/", "/api/v1/nowhere/"])
def test_what_a_program_with_a_token_is_answered_is_not_kept(cast: Cast, api: Any, address: str) -> None:
    _, token = ApiToken.objects.create(user=cast.secretariat)
    for value in (f"Token {token}", f"Token {'0' * 64}"):
        answer = Client().get(address, headers={"Authorization": value})
        assert {"private", "no-store"} <= directives(answer)
        assert {"Authorization", "Cookie"} <= depends_on(answer)
    assert {"private", "no-store"} <= directives(api(cast.secretariat).get("/api/v1/plans/"))


def test_a_program_with_a_token_still_hears_that_nothing_has_changed(cast: Cast) -> None:
    _, token = ApiToken.objects.create(user=cast.secretariat)
    program = APIClient(headers={"Authorization": f"Token {token}"})
    first = program.get("/api/v1/activities/1/")

    again = program.get("/api/v1/activities/1/", headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 304
    assert {"private", "no-store"} <= directives(again)


def test_the_answers_of_signing_in_and_out_are_not_kept(cast: Cast, page: Page) -> None:
    client = page()
    form = client.get("/accounts/login/")
    sign_in_required = client.post("/accounts/login/", {"login": "sari", "password": PASSWORD})
    signed_out = client.post("/accounts/logout/")
    stated = client.get("/")

    assert sign_in_required.status_code == signed_out.status_code == 302
    assert "You are signed out." in stated.content.decode()
    for answer in (form, sign_in_required, signed_out, stated):
        assert {"private", "no-store"} <= directives(answer)
    client.cookies.clear()  # as a browser does that was told to delete them
    assert "public" in directives(client.get("/"))


@pytest.mark.parametrize(
    "address", ["/accounts/password/reset/", "/accounts/password/reset/done/", "/accounts/inactive/", "/admin/login/"]
)
def test_the_way_to_an_account_is_not_kept(plan: WorkPlan, page: Page, address: str) -> None:
    assert "no-store" in directives(page().get(address))


# Visitors


@pytest.mark.parametrize(
    "address",
    [
        *("/", "/plans/", f"{PLAN}/", f"{PLAN}/dashboard/", f"{PLAN}/activities/", f"{PLAN}/activities/A.1.1.1/"),
        *(f"{PLAN}/activities.csv", f"{PLAN}/bodies/SOMTC/", f"{PLAN}/rounds/", f"{PLAN}/coverage/", "/sitemap.xml"),
        *(f"{PLAN}/coverage.xlsx", f"{PLAN}/questions/", "/search/?q=training", "/robots.txt", "/api/docs/"),
    ],
)
def test_a_page_for_everybody_says_how_long_it_may_be_kept(plan: WorkPlan, page: Page, address: str) -> None:
    answer = page().get(address)

    assert answer.status_code == 200
    assert directives(answer) == {"public", "max-age=60"}
    assert "Cookie" in depends_on(answer)
    assert not answer.cookies


def test_what_visitors_share_is_the_same_for_all_of_them(plan: WorkPlan) -> None:
    """Whatever may be kept for everybody sets no cookie, carries no token of a form, and was asked for, not sent."""
    client = Client(raise_request_exception=False)
    wrong = []
    for address in addresses():
        answer = client.get(address)
        if "public" in directives(answer):
            content = b"" if answer.streaming else answer.content
            if answer.cookies or b"csrfmiddlewaretoken" in content or answer.status_code not in (200, 301):
                wrong.append(address)
            if "Cookie" not in depends_on(answer):
                wrong.append(address)
        elif not {"no-store", "no-cache", "max-age=0"} & directives(answer):
            wrong.append(address)
        answer.close()
        client.cookies.clear()
    assert wrong == []


@pytest.mark.parametrize(
    "address", [f"{PLAN}/activities/", f"{PLAN}/activities/?q=training", f"{PLAN}/coverage/", "/search/?q=training"]
)
def test_the_part_of_a_page_is_not_taken_for_the_page(plan: WorkPlan, page: Page, address: str) -> None:
    for headers in ({}, {"HX-Request": "true"}):
        assert {"Cookie", "HX-Request"} <= depends_on(page().get(address, headers=headers))


def test_the_api_is_kept_by_nobody_without_asking(plan: WorkPlan, api: Any) -> None:
    """Else a version that has passed would be read, and refused when it is written to."""
    for address in ("/api/v1/activities/", "/api/v1/activities/1/", "/api/v1/summary/"):
        answer = api().get(address)
        assert directives(answer) == {"public", "no-cache"}
        assert {"Authorization", "Cookie"} <= depends_on(answer)


@pytest.mark.parametrize(
    "address",
    [f"{PLAN}/status.svg", f"{PLAN}/embed/status/", "/robots.txt", "/api/v1/activities/1/", "/api/v1/summary/"],
)
def test_a_visitor_hears_that_nothing_has_changed(plan: WorkPlan, page: Page, address: str) -> None:
    first = page().get(address)
    again = page().get(address, headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 304
    assert directives(again) == directives(first) and "no-store" not in directives(again)
    assert depends_on(again) == depends_on(first)


@pytest.mark.parametrize(
    ("method", "address"),
    [
        *[("get", one) for one in ("/nowhere/", "/my/", f"{PLAN}/activities/?status=nonsense", "/reports/1/")],
        *[("get", one) for one in ("/api/v1/nowhere/", "/api/v1/plans/?colour=red", "/static/nowhere.css")],
        *[("post", one) for one in ("/my/", "/api/v1/token/", f"{PLAN}/activities/A.1.1.1/update/")],
    ],
)
def test_a_refusal_is_not_kept(plan: WorkPlan, page: Page, method: str, address: str) -> None:
    answer = getattr(page(), method)(address)

    assert answer.status_code >= 300
    assert "no-store" in directives(answer)


@pytest.fixture
def closed(settings: Any) -> Iterator[None]:
    settings.PUBLIC_READ = False
    yield


def test_a_closed_installation_has_nothing_for_everybody(closed: None, cast: Cast, page: Page) -> None:
    for address in ("/", f"{PLAN}/", "/robots.txt", "/api/v1/plans/", f"{PLAN}/status.svg", "/api/docs/"):
        for client in (page(), page(cast.newcomer)):
            answer = client.get(address)
            assert {"private", "no-store"} <= directives(answer), address
