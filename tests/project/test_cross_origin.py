"""Pages of other origins read what everybody may read, and nothing else."""

from typing import Any

import pytest
from django.test import Client, override_settings

from workplan.models import ApiToken

FOREIGN = {"Origin": "https://dashboard.example"}
LIST = "/api/v1/activities/?limit=1"


def asked(address: str, method: str, headers: str = "authorization, if-none-match") -> Any:
    """What the browser of a page is answered that asks whether the page may send a request."""
    wishes = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
    return Client().options(address, headers=FOREIGN | wishes)


def named(answer: Any, header: str) -> set[str]:
    return {one.strip().lower() for one in answer.headers.get(header, "").split(",")} - {""}


def test_a_page_of_another_origin_reads_with_a_token_and_an_entity_tag(plan: Any, cast: Any) -> None:
    _, token = ApiToken.objects.create(user=cast.secretariat)
    before = asked(LIST, "GET")
    assert (before.status_code, before["Access-Control-Allow-Origin"]) == (204, "*")
    assert {"get", "head"} == named(before, "Access-Control-Allow-Methods")
    assert {"authorization", "if-none-match"} <= named(before, "Access-Control-Allow-Headers")
    assert before["X-Request-ID"]

    found = Client().get(LIST, headers=FOREIGN | {"Authorization": f"Bearer {token}"})
    assert (found.status_code, found["Access-Control-Allow-Origin"]) == (200, "*")
    assert {"etag", "link", "x-request-id"} <= named(found, "Access-Control-Expose-Headers")
    again = Client().get(LIST, headers=FOREIGN | {"If-None-Match": Client().get(LIST)["ETag"]})
    assert (again.status_code, again["Access-Control-Allow-Origin"]) == (304, "*")


@pytest.mark.parametrize("address", ["/api/v1/activities/?colour=red", "/api/v1/activities/0/", "/api/v1/nowhere/"])
def test_a_page_of_another_origin_is_told_what_is_wrong(plan: Any, address: str) -> None:
    refused = Client().get(address, headers=FOREIGN)
    assert refused.status_code in (400, 404) and refused["Access-Control-Allow-Origin"] == "*"


def test_no_cookie_is_taken_from_a_page_of_another_origin_and_nothing_is_changed_by_it(plan: Any) -> None:
    for answer in (asked(LIST, "GET"), asked(LIST, "POST"), Client().get(LIST, headers=FOREIGN)):
        assert "Access-Control-Allow-Credentials" not in answer
    for method in ("POST", "PATCH", "DELETE"):
        assert "Access-Control-Allow-Origin" not in asked("/api/v1/updates/1/", method)
    assert "Access-Control-Allow-Origin" not in Client().post("/api/v1/token/", {}, headers=FOREIGN)


@pytest.mark.parametrize("address", ["/", "/admin/login/", "/api/docs/"])
def test_pages_of_ours_are_not_for_those_of_other_origins(plan: Any, address: str) -> None:
    assert "Access-Control-Allow-Origin" not in Client().get(address, headers=FOREIGN)


def test_where_reading_is_not_public_browsers_are_told_nothing(plan: Any) -> None:
    with override_settings(PUBLIC_READ=False):
        for answer in (asked(LIST, "GET"), Client().get(LIST, headers=FOREIGN)):
            assert not [name for name in answer.headers if name.startswith("Access-Control-")]
